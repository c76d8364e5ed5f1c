"""The panel *Regenerate*: which bars and bones, and what stays locked."""

from __future__ import annotations

from typing import Any

import bpy

from ...jobs.manager import MANAGER
from ...rig import active
from ...takes import store as take_store
from .base import Place, TakePanel, split


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


class AUDIO2POSE_PT_edit(TakePanel, bpy.types.Panel):
    """What is regenerated, and what stays."""

    bl_idname = "AUDIO2POSE_PT_edit"
    bl_label = "Regenerate"
    bl_order = Place.REGENERATE

    def draw(self, context: Any) -> None:
        """Bars, bones, locks and the button."""
        layout, armature = split(self.layout), active.active_dancer(context)
        chosen = context.scene.audio2pose_edit
        layout.prop(chosen, "use_bars")
        bars = layout.column(align=True)
        bars.active = chosen.use_bars
        bars.prop(chosen, "unit")
        unit = {"BARS": "bar", "BEATS": "beat", "FRAMES": "frame"}[chosen.unit]
        bars.prop(chosen, f"first_{unit}")
        bars.prop(chosen, f"last_{unit}")
        bars.operator_menu_enum("audio2pose.pick_bars", "source", icon="TIME")
        layout.prop(chosen, "use_bones")
        layout.prop(chosen, "difference", slider=True)
        layout.prop(chosen, "lock_edits")
        row = layout.row()
        row.scale_y = 1.4
        row.enabled = MANAGER.task is None
        row.operator("audio2pose.regenerate", icon="FILE_REFRESH")
        layout.operator("audio2pose.select_edited", icon="RESTRICT_SELECT_OFF")
        layout.prop(chosen, "ease_beats")
        layout.operator("audio2pose.ease_edits", icon="SMOOTHCURVE")
        row = layout.row(align=True)
        row.operator_menu_enum("audio2pose.lock", "what", text="Lock", icon="LOCKED")
        row.operator_menu_enum("audio2pose.unlock", "what", text="Unlock", icon="UNLOCKED")
        take = take_store.current(armature)
        if take is not None and len(take.action.audio2pose.locks) > 0:
            data = take.action.audio2pose
            layout.template_list(
                AUDIO2POSE_UL_locks.bl_idname, "", data, "locks", data, "lock_index", rows=3
            )


register, unregister = bpy.utils.register_classes_factory((AUDIO2POSE_UL_locks, AUDIO2POSE_PT_edit))
