"""Knees and elbows that bend as hinges do: knees over the toes, elbows where the upper arm opens.

A network turns each joint by itself, so that a thigh may be rolled away from where its knee bends,
and a knee point past its foot. Hips, ankles, shoulders and wrists stay where they are, hands and
feet as they are turned:

1. Where a knee points further past the toes than dancers' do, the leg turns about the line
   from hip to ankle until it does not.
2. Where a thigh, a shin or an upper arm is rolled further off the plane in which the limb bends
   than captures are, it is rolled back about its own length: nothing else moves.

A limb that is nearly straight has no such plane: its knee points where the front of its thigh
does, and its bones are not rolled back.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import rotations as rot
from ..motion import Motion
from ..signals import gaussian_smooth
from ..skeleton import INDEX, PARENTS
from .constraints import MotionConstraint
from .legs import LEGS, leg_pose, write_leg

PAST_TOES, EASE = float(np.deg2rad(40.0)), float(np.deg2rad(15.0))
"""Radians between where a knee and its toes point: up to the first free, then easing out over the
second. Nine tenths of what is captured lies below."""
ROLLED = float(np.deg2rad(25.0))
"""The same for a bone's roll against the plane of its limb: four fifths of what is captured."""
FRONT_M = 0.06
"""How far a knee must stand off the line from hip to ankle (m) to tell as much of where it points
as the front of its thigh does."""
BENT = (0.3, 0.6)
"""Sine of the bend at a knee or an elbow that tells a plane: not at all below the first, wholly
from the second."""
LEVEL = (0.4, 0.7)
"""Share of a foot's length that must lie across the leg to tell where its toes point."""
SMOOTHING_S = 0.07
_X, _Y, _Z = np.eye(3)


def true_hinges(motion: Motion, constraint: MotionConstraint | None = None) -> Motion:
    """The motion with its knees and elbows bending as hinges; what is constrained stays."""
    rotations = motion.rotations.copy()
    for leg in LEGS:
        pose = leg_pose(motion.root, rotations, leg)
        along = rot.normalize(pose.ankle - pose.hip)
        # A thigh hangs along -Y, and its shin folds towards -Z; so does the thigh, seen from there.
        thigh = _rolled(pose.thigh, pose.ankle - pose.knee, _Y, -_Z, motion.fps)
        front = FRONT_M * rot.rotate(thigh, _Z)
        knee = _across(pose.knee - pose.hip + front, along)
        toes = _across(rot.rotate(pose.foot, _Z), along)
        off = _signed_angle(toes, knee, along)
        sure = _ramp(np.linalg.norm(toes, axis=1), LEVEL)
        turn = _smooth(_eased(off) - off, sure, motion.fps)
        swing = rot.from_axis_angle(along * turn[:, None])
        thigh, shin = rot.multiply(swing, thigh), rot.multiply(swing, pose.shin)
        towards_hip = rot.rotate(swing, pose.hip - pose.knee)
        shin = _rolled(shin, towards_hip, _Y, -_Z, motion.fps)
        write_leg(rotations, leg, thigh, shin, pose.foot, pose.toes)
    world = Motion(motion.fps, motion.root, rotations).global_rotations()
    places = motion.joint_positions()
    for side in ("left", "right"):
        shoulder, elbow, wrist = (INDEX[f"{side}_{n}"] for n in ("shoulder", "elbow", "wrist"))
        forearm = places[:, wrist] - places[:, elbow]
        # An arm lies along X, and its forearm folds towards +Z.
        upper = _rolled(world[:, shoulder], forearm, _X, _Z, motion.fps)
        rotations[:, shoulder] = rot.multiply(rot.conjugate(world[:, PARENTS[shoulder]]), upper)
        rotations[:, elbow] = rot.multiply(rot.conjugate(upper), world[:, elbow])
    made = replace(motion, rotations=rot.continuous(rot.normalize(rotations)))
    return made if constraint is None else constraint.apply(made)


def _rolled(
    bone: np.ndarray, towards: np.ndarray, length: np.ndarray, fold: np.ndarray, fps: float
) -> np.ndarray:
    """A bone's turns (T, 4), rolled about its own ``length`` so that ``towards`` lies as it should.

    ``towards`` (T, 3) is where the limb goes on; in the bone's axes it should lie on the side of
    ``fold`` of the bone.
    """
    own = rot.normalize(rot.rotate(rot.conjugate(bone), towards))
    beside = np.cross(length, fold)
    off = np.arctan2(own @ beside, own @ fold)
    sure = _ramp(np.hypot(own @ beside, own @ fold), BENT)
    # What is allowed falls to nothing again at the far side, so that left and right meet there.
    kept = np.sign(off) * np.minimum(np.abs(off), ROLLED * (np.pi - np.abs(off)) / (np.pi - ROLLED))
    roll = _smooth(off - kept, sure, fps)
    return rot.multiply(bone, rot.from_axis_angle(length * roll[:, None]))


def _smooth(angle: np.ndarray, share: np.ndarray, fps: float) -> np.ndarray:
    """Angles (T,) by ``share`` (T,), smooth over time; across half a turn they go on."""
    turn = gaussian_smooth(share, SMOOTHING_S * fps)
    arrow = np.exp(1j * angle) * share
    mean = gaussian_smooth(arrow.real, SMOOTHING_S * fps) + 1j * gaussian_smooth(
        arrow.imag, SMOOTHING_S * fps
    )
    return np.asarray(turn * np.angle(mean))


def _eased(off: np.ndarray) -> np.ndarray:
    """What of an angle (T,) between knee and toes stays."""
    over = np.maximum(np.abs(off) - PAST_TOES, 0.0)
    return np.asarray(
        np.clip(off, -PAST_TOES, PAST_TOES) + np.sign(off) * EASE * np.tanh(over / EASE)
    )


def _ramp(values: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    low, high = limits
    return np.asarray(np.clip((values - low) / (high - low), 0.0, 1.0))


def _across(v: np.ndarray, axis: np.ndarray) -> np.ndarray:
    return np.asarray(v - np.sum(v * axis, axis=-1, keepdims=True) * axis)


def _signed_angle(start: np.ndarray, end: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """From one vector (T, 3) to another about a unit axis across both, (T,) radians."""
    sine = np.sum(np.cross(start, end) * axis, axis=-1)
    return np.asarray(np.arctan2(sine, np.sum(start * end, axis=-1)))
