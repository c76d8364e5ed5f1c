"""Read the files of a dataset from a folder, a zip or a tar.

Archives are read in place. Nothing in them is ever written under a name that
the archive chose, so a member called ../../x has nowhere to go: it is either an
AIST++ name, of which only the letters count, or it is not looked at.
"""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...errors import DataError
from ...files import size_text
from ..safe_pickle import arrays
from .names import Name, is_name, parse_name

MAX_BYTES = 1 << 30  # the longest video of AIST++ has some 60 MB
MAX_PICKLE_BYTES = arrays.MAX_BYTES
"""The largest pickle that is read at all: more is refused before any of it is unpacked."""

_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError)


@dataclass(frozen=True)
class Entry:
    """One file with an AIST++ name.

    Attributes
    ----------
    name : Name
        Its parts.
    path : Path
        The file itself, or the archive that holds it.
    member : str
        Its name in a zip, "" elsewhere.
    offset : int
        Where it begins in a tar, -1 elsewhere.
    size : int
        Bytes.
    stamp : str
        Changes when the file does: size and time, or size and checksum.
    """

    name: Name
    path: Path
    member: str
    offset: int
    size: int
    stamp: str

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"{self.path}:{self.member}" if self.member else str(self.path)

    @property
    def plain(self) -> bool:
        """Whether it is a file of its own."""
        return not self.member and self.offset < 0

    def read(self) -> bytes:
        """Its content; DataError where it cannot be read."""
        pickled = (self.member or str(self.path)).lower().endswith(".pkl")
        if self.size > (MAX_PICKLE_BYTES if pickled else MAX_BYTES):
            raise DataError(
                f"{self.label} has {size_text(self.size)}; nothing of its kind in AIST++ is so big"
            )
        try:
            if self.member and self.offset < 0:
                with zipfile.ZipFile(self.path) as archive:
                    return archive.read(self.member)
            with open(self.path, "rb") as file:
                if self.plain:
                    return file.read(MAX_BYTES)
                file.seek(self.offset)
                data = file.read(self.size)
        except OSError as error:
            raise DataError(f"cannot read {self.label}: {error.strerror or error}") from error
        except (*_DAMAGED, RuntimeError, KeyError, ValueError) as error:
            raise DataError(f"cannot read {self.label}: {error}; get the archive again") from error
        if len(data) != self.size:
            raise DataError(f"{self.label} is cut; get the archive again")
        return data

    def stream(self) -> str | io.BytesIO:
        """What PyAV opens: the path, or the content of an archive's member."""
        return str(self.path) if self.plain else io.BytesIO(self.read())


def find_entries(place: str | Path, endings: tuple[str, ...], what: str) -> list[Entry]:
    """Every file under a folder, or in a zip or tar, with an AIST++ name and one of ``endings``.

    Parameters
    ----------
    place : path
        A folder (its subfolders count) or an archive.
    endings : tuple of str
        As in (".pkl",), lower case.
    what : str
        What messages call the place: "--pkl-dir".

    Returns
    -------
    list of Entry
        Sorted by name and place.
    """
    path = Path(place)
    try:
        if path.is_dir():
            found = list(_in_folder(path, endings))
        elif not path.exists():
            raise DataError(f"{what} {path} does not exist; check the path")
        elif zipfile.is_zipfile(path):
            found = list(_in_zip(path, endings))
        else:
            found = list(_in_tar(path, endings))
    except tarfile.ReadError as error:
        raise DataError(f"{what} {path} is neither a folder nor a zip nor a tar") from error
    except OSError as error:
        raise DataError(f"cannot read {what} {path}: {error.strerror or error}") from error
    except (*_DAMAGED, ValueError) as error:
        raise DataError(f"{what} {path} is damaged ({error}); get the archive again") from error
    return sorted(found, key=lambda entry: (entry.name, entry.label, entry.offset))


def _wanted(file_name: str, endings: tuple[str, ...]) -> bool:
    base = file_name.replace("\\", "/").rpartition("/")[2]
    return base.lower().endswith(endings) and base.count(".") == 1 and is_name(base)


def _in_folder(folder: Path, endings: tuple[str, ...]) -> Iterator[Entry]:
    for parent, _, files in os.walk(folder):
        for file in files:
            if _wanted(file, endings):
                path = Path(parent, file)
                try:
                    status = path.stat()
                    size, stamp = status.st_size, f"{status.st_size}-{status.st_mtime_ns}"
                except OSError:  # a dangling link: reading it will say so, for this clip alone
                    size, stamp = 0, "unreadable"
                yield Entry(parse_name(file), path, "", -1, size, stamp)
        # A folder that bears a file's name is reported as that clip's trouble, not passed over.
        for file in os.listdir(parent):
            path = Path(parent, file)
            if _wanted(file, endings) and path.is_dir():
                yield Entry(parse_name(file), path, "", -1, 0, "folder")


def _in_zip(path: Path, endings: tuple[str, ...]) -> Iterator[Entry]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if not info.is_dir() and _wanted(info.filename, endings):
                yield Entry(
                    parse_name(info.filename),
                    path,
                    info.filename,
                    -1,
                    info.file_size,
                    f"{info.file_size}-{info.CRC:08x}",
                )


def _in_tar(path: Path, endings: tuple[str, ...]) -> Iterator[Entry]:
    try:
        with tarfile.open(path, "r:") as archive:
            members = archive.getmembers()
    except tarfile.ReadError:
        # Members of a compressed tar cannot be reached without unpacking all before them.
        with tarfile.open(path, "r:*"):
            raise DataError(
                f"{path} is a compressed tar, which cannot be read in place; unpack it, or "
                "take off the compression (gunzip, bunzip2, unxz) and give the .tar"
            ) from None
    for info in members:
        if info.isreg() and not info.issparse() and _wanted(info.name, endings):
            stamp = f"{info.size}-{info.mtime}-{info.offset}"
            yield Entry(parse_name(info.name), path, info.name, info.offset_data, info.size, stamp)
