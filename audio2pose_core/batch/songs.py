"""Which files of a folder are songs, and what each one's outputs are called."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ..audio.load import KINDS, SUFFIXES
from ..errors import OptionError
from ..files import other_than_a_file

VIDEO = ".mp4"  # of the outputs
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
        return _label(self.relative)

    @property
    def key(self) -> str:
        """A short name of its own for records and work folders."""
        return key_of(self.stem)

    def output(self, folder: Path, suffix: str) -> Path:
        """``folder``/stem + suffix; the stem may contain dots of its own."""
        return folder / self.stem.with_name(self.stem.name + suffix)


@dataclass(frozen=True)
class SongFolder:
    """What a folder holds.

    Attributes
    ----------
    songs : list of Song
        In the order of their names.
    left_out : dict of str to str
        The other files by their label, and why each is no song.
    """

    songs: list[Song]
    left_out: dict[str, str]


def find_songs(
    folder: Path, recursive: bool = False, is_ours: Callable[[Path], bool] = lambda path: False
) -> SongFolder:
    """The songs of a folder, by their suffix; raises OptionError where there are none.

    Nothing is opened. ``is_ours`` tells of a file or a subfolder that a batch
    made it: its videos are no songs to dance to. Hidden files and folders are
    left out without a word, as are macOS's ``._`` companions.
    """
    if not folder.is_dir():
        raise OptionError(f"{folder}: no such folder of songs")

    def stop(error: OSError) -> None:
        raise OptionError(f"cannot read {error.filename}: {error.strerror}") from error

    found: list[Path] = []
    left_out: dict[str, str] = {}
    for place, folders, names in os.walk(folder, onerror=stop):
        folders[:] = sorted(
            f
            for f in folders
            if recursive and not f.startswith(".") and not is_ours(Path(place, f))
        )
        for name in sorted(names):
            if name.startswith("."):
                continue
            path = Path(place, name)
            if reason := "made by this batch" if is_ours(path) else _no_song(path):
                left_out[_label(path.relative_to(folder))] = reason
            else:
                found.append(path.relative_to(folder))
    if not found:
        more = "" if recursive else " (--recursive looks into its subfolders)"
        raise OptionError(f"{folder}: no song in it, which is {KINDS}{more}")
    found.sort()
    stems = output_stems(found)
    return SongFolder([Song(folder / path, path, stems[path]) for path in found], left_out)


def _no_song(path: Path) -> str:
    """Why a file of a folder is no song; "" where it may be one."""
    if path.suffix.lower() not in SUFFIXES:
        return "no song by its suffix"
    if kind := other_than_a_file(path):
        return f"it is {kind}"
    return "" if path.exists() else "it leads nowhere"


def _label(relative: Path) -> str:
    return relative.as_posix().encode("utf-8", "backslashreplace").decode()


def output_stems(songs: Iterable[Path]) -> dict[Path, Path]:
    """A stem for each song, different even where the file system ignores case.

    ``a.wav`` becomes ``a``; beside an ``a.mp3`` both keep their whole name, and
    where that is not enough (or too long) a few letters are added. ``a.mp4``
    keeps its whole name: its video must not take its place.
    """
    songs = list(songs)
    stems = {s: s if s.suffix.lower() == VIDEO else s.with_name(s.stem) for s in songs}
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
    return path.with_name(f"{name}-{key_of(path)[:8]}")


def _folded(path: Path) -> str:
    return unicodedata.normalize("NFC", path.as_posix()).casefold()


def key_of(path: Path) -> str:
    """A short name for a relative path, the same on every system."""
    return hashlib.sha256(os.fsencode(path.as_posix())).hexdigest()[:16]
