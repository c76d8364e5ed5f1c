"""``index.csv`` beside a folder of BVH clips: read, and refused by the number of a row."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from ...audio.load import MAX_SECONDS
from ...errors import DataError
from ...files import other_than_a_file, size_text

INDEX = "index.csv"
COLUMNS = ("file", "source", "style_guess", "known_bpm", "first_beat_s")
"""Those that are read; there may be more."""
STYLE_COLUMNS = ("file", "style_guess")
LARGEST = 16 * 1024 * 1024
BPM = (20.0, 400.0)
_LONGEST = 500
"""Letters of a field."""


@dataclass(frozen=True)
class IndexRow:
    """A clip: ``file`` below the folder, its source and style, and what is known of its beat."""

    number: int
    file: str
    source: str
    style_guess: str
    known_bpm: float | None
    first_beat_s: float

    def beats(self, seconds: float) -> np.ndarray:
        """Times (n,) s of the beats within a motion of so many seconds; none are known: (0,)."""
        if self.known_bpm is None:
            return np.zeros(0)
        return np.arange(self.first_beat_s, seconds, 60.0 / self.known_bpm)


def read_index(folder: Path, columns: Iterable[str] = COLUMNS) -> list[IndexRow]:
    """The rows of ``folder``/index.csv in their order; ``columns`` must be there.

    Raises
    ------
    DataError
        There is none, it is no table in UTF-8, a column is missing; or, with its number,
        a row whose file leads out of the folder or is named twice, or whose tempo or first
        beat is no number in its range.
    """
    index = folder / INDEX
    if not index.is_file():
        more = f"it is {kind}" if (kind := other_than_a_file(index)) else "not found"
        raise DataError(f"{index}: {more}; the folder needs this list of its BVH clips")
    try:
        if (size := index.stat().st_size) > LARGEST:
            raise DataError(f"{index}: {size_text(size)} are no list of clips")
        text = index.read_text(encoding="utf-8-sig")
        # Strict: a quote that is never closed would swallow the rows after it.
        table = csv.DictReader(text.splitlines(keepends=True), strict=True)
        missing = [name for name in columns if name not in (table.fieldnames or ())]
        if missing:
            raise DataError(f"{index}: it has no column {missing[0]!r}")
        rows = [_row(index, table.line_num, values) for values in table]
    except OSError as error:
        raise DataError(f"{index}: cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{index}: not a table in UTF-8 ({error})") from error
    seen: dict[str, int] = {}
    for row in rows:
        if row.file in seen:
            raise DataError(
                f"{index}: row {row.number}: {row.file} is in row {seen[row.file]} already"
            )
        seen[row.file] = row.number
    return rows


def _row(index: Path, number: int, values: dict[str, str | None]) -> IndexRow:
    def refuse(why: str) -> DataError:
        return DataError(f"{index}: row {number}: {why}")

    def text(name: str) -> str:
        value = values.get(name, "")
        if value is None:
            raise refuse(f"it ends before the column {name!r}")
        if len(value) > _LONGEST or not value.isprintable():
            raise refuse(f"{name!r} is no readable text of at most {_LONGEST} letters")
        return value

    def number_of(name: str, low: float, high: float) -> float:
        value = text(name)
        try:
            found = float(value)
        except ValueError as error:
            raise refuse(f"{name} {value[:40]!r} is no number") from error
        if not (math.isfinite(found) and low <= found <= high):
            raise refuse(f"{name} {value[:40]} is not in {low:g} to {high:g}")
        return found

    if None in values:
        raise refuse("it has more fields than the head")
    file = text("file")
    path = PurePosixPath(file)
    inside = file and not path.is_absolute() and ".." not in path.parts and "\\" not in file
    if not inside or ":" in path.parts[0]:
        raise refuse(f"file {file[:80]!r} does not lie below the folder of the index")
    if path.suffix.lower() != ".bvh":
        raise refuse(f"file {file[:80]!r} is no .bvh")
    bpm = number_of("known_bpm", *BPM) if text("known_bpm").strip() else None
    first = number_of("first_beat_s", 0.0, MAX_SECONDS) if bpm is not None else 0.0
    return IndexRow(number, file, text("source"), text("style_guess"), bpm, first)
