"""From a rig's rest pose to core's T-pose: the turn of each part, and where an arm ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .. import rotations as rot
from ..skeleton import INDEX, OFFSETS
from .floor import stands_on
from .rig import BoneMap, Rig

_NEXT = {"hip": "knee", "knee": "ankle", "shoulder": "elbow", "elbow": "wrist", "wrist": "hand"}
_STRAIGHT = 1e-4
"""Directions closer than this are the same: files round their bones."""


def rest_turns(rig: Rig, bone_map: BoneMap, frame: np.ndarray) -> dict[str, np.ndarray]:
    """For each part the turn (4,), in core's axes, from the rig's rest pose to core's T-pose.

    Limbs are straightened from the body outwards, so that a forearm's turn goes
    on from the upper arm's. A foot is turned about the vertical alone: its sole
    lies flat in either rest pose, however high the ankle.
    """
    bones = bone_map.bones
    turns = {part: rot.IDENTITY for part in bones}

    def direction(part: str) -> np.ndarray | None:
        bone = rig.index[bones[part][-1]]
        side, _, name = part.partition("_")
        after = bones.get(f"{side}_{_NEXT[name]}") or bones.get(f"{side}_fingers")
        if after:
            end = rig.heads[rig.index[after[-1]]]
        elif name == "elbow":
            end = arm_end(rig, bones, side)
        else:
            fingers = np.flatnonzero(rig.parents == bone)
            if len(fingers) < 3:
                return None
            end = rig.heads[fingers].mean(axis=0)
        along = rot.rotate(rot.conjugate(frame), end - rig.heads[bone])
        return rot.normalize(along) if np.linalg.norm(along) > 1e-9 else None

    for side in ("left", "right"):
        for limb in (("hip", "knee"), ("shoulder", "elbow", "wrist")):
            turn = rot.IDENTITY
            for name in limb:
                part = f"{side}_{name}"
                if not bones.get(part):
                    continue
                ours = rot.normalize(OFFSETS[INDEX[f"{side}_{_NEXT[name]}"]])
                theirs = direction(part)
                if theirs is not None:
                    theirs = rot.rotate(turn, theirs)
                    if np.linalg.norm(theirs - ours) > _STRAIGHT:
                        turn = rot.multiply(rot.between(theirs, ours), turn)
                turns[part] = turn
        turns[f"{side}_hand"] = turns.get(f"{side}_wrist", rot.IDENTITY)
        turns[f"{side}_ankle"] = turns[f"{side}_foot"] = _foot_turn(rig, bones, side, frame)
    on = stands_on(rig, bones, frame)
    for side in {"left", "right"} - {*on}:
        turns[f"{side}_ankle"] = turns[f"{side}_foot"] = _laid_flat(rig, bones, side, on[0], frame)
    return turns


def arm_end(rig: Rig, bones: Mapping[str, Sequence[str]], side: str) -> np.ndarray:
    """Where (3,) a forearm without a wrist ends, in armature space: where its palm or fingers
    begin, or else its tail."""
    elbow = rig.index[bones[f"{side}_elbow"][-1]]
    below = [int(b) for b in np.flatnonzero(rig.parents == elbow)]
    if not below:
        return np.asarray(rig.tails[elbow])
    along = rig.tails[elbow] - rig.heads[elbow]
    if np.linalg.norm(along) < 1e-9:
        along = rig.heads[below].mean(axis=0) - rig.heads[elbow]
    # Twist bones along the forearm begin before its end.
    reach = (rig.heads[below] - rig.heads[elbow]) @ rot.normalize(along)
    far = [b for b, r in zip(below, reach, strict=True) if r > 0.6 * reach.max()]
    return np.asarray(rig.heads[far].mean(axis=0))


def _foot_turn(
    rig: Rig, bones: Mapping[str, Sequence[str]], side: str, frame: np.ndarray
) -> np.ndarray:
    along = _foot_way(rig, bones, side, frame)
    level = np.array([along[0], 0.0, along[2]])
    # A bone that points down, as imported ones do, says nothing of the foot's way.
    if np.linalg.norm(level) < 0.3 * np.linalg.norm(along) or level[2] <= 0:
        return rot.IDENTITY
    level = rot.normalize(level)
    if abs(level[0]) < _STRAIGHT:
        return rot.IDENTITY
    return rot.from_yaw(-np.arctan2(level[0], level[2]))


def _foot_way(
    rig: Rig, bones: Mapping[str, Sequence[str]], side: str, frame: np.ndarray
) -> np.ndarray:
    """From an ankle to its toes at rest (3,), core's axes."""
    ankle = rig.index[bones[f"{side}_ankle"][-1]]
    toes = bones.get(f"{side}_foot")
    end = rig.heads[rig.index[toes[-1]]] if toes else rig.tails[ankle]
    return np.asarray(rot.rotate(rot.conjugate(frame), end - rig.heads[ankle]))


def _laid_flat(
    rig: Rig, bones: Mapping[str, Sequence[str]], side: str, other: str, frame: np.ndarray
) -> np.ndarray:
    """The turn (4,) of a foot in the air that lays it as the other one, which stands, is laid."""
    theirs = _foot_way(rig, bones, other, frame)
    flat = rot.rotate(_foot_turn(rig, bones, other, frame), theirs) * np.array([-1.0, 1.0, 1.0])
    own = _foot_way(rig, bones, side, frame)
    if min(np.linalg.norm(own), np.linalg.norm(flat)) < 1e-9:
        return rot.IDENTITY
    return rot.between(rot.normalize(own), rot.normalize(flat))
