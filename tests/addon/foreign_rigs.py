"""Armatures as other programs bring them: their names, rest poses, rolls and proportions."""

from __future__ import annotations

from dataclasses import dataclass, field

import bpy
import numpy as np

from audio2pose_core import rotations as rot
from audio2pose_core.skeleton import END_SITES, INDEX, JOINTS, OFFSETS, PARENTS
from blender_addon import rigs

SIDED = ("hip", "knee", "ankle", "foot", "collar", "shoulder", "elbow", "wrist", "hand")


@dataclass(frozen=True)
class Family:
    """How a family calls core's joints, and how it stands.

    ``arms`` and ``legs`` are degrees that the limbs hang below the T-pose or
    stand apart, ``elbows`` degrees that the forearms bend forward.
    """

    names: dict[str, str]
    arms: float = 0.0
    legs: float = 0.0
    elbows: float = 0.0
    above: tuple[str, ...] = ()
    scale: float = 1.0
    size: dict[str, float] = field(default_factory=dict)


def names(centre: str, sided: str, left: str = "Left", right: str = "Right") -> dict[str, str]:
    """Core's joints to names: ``centre`` for pelvis .. head, ``sided`` patterns with {s}."""
    ours = ("pelvis", "spine1", "spine2", "spine3", "neck", "head")
    out = dict(zip(ours, centre.split(), strict=True))
    for part, pattern in zip(SIDED, sided.split(), strict=True):
        out[f"left_{part}"] = pattern.format(s=left)
        out[f"right_{part}"] = pattern.format(s=right)
    return {ours: theirs for ours, theirs in out.items() if theirs != "-"}


FAMILIES = {
    "mixamo": Family(
        names(
            "mixamorig:Hips mixamorig:Spine mixamorig:Spine1 mixamorig:Spine2 mixamorig:Neck "
            "mixamorig:Head",
            "mixamorig:{s}UpLeg mixamorig:{s}Leg mixamorig:{s}Foot mixamorig:{s}ToeBase "
            "mixamorig:{s}Shoulder mixamorig:{s}Arm mixamorig:{s}ForeArm mixamorig:{s}Hand "
            "mixamorig:{s}HandMiddle1",
        ),
        scale=100.0,
        size={"hip": 1.1, "collar": 0.9, "wrist": 1.07},
    ),
}


def rest_pose(family: Family) -> tuple[np.ndarray, np.ndarray]:
    """World rotations (24, 4) of the rest pose and joint places (24, 3), core's axes, metres."""
    local = np.tile(rot.IDENTITY, (len(JOINTS), 1))
    for side, sign in (("left", 1.0), ("right", -1.0)):

        def turn(part: str, axis: int, degrees: float, side: str = side) -> None:
            angles = np.zeros(3)
            angles[axis] = np.deg2rad(degrees)
            local[INDEX[f"{side}_{part}"]] = rot.from_axis_angle(angles)

        turn("shoulder", 2, -sign * family.arms)
        turn("elbow", 1, -sign * family.elbows)
        turn("hip", 2, sign * family.legs)
        turn("ankle", 2, -sign * family.legs)
    world, places = local.copy(), np.zeros((len(JOINTS), 3))
    places[0, 1] = 0.93
    for j in range(1, len(JOINTS)):
        p = PARENTS[j]
        world[j] = rot.multiply(world[p], local[j])
        part = JOINTS[j].split("_")[-1]
        places[j] = places[p] + rot.rotate(world[p], OFFSETS[j]) * family.size.get(part, 1.0)
    # The soles stay on the floor.
    places[:, 1] -= places[INDEX["left_ankle"], 1] - 0.07
    return world, places


def build(
    name: str, family: Family, seed: int = 0, modes: tuple[str, ...] = ()
) -> bpy.types.Object:
    """An armature object with the family's bones, rolled at random, Z up, facing -Y."""
    rng = np.random.default_rng(seed)
    world, places = rest_pose(family)
    data = bpy.data.armatures.new(name)
    armature = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(armature)
    heads = rigs.to_blender(places) * family.scale
    with rigs.kept_context() as layer:
        layer.objects.active = armature
        bpy.ops.object.mode_set(mode="EDIT")
        parent = None
        for above in family.above:
            bone = data.edit_bones.new(above)
            bone.head, bone.tail = (0, 0, 0), (0, 0.1 * family.scale, 0)
            bone.parent, parent = parent, bone
        for j, joint in enumerate(JOINTS):
            if joint not in family.names:
                continue
            bone = data.edit_bones.new(family.names[joint])
            bone.head = heads[j]
            children = [k for k, p in enumerate(PARENTS) if p == j and JOINTS[k] in family.names]
            if children:
                bone.tail = heads[children[-1] if joint in ("pelvis",) else children[0]]
            else:
                tip = END_SITES.get(j, np.array([0.0, 0.1, 0.0]))
                bone.tail = heads[j] + rigs.to_blender(rot.rotate(world[j], tip)) * family.scale
            bone.roll = rng.uniform(-3, 3)
            up = PARENTS[j]
            while up >= 0 and JOINTS[up] not in family.names:
                up = PARENTS[up]
            bone.parent = data.edit_bones[family.names[JOINTS[up]]] if up >= 0 else parent
        bpy.ops.object.mode_set(mode="OBJECT")
    armature.scale = [1 / family.scale] * 3
    for i, pose_bone in enumerate(armature.pose.bones):
        pose_bone.rotation_mode = modes[i % len(modes)] if modes else "QUATERNION"
    return armature
