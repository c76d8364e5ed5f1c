"""What stays as it is in a regenerated region: frames of curves, and a motion constraint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core import motion as core_motion
from ..keys import fcurves, writer as key_writer
from ..keys.data_path import bone_of_path
from ..keys.fcurves import Points
from ..rig import retarget as rig_retarget
from ..steps import Steps, aside
from ..takes import metadata as take_metadata
from . import locks, region as regions, user_edits
from .region import PoseConstraints, Region
from .user_edits import Edits, Key

_NO_EDITS = Edits(np.zeros(0), np.zeros(0), np.zeros(0))


def constrained_frames(
    action: Any, region: Region, edited: Mapping[Key, Edits]
) -> dict[Key, np.ndarray]:
    """Of each curve in the region the frames that stay: locked ones, and those ``edited``.

    Keys may lie between two frames, and so may these. The numbers of one rotation stay
    together.
    """
    locked = locks.read(action)
    by_path: dict[str, list[np.ndarray]] = {}
    curves = user_edits.curves_of(action)
    for key in curves:
        bone = bone_of_path(key[0])
        if not region.has(bone):
            continue
        own = edited.get(key, _NO_EDITS).frames
        by_path.setdefault(key[0], []).extend(
            (
                locks.locked_frames(locked, bone, region.first, region.last),
                own[(own >= region.first) & (own <= region.last)],
            )
        )
    frames = {
        path: regions.on_whole_frames(np.concatenate(found)) for path, found in by_path.items()
    }
    return {key: frames[key[0]] for key in curves if len(frames.get(key[0], ()))}


def motion_constraint_steps(
    armature: Any,
    action: Any,
    metadata: take_metadata.TakeMetadata,
    motion: core_motion.Motion,
    region: Region,
    stays: dict[Key, np.ndarray],
    edited: Mapping[Key, Edits],
) -> Steps[tuple[core_motion.Motion, np.ndarray]]:
    """Motion and mask of the ``MotionConstraint`` with which a region is regenerated.

    The motion is the dance so far with the poses of a person's keys in it. ``stays`` are the
    ``constrained_frames``, ``edited`` the take's edits. In small steps.
    """
    columns = {
        (path, int(index)): list(shown)
        for (path, index), shown in ((n.split("\t"), c) for n, c in metadata.columns.items())
    }
    frames = metadata.frame_start + np.arange(len(motion)) / motion.fps * metadata.fps
    open_frames = (frames >= region.first - 0.5) & (frames <= region.last + 0.5)
    # At a seam the take is as it was: the dance goes on from that pose.
    last = key_writer.key_frames(metadata.frame_start, motion.seconds, metadata.fps)[-1]
    if region.first > np.ceil(metadata.frame_start - 1e-4):
        open_frames &= frames > region.first
    if region.last < last:
        open_frames &= frames < region.last
    open_columns = np.zeros(regions.COLUMNS, dtype=bool)
    for key, shown in columns.items():
        open_columns[shown] |= region.has(bone_of_path(key[0]))
    if region.bones is None:
        open_columns[:] = True
    curves = user_edits.curves_of(action)

    def poses(wanted: dict[Key, np.ndarray]) -> Steps[PoseConstraints]:
        wanted = {key: _with_motion_frames(own, frames) for key, own in wanted.items()}
        every = np.unique(np.concatenate([np.zeros(0), *wanted.values()]))
        flags = np.zeros((len(every), regions.COLUMNS), dtype=bool)
        for key, own in wanted.items():
            rows = np.flatnonzero(np.isin(every, own))
            for column in columns.get(key, []):
                flags[rows, column] = True
        seconds = (every - metadata.frame_start) / metadata.fps
        if len(every) == 0:
            return PoseConstraints(seconds, flags, None)
        pose = yield from rig_retarget.read_motion_steps(
            armature, every, metadata.fps, curves.values()
        )
        return PoseConstraints(seconds, flags, pose)

    around = {
        key: _around(fcurves.read(curves[key]), edits)
        for key, edits in edited.items()
        if key in curves
    }
    yield
    edited_poses = yield from poses(around)
    staying = yield from poses(stays)
    return (
        yield from aside(
            lambda: regions.constrained(motion, open_frames, open_columns, edited_poses, staying)
        )
    )


def _with_motion_frames(own: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Frames at which poses are read for the constrained frames ``own`` (n,).

    These are single ones as they are, and of a run the motion's own ``frames`` (T,) in it; a
    run between two of these gives its ends.
    """
    parts = [np.zeros(0)]
    for first, last in regions.runs(own):
        inside = frames[(frames >= first) & (frames <= last)]
        parts.append(inside if first < last and len(inside) else np.unique([first, last]))
    return np.concatenate(parts)


def _around(now: Points, found: Edits) -> np.ndarray:
    """Frames on which a curve shows a person's edits: each edit's, and the whole ones around it.

    An edit is seen from the key before it to the key after it.
    """
    out = [np.zeros(0)]
    for frame in found.frames:
        before = now.frames[now.frames < frame - fcurves.FRAME]
        after = now.frames[now.frames > frame + fcurves.FRAME]
        first = np.floor(before[-1]) + 1 if len(before) else np.ceil(frame)
        last = np.ceil(after[0]) - 1 if len(after) else np.floor(frame)
        out += [np.arange(first, last + 1), np.array([frame])]
    return regions.on_whole_frames(np.concatenate(out))
