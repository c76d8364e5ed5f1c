"""``scene.audio2pose_moves``: which bars are looped or saved, and how a move is used."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import (
    BoolProperty,
    EnumProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from . import asset


def _is_move(_settings: Any, action: Any) -> bool:
    return asset.is_move(action)


class Audio2PoseMoves(bpy.types.PropertyGroup):
    """``scene.audio2pose_moves``."""

    loop_of: EnumProperty(  # type: ignore[valid-type]
        name="Loop",
        description="What goes round",
        items=(
            ("TAKE", "This Take", "The bars of the take that is played, closed to a cycle"),
            ("SONG", "New Dance", "A new dance to these bars of the song, by the dance settings"),
        ),
    )
    first_bar: IntProperty(  # type: ignore[valid-type]
        name="From Bar", description="The first bar of the loop or the move", default=1, min=1
    )
    last_bar: IntProperty(  # type: ignore[valid-type]
        name="To Bar", description="The last bar of the loop or the move", default=4, min=1
    )
    root_motion: BoolProperty(  # type: ignore[valid-type]
        name="Root Motion",
        description="The dancer travels on by the same way each time around; off stays in place",
    )
    whole_frames: BoolProperty(  # type: ignore[valid-type]
        name="Whole Frames",
        description="Round the period to whole frames, for game engines; off keeps exactly to the "
        "song's tempo",
    )
    name: StringProperty(  # type: ignore[valid-type]
        name="Name", description="The name of the move; empty is made of its style and bars"
    )
    use_bones: BoolProperty(  # type: ignore[valid-type]
        name="Selected Bones", description="Save the move of the selected bones only"
    )
    move: PointerProperty(  # type: ignore[valid-type]
        type=bpy.types.Action,
        name="Move",
        description="The move to use; those of the Asset Browser are used from there",
        poll=_is_move,
    )
    mirrored: BoolProperty(  # type: ignore[valid-type]
        name="Mirrored", description="Use the mirror image of the move"
    )
    on_beats: BoolProperty(  # type: ignore[valid-type]
        name="Follow the Beats",
        description="Stretch the move from beat to beat of this song; off keeps its own tempo",
        default=True,
    )
    way_beats: IntProperty(  # type: ignore[valid-type]
        name="Way In and Out",
        description="Beats before and after the move that are danced anew to lead into it",
        default=2,
        min=1,
        max=16,
    )
    in_plan: BoolProperty(  # type: ignore[valid-type]
        name="Use My Moves",
        description="Phrases of the dance that return are moves of this file that have the dance's "
        "style",
    )
    tag: StringProperty(  # type: ignore[valid-type]
        name="Tag",
        description="Only moves with this tag of the Asset Browser; empty is all of them",
    )


_CLASSES = (Audio2PoseMoves,)


def register() -> None:
    """Add the settings."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.audio2pose_moves = PointerProperty(type=Audio2PoseMoves)  # type: ignore[attr-defined]


def unregister() -> None:
    """Take them away; what is in the file stays in it."""
    del bpy.types.Scene.audio2pose_moves  # type: ignore[attr-defined]
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
