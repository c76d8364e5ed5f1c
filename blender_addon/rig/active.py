"""Which armature is meant: the one answer for every operator and every panel."""

from __future__ import annotations

from typing import Any


def active_dancer(context: Any) -> Any:
    """The armature that the add-on works on, or None.

    It is the one chosen as *Dancer*. Where that field is empty it is the active
    armature, or the one that carries the active mesh; only Generate adds a new dancer then.
    """
    chosen = chosen_dancer(context.scene)
    return armature_of(context.view_layer.objects.active) if chosen is None else chosen


def chosen_dancer(scene: Any) -> Any:
    """The armature in the field *Dancer* of a scene, or None.

    An armature that was deleted lives on, in no scene, as long as the field points to it.
    """
    settings = getattr(scene, "audio2pose", None)
    chosen = None if settings is None else settings.target
    return chosen if chosen is not None and chosen.users_scene else None


def armature_of(thing: Any) -> Any:
    """An armature itself; of a mesh the armature that carries or bends it; else None."""
    if thing is None or thing.type == "ARMATURE":
        return thing
    if thing.type != "MESH":
        return None
    bending = [m.object for m in thing.modifiers if m.type == "ARMATURE"]
    return next((o for o in (thing.parent, *bending) if o and o.type == "ARMATURE"), None)
