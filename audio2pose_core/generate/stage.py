"""Keeping a long dance on its stage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..metrics.motion_beats import gaussian_smooth
from ..motion import Motion

RADIUS = 2.0
"""How far from the middle the dance may settle, metres."""
SMOOTHING_S = 5.0


def keep_on_stage(motion: Motion) -> Motion:
    """Bend the slow part of the path so that it stays within ``RADIUS`` of the middle.

    The path over the ground is a sum of many small steps and wanders without
    bound in a long song. Its slow part (Gaussian of 5 s) is drawn towards the
    middle by r -> r / sqrt(1 + (r / R)²), which leaves small excursions as they
    are; steps, turns and travels shorter than that keep their size. Feet that
    are planted are held in place by the foot lock that follows.
    """
    ground = motion.root[:, [0, 2]] - motion.root[0, [0, 2]]
    slow = gaussian_smooth(ground, SMOOTHING_S * motion.fps)
    distance = np.linalg.norm(slow, axis=1, keepdims=True)
    bent = slow / np.sqrt(1.0 + (distance / RADIUS) ** 2)
    root = motion.root.copy()
    root[:, [0, 2]] = ground - slow + bent
    root[:, [0, 2]] -= root[0, [0, 2]]
    return replace(motion, root=root)
