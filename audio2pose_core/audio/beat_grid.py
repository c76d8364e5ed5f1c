"""Beats on exact grids where a song is steady, and on through what is not heard.

A path through activations knows each beat to a frame or so. Most dance music is
made to a click, so beats that lie on a straight line but for jitter are put on it;
two such stretches whose lines are the same carry over what lies between them (a
break, a fill that slips to the off-beat) if that does not speak against it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .steady import TRUST

SHORTEST = 8  # beats that make a line
BEND_BEATS, BEND_S = 5, 0.030  # the mean error of so many beats in a row stays below
STRAY_S = 0.025  # as does the median error of single beats
OUTLIER_S = 0.02  # from there on a beat counts less in its line
SAME_TEMPO = 0.006  # two lines of one grid: difference of their periods ...
SAME_PHASE = 0.12  # ... and of the right one from the left's grid, in beats, at most


@dataclass(frozen=True)
class Line:
    """Beats start .. stop - 1 of a list, at origin + period * (k - start)."""

    start: int
    stop: int
    origin: float
    period: float

    def times(self) -> np.ndarray:
        """The beats, (stop - start,)."""
        return self.origin + self.period * np.arange(self.stop - self.start)

    @property
    def last(self) -> float:
        """Time of the last beat."""
        return self.origin + self.period * (self.stop - self.start - 1)


def even_out(
    times: np.ndarray, weight: np.ndarray, heard: np.ndarray, curve: np.ndarray, rate: float
) -> tuple[np.ndarray, list[Line]]:
    """Beats with steady stretches on their grids and silence filled evenly.

    Parameters
    ----------
    times : (n,) float
        Seconds, rising.
    weight : (n,) float
        How clear each beat is.
    heard : (n,) bool
        False in silence, where times mean nothing; those beats are made anew.
    curve : (T,) float
        Activation of beats, ``rate`` frames a second.

    Returns
    -------
    times : (m,) float
    lines : list of Line
        The straight stretches among the heard beats, from left to right.
    """
    index = np.flatnonzero(heard)
    if len(index) < 2:
        return times, []
    t, w = times[index], weight[index]
    runs = np.split(np.arange(len(index)), np.flatnonzero(np.diff(index) > 1) + 1)
    lines: list[Line] = []
    for run in runs:
        lines += _lines(t, w, int(run[0]), int(run[-1]) + 1)
    lines.sort(key=lambda line: line.start)
    ends = {int(run[-1]) for run in runs}

    # Pieces of the result from left to right; between lines the beats stay as they are.
    out: list[np.ndarray] = []
    done, before = 0, None
    for line in lines:
        between = _between(before, line, t, done, ends, curve, rate)
        out.append(between)
        out.append(line.times())
        done, before = line.stop, line
    out.append(_filled(t[done:], done, ends, before.last if before else None, None))
    return rising(np.concatenate(out)), lines


def _between(
    before: Line | None,
    after: Line,
    t: np.ndarray,
    done: int,
    ends: set[int],
    curve: np.ndarray,
    rate: float,
) -> np.ndarray:
    """The beats between two lines: their common grid where there is one, else as they are."""
    free = t[done : after.start]
    left = before.last if before else None
    filled = _filled(free, done, ends, left, after.origin)
    if before is None:
        return filled
    gap = after.origin - before.last
    period = 0.5 * (before.period + after.period)
    count = round(gap / period)
    same = (
        abs(np.log(after.period / before.period)) < SAME_TEMPO
        and count >= 1
        and abs(gap - count * period) < SAME_PHASE * period
    )
    if not same:
        return filled
    grid = before.last + gap / count * np.arange(1, count)
    if len(free) == 0 or len(grid) == 0:
        return grid
    return grid if _level(curve, grid, rate) >= TRUST * _level(curve, free, rate) else filled


def _filled(
    free: np.ndarray, first: int, ends: set[int], left: float | None, right: float | None
) -> np.ndarray:
    """Beats as they are, with even ones where a run of heard beats ended.

    ``first`` is the number of free[0]; ``left`` and ``right`` are the beats before and after.
    """
    whole = free if left is None else np.concatenate([[left], free])
    number = np.arange(first - (left is not None), first + len(free))
    if right is not None:
        whole = np.append(whole, right)
    if len(whole) < 2:
        return free
    steps = np.diff(whole)
    # number[k] is the beat before steps[k]
    silent = np.array([int(k) in ends for k in number[: len(steps)]], bool)
    usual = float(np.median(steps[~silent])) if (~silent).any() else float(steps.min())
    pieces = [whole[:1]]
    for step, start, stop, quiet in zip(steps, whole[:-1], whole[1:], silent, strict=True):
        count = max(1, round(step / usual)) if quiet else 1
        pieces.append(start + (stop - start) / count * np.arange(1, count + 1))
    made = np.concatenate(pieces)
    return made[(left is not None) : len(made) - (right is not None)]


def _level(curve: np.ndarray, times: np.ndarray, rate: float) -> float:
    """Mean of the curve's most within a frame of the times."""
    at = np.round(times * rate).astype(int)[:, None] + np.arange(-1, 2)
    return float(curve[np.clip(at, 0, len(curve) - 1)].max(axis=1).mean())


def _lines(times: np.ndarray, weight: np.ndarray, start: int, stop: int) -> list[Line]:
    """Straight stretches among the beats start .. stop - 1.

    Beats that are not straight are cut where two lines leave the least squared
    error, and so on until each piece is straight or too short.
    """
    found, pieces = [], [(start, stop)]
    while pieces:
        a, b = pieces.pop()
        if b - a < SHORTEST:
            continue
        t, w = times[a:b], np.maximum(weight[a:b], 0.02)
        origin, period = _fit(t, w)
        error = t - origin - period * np.arange(b - a)
        bend = np.convolve(error, np.ones(BEND_BEATS) / BEND_BEATS, "valid")
        if np.abs(bend).max() <= BEND_S and np.median(np.abs(error)) <= STRAY_S:
            found.append(Line(a, b, origin, period))
        elif b - a >= 2 * SHORTEST:
            cut = _best_cut(t, w)
            pieces += [(a, a + cut), (a + cut, b)]
    return found


def _fit(times: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Origin and period of the line with the least weighted error; outliers count less."""
    k, kept = np.arange(len(times)), weight
    period, origin = 0.0, 0.0
    for _ in range(4):
        period, origin = np.polyfit(k, times, 1, w=np.sqrt(kept))
        kept = weight / (1.0 + ((times - origin - period * k) / OUTLIER_S) ** 2)
    return float(origin), float(period)


def _best_cut(times: np.ndarray, weight: np.ndarray) -> int:
    """Where two lines fit best, each of at least four beats."""
    n = len(times)
    k, t = np.arange(n) - n / 2, times - times.mean()
    moments = [weight * v for v in (np.ones(n), k, t, k * k, k * t, t * t)]
    sums = [np.concatenate([[0.0], np.cumsum(v)]) for v in moments]
    cuts = np.arange(4, n - 3)
    left = _residual(*(v[cuts] for v in sums))
    right = _residual(*(v[-1] - v[cuts] for v in sums))
    return int(cuts[(left + right).argmin()])


def _residual(
    w: np.ndarray, x: np.ndarray, y: np.ndarray, xx: np.ndarray, xy: np.ndarray, yy: np.ndarray
) -> np.ndarray:
    """Squared error about the best line, from weighted sums."""
    spread = np.maximum(xx - x * x / w, 1e-12)
    return yy - y * y / w - (xy - x * y / w) ** 2 / spread


def rising(times: np.ndarray) -> np.ndarray:
    """The same without beats that follow another by less than half the usual interval."""
    usual = np.median(np.diff(times)) if len(times) > 1 else 0.0
    keep = np.ones(len(times), bool)
    last = -np.inf
    for k, time in enumerate(times):
        keep[k] = time - last > 0.4 * usual
        last = time if keep[k] else last
    return times[keep]
