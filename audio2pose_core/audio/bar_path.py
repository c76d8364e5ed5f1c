"""Which beats start a bar, and how many beats each bar has: a Viterbi path over the beats.

After S. Böck, F. Krebs, G. Widmer, "Joint Beat and Downbeat Tracking with
Recurrent Neural Networks" (ISMIR 2016): a bar of every metre is a ring of
positions, and at a bar line the metre may change for a price.
"""

from __future__ import annotations

from dataclasses import dataclass

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
