"""Entries in Blender's own menus: Add in the Sequencer, Export in File."""

from __future__ import annotations

from typing import Any

import bpy

from .operators.export import AUDIO2POSE_OT_export_bvh
from .operators.generate import AUDIO2POSE_OT_add_song


def _add(self: Any, _context: Any) -> None:
    self.layout.separator()
    self.layout.operator(
        AUDIO2POSE_OT_add_song.bl_idname, text="Song to Dance to", icon="ARMATURE_DATA"
    )


def _export(self: Any, _context: Any) -> None:
    self.layout.operator(AUDIO2POSE_OT_export_bvh.bl_idname, text="Audio2Pose Dance (.bvh)")


_MENUS = (("SEQUENCER_MT_add", _add), ("TOPBAR_MT_file_export", _export))


def register() -> None:
    """Add the entries."""
    for name, draw in _MENUS:
        getattr(bpy.types, name).append(draw)


def unregister() -> None:
    """Take the entries away."""
    for name, draw in _MENUS:
        getattr(bpy.types, name).remove(draw)
