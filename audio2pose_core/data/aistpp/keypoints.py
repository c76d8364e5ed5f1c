"""AIST++ keypoints: (T, 17, 3) places of the COCO joints, checked and without gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import DataError
from ...signals import runs
from .names import FPS

JOINTS = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip",
    "left_knee", "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
"""COCO's 17 joints in the order of the files."""
BONES = (
    (0, 1), (0, 2), (1, 3), (2, 4), (5, 6), (5, 7), (7, 9), (6, 8), (8, 10), (5, 11), (6, 12),
    (11, 12), (11, 13), (13, 15), (12, 14), (14, 16),
)  # fmt: skip
"""Pairs of joints to draw a line between."""
POSE_KEYS = ("keypoints3d_optim", "keypoints3d")

MAX_MISSING = 0.1  # share of a clip's values; beyond it interpolation would invent the dance
MAX_GAP_S = 1.0  # longest time that one joint may be out of sight


@dataclass(frozen=True)
class Gaps:
    """What was missing in a clip: joints times frames, their share of all, the longest gap."""

    filled: int
    share: float
    longest_s: float


def keypoints_of(content: Any, key: str, label: str) -> np.ndarray:
    """The keypoints (T, 17, 3) float32 of a read pickle, NaN where the dataset has none.

    Centimetres, Y up, 60 fps, as the dataset gives them.

    Raises
    ------
    DataError
        It is another kind of file, or its array is of another shape.
    """
    if not isinstance(content, dict) or key not in content:
        if isinstance(content, dict) and "smpl_poses" in content:
            raise DataError(
                f"{label} is a motions pickle (SMPL); give the folder keypoints3d instead"
            )
        held = ", ".join(map(str, content)) if isinstance(content, dict) else type(content).__name__
        raise DataError(f"{label} has no {key!r}, but {held[:100] or 'nothing'}; see --pose-key")
    points = content[key]
    if not isinstance(points, np.ndarray) or points.dtype.kind != "f":
        raise DataError(f"{label}: {key} is not an array of real numbers")
    if points.ndim != 3 or points.shape[1:] != (17, 3) or len(points) < 2:
        raise DataError(f"{label}: {key} has the shape {points.shape}, not (frames, 17, 3)")
    with np.errstate(over="ignore"):
        out = points.astype(np.float32)
    out[~np.isfinite(out)] = np.nan
    return out


def fill_gaps(points: np.ndarray, label: str) -> tuple[np.ndarray, Gaps]:
    """Interpolate missing joints over time; at the ends the nearest known place holds.

    Parameters
    ----------
    points : (T, 17, 3) float32
        NaN where a joint was not seen. A joint with one bad number is taken as
        not seen: its other numbers come from the same failed reconstruction.

    Returns
    -------
    (T, 17, 3) float32, Gaps

    Raises
    ------
    DataError
        More than 10% is missing, or one joint for more than a second.
    """
    missing = ~np.isfinite(points).all(axis=2)
    share = float(missing.mean())
    longest, joint = _longest_run(missing)
    gaps = Gaps(int(missing.sum()), round(share, 6), round(longest / FPS, 6))
    if share > MAX_MISSING or gaps.longest_s > MAX_GAP_S:
        raise DataError(
            f"{label}: too much is missing: {100 * share:.1f}% of all joints, the "
            f"{JOINTS[joint]} for {gaps.longest_s:.2f} s on end (at most "
            f"{100 * MAX_MISSING:.0f}% and {MAX_GAP_S:.0f} s); leave the clip out"
        )
    if not gaps.filled:
        return points, gaps
    out = points.copy()
    frames = np.arange(len(points))
    for j in np.flatnonzero(missing.any(axis=0)):
        known = ~missing[:, j]
        for axis in range(3):
            out[:, j, axis] = np.interp(frames, frames[known], points[known, j, axis])
    return out, gaps


def _longest_run(missing: np.ndarray) -> tuple[int, int]:
    """Frames of the longest gap (T, J) bool, and its joint."""
    best = (0, 0)
    for j in np.flatnonzero(missing.any(axis=0)):
        starts, stops = runs(missing[:, j])
        best = max(best, (int((stops - starts).max()), int(j)))
    return best


def guess_units(points: np.ndarray) -> tuple[str, float]:
    """Units "cm", "m", "mm" or "unknown", and the figure's median extent in the file's own."""
    with np.errstate(all="ignore"):
        known = points[np.isfinite(points).all(axis=(1, 2))]
        if not len(known):
            return "unknown", float("nan")
        spread = (known.max(axis=1) - known.min(axis=1)).astype(np.float64)
        size = float(np.median(spread.max(axis=1)))
    # A dancer spans one to two metres, crouched or with spread arms a little less or more.
    for unit, metre in (("m", 1.0), ("cm", 100.0), ("mm", 1000.0)):
        if 0.5 * metre <= size <= 2.6 * metre:
            return unit, size
    return "unknown", size
