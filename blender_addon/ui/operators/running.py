"""What an operator does that waits for the worker; shared by Generate, Regenerate and Analyse."""

from __future__ import annotations

from typing import Any

import bpy

from ...core import errors
from ...jobs.job import Job
from ...jobs.manager import BUSY, MANAGER, Task
from ...song import source as song_source, strips as song_strips
from ...steps import Steps, Ticks
from .. import rough_overlay
from ..text import sentence
from . import reports

Outcome = set[Any]
CANCELLED = "Cancelled; nothing was changed"
_TICK_SECONDS = 0.1
_WRITING_SECONDS = 0.005


def is_free(cls: Any) -> bool:
    """For ``poll``: whether no job runs; says so where one does."""
    if MANAGER.is_free:
        return True
    cls.poll_message_set(BUSY)
    return False


def has_song(cls: Any, context: Any) -> bool:
    """For ``poll``: whether there is a song to work on; says so where there is none."""
    if context.scene.audio2pose.source != "STRIP" or song_strips.sound_strips(context):
        return True
    cls.poll_message_set(sentence(song_strips.NO_SONG))
    return False


class RunsTask:
    """Starts a task, watches it, ends or cancels it. ``begin`` and ``told`` are the operator's."""

    report: Any  # of bpy.types.Operator
    _timer: Any = None
    _pace = 0.0
    _task: Task | None = None
    _writing: Ticks | None = None
    _beginning: Ticks | None = None
    _showing: Ticks | None = None
    _early: Any = None
    _shown: tuple[str, int, int | None] | None = None

    def begin(self, context: Any) -> Task:
        """Check and make the task, not yet started; Audio2PoseError with one clear line."""
        raise NotImplementedError

    def begin_steps(self, context: Any) -> Steps[Task]:
        """The same in small steps: the song is read, then comes ``begin``."""
        yield from song_source.read_steps(song_source.files(context))
        return self.begin(context)

    def told(self, task: Any, written: Any) -> str:
        """What to say when all is written."""
        raise NotImplementedError

    def shown(self, task: Any, written: Any) -> None:
        """Turn the editors to what was written, where that is wanted."""

    def invoke(self, context: Any, _event: Any) -> Outcome:
        """From a button: start, and let Blender go on meanwhile."""
        if bpy.app.background:
            return self.execute(context)
        self._beginning = Ticks(self._begin_steps(context))
        if self._begin_on() == {"CANCELLED"}:
            return {"CANCELLED"}
        manager = context.window_manager
        self._set_timer(context, _WRITING_SECONDS)
        manager.progress_begin(0, 100)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Any, event: Any) -> Outcome:
        """Begin, then watch the job; ESC cancels it."""
        if self._beginning is not None:
            return self._begin_tick(context, event)
        if MANAGER.task is None or MANAGER.task is not self._task:
            # Cancelled by the button; by now another task may have been started.
            self._task = None
            return self._leave(context, CANCELLED)
        if event.type == "ESC" and event.value == "PRESS":
            return self._leave(context, CANCELLED)
        if event.type != "TIMER":
            # While data are written nothing may change them: no undo, no delete.
            return {"PASS_THROUGH"} if self._writing is None else {"RUNNING_MODAL"}
        if self._writing is None:
            if MANAGER.poll():
                between = MANAGER.is_between_jobs or self._showing is not None
                self._set_timer(context, _WRITING_SECONDS if between else _TICK_SECONDS)
                self._show(context, MANAGER.task.job)
                self._show_early(MANAGER.task)
                return {"PASS_THROUGH"}
            self._writing = Ticks(MANAGER.write())
            self._set_timer(context, _WRITING_SECONDS)
        outcome = self._end(self._writing)
        if outcome is None:
            return {"RUNNING_MODAL"}
        self._leave(context, "")
        return outcome

    def execute(self, context: Any) -> Outcome:
        """From a script or in the background: wait for the outcome."""
        if not self._begin(context):
            return {"CANCELLED"}
        try:
            while MANAGER.poll():
                # Between two jobs it is the poll that goes on.
                if MANAGER.job is not None and not MANAGER.is_between_jobs:
                    MANAGER.job.wait()
            written = Ticks(MANAGER.write())
            while (outcome := self._end(written)) is None:
                continue
            return outcome
        finally:
            # Ctrl+C in a terminal must not leave a worker behind.
            MANAGER.cancel()

    def cancel(self, context: Any) -> None:
        """Blender ends the operator: another file is opened, or the window closed."""
        self._leave(context, "")

    def _begin(self, context: Any) -> bool:
        """Begin and start at once; whether that went well."""
        self._beginning = Ticks(self._begin_steps(context))
        while self._beginning is not None:
            if self._begin_on():
                return False
        return True

    def _begin_steps(self, context: Any) -> Steps[None]:
        MANAGER.reserve(self)
        try:
            task = yield from self.begin_steps(context)
        finally:
            MANAGER.release(self)
        self._task = task
        yield from MANAGER.start_steps(task)

    def _begin_on(self) -> Outcome:
        """Begin for a moment; CANCELLED, with the reason told, where that is over."""
        assert self._beginning is not None
        try:
            if not self._beginning.tick():
                self._beginning = None
        except errors.Audio2PoseError as error:
            self._beginning = None
            return reports.refuse(self, error)
        return set()

    def _begin_tick(self, context: Any, event: Any) -> Outcome:
        """While it begins nothing may change: other events wait."""
        cancelled = MANAGER.task is not self._task or not (
            MANAGER.is_reserved_for(self) or self._task is not None
        )
        if cancelled or (event.type == "ESC" and event.value == "PRESS"):
            return self._leave(context, CANCELLED)
        if event.type == "TIMER":
            if self._begin_on():
                return self._leave(context, "")
            redraw()
        return {"RUNNING_MODAL"}

    def _end(self, writing: Ticks) -> Outcome | None:
        """The jobs are over: write for a moment, or say why not; None where there is more."""
        task = self._task
        try:
            if writing.tick():
                return None
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        written = writing.outcome
        if written is None or task is None:
            reports.tell(self, CANCELLED)
            return {"CANCELLED"}
        for warning in task.warnings:
            reports.warn(self, warning)
        self.shown(task, written)
        reports.tell(self, self.told(task, written))
        return {"FINISHED"}

    def _set_timer(self, context: Any, seconds: float) -> None:
        """One timer, at this pace."""
        manager = context.window_manager
        if self._timer is not None and self._pace == seconds:
            return
        self._pace = seconds
        if self._timer is not None:
            manager.event_timer_remove(self._timer)
        self._timer = manager.event_timer_add(seconds, window=context.window)

    def _show(self, context: Any, job: Job) -> None:
        """The progress, where it has changed: drawing takes time from the worker."""
        left = job.seconds_left
        shown = (job.stage, round(100 * job.fraction), None if left is None else round(left))
        if shown != self._shown:
            self._shown = shown
            context.window_manager.progress_update(shown[1])
            redraw()

    def _show_early(self, task: Task) -> None:
        """Show the dance before it is finished, where there is something to see of it."""
        early = getattr(task, "early", None)
        if early is not self._early:
            self._early, self._showing = early, Ticks(rough_overlay.follow_steps(task))
        if self._showing is not None and not self._showing.tick():
            self._showing = None

    def _leave(self, context: Any, message: str) -> Outcome:
        """Stop what is still ours, take timer and progress away; CANCELLED for the caller."""
        if self._beginning is not None:
            self._beginning.close()
            self._beginning = None
        if self._writing is not None:
            self._writing.close()
            self._writing = None
        if self._task is not None and self._task is MANAGER.task:
            MANAGER.cancel()
        if self._early is not None:
            self._early = self._showing = None
            rough_overlay.show(None)
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            context.window_manager.progress_end()
            self._timer = None
        reports.tell(self, message)
        redraw()
        return {"CANCELLED"}


class RunsSteps:
    """An operator that has no job, and works in small steps; ``work_steps`` is its own.

    Nothing else can be done meanwhile, so that what it makes is one step of undo.
    """

    report: Any  # of bpy.types.Operator
    _timer: Any = None
    _working: Ticks | None = None
    _asked = False

    def work_steps(self, context: Any) -> Steps[str]:
        """Do it; what to tell. Audio2PoseError with one clear line."""
        raise NotImplementedError

    def invoke(self, context: Any, event: Any) -> Outcome:
        """From a button: begin. One that asks for a file first says so: ``after_asking``."""
        return self.execute(context) if bpy.app.background else self._start(context)

    def after_asking(self, asked: Outcome) -> Outcome:
        """What a question gave back: its answer comes to ``execute``, and is a button's too."""
        self._asked = "RUNNING_MODAL" in asked
        return asked

    def _start(self, context: Any) -> Outcome:
        """Work for a moment, and go on at the next tick."""
        self._working = Ticks(self.work_steps(context))
        outcome = self._work()
        if outcome is not None:
            return outcome
        manager = context.window_manager
        self._timer = manager.event_timer_add(_WRITING_SECONDS, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Any, event: Any) -> Outcome:
        """Work at each tick; all else waits."""
        outcome = self._work() if event.type == "TIMER" else None
        if outcome is None:
            return {"RUNNING_MODAL"}
        self.cancel(context)
        return outcome

    def execute(self, context: Any) -> Outcome:
        """From a script or in the background all at once; after a question as a button does."""
        if self._asked and not bpy.app.background:
            self._asked = False  # what is done again, by the redo panel, is done at once
            return self._start(context)
        self._working = Ticks(self.work_steps(context))
        while (outcome := self._work()) is None:
            continue
        return outcome

    def cancel(self, context: Any) -> None:
        """No more ticks."""
        if self._working is not None:
            self._working.close()
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None

    def _work(self) -> Outcome | None:
        assert self._working is not None
        try:
            if self._working.tick():
                return None
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        reports.tell(self, self._working.outcome)
        redraw()
        return {"FINISHED"}


class AUDIO2POSE_OT_cancel(bpy.types.Operator):
    """Stop the job that is running; nothing is changed"""

    bl_idname = "audio2pose.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """Only while there is something to stop."""
        if MANAGER.task is None:
            cls.poll_message_set("No job is running")
            return False
        return True

    def execute(self, _context: Any) -> Outcome:
        """Stop the worker; the operator that waits for it notices at its next tick."""
        MANAGER.cancel()
        redraw()
        return {"FINISHED"}


def redraw() -> None:
    """Draw every sidebar again, and only that: the 3D view beside it may be slow to draw."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("VIEW_3D", "SEQUENCE_EDITOR"):
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


def register() -> None:
    """Add Cancel."""
    bpy.utils.register_class(AUDIO2POSE_OT_cancel)


def unregister() -> None:
    """Take it away; what runs is cancelled."""
    MANAGER.cancel()
    bpy.utils.unregister_class(AUDIO2POSE_OT_cancel)
