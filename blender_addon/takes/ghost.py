"""A copy of a dancer beside it that dances another take: to compare them, never rendered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy

from .. import compat
from ..core import errors
from ..rig.reader import moved_by
from . import store as take_store

MARK = "audio2pose_ghost_of"
"""Custom property of the copies: the dancer's object. Version 0.1 wrote its name."""
STEP = 1.5
"""Metres from the dancer to the next copy."""


def find(armature: Any) -> Any:
    """The copy that stands beside an armature, or None."""
    return next((o for o in _copies(armature) if o.type == "ARMATURE"), None)


def shown(armature: Any) -> list[tuple[str, float]]:
    """The takes that an armature and its copies dance, and their x, from left to right."""
    dancing = [armature, *(o for o in _copies(armature) if o.type == "ARMATURE")]
    names = {take.action: take.name for take in take_store.of(armature)}
    found = []
    for one in dancing:
        animation = one.animation_data
        take = take_store.current(armature) if one == armature else None
        action = animation.action if take is None and animation else getattr(take, "action", None)
        if action in names:
            found.append((names[action], float(one.matrix_world.translation.x)))
    return sorted(found, key=lambda pair: pair[1])


def show(scene: Any, armature: Any, takes: Sequence[Any]) -> list[Any]:
    """Put a copy for each take beside the armature, to its left and right in turn; the copies.

    Data are shared, so they cost little; nothing of them is rendered, or selected by accident.
    Copies that stood there before are taken away.
    """
    for take in takes:
        if take.action is None:
            raise errors.RigError(f"the action of {take.name!r} was deleted; choose another take")
    remove(armature)
    _remove_orphans()
    steps = [STEP * (1 + k // 2) * (-1 if k % 2 else 1) for k in range(len(takes))]
    return [_copy(scene, armature, t, step) for t, step in zip(takes, steps, strict=True)]


def add(scene: Any, armature: Any, take: Any) -> Any:
    """Put one copy beside the armature; the copy."""
    return show(scene, armature, [take])[0]


def _copy(scene: Any, armature: Any, take: Any, step: float) -> Any:
    """A copy of an armature with the meshes that follow it, ``step`` metres along x."""
    ghost = armature.copy()
    ghost.name = f"{armature.name} ({take.name})"
    # Which take it dances is read in the 3D view.
    ghost.show_name = True
    ghost.animation_data_clear()
    ghost.audio2pose_takes.takes.clear()
    _mark(scene, ghost, armature)
    ghost.matrix_world.translation.x += step
    copies = {armature: ghost}
    for thing in moved_by(armature, list(scene.objects)):
        if thing.type in ("MESH", "EMPTY"):
            copies[thing] = thing.copy()
            _mark(scene, copies[thing], armature)
    for copy in copies.values():
        # What hangs on the dancer's things hangs on their copies.
        copy.parent = copies.get(copy.parent, copy.parent)
        for modifier in copy.modifiers:
            if modifier.type == "ARMATURE" and modifier.object == armature:
                modifier.object = ghost
    compat.play_action(ghost, take.action)
    return ghost


def remove(armature: Any) -> None:
    """Take the copy away with its meshes; their shared data stay with the dancer."""
    for thing in _copies(armature):
        bpy.data.objects.remove(thing)


def _remove_orphans() -> None:
    """Take away copies whose dancer was deleted, since no button is left that would."""
    for thing in [o for o in bpy.data.objects if MARK in o.keys()]:  # noqa: SIM118
        dancer = thing.get(MARK)
        # An object that the user deletes lives on, in no scene, as long as a copy points to it.
        if not isinstance(dancer, bpy.types.Object) or not dancer.users_scene:
            bpy.data.objects.remove(thing)


def find_by_pointer() -> None:
    """Mark the copies in a file of version 0.1 by the dancer itself, so that it may be renamed."""
    for thing in bpy.data.objects:
        name = thing.get(MARK)
        if isinstance(name, str) and name in bpy.data.objects:
            thing[MARK] = bpy.data.objects[name]


def _mark(scene: Any, copy: Any, armature: Any) -> None:
    copy[MARK] = armature
    copy.hide_select = copy.hide_render = True
    scene.collection.objects.link(copy)


def _copies(armature: Any) -> list[Any]:
    return [thing for thing in bpy.data.objects if thing.get(MARK) == armature]
