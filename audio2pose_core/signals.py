"""Small tools for tracks of numbers over time: smoothing with a Gaussian, stretches of a mask."""

from __future__ import annotations

import numpy as np


def gaussian_kernel(sigma: float, reach: float = 3.0) -> np.ndarray:
    """Symmetric taps (2 k + 1,) of a Gaussian of ``sigma`` frames, out to ``reach`` of them."""
    half = max(1, int(reach * sigma + 0.5))
    taps = np.exp(-0.5 * (np.arange(-half, half + 1) / max(sigma, 1e-6)) ** 2)
    return taps / taps.sum()


def gaussian_smooth(values: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian of ``sigma`` samples along axis 0; past the edges the values are mirrored."""
    if sigma <= 0 or len(values) < 2:
        return np.array(values, dtype=np.float64)
    kernel = gaussian_kernel(sigma, reach=4.0)
    radius = len(kernel) // 2
    flat = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    padded = np.pad(flat, ((radius, radius), (0, 0)), mode="symmetric")
    out = np.stack([np.convolve(c, kernel, mode="valid") for c in padded.T], axis=1)
    return out.reshape(np.shape(values))


def runs(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Starts (n,) and stops (n,), stop exclusive, of the True stretches of a mask (T,)."""
    edges = np.diff(np.concatenate([[0], mask.astype(np.int8), [0]]))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
