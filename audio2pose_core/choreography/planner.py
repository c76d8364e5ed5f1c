"""The planner: what shall be danced to a song, decided from what was heard.

Phrases of eight counts lie on the bars, as dancers count them. The first time that a section of
the song is heard each 32 counts of it get phrases A A A B: a move three times, and once more begun
and left for another one. When a section comes back, so does its dance, and a phrase is now and then
mirrored where it answers the one before. Breaks become held poses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from ..audio.beat_file import Beats
from ..audio.features import AudioFeatures
from .plan import Choreography, Front, Held, Phrase

COUNTS = 8
"""Beats of a phrase, in four: two bars. In three it is two bars of three, in two four bars."""
BARS_OF_PHRASE, SHORT_BARS_OF_PHRASE = 2, 4
FORM = (None, 0, 0, None)
"""Within a section: which of its phrases each returns to. A A A B, in groups of four phrases."""
WAY_OUT = 3
"""The phrase of a group that begins as the first one does, and goes on otherwise from its half."""
LITERAL = 0.8
MIRRORED = 0.05
"""How often the answer to a phrase is its mirror image."""
SECTION_ENERGY = 0.8
"""Deviations of energy between the quietest and the loudest section."""
WHOLE_BAR = 0.6
"""What is shorter than this share of a bar at either end of a song is no bar of its own."""
SHORTEST_HOLD_S, LONGEST_HOLD_S = 0.4, 1.5


class Part(Protocol):
    """A section of a song, as ``audio.form.Section``."""

    @property
    def start(self) -> float:
        """Seconds."""

    @property
    def end(self) -> float:
        """Seconds."""

    @property
    def label(self) -> str:
        """A, B, C by what sounds alike."""


class Happening(Protocol):
    """An event of a song, as ``audio.form.Event``."""

    @property
    def time(self) -> float:
        """Seconds."""

    @property
    def kind(self) -> str:
        """break, drop, ..."""


def choreograph(
    beats: Beats,
    features: AudioFeatures,
    seconds: float,
    style: str | Mapping[str, float],
    seed: int = 0,
    *,
    sections: Sequence[Part] = (),
    events: Sequence[Happening] = (),
    literal: float = LITERAL,
    song: str = "",
) -> Choreography:
    """Plan a dance.

    Parameters
    ----------
    beats : Beats
    features : AudioFeatures
    seconds : float
        The song's length.
    style : str or mapping
        The style's name, or weights by name.
    seed : int
        The same seed gives the same plan; another one mirrors other phrases.
    sections : sequence of audio.form.Section
        Without them the song is one section.
    literal : float
        How literally phrases return, 0 to 1; see ``Phrase.literal``.
    events : sequence of audio.form.Event
        Breaks are danced as held poses.

    Returns
    -------
    Choreography
    """
    bars = bar_lines(beats, seconds)
    own = [_section(sections, (a + b) / 2) for a, b in pairwise(bars)]
    letters = [sections[k].label if k >= 0 else "A" for k in own]
    weights = {style: 1.0} if isinstance(style, str) else dict(style)
    random = np.random.Generator(np.random.PCG64([seed, 0xDA9CE]))
    loud = _loudness(features, bars)
    phrases: list[Phrase] = []
    whole = SHORT_BARS_OF_PHRASE if beats.beats_per_bar == 2 else BARS_OF_PHRASE
    seen: dict[_Place, int] = {}
    for first, last in _groups(own):
        letter = letters[first]
        for place, k, stop in _places(first, last, whole):
            number, at = len(phrases), _Place(letter, *place)
            source, mirrored = _source(seen, at, phrases, stop - k)
            if source is None or at.begins:
                seen.setdefault(at, number)
            elif at.number % 2 == 1:
                mirrored = bool(random.random() < MIRRORED)
            start, end = float(bars[k]), float(bars[stop])
            inside = (beats.times >= start - 1e-3) & (beats.times < end - 1e-3)
            phrases.append(
                Phrase(
                    start=round(start, 4),
                    end=round(end, 4),
                    bars=stop - k,
                    counts=int(inside.sum()),
                    section=letter,
                    style=weights,
                    energy=round(float(loud[k:stop].mean()), 3),
                    returns_to=source,
                    mirrored=mirrored,
                    literal=literal,
                )
            )
    return Choreography(
        seconds=round(seconds, 4),
        style=style if isinstance(style, str) else ",".join(f"{n}:{w:g}" for n, w in style.items()),
        seed=seed,
        phrases=phrases,
        front=Front(),
        holds=_holds(events, beats, seconds),
        song=song,
    )


def bar_lines(beats: Beats, seconds: float) -> np.ndarray:
    """Bar lines (n + 1,) in seconds that cover the song; n is at least 1.

    Before the first downbeat and after the last one bars go on as long as their neighbours;
    a pick-up and a rest at the end belong to the bar beside them.
    """
    lines = beats.times[np.asarray(beats.downbeats, dtype=bool)]
    if len(lines) < 2:
        period = 60.0 / max(beats.tempo_bpm, 1.0) * max(beats.beats_per_bar, 1)
        first = float(lines[0]) if len(lines) else float(beats.times[0])
        lines = np.array([first, first + period])
    before, after = lines[1] - lines[0], lines[-1] - lines[-2]
    early = lines[0] - before * np.arange(int(np.ceil(max(lines[0], 0.0) / before - 1e-6)), 0, -1)
    late = lines[-1] + after * np.arange(
        1, int(np.ceil(max(seconds - lines[-1], 0.0) / after - 1e-6)) + 1
    )
    whole = np.clip(np.concatenate([early, lines, late]), 0.0, seconds)
    # A pick-up, or what is left of a last bar, belongs to the bar beside it.
    if len(whole) > 2 and whole[1] - whole[0] < WHOLE_BAR * before:
        whole = np.delete(whole, 1)
    if len(whole) > 2 and whole[-1] - whole[-2] < WHOLE_BAR * after:
        whole = np.delete(whole, -2)
    return whole if len(whole) > 1 else np.array([0.0, seconds])


def _section(sections: Sequence[Part], time: float) -> int:
    """Which section holds a time; -1 where none does."""
    return next((k for k, s in enumerate(sections) if s.start <= time < s.end), -1)


def _groups(own: list[int]) -> list[tuple[int, int]]:
    """Runs (first, last) of bars of one section; one that follows its like is a run of its own."""
    edges = [0, *(k for k in range(1, len(own)) if own[k] != own[k - 1]), len(own)]
    return list(pairwise(edges))


@dataclass(frozen=True)
class _Place:
    """Which phrase of a section it is; ``half`` 0 or 1 of one that leaves a move, else None."""

    letter: str
    number: int
    half: int | None = None

    @property
    def begins(self) -> bool:
        """Whether it is the beginning of a move that is then left."""
        return self.half == 0


def _places(first: int, last: int, whole: int) -> Iterator[tuple[tuple[int, int | None], int, int]]:
    """Number and half of each phrase in bars ``first`` to ``last``, with its first and last bar."""
    for number, k in enumerate(range(first, last, whole)):
        stop = min(k + whole, last)
        if number % len(FORM) == WAY_OUT and stop - k == whole:
            middle = k + whole // 2
            yield (number, 0), k, middle
            yield (number, 1), middle, stop
        else:
            yield (number, None), k, stop


def _source(
    seen: dict[_Place, int], at: _Place, phrases: list[Phrase], bars: int
) -> tuple[int | None, bool]:
    """Which phrase comes back at a place of a section, and whether it was mirrored there."""
    source = seen.get(at)
    group, within = at.number - at.number % len(FORM), FORM[at.number % len(FORM)]
    if source is None and (within is not None or at.begins):
        source = seen.get(_Place(at.letter, group + (within or 0)))
        if source is not None and at.begins and phrases[source].bars > bars:
            return source, phrases[source].mirrored
    if source is None or phrases[source].bars != bars:
        return None, False
    return source, phrases[source].mirrored


def _loudness(features: AudioFeatures, bars: np.ndarray) -> np.ndarray:
    """Energy (n,) of each bar between -SECTION_ENERGY and SECTION_ENERGY, smoothed over phrases.

    The network hears loudness frame by frame already; this is what whole phrases add to it:
    more where onsets are dense and the sound is bright.
    """
    edges = np.clip(np.round(bars * features.fps).astype(int), 0, len(features))
    bands = features.mel.shape[1]
    bright = features.mel[:, bands // 2 :].mean(axis=1)

    def means(values: np.ndarray) -> np.ndarray:
        total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
        return (total[edges[1:]] - total[edges[:-1]]) / np.maximum(np.diff(edges), 1)

    heard = [means(features.onset), means(bright)]
    rows = [(v - v.mean()) / max(float(v.std()), 0.02) for v in heard]
    return np.asarray(SECTION_ENERGY * np.tanh(np.mean(rows, axis=0) / 1.5))


def _holds(events: Sequence[Happening], beats: Beats, seconds: float) -> list[Held]:
    """A held pose in each break: from its beginning, for two beats at most."""
    beat = 60.0 / max(beats.tempo_bpm, 1.0)
    length = float(np.clip(2 * beat, SHORTEST_HOLD_S, LONGEST_HOLD_S))
    times = [event.time for event in events if event.kind == "break"]
    return [Held(round(t, 4), round(length, 4)) for t in times if 1.0 < t < seconds - length - 1.0]
