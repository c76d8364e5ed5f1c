"""The take that is played: what Regenerate, loops and moves begin with."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import compat
from ..core import beat_file, errors, motion as core_motion
from ..edit import constraints as edit_constraints, user_edits
from ..edit.region import Region
from ..keys import writer as key_writer
from ..rig import active
from ..settings import enums
from ..steps import Steps, run
from ..takes import metadata as take_metadata, store as take_store
from . import dance_task


def played(context: Any) -> tuple[Any, Any, take_metadata.TakeMetadata]:
    """The dancer, the take that it plays and its metadata; Audio2PoseError where there is none
    that can be worked on."""
    scene = context.scene
    armature = active.active_dancer(context)
    if armature is None:
        raise errors.RigError("choose a dancer that has a take; generate a dance first")
    dance_task.check_target(armature, scene)
    take = take_store.current(armature)
    if take is None:
        raise errors.RigError(
            f"{armature.name!r} plays no take; play one of the list, or generate a dance"
        )
    metadata = take_metadata.read(take.action)
    if abs(compat.scene_fps(scene) - metadata.fps) > 1e-6:
        raise errors.OptionError(
            f"{take.name} was made at {metadata.fps:g} frames a second and the scene now runs at "
            f"{compat.scene_fps(scene):g}; set that back, or generate the dance again"
        )
    return armature, take, metadata


def as_edited(armature: Any, take: Any, metadata: take_metadata.TakeMetadata) -> core_motion.Motion:
    """The dance of a take, at its own frame rate, with a person's keys in it."""
    return run(as_edited_steps(armature, take, metadata))


def as_edited_steps(
    armature: Any, take: Any, metadata: take_metadata.TakeMetadata
) -> Steps[core_motion.Motion]:
    """The same in small steps."""
    motion = yield from take_metadata.read_motion_steps(take.action)
    edited = yield from user_edits.of_steps(take.action)
    frames = key_writer.key_frames(metadata.frame_start, motion.seconds, metadata.fps)
    everything = Region(int(frames[0]), int(frames[-1]), None, "")
    made = yield from edit_constraints.motion_constraint_steps(
        armature, take.action, metadata, motion, everything, {}, edited
    )
    return made[0]


def check_ends(name: str, metadata: take_metadata.TakeMetadata) -> None:
    """OptionError for a loop: what is danced again in it would no longer meet its other end."""
    if metadata.loop:
        raise errors.OptionError(
            f"{name} goes round; change the take that it was made of, and make the loop again"
        )


def beats_of(metadata: take_metadata.TakeMetadata) -> beat_file.Beats | None:
    """The beats that a take dances to, None where it has fewer than two."""
    times = np.array(metadata.beats, dtype=np.float64)
    if len(times) < 2:
        return None
    downbeats = np.array(metadata.downbeats, dtype=bool)
    return beat_file.Beats(times, downbeats, metadata.tempo_bpm, 4, 1.0, "take")


def style_of(metadata: take_metadata.TakeMetadata) -> str:
    """The style that was danced, where the song was to decide it."""
    return metadata.style if metadata.params.style == enums.AUTO else metadata.params.style
