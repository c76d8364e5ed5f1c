"""Curves that go round: their ends meet, and a Cycles modifier repeats them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..rig.channel import Curve

CYCLES = "CYCLES"


def closed(curves: Sequence[Curve]) -> list[Curve]:
    """Curves of one cycle, their first key again as the last, whose ends have one slope.

    The slope at the seam is the mean of what both ends have. A quaternion may end as -q.
    """
    out = []
    by_path: dict[str, list[Curve]] = {}
    for curve in curves:
        by_path.setdefault(curve.data_path, []).append(curve)
    signs = {path: _sign(group) for path, group in by_path.items()}
    for curve in curves:
        if curve.handles is None or len(curve.frames) < 2:
            out.append(curve)
            continue
        sign = signs[curve.data_path]
        handles = np.array(curve.handles, dtype=np.float64)
        first, last = curve.values[0], curve.values[-1]
        begins = (handles[0, 3] - first) / (handles[0, 2] - curve.frames[0])
        ends = (last - handles[-1, 1]) / (curve.frames[-1] - handles[-1, 0])
        slope = (begins + sign * ends) / 2
        right, left = handles[0, 2] - curve.frames[0], curve.frames[-1] - handles[-1, 0]
        handles[0, 3] = first + slope * right
        handles[0, :2] = curve.frames[0] - left, first - slope * left
        handles[-1, 1] = last - sign * slope * left
        handles[-1, 2:] = curve.frames[-1] + right, last + sign * slope * right
        out.append(replace(curve, handles=handles))
    return out


def _sign(group: Sequence[Curve]) -> float:
    """-1 for a quaternion that ends as the negative of its first key, else 1."""
    if not group[0].data_path.endswith("quaternion") or len(group) != 4:
        return 1.0
    first = np.array([curve.values[0] for curve in group])
    last = np.array([curve.values[-1] for curve in group])
    return -1.0 if first @ last < 0 else 1.0


def repeat(bag: Any, travelling: bool) -> None:
    """Let every curve of a channelbag go round for ever, before and after its keys.

    What shows where the root is goes on from where it ended if it is ``travelling``.
    """
    for curve in bag.fcurves:
        for modifier in [m for m in curve.modifiers if m.type == CYCLES]:
            curve.modifiers.remove(modifier)
        # Blender wants it to be the first of a curve's modifiers; it is the only one.
        modifier = curve.modifiers.new(CYCLES)
        mode = "REPEAT_OFFSET" if travelling and curve.data_path.endswith("location") else "REPEAT"
        modifier.mode_before = modifier.mode_after = mode
