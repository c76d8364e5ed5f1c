"""The panel *Crew*."""

from __future__ import annotations

from typing import Any

import bpy

from ...rig import active
from ..operators.crew import AUDIO2POSE_OT_make_crew
from .base import Place, SubPanel


class AUDIO2POSE_PT_crew(SubPanel, bpy.types.Panel):
    """More dancers."""

    bl_idname = "AUDIO2POSE_PT_crew"
    bl_label = "Crew"
    bl_order = Place.CREW

    def draw(self, context: Any) -> None:
        """The button, where there is a dancer."""
        column = self.layout.column()
        column.active = active.active_dancer(context) is not None
        column.operator(AUDIO2POSE_OT_make_crew.bl_idname, text="Make Crew", icon="GROUP")


register, unregister = bpy.utils.register_classes_factory((AUDIO2POSE_PT_crew,))
