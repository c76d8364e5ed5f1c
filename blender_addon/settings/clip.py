"""What a scene remembers of the clip that a dance is to begin with."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import BoolProperty, IntProperty, PointerProperty

_NAME = "audio2pose_clip"


def _has_animation(_self: Any, thing: Any) -> bool:
    return thing.type == "ARMATURE" and thing.animation_data is not None


class Audio2PoseClip(bpy.types.PropertyGroup):
    """``scene.audio2pose_clip``."""

    source: PointerProperty(  # type: ignore[valid-type]
        name="Clip",
        description="The armature whose animation is the clip; imported, or any that dances",
        type=bpy.types.Object,
        poll=_has_animation,
    )
    retime: BoolProperty(  # type: ignore[valid-type]
        name="On the Beat",
        description="Lay the clip's own pulse on the song's beats; "
        "it plays a little faster or slower",
        default=True,
    )
    vary: IntProperty(  # type: ignore[valid-type]
        name="Vary",
        description="Keep the clip's poses on every so manieth beat and dance anew between them; "
        "0 keeps all of the clip",
        default=0,
        min=0,
        max=16,
    )


def register() -> None:
    """Add the settings."""
    bpy.utils.register_class(Audio2PoseClip)
    setattr(bpy.types.Scene, _NAME, PointerProperty(type=Audio2PoseClip))


def unregister() -> None:
    """Take them away."""
    delattr(bpy.types.Scene, _NAME)
    bpy.utils.unregister_class(Audio2PoseClip)
