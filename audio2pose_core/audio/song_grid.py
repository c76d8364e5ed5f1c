"""One grid for a song that keeps its tempo, wherever that is not clearly wrong.

A path of beats may slip to the off-beat where that is louder, or take a quiet verse
at half or two thirds of the tempo, and each time the activations there agree with
it. The song as a whole does not: music made to a click keeps its beat through all
of it. So the grid that explains most of the song is held against the path, and the
path must win by much to interrupt it.
"""

from __future__ import annotations

import numpy as np

from .beat_grid import Line, rising
from .beat_path import tempo_price
from .steady import fit_grid

SEEDS = 3  # of the longest, clearest lines that propose a grid
RATIOS = (1.0, 0.5, 2.0, 2 / 3, 1.5, 0.75, 4 / 3)  # of their periods that are tried
LEAST = 0.4  # of the path's evidence that a grid must have to be the song's
NEARLY_ALL = 0.9  # the same where the path never jumps
JUMP = 0.1  # natural log: a change from one interval to the next that no player makes
LEAVE = 90.0  # nats by which the path must win to leave the grid; as many again to come back
NEVER = 10.0  # nats for a song that begins off the grid, and for one that ends so
FREE = 1.0  # nats a beat that the path pays for its freedom
LONG, CLEAR = 16, 1.5  # beats and mean nats of a line that is a change of tempo
KIN = (1.0, 0.5, 2.0, 2 / 3, 1.5, 0.75, 4 / 3, 1 / 3, 3.0)  # ratios that a tracker may take instead
KIN_TOLERANCE = 0.03  # natural log
SHORTEST_S, LONGEST_S = 0.25, 1.5  # periods
FIT_S, FIT_LEAST = 0.04, 16  # how near and how many beats decide a grid's exact place
SAME = 0.01  # natural log: candidates closer than this are one


def on_song_grid(
    times: np.ndarray, lines: list[Line], evidence: np.ndarray, rate: float
) -> np.ndarray:
    """Beats on the song's grid but where they are clearly off it.

    Parameters
    ----------
    times : (n,) float
        Beats in seconds.
    lines : list of Line
        Straight stretches among them.
    evidence : (T,) float
        Nats for a beat on every frame.
    rate : float
        Frames a second.
    """
    length = len(evidence)
    grids = [_grid(evidence, period * rate) for period in _periods(lines, evidence, rate)]
    if not grids:
        return times

    def explained(at: np.ndarray) -> float:
        return float(evidence[_frames(at, length)].sum())

    def worth(grid: np.ndarray) -> float:
        return explained(grid) - len(grid) * tempo_price(60.0 * rate / (grid[1] - grid[0]))

    best = max(grids, key=worth)
    share = explained(best) / max(explained(times * rate), 1e-9)
    jumps = np.abs(np.diff(np.log(np.diff(times)))) > JUMP
    # A path without a jump has nothing to mend: what it has and the grid has not is drift.
    if share < (LEAST if jumps.any() else NEARLY_ALL):
        return times
    grid = _fitted(best / rate, times)
    other = _other_tempo(times, lines, grid[1] - grid[0], evidence, rate)
    return rising(_chosen(grid, times, other, evidence, rate))


def _periods(lines: list[Line], evidence: np.ndarray, rate: float) -> list[float]:
    """Periods in seconds that the song's grid might have."""

    def weight(line: Line) -> float:
        at = _frames(line.times() * rate, len(evidence))
        return (line.last - line.origin) * max(float(evidence[at].mean()), 0.0)

    found: list[float] = []
    for line in sorted(lines, key=weight, reverse=True)[:SEEDS]:
        for ratio in RATIOS:
            period = line.period * ratio
            inside = SHORTEST_S <= period <= LONGEST_S
            if inside and all(abs(np.log(period / known)) > SAME for known in found):
                found.append(period)
    return found


def _grid(evidence: np.ndarray, guess: float) -> np.ndarray:
    """Fractional frames (m,) of the grid near a period that collects most evidence."""
    period, phase = fit_grid(evidence, guess, search=0.004)
    return np.arange(phase, max(len(evidence), phase + 2 * period), period)


def _fitted(grid: np.ndarray, path: np.ndarray) -> np.ndarray:
    """The grid (m,) moved and stretched to meet the beats of the path that are near it."""
    period = grid[1] - grid[0] if len(grid) > 1 else 1.0
    number = np.round((path - grid[0]) / period)
    away = path - grid[0] - period * number
    near = np.abs(away) < min(FIT_S, 0.2 * period)
    if near.sum() < FIT_LEAST:
        return grid
    slope, offset = np.polyfit(number[near], away[near], 1)
    return grid + offset + slope * np.arange(len(grid))


def _other_tempo(
    path: np.ndarray, lines: list[Line], period: float, evidence: np.ndarray, rate: float
) -> np.ndarray:
    """Which beats (n,) lie on a clear line of a tempo that has nothing to do with the grid's.

    That is how music changes its tempo; a mistaken tracker takes a simple ratio.
    """
    out = np.zeros(len(path), bool)
    for line in lines:
        kin = np.abs(np.log(line.period / period) - np.log(KIN)).min() < KIN_TOLERANCE
        clear = float(evidence[_frames(line.times() * rate, len(evidence))].mean()) > CLEAR
        if line.stop - line.start >= LONG and clear and not kin:
            half = 0.5 * line.period
            out |= (path > line.origin - half) & (path < line.last + half)
    return out


def _chosen(
    grid: np.ndarray, path: np.ndarray, other: np.ndarray, evidence: np.ndarray, rate: float
) -> np.ndarray:
    """Beats of the grid and of the path in turn, whichever explains more: two states, Viterbi."""
    events = np.concatenate([grid, path])
    free = np.repeat([False, True], [len(grid), len(path)])
    gain = evidence[_frames(events * rate, len(evidence))]
    gain[len(grid) :] -= FREE * ~other
    order = np.argsort(events, kind="stable")
    score, back = [0.0, -NEVER], np.zeros((len(order), 2), bool)
    for k, event in enumerate(order):
        for state in (0, 1):
            stay, come = score[state], score[1 - state] - LEAVE
            back[k, state] = come > stay
        score = [max(score[0], score[1] - LEAVE), max(score[1], score[0] - LEAVE)]
        score[int(free[event])] += gain[event]
    state = int(score[1] - NEVER > score[0])
    kept = np.zeros(len(events), bool)
    for k in range(len(order) - 1, -1, -1):
        kept[order[k]] = free[order[k]] == bool(state)
        if back[k, state]:
            state = 1 - state
    return np.sort(events[kept])


def _frames(position: np.ndarray, length: int) -> np.ndarray:
    return np.clip(np.round(position).astype(int), 0, length - 1)
