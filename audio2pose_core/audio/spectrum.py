"""One pass of short-time spectra, shared by beats and features.

The definitions are librosa's defaults (McFee et al., "librosa: Audio and Music
Signal Analysis in Python", SciPy 2015), so that published numbers carry over;
the tests hold them against librosa itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .load import Audio

N_FFT = 2048
HOP = 512
ONSET_BANDS = 128
FEATURE_BANDS = 64
_BLOCK_FRAMES = 512  # some 15 MB of spectra at a time, however long the song
_AMIN = 1e-10  # power that counts as nothing: -100 dB


@dataclass(frozen=True)
class Spectrum:
    """What beats and features need of a song, F frames of HOP samples.

    Frame k is centred at k / rate seconds.

    Attributes
    ----------
    rate : float
        Frames per second.
    seconds : float
        Length of the song.
    onset_db : (F, 128) float32
        Mel power in dB, 0 Hz to Nyquist.
    mel_db : (F, 64) float32
        The same in fewer bands.
    chroma : (F, 12) float32
        Power per pitch class from C, not normalised.
    loudness_db : (F,) float32
        A-weighted power in dB.
    """

    rate: float
    seconds: float
    onset_db: np.ndarray
    mel_db: np.ndarray
    chroma: np.ndarray
    loudness_db: np.ndarray

    @property
    def times(self) -> np.ndarray:
        """Centre of every frame in seconds, (F,)."""
        return np.arange(len(self.loudness_db)) / self.rate


def spectrum(audio: Audio) -> Spectrum:
    """Analyse a song block by block; see ``Spectrum``."""
    rate = audio.sample_rate
    bank = _projection(rate)
    frames = 1 + len(audio.samples) // HOP
    projected = np.empty((frames, bank.shape[1]), np.float32)
    low = 0
    for power in power_blocks(audio.samples):
        projected[low : low + len(power)] = power @ bank
        low += len(power)
    a, b = ONSET_BANDS, ONSET_BANDS + FEATURE_BANDS
    decibels(projected[:, :b])
    decibels(projected[:, -1])
    return Spectrum(
        rate=rate / HOP,
        seconds=audio.seconds,
        onset_db=projected[:, :a],
        mel_db=projected[:, a:b],
        chroma=projected[:, b : b + 12],
        loudness_db=projected[:, -1],
    )


def power_blocks(samples: np.ndarray, n_fft: int = N_FFT, hop: int = HOP) -> Iterator[np.ndarray]:
    """Power spectra |STFT|^2 in blocks (<= 512, 1 + n_fft / 2) float32.

    Periodic Hann window, frames centred with zeros beyond the ends: together
    the blocks are ``abs(librosa.stft(samples)).T ** 2``.
    """
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)).astype(np.float32)
    frames = 1 + len(samples) // hop
    for first in range(0, frames, _BLOCK_FRAMES):
        count = min(_BLOCK_FRAMES, frames - first)
        start = first * hop - n_fft // 2
        stop = start + (count - 1) * hop + n_fft
        piece = samples[max(start, 0) : max(stop, 0)]
        piece = np.pad(piece, (max(-start, 0), max(stop - len(samples), 0)))
        cuts = np.lib.stride_tricks.sliding_window_view(piece, n_fft)[::hop]
        spectra = np.fft.rfft(cuts * window, axis=1)
        yield (spectra.real**2 + spectra.imag**2).astype(np.float32)


def decibels(power: np.ndarray) -> None:
    """Turn power into dB in place, by blocks so that no second copy of a long song is made."""
    for low in range(0, len(power), 8192):
        block = power[low : low + 8192]
        np.maximum(block, _AMIN, out=block)
        np.log10(block, out=block)
        block *= 10.0


@lru_cache(maxsize=4)
def _projection(rate: int) -> np.ndarray:
    """Every filterbank side by side: (1025, 128 + 64 + 12 + 1) float32."""
    columns = [
        mel_bank(rate, N_FFT, ONSET_BANDS).T,
        mel_bank(rate, N_FFT, FEATURE_BANDS).T,
        chroma_bank(rate, N_FFT).T,
        a_weighting(np.fft.rfftfreq(N_FFT, 1 / rate))[:, None] / (N_FFT / 2) ** 2,
    ]
    return np.concatenate(columns, axis=1).astype(np.float32)


def hz_to_mel(hz: np.ndarray) -> np.ndarray:
    """Slaney's mel scale (Auditory Toolbox, 1998): linear to 1 kHz, logarithmic above."""
    hz = np.asarray(hz, np.float64)
    step = np.log(6.4) / 27.0
    return np.where(hz < 1000.0, hz * 3 / 200, 15.0 + np.log(np.maximum(hz, 1e-9) / 1000) / step)


def mel_to_hz(mel: np.ndarray) -> np.ndarray:
    """Inverse of ``hz_to_mel``."""
    mel = np.asarray(mel, np.float64)
    step = np.log(6.4) / 27.0
    return np.where(mel < 15.0, mel * 200 / 3, 1000.0 * np.exp(step * (mel - 15.0)))


def mel_bank(rate: int, n_fft: int, bands: int) -> np.ndarray:
    """Triangles of equal area on Slaney's mel scale, 0 to Nyquist, (bands, 1 + n_fft / 2)."""
    bins = np.fft.rfftfreq(n_fft, 1 / rate)
    corners = mel_to_hz(np.linspace(0.0, float(hz_to_mel(np.array(rate / 2))), bands + 2))
    left, centre, right = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    rising = (bins - left) / (centre - left)
    falling = (right - bins) / (right - centre)
    return np.clip(np.minimum(rising, falling), 0.0, None) * 2.0 / (right - left)


def chroma_bank(rate: int, n_fft: int) -> np.ndarray:
    """Weights from spectrum bins to pitch classes C..B at A = 440 Hz, (12, 1 + n_fft / 2).

    After D. Ellis, "Chroma Feature Analysis and Synthesis" (2007): a Gaussian
    in semitones around every pitch class, as wide as the bin is in semitones
    (at least one), with bins far from 440 Hz faded by a Gaussian two octaves
    wide.
    """
    bins = np.arange(1, n_fft) * (rate / n_fft)
    semitones = 12 * np.log2(bins / 27.5)  # above A0
    semitones = np.concatenate([[semitones[0] - 18.0], semitones])  # 0 Hz: far below
    width = np.concatenate([np.maximum(np.diff(semitones), 1.0), [1.0]])
    pitch_class = (np.arange(12) + 3) % 12  # rows from C, semitones counted from A
    away = (semitones[None, :] - pitch_class[:, None] + 6) % 12 - 6
    weights = np.exp(-0.5 * (2 * away / width) ** 2)
    weights /= np.linalg.norm(weights, axis=0, keepdims=True)
    weights *= np.exp(-0.5 * ((semitones / 12 - 5.0) / 2.0) ** 2)
    return weights[:, : 1 + n_fft // 2]


def a_weighting(hz: np.ndarray) -> np.ndarray:
    """A-weighting as a power gain, 1 at 1 kHz (IEC 61672-1)."""
    f2 = np.asarray(hz, np.float64) ** 2
    gain = (12194.0**2 * f2**2) / (
        (f2 + 20.6**2) * np.sqrt((f2 + 107.7**2) * (f2 + 737.9**2)) * (f2 + 12194.0**2)
    )
    return (gain * 1.2589) ** 2
