"""The picture of a move in the Asset Browser: three poses of its figure, drawn by numpy.

Blender's own preview would need a scene with the rig, and a render.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import motion as core_motion, skeleton

SIZE = 128
POSES = 3
APART = 0.85
"""Metres from one to the next."""
BACKGROUND = (0.16, 0.17, 0.20, 1.0)
EARLY, LATE = np.array([0.36, 0.44, 0.58]), np.array([1.0, 0.78, 0.36])
THICK, HEAD = 1.6, 0.10
"""Half the width of a limb, pixels; the radius of a head, metres."""
MARGIN = 0.1
_HEAD = skeleton.JOINTS.index("head")


def show(action: Any, pixels: np.ndarray) -> None:
    """Set an action's preview picture, as ``figure`` draws it."""
    preview = action.preview_ensure()
    preview.image_size = (SIZE, SIZE)
    preview.image_pixels_float.foreach_set(pixels.astype(np.float32).ravel())


def figure(motion: core_motion.Motion) -> np.ndarray:
    """The picture, (128, 128, 4) float in 0..1, rows from below: early poses dark, late bright."""
    at = np.round(np.linspace(0, len(motion) - 1, POSES)).astype(int)
    points = motion.joint_positions()[at]
    # Side by side, so that a move in place is seen too.
    spread = np.arange(POSES)[:, None, None] * np.array([APART, 0.0, 0.0])
    points = points - points[:, :1] * np.array([1.0, 0.0, 1.0]) + spread
    flat = points[..., :2]
    low, high = flat.reshape(-1, 2).min(axis=0), flat.reshape(-1, 2).max(axis=0)
    scale = SIZE * (1 - 2 * MARGIN) / float((high - low).max())
    flat = (flat - (low + high) / 2) * scale + SIZE / 2
    out = np.empty((SIZE, SIZE, 4))
    out[:] = BACKGROUND
    y, x = np.mgrid[0:SIZE, 0:SIZE] + 0.5
    for k, pose in enumerate(flat):
        share = k / max(POSES - 1, 1)
        colour = EARLY + (LATE - EARLY) * share
        for joint, parent in enumerate(skeleton.PARENTS):
            if parent >= 0:
                cover = _limb(x, y, pose[parent], pose[joint])[..., None]
                out[..., :3] = out[..., :3] * (1 - cover) + colour * cover
        middle = pose[_HEAD] + np.array([0.0, HEAD * scale])
        cover = np.clip(HEAD * scale + 0.5 - np.hypot(x - middle[0], y - middle[1]), 0.0, 1.0)
        out[..., :3] = out[..., :3] * (1 - cover[..., None]) + colour * cover[..., None]
    return out


def _limb(x: np.ndarray, y: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """How much of each pixel a line from a to b covers, 0..1."""
    along = b - a
    length = max(float(along @ along), 1e-9)
    t = np.clip(((x - a[0]) * along[0] + (y - a[1]) * along[1]) / length, 0.0, 1.0)
    away = np.hypot(x - a[0] - t * along[0], y - a[1] - t * along[1])
    return np.asarray(np.clip(THICK + 0.5 - away, 0.0, 1.0))
