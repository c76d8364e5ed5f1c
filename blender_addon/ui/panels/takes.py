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
from .base import Place, TakePanel, facts


class AUDIO2POSE_UL_takes(bpy.types.UIList):
    """One row a take: what is danced now, its name, style and length, kept or not."""

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
        parts = row.split(factor=0.38)
        parts.prop(item, "name", text="", emboss=False)
        if item.action is None:
            parts.label(text="Its action was deleted", icon="ERROR")
            return
        style, length = summary(item)
        parts = parts.split(factor=0.6)
        parts.label(text=style, translate=False)
        parts.label(text=length, translate=False)
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
    bl_order = Place.TAKES

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
        row.operator("audio2pose.take_compare", text="Compare", icon="ARROW_LEFTRIGHT")
        beside = ghost.find(armature) is not None
        row.operator(
            "audio2pose.take_beside", text="Show Beside", icon="MOD_INSTANCE", depress=beside
        )
        if beside:
            draw_choice(layout, armature)
        column = layout.column(align=True)
        column.operator("audio2pose.take_settings", icon="LOOP_BACK")
        column.operator("audio2pose.follow_tempo", icon="TIME")
        column.operator("audio2pose.corrections", text="Corrections", icon="NLA")
        column.operator_menu_enum(
            "audio2pose.bake", "rate", text="Bake to Controls", icon="KEYINGSET"
        )
        if 0 <= store.index < len(store.takes) and store.takes[store.index].action is not None:
            draw_record(layout, store.takes[store.index])


def draw_choice(layout: Any, armature: Any) -> None:
    """The takes that are shown side by side, in the order in which they stand."""
    row = layout.row(align=True)
    for name, _ in ghost.shown(armature):
        row.operator(
            "audio2pose.take_choose", text=name, translate=False, icon="CHECKMARK"
        ).take = name


def summary(take: Any) -> tuple[str, str]:
    """Style and length of a take, as its row shows them."""
    try:
        record = take_metadata.read(take.action)
    except errors.Audio2PoseError:
        return ui_text.iface("Cannot be read"), ""
    return ui_text.iface(enums.style_label(record.style)), ui_text.clock(record.seconds)


def draw_record(layout: Any, take: Any) -> None:
    """What a take was made of; where only a part of it was regenerated, which."""
    try:
        record = take_metadata.read(take.action)
    except errors.Audio2PoseError as error:
        layout.label(text=ui_text.sentence(str(error)), icon="ERROR", translate=False)
        return
    if record.made_from:
        layout.label(text=record.made_from, icon="FILE_REFRESH", translate=False)
    header, body = layout.panel("AUDIO2POSE_about_take", default_closed=True)
    header.label(text="About This Take")
    if body is None:
        return
    facts(
        body.column(align=True),
        ("Song", record.song),
        ("Tempo", f"{record.tempo_bpm:.1f} BPM"),
        ("Beats", str(len(record.beats))),
        ("Length", f"{record.seconds:.1f} s"),
        ("Style", ui_text.iface(enums.style_label(record.style))),
        ("Energy", f"{record.params.energy:g}"),
        ("Seed", str(record.params.seed)),
        ("Made", record.date[:16].replace("T", " ")),
    )


def _play_icon(played: bool) -> Any:
    return "RADIOBUT_ON" if played else "RADIOBUT_OFF"


_CLASSES = (
    AUDIO2POSE_UL_takes,
    AUDIO2POSE_PT_takes,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
