"""Entries in Blender's own menus: Add in the Sequencer, Export in File."""

from __future__ import annotations

from typing import Any

import bpy

from .operators.export import (
    AUDIO2POSE_OT_export_bvh,
    AUDIO2POSE_OT_export_vmd,
    AUDIO2POSE_OT_export_vrma,
)
from .operators.generate import AUDIO2POSE_OT_add_song
from .operators.moves import AUDIO2POSE_OT_use_move


def _add(self: Any, _context: Any) -> None:
    self.layout.separator()
    self.layout.operator(
        AUDIO2POSE_OT_add_song.bl_idname, text="Song to Dance to", icon="ARMATURE_DATA"
    )


def _export(self: Any, _context: Any) -> None:
    layout = self.layout
    layout.operator(AUDIO2POSE_OT_export_bvh.bl_idname, text="Audio2Pose Dance (.bvh)")
    layout.operator(AUDIO2POSE_OT_export_vrma.bl_idname, text="Audio2Pose Dance (.vrma)")
    layout.operator(AUDIO2POSE_OT_export_vmd.bl_idname, text="Audio2Pose Dance (.vmd)")


def _asset(self: Any, context: Any) -> None:
    """In the Asset Browser, on an action."""
    asset = getattr(context, "asset", None)
    if asset is not None and asset.id_type == "ACTION":
        entry = self.layout.operator(AUDIO2POSE_OT_use_move.bl_idname, icon="ARMATURE_DATA")
        entry.from_asset = True


_MENUS = (
    ("SEQUENCER_MT_add", _add),
    ("TOPBAR_MT_file_export", _export),
    ("ASSETBROWSER_MT_context_menu", _asset),
)


def register() -> None:
    """Add the entries."""
    for name, draw in _MENUS:
        getattr(bpy.types, name).append(draw)


def unregister() -> None:
    """Take the entries away."""
    for name, draw in _MENUS:
        getattr(bpy.types, name).remove(draw)
