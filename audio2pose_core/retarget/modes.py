"""Rotations as the numbers that a bone's rotation mode keys, and back.

Blender's Euler order "XYZ" turns about X first and Z last, so that its matrix is
Z Y X: core's order, read backwards.
"""

from __future__ import annotations

import numpy as np

from .. import rotations as rot

QUATERNION, AXIS_ANGLE = "QUATERNION", "AXIS_ANGLE"
_JUMP = np.pi / 2
"""A step of an angle that no dance makes from one frame to the next, radians."""


def to_values(quats: np.ndarray, mode: str) -> np.ndarray:
    """Channel values of rotations (T, 4) without jumps: (T, 4), or (T, 3) for an Euler order.

    ``mode`` is "QUATERNION" (w, x, y, z), "AXIS_ANGLE" (angle, x, y, z) or an
    Euler order such as "XYZ"; angles are radians.
    """
    if mode == QUATERNION:
        return rot.continuous(quats)
    if mode == AXIS_ANGLE:
        return _axis_angle(quats)
    turns = rot.to_euler(quats, mode[::-1])
    smooth = np.unwrap(turns, axis=0)
    if len(quats) > 1 and np.abs(np.diff(smooth, axis=0)).max() > _JUMP:
        smooth = _nearest(turns)
    out = np.empty_like(smooth)
    for i, axis in enumerate(mode[::-1]):
        out[:, "XYZ".index(axis)] = smooth[:, i]
    return out


def from_values(values: np.ndarray, mode: str) -> np.ndarray:
    """Unit quaternions (T, 4) of channel values."""
    if mode == QUATERNION:
        return rot.normalize(values)
    if mode == AXIS_ANGLE:
        half = values[:, :1] / 2
        return np.concatenate([np.cos(half), np.sin(half) * rot.normalize(values[:, 1:])], axis=1)
    order = ["XYZ".index(axis) for axis in mode[::-1]]
    return rot.from_euler(values[:, order], mode[::-1])


def width(mode: str) -> int:
    """How many channels the mode has."""
    return 4 if mode in (QUATERNION, AXIS_ANGLE) else 3


def channel(mode: str) -> str:
    """The property of a pose bone that the mode keys."""
    names = {QUATERNION: "rotation_quaternion", AXIS_ANGLE: "rotation_axis_angle"}
    return names.get(mode, "rotation_euler")


def _axis_angle(quats: np.ndarray) -> np.ndarray:
    quats = rot.continuous(quats)
    sine = np.linalg.norm(quats[:, 1:], axis=1)
    # Near no turn at all any axis will do: that of the nearest frame which has one.
    known = sine > 1e-6
    if not known.any():
        return np.tile([0.0, 0.0, 1.0, 0.0], (len(quats), 1))
    seen = np.flatnonzero(known)
    nearest = seen[np.clip(np.searchsorted(seen, np.arange(len(quats))), 0, len(seen) - 1)]
    axis = rot.normalize(quats[nearest, 1:])
    flips = np.where(np.sum(axis[1:] * axis[:-1], axis=1) < 0, -1.0, 1.0)
    sign = np.concatenate([[1.0], np.cumprod(flips)])
    axis = axis * sign[:, None]
    angle = 2 * np.arctan2(np.sum(axis * quats[:, 1:], axis=1), quats[:, 0])
    return np.concatenate([np.unwrap(angle)[:, None], axis], axis=1)


def _nearest(turns: np.ndarray) -> np.ndarray:
    """Of the two triples (T, 3) that mean the same rotation the nearer to the frame before.

    The first and last angle half a turn on and the middle one mirrored is the
    same rotation; which of the two is nearer depends on the frame before.
    """
    other = np.stack([turns[:, 0] + np.pi, np.pi - turns[:, 1], turns[:, 2] + np.pi], axis=1)
    both = np.stack([turns, other], axis=1)
    out = turns.copy()
    full = 2 * np.pi
    for t in range(1, len(turns)):
        near = both[t] + full * np.round((out[t - 1] - both[t]) / full)
        out[t] = near[np.abs(near - out[t - 1]).sum(axis=1).argmin()]
    return out
