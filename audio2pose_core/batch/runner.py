"""Runs a batch: several renders at once; a failed song does not stop the others.

Each song has a work folder inside the output folder, named after all that its video
depends on. Its motion and every frame stay there until the video is whole, moved to
its name and recorded. So a kill at any instant costs the frames that were being drawn.
"""

from __future__ import annotations

import logging
import re
import shutil
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import Audio2PoseError
from . import inputs, log, resume_state
from .executor import Executor, ExecutorLost, Run
from .inputs import InputChanged
from .job import DONE, FAILED, SKIPPED, STOPPED, Job
from .parts import JOIN, MOTION, WHOLE, Part, dance_frames, expected_frames, missing_chunks

_log = logging.getLogger(__name__)

_POLL_S = 0.05
_LOOK_S = 0.5
MOST_CHANGES = 3
"""Times that a song is made again since a file of it was replaced in the middle."""

Listener = Callable[[Job], None]


@dataclass
class _Running:
    """A part under way."""

    part: Part
    run: Run
    log: Path


@dataclass
class _Work:
    """A song under way: its parts that may start, and those that have."""

    job: Job
    folder: Path
    outputs: list[Path]
    began: float
    ready: deque[Part] = field(default_factory=deque)
    running: list[_Running] = field(default_factory=list)
    finished: int = 0
    """Frames of chunks that have ended, and those that were there."""

    def look(self) -> None:
        """See in the logs how many frames there are."""
        seen = [log.progress(r.log) for r in self.running if r.part is WHOLE or r.part.is_chunk]
        counts = [pair for pair in seen if pair is not None]
        if any(r.part is WHOLE for r in self.running):
            self.job.frames = counts[0] if counts else self.job.frames
        elif self.job.frames[1]:
            done = self.finished + sum(done for done, _ in counts)
            self.job.frames = (min(done, self.job.frames[1]), self.job.frames[1])


class Batch:
    """Jobs, an executor and an output folder whose lock the caller holds."""

    def __init__(
        self,
        jobs: Iterable[Job],
        executor: Executor,
        output: Path,
        *,
        version: str,
        chunk: int | None = None,
        again: bool = False,
        on_change: Listener = lambda job: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``version`` of this program: another goes on from nothing that this one began.

        ``chunk``: longer songs are cut into so many frames; None renders each in one go.
        ``again`` renders finished songs too. ``on_change(job)`` is called when a job
        starts, ends, or got further. ``clock`` and ``sleep`` are the time, in seconds.
        """
        self._clock, self._sleep = clock, sleep
        self._waiting = deque(jobs)
        self._executor = executor
        self._output = output
        self._version = version
        self._chunk = chunk
        self._again = again
        self._on_change = on_change
        self._active: list[_Work] = []

    def run(self) -> None:
        """Render what is not finished; the jobs say afterwards how it went.

        An interrupt ends all renders, then goes on to the caller with the jobs under
        way marked as stopped.
        """
        looked = self._clock()
        for job in self._waiting:
            job.expected = expected_frames(job.song, job.options)
        try:
            while self._waiting or self._active:
                self._fill()
                look = self._clock() - looked > _LOOK_S
                for work in list(self._active):
                    self._poll(work, look)
                looked = self._clock() if look else looked
                if self._active:
                    self._sleep(_POLL_S)
        finally:
            self._stop()
            resume_state.remove_empty(self._output)

    def _fill(self) -> None:
        """Start parts while the executor has room: of the songs under way first."""
        free = self._executor.count() - sum(len(work.running) for work in self._active)
        while free > 0:
            work = next((w for w in self._active if w.ready), None)
            if work is not None:
                if self._start(work, work.ready.popleft()):
                    free -= 1
            elif self._waiting:
                self._begin(self._waiting.popleft())
            else:
                return

    def _begin(self, job: Job) -> None:
        """Make a job ready, or know it as finished or failed."""
        outputs = [job.song.output(self._output, suffix) for suffix in job.suffixes()]
        try:
            job.sources = resume_state.sources_of(job.song, job.options)
            if not self._again and resume_state.is_finished(
                self._output, job.song, job.sources, outputs
            ):
                job.state = SKIPPED
            else:
                folder = resume_state.open_work(self._output, job.song, job.sources, self._version)
                if not self._again:
                    resume_state.fetch_motion(self._output, job.sources, self._version, folder)
                job.kept = resume_state.count_frames(folder)
                self._remove_logs(job)
                work = _Work(job, folder, outputs, self._clock())
                work.ready.append(WHOLE if self._in_one_go(job) else MOTION)
                self._active.append(work)
        except Exception as error:
            self._fail(job, error)
        self._on_change(job)

    def _in_one_go(self, job: Job) -> bool:
        if self._chunk is None:
            return True
        # A song of unknown length is most likely none at all.
        return job.expected is None or job.expected <= self._chunk

    def _log(self, job: Job, part: Part) -> Path:
        suffix = f".{part.name}.log" if part.is_chunk else ".log"
        return job.song.output(self._output / "logs", suffix)

    def _remove_logs(self, job: Job) -> None:
        whole = self._log(job, WHOLE)
        whole.unlink(missing_ok=True)
        start, end = whole.name.removesuffix("log"), ".log"
        for path in whole.parent.iterdir() if whole.parent.is_dir() else ():
            middle = path.name[len(start) : -len(end)]
            ours = path.name.startswith(start) and path.name.endswith(end)
            if ours and re.fullmatch(r"\d+-\d+", middle):
                path.unlink(missing_ok=True)

    def _start(self, work: _Work, part: Part) -> bool:
        job = work.job
        place = self._log(job, part)
        try:
            words = part.words(job.song.path, work.folder, job.options)
            run = self._executor.start(words, place)
        except ExecutorLost:
            raise
        except Exception as error:
            self._end(work, error=error)
            return False
        work.running.append(_Running(part, run, place))
        _log.info("%s: %s started", job.song.label, part.name)
        self._on_change(job)
        return True

    def _poll(self, work: _Work, look: bool) -> None:
        if look:
            work.look()
        ended = False
        for running in list(work.running):
            code = running.run.code()
            if code is None:
                continue
            ended = True
            work.look()
            work.running.remove(running)
            seconds = running.run.seconds()
            name = resume_state.text_of(running.log.relative_to(self._output))
            _log.info("%s: %s ended with %d after %.1f s; see %s", work.job.song.label,
                      running.part.name, code, seconds, running.log)  # fmt: skip
            told = {"part": running.part.name, "seconds": round(seconds, 2), "log": name}
            work.job.parts.append(told)
            try:
                if code == InputChanged.exit_code or (code != 0 and self._changed(work)):
                    self._make_again(work)
                    return
                if code != 0:
                    self._end(work, failure=log.reason(running.log, code))
                    return
                self._advance(work, running)
            except Exception as error:
                self._end(work, error=error)
                return
        if look or ended:
            self._on_change(work.job)

    def _advance(self, work: _Work, ended: _Running) -> None:
        """A part has succeeded: what comes next?"""
        job, part = work.job, ended.part
        if part is MOTION and self._chunk is not None:
            first, last = dance_frames(work.folder)
            chunks = missing_chunks(work.folder, self._chunk)
            total = last - first + 1
            missing = sum(end - begin + 1 for begin, end in (c.frames for c in chunks if c.frames))
            job.kept = work.finished = total - missing
            job.frames = (job.kept, total)
            work.ready.extend(chunks or [JOIN])
        elif part.frames is not None:
            work.finished += part.frames[1] - part.frames[0] + 1
            work.look()
            if not work.ready and not work.running:
                work.ready.append(JOIN)
        else:
            if part is WHOLE and (made := log.made(ended.log)) is not None:
                job.kept = job.frames[1] - made
            self._finish(work)

    def _finish(self, work: _Work) -> None:
        """Put a finished video in its place."""
        job = work.job
        made = job.made(work.folder)
        for file, suffix in zip(made, job.suffixes(), strict=True):
            if not (file.is_dir() or (file.is_file() and file.stat().st_size)):
                self._end(work, failure=f"no {suffix[1:]} was written; see the log")
                return
        if self._changed(work):
            self._make_again(work)
            return
        for file, place in zip(made, work.outputs, strict=True):
            resume_state.put_in_place(file, place)
        resume_state.save_finished(self._output, job.song, job.sources, work.outputs)
        resume_state.keep_motion(self._output, job.sources, self._version, work.folder)
        resume_state.close_work(work.folder)
        job.state = DONE
        if job.changes:
            job.reason = "made again: a file of it was replaced while it was rendered"
        self._end(work)

    def _changed(self, work: _Work) -> bool:
        """Whether a file that the video is made from is another one by now, or was in between."""
        job = work.job
        if resume_state.sources_of(job.song, job.options) != job.sources:
            return True
        wanted = resume_state.inputs_of(job.sources)
        return any(wanted.get(name) != v for name, v in (inputs.noted(work.folder) or {}).items())

    def _make_again(self, work: _Work) -> None:
        """Throw away what was made of files that were replaced meanwhile; the song waits again."""
        job = work.job
        if job.changes >= MOST_CHANGES:
            times = MOST_CHANGES + 1
            self._end(work, failure=f"a file of it was replaced {times} times while it was made")
            return
        _log.warning("%s: a file of it was replaced while it was rendered; it is made again",
                     job.song.label)  # fmt: skip
        self._end(work)
        resume_state.close_work(work.folder)
        job.begin_again()
        self._waiting.append(job)
        self._on_change(job)

    def _end(self, work: _Work, failure: str = "", error: Exception | None = None) -> None:
        """A song is over, well or not; frames of a failed one stay for the next try."""
        job = work.job
        for running in work.running:
            running.run.stop()
        for running in work.running:
            running.run.wait()
        if error is not None:
            self._fail(job, error)
        elif failure:
            job.state, job.reason = FAILED, failure
        if job.state == FAILED and not resume_state.count_frames(work.folder):
            shutil.rmtree(work.folder, ignore_errors=True)
        job.seconds = self._clock() - work.began
        self._active.remove(work)
        self._on_change(job)

    def _stop(self) -> None:
        """End what is under way: the supervisors see their pipes close."""
        for work in self._active:
            for running in work.running:
                running.run.stop()
        for work in self._active:
            for running in work.running:
                running.run.wait()
            work.look()
            kept = resume_state.count_frames(work.folder)
            work.job.state = STOPPED
            work.job.reason = f"stopped; {kept} frames are kept" if kept else "stopped"
            work.job.seconds = self._clock() - work.began

    def _fail(self, job: Job, error: Exception) -> None:
        """One song has failed; whatever it was, the night's others go on."""
        job.state, job.reason = FAILED, str(error)
        if isinstance(error, OSError):
            # Of a move, the second name is where it should have gone.
            place = error.filename2 or error.filename
            job.reason = f"cannot write {place}: {error.strerror or error}"
        elif not isinstance(error, Audio2PoseError):
            what = f"{type(error).__name__}: {error}".replace("\n", " ")[:300]
            job.reason = f"a bug in Audio2Pose: {what}; see the log"
            place = self._log(job, WHOLE)
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("a", encoding="utf-8", errors="backslashreplace") as stream:
                stream.writelines(traceback.format_exception(error))
