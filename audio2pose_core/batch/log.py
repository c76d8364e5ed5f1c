"""Progress and failure reason, read from a render's log."""

from __future__ import annotations

import re
from pathlib import Path

_TAIL_BYTES = 4096
_FRAME = re.compile(rb"frame (\d+)/(\d+)")
_MADE = re.compile(rb"made (\d+) of the frames")
_KILLED = (128 + 9, -9)


def tail(log: Path) -> bytes:
    """The last bytes of a log; empty where it cannot be read."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            return file.read()
    except OSError:
        # Only the progress and the reason are read from it; the render itself goes on.
        return b""


def progress(log: Path) -> tuple[int, int] | None:
    """Frames that are done, and all of this part; None before the first."""
    found = _FRAME.findall(tail(log))
    return (int(found[-1][0]), int(found[-1][1])) if found else None


def made(log: Path) -> int | None:
    """How many frames a part rendered; the others were there. None where it does not say."""
    found = _MADE.findall(tail(log))
    return int(found[-1]) if found else None


def reason(log: Path, code: int) -> str:
    """Why a render failed: the last error line of its log."""
    if code in _KILLED:
        return "killed from outside; was the memory full?"
    lines = tail(log).decode("utf-8", "replace").replace("\r", "\n").splitlines()
    said = [line.strip() for line in lines[1:] if line.strip()]
    errors = [line for line in said if line.lower().startswith("error:")]
    last = (errors or said or [""])[-1]
    return last[7:].strip() if errors else f"exit code {code}: {last}".rstrip(": ")
