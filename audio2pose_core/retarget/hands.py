"""Hands that stay out of somebody else's body.

A slim dancer's hands on the hips would sink into a stout rig. The trunk is taken
as a capsule (a thick line, flatter in front than at the sides) from the hips to the
neck, the head as a ball: as wide as the rig's mesh is, or else as the shoulders say.
Where a hand is deeper inside than core's own hand is in core's body, it is pushed out
by the difference, with time to come and go, and the arm follows by two-bone IK.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import rotations as rot
from ..cleanup.curves import soft_push
from ..skeleton import INDEX, OFFSETS, rest_positions
from .limb import solve_limb, swung
from .plan import Girth, Plan
from .pose import Body, Dancer, control_heads, in_core

TRUNK = 0.62
HEAD = 0.55
"""Radius of trunk and head in half the distance between the shoulder joints."""
SKULL = 0.45
"""Middle of the head above its joint, in the same."""
EASE_S = 0.15
MOST = 1.0
"""A hand is pushed by no more than this, in the trunk's radius: deeper is meant, or lost."""
TOUCH = 0.04
"""Metres that core's own hand may be inside its trunk, which is thicker than a body before the
belly: no reason to let it into a trunk that is as thick as its mesh."""
ROUNDS = 3
SIDES = ("left", "right")


@dataclass(frozen=True)
class Trunk:
    """Trunk and head over T frames.

    Attributes
    ----------
    low, high : (T, 3)
        The ends of the trunk's middle line.
    left : (T, 3)
        Its left, a unit vector at a right angle to the line.
    head : (T, 3)
        The head's middle.
    girth : Girth
        How far both reach from there.
    """

    low: np.ndarray
    high: np.ndarray
    left: np.ndarray
    head: np.ndarray
    girth: Girth

    def depth(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How deep (T,) a point (T, 3) is inside, below 0 outside; and the way out (T, 3)."""
        along = self.high - self.low
        share = np.sum((point - self.low) * along, axis=1) / np.sum(along * along, axis=1)
        nearest = self.low + np.clip(share, 0.0, 1.0)[:, None] * along
        off = point - nearest
        up = rot.normalize(along)
        front = np.cross(self.left, up)
        parts = np.stack([np.sum(off * axis, axis=1) for axis in (self.left, front, up)], axis=1)
        ahead = np.where(parts[:, 1] < 0, self.girth.back, self.girth.front)
        radii = np.stack([np.full(len(off), self.girth.side), ahead, ahead], axis=1)
        # An ellipse: the radius in a direction is the distance over its share of it.
        distance = np.linalg.norm(off, axis=1)
        reach = np.maximum(np.linalg.norm(parts / radii, axis=1), 1e-9)
        trunk = distance / reach - distance
        steep = parts / radii**2
        out_trunk = sum(steep[:, i : i + 1] * axis for i, axis in enumerate((self.left, front, up)))
        off_head = point - self.head
        head = self.girth.head - np.linalg.norm(off_head, axis=1)
        out = np.where((trunk >= head)[:, None], rot.normalize(out_trunk), off_head)
        return np.maximum(trunk, head), rot.normalize(out)


def spare_body(plan: Plan, body: Body, dancer: Dancer) -> Body:
    """The body with its hands no deeper in its trunk and head than core's are in core's own."""
    ours = _core_trunk(dancer)
    # The way out is another once a hand has moved: a few rounds come near enough.
    for _ in range(ROUNDS):
        after = _pushed(plan, body, dancer, ours)
        if after is body:
            break
        body = after
    return body


def _pushed(plan: Plan, body: Body, dancer: Dancer, ours: Trunk) -> Body:
    """One round: the body itself where no hand is too deep."""
    places, world, fps = dancer.places, dancer.world, dancer.motion.fps
    heads = control_heads(plan, body)
    trunk = _trunk(plan, body, heads)
    found = False
    turned = body.turned.copy()
    for side in SIDES:
        controls = [plan.control(f"{side}_{p}") for p in ("shoulder", "elbow")]
        upper, lower = (c for c in controls if c is not None)
        # Of an arm without a wrist the forearm carries the palm.
        own = plan.control(f"{side}_wrist")
        hand = lower if own is None else own
        palm = OFFSETS[INDEX[f"{side}_hand"]]
        wrist = heads[:, lower] + rot.rotate(
            in_core(plan, body.turned[:, lower]),
            np.broadcast_to(plan.wrist(side) - plan.place(f"{side}_elbow"), heads[:, lower].shape),
        )
        turn = in_core(plan, body.turned[:, hand])
        core_wrist = places[:, INDEX[f"{side}_wrist"]]
        core_turn = world[:, INDEX[f"{side}_wrist"]]
        shift = np.zeros_like(wrist)
        for theirs, ours_at in ((np.zeros(3), np.zeros(3)), (plan.palm(side), palm)):
            depth, out = trunk.depth(wrist + rot.rotate(turn, np.broadcast_to(theirs, wrist.shape)))
            at = core_wrist + rot.rotate(core_turn, np.broadcast_to(ours_at, wrist.shape))
            own_depth = ours.depth(at)[0] - (0.0 if plan.girth is None else TOUCH)
            allowed = np.maximum(own_depth, 0.0) * trunk.girth.side / ours.girth.side
            push = soft_push(depth - allowed, out, fps, EASE_S)
            deeper = np.linalg.norm(push, axis=1) > np.linalg.norm(shift, axis=1)
            shift = np.where(deeper[:, None], push, shift)
        length = np.linalg.norm(shift, axis=1)
        most = MOST * trunk.girth.side
        moved = length > 1e-4 * most
        if not moved.any():
            continue
        found = True
        shift *= np.minimum(1.0, most / np.maximum(length, 1e-9))[:, None]
        root, hinge = heads[:, upper], heads[:, lower]
        elbow, end = solve_limb(root, hinge, wrist, wrist + shift)
        for control, was, now in (
            (upper, hinge - root, elbow - root),
            (lower, wrist - hinge, end - elbow),
        ):
            new = swung(turned[:, control], plan.to_rig(was), plan.to_rig(now))
            turned[moved, control] = new[moved]
    return Body(turned, body.hips) if found else body


def _trunk(plan: Plan, body: Body, heads: np.ndarray) -> Trunk:
    shoulders = [plan.control(f"{side}_shoulder") for side in SIDES]
    a, b = (heads[:, s] for s in shoulders if s is not None)
    rest = plan.place("left_shoulder") - plan.place("right_shoulder")
    girth = plan.girth or by_shoulders(float(np.linalg.norm(rest)) / 2)
    top = (a + b) / 2
    head = plan.control("head")
    if head is None:
        # Of a rig without a head nothing can be hit there.
        middle = top
    else:
        straight = rot.conjugate(plan.controls[head].turn)
        turn = rot.multiply(in_core(plan, body.turned[:, head]), straight)
        above = np.broadcast_to(np.array([0.0, girth.skull, girth.face]), top.shape)
        middle = heads[:, head] + rot.rotate(turn, above)
    return Trunk(body.hips, top, _across(a - b, top - body.hips), middle, girth)


def _core_trunk(dancer: Dancer) -> Trunk:
    places, world = dancer.places, dancer.world
    rest = rest_positions()

    def middle(part: str) -> np.ndarray:
        return (places[:, INDEX[f"left_{part}"]] + places[:, INDEX[f"right_{part}"]]) / 2

    girth = by_shoulders(float(rest[INDEX["left_shoulder"], 0]))
    above = np.broadcast_to(np.array([0.0, girth.skull, 0.0]), places[:, 0].shape)
    head = places[:, INDEX["head"]] + rot.rotate(world[:, INDEX["head"]], above)
    low, high = middle("hip"), middle("shoulder")
    across = places[:, INDEX["left_shoulder"]] - places[:, INDEX["right_shoulder"]]
    return Trunk(low, high, _across(across, high - low), head, girth)


def _across(left: np.ndarray, up: np.ndarray) -> np.ndarray:
    along = rot.normalize(up)
    return rot.normalize(left - np.sum(left * along, axis=1, keepdims=True) * along)


def by_shoulders(half: float) -> Girth:
    """Trunk and head as wide as half the distance between the shoulder joints lets expect."""
    trunk = TRUNK * half
    return Girth(trunk, trunk, trunk, HEAD * half, SKULL * half)
