"""What earlier actions left on the pose, put back to rest by keys of the dance's own.

A bone keeps what an action gave it until another one keys it. A dance keys rotations, and the
location of what moves the body; a location or scale that stays below it, or a turned bone
between two that dance, would bend the figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import compat
from ..core import retarget, rotations as rot
from .channel import Channel

NOTHING = 1e-6
_AT_REST = {"location": (0.0, 0.0, 0.0), "scale": (1.0, 1.0, 1.0)}


def channels(armature: Any, plan: retarget.Plan, count: int, keyed: set[str]) -> list[Channel]:
    """Constant channels of ``count`` frames for what has to be at rest and is not.

    ``keyed`` are the data paths that the dance keys by itself. A number is put to rest where
    it is not there now, or where an action of the armature's keys it and may play before the
    dance does.
    """
    animated = _animated(armature)
    out: list[Channel] = []
    for name, properties in _meant(armature, plan, animated):
        pose_bone = armature.pose.bones[name]
        for prop in properties:
            if prop == "rotation":
                prop = retarget.modes.channel(pose_bone.rotation_mode)
                rest = retarget.modes.to_values(rot.IDENTITY[None], pose_bone.rotation_mode)[0]
            else:
                rest = np.array(_AT_REST[prop])
            path = pose_bone.path_from_id(prop)
            now = np.array(getattr(pose_bone, prop))
            if path in keyed or not (path in animated or np.abs(now - rest).max() > NOTHING):
                continue
            out += [
                Channel(path, i, name, np.full(count, float(value))) for i, value in enumerate(rest)
            ]
    return out


def is_clean(armature: Any, moved: str) -> bool:
    """Whether no bone has, or may get from another action, a location or scale of its own.

    ``moved`` is the bone that the dance moves.
    """
    animated = _animated(armature)
    for pose_bone in armature.pose.bones:
        for prop, rest in _AT_REST.items():
            if prop == "location" and (pose_bone.name == moved or pose_bone.bone.use_connect):
                continue
            now = np.array(getattr(pose_bone, prop))
            if pose_bone.path_from_id(prop) in animated or np.abs(now - rest).max() > NOTHING:
                return False
    return True


def between(plan: retarget.Plan) -> set[int]:
    """Bones without a part between those that have one: what turns them bends the figure."""
    rig = plan.rig
    place = set(rig.above(plan.carrier))
    danced = {control.bone for control in plan.controls}
    found = {b for bone in danced for b in rig.above(bone)} | {plan.carrier}
    return {b for b in found - place - danced if rig.names[b] not in plan.map.still}


def _meant(
    armature: Any, plan: retarget.Plan, animated: set[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Bones and the properties of theirs that have to be at rest."""
    rig = plan.rig
    danced = {control.bone for control in plan.controls}
    resting = set() if plan.map.switches else between(plan)
    for bone in sorted(danced | resting):
        some = () if rig.connected[bone] else ("location",)
        if bone == plan.carrier:
            some = ()
        yield rig.names[bone], (*some, "scale", *(("rotation",) if bone in resting else ()))
    # What lies above places the figure, so that it stays as it was put, unless an action moves
    # it and the figure stands without that.
    if not plan.stands:
        return
    for bone in sorted(rig.above(plan.carrier)):
        pose_bone = armature.pose.bones[rig.names[bone]]
        names = {p: pose_bone.path_from_id(p) for p in ("location", "scale")}
        names["rotation"] = pose_bone.path_from_id(retarget.modes.channel(pose_bone.rotation_mode))
        yield rig.names[bone], tuple(p for p, path in names.items() if path in animated)


def _animated(armature: Any) -> set[str]:
    """Data paths that the armature's action and the strips of its tracks key."""
    animation = armature.animation_data
    if animation is None:
        return set()
    found = {curve.data_path for curve in compat.fcurves_of(armature)}
    for track in animation.nla_tracks:
        for strip in track.strips:
            if strip.action is None or strip.action_slot is None:
                continue
            bag = compat.channelbag(strip.action, strip.action_slot)
            found |= set() if bag is None else {curve.data_path for curve in bag.fcurves}
    return found
