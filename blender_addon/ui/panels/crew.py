"""The panel *Crew*."""

from __future__ import annotations

from typing import Any

import bpy

from ...jobs.manager import MANAGER
from ...rig import active
from ...settings import crew as crew_settings
from ..operators.crew import (
    AUDIO2POSE_OT_add_formation,
    AUDIO2POSE_OT_formations_from_song,
    AUDIO2POSE_OT_make_crew,
    AUDIO2POSE_OT_make_crowd,
    AUDIO2POSE_OT_remove_formation,
)
from .base import Place, SubPanel, split


class AUDIO2POSE_UL_formations(bpy.types.UIList):
    """A change of formation a row."""

    def draw_item(
        self,
        _context: Any,
        layout: Any,
        _data: Any,
        item: Any,
        _icon: Any,
        _active_data: Any,
        _active_property: Any,
        _index: Any = 0,
        _filtered: Any = 0,
    ) -> None:
        """Its bar and its formation."""
        row = layout.row(align=True)
        row.use_property_split = False
        row.prop(item, "bar", emboss=False)
        row.prop(item, "formation", text="", emboss=False)


class AUDIO2POSE_PT_crew(SubPanel, bpy.types.Panel):
    """More dancers."""

    bl_idname = "AUDIO2POSE_PT_crew"
    bl_label = "Crew"
    bl_order = Place.CREW

    def draw(self, context: Any) -> None:
        """How many, where, when; changes of formation; the buttons."""
        layout, settings = split(self.layout), context.scene.audio2pose_crew
        column = layout.column()
        column.active = active.active_dancer(context) is not None
        column.enabled = MANAGER.task is None
        column.prop(settings, "count")
        column.prop(settings, "formation")
        used = {settings.formation, *(row.formation for row in settings.changes)}
        if "curve" in used:
            column.prop(settings, "curve")
        column.prop(settings, "spacing")
        column.prop(settings, "way")
        if settings.way == crew_settings.CANON:
            column.prop(settings, "canon_beats")
        if settings.way != crew_settings.OWN:
            column.prop(settings, "mirror")
        _draw_changes(column, settings)
        column.operator(AUDIO2POSE_OT_make_crew.bl_idname, text="Make Crew", icon="COMMUNITY")
        row = column.row(align=True)
        row.prop(settings, "crowd")
        row.operator(AUDIO2POSE_OT_make_crowd.bl_idname, text="", icon="OUTLINER_OB_POINTCLOUD")


def _draw_changes(column: Any, settings: Any) -> None:
    row = column.row()
    row.label(text="Later Formations")
    row.operator(AUDIO2POSE_OT_formations_from_song.bl_idname)
    row = column.row()
    row.template_list(
        "AUDIO2POSE_UL_formations", "", settings, "changes", settings, "change", rows=2
    )
    buttons = row.column(align=True)
    buttons.operator(AUDIO2POSE_OT_add_formation.bl_idname, text="", icon="ADD")
    buttons.operator(AUDIO2POSE_OT_remove_formation.bl_idname, text="", icon="REMOVE")


register, unregister = bpy.utils.register_classes_factory(
    (AUDIO2POSE_UL_formations, AUDIO2POSE_PT_crew)
)
