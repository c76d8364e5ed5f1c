"""Words for the screen: translated, and wrapped."""

from __future__ import annotations

import textwrap
from typing import Any

import blf
import bpy

_FONT = 0
"""Blender's own interface font."""
_TAKEN = 80
"""Pixels of a sidebar's width that its edges, its tabs, a box and an icon take."""


def iface(text: str) -> str:
    """A label in the user's language; for texts that are put together here."""
    return str(bpy.app.translations.pgettext_iface(text))


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` letters; labels do not wrap by themselves."""
    return textwrap.wrap(text, width) or [""]


def fitted(text: str) -> list[str]:
    """Lines that fit the sidebar that is being drawn, as wide as it is; a word is never cut."""
    region: Any = bpy.context.region
    if region is None:
        return [text]
    preferences = bpy.context.preferences
    scale = preferences.system.ui_scale or 1.0  # 0 without a window
    blf.size(_FONT, preferences.ui_styles[0].widget.points * scale)
    room, lines = region.width - _TAKEN * scale, [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and blf.dimensions(_FONT, longer)[0] > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def sentence(text: str) -> str:
    """A text whose first word, where it is a plain word and no file's name, has a capital."""
    first = text.split(maxsplit=1)[0].rstrip(",:;") if text.split() else ""
    return text[0].upper() + text[1:] if first.isalpha() and first.islower() else text


def clock(seconds: float) -> str:
    """Minutes and seconds: 75.2 is "1:15"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
