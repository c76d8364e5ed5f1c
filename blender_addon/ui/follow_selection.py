"""A click on another dancer, in the 3D view or the Outliner, chooses it as *Dancer*.

So the field shows whom every button means, without being set by hand.
"""

from __future__ import annotations

from typing import Any

import bpy
from bpy.app.handlers import persistent

from ..jobs.manager import MANAGER
from ..rig import active
from ..takes import store as take_store

_OWNER = object()


def follow(context: Any) -> None:
    """Choose the dancer that has become active, where another one is chosen.

    Only armatures with takes are dancers; an empty field stays empty, since it asks for a
    new dancer; and while a job runs nothing changes. One that was deleted leaves the field.
    """
    settings = context.scene.audio2pose
    if settings.target is not None and not settings.target.users_scene:
        if context.scene.is_editable:
            settings.target = None
        return
    chosen = active.chosen_dancer(context.scene)
    now = active.armature_of(context.view_layer.objects.active)
    if chosen is None or now in (None, chosen) or MANAGER.task is not None:
        return
    if len(take_store.of(now)) > 0 and context.scene.is_editable:
        context.scene.audio2pose.target = now


def _changed() -> None:
    follow(bpy.context)


def _subscribe() -> None:
    bpy.msgbus.clear_by_owner(_OWNER)
    active_object: Any = (bpy.types.LayerObjects, "active")
    bpy.msgbus.subscribe_rna(key=active_object, owner=_OWNER, args=(), notify=_changed)


@persistent
def _on_load(*_arguments: Any) -> None:
    # A subscription ends with its file.
    _subscribe()


def register() -> None:
    """Follow from now on, in every file."""
    _subscribe()
    bpy.app.handlers.load_post.append(_on_load)


def unregister() -> None:
    """No longer."""
    bpy.app.handlers.load_post.remove(_on_load)
    bpy.msgbus.clear_by_owner(_OWNER)
