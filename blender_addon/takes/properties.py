"""What an armature and an action remember of takes: the list, the settings, the locks."""

from __future__ import annotations

import logging
from typing import Any

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ..core import errors
from . import ghost, store as take_store

_LOG = logging.getLogger(__name__)


def _renamed(take: Any, _context: Any) -> None:
    """The track of its history is named as the take is."""
    take_store.follow_name(take)


class Audio2PoseLock(bpy.types.PropertyGroup):
    """A stretch of one bone, or of all of them, that stays when the rest is regenerated."""

    bone: StringProperty(name="Bone", description="Empty is all bones")  # type: ignore[valid-type]
    first: FloatProperty(name="First Frame")  # type: ignore[valid-type]
    last: FloatProperty(name="Last Frame")  # type: ignore[valid-type]


class Audio2PoseRecord(bpy.types.PropertyGroup):
    """``action.audio2pose``: what a take was made of, and how it was before hand edits.

    ``name`` is the take's, ``record`` JSON (``metadata.TakeMetadata``); ``motion`` and
    ``baseline`` are ``packing.pack``'s text. ``move`` is JSON too (``moves.asset.Move``),
    of an action that is a move.
    """

    name: StringProperty(name="Take")  # type: ignore[valid-type]
    record: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    motion: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    baseline: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    move: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    locks: CollectionProperty(type=Audio2PoseLock)  # type: ignore[valid-type]
    lock_index: IntProperty(options={"HIDDEN"})  # type: ignore[valid-type]


class Audio2PoseTake(bpy.types.PropertyGroup):
    """One dance of an armature."""

    # Blender asks for the name to search a list by it.
    name: StringProperty(  # type: ignore[valid-type]
        name="Name", description="Double-click to rename", update=_renamed
    )
    action: PointerProperty(type=bpy.types.Action)  # type: ignore[valid-type]
    track: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    keep: BoolProperty(  # type: ignore[valid-type]
        name="Keep", description="Delete Others leaves this take alone"
    )


class Audio2PoseTakes(bpy.types.PropertyGroup):
    """``object.audio2pose_takes``."""

    takes: CollectionProperty(  # type: ignore[valid-type]
        type=Audio2PoseTake, override={"LIBRARY_OVERRIDABLE", "USE_INSERTION"}
    )
    index: IntProperty(  # type: ignore[valid-type]
        name="Take", options={"HIDDEN"}, override={"LIBRARY_OVERRIDABLE"}
    )
    count: IntProperty(  # type: ignore[valid-type]
        options={"HIDDEN"}, override={"LIBRARY_OVERRIDABLE"}
    )
    before: StringProperty(  # type: ignore[valid-type]
        options={"HIDDEN"}, override={"LIBRARY_OVERRIDABLE"}
    )


class Audio2PoseEdit(bpy.types.PropertyGroup):
    """``scene.audio2pose_edit``: which region Regenerate generates again."""

    use_bars: BoolProperty(  # type: ignore[valid-type]
        name="Bars", description="Regenerate only these bars", default=True
    )
    unit: EnumProperty(  # type: ignore[valid-type]
        name="Count In",
        description="How the part that is regenerated is chosen",
        items=(
            ("BARS", "Bars", "Whole bars, as the markers count them"),
            ("BEATS", "Beats", "Beats of the take, counted from 1"),
            ("FRAMES", "Frames", "Frames of the scene"),
        ),
    )
    first_beat: IntProperty(  # type: ignore[valid-type]
        name="From Beat", description="The first beat that is regenerated", default=1, min=1
    )
    last_beat: IntProperty(  # type: ignore[valid-type]
        name="To Beat", description="The last beat that is regenerated", default=8, min=1
    )
    first_frame: IntProperty(  # type: ignore[valid-type]
        name="From Frame", description="The first frame that is regenerated", default=1
    )
    last_frame: IntProperty(  # type: ignore[valid-type]
        name="To Frame", description="The last frame that is regenerated", default=100
    )
    ease_beats: FloatProperty(  # type: ignore[valid-type]
        name="Ease Over",
        description="Beats over which Ease My Keys lets a changed key draw its neighbours along",
        default=1.0,
        min=0.1,
        max=16.0,
        step=25,
        precision=2,
    )
    difference: FloatProperty(  # type: ignore[valid-type]
        name="Difference",
        description="How different the new motion is from the old: 0 is nearly the same, "
        "1 is altogether new, also where only some bones are regenerated",
        default=1.0,
        min=0.0,
        max=1.0,
        step=10,
        precision=2,
    )
    first_bar: IntProperty(  # type: ignore[valid-type]
        name="From Bar", description="The first bar that is regenerated", default=1, min=1
    )
    last_bar: IntProperty(  # type: ignore[valid-type]
        name="To Bar", description="The last bar that is regenerated", default=4, min=1
    )
    use_bones: BoolProperty(  # type: ignore[valid-type]
        name="Selected Bones", description="Regenerate only the selected bones"
    )
    lock_edits: BoolProperty(  # type: ignore[valid-type]
        name="Keep My Edits",
        description="Keys that were changed, added or deleted by hand stay, "
        "and the new motion passes through them",
        default=True,
    )


_CLASSES = (
    Audio2PoseLock,
    Audio2PoseRecord,
    Audio2PoseTake,
    Audio2PoseTakes,
    Audio2PoseEdit,
)
_OWNERS: tuple[tuple[Any, str, type], ...] = (
    (bpy.types.Action, "audio2pose", Audio2PoseRecord),
    (bpy.types.Object, "audio2pose_takes", Audio2PoseTakes),
    (bpy.types.Scene, "audio2pose_edit", Audio2PoseEdit),
)


@bpy.app.handlers.persistent  # type: ignore[attr-defined]
def _after_load(*_arguments: Any) -> None:
    """Takes that a file kept without their list, and copies that an older version made."""
    ghost.find_by_pointer()
    for thing in bpy.data.objects:
        if thing.type == "ARMATURE":
            try:
                take_store.recover(thing)
            except errors.Audio2PoseError as error:
                _LOG.warning("%s: %s", thing.name, error)


def register() -> None:
    """Add the properties."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    for owner, name, kind in _OWNERS:
        # On an armature that is overridden, the list may be changed as well.
        override: Any = {"LIBRARY_OVERRIDABLE"} if owner is bpy.types.Object else set()
        setattr(owner, name, PointerProperty(type=kind, override=override))
    bpy.app.handlers.load_post.append(_after_load)


def unregister() -> None:
    """Take them away; what is in the file stays in it."""
    bpy.app.handlers.load_post.remove(_after_load)
    for owner, name, _ in reversed(_OWNERS):
        delattr(owner, name)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
