"""Anchors: poses that a person set before there was a dance.

The dance is made as it is planned; then what lies around the anchors is danced again, into each
of them and out of it, as a region of a dance is that a person regenerates.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import rotations as rot
from ..cleanup.constraints import MotionConstraint
from ..motion import Motion

REACH_S = 1.5
"""So long before and after an anchor the dance is danced again."""
HELD_S = 0.1
"""So long before and after an anchor the pose is held: a network hardly sees a single frame, and
would reach for it at the last moment."""


def around(motion: Motion, anchors: MotionConstraint) -> MotionConstraint:
    """The dance with its anchors in it, free around them and nowhere else."""
    fitted = _held(anchors.at(motion.fps, len(motion)))
    reach = round(REACH_S * motion.fps)
    near = np.convolve(fitted.frames, np.ones(2 * reach + 1), mode="same") > 0.5
    root, quats = motion.root.copy(), motion.rotations.copy()
    root[fitted.root] = fitted.motion.root[fitted.root]
    joints = fitted.mask[:, 1:]
    quats[joints] = fitted.motion.rotations[joints]
    held = replace(motion, root=root, rotations=rot.continuous(quats))
    return MotionConstraint(held, fitted.mask | ~near[:, None])


def _held(anchors: MotionConstraint) -> MotionConstraint:
    """The anchors, each over the frames around it that have none of their own."""
    mask, motion = anchors.mask.copy(), anchors.motion
    root, quats = motion.root.copy(), motion.rotations.copy()
    frames = np.flatnonzero(anchors.frames)
    for step in range(1, round(HELD_S * motion.fps) + 1):
        for frame in frames:
            for near in (frame - step, frame + step):
                if 0 <= near < len(mask) and not mask[near].any():
                    mask[near] = anchors.mask[frame]
                    root[near], quats[near] = motion.root[frame], motion.rotations[frame]
    return MotionConstraint(Motion(motion.fps, root, quats, motion.contacts), mask)
