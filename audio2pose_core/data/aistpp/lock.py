"""One program at a time in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import OutputError


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold ``folder`` for this process; the lock goes when the process does, however it ends.

    Raises OutputError where another process holds it or the folder cannot be
    made. On Windows, which has no such locks on files, nothing is held.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise OutputError(
            f"cannot write in {folder}: {error.strerror or error}; choose another place"
        ) from error
    try:
        try:
            import fcntl
        except ImportError:
            yield
            return
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(
                f"{folder} is in use by another run of this command; wait for it or stop it"
            ) from error
        except OSError:
            # Some network drives know no locks; working unguarded is better than not at all.
            yield
            return
        yield
    finally:
        os.close(handle)


def remove_leftovers(folder: Path) -> None:
    """Delete the unfinished files that a killed run left in ``folder``."""
    for path in folder.glob(".partial-*"):
        path.unlink(missing_ok=True)
