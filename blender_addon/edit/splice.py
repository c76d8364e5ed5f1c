"""The new keys of a region put into a curve of the take, so that the two flow into each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..keys import fcurves
from ..keys.fcurves import Points
from . import region as regions
from .region import Region


def splice(
    curve: Any,
    new: Points,
    region: Region,
    seams: Sequence[int],
    stays: np.ndarray,
    own: np.ndarray,
    turned: Callable[[Points], Points] = lambda keys: keys,
) -> np.ndarray:
    """Put ``new`` keys into an F-curve; which of its keys are new after that, (k,) bool.

    Keys outside the region stay as they are, and so do those on the frames ``stays``. A key
    that stays beside new motion takes the new keys' handle on that side: with the old one
    the curve would overshoot, and a planted foot slide. A person's own keys keep theirs.

    Parameters
    ----------
    curve : the F-curve, which is changed.
    new : keys of the new motion over the whole region.
    region : the frames that are regenerated.
    seams : the ends of the region beyond which the take goes on.
    stays : (n,) frames that stay, between two whole frames too.
    own : (m,) frames of keys that a person changed or added.
    turned : gives keys that stay the sign of the new motion, for a quaternion's curve.
    """
    runs = regions.runs(stays)
    single = [first for first, last in runs if first == last and first % 1.0]
    long = [run for run in runs if run[0] < run[1]]
    wanted = np.array([*seams, *single, *(end for run in long for end in run)], dtype=float)
    for frame in wanted[~fcurves.on_frames(wanted, fcurves.read(curve).frames)].tolist():
        # Blender's own insertion leaves the curve's shape as it is.
        curve.keyframe_points.insert(frame, curve.evaluate(frame), options={"FAST"})
    old = fcurves.read(curve)
    staying = (old.frames < region.first) | (old.frames > region.last)
    staying |= fcurves.on_frames(old.frames, seams) | fcurves.on_frames(old.frames, stays)
    for first, last in long:
        staying |= (old.frames > first) & (old.frames < last)
    old_keys = turned(old.at(staying))
    inside = np.zeros(len(new), dtype=bool)
    for first, last in long:
        inside |= (new.frames > first) & (new.frames < last)
    joined = fcurves.join([old_keys, new.at(~inside)])
    is_new = ~fcurves.on_frames(joined.frames, old_keys.frames)
    open_right = _open_segments(joined.frames, region, long)
    theirs = fcurves.on_frames(joined.frames, own) & fcurves.on_frames(joined.frames, stays)
    fcurves.write(curve, _with_new_handles(joined, new, open_right, is_new | theirs))
    return is_new


def _open_segments(
    frames: np.ndarray, region: Region, long: Sequence[tuple[float, float]]
) -> np.ndarray:
    """Whether there is new motion between each key and the next, (k,) bool; the last has none."""
    middle = (frames[:-1] + frames[1:]) / 2.0
    is_open = (middle > region.first) & (middle < region.last)
    for first, last in long:
        is_open &= (middle < first) | (middle > last)
    return np.append(is_open, False)


def _with_new_handles(
    keys: Points, new: Points, open_right: np.ndarray, stay: np.ndarray
) -> Points:
    """Keys whose handles on the side of new motion are those that the new keys have there.

    ``open_right`` (k,) bool is where new motion follows a key; keys in ``stay`` (k,) bool
    are left alone. Where there is no new key on a frame, a handle points straight at the
    next key.
    """
    left, right, kinds = keys.left.copy(), keys.right.copy(), keys.kinds.copy()
    place = {int(tick): i for i, tick in enumerate(fcurves.ticks(new.frames))}
    ticks = fcurves.ticks(keys.frames)
    open_left = np.append(False, open_right[:-1])
    for k in np.flatnonzero(~stay & (open_left | open_right)):
        at = place.get(int(ticks[k]))
        if open_left[k]:
            straight = keys.co[k] + (keys.co[k - 1] - keys.co[k]) / 3.0
            left[k] = straight if at is None else new.left[at]
        if open_right[k]:
            straight = keys.co[k] + (keys.co[k + 1] - keys.co[k]) / 3.0
            right[k] = straight if at is None else new.right[at]
            kinds[k, 0] = new.kinds[0 if at is None else at, 0]
        # Free: an aligned handle would turn the other one, of the side that stays.
        kinds[k, 1:3] = fcurves.FREE
        if at is not None and open_left[k] and open_right[k]:
            kinds[k, 1:3] = new.kinds[at, 1:3]
    return replace(keys, left=left, right=right, kinds=kinds)
