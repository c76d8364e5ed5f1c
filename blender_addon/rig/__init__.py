"""Armatures: bones, their channels, and how a dance is laid on them."""

from __future__ import annotations

from . import settings

_PARTS = (settings,)


def register() -> None:
    """Add this package's classes to Blender, in order."""
    for part in _PARTS:
        part.register()


def unregister() -> None:
    """Take them away, the last first."""
    for part in reversed(_PARTS):
        part.unregister()
