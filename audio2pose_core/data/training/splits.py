"""Which clips are learnt from and which are held out: by dancer, choreography and song.

Basic choreographies of AIST++ come back with several dancers, and to several songs with
the same dancer. A clip held out by its name alone would be learnt from its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from ...errors import DataError
from ..aistpp.names import is_name, parse_name

TRAIN, HELD_OUT, LEFT_OUT = "train", "held_out", "left_out"


def assign_splits(
    files: Iterable[str],
    held_out: Iterable[str] = (),
    excluded: Iterable[str] = (),
    strict: bool = True,
) -> dict[str, str]:
    """File name -> "train", "held_out" or "left_out".

    ``held_out`` and ``excluded`` hold file names or patterns of them ("aistpp*/*_d05_*").
    Left out are the excluded clips, and of AIST++ every other clip of a choreography that is
    held out to the same song: the same dance at the same tempo, by whomever. If ``strict``,
    raises DataError for a pattern that fits no file.
    """
    files = list(files)
    held, out = _matching(files, held_out, strict), _matching(files, excluded, strict)
    danced = {_dance(name) for name in held - out} - {None}
    splits = {}
    for name in files:
        if name in out or (name not in held and _dance(name) in danced):
            splits[name] = LEFT_OUT
        else:
            splits[name] = HELD_OUT if name in held else TRAIN
    return splits


def _matching(files: list[str], patterns: Iterable[str], strict: bool) -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        fits = {name for name in files if fnmatchcase(name, pattern)}
        if strict and not fits:
            raise DataError(f"the config names {pattern!r}, which fits no file of the index")
        found |= fits
    return found


def _dance(file: str) -> tuple[str, ...] | None:
    """What is danced to which song in an AIST++ clip; None for others."""
    stem = file.rpartition("/")[2].partition(".")[0]
    if not is_name(stem):
        return None
    name = parse_name(stem)
    return name.genre, name.situation, name.choreography, name.music
