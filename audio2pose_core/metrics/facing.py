"""Facing: does the dancer show its front to who watches?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..motion import Motion
from ..signals import gaussian_smooth, runs

HEADING_SMOOTHING_S = 0.1
UPRIGHT = 0.3
"""Share of the pelvis' turn that is about +Y, below which its heading means nothing."""
TURN_S, WHOLE = 4.0, 0.92 * 2.0 * np.pi
"""How long a turn may last, and how far round is once around, radians: the heading is smoothed."""
FRONT = float(np.deg2rad(60.0))
"""A heading nearer to the front than this faces it, radians."""
AWAY = float(np.deg2rad(120.0))
"""A heading farther off the front than this shows the back, radians."""


def heading(motion: Motion) -> np.ndarray:
    """Smooth heading of the body, (T,) radians, unwrapped.

    The twist of the pelvis about +Y has the direction (w² - y², 2wy), whose
    length w² + y² falls to zero as the body turns upside down. Frames where it
    is short are bridged from their neighbours, which carries the heading
    through a handstand; the angle, not the vector, is smoothed, so that a fast
    spin keeps its turns.
    """
    w, y = motion.rotations[:, 0, 0], motion.rotations[:, 0, 2]
    angle = np.arctan2(2 * w * y, w * w - y * y)
    reliable = np.flatnonzero(w * w + y * y > UPRIGHT)
    if len(reliable) == 0:
        return np.zeros(len(motion))
    bridged = np.interp(np.arange(len(motion)), reliable, np.unwrap(angle[reliable]))
    return gaussian_smooth(bridged, HEADING_SMOOTHING_S * motion.fps)


def mean_heading(motion: Motion) -> float:
    """The direction that a dance faces on the whole, radians: the mean of its headings' vectors.

    The front of a capture, whose room nobody knows.
    """
    angle = heading(motion)
    return float(np.arctan2(np.sin(angle).mean(), np.cos(angle).mean()))


@dataclass(frozen=True)
class Facing:
    """How a dance faces its audience."""

    share: float
    """Share of the time within 60 degrees of the front."""
    longest_away_s: float
    """Longest stretch more than 120 degrees off the front, seconds; 0 if there is none."""


def facing(motion: Motion, front: float | np.ndarray = 0.0) -> Facing:
    """How a dance faces ``front``: radians about +Y from +Z, one or one a frame (T,)."""
    off = heading(motion) - front
    off = np.abs(np.arctan2(np.sin(off), np.cos(off)))
    starts, stops = runs(off > AWAY)
    longest = float((stops - starts).max()) if len(starts) else 0.0
    return Facing(float((off < FRONT).mean()), longest / motion.fps)


def whole_turns(motion: Motion) -> int:
    """How often the body turns once around within ``TURN_S``, one after the other."""
    angle = heading(motion)
    within = round(TURN_S * motion.fps)
    count, start = 0, 0
    while start < len(angle):
        done = np.flatnonzero(np.abs(angle[start : start + within] - angle[start]) >= WHOLE)
        if len(done):
            count += 1
            start += int(done[0])
        else:
            start += 1
    return count
