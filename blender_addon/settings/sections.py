"""A row of the list of sections: what a person sees and sets of each part of the song."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import EnumProperty, FloatProperty, IntProperty, StringProperty

from ..song import form_markers
from . import enums, preferences

NEW = "NEW"
_ITEMS: dict[tuple[tuple[int, str], ...], list[enums.EnumItem]] = {}
"""Blender needs the strings of a dynamic enum kept alive."""


def _style_items(_self: Any, _context: Any) -> tuple[enums.EnumItem, ...]:
    return enums.section_style_items(preferences.contract_file())


def _get_style(self: Any) -> int:
    items = enums.section_style_items(preferences.contract_file())
    return next((item[3] for item in items if item[0] == self.style_name), 0)


def _set_style(self: Any, value: int) -> None:
    items = enums.section_style_items(preferences.contract_file())
    self.style_name = next((item[0] for item in items if item[3] == value), enums.AUTO)


def _return_items(self: Any, _context: Any) -> list[enums.EnumItem]:
    earlier = []
    for row in self.id_data.audio2pose.sections:
        if row.uid == self.uid:
            break
        earlier.append((row.uid, row.name))
    key = tuple(earlier)
    if key not in _ITEMS:
        none: enums.EnumItem = (NEW, "Own Moves", "A dance of its own", 0)
        about = "The dance of this section comes back"
        _ITEMS[key] = [none, *((str(uid), name, about, uid + 1) for uid, name in earlier)]
    return _ITEMS[key]


def _get_source(self: Any) -> int:
    numbers = [item[3] for item in _return_items(self, None)]
    return self.source + 1 if self.source + 1 in numbers else 0


def _set_source(self: Any, value: int) -> None:
    self.source = value - 1


def _renamed(self: Any, _context: Any) -> None:
    form_markers.rename(self.id_data, self)


class Audio2PoseSection(bpy.types.PropertyGroup):
    """As ``song.sections.SongSection``; ``start`` is a second of the song."""

    name: StringProperty(  # type: ignore[valid-type]
        name="Section", description="What the section is called", maxlen=40, update=_renamed
    )
    drawn: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    uid: IntProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    start: FloatProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    loud: FloatProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    source: IntProperty(options={"HIDDEN"}, default=-1)  # type: ignore[valid-type]
    style_name: StringProperty(options={"HIDDEN"}, default=enums.AUTO)  # type: ignore[valid-type]
    style: EnumProperty(  # type: ignore[valid-type]
        name="Style",
        description="How this section is danced",
        items=_style_items,
        get=_get_style,
        set=_set_style,
        options=set(),
    )
    energy: FloatProperty(  # type: ignore[valid-type]
        name="Energy",
        description="How much more, or less, the body moves in this section than the song asks for",
        min=-3.0,
        max=3.0,
        step=10,
        precision=1,
        options=set(),
    )
    returns_to: EnumProperty(  # type: ignore[valid-type]
        name="Returns to",
        description="Whose moves come back in this section",
        items=_return_items,
        get=_get_source,
        set=_set_source,
        options=set(),
    )


def register() -> None:
    """Add the class; its collection is the scene settings'."""
    bpy.utils.register_class(Audio2PoseSection)


def unregister() -> None:
    """Take it away."""
    bpy.utils.unregister_class(Audio2PoseSection)
    _ITEMS.clear()
