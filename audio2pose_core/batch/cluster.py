"""Executor on a Dask cluster, whose workers see the same folders under the same paths.

The part of a worker that dies is given to another, which resumes from the frames in the
shared work folder. A batch that ends writes a stop file there, and the workers stop.
"""

from __future__ import annotations

import socket
import time
import uuid
from pathlib import Path
from typing import Any

from ..errors import Audio2PoseError
from . import executor
from .options import render_command

_POLL_S = 0.3
# Beside what is worked on, one for each worker waits, so that none is idle in between.
_AHEAD = 2
_ASK_S = 2.0
_NO_START = 1


def run_part(
    script: str | None, blender: str | None, words: list[str], log: str, stop: str
) -> tuple[int, float, str]:
    """On a worker: run this machine's render command; returns exit code, seconds and host.

    Ends early where the file ``stop`` appears.
    """
    began = time.monotonic()
    place, sign = Path(log), Path(stop)
    try:
        if not place.parent.is_dir():
            raise FileNotFoundError(f"{place.parent} is not there: share the folders, same paths")
        command = render_command(None if script is None else Path(script), blender)
        process = executor.start_process([*command, *words], place)
    except (Audio2PoseError, OSError) as error:
        return _told(f"error: {socket.gethostname()}: {error}", place), 0.0, socket.gethostname()
    try:
        while process.poll() is None and not sign.exists():
            time.sleep(_POLL_S)
    finally:
        # Dask may also unwind this thread, as when the worker is told to go.
        executor.close(process)
        code = process.wait()
    return code, time.monotonic() - began, socket.gethostname()


def _told(text: str, log: Path) -> int:
    try:
        with log.open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text + "\n")
    except OSError as error:
        raise OSError(f"{text} ({error})") from error
    return _NO_START


class ClusterRun:
    """A part that runs on the cluster."""

    def __init__(self, future: Any, log: Path) -> None:
        self._future = future
        self._log = log
        self._result: tuple[int, float, str] | None = None

    def code(self) -> int | None:
        """See ``executor.Run``."""
        if not self._future.done():
            return None
        if self._result is None:
            try:
                self._result = self._future.result()
            except Exception as error:
                # Whatever Dask raises (its workers died again and again, the function could
                # not be sent): it is this part's failure, and the others go on.
                what = str(error).strip().splitlines()[-1:] or [type(error).__name__]
                self._result = _told(f"error: the cluster: {what[0]}", self._log), 0.0, ""
        return self._result[0]

    def stop(self) -> None:
        """See ``executor.Run``; what is under way ends when the stop file appears."""
        self._future.cancel()

    def wait(self) -> None:
        """See ``executor.Run``: a cancelled part is not waited for; it stops within a second."""

    def seconds(self) -> float:
        """See ``executor.Run``."""
        return self._result[1] if self._result else 0.0


class ClusterExecutor:
    """The workers of a Dask cluster; one thread of theirs is one render."""

    def __init__(self, client: Any, script: Path | None, blender: str | None, signs: Path) -> None:
        self._client = client
        self._script = None if script is None else str(script.resolve())
        self._blender = blender
        self._started = 0
        self._asked, self._threads = -float("inf"), 1
        self._sign = signs / f".stop-{uuid.uuid4().hex[:12]}"

    def count(self) -> int:
        """See ``executor.Executor``."""
        # A question to the scheduler, which the batch would ask twenty times a second.
        if time.monotonic() - self._asked > _ASK_S:
            self._asked = time.monotonic()
            self._threads = max(1, sum(self._client.nthreads().values()))
        return _AHEAD * self._threads

    def start(self, words: list[str], log: Path) -> ClusterRun:
        """See ``executor.Executor``."""
        log.parent.mkdir(parents=True, exist_ok=True)
        log = log.resolve()
        # Else Dask starts them in any order, and every song is finished late.
        self._started += 1
        future = self._client.submit(
            run_part, self._script, self._blender, words, str(log), str(self._sign.resolve()),
            pure=False, priority=-self._started,
        )  # fmt: skip
        return ClusterRun(future, log)

    def close(self) -> None:
        """Write the stop file: the batch has ended."""
        self._sign.parent.mkdir(parents=True, exist_ok=True)
        self._sign.touch()
