"""Make Crew, Make Crowd, and the list of formations; ``generate.crew`` makes the dances."""

from __future__ import annotations

from typing import Any

import bpy

from ...core import errors
from ...generate import crew, crew_members
from ...rig import active
from ...steps import Steps
from ...takes import metadata as take_metadata, store as take_store
from . import reports, running

Outcome = set[Any]


class AUDIO2POSE_OT_make_crew(running.RunsTask, bpy.types.Operator):
    """Add dancers around this one: in formations, together, in canon, or by turns"""

    bl_idname = "audio2pose.make_crew"
    bl_label = "Make Dance Crew"
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender's own way

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """One job at a time."""
        return running.is_free(cls)

    def begin_steps(self, context: Any) -> Steps[crew.CrewTask]:
        """A crew of the scene's settings."""
        if context.mode != "OBJECT":
            raise errors.RigError("go to Object Mode first")
        return crew.begin_steps(context, active.active_dancer(context))

    def told(self, task: crew.CrewTask, written: Any) -> str:
        """How many they are, and how to go on."""
        return f"A crew of {len(written)}: choose one in Dancer for a dance of its own"


class AUDIO2POSE_OT_make_crowd(bpy.types.Operator):
    """Fill the ground around the selected dancers with copies of them that need no keys"""

    bl_idname = "audio2pose.make_crowd"
    bl_label = "Make Crowd"
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender's own way

    def execute(self, context: Any) -> Outcome:
        """Make the instances, or say why not."""
        settings = context.scene.audio2pose_crew
        lead = active.active_dancer(context)
        sources = [] if lead is None else [lead]
        for thing in context.selected_objects:
            armature = active.armature_of(thing)
            if armature is not None and armature not in sources and take_store.current(armature):
                sources.append(armature)
        try:
            made = crew_members.make_crowd(context.scene, sources, settings.crowd, settings.spacing)
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        reports.tell(self, f"A crowd of {len(made) + len(sources)}")
        return {"FINISHED"}


class AUDIO2POSE_OT_add_formation(bpy.types.Operator):
    """Let the crew change its formation at another bar"""

    bl_idname = "audio2pose.add_formation"
    bl_label = "Add Formation"
    bl_options = {"UNDO", "INTERNAL"}  # noqa: RUF012 - Blender's own way

    def execute(self, context: Any) -> Outcome:
        """Eight bars after the last one, in a formation that is another one."""
        settings = context.scene.audio2pose_crew
        rows = settings.changes
        last = rows[-1].formation if len(rows) else settings.formation
        bar = rows[-1].bar + 8 if len(rows) else 9
        row = rows.add()
        row.bar, row.formation = bar, "line" if last != "line" else "v"
        settings.change = len(rows) - 1
        return {"FINISHED"}


class AUDIO2POSE_OT_remove_formation(bpy.types.Operator):
    """Take this change of formation out"""

    bl_idname = "audio2pose.remove_formation"
    bl_label = "Remove Formation"
    bl_options = {"UNDO", "INTERNAL"}  # noqa: RUF012 - Blender's own way

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where there is one."""
        return len(context.scene.audio2pose_crew.changes) > 0

    def execute(self, context: Any) -> Outcome:
        """Remove the chosen row."""
        settings = context.scene.audio2pose_crew
        number = min(settings.change, len(settings.changes) - 1)
        settings.changes.remove(number)
        settings.change = max(0, number - 1)
        return {"FINISHED"}


class AUDIO2POSE_OT_formations_from_song(bpy.types.Operator):
    """Give each section of the song a formation of its own; sections that return get theirs back"""

    bl_idname = "audio2pose.formations_from_song"
    bl_label = "From Sections"
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender's own way

    def execute(self, context: Any) -> Outcome:
        """Fill the list from the sections of the dance, or say what is missing."""
        settings = context.scene.audio2pose_crew
        try:
            lead = active.active_dancer(context)
            take = None if lead is None else take_store.current(lead)
            record = take_metadata.read(None if take is None else take.action)
            rows = crew.formations_of_sections(context.scene, record, settings.formation)
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        settings.changes.clear()
        for bar, formation in rows:
            row = settings.changes.add()
            row.bar, row.formation = bar, formation
        settings.change = 0
        reports.tell(self, f"{1 + len(rows)} formations")
        return {"FINISHED"}


_CLASSES = (
    AUDIO2POSE_OT_make_crew,
    AUDIO2POSE_OT_make_crowd,
    AUDIO2POSE_OT_add_formation,
    AUDIO2POSE_OT_remove_formation,
    AUDIO2POSE_OT_formations_from_song,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
