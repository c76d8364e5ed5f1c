"""The keys of F-curves as arrays, with all that a key has, read and written in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import bpy
import numpy as np

_FLOATS = ("amplitude", "back", "period")
_KINDS = ("interpolation", "handle_left_type", "handle_right_type", "easing", "type")


def _number(attribute: str, name: str) -> int:
    """The number behind one of a key's enum values, as foreach_set wants it."""
    kinds: Any = bpy.types.Keyframe.bl_rna.properties[attribute]
    return int(kinds.enum_items[name].value)


LINEAR, BEZIER = _number("interpolation", "LINEAR"), _number("interpolation", "BEZIER")
ALIGNED, FREE = _number("handle_left_type", "ALIGNED"), _number("handle_left_type", "FREE")
FRAME = 1e-3
"""Keys lie on multiples of this, in frames: two that round to the same one are on one frame."""


@dataclass(frozen=True)
class Points:
    """All keys of one curve.

    Attributes
    ----------
    co, left, right : (k, 2) float32
        Frame and value of the key and of its two handles.
    kinds : (k, 5) int32
        Interpolation, type of the left and of the right handle, easing, type of the key.
    numbers : (k, 3) float32
        Amplitude, back and period of the easing.
    """

    co: np.ndarray
    left: np.ndarray
    right: np.ndarray
    kinds: np.ndarray
    numbers: np.ndarray

    def __len__(self) -> int:
        return len(self.co)

    @property
    def frames(self) -> np.ndarray:
        """(k,) frames."""
        return self.co[:, 0]

    @property
    def values(self) -> np.ndarray:
        """(k,) values."""
        return self.co[:, 1]

    def at(self, which: np.ndarray) -> Points:
        """Some of the keys: indices, or a bool for each."""
        return Points(*(getattr(self, f.name)[which] for f in fields(self)))

    def scaled(self, factor: np.ndarray) -> Points:
        """The same keys with their values, and their handles', times ``factor`` (k,)."""
        both = np.stack([np.ones_like(factor), factor], axis=1).astype(np.float32)
        return replace(self, co=self.co * both, left=self.left * both, right=self.right * both)


def ticks(frames: np.ndarray | Sequence[float]) -> np.ndarray:
    """Frames (n,) as whole multiples of ``FRAME``, (n,) int64, which can be compared.

    Blender keeps a key's frame in single precision, where 70.3 is 70.30000305; so all of
    them are seen in that.
    """
    single = np.asarray(frames, dtype=np.float32)
    return np.round(single.astype(np.float64) / FRAME).astype(np.int64)


def on_frames(frames: np.ndarray, wanted: np.ndarray | Sequence[float]) -> np.ndarray:
    """Which of ``frames`` (n,) are among ``wanted`` (m,), (n,) bool."""
    return np.isin(ticks(frames), ticks(wanted))


def read(curve: Any) -> Points:
    """The keys of an F-curve."""
    keys, count = curve.keyframe_points, len(curve.keyframe_points)

    def pairs(name: str) -> np.ndarray:
        out: np.ndarray = np.empty(2 * count, dtype=np.float32)
        keys.foreach_get(name, out)
        return out.reshape(count, 2)

    def columns(names: Sequence[str], kind: type) -> np.ndarray:
        out: np.ndarray = np.empty((count, len(names)), dtype=kind)
        for i, name in enumerate(names):
            column: np.ndarray = np.empty(count, dtype=kind)
            keys.foreach_get(name, column)
            out[:, i] = column
        return out

    return Points(
        pairs("co"),
        pairs("handle_left"),
        pairs("handle_right"),
        columns(_KINDS, np.int32),
        columns(_FLOATS, np.float32),
    )


def frames_of(curve: Any) -> np.ndarray:
    """The frames (k,) of the keys of an F-curve, and nothing else of them."""
    out: np.ndarray = np.empty(2 * len(curve.keyframe_points), dtype=np.float32)
    curve.keyframe_points.foreach_get("co", out)
    return out[::2]


def write(curve: Any, points: Points) -> None:
    """Put these keys in the place of all that an F-curve has."""
    keys = curve.keyframe_points
    keys.clear()
    keys.add(len(points))
    keys.foreach_set("co", points.co.ravel())
    for i, name in enumerate(_KINDS):
        keys.foreach_set(name, np.ascontiguousarray(points.kinds[:, i]))
    for i, name in enumerate(_FLOATS):
        keys.foreach_set(name, np.ascontiguousarray(points.numbers[:, i]))
    # After their types: a handle of another type would not take its place.
    keys.foreach_set("handle_left", points.left.ravel())
    keys.foreach_set("handle_right", points.right.ravel())
    deselect(curve)
    curve.update()


def deselect(curve: Any) -> None:
    """Leave an F-curve and all its keys unselected: Blender adds keys selected.

    A dance whose keys are all selected would be moved as a whole by the next G.
    """
    none = np.zeros(len(curve.keyframe_points), dtype=bool)
    for part in ("select_control_point", "select_left_handle", "select_right_handle"):
        curve.keyframe_points.foreach_set(part, none)
    curve.select = False


def join_all(parts: Sequence[Points]) -> Points:
    """Keys of several curves one after the other."""
    if not parts:
        pairs = np.zeros((0, 2), dtype=np.float32)
        return Points(pairs, pairs, pairs, np.zeros((0, 5), np.int32), np.zeros((0, 3), np.float32))
    return Points(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Points)))


def join(parts: Sequence[Points]) -> Points:
    """Keys of several pieces in the order of their frames; of two on one frame the first given."""
    every = join_all(parts)
    order = np.argsort(every.frames, kind="stable")
    every = every.at(order)
    if len(every) == 0:
        return every
    return every.at(np.concatenate([[True], np.diff(every.frames) > FRAME]))
