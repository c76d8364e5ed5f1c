"""The band that plays a composed form, a bar at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import synth

_MINOR, _MAJOR = (0, 3, 7, 10), (0, 4, 7, 12)
# Four chords over four bars, semitones above the tonic, and what they are built of.
_PROGRESSIONS = (
    ((0, _MINOR), (-4, _MAJOR), (3, _MAJOR), (-2, _MAJOR)),
    ((-4, _MAJOR), (-2, _MAJOR), (0, _MINOR), (0, _MINOR)),
    ((0, _MINOR), (5, _MINOR), (-5, _MINOR), (0, _MINOR)),
    ((5, _MINOR), (-2, _MAJOR), (3, _MAJOR), (-4, _MAJOR)),
    ((3, _MAJOR), (-2, _MAJOR), (5, _MINOR), (-4, _MAJOR)),
    ((0, _MINOR), (0, _MINOR), (-2, _MAJOR), (-2, _MAJOR)),
)
# Where the weight lies in a bar: the beats that start its groups (7 is 2 + 2 + 3).
GROUPS = {2: (0,), 3: (0,), 4: (0, 2), 5: (0, 3), 6: (0, 3), 7: (0, 2, 4)}


@dataclass(frozen=True)
class Bar:
    """A bar to play.

    Attributes
    ----------
    letter : str
        Which music.
    number : int
        Its place in the part, from 0.
    times : (b + 1,) float
        Its beats and the beat that follows, in seconds.
    fullness : int
        0 without drums, 1 light, 2 full.
    ending : str
        "", "fill", "break" or "build-up", where it belongs to one.
    rise : (float, float)
        0..1: how far a build-up has come where the bar begins and ends.
    fill : int
        How many beats a fill takes.
    """

    letter: str
    number: int
    times: np.ndarray
    fullness: int
    ending: str
    rise: tuple[float, float]
    fill: int


@dataclass(frozen=True)
class _Music:
    """What belongs to a letter."""

    chords: tuple[tuple[int, tuple[int, ...]], ...]
    tune: np.ndarray
    high: int
    off_kicks: np.ndarray


class Band:
    """Plays bars on two tracks: drums, and what they make room for."""

    def __init__(self, seed: int, sample_rate: int, drums: synth.Track, tones: synth.Track) -> None:
        self._random = np.random.default_rng(seed)
        self._kit = synth.Kit(sample_rate, self._random)
        self._tom = _tom(sample_rate)
        self._rate = sample_rate
        self._drums, self._tones = drums, tones
        self._tonic = 57 + int(self._random.integers(-4, 5))
        self._free = list(self._random.permutation(len(_PROGRESSIONS)))
        self._music: dict[str, _Music] = {}
        self.kicks: list[float] = []
        """When the kick was played, in seconds."""

    def play(self, bar: Bar) -> None:
        """One bar with all that sounds in it."""
        music = self._music_of(bar.letter)
        root, shape = music.chords[bar.number % 4]
        silent = bar.ending == "break"
        for place, (time, following) in enumerate(zip(bar.times, bar.times[1:], strict=False)):
            length = float(following - time)
            filling = bar.ending == "fill" and place >= len(bar.times) - 1 - bar.fill
            if filling:
                self._fill(float(time), length, place)
            elif bar.ending == "build-up":
                self._roll(bar, place, float(time), length)
            elif not silent and bar.fullness:
                self._groove(bar, music, place, float(time), length)
            elif not silent:
                self._drums.add(time, self._kit.hat, 0.06)
            if not silent and bar.ending != "build-up" and (bar.fullness or place == 0):
                self._bass(bar, place, self._tonic + root - 24, float(time), length)
            if not silent:
                self._melody(bar, music, root, shape, place, float(time), length)
        span = float(bar.times[-1] - bar.times[0])
        notes = [self._tonic + root + step + music.high for step in shape]
        gain = 0.06 if silent else (0.15 + 0.04 * bar.fullness) * _swell(bar)
        self._tones.add(float(bar.times[0]), self._kit.chord(notes, span), gain)

    def last_note(self, letter: str, time: float, seconds: float) -> None:
        """The chord that the song ends on."""
        chords = self._music_of(letter).chords
        root, shape = chords[0]
        self._hit(time, 0.9)
        self._drums.add(time, self._kit.crash, 0.12)
        notes = [self._tonic + root + step for step in shape]
        self._tones.add(time, _fading(self._kit.chord(notes, seconds)), 0.3)
        self._tones.add(time, _fading(self._kit.bass(self._tonic + root - 24, seconds)), 0.5)

    def _music_of(self, letter: str) -> _Music:
        # Intro and outro are the verse's chords, held.
        letter = {"I": "A", "O": "A"}.get(letter, letter)
        if letter not in self._music:
            k = len(self._music)
            chosen = self._free[k % len(self._free)]
            own = np.random.default_rng([int(self._random.integers(1 << 30)), ord(letter)])
            self._music[letter] = _Music(
                _PROGRESSIONS[chosen],
                own.integers(0, 5, size=4 * 2 * 7),
                (0, 5, -5, 7)[k % 4],
                own.random(16) < 0.3,
            )
        return self._music[letter]

    def _hit(self, time: float, gain: float) -> None:
        self._drums.add(time, self._kit.kick, gain)
        self.kicks.append(time)

    def _groove(self, bar: Bar, music: _Music, place: int, time: float, length: float) -> None:
        metre = len(bar.times) - 1
        strong = place in GROUPS[metre]
        if strong or (bar.fullness == 2 and metre in (2, 4)):
            self._hit(time, 0.95 if place == 0 else 0.8)
        elif not strong:
            self._drums.add(time, self._kit.snare, 0.24 + 0.09 * bar.fullness)
        if metre in (2, 4) and place % 2:
            self._drums.add(time, self._kit.snare, 0.42)
        if bar.fullness == 2 and music.off_kicks[(bar.number % 2) * 7 + place]:
            self._hit(time + 0.5 * length, 0.55)
        self._drums.add(time, self._kit.hat, 0.12)
        self._drums.add(time + 0.5 * length, self._kit.hat, 0.10 + 0.06 * bar.fullness)
        if bar.fullness == 2:
            for quarter in (0.25, 0.75):
                self._drums.add(time + quarter * length, self._kit.hat, 0.06)
        if place == 0 and bar.number == 0:
            self._drums.add(time, self._kit.crash, 0.12)

    def _fill(self, time: float, length: float, place: int) -> None:
        """Sixteenths that run down the toms."""
        for quarter in range(4):
            sound = self._kit.snare if (place + quarter) % 3 == 0 else self._tom
            self._drums.add(time + 0.25 * quarter * length, sound, 0.40 + 0.04 * quarter)

    def _roll(self, bar: Bar, place: int, time: float, length: float) -> None:
        """A snare roll that grows denser and louder, under a hiss that rises by 30 dB."""
        first, last = bar.rise
        metre = len(bar.times) - 1
        begin = first + (last - first) * place / metre
        end = first + (last - first) * (place + 1) / metre
        hits = 1 if begin < 0.4 else 2 if begin < 0.75 else 4
        for k in range(hits):
            self._drums.add(time + k * length / hits, self._kit.snare, 0.08 + 0.4 * begin)
        count = round(length * self._rate)
        hiss = np.diff(self._random.standard_normal(count + 1))
        self._drums.add(time, hiss * 10 ** (1.5 * np.linspace(begin, end, count) - 2.4), 1.0)

    def _bass(self, bar: Bar, place: int, note: int, time: float, length: float) -> None:
        self._tones.add(time, self._kit.bass(note, 0.45 * length), 0.42)
        if bar.fullness:
            higher = note + (12 if bar.fullness == 2 and place % 2 else 0)
            self._tones.add(time + 0.5 * length, self._kit.bass(higher, 0.45 * length), 0.26)

    def _melody(
        self, bar: Bar, music: _Music, root: int, shape: tuple[int, ...], place: int,
        time: float, length: float,
    ) -> None:  # fmt: skip
        if bar.letter in "IO":
            return
        scale = (0, *shape[1:3], 12, shape[3])
        metre = len(bar.times) - 1
        for half in (0, 1):
            at = 2 * (bar.number % 4 * metre + place) + half
            step = int(music.tune[at % len(music.tune)])
            if half == 0 or step % 2:
                note = self._tonic + 12 + root + scale[step] + music.high
                gain = (0.11 if half else 0.15) * (0.7 + 0.3 * bar.fullness) * _swell(bar)
                self._tones.add(time + 0.5 * half * length, self._kit.pluck(note, length), gain)


def _swell(bar: Bar) -> float:
    """What is left of chords and tune: a build-up starts with little."""
    return 0.25 + 0.75 * bar.rise[0] if bar.ending == "build-up" else 1.0


def _tom(rate: int) -> np.ndarray:
    t = np.arange(round(0.25 * rate)) / rate
    return np.sin(2 * np.pi * (110 * t + 40 * 0.05 * (1 - np.exp(-t / 0.05)))) * np.exp(-t / 0.08)


def _fading(sound: np.ndarray) -> np.ndarray:
    return sound * np.exp(-3.0 * np.arange(len(sound)) / len(sound))
