"""What the buttons do."""

from __future__ import annotations

from . import beats, character, crew, edit, export, generate, running, takes

_PARTS = (running, generate, beats, export, character, takes, edit, crew)


def register() -> None:
    """Add this package's classes to Blender, in order."""
    for part in _PARTS:
        part.register()


def unregister() -> None:
    """Take them away, the last first."""
    for part in reversed(_PARTS):
        part.unregister()
