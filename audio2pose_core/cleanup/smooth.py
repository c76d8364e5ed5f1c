"""The spectrum of a generated dance made that of a real one: no trembling, and its accents back.

Dance holds next to nothing above 6 Hz; what a network or a capture has there
reads as trembling, and a low-pass takes it. Between 2 and 6 Hz, where a move
snaps, a network trained on mean squares has too little, since what it is unsure
of it averages away. The same filter lifts that band by the model's *presence*:
the remedy that speech synthesis has for the same trouble (Takamichi et al.,
"Postfilters to modify the modulation spectrum", IEEE/ACM TASLP 24(4), 2016).
"""

from __future__ import annotations

import numpy as np

from .. import rotations as rot
from ..motion import Motion

CUTOFF_HZ = 7.0
HALF_WIDTH_S = 0.2
PRESENCE_HALF_WIDTH_S = 1 / 3
PRESENCE_HZ = (1.5, 3.5, 5.5)
"""Where the lift begins, and where it is full. Up to the first a dance stays as it is."""


def low_pass_kernel(fps: float, cutoff: float, half_width_s: float = HALF_WIDTH_S) -> np.ndarray:
    """Symmetric taps (2 k + 1,) of a Hann-windowed sinc with the corner at ``cutoff`` Hz."""
    half = max(1, round(half_width_s * fps))
    n = np.arange(-half, half + 1)
    taps = np.sinc(2 * cutoff / fps * n) * np.hanning(2 * half + 3)[1:-1]
    return taps / taps.sum()


def presence_kernel(fps: float, cutoff: float, presence: float) -> np.ndarray:
    """Symmetric taps (2 k + 1,): the gain is 1, from 3.5 to 5.5 Hz ``presence``, past 7 Hz 0.

    A Hann-windowed frequency sampling design, straight lines between the corners,
    where ``cutoff`` is the middle of the fall.
    """
    half = max(1, round(PRESENCE_HALF_WIDTH_S * fps))
    corners = [0.0, *PRESENCE_HZ, cutoff - 0.5, cutoff + 0.5, fps / 2]
    gains = [1.0, 1.0, presence, presence, 1.0, 0.0, 0.0]
    hz = np.linspace(0.0, fps / 2, 513)
    response = np.interp(hz, corners, gains)
    spectrum = np.fft.irfft(response)
    taps = np.roll(spectrum, half)[: 2 * half + 1] * np.hanning(2 * half + 3)[1:-1]
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


def smooth_motion(motion: Motion, cutoff: float = CUTOFF_HZ, presence: float = 1.0) -> Motion:
    """The motion without what trembles faster than ``cutoff`` Hz; contacts are kept.

    ``presence`` over 1 lifts what lies between 2 and 6 Hz by that factor.
    Quaternions are filtered as numbers and brought back to unit length: between
    frames some degrees apart that is the mean rotation to second order.
    """
    if 2 * cutoff >= motion.fps:
        return motion
    taps = (
        low_pass_kernel(motion.fps, cutoff)
        if presence == 1.0
        else presence_kernel(motion.fps, cutoff, presence)
    )
    quats = rot.normalize(filter_frames(rot.continuous(motion.rotations), taps))
    return Motion(motion.fps, filter_frames(motion.root, taps), quats, motion.contacts)
