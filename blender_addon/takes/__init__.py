"""Takes: every dance of an armature, what it was made of, and how to go back."""

from __future__ import annotations

from . import properties

_PARTS = (properties,)


def register() -> None:
    """Add this package's classes to Blender, in order."""
    for part in _PARTS:
        part.register()


def unregister() -> None:
    """Take them away, the last first."""
    for part in reversed(_PARTS):
        part.unregister()
