"""What the buttons do: generate a dance, cancel it, add a song."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import bpy
from bpy.props import CollectionProperty, StringProperty

from ... import compat
from ...core import errors
from ...generate import session
from ...generate.session import Generation
from ...jobs.job import Job, State
from ...song import strips as song_strips

Outcome = set[Any]
_TICK_SECONDS = 0.1
_active: Generation | None = None


def active_job() -> Job | None:
    """The job that runs now, for the panel."""
    return None if _active is None else _active.job


class Runs:
    """What an operator does that waits for the worker: start it, watch it, end or cancel it.

    ``begin`` and ``told`` are the operator's own.
    """

    report: Any  # of bpy.types.Operator
    _timer: Any = None
    _made: Generation | None = None
    _shown: tuple[str, int, int | None] | None = None
    _trouble = ""

    def begin(self, context: Any) -> Generation:
        """Check and make the job, not yet started; Audio2PoseError with one clear line."""
        raise NotImplementedError

    def told(self, made: Generation, armature: Any) -> str:
        """What to say when all is written."""
        raise NotImplementedError

    def invoke(self, context: Any, _event: Any) -> Outcome:
        """From a button: start, and let Blender go on meanwhile."""
        if bpy.app.background:
            return self.execute(context)
        if not self._begin(context):
            return {"CANCELLED"}
        manager = context.window_manager
        self._timer = manager.event_timer_add(_TICK_SECONDS, window=context.window)
        manager.progress_begin(0, 100)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Any, event: Any) -> Outcome:
        """Watch the job; ESC cancels it."""
        if _active is None or _active is not self._made:
            # Cancelled by the button; by now another dance may have been started.
            self._made = None
            return self._leave(context, "Cancelled; nothing was changed")
        if event.type == "ESC" and event.value == "PRESS":
            _active.job.cancel()
            return self._leave(context, "Cancelled; nothing was changed")
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        if self._goes_on():
            self._show(context, _active.job)
            return {"PASS_THROUGH"}
        outcome = self._end()
        self._leave(context, "")
        return outcome

    def execute(self, context: Any) -> Outcome:
        """From a script or in the background: wait for the dance."""
        if not self._begin(context):
            return {"CANCELLED"}
        assert _active is not None
        try:
            while self._goes_on():
                _active.job.wait()
            return self._end()
        finally:
            # Ctrl+C in a terminal must not leave a worker behind.
            stop()

    def cancel(self, context: Any) -> None:
        """Blender ends the operator: another file is opened, or the window closed."""
        stop()
        self._leave(context, "")

    def _begin(self, context: Any) -> bool:
        global _active
        try:
            made = self.begin(context)
        except errors.Audio2PoseError as error:
            self.report({"ERROR"}, str(error))
            return False
        made.job.start()
        _active = self._made = made
        return True

    def _goes_on(self) -> bool:
        """Whether there is still a job to wait for; after one is done the next begins."""
        assert _active is not None
        if _active.job.poll() is not State.DONE:
            return _active.job.state is State.RUNNING
        try:
            return _active.advance()
        except errors.Audio2PoseError as error:
            self._trouble = str(error)
            return False

    def _end(self) -> Outcome:
        """The jobs are over: write, or say why not."""
        global _active
        made, _active = _active, None
        assert made is not None
        if self._trouble:
            self.report({"ERROR"}, self._trouble)
            return {"CANCELLED"}
        job = made.job
        if job.state is State.CANCELLED:
            self.report({"INFO"}, "Cancelled; nothing was changed")
            return {"CANCELLED"}
        if job.state is not State.DONE:
            self.report({"ERROR"}, job.error)
            return {"CANCELLED"}
        try:
            armature = made.finish()
        except errors.Audio2PoseError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for warning in made.report["warnings"]:
            self.report({"WARNING"}, warning)
        self.report({"INFO"}, self.told(made, armature))
        return {"FINISHED"}

    def _show(self, context: Any, job: Job) -> None:
        """The progress, where it has changed: drawing takes time from the worker."""
        left = job.seconds_left
        shown = (job.stage, round(100 * job.fraction), None if left is None else round(left))
        if shown != self._shown:
            self._shown = shown
            context.window_manager.progress_update(shown[1])
            redraw()

    def _leave(self, context: Any, message: str) -> Outcome:
        """Take timer and progress away; CANCELLED for the caller."""
        if self._made is _active:
            stop()
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            context.window_manager.progress_end()
            self._timer = None
        if message:
            self.report({"INFO"}, message)
        redraw()
        return {"CANCELLED"}


class AUDIO2POSE_OT_generate(Runs, bpy.types.Operator):
    """Make a dance to the song and write it as keys on the dancer"""

    bl_idname = "audio2pose.generate"
    bl_label = "Generate Dance"
    # UNDO, and no REGISTER: a changed value in the redo panel would mean a whole new dance.
    bl_options = {"UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        """One dance at a time, and not without a song."""
        if _active is not None:
            cls.poll_message_set("A dance is being generated; cancel it or wait")
            return False
        if context.scene.audio2pose.source == "STRIP" and not song_strips.sound_strips(context):
            cls.poll_message_set(song_strips.NO_SONG)
            return False
        return True

    def begin(self, context: Any) -> Generation:
        """A dance of the scene's settings."""
        return session.begin(context)

    def told(self, made: Generation, armature: Any) -> str:
        """Who dances, and how long."""
        seconds, beats = made.report["seconds"], made.report["beats"]
        return f"{armature.name} dances {seconds:.1f} s, {beats} beats"


class AUDIO2POSE_OT_cancel(bpy.types.Operator):
    """Stop the dance that is being generated; nothing is changed"""

    bl_idname = "audio2pose.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """Only while there is something to stop."""
        if _active is None:
            cls.poll_message_set("No dance is being generated")
            return False
        return True

    def execute(self, _context: Any) -> Outcome:
        """Stop the worker; the generating operator notices at its next tick."""
        stop()
        redraw()
        return {"FINISHED"}


class AUDIO2POSE_OT_add_song(bpy.types.Operator):
    """Add a song to the sequencer at the scene's first frame, to dance to it"""

    bl_idname = "audio2pose.add_song"
    bl_label = "Add Song"
    bl_options = {"UNDO"}  # noqa: RUF012

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})  # type: ignore[valid-type]
    filter_glob: StringProperty(  # type: ignore[valid-type]
        default=";".join(f"*{extension}" for extension in song_strips.EXTENSIONS),
        options={"HIDDEN"},
    )
    # A file dropped on the 3D view comes as directory and files.
    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"})  # type: ignore[valid-type]
    files: CollectionProperty(  # type: ignore[valid-type]
        type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"}
    )

    def invoke(self, context: Any, _event: Any) -> Outcome:
        """Ask for a file, unless one was dropped."""
        if self.filepath or self.files:
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> Outcome:
        """Add the strip, choose it, and make room for it in the scene."""
        path = Path(bpy.path.abspath(self.filepath))
        if not self.filepath and self.files:
            path = Path(self.directory) / self.files[0].name
        scene = context.scene
        try:
            seconds = song_strips.file_seconds(path)
        except errors.Audio2PoseError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        strip = compat.add_sound(scene, str(path), path.name, scene.frame_start)
        end = scene.frame_start + math.ceil(seconds * compat.scene_fps(scene)) - 1
        scene.frame_end = max(scene.frame_end, end)
        # A dance is looked at with its song: drop frames rather than fall behind.
        scene.sync_mode = "AUDIO_SYNC"
        scene.audio2pose.source, scene.audio2pose.strip = "STRIP", strip.name
        compat.show_in_sequencer(context, scene)
        return {"FINISHED"}


class AUDIO2POSE_FH_song(bpy.types.FileHandler):
    """A song dropped on the 3D view is added to the sequencer."""

    bl_idname = "AUDIO2POSE_FH_song"
    bl_label = "Song to dance to"
    bl_import_operator = AUDIO2POSE_OT_add_song.bl_idname
    bl_file_extensions = ";".join(song_strips.EXTENSIONS)

    @classmethod
    def poll_drop(cls, context: Any) -> bool:
        """Only on the 3D view."""
        return context.area is not None and context.area.type == "VIEW_3D"


def stop() -> None:
    """Cancel what runs, if anything does."""
    global _active
    made, _active = _active, None
    if made is not None:
        made.job.cancel()


def redraw() -> None:
    """Draw every sidebar again, and only that: the 3D view beside it may be slow to draw."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("VIEW_3D", "SEQUENCE_EDITOR"):
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


_CLASSES = (
    AUDIO2POSE_OT_generate,
    AUDIO2POSE_OT_cancel,
    AUDIO2POSE_OT_add_song,
    AUDIO2POSE_FH_song,
)


def register() -> None:
    """Add the operators."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take the operators away; what runs is cancelled."""
    stop()
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
