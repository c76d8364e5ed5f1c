"""The panel *Takes*: the dances of an armature, and what each was made of."""

from __future__ import annotations

from typing import Any

import bpy

from ...core import errors
from ...rig import active
from ...settings import enums
from ...takes import (
    ghost,
    metadata as take_metadata,
    store as take_store,
)
from .. import text as ui_text
from .base import TakePanel


class AUDIO2POSE_UL_takes(bpy.types.UIList):
    """One row a take: what is danced now, its name, style, seed, length, kept or not."""

    bl_idname = "AUDIO2POSE_UL_takes"

    def draw_item(
        self,
        _context: Any,
        layout: Any,
        _data: Any,
        item: Any,
        _icon: int,
        _active_data: Any,
        _active_property: str,
        _index: int = 0,
        _flag: int = 0,
    ) -> None:
        """Draw one take."""
        armature = item.id_data
        played = take_store.current(armature) == item
        row = layout.row(align=True)
        play = row.operator("audio2pose.take_play", text="", emboss=False, icon=_play_icon(played))
        play.take = item.name
        row.prop(item, "name", text="", emboss=False)
        if item.action is None:
            row.label(text="Its action was deleted", icon="ERROR")
            return
        row.label(text=summary(item))
        row.prop(
            item,
            "keep",
            text="",
            emboss=False,
            icon="FAKE_USER_ON" if item.keep else "FAKE_USER_OFF",
        )


class AUDIO2POSE_PT_takes(TakePanel, bpy.types.Panel):
    """The dances of the armature."""

    bl_idname = "AUDIO2POSE_PT_takes"
    bl_label = "Takes"
    bl_options: Any = set()  # noqa: RUF012

    def draw(self, context: Any) -> None:
        """The list, and what can be done with the chosen take."""
        layout, armature = self.layout, active.active_dancer(context)
        store = armature.audio2pose_takes
        row = layout.row()
        row.template_list(AUDIO2POSE_UL_takes.bl_idname, "", store, "takes", store, "index", rows=3)
        side = row.column(align=True)
        side.operator("audio2pose.take_delete", text="", icon="REMOVE")
        side.operator("audio2pose.take_delete", text="", icon="TRASH").others = True
        row = layout.row(align=True)
        row.operator("audio2pose.take_compare", text="Compare", icon="FILE_REFRESH")
        shown = ghost.find(armature) is not None
        row.operator("audio2pose.take_beside", icon="MOD_INSTANCE", depress=shown)
        row = layout.row(align=True)
        row.operator("audio2pose.take_settings", icon="LOOP_BACK")
        row.operator("audio2pose.corrections", icon="NLA")
        if 0 <= store.index < len(store.takes) and store.takes[store.index].action is not None:
            draw_record(layout, store.takes[store.index])


def summary(take: Any) -> str:
    """Style, seed and length of a take in a few words."""
    try:
        record = take_metadata.read(take.action)
    except errors.Audio2PoseError:
        return ui_text.iface("Cannot be read")
    minutes, seconds = divmod(round(record.seconds), 60)
    return f"{enums.style_label(record.style)}, {record.params.seed}, {minutes}:{seconds:02d}"


def draw_record(layout: Any, take: Any) -> None:
    """Song, date and model of a take; where only a part of it was regenerated, which."""
    try:
        record = take_metadata.read(take.action)
    except errors.Audio2PoseError as error:
        layout.label(text=ui_text.sentence(str(error)), icon="ERROR", translate=False)
        return
    column = layout.column(align=True)
    column.label(text=f"{record.song}, {record.tempo_bpm:.0f} BPM", icon="SOUND")
    column.label(text=record.date[:16].replace("T", " "), icon="TIME")
    if record.made_from:
        column.label(text=record.made_from, icon="MOD_DASH")


def _play_icon(played: bool) -> Any:
    return "RADIOBUT_ON" if played else "RADIOBUT_OFF"


_CLASSES = (
    AUDIO2POSE_UL_takes,
    AUDIO2POSE_PT_takes,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
