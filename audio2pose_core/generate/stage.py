"""Keeping a long dance on its stage."""

from __future__ import annotations

import numpy as np

from ..signals import gaussian_smooth

RADIUS = 2.0
"""How far from the middle the dance may settle, metres."""
SMOOTHING_S = 5.0


def keep_on_stage(root: np.ndarray, fps: float, middle: np.ndarray | None = None) -> np.ndarray:
    """Bend the slow part of a path (T, 3) so that it stays within ``RADIUS`` of the middle.

    The path over the ground is a sum of many small steps and wanders without
    bound in a long song. Its slow part (Gaussian of 5 s) is drawn towards the
    middle by r -> r / sqrt(1 + (r / R)²), which leaves small excursions as they
    are; steps, turns and travels shorter than that keep their size. The foot
    lock asks for it when it knows the path, and holds planted feet against it.
    ``middle`` (3,) is where the stage's middle lies; by default there where the
    path begins, which then comes to lie at the origin.
    """
    ground = root[:, [0, 2]] - (root[0] if middle is None else middle)[[0, 2]]
    slow = gaussian_smooth(ground, SMOOTHING_S * fps)
    distance = np.linalg.norm(slow, axis=1, keepdims=True)
    bent = slow / np.sqrt(1.0 + (distance / RADIUS) ** 2)
    out = root.copy()
    out[:, [0, 2]] = ground - slow + bent
    if middle is None:
        out[:, [0, 2]] -= out[0, [0, 2]]
    else:
        out[:, [0, 2]] += middle[[0, 2]]
    return out
