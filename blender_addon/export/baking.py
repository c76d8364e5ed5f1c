"""Every control that dances, baked to one key a frame, NLA layers added in."""

from __future__ import annotations

from typing import Any

from .. import compat
from ..core import errors
from ..keys import sampling, writer as key_writer
from ..rig.channel import Curve
from ..steps import Steps
from .clips import name_of, sample_frames


def bake_steps(context: Any, armature: Any, rate: str = "SCENE") -> Steps[Any]:
    """One key a frame on every channel that the dance drives, NLA layers added in.

    In small steps. A new action; the one before stays in the file, and the layers that are now
    part of it are muted. Returns the action.
    """
    if not armature.is_editable:
        raise errors.RigError(
            f"armature {armature.name!r} is linked from another file; "
            "make a library override of it first"
        )
    frames, _ = sample_frames(armature, context.scene, rate)
    sampled = yield from sampling.sample_steps(armature, context.scene, frames)
    old, name = armature.animation_data.action, name_of(armature)
    curves = [Curve(s.data_path, s.array_index, s.group, frames, s.values) for s in sampled]
    playing = sampling.playing_tracks(armature)
    action = yield from key_writer.action_steps(armature, curves, f"{name} Baked")
    compat.play_action(armature, action)
    key_writer.use_quaternions(armature, action)
    armature.update_tag()
    if old is not None:
        for marker in old.pose_markers:
            action.pose_markers.new(marker.name).frame = marker.frame
    for track in playing:
        track.mute = True
    return action
