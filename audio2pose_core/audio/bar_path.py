"""Which beats start a bar, and how many beats each bar has: a Viterbi path over the beats.

After S. Böck, F. Krebs, G. Widmer, "Joint Beat and Downbeat Tracking with
Recurrent Neural Networks" (ISMIR 2016): a bar of every metre is a ring of
positions, and at a bar line the metre may change for a price. Bars of 2 and 4, and of
3 and 6, have the same beats: whole stretches decide between them (``regrouped``).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

METRES = (2, 3, 4, 5, 6, 7)


@dataclass(frozen=True)
class BarCosts:
    """Prices in nats."""

    bar: tuple[float, ...] = (0.85, 0.4, 0.0, 0.4, 0.2, 0.4)
    """Of a bar of each of METRES; most music has four beats."""
    change: float = 9.0
    """Of another metre than in the bar before."""
    cut: float = 22.0
    """Of a bar that breaks off after any beat."""
    window: int = 24
    """Beats to either side among which a downbeat has to stand out."""


COSTS = BarCosts()

LONG = 32  # beats of a stretch that can say whether its bars are two in one
WHOLE_ACCENT, WHOLE = 0.25, 0.68
"""Bars of 2 and 3 are halves where every other one begins with less of an accent, and with less
evidence in all: 0 is like the other beats, 1 like the first beats of the bars between."""
HALF_ACCENT, HALF = 0.4, 0.45
"""Bars of 4 and 6 are two where the middle has more, and ..."""
SHORT = 0.1  # ... so much of the song is in bars half as long already: most music has four beats
PLAIN = 0.3  # deviations by which first beats are accented, if accents are to tell anything


def contrast(evidence: np.ndarray, window: int) -> np.ndarray:
    """Evidence (n,) less its mean over ``window`` beats to either side.

    Where nothing tells the beats apart all bars are then equally likely, and a
    bar of seven is not preferred for having the fewest downbeats.
    """
    sums = np.concatenate([[0.0], np.cumsum(evidence)])
    index = np.arange(len(evidence))
    low, high = np.maximum(index - window, 0), np.minimum(index + window + 1, len(evidence))
    return evidence - (sums[high] - sums[low]) / (high - low)


def bar_path(evidence: np.ndarray, costs: BarCosts = COSTS) -> tuple[np.ndarray, float]:
    """The likeliest bars.

    Parameters
    ----------
    evidence : (n,) float
        Nats for a downbeat on every beat.

    Returns
    -------
    downbeats : (n,) bool
    score : float
        Contrast of the evidence on downbeats, less prices.
    """
    if len(evidence) == 0:
        return np.zeros(0, bool), 0.0
    gain = contrast(evidence, costs.window)
    metre = np.concatenate([np.full(m, k) for k, m in enumerate(METRES)])
    place = np.concatenate([np.arange(m) for m in METRES])
    first = np.flatnonzero(place == 0)
    last = np.append(first[1:], len(place)) - 1
    enter = np.array(costs.bar)
    # A song may begin anywhere in a bar: a pick-up.
    score = np.where(place == 0, gain[0], 0.0) - enter[metre]
    back = np.empty((len(evidence), len(place)), np.int16)
    change = costs.change * (1.0 - np.eye(len(METRES)))
    for k in range(1, len(evidence)):
        step = np.empty(len(place))
        step[1:] = score[:-1]
        back[k, 1:] = np.arange(len(place) - 1)
        ends = score[last][:, None] - change
        source = ends.argmax(axis=0)
        step[first], back[k, first] = ends.max(axis=0), last[source]
        broken = int(score.argmax())
        worse = step[first] < score[broken] - costs.cut
        step[first[worse]], back[k, first[worse]] = score[broken] - costs.cut, broken
        step[first] += gain[k] - enter
        score = step
    state, total = int(score.argmax()), float(score.max())
    downbeats = np.zeros(len(evidence), bool)
    for k in range(len(evidence) - 1, -1, -1):
        downbeats[k] = place[state] == 0
        state = int(back[k, state])
    return downbeats, total


def regrouped(downbeats: np.ndarray, evidence: np.ndarray, accents: np.ndarray) -> np.ndarray:
    """Bars of 2 and 3 joined, bars of 4 and 6 halved, where a whole stretch says so.

    A path weighs each bar line for itself. In music of six the fourth beat is stronger
    than its neighbours, so that it passes for a bar line; but no chord changes there.

    Parameters
    ----------
    downbeats : (n,) bool
    evidence : (n,) float
        Nats for a downbeat, all that is known.
    accents : (n,) float
        What the sound alone tells: chord changes, bass, attacks.

    Returns
    -------
    (n,) bool
    """
    out = downbeats.copy()
    lengths = np.diff(np.flatnonzero(downbeats))
    for first, stop, metre in _stretches(downbeats):
        starts = np.arange(first, stop, metre)
        if metre in (2, 3):
            halves = sorted((starts[::2], starts[1::2]), key=lambda k: evidence[k].mean())
            weak, strong = halves
        else:
            weak, strong = starts + metre // 2, starts
        others = np.setdiff1d(np.arange(first, stop), np.concatenate([weak, strong]))
        if float(accents[strong].mean() - accents[others].mean()) < PLAIN:
            continue
        accent, whole = (_between(v, weak, strong, others) for v in (accents, evidence))
        if metre in (2, 3) and accent < WHOLE_ACCENT and whole < WHOLE:
            out[weak[weak > first]] = False
        elif metre in (4, 6) and accent > HALF_ACCENT and whole > HALF:
            short = metre // 2 * int((lengths == metre // 2).sum())
            if short >= SHORT * len(downbeats):
                out[weak] = True
    return out


def _stretches(downbeats: np.ndarray) -> list[tuple[int, int, int]]:
    """Long runs (first, stop, metre) of bars of 2, 3, 4 or 6 beats each."""
    lines = np.flatnonzero(downbeats)
    lengths = np.diff(lines)
    edges = np.flatnonzero(np.diff(lengths, prepend=-1, append=-1))
    found = [(int(lines[a]), int(lines[b]), int(lengths[a])) for a, b in pairwise(edges)]
    return [run for run in found if run[2] in (2, 3, 4, 6) and run[1] - run[0] >= LONG]


def _between(values: np.ndarray, weak: np.ndarray, strong: np.ndarray, others: np.ndarray) -> float:
    """Where the mean of the weak ones lies: 0 at that of the others, 1 at that of the strong."""
    low, high = float(values[others].mean()), float(values[strong].mean())
    return (float(values[weak].mean()) - low) / max(high - low, 1e-6)
