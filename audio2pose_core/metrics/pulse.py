"""A pulse tracked from the motion itself, for clips without music.

Dancers come to rest on beats. The motion beats (minima of speed, weighted by
how full the stop is) are laid around a circle of each candidate period; their
mean vector is long where they agree (the Rayleigh statistic of circular data,
Fisher, "Statistical Analysis of Circular Data", 1993). Much of mocap keeps no
steady tempo, so the confidence says how far the best period beats chance.
"""

from __future__ import annotations

import numpy as np

from ..audio.beats import Beats, even_grid
from ..motion import Motion
from .motion_beats import motion_beats

TRACKER = "motion-rayleigh-1"
PERIODS_S = 60.0 / 2.0 ** np.linspace(np.log2(60.0), np.log2(180.0), 160)
PRIOR_BPM, PRIOR_OCTAVES = 105.0, 0.9
MIN_PROMINENCE = 0.04
MIN_BEATS = 6
CHANCE = 3.0
"""Nats: among some forty independent periods noise reaches n R² = ln 40."""


def pulse_of_motion(motion: Motion) -> Beats:
    """Beats of an even pulse through the motion's own beats.

    ``confidence`` is 0 where the stops fit no pulse better than chance (the
    beats are then a mere grid), and nears 1 for a dance that stops on every
    beat. The bar is not heard in motion: every fourth beat is called a downbeat.
    """
    times, prominence = motion_beats(motion)
    keep = prominence >= MIN_PROMINENCE
    times, weight = times[keep], prominence[keep]
    if len(times) < MIN_BEATS:
        return even_grid(motion.seconds)
    turns = times[:, None] / PERIODS_S
    vectors = (weight[:, None] * np.exp(2j * np.pi * turns)).sum(axis=0) / weight.sum()
    effective = weight.sum() ** 2 / (weight**2).sum()
    tempi = 60.0 / PERIODS_S
    prior = -0.5 * (np.log2(tempi / PRIOR_BPM) / PRIOR_OCTAVES) ** 2
    best = int((effective * np.abs(vectors) ** 2 + prior).argmax())
    strength = float(effective * np.abs(vectors[best]) ** 2)
    length = float(np.abs(vectors[best]))
    confidence = length * max(0.0, 1.0 - CHANCE / max(strength, 1e-9))
    period = float(PERIODS_S[best])
    first = float(np.angle(vectors[best]) / (2 * np.pi)) % 1.0 * period
    count = int(np.ceil((motion.seconds - first) / period - 1e-9))
    if count < 2 or confidence <= 0.0:
        return even_grid(motion.seconds)
    beats = first + period * np.arange(count)
    return Beats(beats, np.arange(count) % 4 == 0, 60.0 / period, 4, confidence, TRACKER)
