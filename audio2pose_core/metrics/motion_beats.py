"""Motion beats: the instants at which a body comes to rest between two moves.

Definition (AIST++, Li et al., ICCV 2021): local minima of the mean joint speed
after smoothing; the smoothing width is kept in seconds here, so that 30 and
60 fps agree.
"""

from __future__ import annotations

import numpy as np

from ..motion import Motion
from ..signals import gaussian_smooth

SMOOTHING_S = 5 / 60
"""Standard deviation of the Gaussian over the speed curve, seconds (5 frames at 60 fps)."""


def joint_speeds(motion: Motion) -> np.ndarray:
    """Speed of every joint, (T, 24) m/s; frame t is the step around t."""
    positions = motion.joint_positions()
    if len(positions) < 2:
        return np.zeros(positions.shape[:2])
    return np.linalg.norm(np.gradient(positions, axis=0), axis=-1) * motion.fps


def mean_joint_speed(motion: Motion) -> np.ndarray:
    """Mean speed over the 24 joints, (T,) m/s."""
    return joint_speeds(motion).mean(axis=1)


def motion_beats(motion: Motion) -> tuple[np.ndarray, np.ndarray]:
    """Times (n,) in seconds and prominences (n,) in 0..1 of the motion beats.

    Prominence is the depth of the minimum below the lower of its two
    neighbouring maxima, over that maximum: 1 is a full stop, near 0 is a ripple.
    """
    speed = gaussian_smooth(mean_joint_speed(motion), SMOOTHING_S * motion.fps)
    return minima(speed, motion.fps)


def minima(speed: np.ndarray, fps: float) -> tuple[np.ndarray, np.ndarray]:
    """Times (n,) and prominences (n,) of the local minima of a smooth speed curve (T,)."""
    inner = np.arange(1, len(speed) - 1)
    low = inner[(speed[inner] < speed[inner - 1]) & (speed[inner] <= speed[inner + 1])]
    edges = np.concatenate([[0], low, [len(speed) - 1]]).astype(int)
    prominence = np.empty(len(low))
    for i, at in enumerate(low):
        left = speed[edges[i] : at + 1].max()
        right = speed[at : edges[i + 2] + 1].max()
        peak = min(left, right)
        prominence[i] = (peak - speed[at]) / max(peak, 1e-9)
    return low / fps, prominence
