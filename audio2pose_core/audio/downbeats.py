"""Which beats start a bar: low-frequency accents and chord changes."""

from __future__ import annotations

import numpy as np

from .features import band_rise, normalised_chroma, onset_strength
from .spectrum import Spectrum

LOW_BANDS = slice(0, 6)  # mel bands up to some 150 Hz: kick and bass
CHORD, LOW, ACCENT = 1.0, 0.6, 0.3  # weights of the three cues
WALTZ_PENALTY = 0.1  # 3/4 must win clearly: most dance music is in 4/4


def find_downbeats(spec: Spectrum, times: np.ndarray, lag: float) -> tuple[np.ndarray, int]:
    """Bar starts among the beats.

    Parameters
    ----------
    times : (n,) float64
        Beat times in seconds.
    lag : float
        What the onset curve lags behind the attacks, in seconds.

    Returns
    -------
    downbeats : (n,) bool
    beats_per_bar : int
        3 or 4.
    """
    salience = bar_salience(spec, times, lag)
    best: tuple[float, int, int] = (-np.inf, 4, 0)
    for meter in (4, 3):
        for phase in range(min(meter, len(times))):
            chosen = salience[phase::meter]
            others = np.delete(salience, np.arange(phase, len(salience), meter))
            rest = float(others.mean()) if len(others) else 0.0
            score = (float(chosen.mean()) - rest) * (1.0 if meter == 4 else 1.0 - WALTZ_PENALTY)
            if score > best[0]:
                best = (score, meter, phase)
    _, meter, phase = best
    return np.arange(len(times)) % meter == phase, meter


def bar_salience(spec: Spectrum, times: np.ndarray, lag: float) -> np.ndarray:
    """How much each beat sounds like the first of a bar, (n,), mean 0."""
    low = _peak_near(band_rise(spec, LOW_BANDS), times + lag, spec.rate)
    accent = _peak_near(onset_strength(spec), times + lag, spec.rate)
    edges = np.clip(np.round(np.append(times, spec.seconds) * spec.rate), 0, len(spec.chroma))
    sums = np.concatenate([np.zeros((1, 12)), np.cumsum(spec.chroma, axis=0, dtype=np.float64)])
    per_beat = np.diff(sums[edges.astype(int)], axis=0)
    chroma = normalised_chroma(np.sqrt(np.maximum(per_beat, 0.0)))
    chroma = chroma / np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), 1e-9)
    change = np.zeros(len(times))
    change[1:] = 1.0 - (chroma[1:] * chroma[:-1]).sum(axis=1)
    return CHORD * _standard(change) + LOW * _standard(low) + ACCENT * _standard(accent)


def onset_level(spec: Spectrum, times: np.ndarray, lag: float) -> np.ndarray:
    """Onset strength around each time, (n,), at least 0; ``lag`` as in ``find_downbeats``."""
    return _peak_near(onset_strength(spec), times + lag, spec.rate)


def _peak_near(curve: np.ndarray, times: np.ndarray, rate: float) -> np.ndarray:
    """The most of a curve (F,) within two frames of every time (n,)."""
    frames = np.round(times * rate).astype(int)[:, None] + np.arange(-2, 3)
    return curve[np.clip(frames, 0, len(curve) - 1)].max(axis=1)


def _standard(values: np.ndarray) -> np.ndarray:
    """Mean 0, deviation 1; a constant becomes 0."""
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 1e-9 else np.zeros_like(values)
