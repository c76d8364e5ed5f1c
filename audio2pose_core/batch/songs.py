"""Which files of a folder are songs, and what each one's outputs are called."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import OptionError

EXTENSIONS = (".wav", ".flac", ".ogg", ".mp3")
# File systems take 255 bytes a name; room is left for suffixes and for temporary prefixes.
_NAME_BYTES = 230


@dataclass(frozen=True)
class Song:
    """A song and the path of its outputs, relative to the output folder and without suffix."""

    path: Path
    relative: Path
    stem: Path

    @property
    def label(self) -> str:
        """The relative path as text that any terminal and file takes."""
        return self.relative.as_posix().encode("utf-8", "backslashreplace").decode()

    @property
    def key(self) -> str:
        """A short name of its own for records and work folders."""
        return _digest(self.stem)

    def output(self, folder: Path, suffix: str) -> Path:
        """``folder``/stem + suffix; the stem may contain dots of its own."""
        return folder / self.stem.with_name(self.stem.name + suffix)


def find_songs(folder: Path, recursive: bool = False) -> list[Song]:
    """The songs of a folder in the order of their names; raises OptionError where there are none.

    Hidden files and folders are left out, as are macOS's ``._`` companions.
    """
    if not folder.is_dir():
        raise OptionError(f"{folder}: no such folder of songs")

    def stop(error: OSError) -> None:
        raise OptionError(f"cannot read {error.filename}: {error.strerror}") from error

    found = []
    for place, folders, names in os.walk(folder, onerror=stop):
        folders[:] = sorted(f for f in folders if recursive and not f.startswith("."))
        found += [
            Path(place, name).relative_to(folder)
            for name in names
            if name.lower().endswith(EXTENSIONS) and not name.startswith(".")
        ]
    if not found:
        more = "" if recursive else " (--recursive looks into its subfolders)"
        raise OptionError(f"{folder}: no wav, flac, ogg or mp3 in it{more}")
    found.sort()
    stems = output_stems(found)
    return [Song(folder / path, path, stems[path]) for path in found]


def output_stems(songs: Iterable[Path]) -> dict[Path, Path]:
    """A stem for each song, different even where the file system ignores case.

    ``a.wav`` becomes ``a``; beside an ``a.mp3`` both keep their whole name, and
    where that is not enough (or too long) a few letters are added.
    """
    songs = list(songs)
    stems = {song: song.with_name(song.stem) for song in songs}
    for again in (lambda song: song, _with_letters):
        shared = Counter(_folded(stem) for stem in stems.values())
        while any(count > 1 for count in shared.values()):
            before = dict(stems)
            stems.update({s: again(s) for s in songs if shared[_folded(stems[s])] > 1})
            shared = Counter(_folded(stem) for stem in stems.values())
            if stems == before:
                break
    for song, stem in stems.items():
        if len(os.fsencode(stem.name)) > _NAME_BYTES:
            stems[song] = _with_letters(stem)
    return stems


def _with_letters(path: Path) -> Path:
    kept = os.fsencode(path.name)[: _NAME_BYTES - 9]
    # A cut inside a character leaves bytes that are none.
    name = kept.decode("utf-8", "ignore") if len(kept) < len(os.fsencode(path.name)) else path.name
    return path.with_name(f"{name}-{_digest(path)[:8]}")


def _folded(path: Path) -> str:
    return unicodedata.normalize("NFC", path.as_posix()).casefold()


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.as_posix())).hexdigest()[:16]
