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

from .. import compat
from ..core import beat_file, crew, errors, motion as core_motion
from ..edit import user_edits
from ..figure import mannequin
from ..keys import writer as key_writer
from ..rig import own_armature, retarget as rig_retarget
from ..takes import metadata as take_metadata, store as take_store
from ..takes.rollback import Snapshot
from .dance_task import now

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
    record = None if take is None else take_metadata.read(take.action)
    if canon_beats and record is None:
        raise errors.OptionError("a canon counts beats, and this dance has none: generate one")
    fps = compat.scene_fps(context.scene)
    first, last = (round(f) for f in _action_of(armature).frame_range)
    frames = np.arange(first, last + 1)
    motion = rig_retarget.read_motion(armature, frames, fps)
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
    before = Snapshot(armature)
    try:
        for i, dance in enumerate(dances[1:], start=1):
            made.append(_copy(context, armature, i))
            _write(
                made[-1], dance.turned(0.0, here), frames, fps, record, f"crew of {armature.name}"
            )
    except Exception:
        before.restore()
        raise
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
    take = take_store.current(armature) if hasattr(armature, "audio2pose_takes") else None
    return take if take is not None and take.action.audio2pose.record else None


def _beats(record: take_metadata.TakeMetadata | None, first: int, fps: float) -> beat_file.Beats:
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
    with own_armature.context_restored() as layer:
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
    record: take_metadata.TakeMetadata | None,
    made_from: str,
) -> None:
    channels = rig_retarget.channels(armature, dance, frames, frames[0], fps)
    action = key_writer.write_channels(armature, frames, channels, f"Dance {armature.name}")
    if record is None:
        return
    columns: dict[str, Sequence[int]] = {
        f"{c.data_path}\t{c.index}": c.columns for c in channels if c.columns
    }
    # The song's seconds are counted from where the song begins, which keys seldom do.
    early = (float(frames[0]) - record.frame_start) / fps
    moved = dance.sample(np.arange(len(dance)) / fps - early, fps)
    take_metadata.write(
        action, dataclasses.replace(record, made_from=made_from, columns=columns, date=now())
    )
    take_metadata.write_motion(action, moved)
    user_edits.write_baseline(action)
    take_store.add(armature, action)
