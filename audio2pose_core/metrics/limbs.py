"""Limbs apart: how much legs and arms move on their own, straight knees, held arms.

A mean over all joints can be paid by the arms while the legs stand, so each limb is
measured in the frame of what carries it.
"""

from __future__ import annotations

import numpy as np

from .. import rotations as rot
from ..motion import Motion
from ..signals import runs
from ..skeleton import INDEX
from .footwork import speeds


def _both(*names: str) -> tuple[int, ...]:
    return tuple(INDEX[f"{side}_{name}"] for name in names for side in ("left", "right"))


LEG_JOINTS = _both("knee", "ankle", "foot")
ARM_JOINTS = _both("elbow", "wrist", "hand")
WRISTS = _both("wrist")
PELVIS, CHEST = INDEX["pelvis"], INDEX["spine3"]
STRAIGHT = float(np.deg2rad(8.0))
"""A knee that bends less is straight, radians."""
HELD_SPEED = 0.25
"""Wrists slower than this, m/s, hold their pose."""


def seen_from(motion: Motion, joints: tuple[int, ...], frame: int) -> np.ndarray:
    """Positions (T, n, 3) of joints in the frame of another joint, which turns with it."""
    position = motion.joint_positions()
    back = rot.conjugate(motion.global_rotations()[:, frame])
    return rot.rotate(back[:, None], position[:, list(joints)] - position[:, [frame]])


def leg_speeds(motion: Motion) -> np.ndarray:
    """Mean speed of knees, ankles and feet in the pelvis' frame, (T,) m/s."""
    return speeds(seen_from(motion, LEG_JOINTS, PELVIS), motion.fps).mean(axis=1)


def arm_speeds(motion: Motion) -> np.ndarray:
    """Mean speed of elbows, wrists and hands in the chest's frame, (T,) m/s."""
    return speeds(seen_from(motion, ARM_JOINTS, CHEST), motion.fps).mean(axis=1)


def wrist_correlation(motion: Motion) -> float:
    """Correlation of the speeds of the two wrists; NaN where one of them never changes."""
    left, right = speeds(motion.joint_positions()[:, list(WRISTS)], motion.fps).T
    if min(float(left.std()), float(right.std())) < 1e-9:
        return float("nan")
    return float(np.corrcoef(left, right)[0, 1])


def knee_bends(motion: Motion) -> np.ndarray:
    """Bend of the left and the right knee, (T, 2) radians; 0 is a straight leg."""
    position = motion.joint_positions()
    bends = []
    for side in ("left", "right"):
        hip, knee, ankle = (position[:, INDEX[f"{side}_{n}"]] for n in ("hip", "knee", "ankle"))
        thigh, shin = rot.normalize(knee - hip), rot.normalize(ankle - knee)
        # By the chord, which is exact for small angles where the cosine is not.
        chord = np.linalg.norm(shin - thigh, axis=-1)
        bends.append(2.0 * np.arcsin(np.clip(chord / 2.0, 0.0, 1.0)))
    return np.stack(bends, axis=1)


def straight_knees(motion: Motion) -> float:
    """Share of the time that a knee is straight, mean of both."""
    return float((knee_bends(motion) < STRAIGHT).mean())


def arms_held(motion: Motion) -> np.ndarray:
    """Where both wrists are slower than 0.25 m/s, (T,) bool."""
    speed = speeds(motion.joint_positions()[:, list(WRISTS)], motion.fps)
    return np.asarray((speed < HELD_SPEED).all(axis=1))


def held_s(motion: Motion) -> float:
    """Mean length of the stretches in which both wrists hold, seconds; 0 if there is none."""
    starts, stops = runs(arms_held(motion))
    return float((stops - starts).mean()) / motion.fps if len(starts) else 0.0
