"""Which bars of a song a loop is danced to, and the beats that it then has for ever."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..audio.beats import Beats
from ..audio.features import AudioFeatures
from ..choreography.planner import bar_lines
from ..errors import OptionError
from .structure import likeness

MOST_BARS = 64
STEADY_S = 0.03
"""Beats nearer than this to an even grid, in the mean square, are danced as that grid."""
SHORTEST_S = 0.75
"""A cycle shorter than this holds no move."""


@dataclass(frozen=True)
class LoopBars:
    """The bars of a loop.

    Attributes
    ----------
    first : int
        The first of them, counted from 1.
    bars : int
        How many.
    start, period : float
        Seconds: where they begin in the song, and how long they last.
    beats : (n,) float64
        Seconds from ``start``, the first about 0, all below ``period``.
    downbeats : (n,) bool
    steady : bool
        Whether the song keeps its tempo, so that the loop stays with it for ever.
    """

    first: int
    bars: int
    start: float
    period: float
    beats: np.ndarray
    downbeats: np.ndarray
    steady: bool

    @property
    def last(self) -> int:
        """The last bar, counted from 1."""
        return self.first + self.bars - 1


def choose_bars(
    beats: Beats,
    features: AudioFeatures,
    seconds: float,
    bars: int,
    first: int | None = None,
) -> LoopBars:
    """The bars of a loop: those from ``first`` on, or those that the song itself repeats best.

    Of all stretches of so many bars that one is taken which sounds most like the stretch after
    or before it; in a song that is too short to tell, the loudest. OptionError for bars that
    the song does not have.
    """
    if not 1 <= bars <= MOST_BARS:
        raise OptionError(f"a loop of {bars} bars; choose from 1 to {MOST_BARS}")
    lines = bar_lines(beats, seconds)
    count = len(lines) - 1
    if bars > count:
        raise OptionError(f"a loop of {bars} bars, and the song has {count}; choose fewer")
    if first is None:
        first = _most_repeated(lines, features, bars, beats)
    elif not 1 <= first <= count - bars + 1:
        raise OptionError(
            f"a loop from bar {first} to bar {first + bars - 1}, and the song has {count} bars"
        )
    start, stop = float(lines[first - 1]), float(lines[first - 1 + bars])
    chosen = _beats_of(beats, start, stop, first, bars)
    if chosen.period < SHORTEST_S:
        raise OptionError(
            f"a loop of {chosen.period:.2f} s holds no move; choose more bars than {bars}"
        )
    return chosen


def _most_repeated(lines: np.ndarray, features: AudioFeatures, bars: int, beats: Beats) -> int:
    """The first bar, counted from 1, of the stretch that the song repeats best."""
    count = len(lines) - 1
    like = likeness(lines, features)
    edges = np.clip(np.round(lines * features.fps).astype(int), 0, len(features))
    loud = np.array(
        [float(features.loudness[a : max(b, a + 1)].mean()) for a, b in pairwise(edges)]
    )
    heard = np.array(
        [np.sum((beats.times >= a - 1e-3) & (beats.times < b - 1e-3)) for a, b in pairwise(lines)]
    )
    usual = np.bincount(heard).argmax()

    def worth(first: int) -> float:
        inside = np.arange(first, first + bars)
        # A bar of another length would limp each time around.
        whole = float((heard[inside] == usual).mean())
        around = [
            float(like[inside, inside + lag].mean())
            for lag in (bars, -bars)
            if inside[0] + lag >= 0 and inside[-1] + lag < count
        ]
        return 4.0 * whole + max(around, default=0.0) + 0.5 * float(loud[inside].mean())

    return 1 + max(range(count - bars + 1), key=worth)


def _beats_of(beats: Beats, start: float, stop: float, first: int, bars: int) -> LoopBars:
    inside = np.flatnonzero((beats.times >= start - 1e-3) & (beats.times < stop - 1e-3))
    if len(inside) < 2:
        # Bars beyond the first or the last beat: the grid goes on.
        step = 60.0 / max(beats.tempo_bpm, 1.0)
        count = max(2, round((stop - start) / step))
        times = np.arange(count) * (stop - start) / count
        downbeats = np.arange(count) % max(1, count // bars) == 0
        return LoopBars(first, bars, start, stop - start, times, downbeats, False)
    slope, origin, miss = _line(beats.times)
    even = abs(slope * len(inside) - (stop - start)) < 0.5 * slope and miss < STEADY_S
    if even:
        # The song's own tempo, to the microsecond: ten minutes later the loop is still with it.
        start = origin + slope * inside[0]
        period = slope * len(inside)
        times = np.asarray(np.arange(len(inside)) * slope)
    else:
        period, times = stop - start, np.asarray(beats.times[inside] - start)
    return LoopBars(first, bars, start, period, times, beats.downbeats[inside].copy(), even)


def _line(times: np.ndarray) -> tuple[float, float, float]:
    """Interval and origin, in seconds, of the even grid through beats (n,), and how far off they
    are from it, root of the mean square."""
    number = np.arange(len(times))
    slope, origin = np.polyfit(number, times, 1)
    return (
        float(slope),
        float(origin),
        float(np.sqrt(np.mean((times - origin - slope * number) ** 2))),
    )
