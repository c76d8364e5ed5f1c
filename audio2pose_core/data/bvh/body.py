"""A BVH as a body: joints in space, up and left found, sides and size checked."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ... import rotations as rot
from ...errors import MotionError
from ...formats.bvh import BvhFile
from ..skeleton_map import SkeletonMap, common_ancestor, in_order, map_by_names, path_up
from ..skeleton_map_shape import map_by_shape

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
    map : SkeletonMap
        Names of ours to indices into the joints.
    parents : tuple of int
    fps : float
    places : (T, J, 3)
        World positions.
    world : (T, J, 4)
        World rotations; identity in the file's rest pose.
    rest : (J, 3)
        World positions of the rest pose.
    up : (3,)
        The axis that is up in the world, a unit vector along one axis.
    warnings : tuple of str
    """

    map: SkeletonMap
    parents: tuple[int, ...]
    fps: float
    places: np.ndarray
    world: np.ndarray
    rest: np.ndarray
    up: np.ndarray
    warnings: tuple[str, ...]

    def at(self, name: str) -> np.ndarray:
        """World positions (T, 3) of one of our joints."""
        return self.places[:, self.map.joints[name]]

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
        raise MotionError(f"{bvh.fps:.4g} frames per second is no frame rate of a capture")
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
    parents = tuple(j.parent for j in bvh.joints)
    translations, local = bvh.local()
    # A bone may stretch by its position channels; its length is what it is in motion.
    lengths = np.median(np.linalg.norm(translations, axis=-1), axis=0)
    lengths[0] = 0.0
    found = map_by_names([j.name for j in bvh.joints])
    if found is None or not in_order(found.joints, parents):
        found = map_by_shape(parents, lengths)
    if found is None:
        names = ", ".join(j.name for j in bvh.joints[:8])
        raise MotionError(f"no human skeleton is seen in its joints ({names} …)")
    joints = dict(found.joints)
    joints["pelvis"] = _pelvis(joints, parents)
    places, world = _forward(parents, translations, local)
    rest = np.zeros_like(offsets)
    for j, parent in enumerate(parents):
        rest[j] = offsets[j] + (rest[parent] if parent >= 0 else 0.0)
    warnings: list[str] = []
    up = _up(places, rest, joints, warnings)
    body = Body(SkeletonMap(found.family, joints), parents, bvh.fps, places, world, rest, up, ())
    if not body.leg > 0:
        raise MotionError("its legs have no length; this is no body")
    vote = left_vote(body)
    if vote < SWAP_VOTE or (found.family == "shape" and vote < 0):
        if found.family != "shape":
            warnings.append("left and right were named the wrong way round; they are exchanged")
        joints = {_other(name): j for name, j in joints.items()}
        body = replace(body, map=SkeletonMap(found.family, joints))
    elif abs(vote) < 0.1:
        warnings.append("neither toes nor knees tell left from right; the names are believed")
    return replace(body, warnings=tuple(warnings))


def _other(name: str) -> str:
    if name.startswith("left_"):
        return "right_" + name.removeprefix("left_")
    return "left_" + name.removeprefix("right_") if name.startswith("right_") else name


def _pelvis(joints: dict[str, int], parents: tuple[int, ...]) -> int:
    """The joint that carries both legs: hips may hang on a stub beside the named pelvis."""
    return common_ancestor(parents, joints["left_hip"], joints["right_hip"])


def _forward(
    parents: tuple[int, ...], translations: np.ndarray, local: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """World positions (T, J, 3) and rotations (T, J, 4)."""
    places, world = translations.copy(), local.copy()
    for j, parent in enumerate(parents):
        if parent >= 0:
            world[:, j] = rot.multiply(world[:, parent], local[:, j])
            places[:, j] = places[:, parent] + rot.rotate(world[:, parent], translations[:, j])
    return places, world


def _up(
    places: np.ndarray, rest: np.ndarray, joints: dict[str, int], warnings: list[str]
) -> np.ndarray:
    """The world's up axis: the one along which shoulders are above ankles, on average."""
    step = max(1, len(places) // _SAMPLES)

    def middle(values: np.ndarray, part: str) -> np.ndarray:
        return (
            values[..., joints[f"left_{part}"], :] + values[..., joints[f"right_{part}"], :]
        ) / 2

    sampled = places[::step]
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
        if f"{side}_foot" in body.map.joints:
            toes = body.at(f"{side}_foot")[pick] - ankle
            signs.append((toes, 3 * np.linalg.norm(toes, axis=-1) / body.leg))
        for ahead, weight in signs:
            left = rot.normalize(np.cross(trunk, ahead))
            votes += float((weight * np.sum(left * across, axis=-1)).sum())
            weights += float(weight.sum())
    return votes / weights if weights > 0 else 0.0


def spine_chain(body: Body) -> list[int]:
    """Joints from above the pelvis to the chest, which carries both arms; may be empty."""
    joints, parents = body.map.joints, body.parents
    chest = common_ancestor(parents, joints["left_shoulder"], joints["right_shoulder"])
    above = set(path_up(parents, joints["pelvis"]))
    return [j for j in path_up(parents, chest) if j not in above][::-1]
