"""Edit with falloff: a key that a person changed draws its neighbours along, and eases out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..core import rotations as rot
from ..keys import fcurves, writer as key_writer
from ..keys.data_path import bone_of_path
from ..keys.fcurves import Points
from ..steps import Steps
from ..takes import metadata as take_metadata
from . import locks, region as regions, user_edits
from .locks import Lock
from .user_edits import Key

_MOVED = 1e-4
_STEP = 0.25
"""Frames either side, for the slope of a curve."""


def ease_steps(action: Any, beats: float) -> Steps[tuple[int, list[Lock]]]:
    """Ease the edits of a take over so many beats; how many, and the stretches that hold them.

    In small steps. Every key that was changed or added by hand since the take was made, and is
    not locked, keeps its pose. The keys around it are turned along, by less the further away they
    are, to nothing after ``beats``; there a key keeps the rest of the take as it was. Locks hold
    what was eased, so that Regenerate leaves it.
    """
    metadata = take_metadata.read(action)
    reach = max(1.0, beats * beat_frames(metadata))
    frames = key_writer.key_frames(metadata.frame_start, metadata.seconds, metadata.fps)
    first, last = float(frames[0]), float(frames[-1])
    held, curves = locks.read(action), user_edits.curves_of(action)
    by_path: dict[str, set[float]] = {}
    edited = yield from user_edits.of_steps(action)
    for (path, _), edits in edited.items():
        own = np.concatenate([edits.changed, edits.added])
        locked = locks.locked_frames(held, bone_of_path(path), first, last)
        by_path.setdefault(path, set()).update(own[~fcurves.on_frames(own, locked)].tolist())
    more: list[Lock] = []
    count = 0
    was_curves = yield from _baseline_steps(action, by_path)
    with _curves_for_a_while(was_curves) as base:
        for path, found in by_path.items():
            yield
            group = [key for key in sorted(curves) if key[0] == path and key in base]
            at = np.array(sorted(found))
            if len(at) == 0 or not group:
                continue
            now = _evaluated([curves[k] for k in group], at)
            was = _evaluated([base[k] for k in group], at)
            # A handle alone may have been moved, by Blender too where a key was inserted.
            at = at[np.abs(now - was).max(axis=1) > _MOVED]
            if len(at) == 0:
                continue
            _ease_path(path, [curves[k] for k in group], [base[k] for k in group], at, reach)
            count += len(at)
            more += [
                Lock(
                    bone_of_path(path),
                    max(first, np.ceil(f - reach)),
                    min(last, np.floor(f + reach)),
                )
                for f in at.tolist()
            ]
    locks.write(action, locks.added(held, more))
    return count, more


def beat_frames(metadata: take_metadata.TakeMetadata) -> float:
    """Frames of the scene from a beat to the next."""
    times = np.asarray(metadata.beats, dtype=np.float64)
    beat = float(np.median(np.diff(times))) if len(times) > 1 else 0.5
    return beat * metadata.fps


def _ease_path(path: str, curves: list[Any], base: list[Any], at: np.ndarray, reach: float) -> None:
    """Ease the curves of one property, whose edited keys lie on frames ``at`` (n,)."""
    eased = _target(path, curves, base, at, reach)
    wanted = np.unique(np.concatenate([at - reach, at, at + reach]).round())
    for curve in curves:
        first, last = curve.range()
        known = fcurves.read(curve).frames
        for frame in wanted[~fcurves.on_frames(wanted, known)].tolist():
            if first < frame < last:
                curve.keyframe_points.insert(frame, curve.evaluate(frame), options={"FAST"})
    for c, curve in enumerate(curves):
        keys = fcurves.read(curve)
        near = (np.abs(keys.frames[:, None] - at) <= reach + 0.6).any(axis=1)

        def values(t: np.ndarray, channel: int = c) -> np.ndarray:
            return np.asarray(eased(t)[:, channel])

        fcurves.write(curve, _through(keys, near, values))


def _target(
    path: str, curves: list[Any], base: list[Any], at: np.ndarray, reach: float
) -> Callable[[np.ndarray], np.ndarray]:
    """The eased curves: frames (m,) -> values (m, c)."""

    now, was = _evaluated(curves, at), _evaluated(base, at)
    if not path.endswith("rotation_quaternion") or len(curves) != 4:
        return lambda t: _evaluated(base, t) + regions.eased(t, at, now - was, reach)
    turn = rot.multiply(rot.normalize(now), rot.conjugate(rot.normalize(was)))
    change = rot.to_axis_angle(turn * np.where(turn[:, :1] < 0, -1.0, 1.0))

    def turned(t: np.ndarray) -> np.ndarray:
        along = rot.from_axis_angle(regions.eased(t, at, change, reach))
        return rot.multiply(along, rot.normalize(_evaluated(base, t)))

    return turned


def _evaluated(curves: list[Any], frames: np.ndarray) -> np.ndarray:
    """Curves (c) at frames (m,), (m, c)."""
    return np.array([[curve.evaluate(f) for curve in curves] for f in frames.tolist()])


def _through(keys: Points, near: np.ndarray, curve: Callable[[np.ndarray], np.ndarray]) -> Points:
    """Keys of which those ``near`` (k,) lie on a curve, with its slope."""
    at = keys.frames[near].astype(np.float64)
    slope = (curve(at + _STEP) - curve(at - _STEP)) / (2.0 * _STEP)
    co, left, right, kinds = (getattr(keys, n).copy() for n in ("co", "left", "right", "kinds"))
    co[near, 1] = curve(at)
    left[near, 1] = co[near, 1] + slope * (left[near, 0] - co[near, 0])
    right[near, 1] = co[near, 1] + slope * (right[near, 0] - co[near, 0])
    kinds[near, 1:3] = fcurves.ALIGNED
    return replace(keys, co=co, left=left, right=right, kinds=kinds)


def _baseline_steps(action: Any, paths: Collection[str]) -> Steps[dict[Key, Points]]:
    """The keys of some properties of a take as they were generated."""
    was = yield from user_edits.baseline_of_steps(action)
    return {key: points for key, points in was.items() if key[0] in paths}


@contextmanager
def _curves_for_a_while(keys: Mapping[Key, Points]) -> Iterator[dict[Key, Any]]:
    """Curves with these keys, on an action of their own that goes again."""
    made = bpy.data.actions.new("Baseline")
    try:
        bag = compat.channelbag(made, made.slots.new("OBJECT", "Baseline"), ensure=True)
        out = {}
        for (path, index), points in keys.items():
            out[path, index] = compat.new_fcurve(bag, path, index, "")
            fcurves.write(out[path, index], points)
        yield out
    finally:
        bpy.data.actions.remove(made)
