"""A bank of eight counts measured on real clips; see ``choreography.bank``."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from ..choreography.bank import Bank, join_rows, row_of
from ..control import Counts, control_channels
from ..metrics.smoothness import dance_weight, motion_magnitude
from ..skeleton import STANDING_PELVIS_HEIGHT
from .measures import FPS, Sample

PHRASE_S = 4.0
"""Eight counts where nobody knows the beats: those of 120 beats a minute."""
SHORTEST = 0.75
"""Of a phrase: a shorter rest at a clip's end is left out."""
LEAST_WEIGHT = 0.5
"""Clips that dance less than this (``metrics.smoothness.dance_weight``) give no rows."""


def measure_bank(
    samples: Iterable[Sample], progress: Callable[[float], None] = lambda _: None
) -> Bank:
    """Rows of all samples that have a style and dance enough."""
    chosen = [s for s in samples if s.style]
    rows: dict[str, list[np.ndarray]] = {}
    for k, sample in enumerate(chosen):
        progress(k / len(chosen))
        if dance_weight(motion_magnitude(sample.motion)) < LEAST_WEIGHT:
            continue
        motion = sample.motion.resample(FPS)
        counts = counts_of(sample)
        channels = control_channels(
            motion, counts, standing=STANDING_PELVIS_HEIGHT, source=sample.source
        )
        for start, stop in phrases_of(sample, motion.seconds):
            first, last = round(start * FPS), min(len(motion), round(stop * FPS))
            rows.setdefault(sample.style, []).append(row_of(channels.slice(first, last)))
    progress(1.0)
    return join_rows(rows)


def counts_of(sample: Sample) -> Counts | None:
    """The beats, bars and phrases of a sample, where they are known."""
    if sample.beats is None or sample.downbeats is None:
        return None
    return Counts.of(sample.beats, sample.downbeats)


def phrases_of(sample: Sample, seconds: float) -> list[tuple[float, float]]:
    """Starts and stops in seconds of the phrases that lie in a sample, almost whole at least."""
    counts = counts_of(sample)
    starts = np.arange(0.0, seconds, PHRASE_S)
    length = PHRASE_S
    if counts is not None and len(counts.bars) > 1:
        length = 2.0 * float(np.median(np.diff(counts.bars)))
        starts = counts.phrases
    found = []
    for start in starts:
        a, b = max(0.0, float(start)), min(seconds, float(start) + length)
        if b - a >= SHORTEST * length:
            found.append((a, b))
    return found
