"""Feet from points: towards the toes where they are known, else flat, tiptoe or hanging.

An ankle at its standing height carries a flat foot. Higher, while the ball can
still reach the floor, the heel is raised; above that the foot hangs loosely
from the shin.
"""

from __future__ import annotations

import numpy as np

from ... import rotations as rot
from ...cleanup.contacts import smoothed_speed
from ...signals import gaussian_smooth
from ...skeleton import INDEX, OFFSETS, REST_TOE_HEIGHT
from .limbs import frame, smooth_rotations

HANGING = float(np.deg2rad(-5.0))
"""How far the toes of a lifted foot hang below the right angle to the shin: dancers draw them up.
Where toes were captured the mean is -22 (CMU), 1 (ballroom markers) and about -7 degrees (Google's
fits of AIST++); see docs/AISTPP.md."""
TIPTOE = float(np.deg2rad(55.0))
BLEND_M = 0.05
STANDING_SPEED = 0.8
"""Metres a second above which a low foot swings rather than stands."""
SMOOTH_S = 0.05
_X, _Z = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
_UP = np.array([0.0, 1.0, 0.0])


def foot_rotations(
    leg: np.ndarray,
    axis: np.ndarray,
    ball: np.ndarray | None,
    floor: float,
    offsets: np.ndarray,
    fps: float,
) -> np.ndarray:
    """World rotations (T, 4) of an ankle.

    Parameters
    ----------
    leg : (T, 3, 3)
        Hip, knee and ankle in metres.
    axis : (T, 3)
        The knee's hinge, to the figure's left when it stands.
    ball : (T, 3) or None
        The ball of the foot where it is known.
    floor : float
        Height of the floor, metres.
    offsets : (24, 3)
        The dancer's bones, metres.
    """
    own = offsets[INDEX["left_foot"]]
    if ball is not None:
        return frame(rot.normalize(own), _X, ball - leg[:, 2], axis)
    forward = _pointing(leg, axis)
    size = float(np.linalg.norm(own) / np.linalg.norm(OFFSETS[INDEX["left_foot"]]))
    ankle = leg[:, 2, 1] - floor
    # Ball at its height: reach * sin(pitch + rest) = ankle - ball; pitch lowers the toes.
    rest = float(np.arctan2(-own[1], own[2]))
    rise = (ankle - REST_TOE_HEIGHT * size) / float(np.linalg.norm(own))
    standing = np.clip(np.arcsin(np.clip(rise, -1.0, 1.0)) - rest, 0.0, TIPTOE)
    # A hanging foot is near a right angle to the shin, its toes a little down.
    shin = rot.normalize(leg[:, 2] - leg[:, 1])
    ahead = rot.normalize(np.cross(shin, axis))
    hanging = np.cos(HANGING) * ahead + np.sin(HANGING) * shin
    planted = forward * np.cos(standing)[:, None] - _UP * np.sin(standing)[:, None]
    reach = size * (0.07 + 0.08)
    low = np.clip((reach + BLEND_M - ankle) / BLEND_M, 0.0, 1.0)
    speed = smoothed_speed(leg[:, 2:], fps)[:, 0]
    slow = 1.0 / (1.0 + (speed / STANDING_SPEED) ** 4)
    # Low and quick still lies near the floor: the sole must not dip into it.
    # On its side, or with the shin along the floor, a foot does not stand.
    upright = np.clip((-shin[:, 1] - 0.3) / 0.4, 0.0, 1.0)
    weight = gaussian_smooth(low * upright * np.maximum(slow, 0.5), SMOOTH_S * fps)[:, None]
    along = rot.normalize(weight * planted + (1 - weight) * hanging)
    left = np.cross(_UP, forward)
    left = weight * left + (1 - weight) * axis
    return smooth_rotations(frame(_Z, _X, along, left), SMOOTH_S * fps)


def _pointing(leg: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """Horizontal direction (T, 3) in which the toes of a standing foot point."""
    ahead = np.cross(axis, _UP)
    # A leg that lies on the floor has its axis upright: the shin's own front decides.
    front = np.cross(leg[:, 2] - leg[:, 1], axis)
    ahead = ahead + 0.05 * rot.normalize(front)
    return rot.normalize(ahead * np.array([1.0, 0.0, 1.0]) + 1e-6 * _Z)
