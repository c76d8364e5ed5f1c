"""Which keys a person has changed since a take was made: told by value, not by a mark.

The baseline is the keys as they were generated. It is packed on the action, so that
copies, undo and saved files bring it along.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import compat
from ..core import errors
from ..keys import fcurves, serialize
from ..keys.fcurves import Points
from ..steps import Steps, aside, run

Key = tuple[str, int]
"""Data path and index of a curve."""
_VALUE = 1e-5
_HANDLE = np.array([0.05, 2e-3])  # frames, value: Blender recalculates handles in float32


@dataclass(frozen=True)
class Edits:
    """Frames of the keys of one curve that a person changed, added or deleted, (n,) float each."""

    changed: np.ndarray
    added: np.ndarray
    deleted: np.ndarray

    @property
    def frames(self) -> np.ndarray:
        """All of them, rising."""
        return np.sort(np.concatenate([self.changed, self.added, self.deleted]))


def curves_of(action: Any) -> dict[Key, Any]:
    """The F-curves of a take's action by path and index."""
    bag = compat.channelbag(action, action.slots[0]) if action.slots else None
    return {} if bag is None else {(c.data_path, c.array_index): c for c in bag.fcurves}


def write_baseline(action: Any, baseline: Mapping[Key, Points] | None = None) -> None:
    """Remember the keys of an action as those that were generated; by default as they are."""
    run(baseline_steps(action, baseline))


def baseline_steps(action: Any, baseline: Mapping[Key, Points] | None = None) -> Steps[None]:
    """The same in small steps."""
    if baseline is None:
        baseline = yield from read_steps(action)
    names = json.dumps([list(key) for key in baseline]).encode()
    every = fcurves.join_all(list(baseline.values()))
    arrays: dict[str, np.ndarray] = {
        "names": np.frombuffer(names, np.uint8),
        "counts": np.array([len(p) for p in baseline.values()], dtype=np.int32),
        "frames": every.frames.copy(),
        "values": every.values,
        "kinds": every.kinds[:, 0].astype(np.uint8),
    }
    bezier = every.kinds[:, 0] == fcurves.BEZIER
    if bezier.any():
        # Half precision is finer than what Blender's own recalculation leaves of a handle.
        arrays |= {
            "left": (every.left - every.co).astype(np.float16),
            "right": (every.right - every.co).astype(np.float16),
        }
    action.audio2pose.baseline = yield from serialize.pack_steps(arrays)


def read_steps(action: Any) -> Steps[dict[Key, Points]]:
    """The keys of all curves of an action, in small steps."""
    keys = {}
    for key, curve in curves_of(action).items():
        keys[key] = fcurves.read(curve)
        yield
    return keys


def read_baseline(action: Any) -> dict[Key, Points]:
    """What ``write_baseline`` wrote; DataError where it is missing or broken."""
    return read_baseline_text(action.name, action.audio2pose.baseline)


def baseline_of_steps(action: Any) -> Steps[dict[Key, Points]]:
    """The same in small steps."""
    name, text = action.name, action.audio2pose.baseline
    return (yield from aside(lambda: read_baseline_text(name, text)))


def read_baseline_text(name: str, text: str) -> dict[Key, Points]:
    """The same from the text on an action of that name."""
    if not text:
        raise errors.DataError(
            f"what was generated of {name!r} is not known any more; generate it again"
        )
    arrays = serialize.unpack(text)
    co = np.stack([arrays["frames"], arrays["values"]], axis=1)
    kinds = np.zeros((len(co), 5), dtype=np.int32)
    kinds[:, 0] = arrays["kinds"]
    none = np.zeros_like(co)
    every = Points(
        co,
        co + arrays.get("left", none),
        co + arrays.get("right", none),
        kinds,
        np.zeros((len(co), 3), dtype=np.float32),
    )
    stops = np.cumsum(arrays["counts"])
    names = json.loads(arrays["names"].tobytes())
    return {
        (str(path), int(index)): every.at(np.arange(stop - count, stop))
        for (path, index), count, stop in zip(names, arrays["counts"], stops, strict=True)
    }


def compare(was: Points, now: Points) -> Edits:
    """What differs between the keys of a curve as generated and as they are now."""
    old, new = fcurves.ticks(was.frames), fcurves.ticks(now.frames)
    both, i, j = np.intersect1d(old, new, return_indices=True)
    differs = np.abs(was.values[i] - now.values[j]) > _VALUE
    differs |= was.kinds[i, 0] != now.kinds[j, 0]
    added = ~np.isin(new, old)
    # A handle counts where a Bézier runs along it.
    after = now.kinds[:, 0] == fcurves.BEZIER
    before = np.concatenate([[False], after[:-1]])
    added_before = np.concatenate([[False], added[:-1]])
    added_after = np.concatenate([added[1:], [False]])
    for used, beside_added, a, b in (
        (before, added_before, was.left, now.left),
        (after, added_after, was.right, now.right),
    ):
        old_handle, new_handle = (a - was.co)[i], (b - now.co)[j]
        moved = _differ(old_handle, new_handle)
        # Blender shortens the handles on both sides of a key that is inserted, so that the
        # curve keeps its shape: their direction is still the generated one.
        moved &= ~(beside_added[j] & _shortened(old_handle, new_handle))
        differs |= used[j] & moved
    return Edits(
        both[differs] * fcurves.FRAME,
        new[added] * fcurves.FRAME,
        np.setdiff1d(old, new) * fcurves.FRAME,
    )


def _differ(was: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Which of two sets of handles (n, 2), seen from their keys, are not the same, (n,) bool."""
    moved = np.abs(was - now) > _HANDLE + 2e-3 * np.abs(was)
    out: np.ndarray = moved.any(axis=1)
    return out


def _shortened(was: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Which of the handles (n, 2) are the old ones made shorter, (n,) bool."""
    share = now[:, 0] / np.where(was[:, 0] == 0.0, 1.0, was[:, 0])
    return (share > 0.0) & (share <= 1.0) & ~_differ(was * share[:, None], now)


def of(action: Any) -> dict[Key, Edits]:
    """The edits of a take, of the curves that have any.

    A curve that is gone, or was never there, counts with all its keys.
    """
    return run(of_steps(action))


def of_steps(action: Any) -> Steps[dict[Key, Edits]]:
    """The same in small steps."""
    now = yield from read_steps(action)
    was = yield from baseline_of_steps(action)
    return (yield from between_steps(was, now))


def between(was: Mapping[Key, Points], now: Mapping[Key, Points]) -> dict[Key, Edits]:
    """The same for two sets of curves."""
    return run(between_steps(was, now))


def between_steps(was: Mapping[Key, Points], now: Mapping[Key, Points]) -> Steps[dict[Key, Edits]]:
    """The same in small steps."""
    none = np.zeros(0)
    found = {}
    for key in {**was, **now}:
        yield
        if key not in now:
            edits = Edits(none, none, was[key].frames.astype(float))
        elif key not in was:
            edits = Edits(none, now[key].frames.astype(float), none)
        else:
            edits = compare(was[key], now[key])
        if len(edits.frames):
            found[key] = edits
    return found


def rebased(was: Points | None, now: Points, edits: Edits | None, new: np.ndarray) -> Points:
    """The baseline of a curve a region of which was regenerated.

    ``now`` are its keys after that, ``new`` (k,) bool which of them are new. The others
    keep their old baseline where they were edited, so that this stays known.
    """
    if was is None or edits is None:
        return now
    left_out = fcurves.on_frames(now.frames, edits.added) & ~new
    base, base_new = now.at(~left_out), new[~left_out]
    changed = fcurves.on_frames(base.frames, edits.changed) & ~base_new
    place = np.searchsorted(fcurves.ticks(was.frames), fcurves.ticks(base.frames[changed]))
    co, left, right, kinds = (getattr(base, n).copy() for n in ("co", "left", "right", "kinds"))
    co[changed], left[changed], right[changed] = was.co[place], was.left[place], was.right[place]
    kinds[changed, 0] = was.kinds[place, 0]
    span = now.frames[new]
    deleted = fcurves.on_frames(was.frames, edits.deleted)
    if len(span):
        deleted &= (was.frames < span.min()) | (was.frames > span.max())
    return fcurves.join(
        [replace(base, co=co, left=left, right=right, kinds=kinds), was.at(deleted)]
    )
