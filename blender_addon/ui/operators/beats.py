"""What the beat buttons do: analyse the song, shift, halve, double, draw again, clear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy
from bpy.props import FloatProperty, IntProperty

from ...core import errors
from ...generate import analysis
from ...song import beat_grid, beat_markers, beats, form_markers, mark_record, marking, sections
from ..text import iface, sentence
from . import reports, running

Outcome = set[Any]


class AUDIO2POSE_OT_analyse(running.RunsTask, bpy.types.Operator):
    """Find the song's beats, bars, sections and events, and draw them as markers to be edited"""

    bl_idname = "audio2pose.analyse"
    bl_label = "Analyse Beats"
    bl_options = {"UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        """One job at a time, and not without a song."""
        return running.is_free(cls) and running.has_song(cls, context)

    _asked = False

    def invoke(self, context: Any, event: Any) -> Outcome:
        """Ask first where beats or sections were edited: new ones take their place."""
        if self._asked or not mark_record.are_edited(context):
            self._asked = False
            return super().invoke(context, event)
        self._asked = True
        return context.window_manager.invoke_confirm(
            self,
            event,
            title=iface("Analyse again?"),
            message=iface("The beats and sections that you edited are found anew"),
            confirm_text=iface("Analyse Beats"),
        )

    def execute(self, context: Any) -> Outcome:
        """After the question go on as the button does; from a script wait for the outcome."""
        if self._asked and not bpy.app.background:
            return self.invoke(context, None)
        return super().execute(context)

    def begin(self, context: Any) -> analysis.Analysis:
        """The analysis of the scene's song."""
        return analysis.begin(context)

    def told(self, task: analysis.Analysis, written: str) -> str:
        """Tempo, beats, and where they are drawn."""
        found = task.job.result
        where = f", drawn on {written}" if written else ""
        counted = f"{len(found.times)} beats, {len(found.sections)} sections"
        return f"{found.tempo_bpm:.1f} BPM, {counted}{where}"


class _ChangesBeats:
    """What the operators share that change the beats as a whole."""

    poll_message_set: Any
    report: Any

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where there are beats."""
        if not context.scene.audio2pose.beats.record:
            cls.poll_message_set(sentence(beats.NO_BEATS))
            return False
        return True

    def _change(self, context: Any, change: Callable[[beats.Beats], beats.Beats]) -> Outcome:
        """Read the markers, change the beats, draw them again; or say why not."""
        scene = context.scene
        try:
            store = beats.edited(scene, beats.clock_now(context))
            if store is None:
                raise errors.DataError(beats.NO_BEATS)
            form = marking.form_now(context)
            made = change(store.beats)
            if len(made.times) < 2:
                raise errors.DataError("fewer than two beats would be left; nothing was changed")
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        beat_markers.erase(scene, store.others)
        shown = beat_grid.StoredBeats(made, store.song, store.clock, store.others)
        analysis.show(scene, shown, form)
        running.redraw()
        reports.tell(self, f"{made.tempo_bpm:.1f} BPM, {len(made.times)} beats")
        return {"FINISHED"}


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
    bl_label = "Half Tempo"
    bl_options = {"UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> Outcome:
        """Halve."""
        return self._change(context, beats.halved)


class AUDIO2POSE_OT_double_beats(_ChangesBeats, bpy.types.Operator):
    """Add a beat between every two: for a tempo that was taken half as quick"""

    bl_idname = "audio2pose.double_beats"
    bl_label = "Double Tempo"
    bl_options = {"UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> Outcome:
        """Double."""
        return self._change(context, beats.doubled)


class AUDIO2POSE_OT_draw_beats(_ChangesBeats, bpy.types.Operator):
    """Draw the markers anew: after the strip was moved, or to number the bars again"""

    bl_idname = "audio2pose.draw_beats"
    bl_label = "Refresh Beat Markers"
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
            store = beats.read(settings)
        except errors.DataError:
            store = None  # unreadable, and to be cleared all the same
        beat_markers.erase(context.scene, () if store is None else store.others)
        form_markers.erase(context.scene)
        sections.clear(settings)
        settings.property_unset("marks_known")
        for name in ("record", "song", "tempo_bpm", "count", "confidence", "alternatives"):
            settings.beats.property_unset(name)
        running.redraw()
        return {"FINISHED"}


_CLASSES = (
    AUDIO2POSE_OT_analyse,
    AUDIO2POSE_OT_shift_beats,
    AUDIO2POSE_OT_shift_bars,
    AUDIO2POSE_OT_halve_beats,
    AUDIO2POSE_OT_double_beats,
    AUDIO2POSE_OT_draw_beats,
    AUDIO2POSE_OT_clear_beats,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
