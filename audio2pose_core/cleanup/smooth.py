"""A light low-pass against the jitter of a generative network.

Dance holds next to nothing above 6 Hz; what a network adds there reads as
trembling. A windowed sinc keeps the poses below its corner untouched, which a
Gaussian of the same strength would round off.
"""

from __future__ import annotations

import numpy as np

from .. import rotations as rot
from ..motion import Motion

CUTOFF_HZ = 7.0
HALF_WIDTH_S = 0.2


def low_pass_kernel(fps: float, cutoff: float, half_width_s: float = HALF_WIDTH_S) -> np.ndarray:
    """Symmetric taps (2 k + 1,) of a Hann-windowed sinc with the corner at ``cutoff`` Hz."""
    half = max(1, round(half_width_s * fps))
    n = np.arange(-half, half + 1)
    taps = np.sinc(2 * cutoff / fps * n) * np.hanning(2 * half + 3)[1:-1]
    return taps / taps.sum()


def gaussian_kernel(sigma: float) -> np.ndarray:
    """Symmetric taps (2 k + 1,) of a Gaussian of ``sigma`` frames."""
    half = max(1, int(3 * sigma + 0.5))
    taps = np.exp(-0.5 * (np.arange(-half, half + 1) / max(sigma, 1e-6)) ** 2)
    return taps / taps.sum()


def filter_frames(values: np.ndarray, taps: np.ndarray) -> np.ndarray:
    """Convolve along axis 0; past the ends the motion is mirrored through its end point.

    (Mirrored through the point, not held: a held end would stop the motion.)
    """
    half = len(taps) // 2
    if len(values) < 2:
        return np.array(values, dtype=np.float64)
    index = np.arange(-half, len(values) + half)
    last = len(values) - 1
    inner = np.clip(
        np.where(index < 0, -index, np.where(index > last, 2 * last - index, index)), 0, last
    )
    padded = values[inner]
    padded[:half] = 2 * values[0] - padded[:half]
    padded[len(padded) - half :] = 2 * values[last] - padded[len(padded) - half :]
    out = np.zeros(values.shape)
    for i, tap in enumerate(taps):
        out += tap * padded[i : i + len(values)]
    return out


def smooth_motion(motion: Motion, cutoff: float = CUTOFF_HZ) -> Motion:
    """The motion without what trembles faster than ``cutoff`` Hz; contacts are kept.

    Quaternions are filtered as numbers and brought back to unit length: between
    frames some degrees apart that is the mean rotation to second order.
    """
    if 2 * cutoff >= motion.fps:
        return motion
    taps = low_pass_kernel(motion.fps, cutoff)
    quats = rot.normalize(filter_frames(rot.continuous(motion.rotations), taps))
    return Motion(motion.fps, filter_frames(motion.root, taps), quats, motion.contacts)
