"""Any BVH onto our skeleton.

Where the file's rest pose is a standing body, every rotation carries over
relative to it, and the difference between the rest poses (A or T, straight or
knock-kneed) is taken off by the directions of the limbs in the world. Where the
rest pose is no pose at all (bones laid along one axis, say) the body is fitted
to the places of its joints alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ... import rotations as rot
from ...cleanup.contacts import label_contacts
from ...cleanup.floor import level_feet
from ...errors import MotionError
from ...formats.bvh import parse_bvh
from ...motion import Motion
from ...skeleton import INDEX, JOINTS, NUM_JOINTS, OFFSETS, PARENTS
from ..fitting.limbs import OUR_LEG
from ..fitting.skeleton import Points, fit_points, on_our_floor
from .body import UNITS, Body, read_body, spine_chain

FPS = 30.0
MIN_SECONDS = 0.5
_LIMB_CHILD = {"hip": "knee", "knee": "ankle", "shoulder": "elbow", "elbow": "wrist"}
_SNAP = np.cos(np.deg2rad(25.0))


@dataclass(frozen=True)
class Retargeted:
    """A dance on our skeleton and what its file was like."""

    motion: Motion
    family: str
    up: str
    unit: str
    leg_m: float
    road: str
    warnings: tuple[str, ...]


def retarget_bvh(path: str | Path, fps: float = FPS) -> Retargeted:
    """Read any BVH and lay its dance on our skeleton, resampled, its floor at y = 0.

    Raises MotionError, with the file's name, where the file is broken, shows no
    human body, or is shorter than half a second.
    """
    bvh = parse_bvh(path)
    try:
        # Numbers of a damaged file may overflow; what comes of it is refused as not finite.
        with np.errstate(all="ignore"):
            return retarget_body(read_body(bvh), fps)
    except MotionError as error:
        raise MotionError(f"{path}: {error}") from error


def retarget_body(body: Body, fps: float = FPS) -> Retargeted:
    """The dance of a body on our skeleton."""
    if len(body.places) / body.fps < MIN_SECONDS:
        raise MotionError(f"{len(body.places) / body.fps:.2f} s are too short for a dance")
    if not (np.isfinite(body.places).all() and np.isfinite(body.world).all()):
        raise MotionError("its joints are not at finite places")
    rest_frame = _rest_frame(body)
    if rest_frame is not None:
        motion, road = _by_rotations(body, rest_frame), "rotations"
    else:
        motion, road = _by_places(body), "places"
    motion = on_our_floor(motion.resample(fps))
    axis = int(np.abs(body.up).argmax())
    up = ("" if body.up[axis] > 0 else "-") + "XYZ"[axis]
    leg = body.leg * UNITS[body.unit]
    return Retargeted(motion, body.map.family, up, body.unit, leg, road, body.warnings)


def _to_y_up(body: Body) -> np.ndarray:
    """Rotation (4,) from the file's world to ours."""
    return rot.between(body.up, np.array([0.0, 1.0, 0.0]))


def _snapped(direction: np.ndarray) -> np.ndarray:
    """The axis that a direction (3,) nearly runs along, or the direction."""
    axis = int(np.abs(direction).argmax())
    if abs(direction[axis]) < _SNAP:
        return direction
    return np.asarray(np.sign(direction[axis]) * np.eye(3)[axis])


def _rest_frame(body: Body) -> np.ndarray | None:
    """Rotation (4,) from our rest pose's axes to the file's, None if its rest pose stands not."""
    rest, joints = body.rest, body.map.joints

    def place(name: str) -> np.ndarray:
        return np.asarray(rest[joints[name]])

    def middle(part: str) -> np.ndarray:
        return (place(f"left_{part}") + place(f"right_{part}")) / 2

    up = rot.normalize(middle("shoulder") - middle("ankle"))
    across = place("left_hip") - place("right_hip")
    across = rot.normalize(across - np.dot(across, up) * up)
    if np.linalg.norm(up) < 0.5 or np.linalg.norm(across) < 0.5:
        return None
    if np.dot(rot.normalize(middle("shoulder") - middle("hip")), up) < 0.7:
        return None
    up = _snapped(up)
    across = across - np.dot(across, up) * up
    left = _snapped(rot.normalize(across))
    left = rot.normalize(left - np.dot(left, up) * up)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for part in ("hip", "knee"):
            bone = rot.normalize(place(f"{side}_{_LIMB_CHILD[part]}") - place(f"{side}_{part}"))
            if np.dot(bone, up) > -0.7:
                return None
        for part in ("shoulder", "elbow"):
            bone = rot.normalize(place(f"{side}_{_LIMB_CHILD[part]}") - place(f"{side}_{part}"))
            if sign * np.dot(bone, left) < -0.3 or np.linalg.norm(bone) < 0.5:
                return None
        if f"{side}_foot" in joints:
            toes = rot.normalize(place(f"{side}_foot") - place(f"{side}_ankle"))
            if np.dot(toes, np.cross(left, up)) < 0.3:
                return None
    return rot.from_matrix(np.stack([left, up, np.cross(left, up)], axis=-1))


def _by_rotations(body: Body, rest_frame: np.ndarray) -> Motion:
    """World rotations relative to the rest pose, made ours by the limbs' rest directions."""
    joints = body.map.joints
    frames = len(body.places)
    to_ours = _to_y_up(body)
    world = np.empty((frames, NUM_JOINTS, 4))
    for j, (name, source) in enumerate(_sources(body)):
        turned = body.world[:, source] if isinstance(source, int) else _mixed(body, *source)
        correction = rot.multiply(rest_frame, _limb_correction(body, rest_frame, name))
        world[:, j] = rot.multiply(to_ours, rot.multiply(turned, correction))
    local = world.copy()
    for j in range(1, NUM_JOINTS):
        local[:, j] = rot.multiply(rot.conjugate(world[:, PARENTS[j]]), world[:, j])
    hips = (body.places[:, joints["left_hip"]] + body.places[:, joints["right_hip"]]) / 2
    hips = rot.rotate(to_ours, hips) * (OUR_LEG / body.leg)
    below = np.array([0.0, OFFSETS[INDEX["left_hip"], 1], 0.0])
    root = hips - rot.rotate(world[:, 0], np.broadcast_to(below, hips.shape))
    return Motion(body.fps, root, rot.continuous(rot.normalize(local)))


Source = int | tuple[int, int, float]


def _sources(body: Body) -> list[tuple[str, Source]]:
    """For each of our joints the source joint that turns it, or two and the share of the second."""
    joints = body.map.joints
    spine = [joints["pelvis"], *spine_chain(body)]
    chest = spine[-1]
    out: list[tuple[str, Source]] = []
    for name in JOINTS:
        if name.startswith("spine"):
            # Ours are three; theirs are spread over them evenly.
            at = (len(spine) - 1) * int(name[-1]) / 3
            low = min(int(at + 1e-9), len(spine) - 1)
            high = min(low + 1, len(spine) - 1)
            share = at - low
            out.append((name, spine[low] if share < 1e-6 else (spine[low], spine[high], share)))
        elif name in joints:
            out.append((name, joints[name]))
        elif name in ("neck", "left_collar", "right_collar"):
            out.append((name, chest))
        else:
            # What is not there moves with its parent; parents come first.
            out.append((name, dict(out)[JOINTS[PARENTS[INDEX[name]]]]))
    return out


def _mixed(body: Body, a: int, b: int, share: float) -> np.ndarray:
    first, second = body.world[:, a], body.world[:, b]
    return rot.slerp(first, second, np.full(len(first), share))


def _limb_correction(body: Body, rest_frame: np.ndarray, name: str) -> np.ndarray:
    """Rotation (4,), in our rest axes, from our bone's rest direction to the source's."""
    side, _, part = name.partition("_")
    if part in ("wrist", "hand"):
        # A hand goes on from the forearm in both rest poses.
        part = "elbow"
    if part not in _LIMB_CHILD:
        return rot.IDENTITY
    joints = body.map.joints
    child = f"{side}_{_LIMB_CHILD[part]}"
    bone = body.rest[joints[child]] - body.rest[joints[f"{side}_{part}"]]
    theirs = rot.normalize(rot.rotate(rot.conjugate(rest_frame), bone))
    ours = rot.normalize(OFFSETS[INDEX[child]])
    # Files round their offsets: what is straight stays so exactly.
    return rot.between(ours, theirs) if np.linalg.norm(theirs - ours) > 1e-4 else rot.IDENTITY


def _by_places(body: Body) -> Motion:
    """A fit to the places of the joints, for skeletons whose rest pose says nothing."""
    to_ours = _to_y_up(body)
    metre = OUR_LEG / body.leg
    at = {
        name: rot.rotate(to_ours, body.places[:, j]) * metre
        for name, j in body.map.joints.items()
        if name in JOINTS
    }
    skull = at.get("head")
    if skull is not None and "neck" in at:
        skull = skull + 0.8 * (skull - at["neck"])
    motion = fit_points(Points(body.fps, at, skull=skull)).motion
    return replace(level_feet(motion, label_contacts(motion)), contacts=None)
