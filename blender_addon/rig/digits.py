"""Channels of fingers, and of toes beside the one that plays a part.

Fingers show no part of core's motion: their keys are their own and may be deleted.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import retarget, rotations as rot
from .channel import Channel

SIDES = ("left", "right")
BESIDE = 0.6
"""Toes that begin within this of the foot's length from the one with a part bend with it."""


def finger_channels(
    armature: Any, plan: retarget.Plan, dancer: retarget.Dancer, amount: float
) -> list[Channel]:
    """Rotations of the finger bones of both hands."""
    out: list[Channel] = []
    for side in SIDES:
        joints = retarget.finger_joints(plan, side)
        if not joints:
            continue
        weights = retarget.hand_shapes(dancer, side)
        for joint in joints:
            turns = retarget.bends(joint, weights, amount, plan.rig.rest[joint.bone])
            out += _rotation(armature, plan.rig.names[joint.bone], turns)
    return out


def finger_bones(plan: retarget.Plan) -> set[str]:
    """Names of the bones that ``finger_channels`` keys."""
    return {
        plan.rig.names[joint.bone] for side in SIDES for joint in retarget.finger_joints(plan, side)
    }


def toe_channels(armature: Any, plan: retarget.Plan, body: retarget.Body) -> list[Channel]:
    """Rotations of the toes beside the one that plays a part: they bend as it does."""
    rig = plan.rig
    out: list[Channel] = []
    for side in SIDES:
        foot, ankle = plan.control(f"{side}_foot"), plan.control(f"{side}_ankle")
        if foot is None or ankle is None or plan.map.switches:
            continue
        toe, heel = plan.controls[foot].bone, plan.controls[ankle].bone
        reach = BESIDE * float(np.linalg.norm(rig.heads[toe] - rig.heads[heel]))
        bend = rot.multiply(rot.conjugate(body.turned[:, ankle]), body.turned[:, foot])
        for bone in np.flatnonzero(rig.parents == rig.parents[toe]):
            near = np.linalg.norm(rig.heads[bone] - rig.heads[toe]) < reach
            if bone == toe or not near or "toe" not in rig.names[bone].lower():
                continue
            rest = rig.rest[bone]
            turns = rot.multiply(rot.multiply(rot.conjugate(rest), bend), rest)
            out += _rotation(armature, rig.names[bone], turns)
    return out


def _rotation(armature: Any, name: str, turns: np.ndarray) -> list[Channel]:
    pose_bone = armature.pose.bones[name]
    mode = pose_bone.rotation_mode
    values = retarget.modes.to_values(rot.normalize(turns), mode)
    path = pose_bone.path_from_id(retarget.modes.channel(mode))
    return [Channel(path, i, name, values[:, i]) for i in range(values.shape[1])]
