"""What an armature's channels are at each frame: its action, and NLA layers on top of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import compat
from ..core import errors
from ..steps import Steps, at_once
from .data_path import bone_of_path


@dataclass(frozen=True)
class Sampled:
    """One channel at some frames; ``evaluate`` makes it pass for an F-curve.

    Attributes
    ----------
    data_path, array_index : what it drives.
    frames, values : (n,)
        Rising frames, and the value at each.
    """

    data_path: str
    array_index: int
    frames: np.ndarray
    values: np.ndarray

    def evaluate(self, frame: float) -> float:
        """The value at a frame, between two sampled ones on a straight line."""
        return float(np.interp(frame, self.frames, self.values))

    def evaluated(self, frames: np.ndarray) -> np.ndarray:
        """The same at many frames (n,), (n,)."""
        return np.asarray(np.interp(frames, self.frames, self.values))

    @property
    def group(self) -> str:
        """The bone's name, or what it is where it is no bone's."""
        return bone_of_path(self.data_path) or "Object Transforms"


def playing_tracks(armature: Any) -> list[Any]:
    """The NLA tracks that are heard."""
    animation = armature.animation_data
    if animation is None or not animation.use_nla:
        return []
    tracks = list(animation.nla_tracks)
    solo = [track for track in tracks if track.is_solo]
    return solo or [track for track in tracks if not track.mute]


def layers(armature: Any) -> list[Any]:
    """The NLA strips that are heard."""
    return [s for track in playing_tracks(armature) for s in track.strips if not s.mute]


def frame_range(armature: Any) -> tuple[int, int]:
    """First and last frame that is keyed; RigError where none is."""
    curves = compat.fcurves_of(armature)
    ranges = [curve.range() for curve in curves if len(curve.keyframe_points)]
    ranges += [(strip.frame_start, strip.frame_end) for strip in layers(armature)]
    if not ranges:
        raise errors.RigError(f"{armature.name!r} does not dance yet; press Generate Dance first")
    return round(min(r[0] for r in ranges)), round(max(r[1] for r in ranges))


def channel_paths(armature: Any) -> list[tuple[str, int]]:
    """(data path, index) of all that the action and the layers drive."""
    found = {(curve.data_path, curve.array_index) for curve in compat.fcurves_of(armature)}
    for strip in layers(armature):
        if strip.action is not None and strip.action_slot is not None:
            bag = compat.channelbag(strip.action, strip.action_slot)
            found |= {(c.data_path, c.array_index) for c in (bag.fcurves if bag else ())}
    return sorted(found)


def sample_steps(armature: Any, scene: Any, frames: np.ndarray) -> Steps[list[Sampled]]:
    """All channels at ``frames`` (n,), between whole ones too, in small steps.

    Curves are asked directly. Where NLA layers play, Blender adds them up frame
    by frame; the scene's frame is put back.
    """
    frames = np.asarray(frames, float)
    if not layers(armature):
        out = []
        for curve in compat.fcurves_of(armature):
            yield
            values = np.array([curve.evaluate(frame) for frame in frames])
            out.append(Sampled(curve.data_path, curve.array_index, frames, values))
        return out
    paths = channel_paths(armature)
    values = np.empty((len(paths), len(frames)))
    with restored_frame(scene):
        for column, frame in enumerate(frames):
            yield
            whole = int(np.floor(frame))
            scene.frame_set(whole, subframe=float(frame - whole))
            for row, (path, index) in enumerate(paths):
                found = armature.path_resolve(path)
                values[row, column] = found[index] if hasattr(found, "__len__") else found
    return [Sampled(*path, frames, row) for path, row in zip(paths, values, strict=True)]


sample = at_once(sample_steps)


@contextmanager
def restored_frame(scene: Any) -> Iterator[None]:
    """The scene's frame and range are what they were, whatever is done inside."""
    frame, part = scene.frame_current, scene.frame_subframe
    first, last = scene.frame_start, scene.frame_end
    try:
        yield
    finally:
        # The start first: Blender keeps the end behind it.
        scene.frame_start = first
        scene.frame_end = last
        scene.frame_set(frame, subframe=part)
