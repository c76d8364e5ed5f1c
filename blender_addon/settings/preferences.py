"""Preferences of the extension: which model dances, on what, and how a new scene begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from .. import core, log
from . import enums

DEFAULTS = ("style", "energy", "quality", "keys", "key_error")
"""Settings of a scene that the preferences have a beginning for."""

PACKAGE = __package__.rpartition(".")[0]
"""The add-on itself, by whose name Blender keeps its preferences."""

DRAWN_BY: list[Callable[[Any, Any], None]] = []
"""What draws the preferences; the user interface registers itself here."""


def style_items(_self: Any = None, _context: Any = None) -> tuple[enums.EnumItem, ...]:
    """The styles of the model in use, as Blender's enum items."""
    return enums.style_items(contract_file())


def _follow_log(mine: Any, _context: Any) -> None:
    log.set_verbose(mine.verbose_log)


class Audio2PosePreferences(bpy.types.AddonPreferences):
    """Settings that belong to the user and not to a scene."""

    bl_idname = PACKAGE

    model: StringProperty(  # type: ignore[valid-type]
        name="Model",
        description="A trained model (.onnx with its .json beside it); "
        "leave it empty for the dancer that comes with the extension",
        subtype="FILE_PATH",
    )
    models_folder: StringProperty(  # type: ignore[valid-type]
        name="More Models",
        description="A folder with more models; each is shown with its card",
        subtype="DIR_PATH",
    )
    threads: IntProperty(  # type: ignore[valid-type]
        name="Threads",
        description="Threads of the dancer; 0 uses every core. Fewer leave more for Blender",
        min=0,
        max=256,
        soft_max=64,
    )
    device: EnumProperty(  # type: ignore[valid-type]
        name="Device", description="What the dancer is computed on", items=enums.DEVICES
    )
    style: EnumProperty(  # type: ignore[valid-type]
        name="Style", description="Style of a new scene", items=style_items
    )
    energy: FloatProperty(  # type: ignore[valid-type]
        name="Energy", description="Energy of a new scene", min=-2.0, max=2.0, step=10, precision=1
    )
    quality: IntProperty(  # type: ignore[valid-type]
        name="Best Of",
        description="How many dances are compared in a new scene",
        default=1,
        min=1,
        max=8,
    )
    keys: EnumProperty(  # type: ignore[valid-type]
        name="Keys", description="Keys of a new scene", items=enums.KEYS
    )
    key_error: FloatProperty(  # type: ignore[valid-type]
        name="Key Tolerance (cm)",
        description="Key tolerance of a new scene, in cm",
        default=1.0,
        min=0.1,
        max=10.0,
        step=10,
        precision=1,
    )

    verbose_log: BoolProperty(  # type: ignore[valid-type]
        name="Verbose Log",
        description="Write every job, its stages and what the worker says to the terminal",
        update=_follow_log,
    )

    def draw(self, context: Any) -> None:
        """The preferences' part of Blender's own window; the layout is the panels' affair."""
        for draw in DRAWN_BY:
            draw(self, context)


def entry() -> Any:
    """The preferences, or None where the add-on is registered without being enabled."""
    found: Any = bpy.context.preferences.addons.get(PACKAGE)
    return None if found is None else found.preferences


def model_file() -> Path | None:
    """The user's own model file, or None for the shipped one."""
    mine = entry()
    path = "" if mine is None else mine.model
    return Path(bpy.path.abspath(path)) if path else None


def shipped_model() -> Path:
    """The file of the dancer that comes with the extension."""
    return core.DEFAULT_MODEL / "default.onnx"


def contract_file() -> Path:
    """The .json of the model in use; it may not be there."""
    return (model_file() or shipped_model()).with_suffix(".json")


def use_model(path: Path | None) -> None:
    """Let a model dance from now on; None is the shipped one."""
    entry().model = "" if path is None else str(path)


def models_folder() -> Path:
    """The user's folder of more models; it may not be there."""
    return Path(bpy.path.abspath(value("models_folder", "") or "//nowhere"))


def value(name: str, default: Any) -> Any:
    """A preference; ``default`` where the add-on is registered without being enabled."""
    mine = entry()
    return default if mine is None else getattr(mine, name)


def register() -> None:
    """Add the preferences; the log follows them."""
    bpy.utils.register_class(Audio2PosePreferences)
    log.register()
    log.set_verbose(bool(value("verbose_log", False)))


def unregister() -> None:
    """Take them away."""
    log.unregister()
    bpy.utils.unregister_class(Audio2PosePreferences)
