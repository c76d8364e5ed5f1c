"""Make Crew: more dancers for a dance that is there, mirrored and in canon.

Every dancer gets an armature and an action of its own, so each can be edited,
or be given another style and seed with Generate Dance, like any other.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty

from . import characters, compat, edits, keyframes, mannequin, records, rigs, takes
from .core import beat_file, crew, errors
from .core import motion as core_motion
from .generation import now

_OWN_MATERIALS = {part for scheme in mannequin.SCHEMES for part in mannequin.material_names(scheme)}


def make_crew(
    context: Any,
    armature: Any,
    count: int,
    *,
    mirror: bool = True,
    canon_beats: float = 0.0,
    formation: str = "v",
    spacing: float = 1.4,
) -> list[Any]:
    """Add ``count`` - 1 dancers around ``armature``; all of them, it first.

    The dance is what its keys show now. Raises RigError, OptionError; then
    nothing has changed.
    """
    take = _take_of(armature)
    record = None if take is None else records.of(take.action)
    if canon_beats and record is None:
        raise errors.OptionError("a canon counts beats, and this dance has none: generate one")
    fps = keyframes.scene_fps(context.scene)
    first, last = (round(f) for f in _action_of(armature).frame_range)
    frames = np.arange(first, last + 1)
    motion = characters.read_motion(armature, frames, fps)
    dances = crew.make_crew(
        motion,
        _beats(record, first, fps),
        count,
        canon_beats=canon_beats,
        mirror=mirror,
        spacing=spacing,
        formation=formation,
    )
    # The first dancer keeps its keys and its place: the others stand around it.
    here = (motion.root[0] - dances[0].root[0]) * np.array([1.0, 0.0, 1.0])
    made = [armature]
    for i, dance in enumerate(dances[1:], start=1):
        made.append(_copy(context, armature, i))
        _write(made[-1], dance.turned(0.0, here), frames, fps, record, f"crew of {armature.name}")
    return made


def _action_of(armature: Any) -> Any:
    if armature is None or armature.type != "ARMATURE":
        raise errors.RigError("select the dancer that the crew shall follow")
    animation = armature.animation_data
    if animation is None or animation.action is None or not compat.fcurves_of(armature):
        raise errors.RigError(f"{armature.name!r} does not dance yet; generate a dance first")
    return animation.action


def _take_of(armature: Any) -> Any:
    _action_of(armature)
    take = takes.current(armature) if hasattr(armature, "audio2pose_takes") else None
    return take if take is not None and take.action.audio2pose.record else None


def _beats(record: records.Record | None, first: int, fps: float) -> beat_file.Beats:
    """The take's beats from the first key on; without a take they are not looked at."""
    if record is None or len(record.beats) < 2:
        return beat_file.Beats(np.arange(2.0), np.array([True, False]), 60.0, 4, 0.0, "none")
    times = np.asarray(record.beats, dtype=float) - (first - record.frame_start) / fps
    return beat_file.Beats(
        times, np.asarray(record.downbeats, dtype=bool), record.tempo_bpm, 4, 1.0, "take"
    )


def _copy(context: Any, armature: Any, number: int) -> Any:
    """Another of the same figure, in the next colours where it is our mannequin."""
    if _is_mannequin(armature):
        scheme = mannequin.SCHEMES[number % len(mannequin.SCHEMES)]
        made = mannequin.create_dancer("Dancer", armature.users_collection[0], scheme)
        made.matrix_world = armature.matrix_world
        return made
    with rigs.kept_context() as layer:
        for thing in layer.objects:
            thing.select_set(False)
        for thing in (armature, *armature.children_recursive):
            thing.select_set(True)
        layer.objects.active = armature
        # Blender's own: constraints, drivers and modifiers of the copy then look at the copy.
        bpy.ops.object.duplicate()
        copy = layer.objects.active
    if copy == armature:
        raise errors.RigError(f"{armature.name!r} cannot be copied; is it hidden or linked?")
    animation = copy.animation_data
    animation.action = None
    for track in list(animation.nla_tracks):
        animation.nla_tracks.remove(track)
    if hasattr(copy, "audio2pose_takes"):
        copy.audio2pose_takes.takes.clear()
    return copy


def _is_mannequin(armature: Any) -> bool:
    """Whether all that the armature wears is ours."""
    worn = [thing for thing in armature.children_recursive if thing.type == "MESH"]
    return bool(worn) and all(
        slot.material is not None and slot.material.name in _OWN_MATERIALS
        for thing in worn
        for slot in thing.material_slots
    )


def _write(
    armature: Any,
    dance: core_motion.Motion,
    frames: np.ndarray,
    fps: float,
    record: records.Record | None,
    made_from: str,
) -> None:
    channels = characters.channels(armature, dance, frames, frames[0], fps)
    action = keyframes.write_channels(armature, frames, channels, f"Dance {armature.name}")
    if record is None:
        return
    columns: dict[str, Sequence[int]] = {
        f"{c.data_path}\t{c.index}": c.columns for c in channels if c.columns
    }
    # The song's seconds are counted from where the song begins, which keys seldom do.
    early = (float(frames[0]) - record.frame_start) / fps
    moved = dance.sample(np.arange(len(dance)) / fps - early, fps)
    records.keep(
        action, dataclasses.replace(record, made_from=made_from, columns=columns, date=now())
    )
    records.keep_motion(action, moved)
    edits.keep_baseline(action)
    takes.add(armature, action)


class AUDIO2POSE_OT_make_crew(bpy.types.Operator):
    """Add dancers around the active one who dance its dance, mirrored and in canon"""

    bl_idname = "audio2pose.make_crew"
    bl_label = "Make Crew"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender's own way

    count: IntProperty(  # type: ignore[valid-type]
        name="Dancers", description="With the one that is there", default=3, min=2, max=crew.MOST
    )
    mirror: BoolProperty(  # type: ignore[valid-type]
        name="Mirrored", description="Those on the right dance the mirror image", default=True
    )
    canon_beats: FloatProperty(  # type: ignore[valid-type]
        name="Canon",
        description="Each dancer is so many beats behind the one before",
        min=0.0,
        soft_max=16.0,
        step=100,
        precision=1,
    )
    formation: EnumProperty(  # type: ignore[valid-type]
        name="Formation",
        description="How the crew stands",
        items=(
            ("v", "V", "The first in front, the others behind to the left and right"),
            ("line", "Line", "Side by side"),
        ),
    )
    spacing: FloatProperty(  # type: ignore[valid-type]
        name="Spacing",
        description="Between neighbours; wider where they would touch each other",
        default=1.4,
        min=0.5,
        soft_max=4.0,
        unit="LENGTH",
    )

    def invoke(self, context: Any, _event: Any) -> Any:
        """Ask how many, how late and where."""
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context: Any) -> Any:
        """Make them, or say why not."""
        try:
            if context.mode != "OBJECT":
                raise errors.RigError("go to Object Mode first")
            made = make_crew(
                context,
                context.active_object or context.scene.audio2pose.target,
                self.count,
                mirror=self.mirror,
                canon_beats=self.canon_beats,
                formation=self.formation,
                spacing=self.spacing,
            )
        except errors.Audio2PoseError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"A crew of {len(made)}: choose one in Dancer for a dance of its own")
        return {"FINISHED"}


class AUDIO2POSE_PT_crew(bpy.types.Panel):
    """More dancers."""

    bl_idname = "AUDIO2POSE_PT_crew"
    bl_label = "Crew"
    bl_parent_id = "AUDIO2POSE_PT_dance"
    bl_category = "Audio2Pose"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender's own way
    bl_order = 7

    def draw(self, context: Any) -> None:
        """The button, for the dancer that is active."""
        column = self.layout.column()
        dancer = context.active_object
        column.active = dancer is not None and dancer.type == "ARMATURE"
        column.operator(AUDIO2POSE_OT_make_crew.bl_idname, icon="GROUP")


_CLASSES = (AUDIO2POSE_OT_make_crew, AUDIO2POSE_PT_crew)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
