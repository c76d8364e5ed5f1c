"""A job file: options for all songs and for single ones, in TOML.

    [all]
    resolution = "1280x720"

    [songs."live/first night.wav"]
    style = "salsa"
    seed = 3
    beats = "first night.beats.json"    # from this file's folder

The names are the options of ``audio2pose render`` without their dashes; a switch is true or
false.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import OptionError
from .options import Options, RenderOptions


@dataclass(frozen=True)
class JobFile:
    """Options for every song, and those of single songs by their path in the songs' folder."""

    every: Options = field(default_factory=dict)
    songs: dict[str, Options] = field(default_factory=dict)

    def options(self, song: str, command_line: Options) -> Options:
        """A song's own options, over the command line's, over those for all."""
        return {**self.every, **command_line, **self.songs.get(song, {})}


def load_job_file(path: Path, known: RenderOptions, songs: Iterable[str]) -> JobFile:
    """Read and check a job file; raises OptionError that names what is wrong in it."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise OptionError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionError(f"{path}: is not a TOML file: {error}") from error
    for key in table:
        if key not in ("all", "songs"):
            raise OptionError(f'{path}: unknown key {key!r}; use [all] and [songs."name.wav"]')
    every = _options(path, "all", table.get("all", {}), known)
    single = table.get("songs", {})
    if not isinstance(single, dict):
        raise OptionError(f'{path}: write songs as tables: [songs."name.wav"]')
    there = set(songs)
    for song in single:
        if song not in there:
            raise OptionError(f"{path}: songs.{song!r}: there is no such song in the folder")
    return JobFile(
        every, {song: _options(path, f"songs.{song!r}", t, known) for song, t in single.items()}
    )


def _options(path: Path, where: str, table: Any, known: RenderOptions) -> Options:
    if not isinstance(table, dict):
        raise OptionError(f"{path}: {where}: needs a table of options, not {table!r}")
    return {
        name: _from_folder(path.parent, known.check(name, value, f"{path}: {where}.{name}"))
        for name, value in table.items()
    }


def _from_folder(folder: Path, value: str | bool) -> str | bool:
    """A file that lies in the job file's folder as its whole path, anything else as it is."""
    if isinstance(value, str) and (file := named_file(folder / value)) is not None:
        return str(file.resolve()) + value[len(value) - len(object_part(value)) :]
    return value


def object_part(value: str) -> str:
    """``:Object`` of ``FILE.blend:Object``, else nothing."""
    head, colon, name = value.rpartition(":")
    return colon + name if colon and head.lower().endswith(".blend") else ""


def named_file(value: str | Path) -> Path | None:
    """The file that an option's value names, if it does."""
    text = str(value)
    path = Path(text[: len(text) - len(object_part(text))])
    try:
        return path if path.suffix and path.is_file() else None
    except (OSError, ValueError):
        # A value that no path can be (too long, a NUL in it) names no file.
        return None
