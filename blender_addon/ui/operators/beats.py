"""What the beat buttons do: analyse the song, shift, halve, double, draw again, clear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy
from bpy.props import FloatProperty, IntProperty

from ...core import errors
from ...generate import session
from ...jobs.job import Job, State
from ...jobs.messages import Analysis
from ...song import beat_grid, beat_markers, beats, source as song_source, strips as song_strips
from . import generate as generate_operators

Outcome = set[Any]
_TICK_SECONDS = 0.1
_active: Job | None = None


def active_job() -> Job | None:
    """The analysis that runs now, for the panel."""
    return _active


class AUDIO2POSE_OT_analyse(bpy.types.Operator):
    """Find the song's beats and bars, and draw them as markers that can be edited"""

    bl_idname = "audio2pose.analyse"
    bl_label = "Analyse"
    bl_options = {"UNDO"}  # noqa: RUF012

    _timer: Any = None
    _job: Job | None = None
    _song: song_source.Song | None = None
    _scene_id: int = 0

    @classmethod
    def poll(cls, context: Any) -> bool:
        """One job at a time."""
        if _active is not None or generate_operators.active_job() is not None:
            cls.poll_message_set("A song is being worked on; cancel it or wait")
            return False
        if context.scene.audio2pose.source == "STRIP" and not song_strips.sound_strips(context):
            cls.poll_message_set(song_strips.NO_SONG)
            return False
        return True

    def invoke(self, context: Any, _event: Any) -> Outcome:
        """From a button: Blender goes on meanwhile."""
        if bpy.app.background:
            return self.execute(context)
        if not self._begin(context):
            return {"CANCELLED"}
        manager = context.window_manager
        self._timer = manager.event_timer_add(_TICK_SECONDS, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Any, event: Any) -> Outcome:
        """Watch the job; ESC cancels it."""
        job = self._job
        assert job is not None
        if event.type == "ESC" and event.value == "PRESS":
            job.cancel()
        elif event.type != "TIMER":
            return {"PASS_THROUGH"}
        stage, fraction = job.stage, job.fraction
        if job.poll() is State.RUNNING:
            if (stage, fraction) != (job.stage, job.fraction):
                generate_operators.redraw()
            return {"PASS_THROUGH"}
        context.window_manager.event_timer_remove(self._timer)
        return self._end()

    def execute(self, context: Any) -> Outcome:
        """From a script or in the background: wait."""
        if not self._begin(context):
            return {"CANCELLED"}
        assert self._job is not None
        try:
            self._job.wait()
            return self._end()
        finally:
            stop()

    def cancel(self, context: Any) -> None:
        """Blender ends the operator: another file is opened, or the window closed."""
        stop()
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)

    def _begin(self, context: Any) -> bool:
        global _active
        try:
            song = song_source.whole(context)
            python = session.worker_python()
        except errors.Audio2PoseError as error:
            self.report({"ERROR"}, str(error))
            return False
        request = Analysis(song.samples, song.rate, song.name)
        self._song, self._scene_id = song, context.scene.session_uid
        self._job = _active = Job(request, python, bpy.app.tempdir or None)
        _active.start()
        return True

    def _end(self) -> Outcome:
        global _active
        job, _active = self._job, None
        assert job is not None and self._song is not None
        generate_operators.redraw()
        if job.state is State.CANCELLED:
            self.report({"INFO"}, "Cancelled; nothing was changed")
            return {"CANCELLED"}
        if job.state is not State.DONE:
            self.report({"ERROR"}, job.error)
            return {"CANCELLED"}
        scene: Any
        for scene in bpy.data.scenes:
            if scene.session_uid == self._scene_id:
                break
        else:
            self.report({"ERROR"}, "the scene is gone, so no beats were drawn; analyse again")
            return {"CANCELLED"}
        before = beats.kept(scene.audio2pose)
        beat_markers.erase(scene, () if before is None else before.others)
        store = beat_grid.KeptBeats(
            job.result,
            self._song.key,
            beats.clock_of(self._song.placement, scene),
            beat_markers.others_on_timeline(scene),
        )
        where = _show(scene, store)
        for warning in job.report["warnings"]:
            self.report({"WARNING"}, warning)
        if store.beats.confidence == 0:
            self.report(
                {"WARNING"}, "No pulse was heard, so the beats are even at 120 BPM; edit them"
            )
        tempo, count = store.beats.tempo_bpm, len(store.beats.times)
        self.report({"INFO"}, f"{tempo:.1f} BPM, {count} beats, drawn on {where}")
        return {"FINISHED"}


def _show(scene: Any, store: beat_grid.KeptBeats) -> str:
    beats.keep(scene.audio2pose, store)
    where = beat_markers.draw(scene, store)
    generate_operators.redraw()
    return where


class _ChangesBeats:
    """What the operators share that change the beats as a whole."""

    poll_message_set: Any
    report: Any

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where there are beats."""
        if not context.scene.audio2pose.beats.record:
            cls.poll_message_set(beats.NO_BEATS)
            return False
        return True

    def _change(self, context: Any, change: Callable[[beats.Beats], beats.Beats]) -> Outcome:
        """Read the markers, change the beats, draw them again; or say why not."""
        scene = context.scene
        try:
            store = beats.edited(scene, _clock(context))
            if store is None:
                raise errors.DataError(beats.NO_BEATS)
            made = change(store.beats)
            if len(made.times) < 2:
                raise errors.DataError("fewer than two beats would be left; nothing was changed")
        except errors.Audio2PoseError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        beat_markers.erase(scene, store.others)
        _show(scene, beat_grid.KeptBeats(made, store.song, store.clock, store.others))
        self.report({"INFO"}, f"{made.tempo_bpm:.1f} BPM, {len(made.times)} beats")
        return {"FINISHED"}


def _clock(context: Any) -> beat_grid.Clock:
    """How the song lies now; as it was when the beats were found, where it is another song."""
    store = beats.kept(context.scene.audio2pose)
    song = song_source.lies(context)
    if song is None or store is None or song[0] != store.song:
        if store is None:
            raise errors.DataError(beats.NO_BEATS)
        return store.clock
    return beats.clock_of(song[1], context.scene)


class AUDIO2POSE_OT_shift_beats(_ChangesBeats, bpy.types.Operator):
    """Move every beat by whole beats or parts of one, bars included"""

    bl_idname = "audio2pose.shift_beats"
    bl_label = "Shift Beats"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    amount: FloatProperty(  # type: ignore[valid-type]
        name="Beats", description="How many beats later", default=1.0, min=-16, max=16, step=50
    )

    def execute(self, context: Any) -> Outcome:
        """Shift."""
        return self._change(context, lambda found: beats.shifted(found, self.amount))


class AUDIO2POSE_OT_shift_bars(_ChangesBeats, bpy.types.Operator):
    """Let the bars begin on a later or earlier beat; the beats stay where they are"""

    bl_idname = "audio2pose.shift_bars"
    bl_label = "Shift Bars"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    count: IntProperty(  # type: ignore[valid-type]
        name="Beats", description="How many beats later the bars begin", default=1, min=-8, max=8
    )

    def execute(self, context: Any) -> Outcome:
        """Shift."""
        return self._change(context, lambda found: beats.bars_shifted(found, self.count))


class AUDIO2POSE_OT_halve_beats(_ChangesBeats, bpy.types.Operator):
    """Keep every second beat: for a tempo that was taken twice as quick"""

    bl_idname = "audio2pose.halve_beats"
    bl_label = "Halve"
    bl_options = {"UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> Outcome:
        """Halve."""
        return self._change(context, beats.halved)


class AUDIO2POSE_OT_double_beats(_ChangesBeats, bpy.types.Operator):
    """Add a beat between every two: for a tempo that was taken half as quick"""

    bl_idname = "audio2pose.double_beats"
    bl_label = "Double"
    bl_options = {"UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> Outcome:
        """Double."""
        return self._change(context, beats.doubled)


class AUDIO2POSE_OT_draw_beats(_ChangesBeats, bpy.types.Operator):
    """Draw the markers again: after the strip was moved, or to number the bars anew"""

    bl_idname = "audio2pose.draw_beats"
    bl_label = "Draw Markers Again"
    bl_options = {"UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> Outcome:
        """Draw."""
        return self._change(context, lambda found: found)


class AUDIO2POSE_OT_clear_beats(_ChangesBeats, bpy.types.Operator):
    """Take the beats and their markers away; the next dance finds its beats itself"""

    bl_idname = "audio2pose.clear_beats"
    bl_label = "Clear Beats"
    bl_options = {"UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> Outcome:
        """Clear."""
        settings = context.scene.audio2pose
        try:
            store = beats.kept(settings)
        except errors.DataError:
            store = None  # unreadable, and to be cleared all the same
        beat_markers.erase(context.scene, () if store is None else store.others)
        for name in ("record", "song", "tempo_bpm", "count", "confidence"):
            settings.beats.property_unset(name)
        generate_operators.redraw()
        return {"FINISHED"}


def stop() -> None:
    """Cancel the analysis, if one runs."""
    global _active
    job, _active = _active, None
    if job is not None:
        job.cancel()


_CLASSES = (
    AUDIO2POSE_OT_analyse,
    AUDIO2POSE_OT_shift_beats,
    AUDIO2POSE_OT_shift_bars,
    AUDIO2POSE_OT_halve_beats,
    AUDIO2POSE_OT_double_beats,
    AUDIO2POSE_OT_draw_beats,
    AUDIO2POSE_OT_clear_beats,
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
