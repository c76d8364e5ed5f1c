"""Preferences of the extension: which model dances."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import StringProperty

from . import core


class Audio2PosePreferences(bpy.types.AddonPreferences):
    """Settings that belong to the user and not to a scene."""

    bl_idname = __package__

    model: StringProperty(  # type: ignore[valid-type]
        name="Model",
        description="A trained model (.onnx with its .json beside it); "
        "leave it empty for the dancer that comes with the extension",
        subtype="FILE_PATH",
    )

    def draw(self, _context: Any) -> None:
        """The preferences' part of Blender's own window."""
        self.layout.prop(self, "model")


def model_file() -> Path | None:
    """The user's own model file, or None for the shipped one."""
    entry: Any = bpy.context.preferences.addons.get(__package__)
    # In a test or a script the add-on may be registered without being enabled.
    path = "" if entry is None or entry.preferences is None else entry.preferences.model
    return Path(bpy.path.abspath(path)) if path else None


def contract_file() -> Path:
    """The .json of the model in use; it may not be there."""
    return (model_file() or core.DEFAULT_MODEL / "default.onnx").with_suffix(".json")


def register() -> None:
    """Add the preferences."""
    bpy.utils.register_class(Audio2PosePreferences)


def unregister() -> None:
    """Take the preferences away."""
    bpy.utils.unregister_class(Audio2PosePreferences)
