"""Make Crew: ask how many, how late and where; ``generate.crew`` makes them."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty

from ...core import crew, errors
from ...generate.crew import make_crew
from ...rig import active
from . import reports


class AUDIO2POSE_OT_make_crew(bpy.types.Operator):
    """Add dancers around this one who dance its dance, mirrored and in canon"""

    bl_idname = "audio2pose.make_crew"
    bl_label = "Make Dance Crew"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender's own way

    count: IntProperty(  # type: ignore[valid-type]
        name="Dancers",
        description="Total dancers, including this one",
        default=3,
        min=2,
        max=crew.MOST,
    )
    mirror: BoolProperty(  # type: ignore[valid-type]
        name="Mirrored", description="Those on the right dance the mirror image", default=True
    )
    canon_beats: FloatProperty(  # type: ignore[valid-type]
        name="Canon",
        description="Delay between dancers, in beats",
        min=0.0,
        soft_max=16.0,
        step=100,
        precision=1,
    )
    formation: EnumProperty(  # type: ignore[valid-type]
        name="Formation",
        description="How the crew stands",
        items=(
            ("v", "V", "The first in front, the others behind to the left and right"),
            ("line", "Line", "Side by side"),
        ),
    )
    spacing: FloatProperty(  # type: ignore[valid-type]
        name="Spacing",
        description="Between neighbours; wider where they would touch each other",
        default=1.4,
        min=0.5,
        soft_max=4.0,
        unit="LENGTH",
    )

    def invoke(self, context: Any, _event: Any) -> Any:
        """Ask how many, how late and where."""
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context: Any) -> Any:
        """Make them, or say why not."""
        try:
            if context.mode != "OBJECT":
                raise errors.RigError("go to Object Mode first")
            made = make_crew(
                context,
                active.active_dancer(context),
                self.count,
                mirror=self.mirror,
                canon_beats=self.canon_beats,
                formation=self.formation,
                spacing=self.spacing,
            )
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        reports.tell(self, f"A crew of {len(made)}: choose one in Dancer for a dance of its own")
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((AUDIO2POSE_OT_make_crew,))
