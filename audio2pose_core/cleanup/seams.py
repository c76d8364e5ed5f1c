"""Seams: let a second motion carry on from a first without a pop.

Inertialisation (David Bollo, "Inertialization: High-Performance Animation
Transitions in Gears of War", GDC 2018): at the seam the second motion is
displaced to the pose and the velocity of the first, and that displacement dies
out along a quintic with zero velocity and acceleration at its end. The first
motion is not needed past its last frame, and nothing is averaged, so that feet
and accents of the second stay crisp.
"""

from __future__ import annotations

import numpy as np

from .. import rotations as rot
from ..motion import Motion


def join(first: Motion, second: Motion, blend_s: float = 0.3) -> Motion:
    """``first`` followed by ``second``: len(first) + len(second) frames.

    ``second`` is turned about the vertical and moved over the floor so that its
    first frame comes where ``first`` would have gone next; the rest of the
    difference decays within ``blend_s`` seconds. Contacts are kept if both have
    them. A ``second`` of another frame rate is resampled.
    """
    second = second.resample(first.fps)
    second = align(first, second)
    target_root, target_quats, root_speed, turn_speed = _carry_on(first)

    count = len(second)
    time = np.arange(count) / first.fps
    place, speed = quintic_decay(time, blend_s)
    own_root_speed, own_turn_speed = _start_velocity(second)
    root = second.root + (
        place[:, None] * (target_root - second.root[0])
        + speed[:, None] * (root_speed - own_root_speed)
    )
    # Displacements of rotations live in the parent's frame, as rotation vectors.
    offset = rot.to_axis_angle(rot.multiply(target_quats, rot.conjugate(second.rotations[0])))
    decaying = place[:, None, None] * offset + speed[:, None, None] * (turn_speed - own_turn_speed)
    active = min(count, int(np.ceil(blend_s * first.fps)) + 1)
    quats = second.rotations.copy()
    quats[:active] = rot.multiply(rot.from_axis_angle(decaying[:active]), quats[:active])

    contacts = None
    if first.contacts is not None and second.contacts is not None:
        contacts = np.concatenate([first.contacts, second.contacts])
    return Motion(
        first.fps,
        np.concatenate([first.root, root]),
        rot.continuous(np.concatenate([first.rotations, quats])),
        contacts,
    )


def align(first: Motion, second: Motion) -> Motion:
    """``second`` turned and moved over the floor to carry on from ``first``; heights are kept."""
    target_root, target_quats, _, _ = _carry_on(first)
    angle = heading_between(second.rotations[0, 0], target_quats[0])
    turned = second.turned(angle)
    shift = target_root - turned.root[0]
    shift[1] = 0.0
    return second.turned(angle, shift)


def heading_between(a: np.ndarray, b: np.ndarray) -> float:
    """Turn about the vertical, radians, that brings rotation a (4,) nearest to b (4,).

    The twist part of b a^-1: unlike a difference of headings it is defined for
    a body that lies or stands on its hands too.
    """
    q = rot.multiply(b, rot.conjugate(a))
    return float(2.0 * np.arctan2(q[2], q[0]))


def quintic_decay(time: np.ndarray, length: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Decay of a displacement of 1, and of a velocity of 1, over ``length`` seconds, or (T,) s.

    Quintics with zero acceleration at the start and zero value, velocity and
    acceleration at ``length``; zero from there on. (T,) each; the second in seconds.
    """
    s = np.clip(time / np.maximum(length, 1e-9), 0.0, 1.0)
    s = np.where(np.asarray(length) > 0, s, 1.0)
    place = 1 - 10 * s**3 + 15 * s**4 - 6 * s**5
    speed = length * (s - 6 * s**3 + 8 * s**4 - 3 * s**5)
    return place, speed


def _start_velocity(motion: Motion) -> tuple[np.ndarray, np.ndarray]:
    """Velocity of the root (3,) m/s and of the joints (24, 3) rad/s at the first frame."""
    if len(motion) < 2:
        return np.zeros(3), np.zeros((motion.rotations.shape[1], 3))
    turn = rot.multiply(motion.rotations[1], rot.conjugate(motion.rotations[0]))
    return (motion.root[1] - motion.root[0]) * motion.fps, rot.to_axis_angle(turn) * motion.fps


def _carry_on(motion: Motion) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Root, rotations and their velocities one frame after the end of a motion."""
    if len(motion) < 2:
        zero = np.zeros((motion.rotations.shape[1], 3))
        return motion.root[-1].copy(), motion.rotations[-1], np.zeros(3), zero
    step = motion.root[-1] - motion.root[-2]
    turn = rot.to_axis_angle(
        rot.multiply(motion.rotations[-1], rot.conjugate(motion.rotations[-2]))
    )
    quats = rot.multiply(rot.from_axis_angle(turn), motion.rotations[-1])
    return motion.root[-1] + step, quats, step * motion.fps, turn * motion.fps
