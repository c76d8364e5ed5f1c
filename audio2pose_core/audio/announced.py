"""What the headers of uncompressed files announce, which libsndfile and FFmpeg quietly correct."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

_W64_RIFF = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
_UNKNOWN = (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)  # of a stream that never learned its length


def missing_bytes(file: Path) -> int:
    """How many bytes a wav, rf64, w64, aiff, au or caf file is shorter than its header says.

    0 for whole files, streams of unknown length, and all other kinds.
    """
    with open(file, "rb") as raw:
        end = _announced_end(raw)
    # Some writers forget the padding byte.
    return max(0, end - file.stat().st_size - 1)


def _announced_end(raw: BinaryIO) -> int:
    """Where the file ends as its header has it; 0 where that is not told."""
    head = raw.read(40)
    if len(head) < 24:
        return 0

    def number(start: int, size: int, order: str) -> int | None:
        value = int.from_bytes(head[start : start + size], "little" if order == "<" else "big")
        return None if value in _UNKNOWN else value

    size: int | None = None
    extra = 8
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        size = number(4, 4, "<")
    elif head[:4] == b"RF64" and head[12:16] == b"ds64":
        size = number(20, 8, "<")
    elif head[:16] == _W64_RIFF:
        size, extra = number(16, 8, "<"), 0
    elif head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        size = number(4, 4, ">")
    elif head[:4] == b".snd":
        start = number(4, 4, ">")
        size, extra = number(8, 4, ">"), start or 0
    elif head[:4] == b"caff":
        return _end_of_caf(raw)
    return 0 if size is None else size + extra


def _end_of_caf(raw: BinaryIO) -> int:
    """The end of the data chunk of a Core Audio file, wherever among the chunks that is."""
    place = 8
    for _ in range(1000):
        raw.seek(place)
        head = raw.read(12)
        size = int.from_bytes(head[4:12], "big", signed=True)
        if len(head) < 12 or size < 0:  # -1: up to the end of the file
            return 0
        place += 12 + size
        if head[:4] == b"data":
            return place
    return 0
