"""Poses that are held: how the time of a dance slows down into them and catches up.

A hold is no pause in the motion that is played: the body eases into the pose, stands, and
makes up for it over the seconds after, so that the dance is on its beat again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..choreography.plan import Held
from ..cleanup.timing import sample_smooth
from ..motion import Motion

EASE_S = 0.2
"""How long the body takes to come to rest, and to leave it."""
CATCH_UP = 0.25
"""The dance runs so much faster at most until it has caught up with the beat."""
STEEP = 2.0
"""Power of the ease of an opening and an ending: 2 spends most of it almost still."""


def hold_poses(
    motion: Motion, holds: Sequence[Held] = (), opening_s: float = 0.0, ending_s: float = 0.0
) -> Motion:
    """The motion with its poses held; same length."""
    times = held_times(len(motion), motion.fps, holds, opening_s, ending_s)
    return sample_smooth(motion, times)


def held_times(
    frames: int, fps: float, holds: Sequence[Held], opening_s: float, ending_s: float
) -> np.ndarray:
    """Source times (T,) in seconds: rising, and equal to the clock away from every hold."""
    clock = np.arange(frames) / fps
    speed = np.ones(frames)
    for held in holds:
        _brake(speed, clock, held)
    times = np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) / 2)]) / fps
    end = clock[-1] if frames else 0.0
    # Longer than the dance half and half.
    opening, ending = min(opening_s, end / 2), min(ending_s, end / 2)
    if opening > 0:
        early = clock < opening
        left = (opening / (STEEP + 1)) * (1 - (clock[early] / opening) ** (STEEP + 1))
        times[early] = np.interp(opening, clock, times) - left
    if ending > 0:
        late = clock > end - ending
        into = (end - clock[late]) / ending
        start = np.interp(end - ending, clock, times)
        times[late] = start + (ending / (STEEP + 1)) * (1 - into ** (STEEP + 1))
    return np.clip(times, 0.0, end)


def _brake(speed: np.ndarray, clock: np.ndarray, held: Held) -> None:
    """Take the speed (T,) down for a hold, and up after it until nothing is left to catch up."""
    low = np.clip((clock - held.time) / EASE_S + 1.0, 0.0, 1.0)
    high = np.clip((clock - held.time - held.seconds) / EASE_S, 0.0, 1.0)
    still = _smooth(low) * (1.0 - _smooth(high))
    lost = still.sum()
    after = clock > held.time + held.seconds + EASE_S
    room = after.sum()
    if lost == 0 or room == 0:
        return
    length = min(room, int(np.ceil(2 * lost / CATCH_UP)))
    bump = np.zeros(len(clock))
    bump[np.flatnonzero(after)[:length]] = np.hanning(length + 2)[1:-1]
    speed *= 1.0 - still
    # Where the dance ends before it has caught up it runs as fast as it may, no faster.
    speed += bump * min(lost / max(bump.sum(), 1e-9), CATCH_UP)


def _smooth(x: np.ndarray) -> np.ndarray:
    return x * x * (3.0 - 2.0 * x)
