"""The panel *Export*."""

from __future__ import annotations

from typing import Any

import bpy

from ..operators.export import (
    AUDIO2POSE_OT_export_bvh,
    AUDIO2POSE_OT_export_fbx,
    AUDIO2POSE_OT_export_gltf,
    AUDIO2POSE_OT_export_smpl,
    AUDIO2POSE_OT_export_usd,
    AUDIO2POSE_OT_export_vmd,
    AUDIO2POSE_OT_export_vrma,
)
from .base import Place, SubPanel


class AUDIO2POSE_PT_export(SubPanel, bpy.types.Panel):
    """The dance out of Blender."""

    bl_idname = "AUDIO2POSE_PT_export"
    bl_label = "Export"
    bl_order = Place.EXPORT

    def draw(self, context: Any) -> None:
        """A button for each kind of file."""
        # The character with its meshes.
        column = self.layout.column(align=True)
        column.operator(AUDIO2POSE_OT_export_fbx.bl_idname, text="Export FBX", icon="EXPORT")
        column.operator(AUDIO2POSE_OT_export_gltf.bl_idname, text="Export glTF", icon="EXPORT")
        column.operator(AUDIO2POSE_OT_export_usd.bl_idname, text="Export USD", icon="EXPORT")
        # The dance alone.
        column = self.layout.column(align=True)
        column.operator(AUDIO2POSE_OT_export_bvh.bl_idname, text="Export BVH", icon="EXPORT")
        column.operator(
            AUDIO2POSE_OT_export_vrma.bl_idname, text="Export VRM Animation", icon="EXPORT"
        )
        column.operator(AUDIO2POSE_OT_export_vmd.bl_idname, text="Export VMD", icon="EXPORT")
        column.operator(
            AUDIO2POSE_OT_export_smpl.bl_idname, text="Export AIST++ Motion", icon="EXPORT"
        )


register, unregister = bpy.utils.register_classes_factory((AUDIO2POSE_PT_export,))
