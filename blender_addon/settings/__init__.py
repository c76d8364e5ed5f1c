"""What the user sets: preferences, scene settings, their defaults."""

from __future__ import annotations

from . import preferences, properties, scene_defaults

_PARTS = (preferences, properties, scene_defaults)


def register() -> None:
    """Add this package's classes to Blender, in order."""
    for part in _PARTS:
        part.register()


def unregister() -> None:
    """Take them away, the last first."""
    for part in reversed(_PARTS):
        part.unregister()
