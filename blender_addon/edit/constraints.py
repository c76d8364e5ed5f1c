"""What stays where part of a take is made anew: of its keys, and of the dance the model gets."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from ..core import motion as core_motion
from ..keys import fcurves, writer as key_writer
from ..keys.fcurves import Points
from ..rig import retarget as rig_retarget
from ..takes import metadata as take_metadata
from . import locks, region as regions, user_edits
from .region import Part
from .user_edits import Edits, Key


def bone_of(path: str) -> str:
    """The bone of a curve's data path."""
    name = path.partition('["')[2].rpartition('"]')[0] if path.startswith("pose.bones") else ""
    return bpy.utils.unescape_identifier(name.partition('"]')[0])


def keys(action: Any, part: Part, lock_edits: bool) -> dict[Key, np.ndarray]:
    """Of each curve in the part the whole frames that stay: locked ones, edited ones.

    The numbers of one rotation stay together.
    """
    edited = user_edits.of(action) if lock_edits else {}
    held = locks.read(action)
    frames = np.arange(part.first, part.last + 1)
    by_path: dict[str, set[int]] = {}
    curves = user_edits.curves_of(action)
    for key in curves:
        bone = bone_of(key[0])
        if not part.has(bone):
            continue
        stays = by_path.setdefault(key[0], set())
        stays |= {int(f) for f in frames[locks.hold(held, bone, frames)]}
        own = edited.get(key, _NO_EDITS).frames
        stays |= {round(f) for f in own if part.first <= f <= part.last}
    return {key: np.array(sorted(by_path[key[0]])) for key in curves if by_path.get(key[0])}


_NO_EDITS = Edits(np.zeros(0), np.zeros(0), np.zeros(0))


def dance(
    armature: Any,
    action: Any,
    record: take_metadata.Record,
    motion: core_motion.Motion,
    part: Part,
    stays: dict[Key, np.ndarray],
) -> tuple[core_motion.Motion, np.ndarray]:
    """The dance so far, with the poses of a person's keys in it, and the mask of what stays."""
    columns = {
        (path, int(index)): list(shown)
        for (path, index), shown in ((n.split("\t"), c) for n, c in record.columns.items())
    }
    frames = record.frame_start + np.arange(len(motion)) / motion.fps * record.fps
    open_frames = (frames >= part.first - 0.5) & (frames <= part.last + 0.5)
    # The frames at the seams are what is kept already.
    last = key_writer.key_frames(record.frame_start, motion.seconds, record.fps)[-1]
    if part.first > np.ceil(record.frame_start - 1e-4):
        open_frames &= frames > part.first
    if part.last < last:
        open_frames &= frames < part.last
    open_columns = np.zeros(regions.COLUMNS, dtype=bool)
    for key, shown in columns.items():
        open_columns[shown] |= part.has(bone_of(key[0]))
    if part.bones is None:
        open_columns[:] = True
    curves = user_edits.curves_of(action)

    def filled(own: np.ndarray) -> np.ndarray:
        """Single frames as they are; of stretches the frames that the dance has there."""
        parts = [
            np.array([first]) if first == last else frames[(frames >= first) & (frames <= last)]
            for first, last in regions.runs(own)
        ]
        return np.concatenate([np.zeros(0), *parts])

    def poses(wanted: dict[Key, np.ndarray]) -> regions.Held:
        wanted = {key: filled(own) for key, own in wanted.items()}
        every = np.unique(np.concatenate([np.zeros(0), *wanted.values()]))
        flags = np.zeros((len(every), regions.COLUMNS), dtype=bool)
        for key, own in wanted.items():
            rows = np.flatnonzero(np.isin(every, own))
            for column in columns.get(key, []):
                flags[rows, column] = True
        seconds = (every - record.frame_start) / record.fps
        if len(every) == 0:
            return regions.Held(seconds, flags, None)
        pose = rig_retarget.read_motion(armature, every, record.fps, curves.values())
        return regions.Held(seconds, flags, pose)

    around = {
        key: _around(fcurves.read(curves[key]), e)
        for key, e in user_edits.of(action).items()
        if key in curves
    }
    return regions.kept(motion, open_frames, open_columns, poses(around), poses(stays))


def _around(now: Points, found: Edits) -> np.ndarray:
    """Whole frames on which a curve shows a person's edits: from key to key around each."""
    out = []
    for frame in found.frames:
        before = now.frames[now.frames < frame - 1e-3]
        after = now.frames[now.frames > frame + 1e-3]
        first = before[-1] if len(before) else frame
        last = after[0] if len(after) else frame
        out.append(np.arange(np.ceil(min(first + 1, frame)), max(last - 1, frame) + 1))
    return np.unique(np.concatenate(out)) if out else np.zeros(0)
