""".npz and .npy files of others: each array is judged by its header before it is read.

An .npz is a zip of .npy members; both headers (zip and npy) are texts of whoever wrote
them, and a few hundred bytes may ask for gigabytes. So: plain files only, kinds of
numbers and texts only, no more bytes than ``most``, and a member as long as it says.
"""

from __future__ import annotations

import math
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path
from typing import IO, Any

import numpy as np

from .errors import DataError
from .files import other_than_a_file, size_text

MOST = 2**31
"""Bytes of all arrays that are read from a file."""
MOST_MEMBERS = 10_000
_KINDS = "biufU"
# What numpy, zipfile and the decompressors raise for damaged or wicked bytes.
DAMAGED: tuple[type[Exception], ...] = (
    OSError, KeyError, ValueError, EOFError, TypeError, SyntaxError, OverflowError,
    RecursionError, MemoryError, IndexError, NotImplementedError, RuntimeError, struct.error,
    SystemError, tokenize.TokenError, zipfile.BadZipFile, zlib.error, LZMAError,
)  # fmt: skip


@dataclass(frozen=True)
class Arrays:
    """Named arrays of a file; each is asked for with its kind and number of axes."""

    path: Path
    values: Mapping[str, np.ndarray]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def _array(self, name: str) -> np.ndarray:
        if name not in self.values:
            raise DataError(f"{self.path}: it has no array {name!r}")
        return self.values[name]

    def numbers(self, name: str, axes: int) -> np.ndarray:
        """Finite numbers with so many axes, as they were stored."""
        array = self._array(name)
        if array.dtype.kind not in "iuf" or array.ndim != axes:
            raise DataError(
                f"{self.path}: {name!r} is {array.dtype} with {array.ndim} axes, not numbers "
                f"with {axes}"
            )
        if not np.isfinite(array).all():
            raise DataError(f"{self.path}: {name!r} holds a number that is not finite")
        return array

    def number(self, name: str, low: float, high: float) -> float:
        """One number in a range."""
        value = float(self.numbers(name, 0))
        if not low <= value <= high:
            raise DataError(f"{self.path}: {name!r} is {value:g}, not in {low:g} to {high:g}")
        return value

    def counts(self, name: str) -> np.ndarray:
        """Whole numbers (n,) int64 from 0 on."""
        array = self.numbers(name, 1)
        if array.dtype.kind not in "iu" or (len(array) and not array.min() >= 0):
            raise DataError(f"{self.path}: {name!r} are not whole numbers from 0 on")
        if len(array) and array.max() > 2**40:
            raise DataError(f"{self.path}: {name!r} holds a number that is too large")
        return array.astype(np.int64)

    def texts(self, name: str) -> list[str]:
        """Texts (n,)."""
        array = self._array(name)
        if array.dtype.kind != "U" or array.ndim != 1:
            raise DataError(f"{self.path}: {name!r} is no list of texts")
        try:
            return [str(text) for text in array]
        except DAMAGED as error:  # code points that are none
            raise DataError(f"{self.path}: {name!r} is no list of texts") from error


def read_npz(path: str | os.PathLike[str], names: Iterable[str], most: int = MOST) -> Arrays:
    """The arrays of these names that an .npz holds; others are not looked at.

    Raises DataError for anything but an .npz whose members are whole and take at
    most ``most`` bytes.
    """
    file = _plain(path)
    values: dict[str, np.ndarray] = {}
    left = most
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                raise DataError(f"{file}: {len(members)} members; no such file of ours has them")
            there = {member.filename: member for member in members}
            for name in names:
                member = there.get(f"{name}.npy")
                if member is None:
                    continue
                with archive.open(member) as stream:
                    left -= _checked_size(stream, name, member.file_size, left)
                # Opened anew, since a stream that was sought in compares no checksum.
                with archive.open(member) as stream:
                    values[name] = np.lib.format.read_array(stream, allow_pickle=False)
                    # Nothing follows; the read at the end is what compares the checksum.
                    stream.read(1)
    except DAMAGED as error:
        raise DataError(f"{file}: not a whole .npz ({_reason(error)})") from error
    return Arrays(file, values)


def read_npy(path: str | os.PathLike[str], *, most: int = MOST, mapped: bool = False) -> np.ndarray:
    """The array of an .npy file, judged as those of ``read_npz``; ``mapped`` leaves it on disk."""
    file = _plain(path)
    try:
        with open(file, "rb") as stream:
            _checked_size(stream, file.name, file.stat().st_size, most)
        return np.load(file, mmap_mode="r" if mapped else None, allow_pickle=False)
    except DAMAGED as error:
        raise DataError(f"{file}: not a whole .npy ({_reason(error)})") from error


def is_whole_zip(path: str | os.PathLike[str]) -> bool:
    """Whether a zip (an .npz) is there from its first to its last byte, by its own checksums."""
    try:
        with zipfile.ZipFile(_plain(path)) as archive:
            return archive.testzip() is None
    except DataError:
        return False
    except DAMAGED:
        return False


def _plain(path: str | os.PathLike[str]) -> Path:
    file = Path(path)
    if kind := other_than_a_file(file):
        raise DataError(f"{file} is {kind}, not a file of arrays")
    if not file.is_file():
        raise DataError(f"{file}: no such file")
    return file


def _checked_size(stream: IO[bytes], name: str, length: int, most: int) -> int:
    """Bytes of the array whose header comes next; ValueError where it may not be read."""
    version = np.lib.format.read_magic(stream)  # type: ignore[arg-type]
    readers: dict[Any, Any] = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise ValueError(f"{name}: its format {version} is not known")
    shape, _, kind = readers[version](stream)
    if kind.kind not in _KINDS or kind.names is not None or kind.subdtype is not None:
        raise ValueError(f"{name}: holds neither numbers nor texts")
    size = math.prod(shape) * kind.itemsize
    if size > most:
        raise ValueError(f"{name}: {size_text(size)} are more than the {size_text(most)} allowed")
    if stream.tell() + size != length:
        raise ValueError(f"{name}: its header asks for another length than it has")
    return size


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200] or type(error).__name__
