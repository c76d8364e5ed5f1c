"""Is it worth watching? Dances of a style beside real clips of the same style, and the goals.

The figures are those of ``metrics.watching``; every style counts alike in a mean over
styles, since a dancer is asked for all of them and data has much of some.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ..metrics import motion_magnitude
from ..metrics.poses import nearest_phrase
from ..metrics.smoothness import dance_weight
from ..metrics.watching import LONGEST_PIECE_S, derived, measure_piece, measure_whole
from ..motion import Motion
from ..source_faults import faults_of
from .measures import FPS, Sample, posed

SHORTEST_PIECE_S = 2.0
ENOUGH_S = 30.0
"""Seconds of unlimited captures that speak for a style alone."""
MOST_OTHERS_S = 300.0
"""Seconds of other dances of a style beside which a dance's phrases are looked for."""

Figures = dict[str, float]


@dataclass(frozen=True)
class Watched:
    """What was seen of one dance: means over its pieces, and figures of the whole."""

    name: str
    style: str
    source: str
    seconds: float
    figures: Figures
    weight: float = 1.0
    """Of a second of it in a mean: less where it hardly dances."""

    @property
    def limited(self) -> bool:
        """Whether the whole body was held within a robot's limits."""
        return faults_of(self.source).limited


def pieces_of(motion: Motion, longest: float = LONGEST_PIECE_S) -> list[tuple[int, int]]:
    """Frames (start, stop) of equal pieces of at most ``longest`` seconds."""
    count = max(1, math.ceil(motion.seconds / longest - 0.02))
    edges = np.round(np.linspace(0, len(motion), count + 1)).astype(int)
    return [(int(a), int(b)) for a, b in pairwise(edges)]


def watch(sample: Sample, front: float | np.ndarray | None = 0.0) -> Watched:
    """The figures of a dance, but those that need others.

    ``front`` is a heading in radians, or None for the dance's own mean heading. What
    the sample's source cannot tell is NaN.
    """
    motion = posed(sample.motion.resample(FPS))
    found: dict[str, list[tuple[float, float]]] = {}
    for start, stop in pieces_of(motion):
        piece = posed(motion.slice(start, stop))
        if piece.seconds < min(SHORTEST_PIECE_S, motion.seconds):
            continue
        beats = None if sample.beats is None else sample.beats - start / FPS
        per_bar = bar_length(sample.downbeats)
        for key, value in measure_piece(piece, beats, sample.downbeats, per_bar).items():
            found.setdefault(key, []).append((value, piece.seconds))
    figures = {key: weighted_mean(values) for key, values in found.items()}
    figures |= derived(figures) | measure_whole(motion, front, sample.sections)
    for key in faults_of(sample.source).measures:
        figures[key] = float("nan")
    return Watched(sample.name, sample.style, sample.source, motion.seconds, figures)


def watch_real(sample: Sample) -> Watched:
    """The figures of a capture: its front is its mean heading, and calm clips count less."""
    found = watch(sample, front=None)
    speed = motion_magnitude(sample.motion)
    return replace(found, weight=dance_weight(speed))


def bar_length(downbeats: np.ndarray | None) -> int:
    """Beats in most of the bars of downbeats (b,) bool; 4 where nobody knows."""
    if downbeats is None or np.count_nonzero(downbeats) < 2:
        return 4
    return max(1, round(float(np.median(np.diff(np.flatnonzero(downbeats))))))


def nearest_phrases(samples: list[Sample], kin: list[str] | None = None) -> list[float]:
    """``metrics.poses.nearest_phrase`` of each dance among the others of its style.

    ``kin`` (n,) names what is danced: dances of one name are the same choreography,
    which is no other dance. All names differ by default.
    """
    kin = [str(i) for i in range(len(samples))] if kin is None else kin
    motions = [posed(s.motion.resample(FPS)) for s in samples]
    out = []
    for i, sample in enumerate(samples):
        others: list[Motion] = []
        # Those that follow in the list, round to its beginning: not the same ones for all.
        for j in [*range(i + 1, len(samples)), *range(i)]:
            same_style = samples[j].style == sample.style and kin[j] != kin[i]
            if same_style and sum(m.seconds for m in others) < MOST_OTHERS_S:
                others.append(motions[j])
        out.append(nearest_phrase(motions[i], others))
    return out


def with_nearest(
    watched: list[Watched], samples: list[Sample], kin: list[str] | None = None
) -> list[Watched]:
    """The same with the figure ``nearest_phrase_cm``."""
    near = nearest_phrases(samples, kin)
    return [
        replace(w, figures=w.figures | {"nearest_phrase_cm": value})
        for w, value in zip(watched, near, strict=True)
    ]


def weighted_mean(values: Iterable[tuple[float, float]]) -> float:
    """Mean of the finite ones of (value, weight); NaN if there are none."""
    pairs = np.array([(v, w) for v, w in values if math.isfinite(v)]).reshape(-1, 2)
    return float(np.average(pairs[:, 0], weights=pairs[:, 1])) if len(pairs) else float("nan")


def mean_of(watched: list[Watched]) -> Figures:
    """Figures of several dances together: means by length and weight, the longest time away."""
    keys = dict.fromkeys(key for w in watched for key in w.figures)
    out = {
        k: weighted_mean((w.figures.get(k, math.nan), w.seconds * w.weight) for w in watched)
        for k in keys
    }
    out |= derived(out)
    away = [w.figures["longest_away_s"] for w in watched if "longest_away_s" in w.figures]
    if away:
        out["longest_away_s"] = max(away)
    return out


def by_style(watched: list[Watched], believed: bool = True) -> dict[str, Figures]:
    """Style -> the figures of its dances; dances without a style are left out.

    With ``believed``, captures held within a robot's limits count only for figures that
    no other dance of the style tells, or where the others are shorter than 30 s.
    """
    out = {}
    for style in sorted({w.style for w in watched} - {""}):
        own = [w for w in watched if w.style == style]
        out[style] = mean_of(own)
        free = [w for w in own if not w.limited]
        if believed and sum(w.seconds for w in free) >= ENOUGH_S:
            out[style] |= {k: v for k, v in mean_of(free).items() if math.isfinite(v)}
    return out


def over_styles(styles: dict[str, Figures], among: Iterable[str] | None = None) -> Figures:
    """Mean over the styles (those of ``among``), each counting alike; the longest time away."""
    chosen = [styles[name] for name in (styles if among is None else among) if name in styles]
    keys = dict.fromkeys(key for figures in chosen for key in figures)
    out = {k: weighted_mean((f.get(k, math.nan), 1.0) for f in chosen) for k in keys}
    out |= derived(out)
    away = [f["longest_away_s"] for f in chosen if "longest_away_s" in f]
    if away:
        out["longest_away_s"] = max(away)
    return out
