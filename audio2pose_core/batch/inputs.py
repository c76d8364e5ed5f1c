"""The files that a render is made from, by their hashes: as they were read, and at the end.

A song that is replaced in the middle would put its sound under another song's dance. So the
render command notes in its work folder what it read (``inputs.json``); each of its later runs,
and the batch at the end, compare.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from ..errors import Audio2PoseError, AudioError, DataError
from ..files import other_than_a_file, write_text
from ..json_file import read_object
from .job_file import named_file

NOTE = "inputs.json"
AUDIO = "audio"
# What a render writes; all else that names a file is read.
_OUTPUTS = frozenset({"output", "work", "save-blend"})
Hashes = dict[str, str]


class InputChanged(Audio2PoseError):
    """A file is no longer the one that the render was begun with."""

    exit_code = 75


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes; of a folder, that of its files' names and bytes.

    Raises AudioError for a pipe or a device, which has no end.
    """
    if path.is_dir():
        names = sorted(os.listdir(path))
        lines = (f"{file_sha256(path / name)} {name}\n" for name in names)
        return hashlib.sha256("".join(lines).encode("utf-8", "backslashreplace")).hexdigest()
    if kind := other_than_a_file(path):
        raise AudioError(f"{path} is {kind}; name a file")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashes_of(options: Mapping[str, object]) -> Hashes:
    """The hash of each file that an option names; raises AudioError where one cannot be read."""
    found: Hashes = {}
    for name, value in sorted(options.items()):
        name = name.replace("_", "-")
        if name in _OUTPUTS or not isinstance(value, str | Path):
            continue
        if (file := named_file(value)) is not None:
            try:
                found[name] = file_sha256(file)
            except OSError as error:
                raise AudioError(f"cannot read {file}: {error.strerror or error}") from error
    return found


def note(work: Path, hashes: Hashes) -> None:
    """Write into a work folder what is read to make what lies in it."""
    write_text(work / NOTE, json.dumps(hashes, indent=1, sort_keys=True) + "\n")


def noted(work: Path) -> Hashes | None:
    """What ``note`` wrote; None where it is not there or damaged."""
    try:
        record = read_object(work / NOTE)
    except DataError:
        return None
    if not all(isinstance(value, str) for value in record.values()):
        return None
    return record


def require_same(before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Raise InputChanged where a file of ``before`` is another one now, or gone."""
    for name, value in before.items():
        if now.get(name) != value:
            what = "the song" if name == AUDIO else f"the file of --{name}"
            raise InputChanged(f"{what} was changed or replaced since its render was begun")
