"""The sub-panel *Character*: what was found on the armature, its bone map, its presets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy

from ...core import errors, retarget
from ...rig import active, obstacles, retarget as rig_retarget, settings as rig_settings
from ...takes import store as take_store
from .. import text
from ..operators import character as ops, fingers
from .base import Place, SubPanel, split


@dataclass(frozen=True)
class Summary:
    """What the panel says of an armature."""

    title: str
    confidence: float
    missing: tuple[str, ...]
    problem: str | None
    pairs: tuple[tuple[str, str], ...]
    has_ik: bool
    map: retarget.BoneMap


_known: dict[int, tuple[Any, Summary]] = {}


def summary(armature: Any) -> Summary:
    """What was found, kept until bones, map or presets change: panels are drawn often."""
    settings = rig_settings.settings_of(armature)
    rows = tuple((r.part, r.bone) for r in settings.rows) if settings and settings.edited else ()
    own = tuple(rig_settings.own_presets())
    stamp = (armature.data.session_uid, tuple(armature.data.bones.keys()), rows, own)
    before = _known.get(armature.session_uid)
    if before is not None and before[0] == stamp:
        return before[1]
    character = rig_retarget.detect(armature)
    found = character.found
    pairs = tuple(
        (part, ", ".join(found.map.bones[part]))
        for part in retarget.PARTS
        if found.map.bones.get(part)
    )
    made = Summary(
        found.title,
        found.confidence,
        found.missing,
        character.problem,
        pairs,
        found.map.has_ik,
        found.map,
    )
    _known.clear()
    _known[armature.session_uid] = (stamp, made)
    return made


def label(part: str) -> str:
    """A part as animators name it, in the user's language: "left_hip" is Left Thigh."""
    return text.iface(retarget.PART_LABELS[part])


class AUDIO2POSE_UL_bones(bpy.types.UIList):
    """One row a part: its name, and the bone to choose."""

    bl_idname = "AUDIO2POSE_UL_bones"

    def draw_item(
        self,
        context: Any,
        layout: Any,
        data: Any,
        item: Any,
        icon: Any,
        active_data: Any,
        active_property: Any,
        index: Any = 0,
        flt_flag: Any = 0,
    ) -> None:
        """The row; a part that cannot be done without shows red while empty."""
        row = layout.row(align=True)
        needed = item.part == "pelvis" or item.part in retarget.NEEDED
        row.alert = needed and not item.bone
        parts = row.split(factor=0.4)
        parts.label(text=label(item.part), translate=False)
        parts.prop_search(item, "bone", data.id_data.data, "bones", text="")


class AUDIO2POSE_PT_character(SubPanel, bpy.types.Panel):
    """The chosen armature as a character."""

    bl_idname = "AUDIO2POSE_PT_character"
    bl_label = "Character"
    bl_order = Place.CHARACTER

    def draw(self, context: Any) -> None:
        """Detection, options, map, presets."""
        layout = self.layout
        armature = active.active_dancer(context)
        if armature is None:
            layout.label(text="A new Audio2Pose dancer will be added", icon="INFO")
            return
        try:
            said = summary(armature)
        except errors.Audio2PoseError as error:
            layout.label(text=text.sentence(str(error)), icon="ERROR", translate=False)
            return
        settings = rig_settings.settings_of(armature)
        draw_found(layout, said, settings)
        column = split(layout.column())
        column.enabled = armature.is_editable
        column.prop(settings, "root_motion")
        row = column.row()
        row.enabled = said.has_ik
        row.prop(settings, "ik_legs")
        if said.has_ik and not settings.ik_legs and len(take_store.of(armature)) > 0:
            column.operator("audio2pose.snap_ik", icon="SNAP_ON")
        column.prop(settings, "plant_feet")
        column.prop(settings, "spare_body")
        row = column.row(align=True)
        row.prop(settings, "fingers", slider=True)
        row.operator(fingers.AUDIO2POSE_OT_fingers_remove.bl_idname, text="", icon="X")
        draw_obstacles(layout, armature, said)
        draw_map(layout, said, settings)
        draw_presets(layout)


def draw_found(layout: Any, said: Summary, settings: Any) -> None:
    """Family, how sure, what is missing, and what is wrong."""
    column = layout.column(align=True)
    how = text.iface("edited")
    if not settings.edited:
        how = text.iface("{} sure").format(f"{said.confidence:.0%}")
    column.label(text=f"{said.title} ({how})", icon="ARMATURE_DATA", translate=False)
    if said.missing:
        names = ", ".join(label(part) for part in said.missing[:4])
        more = " ..." if len(said.missing) > 4 else ""
        said_missing = text.iface("Without: {}").format(names + more)
        column.label(text=said_missing, icon="INFO", translate=False)
    if said.problem:
        column.alert = True
        for i, line in enumerate(text.fitted(text.sentence(said.problem))):
            column.label(text=line, icon="BLANK1" if i else "ERROR", translate=False)


def draw_obstacles(layout: Any, armature: Any, said: Summary) -> None:
    """What keeps the dance from being seen as it is, and the switch for drivers."""
    told = [] if said.problem else obstacles.told(armature, said.map)
    box = layout.column(align=True)
    box.alert = True
    for sentence in told:
        for i, line in enumerate(text.fitted(text.sentence(sentence))):
            box.label(text=line, icon="BLANK1" if i else "ERROR", translate=False)
    switch = getattr(armature, "audio2pose_drivers", None)
    if switch is not None and (switch.mute or obstacles.drivers(armature, said.map)):
        split(layout.column()).prop(switch, "mute")


def draw_map(layout: Any, said: Summary, settings: Any) -> None:
    """The list to edit, or what was found."""
    if settings.edited:
        layout.template_list(
            AUDIO2POSE_UL_bones.bl_idname, "", settings, "rows", settings, "row", rows=8
        )
        row = layout.row(align=True)
        for part in ("spine", "neck"):
            add = row.operator(
                ops.AUDIO2POSE_OT_character_row_add.bl_idname,
                text=label(part),
                translate=False,
                icon="ADD",
            )
            add.part = part
        row.operator(ops.AUDIO2POSE_OT_character_row_clear.bl_idname, text="", icon="X")
        layout.operator(ops.AUDIO2POSE_OT_character_detect.bl_idname, icon="FILE_REFRESH")
        return
    header, body = layout.panel("AUDIO2POSE_bone_map", default_closed=True)
    header.label(text="Bones")
    header.label(text=str(len(said.pairs)), translate=False)
    if body is not None:
        column = body.column(align=True)
        for part, bones in said.pairs:
            row = column.split(factor=0.4)
            row.label(text=label(part), translate=False)
            row.label(text=bones, translate=False)
    layout.operator(ops.AUDIO2POSE_OT_character_edit.bl_idname, icon="GREASEPENCIL")


def draw_presets(layout: Any) -> None:
    """Use, save, remove; import and export."""
    row = layout.row(align=True)
    row.operator(ops.AUDIO2POSE_OT_character_preset_apply.bl_idname, text="Preset", icon="PRESET")
    row.operator(ops.AUDIO2POSE_OT_character_preset_save.bl_idname, text="", icon="ADD")
    row.operator(ops.AUDIO2POSE_OT_character_preset_remove.bl_idname, text="", icon="REMOVE")
    row.operator(ops.AUDIO2POSE_OT_character_preset_import.bl_idname, text="", icon="IMPORT")
    row.operator(ops.AUDIO2POSE_OT_character_preset_export.bl_idname, text="", icon="EXPORT")


_CLASSES = (AUDIO2POSE_UL_bones, AUDIO2POSE_PT_character)


def register() -> None:
    """Add the panel."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take the panel away."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
    _known.clear()
