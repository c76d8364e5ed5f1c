"""Preferences of the extension: which model dances, on what, and how a new scene begins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy
from bpy.props import EnumProperty, FloatProperty, IntProperty, StringProperty

from . import core, keymap, models, texts

DEFAULTS = ("style", "energy", "quality", "keys", "key_error")
"""Settings of a scene that the preferences have a beginning for."""

DEVICES = (
    ("auto", "Auto", "An accelerator where there is one, else the processor"),
    ("cpu", "CPU", "The processor"),
    ("cuda", "CUDA", "An NVIDIA card; needs an ONNX Runtime that was built for it"),
    ("directml", "DirectML", "A graphics card on Windows; needs an ONNX Runtime built for it"),
    ("coreml", "Core ML", "Apple's accelerators"),
)
KEYS = (
    ("REDUCED", "Reduced", "Few Bézier keys, on the beats where possible: easy to edit"),
    ("EVERY_FRAME", "Every Frame", "One key on each frame: exact, hard to edit"),
)
_CARD_WIDTH = 90  # letters a line


def _styles(_self: Any, _context: Any) -> Sequence[tuple[str, str, str, int]]:
    from . import properties  # which itself asks here for the model

    return properties.style_items()


class Audio2PosePreferences(bpy.types.AddonPreferences):
    """Settings that belong to the user and not to a scene."""

    bl_idname = __package__

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
        name="Device", description="What the dancer is computed on", items=DEVICES
    )
    style: EnumProperty(  # type: ignore[valid-type]
        name="Style", description="Style of a new scene", items=_styles
    )
    energy: FloatProperty(  # type: ignore[valid-type]
        name="Energy", description="Energy of a new scene", min=-2.0, max=2.0, step=10, precision=1
    )
    quality: IntProperty(  # type: ignore[valid-type]
        name="Quality", description="Quality of a new scene", default=1, min=1, max=8
    )
    keys: EnumProperty(  # type: ignore[valid-type]
        name="Keys", description="Keys of a new scene", items=KEYS
    )
    key_error: FloatProperty(  # type: ignore[valid-type]
        name="Key Error",
        description="Key error of a new scene, in cm",
        default=1.0,
        min=0.1,
        max=10.0,
        step=10,
        precision=1,
    )

    def draw(self, context: Any) -> None:
        """The preferences' part of Blender's own window."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column(heading="Dancer")
        column.prop(self, "model")
        draw_card(column, models.card(model_file() or core.DEFAULT_MODEL / "default.onnx"))
        column.prop(self, "models_folder")
        for card in models.find(Path(bpy.path.abspath(self.models_folder or "//nowhere"))):
            draw_card(column, card, use=True)
        column = layout.column()
        column.prop(self, "device")
        column.prop(self, "threads")
        layout.separator()
        layout.label(text="New scenes begin with")
        column = layout.column()
        for name in DEFAULTS:
            column.prop(self, name)
        layout.separator()
        keymap.draw(layout, context)


def draw_card(layout: Any, card: models.Card, use: bool = False) -> None:
    """A model's name, what it learned from, and its licence."""
    box = layout.box()
    row = box.row()
    row.label(text=card.name, icon="ERROR" if card.problem else "ARMATURE_DATA", translate=False)
    if use and not card.problem:
        row.operator(AUDIO2POSE_OT_use_model.bl_idname).filepath = str(card.path)
    lines = [card.problem] if card.problem else []
    told = [("Styles", ", ".join(map(texts.style_label, card.styles)))]
    told += [("Trained on", card.trained_on), ("Licence", card.licence)]
    lines += [f"{texts.iface(name)}: {text}" for name, text in told if text]
    column = box.column(align=True)
    column.scale_y = 0.8
    for line in lines:
        for part in texts.wrapped(line, _CARD_WIDTH):
            column.label(text=part, translate=False)


class AUDIO2POSE_OT_use_model(bpy.types.Operator):
    """Let this model dance from now on"""

    bl_idname = "audio2pose.use_model"
    bl_label = "Use"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    filepath: StringProperty(options={"SKIP_SAVE", "HIDDEN"})  # type: ignore[valid-type]

    def execute(self, _context: Any) -> set[Any]:
        """Write it into the preferences; a model that cannot be used is refused."""
        card = models.card(Path(self.filepath))
        mine = entry()
        if mine is None or card.problem or not card.path.is_file():
            self.report({"ERROR"}, card.problem or f"{card.path} is not there; choose another")
            return {"CANCELLED"}
        mine.model = self.filepath
        return {"FINISHED"}


def entry() -> Any:
    """The preferences, or None where the add-on is registered without being enabled."""
    found: Any = bpy.context.preferences.addons.get(__package__)
    return None if found is None else found.preferences


def model_file() -> Path | None:
    """The user's own model file, or None for the shipped one."""
    mine = entry()
    path = "" if mine is None else mine.model
    return Path(bpy.path.abspath(path)) if path else None


def contract_file() -> Path:
    """The .json of the model in use; it may not be there."""
    return (model_file() or core.DEFAULT_MODEL / "default.onnx").with_suffix(".json")


def value(name: str, default: Any) -> Any:
    """A preference; ``default`` where the add-on is registered without being enabled."""
    mine = entry()
    return default if mine is None else getattr(mine, name)


_CLASSES = (AUDIO2POSE_OT_use_model, Audio2PosePreferences)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
