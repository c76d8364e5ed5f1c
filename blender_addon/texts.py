"""Words for the screen: translated, wrapped, and names of styles."""

from __future__ import annotations

import textwrap

import bpy

_STYLES = {"hiphop": "Hip-Hop"}


def iface(text: str) -> str:
    """A label in the user's language; for texts that are put together here."""
    return str(bpy.app.translations.pgettext_iface(text))


def style_label(name: str) -> str:
    """How a style is called on screen: "la_hiphop" is "La Hiphop"."""
    return _STYLES.get(name, name.replace("_", " ").title())


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` letters; labels do not wrap by themselves."""
    return textwrap.wrap(text, width) or [""]
