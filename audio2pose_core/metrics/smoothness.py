"""How much, and how smoothly, the body moves: magnitude, freeze, jerk, seams."""

from __future__ import annotations

import numpy as np

from ..motion import Motion
from .motion_beats import joint_speeds

REAL_MEDIAN_SPEED = 0.62
"""Median over 1 s windows of the mean joint speed of data/motion_open, m/s."""
FREEZE_SHARE = 0.1
FREEZE_WINDOW_S = 1.0
JERK_FPS = 30.0
SEAM_REACH_S = 0.1
STANDS, DANCES = 0.10, 0.25
"""Mean joint speeds, m/s: a clip slower than the first stands, one from the second on dances."""
LEAST_WEIGHT = 0.05


def motion_magnitude(motion: Motion) -> float:
    """Mean joint speed over joints and time, m/s."""
    return float(joint_speeds(motion).mean())


def dance_weight(speed: float) -> float:
    """How much a clip of a mean joint speed (m/s) counts as dance, 0.05 to 1.

    Some captures of street jazz and lock mark their moves or stand: taken for dance, they
    teach to stand, and lower what "real" means. Linear between 0.10 and 0.25 m/s, where the
    calmest dances of other sources lie.
    """
    return float(np.clip((speed - STANDS) / (DANCES - STANDS), LEAST_WEIGHT, 1.0))


def freeze_rate(motion: Motion, real_median: float = REAL_MEDIAN_SPEED) -> float:
    """Share of 1 s windows (half overlapping) whose mean joint speed is under 10 % of real."""
    speed = joint_speeds(motion).mean(axis=1)
    width = min(len(speed), max(1, round(FREEZE_WINDOW_S * motion.fps)))
    total = np.concatenate([[0.0], np.cumsum(speed)])
    starts = np.arange(0, len(speed) - width + 1, max(1, width // 2))
    means = (total[starts + width] - total[starts]) / width
    return float((means < FREEZE_SHARE * real_median).mean())


def jerk(motion: Motion) -> float:
    """Mean norm of the third derivative of the joint positions, m/s^3.

    The third difference grows with the cube of the frame rate where there is
    noise, so faster motions are first brought to 30 fps. NaN under 4 frames.
    """
    if motion.fps > JERK_FPS:
        motion = motion.resample(JERK_FPS)
    if len(motion) < 4:
        return float("nan")
    third = np.diff(motion.joint_positions(), n=3, axis=0) * motion.fps**3
    return float(np.linalg.norm(third, axis=-1).mean())


def velocity_steps(motion: Motion) -> np.ndarray:
    """Largest change of any joint's velocity around each frame, (T,) m/s; 0 at the ends."""
    out = np.zeros(len(motion))
    if len(motion) > 2:
        change = np.diff(motion.joint_positions(), n=2, axis=0) * motion.fps
        out[1:-1] = np.linalg.norm(change, axis=-1).max(axis=1)
    return out


def seam_jumps(motion: Motion, seam_times: np.ndarray) -> tuple[float, float]:
    """Largest velocity step near a seam (m/s), and over the 99th percentile elsewhere.

    A ratio about 1 or below: nobody can find the seams. NaN without seams, or
    where nothing lies away from them.
    """
    steps = velocity_steps(motion)
    times = np.arange(len(steps)) / motion.fps
    near = np.zeros(len(steps), dtype=bool)
    for seam in np.asarray(seam_times, dtype=np.float64):
        near |= np.abs(times - seam) <= SEAM_REACH_S
    if not near.any() or near.all():
        return float("nan"), float("nan")
    largest = float(steps[near].max())
    usual = float(np.percentile(steps[~near], 99))
    return largest, largest / max(usual, 1e-9)
