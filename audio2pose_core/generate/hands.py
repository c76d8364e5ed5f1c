"""What the plan of a dance asks of the hands, beside its motion."""

from __future__ import annotations

import numpy as np

from ..choreography.hands import hand_weights
from ..motion import HAND_SHAPES, Motion
from .take import TakeSpec


def planned_hands(motion: Motion, spec: TakeSpec) -> Motion:
    """The motion with the hands of its plan; where it was constrained as a whole, with those of
    the constraint."""
    plan, frames = spec.plan, len(motion)
    asked = None
    if plan is not None:
        holds = [(held.time, held.seconds) for held in plan.holds]
        asked = hand_weights(plan.hands, motion.fps, frames, spec.accents, holds)
    if spec.constraint is None:
        return motion.with_hands(asked)
    kept = spec.constraint.at(motion.fps, frames)
    if asked is None and kept.motion.hands is None:
        return motion
    nothing = np.zeros((frames, 2, len(HAND_SHAPES)))
    asked = nothing if asked is None else asked
    before = nothing if kept.motion.hands is None else kept.motion.hands
    stays = kept.mask.all(axis=1)[:, None, None]
    return motion.with_hands(np.where(stays, before, asked))
