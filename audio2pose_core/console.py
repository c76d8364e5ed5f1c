"""What a command says: results on stdout, notes on stderr, and one line of progress.

The only place of the library that prints. Everything else tells what it does to
``logging``, which is silent until somebody listens (``listen``; the command line's
``--verbose``). Nothing but the standard library: the same line shows a render's frames
inside a Blender, whose Python has no tqdm.
"""

from __future__ import annotations

import logging
import sys
from typing import TextIO

BAR_WIDTH = 24


def out(text: str, end: str = "\n") -> None:
    """A result, on stdout at once; what its encoding lacks is escaped, as stderr does it."""
    print(_printable(text, sys.stdout), end=end, flush=True)


def note(text: str) -> None:
    """A line on stderr."""
    print(_printable(text, sys.stderr), file=sys.stderr, flush=True)


def _printable(text: str, stream: TextIO) -> str:
    """The text without what the stream cannot write, as names of files that are no UTF-8."""
    # A stream that was replaced by an object may tell no encoding.
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def listen(level: int = logging.INFO) -> None:
    """Show the library's log on stderr from ``level`` up."""
    package = logging.getLogger(__package__)
    for handler in list(package.handlers):
        if isinstance(handler, _Stderr):
            package.removeHandler(handler)
    handler = _Stderr()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    package.addHandler(handler)
    package.setLevel(level)


class _Stderr(logging.StreamHandler):
    """The stderr of now: a test or a host program may replace it."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def bar(fraction: float) -> str:
    """A bar of fixed width, e.g. ``######..................  25%``."""
    percent = round(100 * min(max(fraction, 0.0), 1.0))
    return f"{'#' * (percent * BAR_WIDTH // 100):.<{BAR_WIDTH}} {percent:3d}%"


class StatusLine:
    """One line that renews itself on a terminal; what is to stay is written above it.

    Attributes
    ----------
    live : bool
        Whether somebody watches: elsewhere, as in a log file, ``draw`` writes nothing.
    """

    def __init__(self, stream: TextIO | None = None, quiet: bool = False) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._quiet = quiet
        self.live = not quiet and self._stream.isatty()
        self._drawn = ""

    def draw(self, text: str) -> None:
        """Show ``text`` in place of what the line showed before."""
        if self.live and text != self._drawn:
            self._write(f"\r\x1b[K{text}")
            self._drawn = text

    def say(self, text: str) -> None:
        """Write a line that stays."""
        if not self._quiet:
            self._write(("\r\x1b[K" if self._drawn else "") + text + "\n")
            self._drawn = ""

    def close(self) -> None:
        """Take the line off the terminal."""
        if self._drawn:
            self._write("\r\x1b[K")
            self._drawn = ""

    def _write(self, text: str) -> None:
        # A name that the terminal's encoding lacks must not end a night's work.
        self._stream.write(_printable(text, self._stream))
        self._stream.flush()
