"""What a song is made of beyond its beats: sections and events, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from ..errors import DataError

_Entry = TypeVar("_Entry", "Section", "Event")

SECTION_NAMES = ("intro", "verse", "chorus", "bridge", "outro", "")
EVENT_KINDS = ("break", "build-up", "drop", "fill", "last note")


@dataclass(frozen=True)
class Section:
    """A part of a song, from bar line to bar line.

    Attributes
    ----------
    start, end : float
        Seconds from the song's first sample. Sections follow each other without
        a gap; the first starts at 0 s and the last ends with the song.
    label : str
        "A", "B" ... in order of appearance; parts that sound alike share one.
    name : str
        A guess: "intro", "verse", "chorus", "bridge", "outro", or "" where the
        song gives no ground for one.
    energy : float
        0..1: how loud and busy it is, 1 like the song's fullest sections.
    """

    start: float
    end: float
    label: str
    name: str
    energy: float


@dataclass(frozen=True)
class Event:
    """A moment that a dancer answers.

    Attributes
    ----------
    time : float
        Seconds from the song's first sample; breaks, build-ups and fills begin there.
    kind : str
        "break": drums and bass fall away for a beat or more, and return.
        "build-up": the song rises for bars, towards a drop.
        "drop": it is suddenly full, after a break, a build-up or a quiet part.
        "fill": the drums leave their pattern before a section begins.
        "last note": nothing is played after it, it only rings out.
    strength : float
        0..1: how plain it is.
    """

    time: float
    kind: str
    strength: float


# --- as json ---

MAX_PARTS = 20_000  # sections or events in a file; a song of three hours has some hundreds


def form_record(sections: Iterable[Section], events: Iterable[Event]) -> dict[str, Any]:
    """ "sections" and "events" for a beats file; see ``form_of_record``."""
    return {
        "sections": [
            {**asdict(s), "start": round(s.start, 4), "end": round(s.end, 4)} for s in sections
        ],
        "events": [{**asdict(e), "time": round(e.time, 4)} for e in events],
    }


def form_of_record(
    record: Mapping[str, Any], file: object
) -> tuple[tuple[Section, ...], tuple[Event, ...]]:
    """Sections and events of a beats file; none where an older file has none.

    Raises DataError where they are there but not as ``form_record`` writes them.
    """
    return (
        tuple(_read(Section, entry, file) for entry in _entries(record, "sections", file)),
        tuple(_read(Event, entry, file) for entry in _entries(record, "events", file)),
    )


def _entries(record: Mapping[str, Any], key: str, file: object) -> list[Any]:
    entries = record.get(key, [])
    if not isinstance(entries, list) or len(entries) > MAX_PARTS:
        raise DataError(f'{file}: "{key}" is a list of at most {MAX_PARTS} entries')
    return entries


def _read(kind: type[_Entry], entry: Any, file: object) -> _Entry:
    """A dataclass from a json object whose numbers are finite, from 0 on."""
    values: dict[str, Any] = {}
    for field in fields(kind):
        value: Any = entry.get(field.name) if isinstance(entry, dict) else None
        if field.type == "str":
            good = isinstance(value, str) and len(value) <= 40
        else:
            good = isinstance(value, int | float) and not isinstance(value, bool)
            good = good and 0 <= value < float("inf")
        if not good:
            raise DataError(f'{file}: a {kind.__name__.lower()} has no proper "{field.name}"')
        values[field.name] = value
    return kind(**values)
