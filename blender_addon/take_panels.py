"""The panels *Takes* and *Edit Dance*: the list, what it is made of, bars, bones, locks."""

from __future__ import annotations

from typing import Any

import bpy

from . import (
    edit_operators,
    ghost,
    operators,
    records,
    regenerate,
    take_data,
    take_operators,
    takes,
    texts,
)
from .core import errors


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
        played = takes.current(armature) == item
        row = layout.row(align=True)
        play = row.operator("audio2pose.take_play", text="", emboss=False, icon=_play_icon(played))
        play.take = item.name
        row.prop(item, "name", text="", emboss=False)
        if item.action is None:
            row.label(text="its action was deleted", icon="ERROR")
            return
        row.label(text=summary(item))
        row.prop(
            item,
            "keep",
            text="",
            emboss=False,
            icon="FAKE_USER_ON" if item.keep else "FAKE_USER_OFF",
        )


class AUDIO2POSE_UL_locks(bpy.types.UIList):
    """One row a lock: which bone, which frames."""

    bl_idname = "AUDIO2POSE_UL_locks"

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
        """Draw one lock."""
        row = layout.row()
        row.label(text=item.bone or "All bones", icon="LOCKED", translate=not item.bone)
        one = item.first == item.last
        row.label(text=f"{item.first:g}" if one else f"{item.first:g} to {item.last:g}")


class _Sub:
    """A part of the add-on's own tab, for a dancer that has takes."""

    bl_space_type: Any = "VIEW_3D"
    bl_region_type: Any = "UI"
    bl_category = "Audio2Pose"
    bl_parent_id = "AUDIO2POSE_PT_dance"
    bl_options: Any = {"DEFAULT_CLOSED"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where there is a take."""
        armature = regenerate.dancer(context)
        return armature is not None and len(takes.of(armature)) > 0


class AUDIO2POSE_PT_takes(_Sub, bpy.types.Panel):
    """The dances of the armature."""

    bl_idname = "AUDIO2POSE_PT_takes"
    bl_label = "Takes"
    bl_options: Any = set()  # noqa: RUF012

    def draw(self, context: Any) -> None:
        """The list, and what can be done with the chosen take."""
        layout, armature = self.layout, regenerate.dancer(context)
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


class AUDIO2POSE_PT_edit(_Sub, bpy.types.Panel):
    """What is made anew, and what stays."""

    bl_idname = "AUDIO2POSE_PT_edit"
    bl_label = "Regenerate"

    def draw(self, context: Any) -> None:
        """Bars, bones, locks and the button."""
        layout, armature = self.layout, regenerate.dancer(context)
        chosen = context.scene.audio2pose_edit
        row = layout.row(align=True)
        row.prop(chosen, "use_bars")
        bars = row.row(align=True)
        bars.enabled = chosen.use_bars
        bars.prop(chosen, "first_bar", text="")
        bars.prop(chosen, "last_bar", text="")
        layout.prop(chosen, "use_bones")
        layout.prop(chosen, "lock_edits")
        row = layout.row()
        row.scale_y = 1.4
        row.enabled = operators.active_job() is None
        row.operator("audio2pose.regenerate", icon="MOD_DASH")
        layout.operator("audio2pose.select_edited", icon="RESTRICT_SELECT_OFF")
        row = layout.row(align=True)
        row.operator_menu_enum("audio2pose.lock", "what", icon="LOCKED")
        row.operator_menu_enum("audio2pose.unlock", "what", icon="UNLOCKED")
        take = takes.current(armature)
        if take is not None and len(take.action.audio2pose.locks) > 0:
            data = take.action.audio2pose
            layout.template_list(
                AUDIO2POSE_UL_locks.bl_idname, "", data, "locks", data, "lock_index", rows=3
            )


def summary(take: Any) -> str:
    """Style, seed and length of a take in a few words."""
    try:
        record = records.of(take.action)
    except errors.Audio2PoseError:
        return "cannot be read"
    minutes, seconds = divmod(round(record.seconds), 60)
    return f"{texts.style_label(record.style)}, {record.seed}, {minutes}:{seconds:02d}"


def draw_record(layout: Any, take: Any) -> None:
    """Song, date and model of a take; where only a part of it was made anew, which."""
    try:
        record = records.of(take.action)
    except errors.Audio2PoseError as error:
        layout.label(text=str(error), icon="ERROR")
        return
    column = layout.column(align=True)
    column.label(text=f"{record.song}, {record.tempo_bpm:.0f} BPM", icon="SOUND")
    column.label(text=record.date[:16].replace("T", " "), icon="TIME")
    if record.made_from:
        column.label(text=record.made_from, icon="MOD_DASH")


def _play_icon(played: bool) -> Any:
    return "RADIOBUT_ON" if played else "RADIOBUT_OFF"


_CLASSES = (
    *take_operators.CLASSES,
    *edit_operators.CLASSES,
    AUDIO2POSE_UL_takes,
    AUDIO2POSE_UL_locks,
    AUDIO2POSE_PT_takes,
    AUDIO2POSE_PT_edit,
)


@bpy.app.handlers.persistent  # type: ignore[attr-defined]
def _after_load(*_arguments: Any) -> None:
    """Takes that a file kept without their list."""
    for thing in bpy.data.objects:
        if thing.type == "ARMATURE":
            try:
                takes.recover(thing)
            except errors.Audio2PoseError as error:
                print(f"audio2pose: {thing.name}: {error}")


def register() -> None:
    """Add the data, the operators and the panels of takes."""
    take_data.register()
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.app.handlers.load_post.append(_after_load)


def unregister() -> None:
    """Take them away; what is in the file stays in it."""
    bpy.app.handlers.load_post.remove(_after_load)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
    take_data.unregister()
