"""What the beat network hears: 81 log-spaced bands, 50 frames a second.

The same code makes the features in training and at run time, so that the two
cannot drift apart. The bands follow the usual front end of beat tracking
networks (S. Böck, M. Davies, "Deconstruct, Analyse, Reconstruct", ISMIR 2020).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .load import SAMPLE_RATE

FPS = 50
HOP = SAMPLE_RATE // FPS  # 441 samples: frame k is centred at exactly k / 50 s
WINDOW = 1411  # 64 ms; odd, so that it has a middle sample
BANDS = 81
LOWEST_HZ, HIGHEST_HZ = 30.0, 10000.0
COMPRESSION = 20.0

_N_FFT = 1536  # the window and some zeros; 2**9 * 3 is quick to transform
_BLOCK_FRAMES = 512
_SILENT_RMS = 1e-6  # below it there is nothing to level


def beat_features(samples: np.ndarray) -> np.ndarray:
    """Log magnitudes log10(1 + 20 |X|) in 81 bands, (T, 81) float32.

    Parameters
    ----------
    samples : (N,) float
        Mono, 22,050 Hz. The piece is brought to an RMS of 1 first, so a song
        gives the same features at any volume.

    T is 1 + N // 441; frame k is centred at k * 0.02 s, with silence beyond
    the ends. |X| is scaled so that white noise of RMS 1 has a mean square of 1.
    Silence gives zeros.
    """
    samples = np.asarray(samples)
    if samples.ndim != 1:
        raise ValueError(f"samples are mono (N,), not {samples.shape}")
    bank, window = _band_bank(), _window()
    frames = 1 + len(samples) // HOP
    out = np.zeros((frames, BANDS), np.float32)
    level = _rms(samples)
    if level < _SILENT_RMS:
        return out
    half = WINDOW // 2
    for first in range(0, frames, _BLOCK_FRAMES):
        count = min(_BLOCK_FRAMES, frames - first)
        start = first * HOP - half
        stop = start + (count - 1) * HOP + WINDOW
        piece = samples[max(start, 0) : max(stop, 0)].astype(np.float32) / np.float32(level)
        piece = np.pad(piece, (max(-start, 0), max(stop - len(samples), 0)))
        cuts = np.lib.stride_tricks.sliding_window_view(piece, WINDOW)[::HOP]
        magnitude = np.abs(np.fft.rfft(cuts * window, _N_FFT, axis=1)).astype(np.float32)
        out[first : first + count] = np.log10(1.0 + COMPRESSION * (magnitude @ bank))
    return out


def band_centres() -> np.ndarray:
    """Centre frequency of every band in Hz, (81,)."""
    return np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 2)[1:-1]


def _rms(samples: np.ndarray) -> float:
    """Root mean square, summed by blocks in double precision."""
    step = 1 << 18
    total = sum(
        float(np.dot(block, block))
        for low in range(0, len(samples), step)
        for block in [samples[low : low + step].astype(np.float64)]
    )
    return float(np.sqrt(total / max(len(samples), 1)))


@lru_cache(maxsize=1)
def _window() -> np.ndarray:
    """Hann, of unit energy, (1411,) float32."""
    window = np.hanning(WINDOW + 2)[1:-1]
    return (window / np.sqrt((window**2).sum())).astype(np.float32)


@lru_cache(maxsize=1)
def _band_bank() -> np.ndarray:
    """Triangles over the spectrum's bins that sum to 1 each, (769, 81) float32.

    Low bands lie closer than bins. A triangle is therefore at least one bin
    wide on either side, which makes it an interpolation between two bins.
    """
    bins = np.fft.rfftfreq(_N_FFT, 1 / SAMPLE_RATE)
    corners = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 2)
    centre = corners[1:-1]
    left = np.maximum(centre - corners[:-2], bins[1])
    right = np.maximum(corners[2:] - centre, bins[1])
    away = bins[:, None] - centre
    weights = np.clip(1.0 - np.where(away < 0, -away / left, away / right), 0.0, None)
    return (weights / weights.sum(axis=0)).astype(np.float32)
