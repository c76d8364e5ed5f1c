"""Beats as data, and as a json file that people may edit."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError
from ..files import write_text
from ..json_file import read_json
from .form import Event, Section, form_of_record, form_record
from .load import MAX_SECONDS, Audio

CHECK_BELOW = 0.7
"""Confidence below which a person should check the beats; see docs/BEATS.md, "Confidence"."""

GRID_BPM = 120.0  # of the even grid
MAX_BEATS = 100_000  # in a file; three hours at 240 bpm have 43,200
MAX_BYTES = 16_000_000  # of a file; so many beats take about a quarter of it
MOST_A_SECOND = 32  # twice the quickest beats that anybody counts; more make no dance
SAME_S = 0.001  # a downbeat's time may differ so much from its beat's
_MAX_BAR = 32  # beats in a bar


@dataclass(frozen=True)
class Beats:
    """The beats of a song.

    Attributes
    ----------
    times : (n,) float64
        Seconds from the song's first sample, rising, n >= 2.
    downbeats : (n,) bool
        True where a bar starts.
    tempo_bpm : float
        60 over the median beat interval in seconds.
    beats_per_bar : int
        Beats in most bars; ``bars`` has them bar by bar.
    confidence : float
        0..1: how probable it is that most beats are right; below CHECK_BELOW a person
        should look. 0 means that no pulse was heard and the beats are an even grid.
    tracker : str
        What found them; "hand" and the like for beats from elsewhere.
    sections : tuple of Section
        The song's parts in their order; empty where nobody looked for them.
    events : tuple of Event
        Its breaks, drops and so on in their order; empty where nobody looked.
    tempo_alternatives : tuple of float
        Other tempi (bpm) that the song may be heard at, the likelier first.
    warnings : tuple of str
        What a person should know about these beats; not kept in files.
    """

    times: np.ndarray
    downbeats: np.ndarray
    tempo_bpm: float
    beats_per_bar: int
    confidence: float
    tracker: str
    sections: tuple[Section, ...] = ()
    events: tuple[Event, ...] = ()
    tempo_alternatives: tuple[float, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def bars(self) -> tuple[int, ...]:
        """Beats in each bar, from the first downbeat on.

        Beats before it are a pick-up and in no bar; the last bar has as many beats
        as the song leaves it.
        """
        starts = np.flatnonzero(self.downbeats)
        return tuple(int(n) for n in np.diff(np.append(starts, len(self.times))) if n > 0)


def even_grid(seconds: float, bpm: float = GRID_BPM) -> Beats:
    """Beats at one tempo from 0 s, four to the bar, confidence 0; always at least two."""
    count = max(2, int(np.ceil(seconds * bpm / 60.0 - 1e-9)))
    downbeats = np.arange(count) % 4 == 0
    return Beats(np.arange(count) * 60.0 / bpm, downbeats, bpm, 4, 0.0, "even-grid")


def check_beats_reach(beats: Beats, seconds: float, song: str) -> None:
    """DataError where no beat lies within a song of so many seconds: they are another's."""
    if beats.times[0] >= seconds:
        raise DataError(
            f"the first beat comes at {beats.times[0]:g} s, {song} lasts {seconds:.1f} s; are "
            "these the beats of another song?"
        )


def save_beats(path: str | os.PathLike[str], beats: Beats, audio: Audio | None = None) -> None:
    """Write beats as json; ``audio`` adds the song's name and length."""
    record: dict[str, object] = {
        "tempo_bpm": round(beats.tempo_bpm, 3),
        "tempo_alternatives": [round(t, 3) for t in beats.tempo_alternatives],
        "beats_per_bar": beats.beats_per_bar,
        "beats_per_bar_by_bar": list(beats.bars),
        "beat_times": [round(float(t), 6) for t in beats.times],
        "downbeat_times": [round(float(t), 6) for t in beats.times[beats.downbeats]],
        "confidence": round(beats.confidence, 4),
        "tracker": beats.tracker,
    }
    if audio is not None:
        record["song"] = audio.name
        record["seconds"] = round(audio.seconds, 6)
    record |= form_record(beats.sections, beats.events)
    write_text(path, json.dumps(record, indent=1) + "\n")


def load_beats(path: str | os.PathLike[str]) -> Beats:
    """Read beats from json. Only "beat_times" must be there.

    "downbeat_times" say where bars start. Without them "beats_per_bar_by_bar" does,
    counted from the first beat; without that every ``beats_per_bar``-th beat from
    the first is one. Without "tempo_bpm" it follows from the median interval.
    "sections" and "events" are read where they are there.

    Raises
    ------
    DataError
        The file is missing, no json, too large to be beats, or its times are not
        at least two finite, rising numbers from 0 on, or more than MOST_A_SECOND within a
        second.
    """
    file = Path(path)
    record = _read(file)
    times = _times(record, "beat_times", file)
    if len(times) < 2:
        raise DataError(f"{file} has {len(times)} beat(s); at least 2 are needed")
    if len(times) > MOST_A_SECOND:
        spans = times[MOST_A_SECOND:] - times[:-MOST_A_SECOND]
        if spans.min() < 1.0:
            raise DataError(
                f"{file}: more than {MOST_A_SECOND} beats within a second, from "
                f"{times[int(spans.argmin())]:g} s on; are these onsets, or in another unit?"
            )
    meter = _number(record, "beats_per_bar", 4, 1, _MAX_BAR, file)
    tempo = _number(record, "tempo_bpm", 60.0 / float(np.median(np.diff(times))), 1, 1e5, file)
    confidence = _number(record, "confidence", 1.0, 0, 1, file)
    if meter != int(meter):
        raise DataError(f'{file}: "beats_per_bar" is a whole number, not {meter}')
    others = _list(record, "tempo_alternatives", file)
    if not ((others >= 1) & (others <= 1e5)).all():
        raise DataError(f'{file}: "tempo_alternatives" are tempi in 1..1e+05')
    if "downbeat_times" in record:
        downbeats = _marked(times, _times(record, "downbeat_times", file), file)
    else:
        lengths = _list(record, "beats_per_bar_by_bar", file)
        if not ((lengths >= 1) & (lengths <= _MAX_BAR) & (lengths % 1 == 0)).all():
            raise DataError(f'{file}: "beats_per_bar_by_bar" are whole numbers in 1..{_MAX_BAR}')
        downbeats = _counted(len(times), int(meter), lengths.astype(int))
    tracker = str(record.get("tracker", "file"))[:200]
    sections, events = form_of_record(record, file)
    return Beats(
        times,
        downbeats,
        tempo,
        int(meter),
        confidence,
        tracker,
        sections=sections,
        events=events,
        tempo_alternatives=tuple(float(t) for t in others),
    )


def _read(file: Path) -> dict[str, Any]:
    """The json object in a file, refused where it cannot be beats."""
    record = read_json(file, largest=MAX_BYTES, missing="beats file not found; check the path")
    if not isinstance(record, dict) or "beat_times" not in record:
        raise DataError(f'{file} has no "beat_times"; it needs a json object with that list')
    return record


def _marked(times: np.ndarray, starts: np.ndarray, file: Path) -> np.ndarray:
    """Which beats (n,) are at the times of downbeats (m,)."""
    after = np.clip(np.searchsorted(times, starts), 1, len(times) - 1)
    nearest = np.where(starts - times[after - 1] <= times[after] - starts, after - 1, after)
    if len(starts) and float(np.abs(times[nearest] - starts).max()) > SAME_S:
        raise DataError(
            f'{file}: a time in "downbeat_times" is none of "beat_times"; '
            "downbeats are the beats that start a bar"
        )
    downbeats = np.zeros(len(times), bool)
    downbeats[nearest] = True
    return downbeats


def _counted(count: int, meter: int, lengths: np.ndarray) -> np.ndarray:
    """Downbeats (count,) by the beats in each bar, then in bars of ``meter``."""
    ends = int(lengths.sum())
    more = np.arange(ends, count, meter) if ends < count else np.zeros(0, int)
    starts = np.concatenate([np.cumsum(lengths) - lengths, more]).astype(int)
    downbeats = np.zeros(count, bool)
    downbeats[starts[starts < count]] = True
    return downbeats


def _list(record: dict[str, Any], key: str, file: Path) -> np.ndarray:
    """An optional list of numbers from a record, checked, (n,) float64."""
    values = record.get(key, [])
    if not isinstance(values, list) or not all(
        isinstance(v, int | float) and not isinstance(v, bool) for v in values
    ):
        raise DataError(f'{file}: "{key}" is a list of numbers')
    if len(values) > MAX_BEATS:
        raise DataError(f'{file}: "{key}" has {len(values)} entries; {MAX_BEATS} are the most')
    try:
        numbers = np.array(values, np.float64)
    except OverflowError:
        numbers = np.array([np.inf])
    if not np.isfinite(numbers).all():
        raise DataError(f'{file}: "{key}" holds a number that is not finite')
    return numbers


def _times(record: dict[str, Any], key: str, file: Path) -> np.ndarray:
    """A list of times from a record, checked."""
    times = _list(record, key, file)
    if len(times) and times[0] < 0:
        raise DataError(f'{file}: "{key}" starts before 0 s ({times[0]:g})')
    if (np.diff(times) <= 0).any():
        k = int(np.argmax(np.diff(times) <= 0))
        raise DataError(
            f'{file}: "{key}" must rise, but {times[k + 1]:g} s follows {times[k]:g} s; sort them '
            "and drop doubles"
        )
    if len(times) and times[-1] > MAX_SECONDS:
        raise DataError(
            f'{file}: "{key}" goes up to {times[-1]:g} s; songs have at most {MAX_SECONDS:g} s. '
            "Are these milliseconds, or samples?"
        )
    return times


def _number(
    record: dict[str, Any], key: str, default: float, low: float, high: float, file: Path
) -> float:
    """An optional number from a record, checked."""
    value = record.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        shown = repr(value) if isinstance(value, float) else str(value)[:40]
        raise DataError(f'{file}: "{key}" is a number in {low:g}..{high:g}, not {shown}')
    return float(value)
