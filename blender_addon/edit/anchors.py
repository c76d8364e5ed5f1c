"""Anchors: keys that a person set on an armature before it danced, for the first dance to meet."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import compat
from ..core import constraints, dance_keys, motion as core_motion, skeleton
from ..keys import fcurves
from ..keys.data_path import bone_of_path
from ..rig import retarget as rig_retarget
from ..rig.channel import Channel
from ..takes import store as take_store
from . import locks, region as regions
from .user_edits import Key

RATE = 30.0
"""Frames a second of the constraint."""
MOST_A_SECOND = 1.0
"""More keyed frames than so are an animation and no poses to dance through."""


@dataclass(frozen=True)
class Anchors:
    """A person's keys on an armature that plays no take.

    Attributes
    ----------
    action : str
        The name of the action that has them.
    keys : dict
        Of each keyed curve its frames and their values.
    constraint : MotionConstraint or None
        The same for the dancer, in seconds from where the song begins; None where there are too
        many of them.
    """

    action: str
    keys: Mapping[Key, Mapping[float, float]] = field(default_factory=dict)
    constraint: constraints.MotionConstraint | None = None

    @property
    def frames(self) -> np.ndarray:
        """All keyed frames (n,), rising."""
        return regions.on_whole_frames(
            np.concatenate([np.zeros(0), *(np.array(list(own)) for own in self.keys.values())])
        )

    @property
    def words(self) -> str:
        """What becomes of them, for the report."""
        frames = self.frames
        if self.constraint is None:
            return (
                f"the keys of {self.action!r} lie on {len(frames)} frames, too many for poses to "
                "dance through; it was put aside"
            )
        shown = ", ".join(f"{f:g}" for f in frames[:6]) + (", ..." if len(frames) > 6 else "")
        poses = "pose" if len(frames) == 1 else "poses"
        return f"{len(frames)} keyed {poses} of {self.action!r} danced through (frames {shown})"


def read(armature: Any, time: dance_keys.SceneTime, seconds: float) -> Anchors | None:
    """The keys of an armature that does not dance yet, in the part that will be danced.

    None where it plays a take, or has no keys on what is danced by.
    """
    if armature is None or take_store.current(armature) is not None:
        return None
    curves = {(c.data_path, c.array_index): c for c in compat.fcurves_of(armature)}
    if not curves:
        return None
    rest = core_motion.Motion(
        RATE,
        np.tile(skeleton.rest_positions()[0], (2, 1)),
        np.tile(np.array([1.0, 0.0, 0.0, 0.0]), (2, skeleton.NUM_JOINTS, 1)),
    )
    start = np.array([time.start])
    shown = {
        (c.data_path, c.index): c.columns
        for c in rig_retarget.channels(armature, rest, start, time.start, time.fps)
        if c.columns
    }
    last = time.start + seconds * time.fps
    keys: dict[Key, dict[float, float]] = {}
    for key, curve in curves.items():
        points = fcurves.read(curve)
        inside = (points.frames >= time.start - 1e-3) & (points.frames <= last)
        if key in shown and inside.any():
            frames = regions.on_whole_frames(points.frames[inside])
            keys[key] = {float(f): float(curve.evaluate(f)) for f in frames}
    if not keys:
        return None
    found = Anchors(armature.animation_data.action.name, keys)
    if len(found.frames) > max(2.0, MOST_A_SECOND * seconds):
        return found
    frames = found.frames
    pose = rig_retarget.read_motion(armature, frames, time.fps, curves.values())
    count = max(2, round(seconds * RATE) + 1)
    root = np.tile(rest.root[0], (count, 1))
    quats = np.tile(rest.rotations[0], (count, 1, 1))
    mask = np.zeros((count, constraints.COLUMNS), dtype=bool)
    for i, frame in enumerate(frames.tolist()):
        k = min(round((frame - time.start) / time.fps * RATE), count - 1)
        for key, own in keys.items():
            mask[k, list(shown[key])] |= frame in own
        root[k], quats[k] = pose.root[i], pose.rotations[i]
    motion = core_motion.Motion(RATE, root, quats)
    return dataclasses.replace(found, constraint=constraints.MotionConstraint(motion, mask))


def met(
    channels: Sequence[Channel], frames: np.ndarray, anchors: Anchors, fps: float
) -> list[Channel]:
    """Channels at frames (n,) bent the little that they miss a person's keys by."""
    groups: dict[str, list[Channel]] = {}
    for channel in channels:
        groups.setdefault(channel.data_path, []).append(channel)
    out = []
    for path, group in groups.items():
        for channel in group:
            own = anchors.keys.get((path, channel.index))
            if own is None:
                out.append(channel)
                continue
            near = _near(group, frames, anchors, own, channel)
            values = regions.meet_anchors(frames, channel.values, near, fps)
            out.append(dataclasses.replace(channel, values=values))
    return out


def _near(
    group: Sequence[Channel],
    frames: np.ndarray,
    anchors: Anchors,
    own: Mapping[float, float],
    channel: Channel,
) -> dict[float, float]:
    """The keys of a channel written as the dance writes the same turn: q for -q, angles wrapped."""
    path = channel.data_path
    out = {}
    for frame, value in own.items():
        here = float(np.interp(frame, frames, channel.values))
        if path.endswith("rotation_quaternion"):
            dot = sum(
                float(np.interp(frame, frames, c.values))
                * anchors.keys.get((path, c.index), {}).get(frame, 0.0)
                for c in group
            )
            value = -value if dot < 0 else value
        elif path.endswith("rotation_euler"):
            value += 2 * np.pi * round((here - value) / (2 * np.pi))
        out[frame] = value
    return out


def lock(action: Any, anchors: Anchors) -> None:
    """Lock the keyed frames of a new take, so that *Regenerate* keeps them too."""
    by_bone: dict[str, list[float]] = {}
    for (path, _), own in anchors.keys.items():
        by_bone.setdefault(bone_of_path(path), []).extend(own)
    found = [
        one
        for bone, frames in by_bone.items()
        for one in locks.of_frames(bone, np.unique(np.array(frames)))
    ]
    locks.write(action, locks.added(locks.read(action), found))
