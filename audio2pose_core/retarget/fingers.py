"""Fingers of a rig: which bones they are, and how far each joint bends.

A finger is a chain of bones below the hand. The palm's side follows from where the thumb is,
so that rest pose, rolls and names do not matter. What a joint bends is told as an angle from
straight; of that the rest pose's own bend is taken off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .. import rotations as rot
from ..motion import HAND_SHAPES
from .names import canonical
from .plan import Plan
from .rig import Rig

FEWEST = 2
"""A hand of fewer fingers than these is a mitten, which stays as it is."""
_THUMBS = ("thumb", "親指", "finger0")
_LAST = ("end", "nub", "tip", "leaf")
# Degrees at knuckle, middle and last joint; of four fingers the index to the little one.
_BENDS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "relaxed": ((16, 24, 12), (22, 28, 14), (27, 31, 16), (31, 33, 18)),
    "open": ((-4, 4, 2), (-2, 3, 2), (-2, 4, 2), (-4, 5, 3)),
    "fist": ((70, 88, 50), (76, 92, 52), (78, 92, 52), (76, 88, 50)),
    "point": ((2, 5, 3), (70, 88, 48), (76, 92, 50), (76, 88, 50)),
}
_THUMB_BENDS = {
    "relaxed": (6, 12, 12), "open": (-6, 0, 0), "fist": (22, 28, 38), "point": (20, 26, 36),
}  # fmt: skip
SHAPES = HAND_SHAPES
"""What a hand can do, in the order of ``bends``' weights."""


@dataclass(frozen=True)
class Joint:
    """One bone of a finger: its index, and for each of ``SHAPES`` its turn about ``axis``.

    ``axis`` (3,) is a unit vector in armature space at rest, ``angles`` (4,) radians on top of
    the rest pose.
    """

    bone: int
    axis: np.ndarray
    angles: np.ndarray


def finger_joints(plan: Plan, side: str) -> list[Joint]:
    """The joints of one hand's fingers; none where it has no fingers."""
    rig = plan.rig
    name = plan.map.bone(f"{side}_wrist") or plan.map.bone(f"{side}_elbow")
    assert name is not None
    hand = rig.index[name]
    wrist = plan.to_rig(plan.wrist(side))
    chains = [chain for c in _children(rig, hand) for chain in _chains(rig, c, wrist)]
    if len(chains) < FEWEST:
        return []
    bases = np.array([rig.heads[chain[0]] for chain in chains])
    thumb = _thumb(rig, chains, bases, wrist)
    fingers = [i for i in range(len(chains)) if i != thumb]
    if not fingers:
        return []
    along = rot.normalize(bases[fingers].mean(axis=0) - wrist)
    toward = _toward_thumb(plan, side, bases, fingers, thumb, along)
    palm = np.cross(along, toward) * (1.0 if side == "left" else -1.0)
    ranked = sorted(fingers, key=lambda i: -float(bases[i] @ toward))
    out: list[Joint] = []
    for rank, i in enumerate(ranked):
        # Of three fingers the last is a little one too.
        kind = min(3, round(rank * 3 / max(len(ranked) - 1, 1))) if len(ranked) > 1 else 1
        axis = rot.normalize(np.cross(along, palm))
        table = {shape: _BENDS[shape][kind] for shape in SHAPES}
        out += _joints(rig, chains[i], along, axis, table)
    if thumb is not None:
        first = rig.heads[chains[thumb][1]] - rig.heads[chains[thumb][0]]
        # The thumb bends across the palm, half to it and half to the fingers.
        to = rot.normalize(palm - toward)
        axis = rot.normalize(np.cross(rot.normalize(first), to))
        out += _joints(rig, chains[thumb], rot.normalize(first), axis, _THUMB_BENDS)
    return out


def bends(joint: Joint, weights: np.ndarray, amount: float, rest: np.ndarray) -> np.ndarray:
    """Rotations (T, 4) of a joint's bone in its own axes, for weights (T, 4) of ``SHAPES``.

    ``amount`` 0 is the rest pose, 1 all of the shape; ``rest`` (4,) the bone's rest rotation.
    """
    angle = amount * (weights @ joint.angles)
    axis = rot.rotate(rot.conjugate(rest), joint.axis)
    return rot.from_axis_angle(angle[:, None] * axis)


def _children(rig: Rig, bone: int) -> list[int]:
    return [int(b) for b in np.flatnonzero(rig.parents == bone)]


def _chains(rig: Rig, bone: int, wrist: np.ndarray) -> list[list[int]]:
    """Fingers that begin with a bone, or with those below it if it is a palm's."""
    chain = [bone]
    while True:
        below = [c for c in _children(rig, chain[-1]) if _children(rig, c) or not _ends(rig, c)]
        if len(below) > 1:
            # A palm's bone, which carries several.
            return [chain for c in below for chain in _chains(rig, c, wrist)]
        if not below:
            break
        chain.append(below[0])
    if len(chain) < 2:
        return []
    while len(chain) > 2 and rig.stub(chain[0]):
        chain = chain[1:]
    far = np.linalg.norm(rig.heads[chain] - wrist, axis=1)
    if len(chain) > 2 and far[0] < 0.55 * far[1] and not _is_thumb(rig, chain):
        # A bone of the palm, before the knuckle.
        chain = chain[1:]
    return [chain[:3]]


def _ends(rig: Rig, bone: int) -> bool:
    return canonical(rig.plain[bone]).rstrip("0123456789").endswith(_LAST)


def _is_thumb(rig: Rig, chain: list[int]) -> bool:
    return any(word in canonical(rig.plain[chain[0]]) for word in _THUMBS)


def _thumb(rig: Rig, chains: list[list[int]], bases: np.ndarray, wrist: np.ndarray) -> int | None:
    """Which chain is the thumb: by its name, or because it begins much nearer to the wrist."""
    named = [i for i, chain in enumerate(chains) if _is_thumb(rig, chain)]
    if named:
        return named[0]
    far = np.linalg.norm(bases - wrist, axis=1)
    nearest = int(far.argmin())
    others = np.delete(far, nearest)
    return nearest if len(chains) > 2 and far[nearest] < 0.7 * float(np.median(others)) else None


def _toward_thumb(
    plan: Plan,
    side: str,
    bases: np.ndarray,
    fingers: list[int],
    thumb: int | None,
    along: np.ndarray,
) -> np.ndarray:
    """The way (3,) across the palm, at a right angle to ``along``, on which the thumb lies."""
    middle = bases[fingers].mean(axis=0)
    spread = bases[fingers] - middle
    spread = spread - np.outer(spread @ along, along)
    across = np.linalg.svd(spread)[2][0] if len(fingers) > 1 else np.zeros(3)
    if thumb is not None:
        off = bases[thumb] - middle
        off = off - (off @ along) * along
    else:
        # The palm looks down in core's T-pose, and the thumb ahead.
        control = plan.control(f"{side}_wrist")
        control = plan.control(f"{side}_elbow") if control is None else control
        assert control is not None
        straight = rot.conjugate(plan.controls[control].turn)
        off = plan.to_rig(rot.rotate(straight, np.array([0.0, 0.0, 1.0])))
        off = off - (off @ along) * along
    if np.linalg.norm(across) < 0.5:
        return np.asarray(rot.normalize(off))
    across = across - (across @ along) * along
    return np.asarray(rot.normalize(across if across @ off > 0 else -across))


def _joints(
    rig: Rig,
    chain: list[int],
    along: np.ndarray,
    axis: np.ndarray,
    table: Mapping[str, tuple[float, float, float]],
) -> list[Joint]:
    out = []
    before = along
    for k, bone in enumerate(chain):
        below = chain[k + 1] if k + 1 < len(chain) else -1
        end = rig.heads[below] if below >= 0 else rig.tails[bone]
        way = end - rig.heads[bone]
        way = rot.normalize(way) if np.linalg.norm(way) > 1e-9 else before
        bent = float(np.arctan2(np.cross(before, way) @ axis, before @ way))
        wanted = np.deg2rad([table[shape][k] for shape in SHAPES])
        if len(chain) == 2 and k == 1:
            wanted = np.deg2rad([table[shape][1] + 0.6 * table[shape][2] for shape in SHAPES])
        out.append(Joint(bone, axis, wanted - np.clip(bent, -0.5, 1.2)))
        before = way
    return out
