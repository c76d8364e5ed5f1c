"""Words for the screen: translated, and wrapped."""

from __future__ import annotations

import textwrap

import bpy


def iface(text: str) -> str:
    """A label in the user's language; for texts that are put together here."""
    return str(bpy.app.translations.pgettext_iface(text))


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` letters; labels do not wrap by themselves."""
    return textwrap.wrap(text, width) or [""]
