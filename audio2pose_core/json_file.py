"""JSON files of others, read within bounds: too large, too deep, cut off or no file is one line.

Nothing but the standard library: it also reads what is read inside Blender. What the
fields of a record may hold is for ``json_fields`` to say.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .errors import DataError
from .files import other_than_a_file, size_text

LARGEST = 16 * 1024 * 1024
"""Bytes; the parsed objects take about ten times as much memory."""
DEEPEST = 64
"""Lists and objects inside each other."""


def parse_json(text: str | bytes, where: object) -> Any:
    """Parse a JSON text; raises DataError, which begins with ``where``, for anything else."""
    try:
        record = json.loads(text)
    except RecursionError as error:
        raise DataError(f"{where}: nested too deep to be read") from error
    except ValueError as error:  # no JSON, no UTF-8, or a number of thousands of digits
        reason = str(error).splitlines()[0][:200]
        raise DataError(f"{where}: no JSON ({reason})") from error
    # Else whoever prints or compares the record later may meet the limit in the parser's place.
    level = [record]
    for _ in range(DEEPEST):
        level = [part for whole in level for part in _parts(whole)]
        if not level:
            return record
    raise DataError(f"{where}: nested too deep to be read")


def _parts(value: Any) -> list[Any]:
    """The lists and objects right inside a value."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [part for part in inside if isinstance(part, dict | list)]


def read_json(
    path: str | os.PathLike[str], *, largest: int = LARGEST, missing: str = "no such file"
) -> Any:
    """Parse a JSON file of at most ``largest`` bytes; anything else raises DataError.

    Pipes and devices are refused unopened. ``missing`` is what the message says of
    a file that is not there.
    """
    file = Path(path)
    if kind := other_than_a_file(file):
        raise DataError(f"{file} is {kind}, not a JSON file")
    try:
        with open(file, "rb") as source:
            data = source.read(largest + 1)
    except FileNotFoundError as error:
        raise DataError(f"{file}: {missing}") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{file}: cannot be read: {reason}") from error
    if len(data) > largest:
        raise DataError(f"{file}: larger than {size_text(largest)}; no such file of ours is")
    return parse_json(data.removeprefix(b"\xef\xbb\xbf"), file)


def parse_object(text: str | bytes, where: object) -> dict[str, Any]:
    """``parse_json`` of a JSON object, else DataError."""
    record = parse_json(text, where)
    if not isinstance(record, dict):
        raise DataError(f"{where}: not a JSON object")
    return record


def read_object(
    path: str | os.PathLike[str], *, largest: int = LARGEST, missing: str = "no such file"
) -> dict[str, Any]:
    """``read_json`` of a file that holds a JSON object, else DataError."""
    record = read_json(path, largest=largest, missing=missing)
    if not isinstance(record, dict):
        raise DataError(f"{os.fspath(path)}: not a JSON object")
    return record
