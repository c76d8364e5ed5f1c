"""The panel *Shot*: stage, camera, a preview of some bars."""

from __future__ import annotations

from typing import Any

import bpy

from ...jobs.manager import MANAGER
from ..operators.shot import (
    AUDIO2POSE_OT_add_dance_camera,
    AUDIO2POSE_OT_add_stage,
    AUDIO2POSE_OT_preview_render,
)
from .base import Place, SubPanel, split


class AUDIO2POSE_PT_shot(SubPanel, bpy.types.Panel):
    """What the dance is shown in."""

    bl_idname = "AUDIO2POSE_PT_shot"
    bl_label = "Shot"
    bl_order = Place.STAGE

    def draw(self, context: Any) -> None:
        """Stage, camera, preview."""
        layout, settings = split(self.layout), context.scene.audio2pose_shot
        layout.enabled = MANAGER.task is None
        column = layout.column()
        column.prop(settings, "stage")
        column.operator(AUDIO2POSE_OT_add_stage.bl_idname, icon="LIGHT_SPOT")
        column = layout.column()
        column.prop(settings, "camera")
        if settings.camera == "CUTS":
            column.prop(settings, "every")
        column.prop(settings, "format")
        column.operator(AUDIO2POSE_OT_add_dance_camera.bl_idname, icon="OUTLINER_OB_CAMERA")
        column = layout.column(align=True)
        if context.scene.use_preview_range:
            column.label(text="Renders the preview range", icon="PREVIEW_RANGE")
        else:
            column.prop(settings, "first_bar")
            column.prop(settings, "last_bar")
        column.prop(settings, "look")
        column.prop(settings, "file")
        column.operator(AUDIO2POSE_OT_preview_render.bl_idname, icon="RENDER_ANIMATION")


register, unregister = bpy.utils.register_classes_factory((AUDIO2POSE_PT_shot,))
