"""The panel *Export*."""

from __future__ import annotations

from typing import Any

import bpy

from ..operators.export import (
    AUDIO2POSE_OT_bake,
    AUDIO2POSE_OT_export_bvh,
    AUDIO2POSE_OT_export_fbx,
    AUDIO2POSE_OT_export_gltf,
    AUDIO2POSE_OT_export_smpl,
    AUDIO2POSE_OT_export_usd,
    AUDIO2POSE_OT_export_vmd,
    AUDIO2POSE_OT_export_vrma,
)
from .base import SubPanel

_GROUPS: tuple[tuple[Any, ...], ...] = (
    (AUDIO2POSE_OT_export_fbx, AUDIO2POSE_OT_export_gltf, AUDIO2POSE_OT_export_usd),
    (
        AUDIO2POSE_OT_export_bvh,
        AUDIO2POSE_OT_export_vrma,
        AUDIO2POSE_OT_export_vmd,
        AUDIO2POSE_OT_export_smpl,
    ),
)
"""The character with its meshes; the dance alone."""


class AUDIO2POSE_PT_export(SubPanel, bpy.types.Panel):
    """The dance out of Blender."""

    bl_idname = "AUDIO2POSE_PT_export"
    bl_label = "Export"
    bl_order = 8

    def draw(self, context: Any) -> None:
        """A button for each kind of file; baking."""
        for group in _GROUPS:
            column = self.layout.column(align=True)
            for operator in group:
                column.operator(operator.bl_idname, icon="EXPORT")
        self.layout.operator_menu_enum(AUDIO2POSE_OT_bake.bl_idname, "rate", icon="KEYINGSET")


register, unregister = bpy.utils.register_classes_factory((AUDIO2POSE_PT_export,))
