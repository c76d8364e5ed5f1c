"""What the panels of the sidebar share."""

from __future__ import annotations

from typing import Any

from ...rig import active
from ...takes import store as take_store


class Panel:
    """What all panels of the 3D view's tab share."""

    bl_category = "Audio2Pose"
    bl_space_type: Any = "VIEW_3D"
    bl_region_type: Any = "UI"


class SubPanel(Panel):
    """Closed at first: the main panel is enough to dance."""

    bl_parent_id = "AUDIO2POSE_PT_dance"
    bl_options: Any = {"DEFAULT_CLOSED"}  # noqa: RUF012


class TakePanel(SubPanel):
    """A part of the add-on's own tab, for a dancer that has takes."""

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where there is a take."""
        armature = active.active_dancer(context)
        return armature is not None and len(take_store.of(armature)) > 0
