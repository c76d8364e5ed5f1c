"""What a scene remembers of its shot: stage, camera, format, and what a preview renders."""

from __future__ import annotations

import bpy
from bpy.props import EnumProperty, IntProperty, PointerProperty, StringProperty

AS_SCENE = "SCENE"
SIZES = {"WIDE": (1920, 1080), "TALL": (1080, 1920), "SQUARE": (1080, 1080)}


class Audio2PoseShot(bpy.types.PropertyGroup):
    """The settings of *Add Stage*, *Add Dance Camera* and *Preview Render*."""

    stage: EnumProperty(  # type: ignore[valid-type]
        name="Stage",
        description="What the dance is shown in",
        items=(
            ("STUDIO", "Studio", "A round floor of tiles in even light"),
            ("CLUB", "Club", "Tiles, a wall and lamps that answer the music"),
            ("LIGHTS", "Lights", "Only lamps that answer the music, for a set of your own"),
        ),
    )
    camera: EnumProperty(  # type: ignore[valid-type]
        name="Camera",
        description="How the dance is filmed; everybody is whole in the picture at all times",
        items=(
            ("STATIC", "Static", "Stands in front of the dance"),
            ("FOLLOW", "Follow", "Goes along with the dancers, without hurry"),
            ("ORBIT", "Orbit", "Goes round the dancers"),
            ("CUTS", "Cuts", "Several cameras, cut on bars and sections by timeline markers"),
        ),
    )
    format: EnumProperty(  # type: ignore[valid-type]
        name="Format",
        description="The shape of the picture that the camera is made for",
        items=(
            (AS_SCENE, "As in the Scene", "The resolution that the scene has"),
            ("WIDE", "Wide (16:9)", "1920 by 1080"),
            ("TALL", "Vertical (9:16)", "1080 by 1920"),
            ("SQUARE", "Square", "1080 by 1080"),
        ),
    )
    every: IntProperty(  # type: ignore[valid-type]
        name="Bars per Shot",
        description="A cut every so many bars; sections always begin with one",
        default=2,
        min=1,
        max=16,
    )
    first_bar: IntProperty(  # type: ignore[valid-type]
        name="From Bar",
        description="The first bar that the preview shows",
        default=1,
        min=1,
    )
    last_bar: IntProperty(  # type: ignore[valid-type]
        name="To Bar",
        description="The last bar that the preview shows",
        default=4,
        min=1,
    )
    look: EnumProperty(  # type: ignore[valid-type]
        name="Look",
        description="How the preview is drawn",
        items=(
            ("FAST", "Fast", "Workbench, at half the size"),
            ("FINAL", "As in the Scene", "The scene's own engine and size"),
        ),
    )
    file: StringProperty(  # type: ignore[valid-type]
        name="File",
        description="The video; empty is a temporary file",
        subtype="FILE_PATH",
    )


def register() -> None:
    """Add ``scene.audio2pose_shot``."""
    bpy.utils.register_class(Audio2PoseShot)
    bpy.types.Scene.audio2pose_shot = PointerProperty(  # type: ignore[attr-defined]
        type=Audio2PoseShot
    )


def unregister() -> None:
    """Take it away."""
    del bpy.types.Scene.audio2pose_shot  # type: ignore[attr-defined]
    bpy.utils.unregister_class(Audio2PoseShot)
