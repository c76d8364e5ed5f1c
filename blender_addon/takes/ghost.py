"""A copy of a dancer beside it that dances another take: for comparing, not for keeping."""

from __future__ import annotations

from typing import Any

import bpy

from .. import compat
from ..core import errors

MARK = "audio2pose_ghost_of"
_STEP = 1.5
"""Metres to the dancer's left."""


def find(armature: Any) -> Any:
    """The copy that stands beside an armature, or None."""
    for thing in bpy.data.objects:
        if thing.type == "ARMATURE" and thing.get(MARK) == armature.name:
            return thing
    return None


def add(scene: Any, armature: Any, take: Any) -> Any:
    """Put a copy beside the armature, with the meshes that follow it, to dance ``take``.

    Data are shared, so it costs little; nothing of it can be selected by accident.
    """
    if take.action is None:
        raise errors.RigError(f"the action of {take.name!r} was deleted; choose another take")
    remove(armature)
    ghost = armature.copy()
    ghost.name = f"{armature.name} ({take.name})"
    ghost[MARK] = armature.name
    ghost.animation_data_clear()
    ghost.audio2pose_takes.takes.clear()
    scene.collection.objects.link(ghost)
    ghost.matrix_world.translation.x += _STEP
    for mesh in [o for o in scene.objects if o.type == "MESH" and follows(o, armature)]:
        copy = mesh.copy()
        copy[MARK] = armature.name
        copy.hide_select = True
        if copy.parent == armature:
            copy.parent = ghost
        for modifier in copy.modifiers:
            if modifier.type == "ARMATURE" and modifier.object == armature:
                modifier.object = ghost
        scene.collection.objects.link(copy)
    ghost.hide_select = True
    compat.play_action(ghost, take.action)
    return ghost


def remove(armature: Any) -> None:
    """Take the copy away with its meshes; their shared data stay with the dancer."""
    for thing in [o for o in bpy.data.objects if o.get(MARK) == armature.name]:
        bpy.data.objects.remove(thing)


def follows(mesh: Any, armature: Any) -> bool:
    """Whether a mesh is carried or bent by an armature."""
    return mesh.parent == armature or any(
        m.type == "ARMATURE" and m.object == armature for m in mesh.modifiers
    )
