"""The instruments of the demo song: a drum kit, a bass, chords and a pluck, additive and dry."""

from __future__ import annotations

import numpy as np


class Track:
    """A mono track of N samples that sounds are added to."""

    def __init__(self, length: int, sample_rate: int) -> None:
        self.samples = np.zeros(length)
        self._rate = sample_rate

    def add(self, time: float, sound: np.ndarray, gain: float) -> None:
        """Add ``sound`` (n,) from ``time`` seconds on; what hangs over the end is cut."""
        start = round(time * self._rate)
        piece = sound[: max(0, len(self.samples) - start)]
        self.samples[start : start + len(piece)] += gain * piece


class Kit:
    """Sounds at one sample rate; noise comes from the given generator."""

    def __init__(self, sample_rate: int, random: np.random.Generator) -> None:
        self._rate = sample_rate
        self._notes: dict[tuple[object, ...], np.ndarray] = {}
        t = self._seconds(0.30)
        # A tone that falls from 170 to 50 Hz, with a click on top.
        phase = 2 * np.pi * (50 * t + 120 * 0.035 * (1 - np.exp(-t / 0.035)))
        click = random.standard_normal(len(t)) * np.exp(-t / 0.002)
        self.kick = np.sin(phase) * np.exp(-t / 0.10) + 0.25 * click
        t = self._seconds(0.22)
        noise = random.standard_normal(len(t)) * np.exp(-t / 0.055)
        body = np.sin(2 * np.pi * 190 * t) * np.exp(-t / 0.06)
        self.snare = 0.8 * _brighter(noise, 1) + 0.6 * body
        t = self._seconds(0.07)
        self.hat = _brighter(random.standard_normal(len(t)), 3) * np.exp(-t / 0.016)
        t = self._seconds(0.9)
        self.crash = _brighter(random.standard_normal(len(t)), 2) * np.exp(-t / 0.25)

    def bass(self, note: int, length: float) -> np.ndarray:
        """A round bass note: a few harmonics that close over time."""
        return self._cached("bass", (note,), length, lambda t: _tone(t, note, 6, 1.4, 0.12))

    def pluck(self, note: int, length: float) -> np.ndarray:
        """A bright plucked note."""
        return self._cached("pluck", (note,), length, lambda t: _tone(t, note, 10, 1.0, 0.09))

    def chord(self, notes: list[int], length: float) -> np.ndarray:
        """A soft pad; each voice is slightly doubled."""

        def render(t: np.ndarray) -> np.ndarray:
            voices = [_tone(t, n + d, 5, 1.6, 9.0) for n in notes for d in (-0.04, 0.04)]
            return np.sum(voices, axis=0) / len(notes) * np.minimum(1.0, t / 0.02)

        return self._cached("chord", tuple(notes), length, render)

    def _cached(self, kind, notes, length, render) -> np.ndarray:  # type: ignore[no-untyped-def]
        key = (kind, notes, round(length, 4))
        if key not in self._notes:
            t = self._seconds(max(length, 0.02))
            ends = np.minimum(1.0, np.minimum(t / 0.003, (t[-1] - t) / 0.01))
            self._notes[key] = render(t) * ends
        return self._notes[key]

    def _seconds(self, length: float) -> np.ndarray:
        return np.arange(round(length * self._rate)) / self._rate


def ducking(length: int, sample_rate: int, beats: np.ndarray, period: float) -> np.ndarray:
    """Gain (N,) that dips on every beat and recovers: the pumping of a club mix."""
    time = np.arange(length) / sample_rate
    last = np.searchsorted(beats, time, side="right") - 1
    since = np.where(last >= 0, time - beats[np.maximum(last, 0)], period)
    return 1.0 - 0.55 * np.exp(-since / (0.25 * period))


def fade_out(samples: np.ndarray, seconds: float, sample_rate: int) -> np.ndarray:
    """The same samples with a linear fade over the last ``seconds``."""
    count = round(seconds * sample_rate)
    out = samples.copy()
    out[len(out) - count :] *= np.linspace(1.0, 0.0, count)
    return out


def _tone(t: np.ndarray, note: float, partials: int, slope: float, decay: float) -> np.ndarray:
    """Harmonics 1..partials of a MIDI note, the k-th at k**-slope and fading k times as fast."""
    frequency = 440.0 * 2 ** ((note - 69) / 12)
    out = np.zeros_like(t)
    for k in range(1, partials + 1):
        if k * frequency < 10000:
            fading = np.exp(-t * (0.3 + 0.5 * k) / max(decay * 4, 1e-3))
            out += np.sin(2 * np.pi * k * frequency * t) * k**-slope * fading
    return out


def _brighter(noise: np.ndarray, times: int) -> np.ndarray:
    """High-pass by differences, level kept."""
    for _ in range(times):
        noise = np.diff(noise, prepend=0.0)
        noise = noise / max(float(np.abs(noise).max()), 1e-9)
    return noise
