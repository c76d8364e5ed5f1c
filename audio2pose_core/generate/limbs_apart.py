"""Limbs that stay out of the body and of each other.

A network does not know how thick a body is. The body is that of the measure, capsules of a slim
dancer (``metrics.collisions``). Where a hand or the middle of a forearm is deeper inside trunk,
head or a thigh than clothes and flesh give way, the wrist goes out by the difference, with time to
come and go, and the arm follows by two-bone IK; of two arms each goes half of the way. Where the
legs are inside each other the foot that is free
goes round the other leg; of feet that both stand each stands a little further out, for as long as
it stands there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from .. import rotations as rot
from ..cleanup.constraints import MotionConstraint
from ..cleanup.curves import bridge_gaps, soft_push, upper_envelope
from ..cleanup.foot_lock import FADE_S, SETTLE_S
from ..cleanup.legs import LEGS, LegPose, leg_pose, solve_leg, write_leg
from ..metrics.collisions import FOREARM, HAND, SHIN, THIGH, Capsule, body_parts, closest
from ..motion import Motion
from ..retarget.limb import solve_limb, swung
from ..signals import runs
from ..skeleton import INDEX, PARENTS

GIVES = 0.012
"""Metres that parts may be inside each other: clothes and flesh give way."""
EASE_S = 0.15
MOST = 0.12
"""Metres that a wrist or an ankle is moved at most: what is deeper is meant, or lost."""
FEET = (slice(0, 2), slice(2, 4))
"""Columns of the contacts, left and right."""
KNEE_SHARE, LEAST_SHARE = 0.5, 0.4
"""How far a knee goes when the ankle is moved, and the least that is reckoned with."""
_BODY = ("trunk", "head", "left thigh", "right thigh")
_IN_THE_WAY = {
    other: (*((part, 1.0) for part in _BODY), (f"{other} forearm", 0.5), (f"{other} hand", 0.5))
    for other in ("left", "right")
}
"""What an arm keeps out of, by the side of the other arm, and its share of the way."""
ROUNDS = 2
"""The way out is another once a hand has moved."""


def keep_limbs_apart(motion: Motion, constraint: MotionConstraint | None = None) -> Motion:
    """The motion with its limbs apart; what is constrained, and where a foot stands, stays."""
    for step in (_legs_apart, _arms_out):
        for _ in range(ROUNDS):
            after = step(motion)
            if after is motion:
                break
            motion = after if constraint is None else constraint.apply(after)
    return motion


def _legs_apart(motion: Motion) -> Motion:
    """One round: the motion itself where the legs do not touch."""
    if motion.contacts is None:
        return motion
    legs = [leg_pose(motion.root, motion.rotations, leg) for leg in LEGS]
    stands = [motion.contacts[:, columns].max(axis=1) > 0.5 for columns in FEET]
    # The free foot makes all of the way; of two that stand, or are free, each makes half.
    own = [np.where(stands[k] == stands[1 - k], 0.5, ~stands[k]) for k in (0, 1)]
    pushes = [np.zeros((len(motion), 3)) for _ in LEGS]
    for left, right in product(*(_leg_parts(leg) for leg in legs)):
        shares, apart = closest(left.line, right.line)
        thick = left.line.radius + right.line.radius
        depth = thick - np.linalg.norm(apart, axis=1) - GIVES
        out = apart * np.array([1.0, 0.0, 1.0])
        for side, part in enumerate((left, right)):
            along = np.maximum(part.low + (part.high - part.low) * shares[side], LEAST_SHARE)
            way = own[side] * np.minimum(depth / along, MOST)
            push = soft_push(way, (1.0, -1.0)[side] * out, motion.fps, EASE_S)
            longer = np.linalg.norm(push, axis=1) > np.linalg.norm(pushes[side], axis=1)
            pushes[side] = np.where(longer[:, None], push, pushes[side])
    if not any(push.any() for push in pushes):
        return motion
    rotations = motion.rotations.copy()
    for leg, pose, push, stand in zip(LEGS, legs, pushes, stands, strict=True):
        shift = _stands_still(push, stand, motion.fps)
        thigh, shin, _ = solve_leg(pose, pose.ankle + shift)
        solved = rotations.copy()
        write_leg(solved, leg, thigh, shin, pose.foot, pose.toes)
        moved = np.linalg.norm(shift, axis=1) > 1e-4
        rotations[moved] = solved[moved]
    return replace(motion, rotations=rot.continuous(rotations))


@dataclass(frozen=True)
class _LegPart:
    """A part of a leg, and by how much its two ends go along when the ankle is moved."""

    line: Capsule
    low: float
    high: float


def _leg_parts(leg: LegPose) -> tuple[_LegPart, _LegPart]:
    """The shin, and the half of the thigh that is beside the knee."""
    middle = (leg.hip + leg.knee) / 2
    return (
        _LegPart(Capsule(leg.knee, leg.ankle, SHIN), KNEE_SHARE, 1.0),
        _LegPart(Capsule(middle, leg.knee, THIGH), KNEE_SHARE / 2, KNEE_SHARE),
    )


def _stands_still(push: np.ndarray, stands: np.ndarray, fps: float) -> np.ndarray:
    """The shift (T, 3) of a foot: where it stands (T,) bool the largest of that while, throughout.

    Between two stands it goes from one to the other, or to what it is pushed by on its way.
    """
    held = np.zeros_like(push)
    for first, stop in zip(*runs(stands), strict=True):
        part = push[first:stop]
        held[first:stop] = part[np.argmax(np.linalg.norm(part, axis=1))]
    held = bridge_gaps(held, stands, fps, SETTLE_S, FADE_S)
    free = ~stands[:, None] * (push - held)
    # Nothing of the way is added at once.
    reach = max(1, round(EASE_S * fps))
    off = 1.0 - np.minimum(upper_envelope(stands.astype(np.float64), reach), 1.0)
    more = np.linalg.norm(push, axis=1) > np.linalg.norm(held, axis=1)
    return np.asarray(held + np.where(more[:, None], off[:, None] * free, 0.0))


def _arms_out(motion: Motion) -> Motion:
    """One round: the motion itself where no arm is too deep."""
    world, at = motion.global_rotations(), motion.joint_positions()
    parts = body_parts(at, motion.tip_positions())
    rotations = motion.rotations.copy()
    found = False
    for side in ("left", "right"):
        collar, shoulder, elbow, wrist, hand = (
            INDEX[f"{side}_{n}"] for n in ("collar", "shoulder", "elbow", "wrist", "hand")
        )
        # Points of the arm, how thick it is there, and how far they go with the wrist.
        points = (
            ((3 * at[:, elbow] + at[:, wrist]) / 4, FOREARM, LEAST_SHARE),
            ((at[:, elbow] + at[:, wrist]) / 2, FOREARM, 0.5),
            (at[:, wrist], FOREARM, 1.0),
            (at[:, hand], HAND, 1.0),
        )
        other = "right" if side == "left" else "left"
        shift = np.zeros((len(motion), 3))
        for (point, thick, share), (name, own) in product(points, _IN_THE_WAY[other]):
            part = parts[name]
            off = closest(Capsule(point, point, thick), part)[1]
            depth = part.radius + thick - np.linalg.norm(off, axis=1)
            way = own * (depth - GIVES) / share
            push = soft_push(way, rot.normalize(off), motion.fps, EASE_S)
            longer = np.linalg.norm(push, axis=1) > np.linalg.norm(shift, axis=1)
            shift = np.where(longer[:, None], push, shift)
        length = np.linalg.norm(shift, axis=1)
        moved = length > 1e-4
        if not moved.any():
            continue
        found = True
        shift *= np.minimum(1.0, MOST / np.maximum(length, 1e-9))[:, None]
        root, hinge, end = at[:, shoulder], at[:, elbow], at[:, wrist]
        new_hinge, new_end = solve_limb(root, hinge, end, end + shift)
        upper = swung(world[:, shoulder], hinge - root, new_hinge - root)
        lower = swung(world[:, elbow], end - hinge, new_end - new_hinge)
        assert PARENTS[shoulder] == collar and PARENTS[elbow] == shoulder
        above = rot.multiply(rot.conjugate(world[:, collar]), upper)
        below = rot.multiply(rot.conjugate(upper), lower)
        rotations[moved, shoulder], rotations[moved, elbow] = above[moved], below[moved]
    return replace(motion, rotations=rot.continuous(rotations)) if found else motion
