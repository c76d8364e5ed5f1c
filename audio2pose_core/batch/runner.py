"""The batch at work: a process a song, several at once, on to the next whatever happens.

A render writes into a work folder inside the output folder; only a whole video is
moved to its name, then recorded. So a kill at any instant costs no more than the
songs that were being rendered.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import Audio2PoseError
from . import keeper, record
from .options import Options, as_words
from .songs import Song

WORK = Path(record.FOLDER, "work")
GRACE_S = 10.0
_POLL_S = 0.05
_LOOK_S = 0.5
_TAIL_BYTES = 4096
_FRAME = re.compile(rb"frame (\d+)/(\d+)")

DONE, SKIPPED, FAILED, STOPPED, WAITING = "done", "skipped", "failed", "stopped", "waiting"


@dataclass
class Job:
    """One song: how it is rendered, and what became of it."""

    song: Song
    options: Options
    state: str = WAITING
    reason: str = ""
    seconds: float = 0.0
    frames: tuple[int, int] = (0, 0)
    """Rendered so far, and all."""
    sources: dict[str, Any] = field(default_factory=dict)

    @property
    def fraction(self) -> float:
        """How far it is, 0..1."""
        if self.state in (DONE, SKIPPED, FAILED):
            return 1.0
        return self.frames[0] / self.frames[1] if self.frames[1] else 0.0

    def suffixes(self) -> list[str]:
        """Of its outputs; the video comes last, since it is what people wait for."""
        return [*([".blend"] if self.options.get("save-blend") else []), ".mp4"]


@dataclass
class _Render:
    """A job under way."""

    job: Job
    process: subprocess.Popen
    work: Path
    log: Path
    began: float


Listener = Callable[[Job], None]


def run_batch(
    jobs: Iterable[Job],
    command: list[str],
    output: Path,
    *,
    workers: int = 1,
    again: bool = False,
    on_change: Listener = lambda job: None,
) -> None:
    """Render what is not finished yet; the jobs say afterwards how it went.

    ``command`` starts render.py. ``on_change(job)`` is called when a job starts,
    ends, or got further. ``again`` renders the finished ones too. The caller
    holds the output folder's lock. An interrupt ends all renders, then goes on
    to the caller with the jobs under way marked as stopped.
    """
    waiting = deque(jobs)
    # What a killed batch left; nobody else is here, by the lock.
    shutil.rmtree(output / WORK, ignore_errors=True)
    running: list[_Render] = []
    looked = time.monotonic()
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                job = waiting.popleft()
                _begin(job, command, output, again, running)
                on_change(job)
            look = time.monotonic() - looked > _LOOK_S
            for render in list(running):
                if render.process.poll() is not None:
                    running.remove(render)
                    _end(render, output)
                    on_change(render.job)
                elif look:
                    _look(render)
                    on_change(render.job)
            looked = time.monotonic() if look else looked
            if running:
                time.sleep(_POLL_S)
    finally:
        _stop(running)
        shutil.rmtree(output / WORK, ignore_errors=True)


def _begin(job: Job, command: list[str], output: Path, again: bool, running: list[_Render]) -> None:
    """Start a job's render, or know it as finished or failed without one."""
    began = time.monotonic()
    outputs = [job.song.output(output, suffix) for suffix in job.suffixes()]
    work = output / WORK / job.song.key
    log = job.song.output(output / "logs", ".log")
    try:
        job.sources = record.sources_of(job.song, job.options)
        if not again and record.is_finished(output, job.song, job.sources, outputs):
            job.state = SKIPPED
            return
        work.mkdir(parents=True, exist_ok=True)
        words = [
            *command,
            # Blender changes folders now and then: the paths are whole.
            *("--audio", str(job.song.path.resolve())),
            *("--output", str((work / "video.mp4").resolve())),
            *as_words(job.options),
        ]
        if job.options.get("save-blend"):
            words += ["--save-blend", str((work / "video.blend").resolve())]
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as stream:
            stream.write(f"{words}\n".encode("utf-8", "backslashreplace"))
            stream.flush()
            process = _start(words, stream)
    except (Audio2PoseError, OSError) as error:
        _fail(job, error)
        return
    running.append(_Render(job, process, work, log, began))


def _start(words: list[str], log: Any) -> subprocess.Popen:
    # A session of its own: Ctrl-C on the terminal reaches the batch alone, which stops the others.
    apart: dict[str, Any] = (
        {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        if os.name == "nt"
        else {"start_new_session": True}
    )
    return subprocess.Popen(
        [sys.executable, "-I", keeper.__file__, str(GRACE_S), *words],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        **apart,
    )


def _look(render: _Render) -> None:
    """See in the log how many frames there are."""
    if found := _FRAME.findall(_tail(render.log)):
        render.job.frames = (int(found[-1][0]), int(found[-1][1]))


def _end(render: _Render, output: Path) -> None:
    """Put a finished video in its place, or keep why there is none."""
    job, code = render.job, render.process.returncode
    _close(render)
    _look(render)
    job.seconds = time.monotonic() - render.began
    try:
        if code != 0:
            job.state, job.reason = FAILED, _reason(render, code)
            return
        made = [render.work / f"video{suffix}" for suffix in job.suffixes()]
        for file in made:
            if not (file.is_file() and file.stat().st_size):
                job.state, job.reason = FAILED, f"no {file.suffix[1:]} was written; see the log"
                return
        outputs = [job.song.output(output, suffix) for suffix in job.suffixes()]
        for file, place in zip(made, outputs, strict=True):
            record.put_in_place(file, place)
        record.write_record(output, job.song, job.sources, outputs)
        job.state = DONE
    except (Audio2PoseError, OSError) as error:
        _fail(job, error)
    finally:
        shutil.rmtree(render.work, ignore_errors=True)


def _reason(render: _Render, code: int) -> str:
    if code in (128 + 9, -9):
        return "killed from outside; was the memory full?"
    lines = _tail(render.log).decode("utf-8", "replace").replace("\r", "\n").splitlines()
    said = [line.strip() for line in lines[1:] if line.strip()]
    errors = [line for line in said if line.lower().startswith("error:")]
    last = (errors or said or [""])[-1]
    return last[7:].strip() if errors else f"exit code {code}: {last}".rstrip(": ")


def _fail(job: Job, error: Exception) -> None:
    job.state = FAILED
    job.reason = str(error)
    if isinstance(error, OSError):
        # Of a move, the second name is where it should have gone.
        place = error.filename2 or error.filename
        job.reason = f"cannot write {place}: {error.strerror or error}"


def _tail(log: Path) -> bytes:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            return file.read()
    except OSError:
        # Only the progress and the reason are read from it; the render itself goes on.
        return b""


def _close(render: _Render) -> None:
    if render.process.stdin is not None:
        render.process.stdin.close()


def _stop(running: list[_Render]) -> None:
    """End what is under way: the keepers see their pipes close."""
    for render in running:
        _close(render)
        _look(render)
        render.job.state, render.job.reason = STOPPED, "stopped; it begins anew next time"
    for render in running:
        render.process.wait()
        render.job.seconds = time.monotonic() - render.began
