"""Argument types and early checks that the commands share."""

from __future__ import annotations

import argparse
import math
import os
import tempfile
from pathlib import Path
from typing import Any

from ..errors import OptionError, OutputError

SONG = "a song (wav, flac, ogg, mp3, m4a, opus ...), or a video with sound"


def add_renamed(parser: argparse.ArgumentParser, name: str, old: str, **about: Any) -> None:
    """Add the option ``name``; the ``old`` spelling is accepted too, but not in the help."""
    action = parser.add_argument(name, **about)
    # Without a default of its own it leaves what the new spelling has set.
    quiet = {"dest": action.dest, "default": argparse.SUPPRESS, "help": argparse.SUPPRESS}
    parser.add_argument(old, **{**about, **quiet})


def seed(text: str) -> int:
    """A whole number from 0 up."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if not 0 <= value < 2**63:
        raise argparse.ArgumentTypeError(f"{text!r} is not a seed; use a whole number from 0 up")
    return value


def duration(text: str) -> float:
    """Seconds, more than 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration; use seconds above 0")
    return value


def energy(text: str) -> float:
    """Energy in standard deviations of the style; ``generate_dance`` checks its range."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not an energy; use a number from -2 to 2")
    return value


def share(text: str) -> float:
    """A share from 0 to 1."""
    value = float(text)
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"{text} is no share; give a number from 0 to 1")
    return value


def count(text: str) -> int:
    """A whole number from 1 up."""
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number; use a whole one from 1 up")
    return int(text)


def threads(text: str) -> int:
    """A whole number from 0 up; 0 chooses by the machine."""
    cores = os.cpu_count() or 1
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) <= cores):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of threads; use 0 to {cores}, the cores of this machine"
        )
    return int(text)


def span(text: str) -> tuple[float, float]:
    """Seconds as START:STOP; START: goes on to the end of the song."""
    first, colon, last = text.partition(":")
    try:
        start, stop = float(first), float(last) if last else math.inf
    except ValueError:
        start, stop = math.nan, math.nan
    if not (colon and 0.0 <= start < stop) or (last and stop == math.inf):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a span of time; use seconds as 16:32, or 16: up to the end"
        )
    return start, stop


def bars(text: str) -> tuple[int, int]:
    """Bars as FIRST:LAST, counted from 1, both included."""
    try:
        first, last = (int(part) for part in text.split(":"))
    except ValueError:
        first, last = 0, 0
    if not 1 <= first <= last < 10**6:
        raise argparse.ArgumentTypeError(
            f"{text!r} are no bars; write the first and the last: 9:16"
        )
    return first, last


def frame_rate(text: str) -> float:
    """Frames a second, 1 to 1000."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 1.0 <= value <= 1000.0:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no frame rate; use frames a second, 1 to 1000"
        )
    return value


def check_output(path: str | os.PathLike[str], *inputs: str | os.PathLike[str] | None) -> None:
    """Raise early if ``path`` cannot be written or is one of the inputs.

    The folder is tried by a file in it, since permissions tell root nothing;
    folders that do not exist yet are made only when the output is written.
    """
    target = Path(path)
    if target.is_dir():
        raise OutputError(f"cannot write {target}: it is a folder; name a file in it")
    folder = target.parent
    try:
        for other in inputs:
            # A song that is not there is told by who opens it.
            if other is None or not (target.exists() and os.path.exists(other)):
                continue
            if os.path.samefile(target, other):
                raise OptionError(f"{target} is an input; name another file with -o")
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"cannot write {target}: {error.strerror or error}; choose another place"
        ) from error
