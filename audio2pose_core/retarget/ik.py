"""Legs on IK controls: a foot where it stands, a target that the knee points at.

The controls stand in the armature's own space (their parent is its root, at
rest). What they show is read back as the turns of thigh and shin that they
leave: directions by two-bone IK, the twist by the way of the knee.
"""

from __future__ import annotations

import numpy as np

from .. import rotations as rot
from .feet import BIAS, Leg, leg_of
from .limb import solve_limb
from .plan import Plan
from .pose import Body, in_core

SIDES = ("left", "right")
POLE = 0.6
"""How far before the knee its target is, in the leg's length."""
Values = dict[str, tuple[np.ndarray | None, np.ndarray | None]]
"""Bone -> location (T, 3) or None, rotation (T, 4) or None, as its channels have them."""


def ik_values(plan: Plan, body: Body) -> Values:
    """What the IK controls of both legs are given for the body to stand as it does."""
    rig, out = plan.rig, Values()
    for side in SIDES:
        names = _controls(plan, side)
        leg = leg_of(plan, body, side)
        thigh, _, foot = leg.controls
        # The foot: its control turns and goes with the ankle.
        bone = rig.index[names["ankle"]]
        rest_ankle = plan.to_rig(plan.place(f"{side}_ankle"))
        turned = body.turned[:, foot]
        arm = np.broadcast_to(rig.heads[bone] - rest_ankle, leg.ankle.shape)
        moved = plan.to_rig(leg.ankle) + rot.rotate(turned, arm) - rig.heads[bone]
        rest = rig.rest[bone]
        own = rot.multiply(rot.multiply(rot.conjugate(rest), turned), rest)
        out[names["ankle"]] = (rot.rotate(rot.conjugate(_axes(plan, bone)), moved), own)
        # The knee: its target lies before it, in the plane of the leg.
        pole = rig.index[names["pole"]]
        at = leg.knee + POLE * leg.length * _knee_front(plan, body, leg, thigh)
        shift = plan.to_rig(at) - rig.heads[pole]
        out[names["pole"]] = (rot.rotate(rot.conjugate(_axes(plan, pole)), shift), None)
        toes = plan.control(f"{side}_foot")
        if toes is not None and "foot" in names:
            rest = rig.rest[rig.index[names["foot"]]]
            bend = rot.multiply(rot.conjugate(turned), body.turned[:, toes])
            own = rot.multiply(rot.multiply(rot.conjugate(rest), bend), rest)
            out[names["foot"]] = (None, own)
    return out


def with_ik(plan: Plan, body: Body, values: Values) -> Body:
    """The body with the legs that IK controls show; the inverse of ``ik_values``."""
    rig = plan.rig
    turned = body.turned.copy()
    for side in SIDES:
        names = _controls(plan, side)
        leg = leg_of(plan, body, side)
        thigh, shin, foot = leg.controls
        bone = rig.index[names["ankle"]]
        location, own = values[names["ankle"]]
        assert location is not None and own is not None
        rest = rig.rest[bone]
        turned[:, foot] = rot.multiply(rot.multiply(rest, own), rot.conjugate(rest))
        arm = plan.to_rig(plan.place(f"{side}_ankle")) - rig.heads[bone]
        ankle = rig.heads[bone] + rot.rotate(_axes(plan, bone), location)
        ankle = ankle + rot.rotate(turned[:, foot], np.broadcast_to(arm, ankle.shape))
        ankle = plan.to_core(ankle)
        pole = rig.index[names["pole"]]
        shift, _ = values[names["pole"]]
        assert shift is not None
        target = plan.to_core(rig.heads[pole] + rot.rotate(_axes(plan, pole), shift))
        along = rot.normalize(ankle - leg.hip)
        front = target - leg.hip
        front = rot.normalize(front - np.sum(front * along, axis=1, keepdims=True) * along)
        # A leg of these bones, bent to the target's side, then brought to the ankle.
        upper = np.linalg.norm(leg.knee - leg.hip, axis=1, keepdims=True)
        lower = np.linalg.norm(leg.ankle - leg.knee, axis=1, keepdims=True)
        bent = leg.hip + upper * rot.normalize(along + front)
        straight = bent + lower * rot.normalize(along - front)
        knee, end = solve_limb(leg.hip, bent, straight, ankle)
        for control, bone_way in ((thigh, knee - leg.hip), (shin, end - knee)):
            turned[:, control] = _looking(plan, control, bone_way, front)
        toes = plan.control(f"{side}_foot")
        if toes is not None and "foot" in names:
            _, bend = values[names["foot"]]
            assert bend is not None
            rest = rig.rest[rig.index[names["foot"]]]
            bend = rot.multiply(rot.multiply(rest, bend), rot.conjugate(rest))
            turned[:, toes] = rot.multiply(turned[:, foot], bend)
    return Body(turned, body.hips)


def _controls(plan: Plan, side: str) -> dict[str, str]:
    found = {part: plan.map.ik.get(f"{side}_{part}", "") for part in ("ankle", "pole", "foot")}
    return {part: name for part, name in found.items() if name in plan.rig.index}


def _axes(plan: Plan, bone: int) -> np.ndarray:
    return plan.rig.rest[bone] if plan.rig.local_location[bone] else rot.IDENTITY


def _knee_front(plan: Plan, body: Body, leg: Leg, thigh: int) -> np.ndarray:
    """Unit vectors (T, 3) to which the knee points, at a right angle to the leg."""
    straight = rot.conjugate(plan.controls[thigh].turn)
    turn = rot.multiply(in_core(plan, body.turned[:, thigh]), straight)
    ahead = rot.rotate(turn, np.broadcast_to(np.array([0.0, 0.0, 1.0]), leg.hip.shape))
    along = rot.normalize(leg.ankle - leg.hip)

    def across(v: np.ndarray) -> np.ndarray:
        return v - np.sum(v * along, axis=1, keepdims=True) * along

    # Of a straight leg the thigh's own front is all there is to tell.
    return rot.normalize(
        across(leg.knee - leg.hip) + BIAS * plan.size * rot.normalize(across(ahead))
    )


def _looking(plan: Plan, control: int, way: np.ndarray, front: np.ndarray) -> np.ndarray:
    """Turn (T, 4) of a leg's bone that lies along ``way`` with its front to ``front``."""
    y = -rot.normalize(way)
    z = rot.normalize(front - np.sum(front * y, axis=1, keepdims=True) * y)
    turn = rot.from_matrix(np.stack([np.cross(y, z), y, z], axis=-1))
    turn = rot.multiply(turn, plan.controls[control].turn)
    return rot.multiply(plan.frame, rot.multiply(turn, rot.conjugate(plan.frame)))
