"""What is finished: a small record for each video of what it was made from.

A video counts as finished only while the song, the options, the files that the
options name and the video itself are still the same, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from ..errors import AudioError
from ..files import write_text
from .job_file import named_file
from .options import Options
from .songs import Song

FOLDER = ".batch"
"""Beside the videos: records and, while it runs, what is not finished."""


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sources_of(song: Song, options: Options) -> dict[str, Any]:
    """All that a video depends on; raises AudioError where a file cannot be read."""
    try:
        files = {
            name: file_sha256(file)
            for name, value in sorted(options.items())
            if isinstance(value, str) and (file := named_file(value)) is not None
        }
        return {"song": file_sha256(song.path), "options": options, "files": files}
    except OSError as error:
        raise AudioError(f"cannot read {error.filename}: {error.strerror or error}") from error


def is_finished(folder: Path, song: Song, sources: dict[str, Any], outputs: list[Path]) -> bool:
    """Whether the outputs are there as they were recorded, made from the same sources."""
    try:
        kept = json.loads(_place(folder, song).read_text(encoding="utf-8"))
        if not isinstance(kept, dict) or kept.get("sources") != sources:
            return False
        return kept.get("outputs") == {p.name: file_sha256(p) for p in outputs}
    except (OSError, ValueError):
        # No record, a broken one, or an output that is gone: it is made again.
        return False


def write_record(folder: Path, song: Song, sources: dict[str, Any], outputs: list[Path]) -> None:
    """Note that the outputs in their place are finished; raises OutputError, OSError."""
    kept = {"sources": sources, "outputs": {p.name: file_sha256(p) for p in outputs}}
    write_text(_place(folder, song), json.dumps(kept, indent=1, sort_keys=True))


def put_in_place(made: Path, output: Path) -> None:
    """Move a finished file to its name, its bytes on the disk before its name is."""
    with made.open("r+b") as file:
        os.fsync(file.fileno())
    output.parent.mkdir(parents=True, exist_ok=True)
    os.replace(made, output)


def _place(folder: Path, song: Song) -> Path:
    return folder / FOLDER / "records" / f"{song.key}.json"
