"""What a scene begins with: the preferences' values, in scenes that have none of their own."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.app.handlers import persistent

from . import preferences


def apply(scene: Any) -> bool:
    """Give an untouched scene the preferences' values; whether it was untouched."""
    mine, settings = preferences.entry(), scene.audio2pose
    if mine is None or any(settings.is_property_set(name) for name in preferences.DEFAULTS):
        return False
    for name in preferences.DEFAULTS:
        # What is not set in the preferences stays unset, so that it can still be set there later.
        if mine.is_property_set(name):
            setattr(settings, name, getattr(mine, name))
    return True


@persistent
def _on_load(_file: Any) -> None:
    _apply_to_all()


def _apply_to_all() -> None:
    for scene in bpy.data.scenes:
        apply(scene)


def register() -> None:
    """From now on, in every file; and in this one as soon as Blender lets it be changed."""
    bpy.app.handlers.load_post.append(_on_load)
    bpy.app.timers.register(_apply_to_all, first_interval=0.0)


def unregister() -> None:
    """No longer."""
    if _on_load in bpy.app.handlers.load_post:
        bpy.app.handlers.load_post.remove(_on_load)
    if bpy.app.timers.is_registered(_apply_to_all):
        bpy.app.timers.unregister(_apply_to_all)
