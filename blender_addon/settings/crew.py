"""What a scene remembers of its crew: how many, where they stand, who dances when."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
)

from ..core import crew

FORMATIONS = (
    ("v", "V", "The first in front, the others behind to the left and right"),
    ("line", "Line", "Side by side"),
    ("circle", "Circle", "In a ring, the first nearest to the audience; all face the front"),
    ("rows", "Rows", "One row behind the other, everybody in a gap"),
    ("scattered", "Scattered", "Without a pattern, with room for everybody"),
    ("curve", "Along a Curve", "Along a curve that you draw"),
)
TOGETHER, CANON, ANSWER, OWN = "TOGETHER", "CANON", "ANSWER", "OWN"
_WAYS = (
    (TOGETHER, "Together", "All dance the same at the same time"),
    (CANON, "Canon", "Each begins a little after the one before"),
    (ANSWER, "Call and Answer", "Half of them dance eight counts, and the others answer with them"),
    (OWN, "Own Dances", "Each has a dance of its own to the same song"),
)


def _is_curve(_self: Any, thing: Any) -> bool:
    return thing.type == "CURVE"


class Audio2PoseFormation(bpy.types.PropertyGroup):
    """A formation from a bar on."""

    bar: IntProperty(  # type: ignore[valid-type]
        name="Bar",
        description="The formation stands on the first beat of this bar",
        default=9,
        min=2,
    )
    formation: EnumProperty(  # type: ignore[valid-type]
        name="Formation", description="How the crew stands from this bar on", items=FORMATIONS
    )


class Audio2PoseCrew(bpy.types.PropertyGroup):
    """The settings of *Make Crew* and *Make Crowd*."""

    count: IntProperty(  # type: ignore[valid-type]
        name="Dancers",
        description="Total dancers, including this one",
        default=3,
        min=2,
        max=crew.MOST,
    )
    formation: EnumProperty(  # type: ignore[valid-type]
        name="Formation", description="How the crew stands at first", items=FORMATIONS
    )
    curve: PointerProperty(  # type: ignore[valid-type]
        name="Curve",
        description="The curve that the crew stands along; the first dancer keeps its place",
        type=bpy.types.Object,
        poll=_is_curve,
    )
    spacing: FloatProperty(  # type: ignore[valid-type]
        name="Spacing",
        description="Between neighbours; wider where they would touch each other",
        default=1.4,
        min=0.5,
        soft_max=4.0,
        unit="LENGTH",
    )
    way: EnumProperty(  # type: ignore[valid-type]
        name="Timing", description="Who dances what, and when", items=_WAYS
    )
    canon_beats: FloatProperty(  # type: ignore[valid-type]
        name="Offset",
        description="Delay between dancers, in beats",
        default=2.0,
        min=0.5,
        soft_max=16.0,
        step=100,
        precision=1,
    )
    mirror: BoolProperty(  # type: ignore[valid-type]
        name="Mirrored", description="Those on the right dance the mirror image", default=True
    )
    changes: CollectionProperty(type=Audio2PoseFormation)  # type: ignore[valid-type]
    change: IntProperty(name="Change of Formation", min=0)  # type: ignore[valid-type]
    crowd: IntProperty(  # type: ignore[valid-type]
        name="Crowd",
        description="Total dancers of the crowd, including those that are there",
        default=50,
        min=2,
        max=crew.MOST_IN_CROWD,
    )


_CLASSES = (Audio2PoseFormation, Audio2PoseCrew)


def register() -> None:
    """Add ``scene.audio2pose_crew``."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.audio2pose_crew = PointerProperty(  # type: ignore[attr-defined]
        type=Audio2PoseCrew
    )


def unregister() -> None:
    """Take it away."""
    del bpy.types.Scene.audio2pose_crew  # type: ignore[attr-defined]
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
