"""Fingers for formats whose figures have some: where they rest on our hands, and how they bend.

Our skeleton ends at the palm. These are a human hand's proportions, flat, palm down, the thumb
ahead and aside, as VRM and MMD ask for a rest pose.
"""

from __future__ import annotations

import numpy as np

from .. import rotations as rot
from ..cleanup.cycle import repeat
from ..motion import Motion
from ..retarget import BoneMap, Joint, Plan, Rig, bends, dancer_of, hand_shapes, make_plan
from ..skeleton import JOINTS, PARENTS, rest_positions

FINGERS = ("thumb", "index", "middle", "ring", "little")
SIDES = ("left", "right")
# From the wrist to the first joint, the way from there, and the three bones' lengths, in metres.
_LEFT: dict[str, tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]] = {
    "thumb": ((0.025, -0.008, 0.022), (0.75, -0.15, 0.65), (0.040, 0.032, 0.026)),
    "index": ((0.086, 0.0, 0.024), (1.0, 0.0, 0.0), (0.041, 0.026, 0.021)),
    "middle": ((0.088, 0.0, 0.0), (1.0, 0.0, 0.0), (0.045, 0.029, 0.022)),
    "ring": ((0.084, 0.0, -0.020), (1.0, 0.0, 0.0), (0.042, 0.027, 0.021)),
    "little": ((0.076, 0.0, -0.038), (1.0, 0.0, 0.0), (0.033, 0.020, 0.018)),
}


def finger_places(side: str) -> np.ndarray:
    """Places (5, 4, 3) of the fingers' three joints and tips in the T-pose, from the wrist,
    in metres; in the order of ``FINGERS``."""
    out = np.zeros((len(FINGERS), 4, 3))
    for k, finger in enumerate(FINGERS):
        start, way, lengths = _LEFT[finger]
        along = rot.normalize(np.array(way))
        out[k] = np.array(start) + np.concatenate([[0.0], np.cumsum(lengths)])[:, None] * along
    return out * np.array([1.0 if side == "left" else -1.0, 1.0, 1.0])


def skeleton_with_fingers() -> Plan:
    """Our own skeleton with fingers, bones "left_index1" to "right_little3", as a rig.

    They follow our 24 joints.
    """
    names, parents, heads = list(JOINTS), list(PARENTS), list(rest_positions())
    tails = [head + np.array([0.0, 0.05, 0.0]) for head in heads]
    for side in SIDES:
        wrist = names.index(f"{side}_wrist")
        for finger, places in zip(FINGERS, finger_places(side), strict=True):
            for k in range(3):
                parents.append(len(names) - 1 if k else wrist)
                names.append(f"{side}_{finger}{k + 1}")
                heads.append(heads[wrist] + places[k])
                tails.append(heads[wrist] + places[k + 1])
    count = len(names)
    still, yes = np.tile(rot.IDENTITY, (count, 1)), np.ones(count, dtype=bool)
    rig = Rig(
        tuple(names), np.array(parents), still, np.array(heads), np.array(tails), still, yes,
        ~yes, yes,
    )  # fmt: skip
    bones: dict[str, tuple[str, ...]] = {
        name: (name,) for name in JOINTS if not name.startswith("spine")
    }
    bones["spine"] = ("spine1", "spine2", "spine3")
    bones |= {f"{side}_fingers": (f"{side}_middle1",) for side in SIDES}
    return make_plan(rig, BoneMap("audio2pose", bones))


def shape_weights(motion: Motion, loop: np.ndarray | None) -> dict[str, np.ndarray]:
    """What each hand does over a dance, (T, 4); of a cycle (``loop`` as in ``save_motion``) with
    what comes before and after it, and its first frame once more."""
    if loop is None:
        dancer = dancer_of(motion)
        return {side: hand_shapes(dancer, side) for side in SIDES}
    count = len(motion)
    dancer = dancer_of(repeat(motion, 3, loop))
    middle = [*range(count, 2 * count), count]
    return {side: hand_shapes(dancer, side)[middle] for side in SIDES}


def finger_turns(
    plan: Plan, joints: list[Joint], weights: np.ndarray, amount: float
) -> dict[int, np.ndarray]:
    """Rotations (T, 4) of finger bones of a rig in their own axes."""
    return {j.bone: bends(j, weights, amount, plan.rig.rest[j.bone]) for j in joints}
