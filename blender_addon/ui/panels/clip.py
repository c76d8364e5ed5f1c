"""The panel *Dance from a Clip*."""

from __future__ import annotations

from typing import Any

import bpy

from ..operators.clip import AUDIO2POSE_OT_from_clip, AUDIO2POSE_OT_import_clip
from .base import Place, SubPanel, split


class AUDIO2POSE_PT_clip(SubPanel, bpy.types.Panel):
    """An animation that a take is to begin with."""

    bl_idname = "AUDIO2POSE_PT_clip"
    bl_label = "Dance from a Clip"
    bl_order = Place.TAKES + 5

    def draw(self, context: Any) -> None:
        """Which clip, how it is danced, and the button."""
        layout, chosen = split(self.layout), context.scene.audio2pose_clip
        row = layout.row(align=True)
        row.prop(chosen, "source")
        row.operator(AUDIO2POSE_OT_import_clip.bl_idname, text="", icon="IMPORT")
        layout.prop(chosen, "retime")
        layout.prop(chosen, "vary")
        layout.operator(AUDIO2POSE_OT_from_clip.bl_idname, icon="ACTION")


register, unregister = bpy.utils.register_classes_factory((AUDIO2POSE_PT_clip,))
