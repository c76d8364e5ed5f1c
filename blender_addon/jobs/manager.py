"""One job at a time: what Generate, Regenerate and Analyse run. No bpy."""

from __future__ import annotations

import logging
import time
from typing import Any, Protocol

from ..core import errors
from ..steps import Steps, Ticks, run
from .job import Job, State

_LOG = logging.getLogger(__name__)
BUSY = "A job is running; cancel it or wait"


class Task(Protocol):
    """What is run: a job, perhaps a second one after it, and what is written at the end.

    ``name`` is the song's, for the log.
    """

    @property
    def name(self) -> str: ...

    @property
    def job(self) -> Job:
        """What runs now."""

    @property
    def warnings(self) -> list[str]:
        """What the user is told beside the outcome, once all is done."""

    def advance(self) -> bool:
        """After a job is done: start the next; False where there is none. Audio2PoseError.

        A task may have ``advance_steps`` as well, which does the same in small steps.
        """

    def finish(self) -> Any:
        """Write the outcome, or raise Audio2PoseError with nothing written.

        A task may have ``write`` as well, which does the same in small steps.
        """


class JobManager:
    """Runs one task. The owner of a task polls it, and ends or cancels it."""

    def __init__(self) -> None:
        self._task: Task | None = None
        self._between: Ticks | None = None
        self._reserved_for: object | None = None
        self._trouble = ""
        self._since = 0.0

    @property
    def task(self) -> Task | None:
        """What runs now."""
        return self._task

    @property
    def job(self) -> Job | None:
        """The job that runs now, for the panel."""
        return None if self._task is None else self._task.job

    @property
    def part(self) -> tuple[int, int]:
        """Which of how many equal parts of the task runs, for the panel's bar."""
        found: tuple[int, int] = getattr(self._task, "part", (0, 1))
        return found

    @property
    def is_free(self) -> bool:
        """Whether nothing runs, and nobody is about to start something."""
        return self._task is None and self._reserved_for is None

    def check_free(self) -> None:
        """OptionError where something runs: one job at a time."""
        if not self.is_free:
            raise errors.OptionError(BUSY)

    def reserve(self, owner: object) -> None:
        """Let nobody else start anything until ``release``; OptionError where something runs."""
        self.check_free()
        self._reserved_for = owner

    def is_reserved_for(self, owner: object) -> bool:
        """Whether it still is; ``cancel`` ends it."""
        return self._reserved_for is owner

    def release(self, owner: object) -> None:
        """The owner is about to start its task, or gave up."""
        if self._reserved_for is owner:
            self._reserved_for = None

    def start(self, task: Task) -> None:
        """Start a task; OptionError where one runs already."""
        run(self.start_steps(task))

    def start_steps(self, task: Task) -> Steps[None]:
        """The same in small steps."""
        self.check_free()
        self._task, self._trouble, self._since = task, "", time.monotonic()
        self._between = None
        _LOG.info("%s of %r starts", type(task).__name__, task.name)
        yield from task.job.start_steps()

    @property
    def is_between_jobs(self) -> bool:
        """Whether something is done on the main thread now: ask again soon."""
        return self._between is not None

    def poll(self) -> bool:
        """Whether the task still runs; after one of its jobs is done the next one starts.

        What is to be done between two jobs is done moment by moment.
        """
        assert self._task is not None
        if self._between is None:
            if self._task.job.poll() is not State.DONE:
                return self._task.job.state is State.RUNNING
            self._between = Ticks(_advance(self._task))
        between, self._between = self._between, None
        try:
            if between.tick():
                self._between = between
                return True
            return bool(between.outcome)
        except errors.Audio2PoseError as error:
            self._trouble = str(error)
            return False

    def end(self) -> Any:
        """Write what the finished task made, and be free for the next; what it wrote.

        None where it was cancelled; Audio2PoseError, with nothing written, where it failed.
        """
        return run(self.write())

    def write(self) -> Steps[Any]:
        """The same in small steps; the task counts as running until the last one is taken."""
        task = self._task
        assert task is not None
        try:
            seconds = time.monotonic() - self._since
            if task.job.state is State.CANCELLED:
                _LOG.info("Cancelled after %.1f s", seconds)
                return None
            trouble = self._trouble or ("" if task.job.state is State.DONE else task.job.error)
            if trouble:
                _LOG.info("Failed after %.1f s: %s", seconds, trouble)
                raise errors.Audio2PoseError(trouble)
            steps = getattr(task, "write", None)
            written = task.finish() if steps is None else (yield from steps())
            _LOG.info("Done after %.1f s", time.monotonic() - self._since)
            return written
        finally:
            if self._task is task:
                self._task = None

    def cancel(self) -> None:
        """Stop what runs, if anything does; nothing is written."""
        task, self._task, self._reserved_for = self._task, None, None
        if self._between is not None:
            self._between.close()
            self._between = None
        if task is not None:
            task.job.cancel()
            _LOG.info("Cancelled after %.1f s", time.monotonic() - self._since)


def _advance(task: Task) -> Steps[bool]:
    steps = getattr(task, "advance_steps", None)
    if steps is not None:
        return bool((yield from steps()))
    yield
    return task.advance()


MANAGER = JobManager()
"""The one of this Blender."""
