"""A piece to render: tracks of notes, and its exact beats."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

DRUMS = -1
"""The program of a drum track."""


@dataclass
class Track:
    """Notes of one instrument; times in seconds, pitches and velocities as in MIDI."""

    program: int
    """General MIDI program 0..127, or DRUMS; the pitches of drums are General MIDI keys."""
    notes: list[tuple[float, float, int, int]] = field(default_factory=list)
    """(start, length, pitch, velocity)."""
    gain: float = 1.0
    synthetic: bool = False
    """Rendered by our own synthesis instead of a soundfont."""

    def add(self, start: float, length: float, pitch: int, velocity: float) -> None:
        """Add a note; out-of-range pitches and velocities are clipped."""
        self.notes.append(
            (start, max(length, 0.02), int(np.clip(pitch, 0, 127)), int(np.clip(velocity, 1, 127)))
        )


@dataclass
class Piece:
    """What a renderer turns into sound.

    ``beats`` (B,) in seconds, ``places`` (B,): a beat's place in its bar, 0 the downbeat.
    """

    tracks: list[Track]
    beats: np.ndarray
    places: np.ndarray
    seconds: float
    source: str
    pumped: bool = False
    """Whether everything but the drums is to dip at every beat."""

    def cut(self, start: float, seconds: float) -> Piece:
        """The stretch from ``start`` on (negative: silence before); notes under way are cut."""
        tracks = []
        for track in self.tracks:
            notes = [
                (max(t - start, 0.0), min(t - start, 0.0) + length, p, v)
                for t, length, p, v in track.notes
                if t - start < seconds and t + length - start > (0.0 if t >= start else 0.05)
            ]
            # Drums have no length: what began before the cut is over.
            if track.program == DRUMS:
                notes = [(t - start, le, p, v) for t, le, p, v in track.notes
                         if start <= t < start + seconds]  # fmt: skip
            tracks.append(Track(track.program, notes, track.gain, track.synthetic))
        inside = (self.beats >= start) & (self.beats < start + seconds)
        return Piece(
            tracks,
            self.beats[inside] - start,
            self.places[inside],
            seconds,
            self.source,
            self.pumped,
        )


@dataclass(frozen=True)
class Bars:
    """Where bars and beats lie: bar b has ``metres[b]`` beats; ``times`` are all beats and the end.

    A position is counted in beats from the piece's first downbeat, fractions included.
    """

    metres: np.ndarray
    times: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """Position of every bar's downbeat, (bars,)."""
        return np.concatenate([[0], np.cumsum(self.metres)[:-1]])

    @property
    def places(self) -> np.ndarray:
        """Place in its bar of every beat (without the end)."""
        return np.concatenate([np.arange(m) for m in self.metres])

    def seconds(self, position: float | np.ndarray) -> np.ndarray:
        """Time of a position, in seconds; before the first beat its tempo goes on backwards."""
        position = np.asarray(position, float)
        inside = np.interp(position, np.arange(len(self.times)), self.times)
        before = self.times[0] + position * (self.times[1] - self.times[0])
        return np.where(position < 0, before, inside)


def tempo_curve(random: np.random.Generator, beats: int, bpm: float, rubato: float) -> np.ndarray:
    """Times of ``beats`` + 1 beats at a tempo that lives.

    A smooth drift (players without a click), at times a lasting change of tempo,
    a ritardando or an accelerando; ``rubato`` > 0 adds free phrasing: waves of a
    few beats and single delayed beats, as deviations of the beat's log length.
    """
    log = np.zeros(beats)
    steady = rubato == 0 and random.random() < 0.5
    if not steady:
        walk = np.cumsum(random.normal(0, 0.006, beats))
        log += np.clip(walk - walk.mean(), -0.08, 0.08) + random.normal(0, 0.004, beats)
    chance = random.random()
    if chance < 0.08:  # another tempo from some beat on
        log[random.integers(beats // 4, beats) :] += random.uniform(-0.25, 0.25)
    elif chance < 0.16:  # slower or faster by and by
        first = random.integers(0, beats - 8) if beats > 16 else 0
        length = min(beats - first, int(random.integers(8, 32)))
        log[first : first + length] += np.linspace(0, random.uniform(-0.25, 0.35), length)
        log[first + length :] += log[first + length - 1]
    if rubato:
        k = np.arange(beats)
        for _ in range(2):
            period = random.choice([4, 8, 16, 6, 12]) * random.uniform(0.8, 1.2)
            log += rubato * np.sin(2 * np.pi * (k / period + random.random()))
        log += random.normal(0, 0.4 * rubato, beats)
        held = random.random(beats) < 0.04
        log[held] += random.uniform(0.1, 0.4, held.sum())
    return np.concatenate([[0.0], np.cumsum(60.0 / bpm * np.exp(log))])
