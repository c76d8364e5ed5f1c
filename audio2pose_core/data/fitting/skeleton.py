"""Fit the 24-joint skeleton to points on a body: keypoints, markers, joints of other skeletons.

Twelve points must be there (hips, knees, ankles, shoulders, elbows, wrists);
toes, hands and a head help where they are known and are completed plausibly
where they are not. The dancer's own bone lengths are medians over the clip, so
forward kinematics with them reproduces the points; the dance itself is then
laid on our skeleton: the same rotations, the path scaled by the length of the
legs, the floor at y = 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ... import rotations as rot
from ...cleanup.floor import lowest_points
from ...errors import MotionError
from ...motion import Motion, forward_kinematics
from ...signals import gaussian_smooth
from ...skeleton import INDEX, JOINTS, NUM_JOINTS, OFFSETS, PARENTS, REST_ANKLE_HEIGHT
from .feet import foot_rotations
from .limbs import ARMS, LEGS, OUR_LEG, frame, limb_rotations

NEEDED = tuple(
    f"{side}_{part}"
    for part in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
    for side in ("left", "right")
)
SMOOTH_S = 0.015
"""Standard deviation of the smoothing over the points: one frame at 60 fps."""
PELVIS_FOLLOWS_THIGHS = 0.4
"""Share of the mean hip flexion that is the pelvis' own tilt; points cannot tell it."""
PELVIS_LEAN = 0.04
CHEST_LEAN = 0.2
"""Turns forward (radians) from the line of hips to shoulders: a back is curved."""
LUMBAR_SHARE = np.array([0.35, 0.35, 0.30])
"""How spine1, spine2 and spine3 share the turn from pelvis to chest."""
SKULL = np.array([0.0, 0.07, 0.01])
"""Middle between the ears relative to our head joint, metres."""
LOW_PERCENTILE = 10.0
"""Share of the frames in which the lower ankle may be under its standing height."""
FLOOR_PERCENTILE = 5.0
"""Share of the frames in which the lowest point of the body may be under the floor."""
NECK_STIFFNESS = 0.7
LEG_RANGE_M = (0.45, 1.3)
_X, _Y = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True)
class Points:
    """What is known of a body: world positions (T, 3) in metres, Y up, right-handed.

    ``at`` maps names of our joints to positions; those of ``NEEDED`` must be
    there, left_foot, right_foot (balls), left_hand and right_hand may be.
    ``skull`` is the middle between the ears and ``head`` the head's world
    rotation (T, 4), where known.
    """

    fps: float
    at: dict[str, np.ndarray]
    skull: np.ndarray | None = None
    head: np.ndarray | None = None


@dataclass(frozen=True)
class Fit:
    """The result of a fit.

    Attributes
    ----------
    motion : Motion
        The dance on our skeleton, on the floor.
    root : (T, 3)
        The dancer's pelvis in the space of the points, metres.
    offsets : (24, 3)
        The dancer's own bones, metres, in the layout of ``skeleton.OFFSETS``.
    marks : dict of name to (3,)
        Points of the face in the frame of the head joint, metres.
    """

    motion: Motion
    root: np.ndarray
    offsets: np.ndarray
    marks: dict[str, np.ndarray] = field(default_factory=dict)

    def joints(self) -> np.ndarray:
        """The dancer's joints by forward kinematics with the own bones, (T, 24, 3) metres."""
        return forward_kinematics(self.root, self.motion.rotations, self.offsets)

    def lengths(self) -> dict[str, tuple[float, float]]:
        """Bone lengths in metres by the joint at their end: (the dancer's, ours)."""
        own = np.linalg.norm(self.offsets, axis=1)
        ours = np.linalg.norm(OFFSETS, axis=1)
        return {n: (float(own[j]), float(ours[j])) for j, n in enumerate(JOINTS) if j}


def fit_points(points: Points) -> Fit:
    """Fit the skeleton; raises MotionError where points are missing, not finite or no body."""
    at = _checked(points)
    fps = points.fps
    offsets = dancer_offsets(at)
    world = np.empty((len(at["left_hip"]), NUM_JOINTS, 4))
    root = _trunk(world, at, offsets)
    place = _trunk_places(root, world, offsets)
    for limb, side in zip(ARMS, ("left", "right"), strict=True):
        _collar(world, place, at, offsets, side)
        chain = np.stack([at[JOINTS[j]] for j in limb.joints], axis=1)
        chest = world[:, INDEX["spine3"]]
        shoulder, elbow, wrist = limb.joints
        world[:, shoulder], world[:, elbow], axis = limb_rotations(limb, chest, chain, fps)
        world[:, wrist] = world[:, elbow]
        if f"{side}_hand" in at:
            hand = at[f"{side}_hand"] - at[f"{side}_wrist"]
            world[:, wrist] = frame(limb.along, limb.axis, hand, axis)
        world[:, INDEX[f"{side}_hand"]] = world[:, wrist]
    floor = _ankle_floor(at, offsets)
    for limb, side in zip(LEGS, ("left", "right"), strict=True):
        chain = np.stack([at[JOINTS[j]] for j in limb.joints], axis=1)
        hip, knee, ankle = limb.joints
        world[:, hip], world[:, knee], axis = limb_rotations(limb, world[:, 0], chain, fps)
        toe = at.get(f"{side}_foot")
        world[:, ankle] = foot_rotations(chain, axis, toe, floor, offsets, fps)
        world[:, INDEX[f"{side}_foot"]] = world[:, ankle]
    _head(world, place, points, offsets)
    local = world.copy()
    for j in range(1, NUM_JOINTS):
        local[:, j] = rot.multiply(rot.conjugate(world[:, PARENTS[j]]), world[:, j])
    local = rot.continuous(rot.normalize(local))
    guessed = "left_foot" not in at
    motion = on_our_floor(Motion(fps, root * _scale(offsets), local), by_ankles=guessed)
    return Fit(motion, root, offsets)


def on_our_floor(motion: Motion, *, by_ankles: bool = False) -> Motion:
    """The motion lowered or raised by one constant, so that its floor is y = 0.

    Captures have a level floor. It is what the lowest points of the body stand
    on, or the ankles alone where the feet were guessed.
    """
    if by_ankles:
        ankles = motion.joint_positions()[:, [INDEX["left_ankle"], INDEX["right_ankle"]], 1]
        height = float(np.percentile(ankles.min(axis=1), LOW_PERCENTILE)) - REST_ANKLE_HEIGHT
    else:
        height = float(np.percentile(lowest_points(motion), FLOOR_PERCENTILE))
    return motion.turned(0.0, np.array([0.0, -height, 0.0]))


def dancer_offsets(at: dict[str, np.ndarray]) -> np.ndarray:
    """The dancer's bones (24, 3) in metres: medians over the clip, both sides alike."""
    offsets = OFFSETS.copy()

    def length(a: str, b: str) -> float:
        return float(np.median(np.linalg.norm(at[a] - at[b], axis=-1)))

    def bone(child: str, metres: float) -> None:
        for side in ("left", "right"):
            j = INDEX[f"{side}_{child}"]
            offsets[j] *= metres / np.linalg.norm(OFFSETS[j])

    pairs = {"knee": "hip", "ankle": "knee", "elbow": "shoulder", "wrist": "elbow"}
    for child, parent in pairs.items():
        bone(child, 0.5 * sum(length(f"{s}_{parent}", f"{s}_{child}") for s in ("left", "right")))
    legs = _scale(offsets)
    for name in ("left_foot", "right_foot", "left_hand", "right_hand"):
        offsets[INDEX[name]] /= legs
    hips = (at["left_hip"] + at["right_hip"]) / 2
    shoulders = (at["left_shoulder"] + at["right_shoulder"]) / 2
    # The trunk is as long as it is when it is nearly straight.
    trunk = float(np.percentile(np.linalg.norm(shoulders - hips, axis=-1), 75))
    ours = -OFFSETS[INDEX["left_hip"], 1] + sum(
        OFFSETS[INDEX[n], 1] for n in ("spine1", "spine2", "spine3", "left_collar", "left_shoulder")
    )
    names = ("spine1", "spine2", "spine3", "neck", "head", "left_collar", "right_collar")
    for name in (*names, "left_shoulder", "right_shoulder", "left_hip", "right_hip"):
        offsets[INDEX[name], 1] *= trunk / ours
    width = length("left_hip", "right_hip") / 2
    girdle = length("left_shoulder", "right_shoulder") / 2
    reach = OFFSETS[INDEX["left_collar"], 0] + OFFSETS[INDEX["left_shoulder"], 0]
    for side, sign in (("left", 1.0), ("right", -1.0)):
        offsets[INDEX[f"{side}_hip"], 0] = sign * width
        for name in (f"{side}_collar", f"{side}_shoulder"):
            offsets[INDEX[name], 0] *= girdle / reach
    return offsets


def _checked(points: Points) -> dict[str, np.ndarray]:
    missing = [n for n in NEEDED if n not in points.at]
    if missing:
        raise MotionError(f"a fit needs the points {', '.join(missing)}, which are not there")
    if not (np.isfinite(points.fps) and points.fps > 0):
        raise MotionError(f"points need a positive frame rate, not {points.fps}")
    if len(points.at["left_hip"]) == 0:
        raise MotionError("a fit needs at least one frame of points")
    known = [*points.at.values(), *(v for v in (points.skull, points.head) if v is not None)]
    if not all(np.isfinite(v).all() for v in known):
        raise MotionError("a point of the body is not finite; fill the gaps first")
    at = {k: gaussian_smooth(v, SMOOTH_S * points.fps) for k, v in points.at.items()}
    leg = np.median(
        np.linalg.norm(at["left_hip"] - at["left_knee"], axis=-1)
        + np.linalg.norm(at["left_knee"] - at["left_ankle"], axis=-1)
    )
    if not LEG_RANGE_M[0] <= leg <= LEG_RANGE_M[1]:
        raise MotionError(f"a leg of {leg:.3g} m is not a human leg; check the unit of the points")
    return at


def _scale(offsets: np.ndarray) -> float:
    """Our leg over the dancer's leg."""
    leg = sum(np.linalg.norm(offsets[INDEX[f"left_{n}"]]) for n in ("knee", "ankle"))
    return float(OUR_LEG / leg)


def _ankle_floor(at: dict[str, np.ndarray], offsets: np.ndarray) -> float:
    """Height that the feet stand on, before they have soles: from the lower ankle."""
    low = np.minimum(at["left_ankle"][:, 1], at["right_ankle"][:, 1])
    return float(np.percentile(low, LOW_PERCENTILE)) - REST_ANKLE_HEIGHT / _scale(offsets)


def _trunk(world: np.ndarray, at: dict[str, np.ndarray], offsets: np.ndarray) -> np.ndarray:
    """World rotations of pelvis and spine, written to ``world``; returns the pelvis (T, 3)."""
    hips = (at["left_hip"] + at["right_hip"]) / 2
    shoulders = (at["left_shoulder"] + at["right_shoulder"]) / 2
    across = at["left_hip"] - at["right_hip"]
    up = shoulders - hips
    pelvis = frame(_X, _Y, across, up)
    # Sitting and high kicks tilt the pelvis back, which hips and shoulders do not show.
    left = rot.normalize(at["left_knee"] - at["left_hip"])
    thighs = (left + rot.normalize(at["right_knee"] - at["right_hip"])) / 2
    flexed = rot.rotate(rot.conjugate(pelvis), thighs)
    tilt = PELVIS_LEAN - PELVIS_FOLLOWS_THIGHS * np.arctan2(
        flexed[:, 2], np.maximum(-flexed[:, 1], 0.05)
    )
    pelvis = rot.multiply(pelvis, rot.from_axis_angle(tilt[:, None] * _X))
    chest = frame(_X, _Y, at["left_shoulder"] - at["right_shoulder"], up)
    chest = rot.multiply(chest, rot.from_axis_angle(CHEST_LEAN * _X))
    height = OFFSETS[INDEX["left_collar"]] + OFFSETS[INDEX["left_shoulder"]]
    top = np.array([0.0, height[1], 0.0]) * offsets[INDEX["spine1"], 1] / OFFSETS[3, 1]
    below = np.array([0.0, offsets[INDEX["left_hip"], 1], 0.0])
    for _ in range(3):
        bends = np.cumsum(LUMBAR_SHARE)
        world[:, 0] = pelvis
        for name, share in zip(("spine1", "spine2", "spine3"), bends, strict=True):
            world[:, INDEX[name]] = rot.slerp(pelvis, chest, np.full(len(pelvis), share))
        places = _trunk_places(np.zeros_like(hips), world, offsets)
        reached = places["spine3"] + rot.rotate(world[:, INDEX["spine3"]], top)
        reached = reached - rot.rotate(pelvis, below)
        # What the bend of the spine has carried off is turned back, by the chest alone:
        # the hips stay where they were seen.
        chest = rot.multiply(rot.between(reached, up), chest)
    return np.asarray(hips - rot.rotate(pelvis, below))


def _trunk_places(
    root: np.ndarray, world: np.ndarray, offsets: np.ndarray
) -> dict[str, np.ndarray]:
    """World positions (T, 3) of pelvis, spine, neck and collars."""
    out = {"pelvis": root}
    for name in ("spine1", "spine2", "spine3", "neck", "left_collar", "right_collar"):
        parent = PARENTS[INDEX[name]]
        out[name] = out[JOINTS[parent]] + rot.rotate(world[:, parent], offsets[INDEX[name]])
    return out


def _collar(
    world: np.ndarray,
    place: dict[str, np.ndarray],
    at: dict[str, np.ndarray],
    offsets: np.ndarray,
    side: str,
) -> None:
    """Turn the collar bone of a side so that it points at the shoulder."""
    chest = world[:, INDEX["spine3"]]
    rest = rot.rotate(
        chest, np.broadcast_to(offsets[INDEX[f"{side}_shoulder"]], chest[:, 1:].shape)
    )
    target = at[f"{side}_shoulder"] - place[f"{side}_collar"]
    # A shoulder drawn in to its collar joint leaves no direction: the rest one fills in.
    size = float(np.linalg.norm(offsets[INDEX[f"{side}_shoulder"]]))
    lack = 0.6 - np.linalg.norm(target, axis=-1, keepdims=True) / size
    turn = rot.between(rest, target + np.maximum(lack, 0.0) * rest)
    world[:, INDEX[f"{side}_collar"]] = rot.multiply(turn, chest)


def _head(
    world: np.ndarray, place: dict[str, np.ndarray], points: Points, offsets: np.ndarray
) -> None:
    """Neck and head: towards the skull where it is known, upright on the chest elsewhere."""
    chest = world[:, INDEX["spine3"]]
    head = chest if points.head is None else points.head
    neck = rot.slerp(chest, head, np.full(len(chest), 0.5))
    if points.skull is not None:
        size = offsets[INDEX["head"], 1] / OFFSETS[INDEX["head"], 1]
        if points.head is None:
            # Without a face the skull goes on from the neck.
            line = points.skull - place["neck"]
            head = rot.multiply(rot.between(rot.rotate(chest, _Y), line), chest)
            head = rot.slerp(chest, head, np.full(len(chest), 0.7))
        target = points.skull - rot.rotate(head, SKULL * size) - place["neck"]
        # Raised shoulders bring the neck so near to the skull that the line between
        # them points anywhere: the neck's own direction has a say.
        own = rot.rotate(neck, _Y)
        target = target + NECK_STIFFNESS * offsets[INDEX["head"], 1] * own
        neck = rot.multiply(rot.between(own, target), neck)
    world[:, INDEX["neck"]], world[:, INDEX["head"]] = neck, head
