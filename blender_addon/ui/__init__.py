"""What is clicked and read."""

from __future__ import annotations

from . import follow_selection, keymap, menus, operators, panels
from .i18n import translations

_PARTS = (translations, operators, panels, menus, keymap, follow_selection)


def register() -> None:
    """Add this package's classes to Blender, in order."""
    for part in _PARTS:
        part.register()


def unregister() -> None:
    """Take them away, the last first."""
    for part in reversed(_PARTS):
        part.unregister()
