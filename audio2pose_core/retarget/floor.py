"""Where a rig's floor is: at the armature's origin, or under the soles of the rest pose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .. import rotations as rot
from ..skeleton import INDEX, OFFSETS, REST_ANKLE_HEIGHT
from .rig import BoneMap, Rig

_CORE_LEG = float(sum(np.linalg.norm(OFFSETS[INDEX[n]]) for n in ("left_knee", "left_ankle")))
STANDS = 0.15
"""Soles within this of the world's floor, in leg lengths, stand on it."""
PLACED = 0.25
"""An armature's origin within this of the world's floor was put there to stand on it."""
UPRIGHT = 0.9
UNEVEN = 0.015
"""Legs of which one is shortened by a bend or a stride, by so much of its length more than the
other, are those of a step."""


def stands_on(rig: Rig, bones: Mapping[str, Sequence[str]], frame: np.ndarray) -> tuple[str, ...]:
    """The sides whose feet stand in the rest pose: both, or the lower one's where it is a step.

    Files of motion capture may have a frame of a walk for a rest pose.
    """
    back, sides = rot.conjugate(frame), ("left", "right")
    at = {
        (side, part): rot.rotate(back, rig.heads[rig.index[bones[f"{side}_{part}"][-1]]])
        for side in sides
        for part in ("hip", "knee", "ankle")
    }
    reach = []
    for side in sides:
        hip, knee, ankle = (at[side, part] for part in ("hip", "knee", "ankle"))
        leg = float(np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee))
        # Of a dancer whose legs differ in length neither is shortened.
        reach.append(float(hip[1] - ankle[1]) / leg if leg > 0 else 0.0)
    if abs(reach[0] - reach[1]) <= UNEVEN:
        return sides
    return (sides[int(np.argmax(reach))],)


def floor_of(
    rig: Rig, bone_map: BoneMap, frame: np.ndarray, leg: float, carrier: int
) -> tuple[float, float, bool]:
    """Height of the dance's floor, and of that on which the rest pose stands, in armature units
    along the rig's up; and whether the latter is the world's floor with all bones at rest.

    The floor is the armature's origin if the feet stand about there. Where they do not, as in
    an armature that was read from a BVH file and has its hips in the origin, the world tells:
    an object that was lifted so that its soles stand on the world's floor stands on them; one
    whose origin lies on it dances on its origin. Failing both the soles are the floor, but
    for a rig without a mesh that has its hips in the origin.
    """
    back = rot.conjugate(frame)

    def height(point: np.ndarray) -> float:
        return float(rot.rotate(back, point)[1])

    def place(part: str) -> np.ndarray:
        return np.asarray(rig.heads[rig.index[bone_map.bones[part][-1]]])

    on = stands_on(rig, bone_map.bones, frame)
    ankles = np.mean([place(f"{side}_ankle") for side in on], axis=0)
    ankle = height(ankles)
    lowest = ankle - REST_ANKLE_HEIGHT / _CORE_LEG * leg
    for side in ("left", "right"):
        for part in ("foot", "ankle"):
            name = bone_map.bone(f"{side}_{part}")
            if name is not None:
                b = rig.index[name]
                lowest = min(lowest, height(rig.heads[b]), height(rig.tails[b]))
    soles = max(lowest, ankle - 0.3 * leg)
    by_origin = -0.02 * leg < ankle < 0.3 * leg
    if by_origin:
        soles = 0.0

    def over_world(world: np.ndarray) -> float:
        """Height of the armature's origin, below the ankles, over the world's floor."""
        up = world[:3, :3] @ rot.rotate(frame, np.array([0.0, 1.0, 0.0]))
        unit = float(np.linalg.norm(up))
        if unit <= 0 or up[2] < UPRIGHT * unit:
            return np.inf
        return float((world[:3, :3] @ ankles + world[:3, 3])[2]) / unit - ankle

    stands = rig.world is None or abs(over_world(rig.world) + soles) < STANDS * leg
    if by_origin or rig.world is None:
        return soles, soles, stands
    now = over_world(rig.world @ placing(rig, carrier))
    in_origin = abs(height((place("left_hip") + place("right_hip")) / 2)) < PLACED * leg
    if abs(now + soles) < STANDS * leg:
        return soles, soles, stands
    if abs(now) < PLACED * leg or (in_origin and not rig.has_mesh):
        return 0.0, soles, stands
    return soles, soles, stands


def placing(rig: Rig, carrier: int) -> np.ndarray:
    """What (4, 4) the bones above the carrier, posed as they are now, do to the rest pose."""
    out = np.eye(4)
    for bone in rig.above(carrier)[::-1]:
        rest = np.eye(4)
        rest[:3, :3] = rot.to_matrix(rig.rest[bone])
        rest[:3, 3] = rig.heads[bone]
        own = np.eye(4)
        own[:3, :3] = rot.to_matrix(rig.basis[bone])
        if rig.scale is not None:
            own[:3, :3] = own[:3, :3] * rig.scale[bone]
        if rig.location is not None:
            own[:3, 3] = rig.location[bone]
            if not rig.local_location[bone]:
                own[:3, 3] = rot.rotate(rot.conjugate(rig.rest[bone]), rig.location[bone])
        out = out @ rest @ own @ np.linalg.inv(rest)
    return out
