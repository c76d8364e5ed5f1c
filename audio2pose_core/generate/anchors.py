"""Anchors: poses that a person set before there was a dance.

The dance is made as it is planned; then what lies around the anchors is danced again, into each
of them and out of it, as a region of a dance is that a person regenerates.
"""

from __future__ import annotations

import numpy as np

from .. import rotations as rot
from ..cleanup.constraints import MotionConstraint
from ..motion import Motion

REACH_S = 1.5
"""So long before and after an anchor the dance is danced again."""


def around(motion: Motion, anchors: MotionConstraint) -> MotionConstraint:
    """The dance with its anchors in it, free around them and nowhere else."""
    fitted = anchors.at(motion.fps, len(motion))
    reach = round(REACH_S * motion.fps)
    near = np.convolve(fitted.frames, np.ones(2 * reach + 1), mode="same") > 0.5
    root, quats = motion.root.copy(), motion.rotations.copy()
    root[fitted.root] = fitted.motion.root[fitted.root]
    joints = fitted.mask[:, 1:]
    quats[joints] = fitted.motion.rotations[joints]
    held = Motion(motion.fps, root, rot.continuous(quats), motion.contacts)
    return MotionConstraint(held, fitted.mask | ~near[:, None])
