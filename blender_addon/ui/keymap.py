"""Ctrl Alt D over the 3D view or the Sequencer generates a dance."""

from __future__ import annotations

from typing import Any

import bpy

_PLACES: tuple[tuple[str, Any], ...] = (("3D View", "VIEW_3D"), ("Sequencer", "SEQUENCE_EDITOR"))
_OPERATOR = "audio2pose.generate"
_added: list[tuple[Any, Any]] = []


def draw(layout: Any, context: Any) -> None:
    """The shortcuts, to be changed; in the preferences."""
    import rna_keymap_ui

    user = context.window_manager.keyconfigs.user
    layout.label(text="Shortcut")
    for name, _ in _PLACES:
        if (keymap := user.keymaps.get(name)) is None:
            continue
        for item in keymap.keymap_items:
            if item.idname == _OPERATOR:
                layout.context_pointer_set("keymap", keymap)
                rna_keymap_ui.draw_kmi([], user, keymap, item, layout, 0)


def register() -> None:
    """Add the shortcuts; without a window there are none to add."""
    config = bpy.context.window_manager.keyconfigs.addon
    if config is None:
        return
    for name, space in _PLACES:
        keymap = config.keymaps.new(name=name, space_type=space)
        item = keymap.keymap_items.new(_OPERATOR, "D", "PRESS", ctrl=True, alt=True)
        _added.append((keymap, item))


def unregister() -> None:
    """Take the shortcuts away."""
    for keymap, item in _added:
        keymap.keymap_items.remove(item)
    _added.clear()
