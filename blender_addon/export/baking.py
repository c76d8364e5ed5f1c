"""Every control that dances, baked to one key a frame, NLA layers added in."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..keys import sampling, writer as key_writer
from ..rig.channel import Curve
from .clips import sample_frames


def bake(context: Any, armature: Any, rate: str = "SCENE") -> Any:
    """One key a frame on every channel that the dance drives, NLA layers added in.

    A new action; the one before stays in the file, and the layers that are now
    part of it are muted. Returns the action.
    """
    if not armature.is_editable:
        raise errors.RigError(
            f"armature {armature.name!r} is linked from another file; "
            "make a library override of it first"
        )
    frames, _ = sample_frames(armature, context.scene, rate)
    sampled = sampling.sample(armature, context.scene, frames)
    animation = armature.animation_data
    old = animation.action
    curves = [Curve(s.data_path, s.array_index, s.group, frames, s.values) for s in sampled]
    playing = sampling.playing_tracks(armature)
    action = key_writer.write_action(
        armature, curves, f"{armature.name if old is None else old.name} Baked"
    )
    if old is not None:
        for marker in old.pose_markers:
            action.pose_markers.new(marker.name).frame = marker.frame
    for track in playing:
        track.mute = True
    return action
