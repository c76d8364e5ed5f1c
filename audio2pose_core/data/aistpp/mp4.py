"""Check from its boxes whether an mp4 file is complete."""

from __future__ import annotations

import os
from pathlib import Path

_NEEDED = {b"moov", b"mdat"}


def is_whole_mp4(path: Path) -> bool:
    """Whether index and media are there from end to end, by the file's top-level boxes.

    A download that broke off ends inside a box, and an error page begins with
    none. Boxes as in ISO/IEC 14496-12, section 4.2. What follows behind index
    and media does not matter.
    """
    found: set[bytes] = set()
    try:
        size = os.stat(path).st_size
        with open(path, "rb") as file:
            at = 0
            while at < size and not found >= _NEEDED:
                file.seek(at)
                head = file.read(16)
                if len(head) < 8:
                    return False
                length, kind = int.from_bytes(head[:4], "big"), head[4:8]
                least = 8
                if length == 1:
                    length, least = int.from_bytes(head[8:16], "big"), 16
                elif length == 0:  # to the end of the file
                    length = size - at
                if length < least or at + length > size:
                    return False
                found.add(kind)
                at += length
    except OSError:
        return False
    return found >= _NEEDED
