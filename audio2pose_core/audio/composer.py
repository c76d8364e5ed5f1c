"""Songs of known form: sections, breaks, build-ups, drops and fills, each to the sample.

They are what sections and events are tested on, in metres of 2 to 7 beats and
with changes of tempo and metre. Every sound is synthesised here.

A form is text, one word a part: ``LETTER BARS [/METRE] [@BPM] [:ENDING]``

    I4 A8:fill B8 A8:build-up B8 C8/3:break B8@140 O4

I is an intro and O an outro; A, B, C ... each have chords, a tune and a drum
pattern of their own, so that parts of the same letter are the same music. A is
sung like a verse, B is the full chorus, C a bridge without a kick. A part may end
in a "fill" of half a bar, a "break" of its last bar, or a "build-up" of its last
two bars (four of eight and more).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import OptionError
from . import synth
from .band import Band, Bar
from .beat_file import Beats
from .form import Event, Section

LEAD_IN = 0.1  # seconds before the first beat, so that its attack is whole
RING_S = 2.5  # of the last chord
PEAK = 0.89  # -1 dB of full scale
ENDINGS = ("", "fill", "break", "build-up")
NAMES = {"I": "intro", "O": "outro", "A": "verse", "B": "chorus", "C": "bridge"}
FULLNESS = {"I": 0, "O": 0, "A": 1, "B": 2, "C": 0}  # others take turns with 1 and 2

_WORD = re.compile(r"([A-Z])(\d+)(?:/(\d+))?(?:@(\d+(?:\.\d*)?))?(?::([a-z-]+))?")


@dataclass(frozen=True)
class Part:
    """A section to be composed.

    Attributes
    ----------
    letter : str
        Which music it is; see the module's text.
    bars : int
        1..64.
    beats_per_bar : int
        2..7.
    bpm : float
        30..300.
    ending : str
        One of ENDINGS.
    """

    letter: str
    bars: int
    beats_per_bar: int = 4
    bpm: float = 120.0
    ending: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.bars <= 64:
            raise OptionError(f"a part has 1 to 64 bars, not {self.bars}")
        if not 2 <= self.beats_per_bar <= 7:
            raise OptionError(f"a bar has 2 to 7 beats here, not {self.beats_per_bar}")
        if not 30.0 <= self.bpm <= 300.0:
            raise OptionError(f"a part has 30 to 300 beats a minute, not {self.bpm:g}")
        if self.ending not in ENDINGS:
            raise OptionError(f"a part ends in a {', '.join(ENDINGS[1:])}, not {self.ending!r}")

    @property
    def name(self) -> str:
        return NAMES.get(self.letter, "")

    @property
    def fullness(self) -> int:
        """0 without drums, 1 light, 2 full."""
        return FULLNESS.get(self.letter, 1 + ord(self.letter) % 2)

    @property
    def ending_bars(self) -> int:
        """How many of its last bars the ending takes; a fill takes a part of one."""
        if self.ending == "build-up":
            return min(4 if self.bars >= 8 else 2, self.bars)
        return 1 if self.ending else 0


@dataclass(frozen=True)
class Composition:
    """A composed song and the truth about it.

    Attributes
    ----------
    samples : (N,) float32
        Mono, peak 0.89.
    sample_rate : int
        Samples per second.
    beats : Beats
        Exact, with ``sections`` and ``events``.
    """

    samples: np.ndarray
    sample_rate: int
    beats: Beats


def parse_form(text: str, bpm: float = 120.0, beats_per_bar: int = 4) -> list[Part]:
    """Parts from text; metre and tempo hold until a part names others. OptionError."""
    parts: list[Part] = []
    for word in text.split():
        found = _WORD.fullmatch(word)
        if found is None:
            raise OptionError(f"{word!r} is no part of a song; write A8, B8/3, C4@140, A8:fill")
        letter, bars, metre, tempo, ending = found.groups()
        beats_per_bar = int(metre) if metre else beats_per_bar
        bpm = float(tempo) if tempo else bpm
        parts.append(Part(letter, int(bars), beats_per_bar, bpm, ending or ""))
    if not parts:
        raise OptionError("a form has at least one part, such as A8")
    return parts


def lay_out(parts: Sequence[Part]) -> Beats:
    """The exact beats, sections and events of a form; nothing is played yet.

    The beats end with the last note, one beat after the last bar.
    """
    times, downbeats = [LEAD_IN], []
    starts: list[float] = []
    events: list[Event] = []
    before = ""
    for k, part in enumerate(parts):
        start, beat = times[-1], 60.0 / part.bpm
        bar = beat * part.beats_per_bar
        end = start + bar * part.bars
        empty = before in ("break", "build-up") or (k and parts[k - 1].fullness == 0)
        if empty and part.fullness:
            events.append(Event(start, "drop", part.fullness / 2))
        if part.ending == "fill":
            events.append(Event(end - beat * fill_beats(part.beats_per_bar), "fill", 1.0))
        elif part.ending == "break" and (k + 1 == len(parts) or not parts[k + 1].fullness):
            pass  # nothing returns after it: the song has only become quiet a bar earlier
        elif part.ending:
            events.append(Event(end - bar * part.ending_bars, part.ending, 1.0))
        count = part.bars * part.beats_per_bar
        downbeats += [i % part.beats_per_bar == 0 for i in range(count)]
        times += [start + beat * (i + 1) for i in range(count)]
        starts.append(start if k else 0.0)
        before = part.ending
    downbeats.append(True)
    events.append(Event(times[-1], "last note", 1.0))
    seconds = times[-1] + RING_S
    sections = tuple(
        Section(start, end, part.letter, part.name, part.fullness / 2)
        for part, start, end in zip(parts, starts, [*starts[1:], seconds], strict=True)
    )
    at = np.array(times)
    return Beats(
        at,
        np.array(downbeats),
        60.0 / float(np.median(np.diff(at))),
        parts[0].beats_per_bar,
        1.0,
        "composed",
        sections=sections,
        events=tuple(sorted(events, key=lambda event: event.time)),
    )


def _rise(part: Part, bar: int) -> tuple[float, float]:
    """How far an ending of some bars has come where a bar begins and ends, 0..1."""
    before = part.bars - part.ending_bars
    count = max(part.ending_bars, 1)
    return max(0.0, (bar - before) / count), max(0.0, (bar + 1 - before) / count)


def fill_beats(beats_per_bar: int) -> int:
    """How many of a bar's last beats a fill takes."""
    return max(1, beats_per_bar // 2)


def compose_form(
    form: str | Sequence[Part], bpm: float = 120.0, beats_per_bar: int = 4, seed: int = 0,
    sample_rate: int = 44100,
) -> Composition:  # fmt: skip
    """Play a form.

    Parameters
    ----------
    form : str or sequence of Part
        See the module's text.
    bpm, beats_per_bar
        Of text that names none.
    seed : int
        Picks key, chords, tunes and patterns.
    """
    parts = parse_form(form, bpm, beats_per_bar) if isinstance(form, str) else list(form)
    beats = lay_out(parts)
    seconds = beats.times[-1] + RING_S
    total = round(seconds * sample_rate)
    drums, ducked = synth.Track(total, sample_rate), synth.Track(total, sample_rate)
    band = Band(seed, sample_rate, drums, ducked)
    first = 0
    for part in parts:
        for k in range(part.bars):
            stop = first + part.beats_per_bar
            band.play(
                Bar(
                    letter=part.letter,
                    number=k,
                    times=beats.times[first : stop + 1],
                    fullness=part.fullness,
                    ending=part.ending if k >= part.bars - part.ending_bars else "",
                    rise=_rise(part, k),
                    fill=fill_beats(part.beats_per_bar),
                )
            )
            first = stop
    band.last_note(parts[-1].letter, float(beats.times[-1]), RING_S)
    period = float(np.median(np.diff(beats.times)))
    # The pumping of a club mix follows the kick: none where there is none.
    pumped = synth.ducking(total, sample_rate, np.array(band.kicks or [seconds]), period)
    mix = np.tanh(1.2 * (drums.samples + ducked.samples * pumped))
    mix = synth.fade_out(mix, 0.3, sample_rate)
    mix *= PEAK / np.abs(mix).max()
    return Composition(mix.astype(np.float32), sample_rate, replace(beats))
