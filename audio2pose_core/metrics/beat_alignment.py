"""Beat alignment score (BAS), for comparison with papers only.

AIST++ (Li et al., ICCV 2021) writes its width as 3 frames at 60 fps; it is
50 ms here, whatever the frame rate: the same 3 frames at 30 fps would nearly
double the score of a dance made by chance. Even so BAS hardly tells the right
song from a wrong one (METRICS: .238 against .199 on real dance), since it asks
for motion beats ON the music beat, and real dancers keep other phases as well.
"""

from __future__ import annotations

import numpy as np

from ..motion import Motion
from .motion_beats import motion_beats

SIGMA_S = 0.05


def nearest_distance(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Distance (n,) from each of points (n,) to the nearest of sorted others (m,), m >= 1."""
    right = np.searchsorted(others, points)
    low = others[np.clip(right - 1, 0, len(others) - 1)]
    high = others[np.clip(right, 0, len(others) - 1)]
    return np.minimum(np.abs(points - low), np.abs(points - high))


def alignment(from_times: np.ndarray, to_times: np.ndarray, sigma: float = SIGMA_S) -> float:
    """Mean of exp(-d^2 / 2 sigma^2) over from_times, d the distance to the nearest to_time.

    0 if there is nothing to align to, NaN if there is nothing to align.
    """
    if len(from_times) == 0:
        return float("nan")
    if len(to_times) == 0:
        return 0.0
    d = nearest_distance(np.asarray(from_times), np.asarray(to_times))
    return float(np.exp(-0.5 * (d / sigma) ** 2).mean())


def beat_alignment(motion: Motion, beat_times: np.ndarray) -> float:
    """BAS as in AIST++ and Bailando: every music beat seeks a motion beat."""
    beat_times = np.asarray(beat_times, dtype=np.float64)
    heard = beat_times[(beat_times >= 0) & (beat_times <= motion.seconds)]
    return alignment(heard, motion_beats(motion)[0])


def motion_beat_alignment(motion: Motion, beat_times: np.ndarray) -> float:
    """The reverse direction (FACT): every motion beat seeks a music beat."""
    return alignment(motion_beats(motion)[0], np.asarray(beat_times, dtype=np.float64))
