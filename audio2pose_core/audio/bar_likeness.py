"""How alike the bars of a song are: who plays, what is played, and where in the bar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .beat_descriptors import SpanMeans
from .beat_file import Beats
from .features import ONSET_LAG
from .spectrum import Spectrum

STEPS = 16  # a bar is heard in so many steps
NEAR = 0.25
LEAST_WIDTH = 0.15  # of the song's median distance
ARRANGEMENT_WIDTH = 2.0  # times as tolerant: chords move the levels of instruments a little
MOST_UNITS = 1500  # longer songs are compared by twos, fours ... of bars
# Of 16 bands of 700 Hz on the mel scale and more: kick and bass, low, middle, high, air.
BROAD = (0, 2, 5, 9, 13)
ATTACK = 3.0  # weight of a rise of 1 dB a frame beside a level of 10 dB


@dataclass(frozen=True)
class BarLikeness:
    """Bars, or groups of bars in a song of hours.

    Attributes
    ----------
    edges : (B + 1,) float64
        Bar lines in seconds.
    arrangement : (B, B) float64
        0..1: by who plays, as levels and attacks of broad bands, whatever the chord.
    phrases : (B, B) float64
        0..1: by what is played and where in the bar; a phrase that returns is alike.
    music : (B, B) float64
        0..1: the same, harmony above all: what makes two sections the same music.
    """

    edges: np.ndarray
    arrangement: np.ndarray
    phrases: np.ndarray
    music: np.ndarray


def bar_edges(beats: Beats, seconds: float) -> np.ndarray:
    """Bar lines (B + 1,) in seconds; the first and last bar take what lies outside of them."""
    lines = beats.times[beats.downbeats]
    if len(lines) < 2:
        return np.array([0.0, seconds])
    typical = float(np.median(np.diff(lines)))
    # A stump of a bar at either end is no bar of its own.
    inner = lines[(lines > 0.5 * typical) & (lines < seconds - 0.5 * typical)]
    return np.concatenate([[0.0], inner, [seconds]])


def compare_bars(spec: Spectrum, beats: Beats) -> BarLikeness:
    """Every bar of a song with every other."""
    edges = bar_edges(beats, spec.seconds)
    group = int(np.ceil((len(edges) - 1) / MOST_UNITS))
    if group > 1:
        edges = np.append(edges[:-1:group], edges[-1])
    count = len(edges) - 1
    # The outer bars may be longer than their beats: they are heard as far as a usual bar goes.
    lengths = np.minimum(np.diff(edges), 1.5 * float(np.median(np.diff(edges))))
    starts = edges[:-1].copy()
    starts[0] = edges[1] - lengths[0]
    steps = starts[:, None] + lengths[:, None] * np.arange(STEPS) / STEPS
    grid = np.append(steps.ravel(), starts[-1] + lengths[-1])
    frames = len(spec.loudness_db)
    mean = SpanMeans(grid, spec.rate, frames)
    late = SpanMeans(grid + ONSET_LAG, spec.rate, frames)

    mel = np.maximum(spec.mel_db, float(spec.mel_db.max()) - 60.0)
    bands = mel.reshape(frames, 16, -1).mean(axis=2)
    rise = np.maximum(np.diff(bands, axis=0, prepend=bands[:1]), 0.0)
    by_step = mean(bands)
    # Arrangement: levels, some 10 dB to a unit, and attacks of broad bands over the bar.
    levels = _broad(by_step.reshape(count, STEPS, 16).mean(axis=1)) / 10.0
    attacks = _broad(late(rise).reshape(count, STEPS, 16).mean(axis=1))
    # Colour: the level of 16 bands over each quarter of the bar.
    colour = by_step.reshape(count, 4, STEPS // 4, 16).mean(axis=2).reshape(count, -1) / 10.0
    # Pattern: where in the bar low, middle and high bands rise.
    three = np.stack([rise[:, :2].mean(1), rise[:, 2:9].mean(1), rise[:, 9:].mean(1)], axis=1)
    pattern = late(three / np.maximum(three.mean(axis=0), 1e-9)).reshape(count, -1)
    # Harmony: the pitch classes of each quarter of the bar.
    chroma = mean(spec.chroma).reshape(count, 4, STEPS // 4, 12).mean(axis=2)
    chroma = np.sqrt(chroma / np.maximum(chroma.sum(axis=2, keepdims=True), 1e-12))

    like_colour = _likeness(colour)
    like_pattern = _likeness(pattern)
    like_harmony = _likeness(chroma.reshape(count, -1))
    return BarLikeness(
        edges,
        _likeness(np.concatenate([levels, ATTACK * attacks], axis=1), ARRANGEMENT_WIDTH),
        0.5 * like_colour + 0.25 * like_pattern + 0.25 * like_harmony,
        0.3 * like_colour + 0.2 * like_pattern + 0.5 * like_harmony,
    )


def _broad(bands: np.ndarray) -> np.ndarray:
    """Means (B, 5) of 16 bands (B, 16)."""
    widths = np.diff((*BROAD, bands.shape[1]))
    return np.asarray(np.add.reduceat(bands, BROAD, axis=1) / widths)


def _likeness(rows: np.ndarray, width: float = 1.0) -> np.ndarray:
    """Likeness (B, B), 1 for the same and about 1/e for two bars that have nothing in common.

    A Gaussian of the distance, whose width is the song's own: what parts a bar
    from the nearest quarter of the others (L. Zelnik-Manor, P. Perona,
    "Self-tuning spectral clustering", NIPS 2004), so that a quiet part among
    loud ones has its sections as well; times ``width``.
    """
    square = (rows**2).sum(axis=1)
    distance = np.maximum(square[:, None] + square[None, :] - 2 * rows @ rows.T, 0.0)
    typical = float(np.median(distance))
    if typical < 1e-9:
        return np.ones_like(distance)
    near = np.maximum(np.quantile(distance, NEAR, axis=1), LEAST_WIDTH * typical)
    return np.asarray(np.exp(-distance / (width * np.sqrt(near[:, None] * near[None, :]))))
