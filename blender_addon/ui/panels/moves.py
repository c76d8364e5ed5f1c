"""The panel *Loops and Moves*: bars that go round, bars that are saved, moves that are used."""

from __future__ import annotations

from typing import Any

import bpy

from ...jobs.manager import MANAGER
from ...rig import active
from ..operators import moves as operators
from .base import Place, SubPanel


class AUDIO2POSE_PT_moves(SubPanel, bpy.types.Panel):
    """Loops and moves of the dancer."""

    bl_idname = "AUDIO2POSE_PT_moves"
    bl_label = "Loops and Moves"
    bl_order = Place.MOVES

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where there is a dancer."""
        return active.active_dancer(context) is not None

    def draw(self, context: Any) -> None:
        """The bars, the loop, the moves."""
        layout, chosen = self.layout, context.scene.audio2pose_moves
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column(align=True)
        column.prop(chosen, "first_bar")
        column.prop(chosen, "last_bar")

        column = layout.column()
        column.prop(chosen, "loop_of")
        column.prop(chosen, "root_motion")
        column.prop(chosen, "whole_frames")
        row = column.row()
        row.enabled = MANAGER.task is None
        row.operator(operators.AUDIO2POSE_OT_make_loop.bl_idname, icon="FILE_REFRESH")

        column = layout.column()
        column.prop(chosen, "name")
        column.prop(chosen, "use_bones")
        column.operator(operators.AUDIO2POSE_OT_save_move.bl_idname, icon="ASSET_MANAGER")

        column = layout.column()
        column.prop(chosen, "move")
        column.prop(chosen, "mirrored")
        column.prop(chosen, "on_beats")
        column.prop(chosen, "way_beats")
        row = column.row()
        row.enabled = MANAGER.task is None
        row.operator(operators.AUDIO2POSE_OT_use_move.bl_idname, icon="IMPORT")
        column.operator(operators.AUDIO2POSE_OT_move_to_library.bl_idname, icon="EXPORT")
        column.operator(operators.AUDIO2POSE_OT_add_start_moves.bl_idname, icon="ADD")


register, unregister = bpy.utils.register_classes_factory((AUDIO2POSE_PT_moves,))
