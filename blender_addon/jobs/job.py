"""A running request: a state machine around the worker process, without bpy.

    READY --start--> RUNNING --poll--> DONE | FAILED
                        '----cancel--> CANCELLED

``poll`` never waits: two threads read the worker's pipes into a queue and a
short tail. They end with the process, and every way out of RUNNING ends the
process and removes the folder of the job.
"""

from __future__ import annotations

import collections
import json
import logging
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import IO, Any

from .. import core
from ..core import errors
from ..steps import Steps, aside, run
from .messages import Request

_LOG = logging.getLogger(__name__)
WORKER = Path(__file__).with_name("worker.py")
# The worker's stages: what the panel calls them, and about which part of the time they
# take for a song of a minute or two. Another stage counts as the whole.
STAGES: dict[str, tuple[str, float, float]] = {
    "load": ("Reading the song", 0.0, 0.03),
    "model": ("Loading the model", 0.03, 0.15),
    "analyse": ("Listening", 0.15, 0.3),
    "dance": ("Dancing", 0.3, 0.7),
    "cleanup": ("Fixing foot contacts", 0.7, 0.8),
    "reduce": ("Reducing keys", 0.8, 1.0),
}
_STDERR_LINES = 40
_JOIN_SECONDS = 5.0


class State(Enum):
    """Where a job is; the last three are final."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Python:
    """How to start the worker.

    Attributes
    ----------
    executable : str
        Blender's own Python.
    arguments : sequence of str
        Its options, ``bpy.app.python_args``.
    site_folders : sequence of str
        Where numpy and onnxruntime lie, added at the end of ``sys.path``.
    core : Path
        The folder ``audio2pose_core``.
    """

    executable: str
    arguments: Sequence[str] = ("-I",)
    site_folders: Sequence[str] = ()
    core: Path = core.FOLDER


@dataclass
class Job:
    """One request. Read ``state``, ``stage``, ``fraction``; act by the methods.

    ``result`` is what the request reads from the worker's answer (see ``messages``);
    ``report`` is what the worker tells beside it; ``rough`` is what can be looked at before.

    ``parent_folder`` takes the job's temporary folder; None is the system's. ``fraction``
    may begin where the bar of a job before this one stood.
    """

    request: Request
    python: Python
    parent_folder: str | None = None

    state: State = State.READY
    stage: str = ""
    fraction: float = 0.0
    error: str = ""
    result: Any = None
    rough: Any = None
    report: dict[str, Any] = field(default_factory=dict)

    _folder: Path | None = None
    _process: subprocess.Popen[bytes] | None = None
    _threads: list[threading.Thread] = field(default_factory=list)
    _messages: queue.SimpleQueue[bytes] = field(default_factory=queue.SimpleQueue)
    _stderr: collections.deque[str] = field(
        default_factory=lambda: collections.deque(maxlen=_STDERR_LINES)
    )
    _entered: tuple[float, float] = (0.0, 0.0)
    _done: dict[str, Any] | None = None
    _answer: tuple[Any, str] = (None, "it names no files")
    _roughs: queue.SimpleQueue[tuple[Any, str]] = field(default_factory=queue.SimpleQueue)
    _ended_at: float | None = None

    def start(self) -> None:
        """Write the samples and start the worker; a failure ends in FAILED, without raising."""
        run(self.start_steps())

    def start_steps(self) -> Steps[None]:
        """The same in small steps: the samples of a long song are tens of megabytes."""
        if self.state is not State.READY:
            raise RuntimeError(f"this job is {self.state.value}; make a new one")
        self.state, self.stage, self._entered = State.RUNNING, "Starting", (time.monotonic(), 0.0)
        try:
            folder = Path(tempfile.mkdtemp(prefix="audio2pose-", dir=self.parent_folder))
            self._folder = folder
            message = yield from aside(lambda: self.request.write(folder))
            if self.state is not State.RUNNING:
                self._clean()  # cancelled meanwhile
                return
            self._launch(folder, message)
        except OSError as error:
            self._fail(f"cannot start the worker ({self.python.executable}): {error}")

    def poll(self) -> State:
        """Take in what the worker has said since; the state now. Never waits for it."""
        if self.state is not State.RUNNING or self._process is None:
            return self.state
        # Asked before the queue is emptied: what a dead worker said is then in it.
        code = self._process.poll()
        if code is not None:
            self._ended_at = self._ended_at or time.monotonic()
            late = time.monotonic() - self._ended_at > _JOIN_SECONDS
            if any(thread.is_alive() for thread in self._threads) and not late:
                return self.state  # its answer is being read
        while self.state is State.RUNNING and not self._messages.empty():
            self._take(self._messages.get())
        if self.state is State.RUNNING and code is not None:
            self._ended(code)
        return self.state

    def wait(self, interval: float = 0.05) -> State:
        """Poll until the job is over."""
        while self.poll() is State.RUNNING:
            time.sleep(interval)
        return self.state

    def cancel(self) -> None:
        """Stop the worker now; does nothing to a job that is over."""
        if self.state in (State.READY, State.RUNNING):
            self.state = State.CANCELLED
            self._clean()

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds to go, from the pace of this stage; None as long as it is a guess.

        Of this stage alone: the start of the process and of the model says nothing
        of how fast the machine dances.
        """
        since, low = self._entered
        elapsed, done = time.monotonic() - since, self.fraction - low
        if self.state is not State.RUNNING or done < 0.03 or elapsed < 1.0:
            return None
        return elapsed * (1.0 - self.fraction) / done

    def _launch(self, folder: Path, message: dict[str, Any]) -> None:
        command = [self.python.executable, *self.python.arguments, str(WORKER)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            creationflags=_WINDOWS_FLAGS,
        )
        assert self._process.stdout is not None and self._process.stderr is not None
        for pipe, read in (
            (self._process.stdout, self._read_stdout),
            (self._process.stderr, self._read_stderr),
        ):
            thread = threading.Thread(target=read, args=(pipe,), daemon=True)
            thread.start()
            self._threads.append(thread)
        request = message | {
            "folder": str(folder),
            "site_folders": list(self.python.site_folders),
            "core": str(self.python.core),
            "verbose": _LOG.isEnabledFor(logging.DEBUG),
        }
        assert self._process.stdin is not None
        try:
            # Past the buffer, which would try once more when it is closed. The
            # pipe stays open: its end tells the worker that Blender is gone.
            os.write(self._process.stdin.fileno(), json.dumps(request).encode() + b"\n")
        except BrokenPipeError:
            # It died before it read: ``poll`` reports its exit code and last words.
            return

    def _read_stdout(self, pipe: IO[bytes]) -> None:
        for line in pipe:
            # Here and not on the main thread, which has a window to draw meanwhile.
            kind = _kind(line)
            if kind == "done":
                self._answer = _read(self.request.read, line)
            elif kind == "rough":
                self._roughs.put(_read(getattr(self.request, "read_rough", None), line))
            self._messages.put(line)

    def _read_stderr(self, pipe: IO[bytes]) -> None:
        for line in pipe:
            if text := line.decode("utf-8", "replace").rstrip():
                self._stderr.append(text.strip())
                _LOG.debug("worker: %s", text)

    def _take(self, line: bytes) -> None:
        """One line of the protocol; other text is kept beside stderr, for a crash report."""
        try:
            message = json.loads(line)
            kind = message["type"]
            if kind == "progress":
                stage, part = str(message["stage"]), float(message["fraction"])
                label, low, high = STAGES.get(stage, (stage, 0.0, 1.0))
                if label != self.stage:
                    _LOG.debug("%s (%.0f%%)", label, 100 * self.fraction)
                    self.stage, self._entered = label, (time.monotonic(), low)
                # A bar that runs backwards looks broken.
                self.fraction = max(self.fraction, min(1.0, low + part * (high - low)))
            elif kind == "done":
                self._done = message | {"report": dict(message["report"])}
            elif kind == "rough":
                self.rough, trouble = self._roughs.get_nowait()
                if trouble:
                    self._fail(f"the worker's rough dance cannot be read: {trouble}")
            elif kind == "error":
                self._fail(str(message["message"]))
        except (ValueError, KeyError, TypeError):
            self._stderr.append(line.decode("utf-8", "replace").strip())

    def _ended(self, code: int) -> None:
        """The worker is gone and said no error: an answer, or a crash.

        An answer counts even where the process then stumbled over its own end.
        """
        if self._done is None:
            self._fail(_crash_report(code, list(self._stderr)))
            return
        self.result, trouble = self._answer
        if trouble:
            self._fail(f"the worker's answer cannot be read: {trouble}")
            return
        self.report = self._done["report"]
        self.fraction, self.state = 1.0, State.DONE
        self._clean()

    def _fail(self, message: str) -> None:
        self.error, self.state = " ".join(message.split()), State.FAILED
        self._clean()

    def _clean(self) -> None:
        """End the process, the threads and the folder."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            for thread in self._threads:
                thread.join(_JOIN_SECONDS)
            for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
                if pipe is not None:
                    pipe.close()
        if self._folder is not None:
            # Windows may hold a file of a killed process for a moment; Blender
            # empties its own temporary folder at its end.
            shutil.rmtree(self._folder, ignore_errors=True)


_WINDOWS_FLAGS = (
    getattr(subprocess, "CREATE_NO_WINDOW", 0)
    | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
    if os.name == "nt"
    else 0
)


def _kind(line: bytes) -> str:
    """The type of a message; "" for other text, which ``poll`` keeps for a report."""
    try:
        return str(json.loads(line)["type"])
    except (ValueError, KeyError, TypeError):
        return ""


def _read(read: Callable[[Any], Any] | None, line: bytes) -> tuple[Any, str]:
    """What a message names, and what is wrong with it, "" for nothing."""
    if read is None:
        return None, "nobody asked for it"
    try:
        return read(json.loads(line)), ""
    except (errors.Audio2PoseError, KeyError, ValueError) as error:
        return None, str(error)


def _crash_report(code: int, stderr: list[str]) -> str:
    """One line: how the worker ended and the last thing it said."""
    how = f"was ended by signal {-code}" if code < 0 else f"stopped with exit code {code}"
    last = stderr[-1] if stderr else "it said nothing"
    if code in (-9, 137):
        last += "; perhaps the memory ran out: try a shorter part of the song"
    return f"the worker {how}: {last}"
