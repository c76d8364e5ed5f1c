"""A pose to begin with: the dancer stands, and the dance comes out of it before the first beat."""

from __future__ import annotations

import numpy as np

from ..core import constraints, motion as core_motion, rotations as rot, skeleton

_ARMS_DOWN = np.radians(75.0)
"""From arms held out to arms that hang, a hand's width from the hips."""
_FPS = 30.0


def standing(seconds: float) -> constraints.MotionConstraint:
    """A dance of so many seconds of which the first frame is given: standing, facing the front.

    Where it stands, and how high the hips are, is the dance's affair.
    """
    motion = core_motion.rest_motion(max(1, round(seconds * _FPS)), _FPS)
    turns = np.zeros((skeleton.NUM_JOINTS, 3))
    turns[skeleton.INDEX["left_shoulder"], 2] = -_ARMS_DOWN
    turns[skeleton.INDEX["right_shoulder"], 2] = _ARMS_DOWN
    motion.rotations[:] = rot.from_axis_angle(turns)
    mask = np.zeros((len(motion), 1 + skeleton.NUM_JOINTS), dtype=bool)
    mask[0, 1:] = True
    return constraints.MotionConstraint(motion, mask)
