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
from .base import Place, SubPanel, split


class AUDIO2POSE_PT_export(SubPanel, bpy.types.Panel):
    """The dance out of Blender."""

    bl_idname = "AUDIO2POSE_PT_export"
    bl_label = "Export"
    bl_order = Place.EXPORT

    def draw(self, context: Any) -> None:
        """What is written, and a button for each kind of file."""
        layout, chosen = split(self.layout), context.scene.audio2pose_export
        column = layout.column()
        column.prop(chosen, "takes")
        column.prop(chosen, "root_motion")
        column.prop(chosen, "body")
        # The character with its meshes.
        column = layout.column(align=True)
        fbx = column.operator(AUDIO2POSE_OT_export_fbx.bl_idname, text="Export FBX", icon="EXPORT")
        gltf = column.operator(
            AUDIO2POSE_OT_export_gltf.bl_idname, text="Export glTF", icon="EXPORT"
        )
        usd = column.operator(AUDIO2POSE_OT_export_usd.bl_idname, text="Export USD", icon="EXPORT")
        # The dance alone.
        column = layout.column(align=True)
        bvh = column.operator(AUDIO2POSE_OT_export_bvh.bl_idname, text="Export BVH", icon="EXPORT")
        vrma = column.operator(
            AUDIO2POSE_OT_export_vrma.bl_idname, text="Export VRM Animation", icon="EXPORT"
        )
        vmd = column.operator(AUDIO2POSE_OT_export_vmd.bl_idname, text="Export VMD", icon="EXPORT")
        smpl = column.operator(
            AUDIO2POSE_OT_export_smpl.bl_idname, text="Export AIST++ Motion", icon="EXPORT"
        )
        for button in (fbx, gltf, bvh, vrma, vmd, smpl):
            button.takes = chosen.takes
        for button in (fbx, gltf, usd):
            button.root_motion = chosen.root_motion
        for button in (fbx, gltf):
            button.body = chosen.body


register, unregister = bpy.utils.register_classes_factory((AUDIO2POSE_PT_export,))
