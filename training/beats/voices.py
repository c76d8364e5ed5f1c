"""Our own synthesis: electronic drums, chip and synthesiser tones, a voice that sings syllables.

Every piece draws its own sounds. All in numpy at 22,050 Hz; the acoustic kit is
the one of the demo song (audio2pose_core.audio.synth).
"""

from __future__ import annotations

import numpy as np

from audio2pose_core.audio.beat_features import SAMPLE_RATE
from audio2pose_core.audio.synth import Kit

from .piece import DRUMS, Track

_KICKS, _SNARES, _HATS = {35, 36}, {37, 38, 39, 40}, {42, 44, 46, 51, 53, 59, 54, 69, 70, 82}
_VOICE_PROGRAMS = {52, 53, 54, 85}


def render_synthetic(
    tracks: list[Track], seconds: float, random: np.random.Generator
) -> np.ndarray:
    """Sum of the tracks, (N,) float32."""
    out = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    for track in tracks:
        sound = (
            DrumMachine(random) if track.program == DRUMS else _tone_maker(track.program, random)
        )
        scale = track.gain * (0.5 if track.program == DRUMS else 0.18)
        for start, length, pitch, velocity in track.notes:
            first = round(start * SAMPLE_RATE)
            wave = sound(pitch, length)[: max(0, len(out) - first)]
            out[first : first + len(wave)] += wave * np.float32(scale * (velocity / 100) ** 1.5)
    return out


class DrumMachine:
    """One sound per General MIDI drum key, drawn at random."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random
        self._cache: dict[int, np.ndarray] = {}
        self._kit = Kit(SAMPLE_RATE, random) if random.random() < 0.3 else None

    def __call__(self, key: int, length: float) -> np.ndarray:
        """The sound (n,) of a key; ``length`` is of no account."""
        if key not in self._cache:
            self._cache[key] = self._make(key).astype(np.float32)
        return self._cache[key]

    def _make(self, key: int) -> np.ndarray:
        r = self._random
        kit = self._kit
        if key in _KICKS:
            if kit:
                return kit.kick
            low, drop = r.uniform(38, 65), r.uniform(60, 300)
            fall, decay = r.uniform(0.01, 0.06), r.choice([0.06, 0.12, 0.3])
            t = _time(6 * decay if decay < 0.2 else 0.9)
            phase = low * t + drop * fall * (1 - np.exp(-t / fall))
            click = r.uniform(0, 0.5) * r.standard_normal(len(t)) * np.exp(-t / 0.002)
            return np.tanh(r.uniform(1, 3) * np.sin(2 * np.pi * phase)) * np.exp(-t / decay) + click
        if key in _SNARES:
            if kit and key in (38, 40):
                return kit.snare
            t = _time(0.3)
            noise = _high(r.standard_normal(len(t)), r.uniform(300, 2500))
            if key == 39:  # a clap: three bursts and a tail
                bursts = sum(np.exp(-np.abs(t - d) / 0.004) for d in (0.0, 0.011, 0.022))
                return noise * (bursts + 0.7 * np.exp(-t / 0.08)) * 0.6
            decay = r.uniform(0.03, 0.14) if key != 37 else 0.012
            tone = np.sin(2 * np.pi * r.uniform(160, 340) * t) * np.exp(-t / 0.05)
            return noise * np.exp(-t / decay) * 0.7 + r.uniform(0.2, 0.8) * tone
        if key in _HATS:
            if kit and key == 42:
                return kit.hat * 0.6
            decay = r.uniform(0.1, 0.3) if key in (46, 51, 53, 59) else r.uniform(0.012, 0.05)
            t = _time(5 * decay)
            metal = np.sign(sum(np.sin(2 * np.pi * f * t) for f in r.uniform(3000, 9000, 4)))
            body = _high(r.standard_normal(len(t)) + r.uniform(0, 1) * metal, r.uniform(3000, 7500))
            return body * np.exp(-t / decay) * 0.35
        if key in (49, 57, 55, 52):
            t = _time(1.5)
            return _high(r.standard_normal(len(t)), 2500) * np.exp(-t / 0.4) * 0.5
        # Toms, congas, bells and the rest: a tone that falls a little.
        pitch = 70 * 2 ** ((key - 40) / 14) * r.uniform(0.8, 1.25)
        t = _time(0.35)
        decay = r.uniform(0.03, 0.12)
        return np.sin(2 * np.pi * pitch * (t + 0.02 * (1 - np.exp(-t / 0.03)))) * np.exp(-t / decay)


def _tone_maker(program: int, random: np.random.Generator):  # type: ignore[no-untyped-def]
    return Voice(random) if program in _VOICE_PROGRAMS else Oscillator(random)


class Oscillator:
    """Square, saw, triangle, pulse or FM with an envelope, drawn at random."""

    def __init__(self, random: np.random.Generator) -> None:
        self._shape = str(random.choice(["square", "saw", "triangle", "pulse", "fm", "saw"]))
        self._detune = float(random.choice([0.0, 0.0, 0.004, 0.008]))
        self._attack = float(random.choice([0.002, 0.002, 0.005, 0.03]))
        self._decay = float(random.choice([0.08, 0.25, 1.0, 5.0]))
        self._bright = float(random.uniform(3, 30))
        self._ratio = float(random.choice([1, 2, 3, 1.41, 0.5]))
        self._cache: dict[tuple[int, int], np.ndarray] = {}

    def __call__(self, pitch: int, length: float) -> np.ndarray:
        """A note (n,) float32."""
        key = (pitch, round(length * 50))
        if key not in self._cache:
            t = _time(min(max(length, 0.04), 6.0) + 0.03)
            f = 440.0 * 2 ** ((pitch - 69) / 12)
            wave = self._wave(f, t)
            if self._detune:
                wave = 0.5 * (wave + self._wave(f * (1 + self._detune), t))
            ends = np.minimum(1.0, np.minimum(t / self._attack, (t[-1] - t) / 0.03))
            self._cache[key] = (wave * ends * np.exp(-t / self._decay)).astype(np.float32)
        return self._cache[key]

    def _wave(self, f: float, t: np.ndarray) -> np.ndarray:
        phase = f * t
        if self._shape == "fm":
            index = self._bright / 8 * np.exp(-t / 0.3)
            return np.sin(2 * np.pi * phase + index * np.sin(2 * np.pi * self._ratio * phase))
        if self._shape == "triangle":
            return 2 * np.abs(2 * (phase % 1.0) - 1) - 1
        # Naive edges alias; a soft edge of a sine's slope keeps most of it away.
        sine = np.sin(2 * np.pi * phase)
        if self._shape == "saw":
            return 2 * (phase % 1.0) - 1
        duty = 0.0 if self._shape == "square" else 0.6
        return np.tanh(self._bright * (sine - duty)) * (0.7 if duty == 0 else 0.8)


class Voice:
    """A singer: harmonics under moving formants, vibrato, glides and consonants of noise."""

    _FORMANTS = ((730, 1090), (270, 2290), (530, 1840), (570, 840), (300, 870), (440, 1020))

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random
        self._last: int | None = None
        self._size = random.uniform(0.9, 1.2)

    def __call__(self, pitch: int, length: float) -> np.ndarray:
        """A syllable (n,) float32; it glides from the last pitch."""
        r = self._random
        t = _time(min(max(length, 0.08), 4.0))
        last = pitch if self._last is None or abs(self._last - pitch) > 12 else self._last
        self._last = pitch
        semis = pitch + (last - pitch) * np.exp(-t / r.uniform(0.015, 0.06))
        semis = semis + 0.3 * np.sin(2 * np.pi * r.uniform(4.5, 6.5) * t) * np.minimum(1, t / 0.4)
        f = 440.0 * 2 ** ((semis - 69) / 12)
        phase = np.cumsum(f) / SAMPLE_RATE
        first, second = self._FORMANTS[r.integers(len(self._FORMANTS))]
        out = np.zeros_like(t)
        for k in range(1, 16):
            at = k * float(f[-1])
            if at > 5000:
                break
            level = sum(
                np.exp(-(((at - c * self._size) / w) ** 2)) * g
                for c, w, g in ((first, 180, 1.0), (second, 250, 0.6), (2900, 500, 0.25))
            )
            out += (level + 0.05) / k**0.3 * np.sin(2 * np.pi * k * phase)
        attack = r.uniform(0.015, 0.08)
        out *= np.minimum(1.0, np.minimum(t / attack, (t[-1] - t) / 0.04))
        if r.random() < 0.5:
            noise = _high(r.standard_normal(len(t)), r.uniform(1500, 5000))
            out += r.uniform(0.1, 0.6) * noise * np.exp(-t / r.uniform(0.01, 0.05))
        return (1.5 * out).astype(np.float32)


def _time(seconds: float) -> np.ndarray:
    return np.arange(max(1, round(seconds * SAMPLE_RATE))) / SAMPLE_RATE


def _high(noise: np.ndarray, hz: float) -> np.ndarray:
    """Noise without what lies below ``hz``, level kept."""
    spectrum = np.fft.rfft(noise)
    f = np.fft.rfftfreq(len(noise), 1 / SAMPLE_RATE)
    out = np.fft.irfft(spectrum * (f / hz) ** 2 / (1 + (f / hz) ** 2), len(noise))
    return out / max(float(out.std()), 1e-9) * 0.7
