"""Armatures as other programs bring them: their names, rest poses, rolls and proportions."""

from __future__ import annotations

from dataclasses import dataclass, field

import bpy
import numpy as np
from mathutils import Euler

from audio2pose_core import rotations as rot
from audio2pose_core.skeleton import END_SITES, INDEX, JOINTS, OFFSETS, PARENTS
from blender_addon.rig import own_armature

SIDED = ("hip", "knee", "ankle", "foot", "collar", "shoulder", "elbow", "wrist", "hand")


@dataclass(frozen=True)
class Family:
    """How a family calls core's joints, and how it stands.

    ``arms`` and ``legs`` are degrees that the limbs hang below the T-pose or
    stand apart, ``elbows`` degrees that the forearms bend forward. ``above`` are
    bones over the pelvis, from the floor up; the joint ``waist`` hangs on the
    last of them. ``axes`` are degrees by which the object stands the armature
    up, ``size`` factors of single bones' lengths. Two names joined by "+" are
    two bones in a row. ``origin`` is the joint that lies in the armature's origin, the floor
    if none; ``on_spine`` hangs the legs on the first bone of the spine.
    """

    names: dict[str, str]
    arms: float = 0.0
    legs: float = 0.0
    elbows: float = 0.0
    above: tuple[str, ...] = ()
    scale: float = 1.0
    axes: tuple[float, float, float] = (0.0, 0.0, 0.0)
    waist: str = ""
    size: dict[str, float] = field(default_factory=dict)
    origin: str = ""
    on_spine: bool = False


def names(centre: str, sided: str, left: str = "Left", right: str = "Right") -> dict[str, str]:
    """Core's joints to names: ``centre`` for pelvis .. head, ``sided`` patterns with {s}."""
    ours = ("pelvis", "spine1", "spine2", "spine3", "neck", "head")
    out = dict(zip(ours, centre.split(), strict=True))
    for part, pattern in zip(SIDED, sided.split(), strict=True):
        out[f"left_{part}"] = pattern.format(s=left)
        out[f"right_{part}"] = pattern.format(s=right)
    return {ours: theirs for ours, theirs in out.items() if theirs != "-"}


FAMILIES = {
    # Y up inside, turned upright by the object, in centimetres: as FBX comes in.
    "mixamo": Family(
        names(
            "mixamorig:Hips mixamorig:Spine mixamorig:Spine1 mixamorig:Spine2 mixamorig:Neck "
            "mixamorig:Head",
            "mixamorig:{s}UpLeg mixamorig:{s}Leg mixamorig:{s}Foot mixamorig:{s}ToeBase "
            "mixamorig:{s}Shoulder mixamorig:{s}Arm mixamorig:{s}ForeArm mixamorig:{s}Hand "
            "mixamorig:{s}HandMiddle1",
        ),
        scale=100.0,
        axes=(90.0, 0.0, 0.0),
        size={"hip": 1.1, "collar": 0.9, "wrist": 1.07},
    ),
    # A-pose with bent elbows, five spine bones, facing +X inside, a root bone.
    "unreal": Family(
        names(
            "pelvis spine_01+spine_02 spine_03+spine_04 spine_05 neck_01+neck_02 head",
            "thigh_{s} calf_{s} foot_{s} ball_{s} clavicle_{s} upperarm_{s} lowerarm_{s} hand_{s} "
            "middle_01_{s}",
            "l", "r",
        ),
        arms=48.0, elbows=18.0, legs=6.0, above=("root",), scale=100.0, axes=(0.0, 0.0, 90.0),
        size={"hip": 1.2, "knee": 1.06, "elbow": 1.1, "spine2": 1.2},
    ),
    "vrm": Family(
        names(
            "J_Bip_C_Hips J_Bip_C_Spine J_Bip_C_Chest J_Bip_C_UpperChest J_Bip_C_Neck J_Bip_C_Head",
            "J_Bip_{s}_UpperLeg J_Bip_{s}_LowerLeg J_Bip_{s}_Foot J_Bip_{s}_ToeBase "
            "J_Bip_{s}_Shoulder J_Bip_{s}_UpperArm J_Bip_{s}_LowerArm J_Bip_{s}_Hand "
            "J_Bip_{s}_Middle1",
            "L", "R",
        ),
        above=("Root",), size={"hip": 0.8, "knee": 0.93, "collar": 0.7, "elbow": 0.9},
    ),
    # The upper and the lower body hang side by side below the centre.
    "mmd": Family(
        names(
            "下半身 上半身 上半身2 - 首 頭",
            "{s}足 {s}ひざ {s}足首 {s}つま先 {s}肩 {s}腕 {s}ひじ {s}手首 {s}中指１", "左", "右",
        ),
        arms=38.0, above=("全ての親", "センター", "腰"), scale=12.5, waist="spine1",
        size={"hip": 0.75, "collar": 0.7, "knee": 0.97},
    ),
    "auto_rig_pro": Family(
        names(
            "c_root_master.x c_spine_01.x c_spine_02.x c_spine_03.x c_neck.x c_head.x",
            "c_thigh_fk.{s} c_leg_fk.{s} c_foot_fk.{s} c_toes_fk.{s} c_shoulder.{s} c_arm_fk.{s} "
            "c_forearm_fk.{s} c_hand_fk.{s} -",
            "l", "r",
        ),
        arms=30.0, above=("c_traj",), size={"elbow": 1.1},
    ),
    # Thighs, shins, upper and lower arms of two bones in a row each.
    "makehuman": Family(
        names(
            "root spine05+spine04 spine03+spine02 spine01 neck01+neck02+neck03 head",
            "upperleg01.{s}+upperleg02.{s} lowerleg01.{s}+lowerleg02.{s} foot.{s} toe3-1.{s} "
            "clavicle.{s} upperarm01.{s}+upperarm02.{s} lowerarm01.{s}+lowerarm02.{s} wrist.{s} "
            "finger3-1.{s}",
            "L", "R",
        ),
        arms=38.0, legs=4.0, size={"hip": 1.1},
    ),
    "daz_genesis8": Family(
        names(
            "pelvis abdomenLower+abdomenUpper chestLower chestUpper neckLower+neckUpper head",
            "{s}ThighBend+{s}ThighTwist {s}Shin {s}Foot+{s}Metatarsals {s}Toe {s}Collar "
            "{s}ShldrBend+{s}ShldrTwist {s}ForearmBend+{s}ForearmTwist {s}Hand {s}Mid1",
            "l", "r",
        ),
        arms=45.0, legs=5.0, above=("hip",), waist="spine1", scale=100.0, axes=(90.0, 0.0, 0.0),
    ),
    "daz_genesis9": Family(
        names(
            "pelvis spine1+spine2 spine3 spine4 neck1+neck2 head",
            "{s}_thigh {s}_shin {s}_foot+{s}_metatarsals {s}_toes {s}_shoulder {s}_upperarm "
            "{s}_forearm {s}_hand {s}_mid1",
            "l", "r",
        ),
        arms=45.0, legs=5.0, above=("hip",), waist="spine1", size={"knee": 1.05},
    ),
    "character_creator": Family(
        names(
            "CC_Base_Pelvis CC_Base_Waist CC_Base_Spine01 CC_Base_Spine02 "
            "CC_Base_NeckTwist01+CC_Base_NeckTwist02 CC_Base_Head",
            "CC_Base_{s}_Thigh CC_Base_{s}_Calf CC_Base_{s}_Foot CC_Base_{s}_ToeBase "
            "CC_Base_{s}_Clavicle CC_Base_{s}_Upperarm CC_Base_{s}_Forearm CC_Base_{s}_Hand "
            "CC_Base_{s}_Mid1",
            "L", "R",
        ),
        arms=40.0, above=("CC_Base_BoneRoot", "CC_Base_Hip"), waist="spine1", scale=100.0,
    ),
    # Legs that hang on the first bone of the spine, as an old Biped's do.
    "biped": Family(
        names(
            "Bip01_Pelvis Bip01_Spine Bip01_Spine1 Bip01_Spine2 Bip01_Neck Bip01_Head",
            "Bip01_{s}_Thigh Bip01_{s}_Calf Bip01_{s}_Foot Bip01_{s}_Toe0 Bip01_{s}_Clavicle "
            "Bip01_{s}_UpperArm Bip01_{s}_Forearm Bip01_{s}_Hand Bip01_{s}_Finger2",
            "L", "R",
        ),
        arms=50.0, above=("Bip01",), on_spine=True, scale=40.0,
    ),
    "valve": Family(
        names(
            "ValveBiped.Bip01_Pelvis ValveBiped.Bip01_Spine "
            "ValveBiped.Bip01_Spine1+ValveBiped.Bip01_Spine2 ValveBiped.Bip01_Spine4 "
            "ValveBiped.Bip01_Neck1 ValveBiped.Bip01_Head1",
            "ValveBiped.Bip01_{s}_Thigh ValveBiped.Bip01_{s}_Calf ValveBiped.Bip01_{s}_Foot "
            "ValveBiped.Bip01_{s}_Toe0 ValveBiped.Bip01_{s}_Clavicle "
            "ValveBiped.Bip01_{s}_UpperArm ValveBiped.Bip01_{s}_Forearm "
            "ValveBiped.Bip01_{s}_Hand ValveBiped.Bip01_{s}_Finger2",
            "L", "R",
        ),
        arms=45.0, scale=39.0, size={"hip": 1.1},
    ),
    "smplx": Family(
        names(
            "pelvis spine1 spine2 spine3 neck head+jaw",
            "{s}_hip {s}_knee {s}_ankle {s}_foot {s}_collar {s}_shoulder {s}_elbow {s}_wrist "
            "{s}_index1",
            "left", "right",
        ),
        above=("root",), origin="pelvis",
    ),
    "roblox": Family(
        names(
            "LowerTorso - - UpperTorso - Head",
            "{s}UpperLeg {s}LowerLeg {s}Foot - - {s}UpperArm {s}LowerArm {s}Hand -",
        ),
        above=("HumanoidRootPart",), size={"hip": 1.3, "knee": 0.8, "elbow": 0.8},
    ),
    "auto_rig_pro_export": Family(
        names(
            "root.x spine_01.x spine_02.x spine_03.x neck.x head.x",
            "thigh_twist.{s}+thigh_stretch.{s} leg_stretch.{s}+leg_twist.{s} foot.{s} toes_01.{s} "
            "shoulder.{s} arm_twist.{s}+arm_stretch.{s} forearm_stretch.{s}+forearm_twist.{s} "
            "hand.{s} middle1.{s}",
            "l", "r",
        ),
        arms=40.0,
    ),
    "perception_neuron": Family(
        names(
            "Hips Spine Spine1 Spine2+Spine3 Neck Head",
            "{s}UpLeg {s}Leg {s}Foot - {s}Shoulder {s}Arm {s}ForeArm {s}Hand {s}InHandMiddle",
        ),
        scale=100.0, axes=(90.0, 0.0, 0.0), origin="pelvis",
    ),
    "xsens": Family(
        names(
            "Pelvis L5 L3+T12 T8 Neck Head",
            "{s}UpperLeg {s}LowerLeg {s}Foot {s}Toe {s}Shoulder {s}UpperArm {s}ForeArm {s}Hand -",
        ),
        scale=100.0,
    ),
    "vrchat": Family(
        names(
            "Hips Spine Chest - Neck Head",
            "{s}_leg {s}_knee {s}_ankle {s}_toe {s}_shoulder {s}_arm {s}_elbow {s}_wrist -",
        ),
        arms=35.0, above=("Root",), size={"hip": 0.8, "knee": 0.95},
    ),
    # A small figure with a big head: short legs far apart, no collar bones, no hands.
    "unity": Family(
        names(
            "hips spine - chest - head",
            "upperleg.{s} lowerleg.{s} foot.{s} toes.{s} - upperarm.{s} lowerarm.{s} wrist.{s} -",
            "l", "r",
        ),
        above=("root",),
        size={"hip": 1.8, "knee": 0.5, "ankle": 0.36, "shoulder": 1.2, "elbow": 0.9, "wrist": 0.95},
    ),
    "cmu": Family(
        names(
            "root lowerback upperback thorax lowerneck head",
            "{s}femur {s}tibia {s}foot {s}toes {s}clavicle {s}humerus {s}radius {s}hand {s}fingers",
            "l", "r",
        ),
        legs=12.0, scale=17.0,
    ),
    "rokoko": Family(
        names(
            "Hips Spine1 Spine2 Spine3 Neck Head",
            "{s}Thigh {s}Shin {s}Foot {s}Toe {s}Shoulder {s}Arm {s}ForeArm {s}Hand -",
        ),
        size={"knee": 1.05, "ankle": 0.95},
    ),
}  # fmt: skip


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
    if family.origin:
        places -= places[INDEX[family.origin]]
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
    stand = Euler(np.deg2rad(family.axes)).to_matrix()
    inside = np.array(stand.inverted()) * family.scale

    def at(point: np.ndarray) -> np.ndarray:
        return inside @ own_armature.to_blender(point)

    with own_armature.context_restored() as layer:
        layer.objects.active = armature
        bpy.ops.object.mode_set(mode="EDIT")
        last: dict[int, bpy.types.EditBone] = {}
        over = None
        for above in family.above:
            bone = data.edit_bones.new(above)
            high = 0.0 if over is None else float(places[INDEX["spine1"], 1])
            bone.head, bone.tail = at(np.array([0, high, 0])), at(np.array([0, high, 0.1]))
            bone.parent, over = over, bone
        for j, joint in enumerate(JOINTS):
            up = PARENTS[j]
            while up >= 0 and up not in last:
                up = PARENTS[up]
            parent = last.get(up, over) if joint != family.waist else over
            if joint not in family.names:
                continue
            children = [k for k, p in enumerate(PARENTS) if p == j]
            tip = places[j] + rot.rotate(world[j], END_SITES.get(j, np.array([0.0, 0.1, 0.0])))
            if children:
                tip = places[INDEX["spine1"]] if joint == "pelvis" else places[children[0]]
            parts = family.names[joint].split("+")
            for i, part in enumerate(parts):
                bone = data.edit_bones.new(part)
                bone.head = at(places[j] + i / len(parts) * (tip - places[j]))
                bone.tail = at(places[j] + (i + 1) / len(parts) * (tip - places[j]))
                bone.roll = rng.uniform(-3, 3)
                bone.parent, parent = parent, bone
            last[j] = bone
        if family.on_spine:
            for side in ("left", "right"):
                hip = data.edit_bones[family.names[f"{side}_hip"].split("+")[0]]
                hip.parent = data.edit_bones[family.names["spine1"]]
        bpy.ops.object.mode_set(mode="OBJECT")
    armature.scale = [1 / family.scale] * 3
    armature.rotation_euler = np.deg2rad(family.axes)
    for i, pose_bone in enumerate(armature.pose.bones):
        pose_bone.rotation_mode = modes[i % len(modes)] if modes else "QUATERNION"
    return armature
