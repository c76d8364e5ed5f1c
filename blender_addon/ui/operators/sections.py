"""What the buttons beside the list of sections do: split, join, move, draw again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy
import numpy as np

from ...core import errors
from ...song import beats, marking, sections
from ..text import sentence
from . import reports, running

Outcome = set[Any]


class _ChangesSections:
    """What they share: read list and markers, change the sections, draw them again."""

    poll_message_set: Any
    report: Any

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where there are sections."""
        if len(context.scene.audio2pose.sections) == 0:
            cls.poll_message_set(sentence(sections.NO_SECTIONS))
            return False
        return True

    def _change(
        self, context: Any, change: Callable[[sections.SongForm], sections.SongForm]
    ) -> Outcome:
        scene = context.scene
        try:
            store = beats.edited(scene, beats.clock_now(context))
            form = marking.form_now(context)
            if store is None or form is None:
                raise errors.DataError(sections.NO_SECTIONS)
            made = change(form)
            marking.show(scene, store, made)
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        running.redraw()
        return {"FINISHED"}


def playhead(context: Any) -> float:
    """The second of the song at the bar line that is nearest to the playhead.

    Without bars the nearest beat; DataError without beats.
    """
    scene = context.scene
    clock = beats.clock_now(context)
    store = beats.edited(scene, clock)
    assert store is not None
    time = float(clock.times(scene.frame_current + scene.frame_subframe))
    lines = store.beats.times[store.beats.downbeats]
    lines = lines if len(lines) else store.beats.times
    return float(lines[int(np.argmin(np.abs(lines - time)))])


class AUDIO2POSE_OT_split_section(_ChangesSections, bpy.types.Operator):
    """Cut the section under the playhead in two, at the nearest bar line"""

    bl_idname = "audio2pose.split_section"
    bl_label = "Split Section"
    bl_options = {"UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> Outcome:
        """Split; the new section becomes the active one."""

        def change(form: sections.SongForm) -> sections.SongForm:
            time = playhead(context)
            made = sections.split(form, time)
            context.scene.audio2pose.section_index = made.at(time)
            return made

        return self._change(context, change)


class AUDIO2POSE_OT_join_section(_ChangesSections, bpy.types.Operator):
    """Make one section of the active one and the next"""

    bl_idname = "audio2pose.join_section"
    bl_label = "Join with Next"
    bl_options = {"UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> Outcome:
        """Join."""
        index = context.scene.audio2pose.section_index
        return self._change(context, lambda form: sections.join(form, index))


class AUDIO2POSE_OT_move_section(_ChangesSections, bpy.types.Operator):
    """Let the active section begin at the bar line that is nearest to the playhead"""

    bl_idname = "audio2pose.move_section"
    bl_label = "Move to Playhead"
    bl_options = {"UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> Outcome:
        """Move."""
        index = context.scene.audio2pose.section_index
        return self._change(context, lambda form: sections.moved(form, index, playhead(context)))


class AUDIO2POSE_OT_go_to_section(_ChangesSections, bpy.types.Operator):
    """Put the playhead where the active section begins"""

    bl_idname = "audio2pose.go_to_section"
    bl_label = "Go to Section"
    bl_options = {"UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> Outcome:
        """Jump."""
        scene, index = context.scene, context.scene.audio2pose.section_index
        try:
            clock, form = beats.clock_now(context), marking.form_now(context)
            if form is None or not 0 <= index < len(form.sections):
                raise errors.DataError(sections.NO_SECTIONS)
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        scene.frame_current = round(float(clock.frames([form.sections[index].start])[0]))
        return {"FINISHED"}


_CLASSES = (
    AUDIO2POSE_OT_split_section,
    AUDIO2POSE_OT_join_section,
    AUDIO2POSE_OT_move_section,
    AUDIO2POSE_OT_go_to_section,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
