"""The panel *Sections*: the parts of the song, and how each is danced."""

from __future__ import annotations

from typing import Any

import bpy

from ...generate.analysis import Analysis
from ...jobs.manager import MANAGER
from ..operators.sections import (
    AUDIO2POSE_OT_go_to_section,
    AUDIO2POSE_OT_join_section,
    AUDIO2POSE_OT_move_section,
    AUDIO2POSE_OT_split_section,
)
from .base import Place, SubPanel


class AUDIO2POSE_UL_sections(bpy.types.UIList):
    """One row a section: when it begins, its name, and what it is asked for."""

    bl_idname = "AUDIO2POSE_UL_sections"

    def draw_item(
        self,
        _context: Any,
        layout: Any,
        _data: Any,
        item: Any,
        _icon: int,
        _active_data: Any,
        _active_property: str,
        _index: int = 0,
        _flag: int = 0,
    ) -> None:
        """Draw one section."""
        row = layout.row(align=True)
        minutes, seconds = divmod(item.start, 60.0)
        row.label(text=f"{int(minutes)}:{seconds:04.1f}", translate=False)
        row.prop(item, "name", text="", emboss=False)
        if item.returns_to != "NEW":
            row.label(text="", icon="LOOP_BACK")
        row.label(text=f"{item.energy:+.1f}" if item.energy else "", translate=False)


class AUDIO2POSE_PT_sections(SubPanel, bpy.types.Panel):
    """The list, the tools beside it, and the active section."""

    bl_idname = "AUDIO2POSE_PT_sections"
    bl_label = "Sections"
    bl_order = Place.SECTIONS

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where the song was analysed."""
        return len(context.scene.audio2pose.sections) > 0

    def draw(self, context: Any) -> None:
        """List, tools, style, energy and what returns."""
        layout, settings = self.layout, context.scene.audio2pose
        layout.enabled = not isinstance(MANAGER.task, Analysis)
        row = layout.row()
        row.template_list(
            AUDIO2POSE_UL_sections.bl_idname,
            "",
            settings,
            "sections",
            settings,
            "section_index",
            rows=5,
        )
        tools = row.column(align=True)
        tools.operator(AUDIO2POSE_OT_split_section.bl_idname, text="", icon="ADD")
        tools.operator(AUDIO2POSE_OT_join_section.bl_idname, text="", icon="REMOVE")
        tools.separator()
        tools.operator(AUDIO2POSE_OT_move_section.bl_idname, text="", icon="TRACKING_FORWARDS")
        tools.operator(AUDIO2POSE_OT_go_to_section.bl_idname, text="", icon="TIME")
        if not 0 <= settings.section_index < len(settings.sections):
            return
        active = settings.sections[settings.section_index]
        column = layout.column()
        column.use_property_split, column.use_property_decorate = True, False
        column.prop(active, "style")
        column.prop(active, "energy", slider=True)
        column.prop(active, "returns_to")


register, unregister = bpy.utils.register_classes_factory(
    (AUDIO2POSE_UL_sections, AUDIO2POSE_PT_sections)
)
