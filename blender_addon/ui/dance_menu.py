"""The menu *Dance* in the menus Object, Pose and Strip: every operator, so that F3 finds it.

F3 looks through menus, and in an entry's name through those of the menus around it: "dance"
finds all of these, "beats" what is below *Song and Beats*.
"""

from __future__ import annotations

from typing import Any

import bpy

from . import operators

TITLES = {
    "generate": "Generate",
    "beats": "Song and Beats",
    "takes": "Takes",
    "edit": "Edit and Regenerate",
    "character": "Character",
    "moves": "Loops and Moves",
    "crew": "Crew",
    "export": "Export",
}
"""Modules of operators, in the order of the menu; those that are not named here come after them."""

_CHOICES = ("what", "rate", "source")
"""Properties that are to be chosen before anything is done: such an entry opens a menu.

An operator that does several things has ``menu_entries``: names, and the properties of each.
"""
_PLACES = ("VIEW3D_MT_object", "VIEW3D_MT_pose", "SEQUENCER_MT_strip")


def groups() -> dict[str, list[Any]]:
    """Operators by the name of their module, without those that are for the panels only."""
    found: dict[str, list[Any]] = {name: [] for name in TITLES}
    for cls in operators.classes():
        if "INTERNAL" not in getattr(cls, "bl_options", ()):
            found.setdefault(cls.__module__.rpartition(".")[2], []).append(cls)
    return {name: classes for name, classes in found.items() if classes}


class AUDIO2POSE_MT_dance(bpy.types.Menu):
    """All that can be done with a dance"""

    bl_idname = "AUDIO2POSE_MT_dance"
    bl_label = "Dance"

    def draw(self, _context: Any) -> None:
        """A menu for each kind of operators."""
        for name in groups():
            self.layout.menu(_idname(name))


def _idname(module: str) -> str:
    return f"AUDIO2POSE_MT_{module}"


def _menu_of(module: str) -> type:
    """The menu of one module's operators."""

    def draw(self: Any, _context: Any) -> None:
        self.layout.operator_context = "INVOKE_DEFAULT"
        for cls in groups().get(module, ()):
            choice = next((c for c in _CHOICES if c in cls.__annotations__), None)
            if choice is not None:
                self.layout.operator_menu_enum(cls.bl_idname, choice)
                continue
            for text, values in getattr(cls, "menu_entries", ((cls.bl_label, {}),)):
                entry = self.layout.operator(cls.bl_idname, text=text)
                for name, value in values.items():
                    setattr(entry, name, value)

    title = TITLES.get(module, module.replace("_", " ").title())
    return type(
        _idname(module),
        (bpy.types.Menu,),
        {"bl_idname": _idname(module), "bl_label": title, "draw": draw, "__module__": __name__},
    )


def _entry(self: Any, _context: Any) -> None:
    self.layout.separator()
    self.layout.menu(AUDIO2POSE_MT_dance.bl_idname, icon="ARMATURE_DATA")


_made: list[type] = []


def register() -> None:
    """Add the menus."""
    _made.extend([*map(_menu_of, groups()), AUDIO2POSE_MT_dance])
    for cls in _made:
        bpy.utils.register_class(cls)
    for name in _PLACES:
        getattr(bpy.types, name).append(_entry)


def unregister() -> None:
    """Take them away."""
    for name in _PLACES:
        getattr(bpy.types, name).remove(_entry)
    for cls in reversed(_made):
        bpy.utils.unregister_class(cls)
    _made.clear()
