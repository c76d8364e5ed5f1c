"""How each beat sounds: loudness, onset density, low-band weight and brightness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .features import LOUDNESS_RANGE_DB, ONSET_LAG, onset_strength
from .spectrum import HOP, Spectrum, hz_to_mel, mel_to_hz

LOW_HZ = 150.0  # kick and bass
MIN_RISE = 0.25  # of the song's strong onsets; a smaller peak of the onset curve is no attack


@dataclass(frozen=True)
class BeatDescriptors:
    """Four numbers a beat, each of the span from it to the next one.

    Attributes
    ----------
    loudness : (n,) float64
        A-weighted level, 0..1: 1 at the song's 95th percentile, 0 at 40 dB below it.
    onset_density : (n,) float64
        Attacks a second.
    low_weight : (n,) float64
        Share of the power that lies below 150 Hz, 0..1.
    brightness : (n,) float64
        Centre of the amplitude spectrum on the mel scale, 0 at 0 Hz and 1 at the
        top of the spectrum (11 kHz); 0 in silence.
    """

    loudness: np.ndarray
    onset_density: np.ndarray
    low_weight: np.ndarray
    brightness: np.ndarray


def describe_beats(spec: Spectrum, times: np.ndarray) -> BeatDescriptors:
    """Descriptors of beats at ``times`` (n,) seconds, rising."""
    edges = np.append(times, max(spec.seconds, times[-1] + 1e-3))
    spans = SpanMeans(edges, spec.rate, len(spec.loudness_db))
    power = 10.0 ** (spec.mel_db.astype(np.float64) / 10.0)
    bands = power.shape[1]
    centre = mel_to_hz(np.arange(1, bands + 1) * top_mel(spec) / (bands + 1))
    total = np.maximum(power.sum(axis=1), 1e-20)
    low = power[:, centre < LOW_HZ].sum(axis=1)
    amplitude = np.sqrt(power)
    mel = hz_to_mel(centre) / top_mel(spec)
    heard = power.max(axis=1) > 10.0 ** (float(spec.mel_db.max()) / 10.0 - 8.0)  # 80 dB below
    bright = np.where(heard, amplitude @ mel / np.maximum(amplitude.sum(axis=1), 1e-20), 0.0)
    loud = float(np.percentile(spec.loudness_db, 95))
    level = spans(np.clip(1.0 + (spec.loudness_db - loud) / LOUDNESS_RANGE_DB, 0.0, 1.0))
    return BeatDescriptors(
        loudness=level,
        onset_density=np.histogram(attacks(spec), edges)[0] / np.diff(edges),
        low_weight=spans(low) / np.maximum(spans(total), 1e-20),
        brightness=spans(bright),
    )


def attacks(spec: Spectrum) -> np.ndarray:
    """Times of the attacks in seconds, (k,) float64: the plain peaks of the onset curve."""
    curve = onset_strength(spec)
    if len(curve) < 3:
        return np.zeros(0)
    inner = curve[1:-1]
    peak = (inner > curve[:-2]) & (inner >= curve[2:])
    heights = inner[peak]
    if not len(heights):
        return np.zeros(0)
    strong = float(np.percentile(heights, 90))
    frames = 1 + np.flatnonzero(peak)[heights > MIN_RISE * strong]
    return np.maximum(frames / spec.rate - ONSET_LAG, 0.0)


def top_mel(spec: Spectrum) -> float:
    """The top of the spectrum, half the sample rate, in mel."""
    return float(hz_to_mel(np.array(spec.rate * HOP / 2)))


class SpanMeans:
    """Means of curves over the spans between ``edges`` (n + 1,) seconds.

    A span that holds no frame takes the nearest one.
    """

    def __init__(self, edges: np.ndarray, rate: float, frames: int) -> None:
        at = np.clip(np.round(np.asarray(edges) * rate).astype(int), 0, frames)
        self._low = np.minimum(at[:-1], frames - 1)
        self._high = np.maximum(at[1:], self._low + 1)

    def __call__(self, curve: np.ndarray) -> np.ndarray:
        """Means (n,) of a curve (F,), or (n, D) of curves (F, D)."""
        sums = np.concatenate(
            [np.zeros((1, *curve.shape[1:])), np.cumsum(curve, axis=0, dtype=np.float64)]
        )
        width = (self._high - self._low).reshape(-1, *[1] * (curve.ndim - 1))
        return (sums[self._high] - sums[self._low]) / width
