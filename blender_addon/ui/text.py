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


def sentence(text: str) -> str:
    """A text whose first word, where it is a plain word and no file's name, has a capital."""
    first = text.split(maxsplit=1)[0].rstrip(",:;") if text.split() else ""
    return text[0].upper() + text[1:] if first.isalpha() and first.islower() else text


def clock(seconds: float) -> str:
    """Minutes and seconds: 75.2 is "1:15"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
