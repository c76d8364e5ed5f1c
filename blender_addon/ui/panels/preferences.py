"""The preferences of the extension in Blender's own window: models with their cards, defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import StringProperty

from ...settings import enums, model_cards, preferences
from .. import keymap, text as ui_text
from ..operators import reports

_CARD_WIDTH = 90  # letters a line


def draw(mine: Any, context: Any) -> None:
    """The models, the device, what new scenes begin with, and the shortcut."""
    layout = mine.layout
    layout.use_property_split = True
    layout.use_property_decorate = False
    column = layout.column(heading="Dancer")
    column.prop(mine, "model")
    draw_card(column, model_cards.card(preferences.model_file() or preferences.shipped_model()))
    column.prop(mine, "models_folder")
    for card in model_cards.find(preferences.models_folder()):
        draw_card(column, card, use=True)
    column = layout.column()
    column.prop(mine, "device")
    column.prop(mine, "threads")
    column.prop(mine, "verbose_log")
    layout.separator()
    layout.label(text="New scenes begin with")
    column = layout.column()
    for name in preferences.DEFAULTS:
        column.prop(mine, name)
    layout.separator()
    keymap.draw(layout, context)


def draw_card(layout: Any, card: model_cards.Card, use: bool = False) -> None:
    """A model's name, what it learned from, and its licence."""
    box = layout.box()
    row = box.row()
    row.label(text=card.name, icon="ERROR" if card.problem else "ARMATURE_DATA", translate=False)
    if use and not card.problem:
        row.operator(AUDIO2POSE_OT_use_model.bl_idname).filepath = str(card.path)
    lines = [card.problem] if card.problem else []
    told = [("Styles", ", ".join(map(enums.style_label, card.styles)))]
    told += [("Trained on", card.trained_on), ("Licence", card.licence)]
    lines += [f"{ui_text.iface(name)}: {text}" for name, text in told if text]
    column = box.column(align=True)
    column.scale_y = 0.8
    for line in lines:
        for part in ui_text.wrapped(line, _CARD_WIDTH):
            column.label(text=part, translate=False)


class AUDIO2POSE_OT_use_model(bpy.types.Operator):
    """Let this model dance from now on"""

    bl_idname = "audio2pose.use_model"
    bl_label = "Use"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    filepath: StringProperty(options={"SKIP_SAVE", "HIDDEN"})  # type: ignore[valid-type]

    def execute(self, _context: Any) -> set[Any]:
        """Write it into the preferences; a model that cannot be used is refused."""
        card = model_cards.card(Path(self.filepath))
        mine = preferences.entry()
        if mine is None or card.problem or not card.path.is_file():
            problem = card.problem or f"{card.path} is not there; choose another"
            return reports.refuse(self, problem)
        mine.model = self.filepath
        return {"FINISHED"}


def register() -> None:
    """Draw the preferences from now on."""
    bpy.utils.register_class(AUDIO2POSE_OT_use_model)
    preferences.DRAWN_BY.append(draw)


def unregister() -> None:
    """No longer."""
    preferences.DRAWN_BY.remove(draw)
    bpy.utils.unregister_class(AUDIO2POSE_OT_use_model)
