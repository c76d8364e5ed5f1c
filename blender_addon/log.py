"""The add-on's log: quiet, unless *Verbose Log* is on in the preferences. No bpy.

Modules log to ``logging.getLogger(__name__)``, below the add-on's own name, and so does
the library that the extension carries; Blender's terminal shows it.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

LOGGER = logging.getLogger(__package__)
"""The add-on's; every module's is below it."""

_FORMAT = "audio2pose: %(levelname)s: %(message)s"
_handler: logging.Handler | None = None


class _Terminal(logging.StreamHandler[Any]):
    """Writes to the standard error of now, not to that of when it was made."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def register() -> None:
    """Show warnings, and what is worse, in the terminal."""
    global _handler
    unregister()
    _handler = _Terminal()
    _handler.setFormatter(logging.Formatter(_FORMAT))
    LOGGER.addHandler(_handler)
    LOGGER.propagate = False
    set_verbose(False)


def unregister() -> None:
    """Leave the log as it was."""
    global _handler
    if _handler is not None:
        LOGGER.removeHandler(_handler)
        _handler = None
    LOGGER.propagate = True
    LOGGER.setLevel(logging.NOTSET)


def set_verbose(verbose: bool) -> None:
    """Whether to tell of every job, its stages and what the worker says."""
    LOGGER.setLevel(logging.DEBUG if verbose else logging.WARNING)
