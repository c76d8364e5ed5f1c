"""Where a new dancer stands: at the 3D cursor, or the nearest spot where its dance has room."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core import motion as core_motion

Box = tuple[float, float, float, float]
"""Least x and y, greatest x and y, metres of the scene."""

_BODY = 0.6
"""Metres that arms and legs reach beyond the pelvis' path."""
_STEP, _REACH = 0.5, 12.0
"""Metres between the spots that are tried, and how far from the cursor they lie."""
_IN_FRONT = 0.3
"""How much nearer than it is a spot in front counts, for each metre."""
_IN_THE_WAY = {"MESH", "CURVE", "SURFACE", "META", "FONT", "ARMATURE", "CURVES", "POINTCLOUD"}
_FLAT, _ROOM = 0.1, 12.0
"""What is lower is walked on, and what is wider, metres, is a room or a ground to dance in."""


def room_of(motion: core_motion.Motion, aside: float = 0.0) -> Box:
    """What a dance takes of the floor around the dancer's own origin (Blender's axes).

    ``aside`` metres more to its left and right are for copies that stand there.
    """
    x, y = motion.root[:, 0], -motion.root[:, 2]
    return (
        float(x.min()) - _BODY - aside,
        float(y.min()) - _BODY,
        float(x.max()) + _BODY + aside,
        float(y.max()) + _BODY,
    )


def free_spot(scene: Any, room: Box) -> tuple[float, float, float]:
    """The spot nearest to the 3D cursor around which nothing stands in a dance's way.

    Where everything is full it is the cursor itself.
    """
    x, y, z = scene.cursor.location
    taken = _obstacles(scene)
    for dx, dy in _around():
        here = (room[0] + x + dx, room[1] + y + dy, room[2] + x + dx, room[3] + y + dy)
        if not any(_overlap(here, box) for box in taken):
            return x + dx, y + dy, z
    return x, y, z


def _around() -> list[tuple[float, float]]:
    """Steps away from the cursor, the nearest first.

    Blender's own view looks from the right and the front: what is on that side counts as nearer,
    so that a dancer does not stand behind what is there.
    """
    count = round(_REACH / _STEP)
    steps = np.arange(-count, count + 1) * _STEP
    x, y = (grid.ravel() for grid in np.meshgrid(steps, steps))
    cost = np.hypot(x, y) - _IN_FRONT * (x - y) / math.sqrt(2.0)
    order = np.lexsort((y, x, np.round(cost, 6)))
    return list(zip(x[order].tolist(), y[order].tolist(), strict=True))


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _obstacles(scene: Any) -> list[Box]:
    """What stands on the floor, seen from above."""
    found = []
    for thing in scene.objects:
        if thing.type not in _IN_THE_WAY or thing.hide_viewport:
            continue
        corners = np.array([tuple(c) for c in thing.bound_box])
        world = corners @ np.array(thing.matrix_world.to_3x3()).T
        world += np.array(thing.matrix_world.translation)
        low, high = world.min(axis=0), world.max(axis=0)
        wide = max(high[0] - low[0], high[1] - low[1])
        if high[2] - low[2] < _FLAT or wide > _ROOM:
            continue
        found.append((float(low[0]), float(low[1]), float(high[0]), float(high[1])))
    return found
