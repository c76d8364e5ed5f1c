"""``scene.audio2pose_export``: what the buttons of the panel *Export* write."""

from __future__ import annotations

import bpy
from bpy.props import EnumProperty, PointerProperty

from ..core import retarget
from . import clips, root_turn

TAKES = (
    (clips.CURRENT, "What Plays", "The dance that plays, with its corrections"),
    (clips.ALL, "All Takes", "Every take of the list, each by its name"),
)
ROOT_MOTION = (
    (clips.AS_IT_IS, "As It Is", "As the dance was written"),
    (retarget.HIPS, "Hips", "The hips travel over the floor"),
    (retarget.ROOT, "Root Bone", "A root bone on the floor travels, as game engines want it"),
    (
        root_turn.TURNING,
        "Root Bone, Turning",
        "A root bone on the floor travels and faces where the body does",
    ),
    (retarget.IN_PLACE, "In Place", "Nothing travels over the floor"),
)
OWN_BONES = "OWN"
BODIES = (
    (OWN_BONES, "This Character", "The character with its own bones and meshes"),
    ("unreal", "Mannequin for Unreal", "Our mannequin with the bone names of Unreal's"),
    ("unity", "Mannequin for Unity", "Our mannequin with the bone names of Unity's humanoid"),
    ("mixamo", "Mannequin for Mixamo", "Our mannequin with Mixamo's bone names"),
)


class Audio2PoseExport(bpy.types.PropertyGroup):
    """What is written, the same for all formats that can hold it."""

    takes: EnumProperty(  # type: ignore[valid-type]
        name="Takes", description="Which dances are written", items=TAKES, options=set()
    )
    root_motion: EnumProperty(  # type: ignore[valid-type]
        name="Root Motion",
        description="What travels over the floor in FBX, glTF and USD",
        items=ROOT_MOTION,
        options=set(),
    )
    body: EnumProperty(  # type: ignore[valid-type]
        name="Body", description="Who dances in an FBX or glTF file", items=BODIES, options=set()
    )


def register() -> None:
    """Add the settings."""
    bpy.utils.register_class(Audio2PoseExport)
    bpy.types.Scene.audio2pose_export = PointerProperty(type=Audio2PoseExport)  # type: ignore[attr-defined]


def unregister() -> None:
    """Take them away; what is in the file stays in it."""
    del bpy.types.Scene.audio2pose_export  # type: ignore[attr-defined]
    bpy.utils.unregister_class(Audio2PoseExport)
