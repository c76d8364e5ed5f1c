"""What the plan of a dance asks of the hands, beside its motion."""

from __future__ import annotations

import numpy as np

from ..choreography.hands import EASE_S, hand_weights
from ..motion import HAND_SHAPES, Motion
from ..signals import gaussian_smooth
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
    stays = np.logical_and.reduce(kept.mask, axis=1)[:, None, None]
    return motion.with_hands(np.where(stays, before, asked))


def looped_hands(cycle: Motion, base: Motion, start: float) -> Motion:
    """A cycle with the hands of the dance that it was made of, from ``start`` seconds on; what
    they do at its end goes over into what they do at its beginning."""
    if base.hands is None:
        return cycle
    there = base.sample(start + np.arange(len(cycle)) / cycle.fps, cycle.fps).hands
    assert there is not None
    around = np.concatenate([there] * 3).reshape(3 * len(cycle), -1)
    eased = gaussian_smooth(around, EASE_S * cycle.fps)[len(cycle) : 2 * len(cycle)]
    return cycle.with_hands(eased.reshape(there.shape))
