"""The panel *Choreography*: front, path, dials, held poses, and what they did."""

from __future__ import annotations

from typing import Any

import bpy

from ...jobs.manager import MANAGER
from ...settings.choreography import DIALS
from ..operators.choreography import (
    CALM,
    LIVELY,
    AUDIO2POSE_OT_change_energy,
    AUDIO2POSE_OT_dials_from_song,
    AUDIO2POSE_OT_hold_pose,
    AUDIO2POSE_OT_reset_dials,
)
from ..operators.edit import AUDIO2POSE_OT_regenerate
from ..text import fitted
from .base import Place, SubPanel, split


class AUDIO2POSE_PT_choreography(SubPanel, bpy.types.Panel):
    """What shall be danced where, and how much of it."""

    bl_idname = "AUDIO2POSE_PT_choreography"
    bl_label = "Choreography"
    bl_order = Place.CHOREOGRAPHY

    def draw(self, context: Any) -> None:
        """Front and path, the dials with their keys, calmer and livelier, holds, the report."""
        layout, scene = self.layout, context.scene
        settings, chosen = scene.audio2pose, scene.audio2pose.choreography
        layout.enabled = MANAGER.task is None
        _draw_floor(layout, scene, chosen)
        column = layout.column(align=True)
        column.use_property_split, column.use_property_decorate = True, True
        column.prop(settings, "energy", slider=True)
        for name in DIALS:
            row = column.row(align=True, heading=chosen.bl_rna.properties[name].name)
            row.prop(chosen, f"use_{name}", text="")
            value = row.row(align=True)
            value.active = getattr(chosen, f"use_{name}")
            value.prop(chosen, name, text="", slider=True)
        row = layout.row(align=True)
        row.operator(AUDIO2POSE_OT_dials_from_song.bl_idname, icon="SOUND")
        row.operator(AUDIO2POSE_OT_reset_dials.bl_idname, text="Reset", icon="LOOP_BACK")
        _draw_range(layout, scene)
        moves = scene.audio2pose_moves
        column = split(layout.column())
        column.prop(moves, "in_plan")
        if moves.in_plan:
            column.prop(moves, "tag", icon="BOOKMARKS")
        column.prop(chosen, "hold_breaks")
        column.prop(chosen, "jumps", slider=True)
        column.prop(chosen, "turns", slider=True)
        layout.operator(AUDIO2POSE_OT_hold_pose.bl_idname, icon="PAUSE")
        column = split(layout.column(align=True))
        column.use_property_decorate = True  # it can be keyed
        column.prop(chosen, "hands")
        column.use_property_decorate = False
        column.prop(chosen, "hands_when")
        layout.separator(factor=0.5)
        split(layout.column()).prop(chosen, "overlay")
        if settings.result.told:
            box = layout.box().column(align=True)
            for line in settings.result.told.splitlines():
                for part in fitted(line):
                    box.label(text=part, translate=False)


def _draw_floor(layout: Any, scene: Any, chosen: Any) -> None:
    """Front and path, and what they are bound to."""
    column = layout.column(align=True)
    column.label(text="Front")
    column.row(align=True).prop(chosen, "front", expand=True)
    if chosen.front == "CAMERA":
        filmed = "" if scene.camera is None else scene.camera.name
        column.prop(chosen, "front_camera", text="", placeholder=filmed)
        if chosen.front_camera is None and scene.camera is None:
            column.label(text="There is no camera yet", icon="ERROR")
    if chosen.front == "OBJECT":
        column.prop(chosen, "front_object", text="")
    column = layout.column(align=True)
    column.label(text="Path")
    column.row(align=True).prop(chosen, "path", expand=True)
    if chosen.path == "CURVE":
        column.prop(chosen, "path_curve", text="")


def _draw_range(layout: Any, scene: Any) -> None:
    """Calmer and livelier, and over which frames."""
    column = layout.column(align=True)
    if scene.use_preview_range:
        column.label(text="In the preview range:")
    else:
        column.label(text="From the playhead's bar on:")
    _draw_change(column, "AUTO")
    if len(scene.audio2pose.sections):
        column.label(text="In the active section:")
        _draw_change(column, "SECTION")


def _draw_change(column: Any, where: str) -> None:
    """Calmer, livelier, and the take danced again there."""
    row = column.row(align=True)
    for text, amount in (("Calmer", CALM), ("Livelier", LIVELY)):
        button = row.operator(AUDIO2POSE_OT_change_energy.bl_idname, text=text)
        button.where, button.amount = where, amount
    # A third word is cut off in a sidebar as wide as it opens.
    button = row.operator(AUDIO2POSE_OT_regenerate.bl_idname, text="", icon="FILE_REFRESH")
    button.part = where


register, unregister = bpy.utils.register_classes_factory((AUDIO2POSE_PT_choreography,))
