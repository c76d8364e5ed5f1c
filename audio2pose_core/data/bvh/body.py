"""A BVH as a body: joints in space, up and left found, sides and size checked."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ... import rotations as rot
from ...errors import MotionError
from ...formats.bvh import BvhFile
from ...retarget import BoneMap, Rig, detect

FPS_RANGE = (5.0, 1000.0)
MAX_FRAMES = 1_000_000
LARGEST = 1e7
"""No coordinate of a body is larger than this, in any unit."""
UNITS = {"m": 1.0, "dm": 0.1, "inch": 0.0254, "cm": 0.01, "mm": 0.001}
USUAL_LEG_M = 0.82
SWAP_VOTE = -0.35
_SAMPLES = 400


@dataclass(frozen=True)
class Body:
    """A source skeleton in motion, in its file's axes and unit.

    Attributes
    ----------
    rig : Rig
        The skeleton at rest: every rotation is the identity, bones are as long as in motion.
    map : BoneMap
        Which of its joints play which part.
    fps : float
    places : (T, J, 3)
        World positions.
    world : (T, J, 4)
        World rotations; identity in the file's rest pose.
    up : (3,)
        The axis that is up in the world, a unit vector along one axis.
    warnings : tuple of str
    """

    rig: Rig
    map: BoneMap
    fps: float
    places: np.ndarray
    world: np.ndarray
    up: np.ndarray
    warnings: tuple[str, ...]

    def joint(self, part: str) -> int | None:
        """Index of the joint that plays a part, None where there is none."""
        name = self.map.bone(part)
        return None if name is None else self.rig.index[name]

    def at(self, part: str) -> np.ndarray:
        """World positions (T, 3) of a part that is there."""
        return self.places[:, self.rig.index[self.map.bones[part][-1]]]

    @property
    def leg(self) -> float:
        """Thigh and shin together in the file's unit."""
        bones = (("hip", "knee"), ("knee", "ankle"))
        lengths = [
            np.median(np.linalg.norm(self.at(f"{s}_{a}") - self.at(f"{s}_{b}"), axis=-1))
            for s in ("left", "right")
            for a, b in bones
        ]
        return float(sum(lengths) / 2)

    @property
    def unit(self) -> str:
        """The unit in which the leg comes nearest to a human's."""
        size = self.leg
        return min(UNITS, key=lambda u: abs(np.log(size * UNITS[u] / USUAL_LEG_M)))


def read_body(bvh: BvhFile) -> Body:
    """Joints in space and their meaning; raises MotionError where the file shows no body."""
    if not FPS_RANGE[0] <= bvh.fps <= FPS_RANGE[1]:
        raise MotionError(f"{bvh.fps:.4g} frames per second is not a usable frame rate")
    if len(bvh.values) > MAX_FRAMES:
        raise MotionError(f"{len(bvh.values)} frames are too many for one clip; cut it")
    offsets = np.array([j.offset for j in bvh.joints], dtype=np.float64)
    if (
        not np.isfinite(offsets).all()
        or max(np.abs(offsets).max(), np.abs(bvh.values).max()) > LARGEST
    ):
        raise MotionError("an offset or a position is not finite or absurdly large")
    if sum(j.parent < 0 for j in bvh.joints) != 1:
        raise MotionError("the file holds more than one skeleton; export one figure a file")
    translations, local = bvh.local()
    rig = _rig(bvh, offsets, translations)
    detection = detect(rig, any_rest=True)
    # Without its hands a clip shows too little of a dance.
    if detection.lacks or not all(detection.map.bones.get(f"{s}_wrist") for s in ("left", "right")):
        names = ", ".join(j.name for j in bvh.joints[:8])
        raise MotionError(f"no human skeleton is seen in its joints ({names} …)")
    places, world = _forward(rig.parents, translations, local)
    warnings: list[str] = []
    body = Body(rig, detection.map, bvh.fps, places, world, np.zeros(3), ())
    body = replace(body, up=_up(body, warnings))
    if not body.leg > 0:
        raise MotionError("its legs have no length; this is not a body")
    vote = left_vote(body)
    by_shape = body.map.family == "shape"
    if vote < SWAP_VOTE or (by_shape and vote < 0):
        if not by_shape:
            warnings.append("left and right were named the wrong way round; they are exchanged")
        bones = {_other(part): names for part, names in body.map.bones.items()}
        body = replace(body, map=replace(body.map, bones=bones))
    elif abs(vote) < 0.1:
        warnings.append("neither toes nor knees tell left from right; the names are believed")
    return replace(body, warnings=tuple(warnings))


def _rig(bvh: BvhFile, offsets: np.ndarray, translations: np.ndarray) -> Rig:
    """The skeleton as retargeting sees it, in the file's axes and unit."""
    count = len(bvh.joints)
    names: list[str] = []
    for joint in bvh.joints:
        # Bones go by their names, which a file may give twice.
        taken = sum(name == joint.name or name.startswith(f"{joint.name}#") for name in names)
        names.append(f"{joint.name}#{taken}" if taken else joint.name)
    parents = np.array([joint.parent for joint in bvh.joints])
    # A bone may stretch by its position channels; its length is what it is in motion.
    lengths = np.median(np.linalg.norm(translations, axis=-1), axis=0)
    declared = np.linalg.norm(offsets, axis=-1)
    stretch = np.where(declared > 0, lengths / np.where(declared > 0, declared, 1.0), 1.0)
    heads = np.zeros_like(offsets)
    tails = np.zeros_like(offsets)
    for j, parent in enumerate(parents):
        if parent >= 0:
            heads[j] = heads[parent] + offsets[j] * stretch[j]
        end = bvh.joints[j].end_site
        tails[j] = heads[j] + (0.0 if end is None else np.array(end))
    for j in range(count - 1, 0, -1):
        if bvh.joints[j].end_site is None or bvh.joints[int(parents[j])].end_site is None:
            tails[parents[j]] = heads[j]
    return Rig(
        names=tuple(names),
        parents=parents,
        rest=np.tile(rot.IDENTITY, (count, 1)),
        heads=heads,
        tails=tails,
        basis=np.tile(rot.IDENTITY, (count, 1)),
        inherits=np.ones(count, dtype=bool),
        connected=np.zeros(count, dtype=bool),
        local_location=np.ones(count, dtype=bool),
    )


def _other(name: str) -> str:
    if name.startswith("left_"):
        return "right_" + name.removeprefix("left_")
    return "left_" + name.removeprefix("right_") if name.startswith("right_") else name


def _forward(
    parents: np.ndarray, translations: np.ndarray, local: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """World positions (T, J, 3) and rotations (T, J, 4)."""
    places, world = translations.copy(), local.copy()
    for j, parent in enumerate(parents):
        if parent >= 0:
            world[:, j] = rot.multiply(world[:, parent], local[:, j])
            places[:, j] = places[:, parent] + rot.rotate(world[:, parent], translations[:, j])
    return places, world


def _up(body: Body, warnings: list[str]) -> np.ndarray:
    """The world's up axis: the one along which shoulders are above ankles, on average."""
    step = max(1, len(body.places) // _SAMPLES)

    def middle(places: np.ndarray, part: str) -> np.ndarray:
        left, right = (places[..., body.joint(f"{s}_{part}"), :] for s in ("left", "right"))
        return (left + right) / 2

    sampled, rest = body.places[::step], body.rig.heads
    spine = rot.normalize(middle(sampled, "shoulder") - middle(sampled, "ankle")).mean(axis=0)
    if np.abs(spine).max() < 0.4:
        # Floor work all along: the rest pose stands, if anything does.
        spine = rot.normalize(middle(rest, "shoulder") - middle(rest, "ankle"))
        warnings.append("the body is never upright for long; up is taken from its rest pose")
    axis = int(np.abs(spine).argmax())
    up = np.zeros(3)
    up[axis] = np.sign(spine[axis]) or 1.0
    return up


def left_vote(body: Body) -> float:
    """Whether "left" is left, -1..1: toes point ahead, knees bend ahead, left is up x ahead."""
    step = max(1, len(body.places) // _SAMPLES)
    pick = slice(None, None, step)
    hips = (body.at("left_hip") + body.at("right_hip"))[pick] / 2
    trunk = (body.at("left_shoulder") + body.at("right_shoulder"))[pick] / 2 - hips
    across = rot.normalize((body.at("left_hip") - body.at("right_hip"))[pick])
    votes, weights = 0.0, 0.0
    for side in ("left", "right"):
        hip, knee, ankle = (body.at(f"{side}_{n}")[pick] for n in ("hip", "knee", "ankle"))
        bent = knee - (hip + ankle) / 2
        signs = [(bent, np.linalg.norm(bent, axis=-1) / body.leg)]
        if body.joint(f"{side}_foot") is not None:
            toes = body.at(f"{side}_foot")[pick] - ankle
            signs.append((toes, 3 * np.linalg.norm(toes, axis=-1) / body.leg))
        for ahead, weight in signs:
            left = rot.normalize(np.cross(trunk, ahead))
            votes += float((weight * np.sum(left * across, axis=-1)).sum())
            weights += float(weight.sum())
    return votes / weights if weights > 0 else 0.0
