"""Measures of found beats against true ones, by mir_eval.

C. Raffel et al., "mir_eval: A Transparent Implementation of Common MIR Metrics"
(ISMIR 2014); the first 5 s of a song are left out, as is its custom.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, fields

import mir_eval
import numpy as np

TEMPO_TOLERANCE = 0.04  # of Acc1 and Acc2
RIGHT = 0.9  # F from which a song counts as right
FAULTS = {"2:3": 2 / 3, "3:2": 3 / 2, "3:4": 3 / 4, "4:3": 4 / 3, "half": 0.5, "double": 2.0}
OFF_BEAT_F = 0.6  # F against the half beats from which an estimate is on them


@dataclass(frozen=True)
class Scores:
    """One song; NaN where there is nothing to compare."""

    f: float
    cmlt: float
    amlt: float
    downbeat_f: float
    acc1: float
    acc2: float
    right: float

    @classmethod
    def mean(cls, many: list[Scores]) -> Scores:
        """Mean over songs, NaN left out."""
        columns = [[getattr(s, f.name) for s in many] for f in fields(cls)]
        return cls(*(float(np.nanmean(c)) if not np.isnan(c).all() else np.nan for c in columns))


def f_measure(estimate: np.ndarray, truth: np.ndarray) -> float:
    """F-measure of times (m,) against true ones (n,), within 70 ms, without the first 5 s."""
    trim = mir_eval.beat.trim_beats
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of empty beats
        return float(mir_eval.beat.f_measure(trim(truth), trim(estimate)))


def median_tempo(times: np.ndarray) -> float:
    """Beats a minute at the median interval."""
    return 60.0 / float(np.median(np.diff(times))) if len(times) > 1 else float("nan")


def score(
    beats: np.ndarray,
    downbeats: np.ndarray | None,
    true_beats: np.ndarray,
    true_downbeats: np.ndarray | None,
) -> Scores:
    """All measures of one song; without downbeats of either side theirs is NaN.

    Acc1: the tempo within 4 %; Acc2: or half, double, a third or triple of it.
    """
    trim = mir_eval.beat.trim_beats
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        continuity = mir_eval.beat.continuity(trim(true_beats), trim(beats))
    f = f_measure(beats, true_beats)
    down = float("nan")
    if downbeats is not None and true_downbeats is not None:
        down = f_measure(downbeats, true_downbeats)
    ratio = median_tempo(beats) / median_tempo(true_beats)
    near = [abs(ratio / m - 1) < TEMPO_TOLERANCE for m in (1, 2, 3, 1 / 2, 1 / 3)]
    return Scores(
        f, float(continuity[1]), float(continuity[3]), down, float(near[0]), float(any(near)),
        float(f > RIGHT),
    )  # fmt: skip


def fault(beats: np.ndarray, true_beats: np.ndarray) -> str:
    """What is wrong with a song: a ratio of its tempo, "off-beat", or "" for neither."""
    ratio = median_tempo(beats) / median_tempo(true_beats)
    for name, value in FAULTS.items():
        if abs(ratio / value - 1) < TEMPO_TOLERANCE:
            return name
    halves = true_beats[:-1] + 0.5 * np.diff(true_beats)
    if abs(ratio - 1) < TEMPO_TOLERANCE and f_measure(beats, halves) > OFF_BEAT_F:
        return "off-beat"
    return ""
