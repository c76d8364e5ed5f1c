"""From the network's numbers to a finished motion, its constrained parts untouched."""

from __future__ import annotations

from functools import partial

import numpy as np

from .. import representation as rep, rotations as rot
from ..choreography.plan import Choreography, Path as FloorPath
from ..cleanup import Groove, Leaps, MotionConstraint, PelvisHeightPrior, clean
from ..cleanup.foot_lock import Path
from ..cleanup.hinges import true_hinges
from ..motion import Motion
from .front import face_front
from .holds import hold_poses
from .inpaint import ConstraintFeatures, meet_heading
from .limbs_apart import keep_limbs_apart
from .plan import free_ranges
from .stage import follow_path, keep_on_stage, stand_in_holds, stay_in_place
from .turns import turn_rates, turning

CONTEXT_S = 2.0
"""Constrained motion on either side of a free range that the cleanup sees."""


def finish_dance(
    raw: np.ndarray,
    fps: float,
    accents: np.ndarray,
    presence: float,
    constraint: MotionConstraint | None = None,
    fixed: ConstraintFeatures | None = None,
    timed: np.ndarray | None = None,
    height_prior: PelvisHeightPrior | None = None,
    plan: Choreography | None = None,
    groove: Groove | None = None,
) -> Motion:
    """The motion of features (T, 152), cleaned; ``accents`` (n,) are seconds.

    With ``constraint`` and what was ``fixed`` of it to the sampler (both of T frames),
    only the stretches around something free are worked on, and each leads back
    to what is kept after it. Frames in ``timed`` (T,) bool are on time already.
    ``height_prior`` and ``groove`` are the style's. Front, path and holds of a ``plan`` count where
    nothing is constrained: a region that is danced again joins what is there.
    """
    leaps = leaps_of(plan)
    if groove is not None and plan is not None:
        groove = groove.resting([(held.time, held.time + held.seconds) for held in plan.holds])
    if constraint is None or fixed is None:
        cleaned = clean(
            staged(raw, fps, plan),
            accents,
            presence=presence,
            path=on_path(plan),
            timed=timed,
            height_prior=height_prior,
            groove=groove,
            leaps=leaps,
            pivots=None if plan is None else turning(plan.turns, len(raw), fps),
        )
        return keep_limbs_apart(true_hinges(cleaned))
    motion = constraint.motion
    features, heading = meet_heading(raw, fixed, fps)
    root, quats = motion.root.copy(), motion.rotations.copy()
    contacts = features[:, rep.CONTACTS] if motion.contacts is None else motion.contacts
    contacts = np.clip(contacts, 0.0, 1.0)
    path = partial(keep_on_stage, middle=motion.root[0])
    for start, stop in free_ranges(fixed.free, round(CONTEXT_S * fps)):
        part = slice(start, stop)
        place = rep.Place(float(root[start, 0]), float(root[start, 2]), float(heading[start]))
        own = Motion(fps, motion.root[part], motion.rotations[part], contacts[part])
        kept = MotionConstraint(own, constraint.mask[part])
        cleaned = clean(
            rep.decode(features[part], fps, place),
            accents - start / fps,
            presence=presence,
            path=path,
            constraint=kept,
            timed=None if timed is None else timed[part],
            height_prior=height_prior,
            groove=None if groove is None else groove.starting(start / fps),
            leaps=leaps.starting(start / fps),
        )
        cleaned = keep_limbs_apart(true_hinges(cleaned, kept), kept)
        root[part], quats[part] = cleaned.root, cleaned.rotations
        if cleaned.contacts is not None:
            contacts[part] = cleaned.contacts
    return Motion(fps, root, rot.continuous(quats), contacts)


def staged(raw: np.ndarray, fps: float, plan: Choreography | None) -> Motion:
    """The motion of features (T, 152) with its front and its held poses as planned."""
    if plan is None:
        return rep.decode(raw, fps)
    turned, heading = face_front(raw, fps, plan.front)
    turned = turned.copy()
    turned[:, rep.TURN] += turn_rates(plan.turns, len(raw), fps)[:, None]
    motion = rep.decode(turned, fps, rep.Place(heading=heading))
    return hold_poses(motion, plan.holds, plan.opening_s, plan.ending_s)


def leaps_of(plan: Choreography | None) -> Leaps:
    """The jumps of a plan."""
    jumps = () if plan is None else plan.jumps or ()
    return Leaps(np.array([j.time for j in jumps]), np.array([j.height for j in jumps]))


def on_path(plan: Choreography | None) -> Path:
    """What bends the way over the ground: along the plan's path, or to stay on the stage."""
    return keep_on_stage if plan is None else partial(_on_path, plan)


def _on_path(plan: Choreography, root: np.ndarray, fps: float) -> np.ndarray:
    path = plan.path or FloorPath()
    if path.points:
        moved = follow_path(root, fps, path)
    else:
        moved = keep_on_stage(stay_in_place(root, fps, path.stays) if path.stays else root, fps)
    marks = path.times
    return stand_in_holds(root, moved, fps, plan.holds, marks)
