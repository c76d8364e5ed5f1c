"""Executor on a Dask cluster, whose workers see the same folders under the same paths.

The part of a worker that dies is given to another, which resumes from the frames in the
shared work folder. A batch that ends writes a stop file there, and the workers stop.
"""

from __future__ import annotations

import logging
import socket
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..data.training.cluster import close_client
from ..errors import Audio2PoseError
from . import executor
from .executor import ExecutorLost
from .options import render_command

_POLL_S = 0.3
# Beside what is worked on, one for each worker waits, so that none is idle in between.
_AHEAD = 2
_ASK_S = 2.0
_ANSWER_S = 10.0
_CONNECT_S = 5.0
PATIENCE_S = 60.0
_FORGOTTEN = ("cancelled", "lost")
_NO_START = 1

_log = logging.getLogger(__name__)


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
    """A part that runs on the cluster, sent again where the scheduler forgot it."""

    def __init__(self, words: list[str], log: Path, number: int) -> None:
        self.words, self.log, self.number = words, log, number
        self.future: Any = None
        self.stopped = False
        self._result: tuple[int, float, str] | None = None

    @property
    def ended(self) -> bool:
        """Whether its result is known."""
        return self._result is not None

    def code(self) -> int | None:
        """See ``executor.Run``."""
        if self._result is not None:
            return self._result[0]
        # A future of a lost scheduler is cancelled or lost, which is no result of this part.
        if self.future is None or not self.future.done() or self.future.status in _FORGOTTEN:
            return None
        try:
            self._result = self.future.result()
        except Exception as error:
            # Whatever Dask raises (its workers died again and again, the function could
            # not be sent): it is this part's failure, and the others go on.
            what = str(error).strip().splitlines()[-1:] or [type(error).__name__]
            self._result = _told(f"error: the cluster: {what[0]}", self.log), 0.0, ""
        return self._result[0]

    def stop(self) -> None:
        """See ``executor.Run``; what is under way ends when the stop file appears."""
        self.stopped = True
        if self.future is not None:
            self.future.cancel()

    def wait(self) -> None:
        """See ``executor.Run``: a cancelled part is not waited for; it stops within a second."""

    def seconds(self) -> float:
        """See ``executor.Run``."""
        return self._result[1] if self._result else 0.0


class ClusterExecutor:
    """The workers of a Dask cluster; one thread of theirs is one render.

    ``connect(timeout)`` gives a new client of the same scheduler, or raises OptionError. A
    scheduler that is gone is looked for over ``PATIENCE_S`` seconds; then the batch ends.
    """

    def __init__(
        self,
        client: Any,
        script: Path | None,
        blender: str | None,
        signs: Path,
        *,
        connect: Callable[[float], Any],
    ) -> None:
        self._client, self._connect = client, connect
        self._script = None if script is None else str(script.resolve())
        self._blender = blender
        self._started = 0
        self._asked, self._threads = -float("inf"), 1
        self._lost_at: float | None = None
        self._runs: list[ClusterRun] = []
        self._signs = signs
        self._sign = self._new_sign()

    def _new_sign(self) -> Path:
        return self._signs / f".stop-{uuid.uuid4().hex[:12]}"

    def count(self) -> int:
        """See ``executor.Executor``; 0 while the scheduler is away."""
        self._runs = [run for run in self._runs if not (run.ended or run.stopped)]
        now = time.monotonic()
        # A question to the scheduler, which the batch would ask twenty times a second.
        if now - self._asked > _ASK_S:
            if self._forgotten() or (threads := self._ask()) is None:
                self._reconnect(now if self._lost_at is None else self._lost_at)
            else:
                self._threads = threads
            self._asked = time.monotonic()
        return 0 if self._lost_at is not None else _AHEAD * self._threads

    def _ask(self) -> int | None:
        """Threads of the workers; None where the scheduler does not answer."""
        client = self._client
        if client.status != "running":
            return None
        try:
            threads = client.sync(client.scheduler.ncores, callback_timeout=_ANSWER_S)
        except (OSError, TimeoutError, RuntimeError, ValueError) as error:
            _log.info("the scheduler does not answer: %s", error)
            return None
        return max(1, sum(threads.values()))

    def _forgotten(self) -> bool:
        """Whether parts are lost that nobody cancelled: the scheduler was another one meanwhile."""
        return self._lost_at is not None or any(
            run.future.status in _FORGOTTEN for run in self._runs if run.code() is None
        )

    def _reconnect(self, lost_at: float) -> None:
        """Try once to reach the scheduler and send it what it does not know of.

        Raises ExecutorLost when it has been away for too long.
        """
        if self._lost_at is None:
            self._lost_at = lost_at
            _log.warning("the Dask scheduler is gone; looking for it")
            # Workers of before may draw on: the parts are sent again, so theirs stop.
            self._raise_sign()
            self._sign = self._new_sign()
        try:
            client = self._connect(_CONNECT_S)
        except Audio2PoseError as error:
            if time.monotonic() - lost_at > PATIENCE_S:
                raise ExecutorLost(
                    f"the Dask scheduler has been gone for {PATIENCE_S:.0f} s ({error}); what "
                    "is done is kept: start it and run the same command again"
                ) from error
            return
        old, self._client = self._client, client
        close_client(old)
        self._lost_at = None
        self._runs = [run for run in self._runs if run.code() is None and not run.stopped]
        _log.warning("the Dask scheduler is back; %d parts are sent again", len(self._runs))
        for run in self._runs:
            self._send(run)

    def start(self, words: list[str], log: Path) -> ClusterRun:
        """See ``executor.Executor``."""
        log.parent.mkdir(parents=True, exist_ok=True)
        # Else Dask starts them in any order, and every song is finished late.
        self._started += 1
        run = ClusterRun(words, log.resolve(), self._started)
        self._runs.append(run)
        self._send(run)
        return run

    def _send(self, run: ClusterRun) -> None:
        run.future = self._client.submit(
            run_part, self._script, self._blender, run.words, str(run.log),
            str(self._sign.resolve()), pure=False, priority=-run.number,
        )  # fmt: skip

    def _raise_sign(self) -> None:
        self._sign.parent.mkdir(parents=True, exist_ok=True)
        self._sign.touch()

    def close(self) -> None:
        """Write the stop file: the batch has ended."""
        self._raise_sign()
        close_client(self._client)
