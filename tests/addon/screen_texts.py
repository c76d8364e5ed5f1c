"""Every text that the add-on shows on the screen, read from its classes and its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import bpy

import blender_addon
from blender_addon.core import retarget
from blender_addon.jobs import job as jobs
from blender_addon.jobs.manager import BUSY
from blender_addon.ui.panels import main as main_panel

FOLDER = Path(blender_addon.__file__).parent
SHOWN = {"label", "operator", "prop", "menu", "operator_menu_enum", "progress"}
"""Calls of a layout whose ``text`` is seen; ``heading`` and ``placeholder`` beside it."""
FIRST = {"iface", "poll_message_set"}
"""Calls whose first argument is seen."""
SAME_EVERYWHERE = {"Audio2Pose", "24", "25", "30", "60", "BPM", "CPU", "CUDA", "DirectML"}

PUT_TOGETHER = {BUSY, "Finding the beats", "Let the song decide", "Starting"}
PUT_TOGETHER |= {"Licence", "Styles", "Trained on"}
PUT_TOGETHER |= {"Calmer", "Livelier", "Own Moves", "A dance of its own", "As the Dance"}
PUT_TOGETHER |= {"The style of the whole dance", "The dance of this section comes back"}
"""What reaches the screen by way of a variable."""
BLENDERS = {bpy.types.PropertyGroup.bl_rna.properties["name"].description}
"""What a property group has from Blender itself."""


def all_texts() -> set[str]:
    """What a translator has to translate."""
    texts = (*of_classes(), *of_source(), *PUT_TOGETHER)
    found = {text for text in texts if text and not text.isspace()}
    return {t for t in found if any(c.isalpha() for c in t)} - SAME_EVERYWHERE - BLENDERS


def our_classes() -> list[type]:
    found: list[type] = []
    bases = [bpy.types.Panel, bpy.types.Operator, bpy.types.PropertyGroup, bpy.types.UIList]
    bases += [bpy.types.Menu, bpy.types.AddonPreferences, bpy.types.FileHandler]
    while bases:
        below = bases.pop().__subclasses__()
        bases += below
        found += [c for c in below if c.__module__.startswith("blender_addon")]
    return [c for c in found if getattr(c, "is_registered", False)]


def of_classes() -> Iterator[str]:
    for cls in our_classes():
        if issubclass(cls, bpy.types.Panel | bpy.types.Operator | bpy.types.Menu):
            yield getattr(cls, "bl_label", "")
        if issubclass(cls, bpy.types.Operator):
            yield getattr(cls, "bl_description", "") or " ".join((cls.__doc__ or "").split())
        rna = cls.bl_rna
        if issubclass(cls, bpy.types.Operator):
            group, name = cls.bl_idname.split(".")
            rna = getattr(getattr(bpy.ops, group), name).get_rna_type()
        for name, prop in rna.properties.items():
            if name not in annotations(cls) or prop.is_hidden or name.startswith("bl_"):
                continue
            if prop.name != prop.identifier:  # a name that was never given is never shown
                yield prop.name
            yield prop.description
            if prop.type == "ENUM":
                for item in prop.enum_items_static:
                    yield from (item.name, item.description)


def annotations(cls: type) -> set[str]:
    return {
        name
        for c in cls.__mro__
        for name in getattr(c, "__annotations__", {})
        if c.__module__.startswith("blender_addon")
    }


def of_source() -> Iterator[str]:
    for label, _, _ in jobs.STAGES.values():
        yield label
    yield from main_panel.FIRST_STEPS
    yield from retarget.PART_LABELS.values()
    for path in sorted(FOLDER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            silent = given.get("translate")
            if isinstance(silent, ast.Constant) and silent.value is False:
                continue
            if name in SHOWN or name == "column":
                for key in ("text", "heading", "placeholder"):
                    yield from constants(given.get(key))
            if name in FIRST and node.args:
                yield from constants(node.args[0])
            if name == "_pair":
                yield from constants(node.args[1])
            if name == "facts":
                for fact in node.args[1:]:
                    if isinstance(fact, ast.Tuple):
                        yield from constants(fact.elts[0])


def constants(node: ast.expr | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)
