"""Kinetic features of a motion: how much energy each joint spends, 72 numbers.

After Onuma, Faloutsos and Hodgins, "FMDistance: A Fast and Effective Distance
Function for Motion Capture Data", Eurographics 2008, as fairmotion and AIST++
use them: of every joint the mean horizontal and vertical kinetic energy (mass
1, without the half) and the mean acceleration, for the energy expenditure.
"""

from __future__ import annotations

import numpy as np

from ..motion import Motion

WINDOW_S = 0.1
"""Velocities and accelerations are means over this time, which keeps sensor noise out.

The published code takes 5 frames at 60 fps (83 ms), which is no whole number of
frames at 30 fps; 100 ms is one at both, so that both rates agree."""
STEP_S = 1 / 30
"""The velocities whose change is the acceleration are differences over this time."""
PUBLISHED_FRAME_S = 1 / 60
PUBLISHED_REACH = 2


def kinetic_features(motion: Motion, *, compat: bool = False) -> np.ndarray:
    """Features (72,): per joint horizontal energy, vertical energy (m²/s²), acceleration (m/s²).

    Neither a shift nor a turn about the vertical changes them, and the frame
    time is the motion's own. NaN for a motion shorter than 0.14 s.

    ``compat`` gives the published figures, for comparison with papers only:
    their frame time is 1/60 s whatever the clip's is, and in their acceleration
    a misplaced bracket leaves one position undivided by the frame time, so that
    they depend on where on the stage the dance happens.
    """
    positions = motion.joint_positions()
    if compat:
        return _published(positions)
    window = max(1, round(WINDOW_S * motion.fps))
    step = max(1, round(STEP_S * motion.fps))
    if len(positions) <= window + step:
        return np.full(3 * positions.shape[1], np.nan)
    velocity = (positions[window:] - positions[:-window]) * (motion.fps / window)
    change = positions[step:] - positions[:-step]
    acceleration = (change[window:] - change[:-window]) * (motion.fps**2 / (window * step))
    return _per_joint(velocity, np.linalg.norm(acceleration, axis=-1))


def _per_joint(velocity: np.ndarray, acceleration: np.ndarray) -> np.ndarray:
    """(72,) from velocities (T, 24, 3) and norms of accelerations (T', 24)."""
    horizontal = (velocity[..., [0, 2]] ** 2).sum(axis=-1).mean(axis=0)
    vertical = (velocity[..., 1] ** 2).mean(axis=0)
    return np.stack([horizontal, vertical, acceleration.mean(axis=0)], axis=1).ravel()


def _published(positions: np.ndarray) -> np.ndarray:
    """The same of positions (T, 24, 3) as fairmotion's formula has it, its slip included."""
    frames = len(positions)
    if frames < 3:
        return np.full(3 * positions.shape[1], np.nan)
    dt = PUBLISHED_FRAME_S
    velocity = np.diff(positions, axis=0) / dt
    # (p[i+1] - p[i]) / dt less (p[i] - p[i-1] / dt): only the last term is divided.
    before, at, after = positions[:-2], positions[1:-1], positions[2:]
    acceleration = ((after - at) / dt - (at - before / dt)) / dt
    # Every frame but the first looks at the steps within its reach that exist.
    centres = np.arange(1, frames)
    steps = _window_mean(velocity, centres - 1 - PUBLISHED_REACH, centres + PUBLISHED_REACH)
    turns = _window_mean(acceleration, centres - 1 - PUBLISHED_REACH, centres + PUBLISHED_REACH)
    return _per_joint(steps, np.linalg.norm(turns, axis=-1))


def _window_mean(values: np.ndarray, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Means (n, ...) of values (T, ...) over start (n,) to stop (n,) exclusive, cut at the ends."""
    start, stop = np.clip(start, 0, len(values)), np.clip(stop, 0, len(values))
    zero = np.zeros((1, *values.shape[1:]))
    total = np.concatenate([zero, np.cumsum(values, axis=0)])
    count = (stop - start).reshape(-1, *[1] * (values.ndim - 1))
    return (total[stop] - total[start]) / np.maximum(count, 1)
