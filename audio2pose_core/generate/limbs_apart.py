"""Limbs that stay out of the body and of each other.

A network does not know how thick a body is. The body is that of the measure, capsules of a slim
dancer (``metrics.collisions``). Where a hand or the middle of a forearm is deeper inside trunk or
head than clothes and flesh give way, the wrist goes out by the difference, with time to come and
go, and the arm follows by two-bone IK. Where the shins are inside each other the foot that does not
stand goes round the other leg; of feet that both stand, neither moves.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import rotations as rot
from ..cleanup.constraints import MotionConstraint
from ..cleanup.curves import upper_envelope
from ..cleanup.legs import LEGS, leg_pose, solve_leg, write_leg
from ..metrics.collisions import FOREARM, HAND, HEAD, SHIN, SKULL, TRUNK, Capsule, closest
from ..motion import Motion
from ..retarget.limb import solve_limb, swung
from ..signals import gaussian_smooth
from ..skeleton import INDEX, PARENTS

GIVES = 0.025
"""Metres that parts may be inside each other: half of what counts as a fault."""
EASE_S = 0.15
MOST = 0.12
"""Metres that a wrist or an ankle is moved at most: what is deeper is meant, or lost."""
LEAST_SHARE = 0.4
"""The least by which a point of a shin is thought to go with the ankle; at the knee it is 0."""
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
    """One round: the motion itself where the shins do not touch."""
    if motion.contacts is None:
        return motion
    legs = [leg_pose(motion.root, motion.rotations, leg) for leg in LEGS]
    shins = [Capsule(leg.knee, leg.ankle, SHIN) for leg in legs]
    share, apart = closest(*shins)
    depth = 2 * SHIN - np.linalg.norm(apart, axis=1) - GIVES
    if not (depth > 0).any():
        return motion
    out = apart * np.array([1.0, 0.0, 1.0])
    reach = max(1, round(EASE_S * motion.fps))
    stands = [motion.contacts[:, columns].max(axis=1) for columns in (slice(0, 2), slice(2, 4))]
    free = np.stack([1.0 - np.minimum(upper_envelope(s, reach), 1.0) for s in stands])
    free /= np.maximum(free.sum(axis=0), 1.0)
    rotations = motion.rotations.copy()
    for side, (leg, pose, sign) in enumerate(zip(LEGS, legs, (1.0, -1.0), strict=True)):
        along = np.maximum(share[side], LEAST_SHARE)
        push = _push(np.minimum(depth / along, MOST), sign * out, motion.fps)
        shift = free[side][:, None] * push
        thigh, shin, _ = solve_leg(pose, pose.ankle + shift)
        solved = rotations.copy()
        write_leg(solved, leg, thigh, shin, pose.foot, pose.toes)
        moved = np.linalg.norm(shift, axis=1) > 1e-4
        rotations[moved] = solved[moved]
    return replace(motion, rotations=rot.continuous(rotations))


def _arms_out(motion: Motion) -> Motion:
    """One round: the motion itself where no arm is too deep."""
    world, at = motion.global_rotations(), motion.joint_positions()
    tips = motion.tip_positions()
    low, high = at[:, INDEX["pelvis"]], at[:, INDEX["neck"]]
    up = rot.normalize(tips[INDEX["head"]] - at[:, INDEX["head"]])
    skull = at[:, INDEX["head"]] + SKULL * up
    rotations = motion.rotations.copy()
    found = False
    for side in ("left", "right"):
        collar, shoulder, elbow, wrist, hand = (
            INDEX[f"{side}_{n}"] for n in ("collar", "shoulder", "elbow", "wrist", "hand")
        )
        # Points of the arm, how thick it is there, and how far they go with the wrist.
        points = (
            ((at[:, elbow] + at[:, wrist]) / 2, FOREARM, 0.5),
            (at[:, wrist], FOREARM, 1.0),
            (at[:, hand], HAND, 1.0),
        )
        shift = np.zeros((len(motion), 3))
        for point, thick, share in points:
            for depth, out in (
                _of_line(point, low, high, TRUNK + thick),
                _of_line(point, skull, skull, HEAD + thick),
            ):
                push = _push((depth - GIVES) / share, out, motion.fps)
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


def _of_line(
    point: np.ndarray, low: np.ndarray, high: np.ndarray, radius: float
) -> tuple[np.ndarray, np.ndarray]:
    """How deep (T,) points (T, 3) are in capsules, below 0 outside, and the way out (T, 3)."""
    along = high - low
    square = np.maximum(np.sum(along * along, axis=1), 1e-12)
    share = np.clip(np.sum((point - low) * along, axis=1) / square, 0.0, 1.0)
    off = point - (low + share[:, None] * along)
    return radius - np.linalg.norm(off, axis=1), rot.normalize(off)


def _push(depth: np.ndarray, out: np.ndarray, fps: float) -> np.ndarray:
    """Shift (T, 3) that takes a point out by ``depth`` (T,), coming and going softly."""
    if not (depth > 0).any():
        return np.zeros_like(out)
    amount = upper_envelope(np.maximum(depth, 0.0), max(1, round(EASE_S * fps)))
    return amount[:, None] * rot.normalize(gaussian_smooth(out, 0.5 * EASE_S * fps))
