"""One program at a time in a folder."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import OutputError

_log = logging.getLogger(__name__)


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold ``folder`` for this process; the lock goes when the process does, however it ends.

    Raises OutputError where another process holds it or the folder cannot be written.
    """
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        _log.debug("%s is locked for this process", folder)
    except Timeout as error:
        raise OutputError(
            f"{folder} is in use by another run of this command; wait for it or stop it"
        ) from error
    except OSError as error:
        raise OutputError(
            f"cannot write in {folder}: {error.strerror or error}; choose another place"
        ) from error
    try:
        yield
    finally:
        lock.release()
