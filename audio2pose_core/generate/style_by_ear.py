"""Which style suits a song by what is heard of it: pace, density, pulse of the bass, brightness.

Each style has a row of what it is usually danced to, as dancers describe their music: house to
four on the floor near 125 bpm, krump to dense dark beats, modern to what is soft and slow. The
rows are ours, written down and not learnt. Half and double time count as the same tempo, since
a tracker may take either and a dancer may dance either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..audio.beats import Beats
from ..audio.features import AudioFeatures

BEGINNING_S, LISTEN_S = 15.0, 10.0
ONSET = 0.3
LOW_BANDS, MIDDLE = 4, 40
NEAR_BEAT = 0.15


@dataclass(frozen=True)
class Heard:
    """What the choice of a style listens to.

    Attributes
    ----------
    tempo : float
        Octaves of the tempo above 80 bpm, folded into 0..1.
    density : float
        Clear onsets a second.
    pulse : float
        How much more the bass rises on the beat than elsewhere; 1 is alike.
    brightness, bass : float
        Level of the upper mel bands, and of the lowest, over that of all.
    """

    tempo: float
    density: float
    pulse: float
    brightness: float
    bass: float

    def row(self) -> np.ndarray:
        """The five numbers in their own units, (5,)."""
        return np.array([self.tempo, self.density, self.pulse, self.brightness, self.bass])


SPREAD = np.array([0.16, 1.0, 0.5, 0.15, 0.25])
"""How far off each number is as bad as one of the others."""


def _heard(bpm: float, density: float, pulse: float, brightness: float, bass: float) -> Heard:
    return Heard(float(np.log2(bpm / 80.0) % 1.0), density, pulse, brightness, bass)


DANCED_TO: dict[str, Heard] = {
    "hiphop": _heard(92, 2.6, 1.4, 0.60, 1.75),
    "break": _heard(118, 4.2, 1.3, 0.85, 1.30),
    "house": _heard(126, 3.0, 2.3, 0.75, 1.45),
    "pop": _heard(102, 1.9, 2.0, 0.68, 1.55),
    "krump": _heard(83, 4.8, 0.9, 0.88, 1.40),
    "disco": _heard(112, 3.2, 1.7, 0.68, 1.60),
    "salsa": _heard(98, 4.4, 1.2, 0.77, 1.50),
    "modern": _heard(84, 2.2, 1.3, 0.25, 1.75),
    "jazz": _heard(140, 2.6, 1.2, 0.50, 1.90),
    "commercial": _heard(106, 3.4, 1.4, 0.75, 1.55),
    "party": _heard(145, 3.2, 2.5, 0.82, 1.35),
    "lock": _heard(108, 3.6, 1.5, 0.70, 1.65),
    "waack": _heard(120, 3.4, 1.8, 0.80, 1.45),
}
"""What the styles are danced to."""


def listen(beats: Beats, features: AudioFeatures) -> Heard:
    """What is heard of a song in the loudest ``LISTEN_S`` of its first ``BEGINNING_S``.

    So a part of a song suits the same style as the whole, if its beginning is in it.
    """
    fps = features.fps
    early = min(len(features), round(BEGINNING_S * fps))
    length = min(early, round(LISTEN_S * fps))
    level = np.concatenate([[0.0], np.cumsum(features.loudness[:early], dtype=np.float64)])
    first = int(np.argmax(level[length:] - level[:-length]))
    here = slice(first, first + length)
    onset = features.onset[here]
    inner = onset[1:-1]
    peaks = (inner > onset[:-2]) & (inner >= onset[2:]) & (inner > ONSET)
    density = float(peaks.sum()) / max(length / fps, 1.0)
    mel = features.mel[here]
    low = mel[:, :LOW_BANDS].mean(axis=1)
    rise = np.maximum(np.diff(low, prepend=low[:1]), 0.0)
    place = np.interp((first + np.arange(length)) / fps, beats.times, np.arange(len(beats.times)))
    near = np.abs((place + 0.5) % 1.0 - 0.5) < NEAR_BEAT
    pulse = float(rise[near].mean() / max(rise.mean(), 1e-6)) if near.any() else 1.0
    total = max(float(mel.mean()), 1e-6)
    bright, bass = float(mel[:, MIDDLE:].mean()) / total, float(low.mean()) / total
    tempo = float(np.log2(max(beats.tempo_bpm, 1.0) / 80.0) % 1.0)
    return Heard(tempo, density, pulse, bright, bass)


def style_by_ear(heard: Heard, styles: Iterable[str]) -> str | None:
    """The one of ``styles`` that suits best; None where nothing is known of any of them."""
    known = [name for name in styles if name in DANCED_TO]
    return min(known, key=lambda name: misfit(heard, DANCED_TO[name])) if known else None


def misfit(heard: Heard, danced_to: Heard) -> float:
    """How far a song is from what a style is danced to; tempo on its circle of octaves."""
    off = heard.row() - danced_to.row()
    off[0] = (off[0] + 0.5) % 1.0 - 0.5
    # Beyond two spreads no number counts for more: one odd figure must not decide alone.
    return float(np.minimum((off / SPREAD) ** 2, 4.0).sum())
