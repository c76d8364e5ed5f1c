"""Beats as data, and as a json file that people may edit."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import DataError
from ..files import other_than_a_file, write_text
from .collect import MAX_SECONDS
from .form import Event, Section, form_of_record, form_record
from .load import Audio


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
        Beats in a bar.
    confidence : float
        0..1; 0 means that no pulse was heard and the beats are an even grid.
    tracker : str
        What found them; "hand" and the like for beats from elsewhere.
    sections : tuple of Section
        The song's parts in their order; empty where nobody looked for them.
    events : tuple of Event
        Its breaks, drops and so on in their order; empty where nobody looked.
    """

    times: np.ndarray
    downbeats: np.ndarray
    tempo_bpm: float
    beats_per_bar: int
    confidence: float
    tracker: str
    sections: tuple[Section, ...] = ()
    events: tuple[Event, ...] = ()


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
        "beats_per_bar": beats.beats_per_bar,
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

    "sections" and "events" are read where they are there.
    Without "downbeat_times" every ``beats_per_bar``-th beat from the first is
    one; without "tempo_bpm" it follows from the median interval.

    Raises
    ------
    DataError
        The file is missing, no json, or its times are not at least two
        finite, rising numbers from 0 on.
    """
    file = Path(path)
    if kind := other_than_a_file(file):
        raise DataError(f"{file} is {kind}; name a file of beats")
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"beats file not found: {file}; check the path") from error
    except OSError as error:
        raise DataError(f"cannot read {file}: {error.strerror or error}") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{file} is no json ({error}); export the beats again") from error
    if not isinstance(record, dict) or "beat_times" not in record:
        raise DataError(f'{file} has no "beat_times"; it needs a json object with that list')

    times = _times(record, "beat_times", file)
    if len(times) < 2:
        raise DataError(f"{file} has {len(times)} beat(s); at least 2 are needed")
    meter = _number(record, "beats_per_bar", 4, 1, 32, file)
    tempo = _number(record, "tempo_bpm", 60.0 / float(np.median(np.diff(times))), 1, 1e5, file)
    confidence = _number(record, "confidence", 1.0, 0, 1, file)
    if meter != int(meter):
        raise DataError(f'{file}: "beats_per_bar" is a whole number, not {meter}')
    if "downbeat_times" in record:
        starts = _times(record, "downbeat_times", file)
        nearest = np.abs(starts[:, None] - times[None, :]) if len(starts) else np.zeros((0, 1))
        if len(starts) and float(nearest.min(axis=1).max()) > 0.001:
            raise DataError(
                f'{file}: a time in "downbeat_times" is none of "beat_times"; '
                "downbeats are the beats that start a bar"
            )
        downbeats = np.zeros(len(times), bool)
        downbeats[nearest.argmin(axis=1)] = True
    else:
        downbeats = np.arange(len(times)) % int(meter) == 0
    tracker = str(record.get("tracker", "file"))
    sections, events = form_of_record(record, file)
    return Beats(
        times, downbeats, tempo, int(meter), confidence, tracker, sections=sections, events=events
    )


def _times(record: dict[str, object], key: str, file: Path) -> np.ndarray:
    """A list of times from a record, checked."""
    values = record[key]
    if not isinstance(values, list) or not all(
        isinstance(v, int | float) and not isinstance(v, bool) for v in values
    ):
        raise DataError(f'{file}: "{key}" is a list of numbers in seconds')
    times = np.array(values, np.float64)
    if not np.isfinite(times).all():
        raise DataError(f'{file}: "{key}" holds a time that is not finite')
    if len(times) and times[-1] > MAX_SECONDS:
        raise DataError(
            f'{file}: "{key}" goes up to {times[-1]:g} s; songs have at most {MAX_SECONDS:g} s. '
            "Are these milliseconds, or samples?"
        )
    if len(times) and times[0] < 0:
        raise DataError(f'{file}: "{key}" starts before 0 s ({times[0]:g})')
    if (np.diff(times) <= 0).any():
        k = int(np.argmax(np.diff(times) <= 0))
        raise DataError(
            f'{file}: "{key}" must rise, but {times[k + 1]:g} s follows {times[k]:g} s; sort them '
            "and drop doubles"
        )
    return times


def _number(
    record: dict[str, object], key: str, default: float, low: float, high: float, file: Path
) -> float:
    """An optional number from a record, checked."""
    value = record.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise DataError(f'{file}: "{key}" is a number in {low:g}..{high:g}, not {value!r}')
    return float(value)
