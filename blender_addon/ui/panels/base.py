"""What the panels of the sidebar share."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from ...rig import active
from ...takes import store as take_store


class Place(IntEnum):
    """``bl_order`` of the sub-panels: from the top of the tab down, as a dance is made.

    First the song, then what directs a dance, what is done with one, who dances, and the way
    out. Numbers are left free between them.
    """

    BEATS = 10
    SECTIONS = 12
    GENERATE = 20
    CHOREOGRAPHY = 25
    SETTINGS = 30
    TAKES = 40
    REGENERATE = 50
    MOVES = 55
    CHARACTER = 60
    CREW = 70
    STAGE = 75
    EXPORT = 80


class Panel:
    """What all panels of the 3D view's tab share."""

    bl_category = "Audio2Pose"
    bl_space_type: Any = "VIEW_3D"
    bl_region_type: Any = "UI"


class SubPanel(Panel):
    """Closed at first: the main panel is enough to dance."""

    bl_parent_id = "AUDIO2POSE_PT_dance"
    bl_options: Any = {"DEFAULT_CLOSED"}  # noqa: RUF012
    bl_order: int = Place.MOVES


class TakePanel(SubPanel):
    """A part of the add-on's own tab, for a dancer that has takes."""

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where there is a take."""
        armature = active.active_dancer(context)
        return armature is not None and len(take_store.of(armature)) > 0


def split(layout: Any) -> Any:
    """Names to the left, values to the right, as in Blender's own panels; no dots for keys."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    return layout


def facts(layout: Any, *told: tuple[str, str]) -> None:
    """Names to the left, values to the right, of what cannot be changed."""
    for name, value in told:
        row = layout.split(factor=0.4)
        row.alignment = "RIGHT"
        row.label(text=name)
        row.label(text=value, translate=False)
