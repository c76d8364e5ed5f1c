"""Executor on this machine: render processes that end when the batch does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Protocol

from ..errors import Audio2PoseError
from . import supervisor

GRACE_S = 10.0


class ExecutorLost(Audio2PoseError):
    """Whoever renders is gone for good: the batch ends with its report, and may be run again."""


class Run(Protocol):
    """A run of the render command under way, here or elsewhere."""

    def code(self) -> int | None:
        """The exit code, 128 + n where signal n killed it; None while it runs."""

    def stop(self) -> None:
        """Ask it to end; ``wait`` waits for it."""

    def wait(self) -> None:
        """Return when it has ended."""

    def seconds(self) -> float:
        """How long it has worked."""


class Executor(Protocol):
    """Starts runs; at most ``count()`` of them at once."""

    def count(self) -> int:
        """How many runs may be under way; a cluster's workers come and go."""

    def start(self, words: list[str], log: Path) -> Run:
        """Start the render command with these options; its output is added to the log."""


def start_process(words: list[str], log: Path) -> subprocess.Popen:
    """Start a program under a supervisor: it ends when the stdin of the process is closed."""
    # A session of its own: Ctrl-C on the terminal reaches the batch alone, which stops the others.
    apart: dict[str, Any] = (
        {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        if os.name == "nt"
        else {"start_new_session": True}
    )
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream:
        stream.write(f"{words}\n".encode("utf-8", "backslashreplace"))
        stream.flush()
        return subprocess.Popen(
            [sys.executable, "-I", supervisor.__file__, str(GRACE_S), *words],
            stdin=subprocess.PIPE,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            **apart,
        )


def close(process: subprocess.Popen) -> None:
    """Let the supervisor end its program, if it has not ended."""
    if process.stdin is not None:
        process.stdin.close()


class LocalRun:
    """A process of this machine."""

    def __init__(self, process: subprocess.Popen) -> None:
        self._process = process
        self._began = time.monotonic()
        self._ended: float | None = None

    def code(self) -> int | None:
        """See ``Run``."""
        code = self._process.poll()
        if code is not None and self._ended is None:
            self._ended = time.monotonic()
            close(self._process)
        return code

    def stop(self) -> None:
        """See ``Run``."""
        close(self._process)

    def wait(self) -> None:
        """See ``Run``."""
        self._process.wait()

    def seconds(self) -> float:
        """See ``Run``."""
        return (self._ended or time.monotonic()) - self._began


class LocalExecutor:
    """``workers`` processes of this machine."""

    def __init__(self, command: list[str], workers: int) -> None:
        self._command = command
        self._workers = workers

    def count(self) -> int:
        """See ``Executor``."""
        return self._workers

    def start(self, words: list[str], log: Path) -> LocalRun:
        """See ``Executor``."""
        return LocalRun(start_process([*self._command, *words], log))
