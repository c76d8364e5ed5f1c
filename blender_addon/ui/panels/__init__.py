"""The sidebar and the preferences."""

from __future__ import annotations

from . import character, crew, edit, export, main, preferences, takes

_PARTS = (preferences, main, character, takes, edit, crew, export)


def register() -> None:
    """Add this package's classes to Blender, in order."""
    for part in _PARTS:
        part.register()


def unregister() -> None:
    """Take them away, the last first."""
    for part in reversed(_PARTS):
        part.unregister()
