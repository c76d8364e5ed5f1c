"""The sidebar tab *Audio2Pose* of the 3D view."""

from __future__ import annotations

from typing import Any

import bpy

from . import operators, sound
from .jobs import Job
from .operators import AUDIO2POSE_OT_add_song, AUDIO2POSE_OT_cancel, AUDIO2POSE_OT_generate


class AUDIO2POSE_PT_dance(bpy.types.Panel):
    """Song, style, dancer, and the button."""

    bl_idname = "AUDIO2POSE_PT_dance"
    bl_label = "Audio2Pose"
    bl_category = "Audio2Pose"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"

    def draw(self, context: Any) -> None:
        """The panel, or the progress while a dance is being made."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.audio2pose
        job = operators.active_job()

        column = layout.column()
        column.enabled = job is None
        draw_song(column, context, settings)
        column.separator()
        column.prop(settings, "style")
        column.prop(settings, "seed")
        column.prop(settings, "randomise_seed")
        column.prop(settings, "target", icon="OUTLINER_OB_ARMATURE")
        if settings.target is None:
            column.label(text="A new dancer will be added", icon="INFO")

        if job is None:
            row = layout.row()
            row.scale_y = 1.6
            row.operator(AUDIO2POSE_OT_generate.bl_idname, icon="PLAY")
        else:
            draw_progress(layout, job)


class AUDIO2POSE_PT_result(bpy.types.Panel):
    """What the last dance was made of."""

    bl_idname = "AUDIO2POSE_PT_result"
    bl_label = "Last Dance"
    bl_category = "Audio2Pose"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_parent_id = "AUDIO2POSE_PT_dance"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only once there is one."""
        return context.scene.audio2pose.result.seconds > 0

    def draw(self, context: Any) -> None:
        """Tempo, beats, length, style and seed."""
        result = context.scene.audio2pose.result
        column = self.layout.column(align=True)
        column.label(text=f"{result.tempo_bpm:.1f} BPM, {result.beats} beats")
        column.label(text=f"{result.seconds:.1f} s, style {result.style}, seed {result.seed}")
        column.label(text=result.action, icon="ACTION")


def draw_song(layout: Any, context: Any, settings: Any) -> None:
    """The song: a strip or a file, or how to get one."""
    layout.row().prop(settings, "source", expand=True)
    if settings.source == "FILE":
        layout.prop(settings, "file")
        return
    strips = sound.sound_strips(context)
    if not strips:
        layout.label(text="No sound strip in the sequencer yet", icon="INFO")
        layout.operator(AUDIO2POSE_OT_add_song.bl_idname, icon="ADD")
        return
    layout.prop(settings, "strip", icon="SOUND", placeholder=strips[0][1].name)


def draw_progress(layout: Any, job: Job) -> None:
    """Progress bar, time left and a way out."""
    left = job.seconds_left
    text = job.stage if left is None else f"{job.stage}, {clock(left)} left"
    layout.progress(factor=job.fraction, text=text)
    row = layout.row()
    row.scale_y = 1.6
    row.operator(AUDIO2POSE_OT_cancel.bl_idname, icon="CANCEL")


def clock(seconds: float) -> str:
    """Minutes and seconds: 75.2 is "1:15"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


_CLASSES = (AUDIO2POSE_PT_dance, AUDIO2POSE_PT_result)


def register() -> None:
    """Add the panels."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take the panels away."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
