"""Outputs that appear whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import OutputError

_PARTIAL = ".partial-"
_unfinished: set[Path] = set()


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; rename it into place on success.

    An error or a kill in the middle leaves an older ``path`` as it was. Missing
    parent folders are made. Raises OutputError where the place cannot be
    written.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise OutputError(f"cannot write {target}: it is a folder; name a file in it")
        handle, name = tempfile.mkstemp(prefix=_PARTIAL, suffix=target.suffix, dir=target.parent)
        os.close(handle)
    except OSError as error:
        raise OutputError(
            f"cannot write {target}: {error.strerror or error}; choose another place"
        ) from error
    temporary = Path(name)
    _unfinished.add(temporary)
    try:
        yield temporary
        # mkstemp makes files private; the finished one gets the user's usual mode.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        os.replace(temporary, target)
    except OSError as error:
        raise OutputError(
            f"cannot write {target}: {error.strerror or error}; free some space or choose "
            "another place"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
        _unfinished.discard(temporary)


def remove_unfinished() -> None:
    """Delete what ``whole_file`` is writing in this process, which is about to be ended hard."""
    for path in list(_unfinished):
        path.unlink(missing_ok=True)


def remove_partial_files(folder: Path) -> None:
    """Delete what a killed run of ``whole_file`` left in ``folder``."""
    for path in folder.glob(f"{_PARTIAL}*"):
        path.unlink(missing_ok=True)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write UTF-8 text as a whole file.

    A file's name that is no UTF-8 is written as ``\\udce4``, which JSON reads as that name.
    """
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")


def size_text(size: float) -> str:
    """Bytes as people read them: 512 bytes, 3.4 kB, 12 MB, 1.5 GB."""
    units = ["bytes", "kB", "MB", "GB", "TB"]
    while size >= 999.5 and len(units) > 1:
        size /= 1000
        units.pop(0)
    unit = units[0]
    digits = 1 if size < 9.95 and unit != "bytes" else 0
    return f"{size:.{digits}f} {unit}"


_OTHER_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def other_than_a_file(path: str | os.PathLike[str]) -> str | None:
    """What a path leads to, links followed, where that is no regular file: "a pipe" and the like.

    To be asked before a path is opened: opening a pipe that nobody writes to
    waits for ever, and a device has no end. None where nothing is there: that is
    the opener's to say.
    """
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return None
    if stat.S_ISREG(mode):
        return None
    return next((name for is_kind, name in _OTHER_KINDS if is_kind(mode)), "no regular file")


# --- pictures of a film, one file each ---

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def frame_path(folder: Path, frame: int) -> Path:
    """Where a frame of a film lies."""
    return folder / f"{frame:06}.png"


def is_whole_png(path: Path) -> bool:
    """Whether a PNG is there from its first to its last byte, by its own checksums."""
    try:
        data = path.read_bytes()
    except OSError:
        # Not there, or not readable: it is made again, and that tells what is wrong.
        return False
    if not data.startswith(_PNG_SIGNATURE):
        return False
    place = len(_PNG_SIGNATURE)
    while place + 12 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4])
        if end > len(data):
            return False
        if zlib.crc32(data[place + 4 : end - 4]) != int.from_bytes(data[end - 4 : end]):
            return False
        if data[place + 4 : place + 8] == b"IEND":
            return True
        place = end
    return False


def missing_frames(folder: Path, first: int, last: int) -> list[tuple[int, int]]:
    """Ranges of frames, both ends included, that are not there or not whole."""
    runs: list[tuple[int, int]] = []
    for frame in range(first, last + 1):
        if is_whole_png(frame_path(folder, frame)):
            continue
        if runs and runs[-1][1] == frame - 1:
            runs[-1] = (runs[-1][0], frame)
        else:
            runs.append((frame, frame))
    return runs
