"""What the dancer hears besides the beat: onsets, loudness, mel bands and chroma per frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import OptionError
from .load import Audio
from .spectrum import HOP, N_FFT, Spectrum, spectrum

RANGE_DB = 80.0  # mel bands: 1 is the song's loudest, 0 is 80 dB below
LOUDNESS_RANGE_DB = 40.0  # loudness: 0 is 40 dB below the song's loud parts

# The onset curve peaks so many seconds after the attack that causes it. Measured on demo songs
# of 70 to 180 bpm, whose attacks are known to the sample: 0.029 to 0.030 s at every tempo.
ONSET_LAG = 0.030


@dataclass(frozen=True)
class AudioFeatures:
    """Features on the motion's time grid: frame t is at t / fps seconds.

    All are float32 in 0..1, relative to the song, so that a quiet master
    dances like a loud one.

    Attributes
    ----------
    fps : float
        Frames per second.
    onset : (T,)
        Onset strength, 1 at the song's 99th percentile of onset peaks and clipped there.
        Its peaks are in time with the attacks: the analysis lag is taken off.
    loudness : (T,)
        A-weighted level in dB: 1 at the song's 95th percentile, 0 at 40 dB below it.
    mel : (T, 64)
        Log-mel power, 0 Hz to 11 kHz: 1 at the song's loudest band, 0 at 80 dB below it.
    chroma : (T, 12)
        Pitch classes from C, the strongest of each frame is 1; all 0 where the song is silent.
    """

    fps: float
    onset: np.ndarray
    loudness: np.ndarray
    mel: np.ndarray
    chroma: np.ndarray

    def __len__(self) -> int:
        return len(self.onset)


def extract_features(audio: Audio, fps: float = 30.0) -> AudioFeatures:
    """Features of a song at ``fps``, T = max(1, round(seconds * fps)) frames."""
    return features_from_spectrum(spectrum(audio), fps)


def features_from_spectrum(spec: Spectrum, fps: float = 30.0) -> AudioFeatures:
    """The same from a spectrum that is already there."""
    if not np.isfinite(fps) or fps <= 0:
        raise OptionError(f"features need a positive frame rate, not {fps}")
    count = max(1, round(spec.seconds * fps))
    times = np.arange(count) / fps

    # An onset must not fall between two frames: take the most of each frame's span.
    raw = onset_strength(spec)
    spans = np.linspace(-0.5, 0.5, 5) / fps + ONSET_LAG
    onset = np.max([np.interp(times + shift, spec.times, raw) for shift in spans], axis=0)
    onset = np.clip(onset / max(_peak_level(raw), 1e-9), 0.0, 1.0)

    level = np.interp(times, spec.times, spec.loudness_db)
    loud = float(np.percentile(spec.loudness_db, 95))
    loudness = np.clip(1.0 + (level - loud) / LOUDNESS_RANGE_DB, 0.0, 1.0)

    mel = _at_times(spec.mel_db, times * spec.rate)
    mel -= float(spec.mel_db.max()) - RANGE_DB
    mel /= RANGE_DB
    np.clip(mel, 0.0, 1.0, out=mel)

    chroma = normalised_chroma(_at_times(spec.chroma, times * spec.rate))
    return AudioFeatures(
        float(fps), onset.astype(np.float32), loudness.astype(np.float32), mel, chroma
    )


def onset_strength(spec: Spectrum) -> np.ndarray:
    """Onset strength (F,): the mean rise of the 128 mel bands in dB from frame to frame.

    ``librosa.onset.onset_strength`` with its defaults: levels end 80 dB under
    the song's loudest, falls count as 0, and the curve is moved right by the
    two frames that a centred window looks ahead (S. Böck, G. Widmer, "Maximum
    filter vibrato suppression for onset detection", DAFx 2013, without the
    maximum filter).
    """
    return band_rise(spec, slice(None))


def band_rise(spec: Spectrum, bands: slice) -> np.ndarray:
    """Mean rise in dB of some of the onset bands, (F,) float64, moved as in ``onset_strength``."""
    frames = len(spec.onset_db)
    floor = float(spec.onset_db.max()) - 80.0
    shift = 1 + N_FFT // (2 * HOP)
    out = np.zeros(frames + shift)
    for low in range(1, frames, 8192):
        levels = np.maximum(spec.onset_db[low - 1 : low + 8192, bands], floor)
        rise = np.maximum(np.diff(levels, axis=0), 0.0).mean(axis=1)
        out[low + shift - 1 : low + shift - 1 + len(rise)] = rise
    return out[:frames]


def normalised_chroma(power: np.ndarray) -> np.ndarray:
    """Chroma whose strongest class is 1 in every frame, (T, 12); silent frames stay 0."""
    strongest = power.max(axis=1, keepdims=True)
    loudest = float(strongest.max()) if power.size else 0.0
    heard = strongest > max(loudest * 1e-8, 1e-12)
    return np.where(heard, power / np.where(heard, strongest, 1.0), 0.0).astype(np.float32)


def _peak_level(onset: np.ndarray) -> float:
    """The 99th percentile of the local maxima of an onset curve."""
    peaks = onset[1:-1][(onset[1:-1] > onset[:-2]) & (onset[1:-1] >= onset[2:])]
    return float(np.percentile(peaks, 99)) if len(peaks) else 0.0


def _at_times(values: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Rows of ``values`` (F, D) at fractional frame ``position`` (T,), linearly, (T, D) float32."""
    position = np.clip(position, 0, len(values) - 1)
    low = np.minimum(position.astype(int), max(len(values) - 2, 0))
    high = np.minimum(low + 1, len(values) - 1)
    weight = (position - low).astype(np.float32)[:, None]
    return values[low] * (1 - weight) + values[high] * weight
