"""A dance as poses of a rig, and poses of a rig as a dance.

Every bone's turn is told first as its turn in the armature's space since the
rest pose (``turned``); what a pose bone is given is that turn relative to the
bone it moves with. So rolls and rest directions of bones do not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .. import rotations as rot
from ..motion import Motion
from ..skeleton import INDEX, NUM_JOINTS, OFFSETS, PARENTS
from .plan import HIPS, Plan
from .wide import tilted


@dataclass(frozen=True)
class Pose:
    """What the bones of a rig are given over T frames.

    Attributes
    ----------
    rotations : (T, C, 4)
        Rotation of each control's bone on top of its rest pose, in its own axes.
    location : (T, 3)
        Location of the carrier bone, in the axes that its channels have.
    travel : (T, 3)
        What was taken out of ``location`` for the root bone or the object: the
        way over the floor, in armature space. Zero unless asked for.
    places : mapping of int to (T, 3)
        Locations of controls whose bone hangs on another one than it goes with.
    """

    rotations: np.ndarray
    location: np.ndarray
    travel: np.ndarray
    places: Mapping[int, np.ndarray] = field(default_factory=dict)


@dataclass
class Body:
    """The controls in armature space: ``turned`` (T, C, 4) since rest, ``hips`` (T, 3) placed.

    ``hips`` is the middle between the hip joints in core's axes and armature units.
    """

    turned: np.ndarray
    hips: np.ndarray


@dataclass(frozen=True)
class Dancer:
    """A dance with what is asked of it again and again: turns (T, 24, 4) and places (T, 24, 3)."""

    motion: Motion
    world: np.ndarray
    places: np.ndarray


def dancer_of(motion: Motion) -> Dancer:
    """Forward kinematics of a dance, once."""
    world = motion.global_rotations()
    places = np.empty((len(motion), NUM_JOINTS, 3))
    places[:, 0] = motion.root
    for j in range(1, NUM_JOINTS):
        p = PARENTS[j]
        places[:, j] = places[:, p] + rot.rotate(world[:, p], OFFSETS[j])
    return Dancer(motion, world, places)


def dance_body(plan: Plan, dancer: Dancer) -> Body:
    """The rig's bones turned as core's joints are, its hips on core's path made its size."""
    world, motion = dancer.world, dancer.motion
    turned = np.empty((len(motion), len(plan.controls), 4))
    back = rot.conjugate(plan.frame)
    for i, control in enumerate(plan.controls):
        q = world[:, control.low]
        if control.share > 1e-6:
            share = np.full(len(motion), control.share)
            q = rot.slerp(q, world[:, control.high], share)
        if i == plan.pivot:
            q = tilted(q, plan.width)
        q = rot.multiply(q, control.turn)
        turned[:, i] = rot.multiply(plan.frame, rot.multiply(q, back))
    hips = motion.root + rot.rotate(world[:, 0], np.broadcast_to(HIPS, motion.root.shape))
    hips = hips * plan.size
    hips[:, 1] += plan.floor + plan.lift
    hips = hips + plan.origin
    return Body(turned, hips)


def pose_of(plan: Plan, body: Body, travel: np.ndarray | None = None) -> Pose:
    """What the pose bones are given for the body to stand as it does.

    ``travel`` (T, 3), in core's axes and armature units, is carried by something
    above the carrier and taken out of its location.
    """
    rig = plan.rig
    rotations = np.empty_like(body.turned)
    for i, control in enumerate(plan.controls):
        rest = rig.rest[control.bone]
        own = rot.multiply(body.turned[:, i], rest)
        base = rot.multiply(_frame_turn(plan, body.turned, i), rest)
        rotations[:, i] = rot.multiply(rot.conjugate(base), own)
    shift = pivot_shift(plan, body)
    if travel is None:
        travel = np.zeros_like(shift)
    location = rot.rotate(rot.conjugate(_location_axes(plan)), plan.to_rig(shift - travel))
    places = _places(plan, body, plan.to_rig(shift - travel), plan.to_rig(travel))
    return Pose(rot.normalize(rotations), location, plan.to_rig(travel), places)


def _places(plan: Plan, body: Body, shift: np.ndarray, travel: np.ndarray) -> dict[int, np.ndarray]:
    """Locations (T, 3) of the controls that hang on other bones than they go with.

    ``shift`` (T, 3) is what the carrier is moved by, ``travel`` what something above it is,
    both in armature space.
    """
    rig = plan.rig
    if all(control.hangs < 0 for control in plan.controls):
        return {}
    heads = plan.to_rig(control_heads(plan, body))
    out = {}
    for i, control in enumerate(plan.controls):
        if control.hangs < 0:
            continue
        bone = control.bone
        turn = _frame_turn(plan, body.turned, i)
        if control.frame >= 0:
            at = plan.controls[control.frame].bone
            arm = np.broadcast_to(rig.heads[bone] - rig.heads[at], travel.shape)
            alone = heads[:, control.frame] + rot.rotate(body.turned[:, control.frame], arm)
        else:
            carried = shift if plan.carrier in rig.above(bone) else 0.0
            alone = np.broadcast_to(rig.heads[bone], travel.shape) + carried + travel
        axes = rig.rest[bone] if rig.local_location[bone] else rot.IDENTITY
        turn = rot.multiply(turn, np.broadcast_to(axes, turn.shape))
        out[i] = rot.rotate(rot.conjugate(turn), heads[:, i] - alone)
    return out


def pivot_shift(plan: Plan, body: Body) -> np.ndarray:
    """How far (T, 3) the pelvis bone's head moves from rest, core's axes, armature units."""
    hips = (plan.place("left_hip") + plan.place("right_hip")) / 2
    head = plan.to_core(plan.rig.heads[plan.controls[plan.pivot].bone])
    turned = in_core(plan, body.turned[:, plan.pivot])
    arm = np.broadcast_to(head - hips, body.hips.shape)
    return np.asarray(body.hips + rot.rotate(turned, arm) - head)


def control_heads(plan: Plan, body: Body) -> np.ndarray:
    """Where the heads of the controls' bones are, (T, C, 3), core's axes and armature units."""
    rest = plan.to_core(plan.rig.heads[[c.bone for c in plan.controls]])
    moved = rest[plan.pivot] + pivot_shift(plan, body)
    out = np.empty((len(moved), len(plan.controls), 3))
    for i, control in enumerate(plan.controls):
        if i == plan.pivot:
            out[:, i] = moved
        elif control.hangs >= 0:
            arm = np.broadcast_to(rest[i] - rest[control.hangs], moved.shape)
            turn = in_core(plan, body.turned[:, control.hangs])
            out[:, i] = out[:, control.hangs] + rot.rotate(turn, arm)
        elif control.frame < 0:
            out[:, i] = moved + rest[i] - rest[plan.pivot]
        else:
            arm = np.broadcast_to(rest[i] - rest[control.frame], moved.shape)
            turn = in_core(plan, body.turned[:, control.frame])
            out[:, i] = out[:, control.frame] + rot.rotate(turn, arm)
    return out


def in_core(plan: Plan, q: np.ndarray) -> np.ndarray:
    """Turns (..., 4) of the armature's space in core's axes."""
    return rot.multiply(rot.conjugate(plan.frame), rot.multiply(q, plan.frame))


def _frame_turn(plan: Plan, turned: np.ndarray, i: int) -> np.ndarray:
    """Turn (T, 4) since rest of what control ``i`` moves with."""
    control = plan.controls[i]
    if control.frame < 0:
        return np.broadcast_to(control.between, (len(turned), 4))
    return rot.multiply(turned[:, control.frame], control.between)


def _location_axes(plan: Plan) -> np.ndarray:
    """Rotation (4,) from the axes of the carrier's location channels to the armature's."""
    rig, bone = plan.rig, plan.carrier
    return rig.rest[bone] if rig.local_location[bone] else rot.IDENTITY


def body_of(plan: Plan, pose: Pose) -> Body:
    """The inverse of ``pose_of``."""
    rig = plan.rig
    turned = np.empty_like(pose.rotations)
    for i, control in enumerate(plan.controls):
        rest = rig.rest[control.bone]
        base = rot.multiply(_frame_turn(plan, turned, i), rest)
        turned[:, i] = rot.multiply(rot.multiply(base, pose.rotations[:, i]), rot.conjugate(rest))
    shift = plan.to_core(rot.rotate(_location_axes(plan), pose.location) + pose.travel)
    hips = (plan.place("left_hip") + plan.place("right_hip")) / 2
    head = plan.to_core(rig.heads[plan.controls[plan.pivot].bone])
    arm = np.broadcast_to(head - hips, shift.shape)
    return Body(turned, shift + head - rot.rotate(in_core(plan, turned[:, plan.pivot]), arm))


def motion_of(plan: Plan, body: Body, fps: float) -> Motion:
    """The dance that a body shows, in core's terms: the inverse of ``dance_body``.

    A joint without a bone keeps still on its parent; a spine or neck of another
    number of bones is shared out evenly.
    """
    known: dict[int, np.ndarray] = {}
    chains: dict[str, list[np.ndarray]] = {"spine": [], "neck": []}
    for i, control in enumerate(plan.controls):
        q = rot.multiply(in_core(plan, body.turned[:, i]), rot.conjugate(control.turn))
        if i == plan.pivot:
            q = tilted(q, plan.width, back=True)
        if control.part in chains:
            chains[control.part].append(q)
        else:
            known[INDEX[control.part]] = q
    if chains["spine"]:
        steps = [known[INDEX["pelvis"]], *chains["spine"]]
        for joint, at in (("spine1", 1 / 3), ("spine2", 2 / 3), ("spine3", 1.0)):
            known[INDEX[joint]] = _along(steps, at)
    if chains["neck"]:
        below = known.get(INDEX["spine3"], known[INDEX["pelvis"]])
        steps = [below, *chains["neck"], known.get(INDEX["head"], chains["neck"][-1])]
        known[INDEX["neck"]] = _along(steps, 0.5)
    world = np.empty((len(body.hips), NUM_JOINTS, 4))
    local = np.empty_like(world)
    for j in range(NUM_JOINTS):
        parent = PARENTS[j]
        above = world[:, parent] if parent >= 0 else None
        if j in known:
            world[:, j] = known[j]
        elif above is not None:
            world[:, j] = above
        local[:, j] = (
            world[:, j] if above is None else rot.multiply(rot.conjugate(above), world[:, j])
        )
    hips = body.hips - plan.origin
    hips[:, 1] -= plan.floor + plan.lift
    root = hips / plan.size - rot.rotate(world[:, 0], np.broadcast_to(HIPS, hips.shape))
    return Motion(fps, root, rot.continuous(rot.normalize(local)))


def _along(steps: list[np.ndarray], at: float) -> np.ndarray:
    """The rotation at a share of the way along a chain of rotations (T, 4)."""
    x = at * (len(steps) - 1)
    low = min(int(x + 1e-9), len(steps) - 1)
    high = min(low + 1, len(steps) - 1)
    if x - low < 1e-9:
        return steps[low]
    return rot.slerp(steps[low], steps[high], np.full(len(steps[low]), x - low))
