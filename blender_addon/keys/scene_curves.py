"""A scene's own properties over time: read from their F-curves, keyed over a range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import compat
from ..core import errors


def curve_of(scene: Any, path: str) -> Any:
    """The F-curve of a scene's property, or None where it is not keyed.

    OptionError where a driver sets it: what it does over time cannot be read.
    """
    animation = scene.animation_data
    if animation is not None:
        for driver in animation.drivers:
            if driver.data_path == path:
                raise errors.OptionError(
                    f"a driver sets {path.rpartition('.')[2]!r} of the scene; key it instead"
                )
    for curve in compat.fcurves_of(scene):
        if curve.data_path == path and not curve.mute and len(curve.keyframe_points) > 0:
            return curve
    return None


def values(scene: Any, path: str, frames: Sequence[float] | np.ndarray) -> np.ndarray:
    """A property at frames (n,): (n,) float; what it is now where it is not keyed."""
    curve = curve_of(scene, path)
    if curve is None:
        now = float(scene.path_resolve(path))
        return np.full(len(frames), now)
    return np.array([curve.evaluate(float(frame)) for frame in frames])


def key_frames(scene: Any, path: str) -> np.ndarray:
    """The frames (n,) of a property's keys, rising."""
    curve = curve_of(scene, path)
    if curve is None:
        return np.zeros(0)
    return np.array([point.co[0] for point in curve.keyframe_points])


def ensure(scene: Any, path: str, group: str) -> Any:
    """The F-curve of a scene's property; a new, empty one where there is none."""
    animation = scene.animation_data or scene.animation_data_create()
    if animation.action is None:
        _, bag = compat.new_action(scene, f"{scene.name} Action")
    else:
        bag = compat.channelbag_of(scene)
        if bag is None:
            compat.play_action(scene, animation.action)
            bag = compat.channelbag(animation.action, animation.action_slot, ensure=True)
    found = next((c for c in bag.fcurves if c.data_path == path), None)
    return found or compat.new_fcurve(bag, path, 0, group)


def write(
    scene: Any, path: str, group: str, frames: Sequence[float], numbers: Sequence[float], how: str
) -> None:
    """Keys of a property at frames (n,), in place of those between the first and the last.

    ``how`` is Blender's interpolation, "LINEAR" or "CONSTANT".
    """
    curve = ensure(scene, path, group)
    low, high = min(frames) - 1e-3, max(frames) + 1e-3
    points = curve.keyframe_points
    # From behind: what was removed moves those after it.
    for index in reversed([i for i, p in enumerate(points) if low <= p.co[0] <= high]):
        points.remove(points[index])
    for frame, number in zip(frames, numbers, strict=True):
        point = points.insert(float(frame), float(number))
        point.interpolation = how
    curve.update()


def free(scene: Any, path: str) -> None:
    """Take a property's curve away; it stays as it is now."""
    bag = compat.channelbag_of(scene)
    if bag is None:
        return
    for curve in [c for c in bag.fcurves if c.data_path == path]:
        bag.fcurves.remove(curve)
