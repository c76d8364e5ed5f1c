"""Cleanup: what turns a network's raw motion into a dance that stands on its feet.

``clean`` runs, in this order: smooth (jitter) -> timing (accents) -> contacts ->
floor -> foot lock. ``seams.join`` joins windows before that.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..motion import Motion
from .constraints import MotionConstraint
from .contacts import label_contacts, lifted_feet
from .floor import estimate_floor, level_feet, lift_out_of_floor, put_on_floor
from .foot_lock import Gait, Path, lock_feet
from .groove import Groove
from .leaps import Leaps
from .pelvis_height import PelvisHeightPrior
from .seams import join
from .smooth import smooth_motion
from .timing import time_map, time_warp

__all__ = [
    "Gait",
    "Groove",
    "Leaps",
    "MotionConstraint",
    "PelvisHeightPrior",
    "clean",
    "estimate_floor",
    "join",
    "label_contacts",
    "level_feet",
    "lift_out_of_floor",
    "lock_feet",
    "put_on_floor",
    "smooth_motion",
    "time_map",
    "time_warp",
]


def clean(
    motion: Motion,
    accents: np.ndarray | None = None,
    *,
    timing: bool = True,
    feet: bool = True,
    smooth: bool = True,
    presence: float = 1.0,
    path: Path | None = None,
    constraint: MotionConstraint | None = None,
    timed: np.ndarray | None = None,
    height_prior: PelvisHeightPrior | None = None,
    groove: Groove | None = None,
    leaps: Leaps | None = None,
    pivots: np.ndarray | None = None,
) -> Motion:
    """The dance on time, on the floor and on its feet; same frame rate and frame count.

    Parameters
    ----------
    motion : Motion
        A foot is planted where its ``contacts`` (probabilities from the network)
        say so, and where its height and its speed do (``label_contacts``).
    accents : (n,) array, optional
        Seconds at which moves should land, e.g. the song's beats; ``timing``
        does nothing without them.
    timing, feet, smooth : bool
        Which steps to take. Without ``feet`` the floor is left alone too.
    presence : float
        Gain of the accents, see ``smooth_motion``.
    path : callable((T, 3), fps) -> (T, 3), optional
        Bends the path over the ground, see ``lock_feet``.
    constraint : MotionConstraint, optional
        Parts that stay what they are; no step touches them, and the rest meets
        them smoothly.
    timed : (T,) bool, optional
        Frames that are on time as they are.
    height_prior : PelvisHeightPrior, optional
        How high the style stands, see ``lock_feet``.
    groove : Groove, optional
        How the hips bounce to the beat, see ``lock_feet``.
    leaps : Leaps, optional
        When the whole body leaves the floor, see ``lock_feet``.
    pivots : (T,) bool, optional
        Frames in which the body turns round and a foot that stands turns on its ball.
    """
    if smooth:
        motion = smooth_motion(motion, presence=presence)
    if timing and accents is not None:
        still = timed
        if constraint is not None:
            still = constraint.frames if timed is None else constraint.frames | timed
        motion = time_warp(motion, accents, still)
    if not feet:
        return motion if constraint is None else constraint.apply(motion)
    contacts = label_contacts(motion, estimate_floor(motion), drifting=True)
    if motion.contacts is not None:
        # A network that is unsure of a whole dance says "free" of feet that stand nearly
        # still, and they would glide; what it is sure of counts though the foot drifts.
        contacts = np.maximum(contacts, motion.contacts * ~lifted_feet(motion))
    if pivots is not None:
        contacts[pivots, ::2] = 0.0  # ankles; the balls of the feet stand
    motion = motion.with_contacts(contacts)
    if constraint is None:
        motion = put_on_floor(level_feet(motion, contacts), contacts)
        motion = lock_feet(
            lift_out_of_floor(motion),
            path=path,
            height_prior=height_prior,
            groove=groove,
            leaps=leaps,
        )
        return lift_out_of_floor(motion, feet=True)
    # What is constrained lies as it should: only the rest tells, and follows, pitch and floor.
    free = ~constraint.feet()
    motion = level_feet(motion, contacts * free)
    motion = put_on_floor(motion, contacts, ~(constraint.root & constraint.mask[:, 1]))
    motion = replace(motion, rotations=constraint.pose(motion.rotations))
    motion = lock_feet(
        lift_out_of_floor(motion),
        path=path,
        constraint=constraint,
        height_prior=height_prior,
        groove=groove,
        leaps=leaps,
    )
    return constraint.apply(lift_out_of_floor(motion, feet=True))
