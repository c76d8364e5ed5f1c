"""The matrix of rigs: one of each kind that people bring, as a case (JSON), and its joints.

Families of names come from ``foreign_rigs``; what differs otherwise is made here: IK feet on
the root, hands that are only palms, a pose that earlier actions left, a wide body with a mesh.
``files_of`` gives the cases of a folder, which need not be part of the repository.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
import foreign_rigs
import numpy as np
import rig_measures
from foreign_rigs import FAMILIES, SIDED
from mathutils import Matrix, Quaternion, Vector

from blender_addon import compat
from blender_addon.rig import own_armature


@dataclass(frozen=True)
class Kind:
    """A rig, how to build it, and what is known of it.

    ``degrees`` are what the worst of its limbs may be off; ``rest_floor`` is the height in the
    world on which the rest pose stands; ``trunk`` are bones that a mesh's hands keep out of;
    ``fronts`` are where feet point that do not stand at rest.
    """

    build: Callable[[], Any]
    joints: dict[str, str]
    title: str
    degrees: float = 3.0
    rest_floor: float = 0.0
    trunk: tuple[str, ...] = field(default=())
    fronts: dict[str, tuple[float, float, float]] = field(default_factory=dict)


def sided(patterns: str, left: str = "L", right: str = "R") -> dict[str, str]:
    """Core's joints of ``SIDED`` to bones: patterns with {s} in order, "-" for none."""
    return {
        f"{side}_{part}": pattern.replace("{s}", letter)
        for side, letter in (("left", left), ("right", right))
        for part, pattern in zip(SIDED, patterns.split(), strict=True)
        if pattern != "-"
    }


def case_of(
    name: str, bones: dict[str, tuple[str, tuple[float, ...], tuple[float, ...]]], **more: Any
) -> dict[str, Any]:
    """A case of bones by name: parent, head, tail."""
    out = []
    for bone, (parent, head, tail) in bones.items():
        along = Vector(tail) - Vector(head)
        matrix = along.to_track_quat("Y", "Z").to_matrix().to_4x4()
        matrix.translation = Vector(head)
        rows = [list(row) for row in matrix]
        out.append({"name": bone, "parent": parent, "matrix": rows, "length": along.length})
    # What is read from a file is what is tested.
    return json.loads(json.dumps({"name": name, "bones": out, **more}))


def robot() -> Any:
    """Hands that are palms, feet that hang on the root for IK, legs beside the pelvis; the root's
    own pose brings it from far away to where it stands."""
    far = Vector((-2.0, 3.0, 1.0))
    bones: dict[str, tuple[str, tuple[float, ...], tuple[float, ...]]] = {
        "Bone": ("", (0, 0, 0), (0, 0, 0.1)),
        "Body": ("Bone", (0, 0, 0.5), (0, 0, 0.6)),
        "Hips": ("Body", (0, 0, 0.5), (0, 0, 0.65)),
        "Abdomen": ("Hips", (0, 0, 0.65), (0, 0, 0.8)),
        "Torso": ("Abdomen", (0, 0, 0.8), (0, 0, 1.0)),
        "Neck": ("Torso", (0, 0, 1.0), (0, 0, 1.1)),
        "Head": ("Neck", (0, 0, 1.1), (0, 0, 1.5)),
    }
    for side, x in (("L", 1.0), ("R", -1.0)):
        bones |= {
            f"UpperLeg.{side}": ("Body", (0.14 * x, 0, 0.48), (0.14 * x, -0.01, 0.28)),
            f"LowerLeg.{side}": (f"UpperLeg.{side}", (0.14 * x, -0.01, 0.28), (0.14 * x, 0, 0.07)),
            f"Foot.{side}": ("Bone", (0.14 * x, 0, 0.07), (0.14 * x, -0.14, 0.02)),
            f"PoleTarget.{side}": ("Bone", (0.14 * x, -0.8, 0.28), (0.14 * x, -0.9, 0.28)),
            f"Shoulder.{side}": ("Torso", (0.05 * x, 0, 0.95), (0.15 * x, 0, 0.95)),
            f"UpperArm.{side}": (f"Shoulder.{side}", (0.15 * x, 0, 0.95), (0.35 * x, 0, 0.94)),
            f"LowerArm.{side}": (f"UpperArm.{side}", (0.35 * x, 0, 0.94), (0.55 * x, 0, 0.95)),
        }
        for i, y in enumerate((-0.03, 0.0, 0.03), start=1):
            palm = f"Palm{i}.{side}"
            bones[palm] = (f"LowerArm.{side}", (0.55 * x, y, 0.95), (0.65 * x, y, 0.95))
            bones[f"Finger{i}.{side}"] = (palm, (0.65 * x, y, 0.95), (0.7 * x, y, 0.95))
    moved = {
        name: (parent, tuple(Vector(head) + far), tuple(Vector(tail) + far))
        for name, (parent, head, tail) in bones.items()
    }
    case = case_of("robot", moved)
    rest = Matrix(case["bones"][0]["matrix"]).to_quaternion()
    place = Matrix.Translation(rest.inverted() @ -far)
    case["bones"][0]["left_over"] = [list(row) for row in place]
    return rig_measures.build(case)


def left_over() -> Any:
    """An action of its own keys locations and scales of bones that no dance keys, and twist bones
    that lie between two that dance; another bone was only left so."""
    armature = foreign_rigs.build("left over", FAMILIES["makehuman"])
    action, bag = compat.new_action(armature, "Walk")
    for bone, prop, values in (
        ("upperleg01.L", "scale", (1.0, 1.1, 1.0)),
        ("lowerleg01.R", "location", (0.0, 0.05, 0.02)),
        ("upperleg02.R", "rotation_quaternion", tuple(Quaternion((0, 1, 0), 0.4))),
        ("spine04", "scale", (1.2, 1.2, 1.2)),
    ):
        pose_bone = armature.pose.bones[bone]
        setattr(pose_bone, prop, values)
        for i, value in enumerate(values):
            curve = compat.new_fcurve(bag, pose_bone.path_from_id(prop), i, bone)
            curve.keyframe_points.insert(1, value)
            curve.keyframe_points.insert(20, value)
    armature.pose.bones["foot.R"].location = (0.03, 0.0, 0.04)
    armature.pose.bones["foot.L"].scale = (1.3, 1.3, 1.3)
    assert action.name
    return armature


def knight() -> Any:
    """Short legs far apart, short arms, a wide body with a mesh."""
    armature = foreign_rigs.build("knight", FAMILIES["unity"])
    rig_measures.clothe(armature, ("hips", "spine", "chest"), 0.24, 0.17, "head")
    return armature


def lifted() -> Any:
    """Its hips in the origin, and the object lifted so that it stands on the floor."""
    armature = foreign_rigs.build("lifted", FAMILIES["smplx"])
    lowest = min(bone.head_local.z for bone in armature.data.bones if "foot" in bone.name)
    armature.location.z = 0.02 - lowest
    bpy.context.view_layer.update()
    return armature


def laid() -> Any:
    """Legs laid along an axis at rest, one to each side, as some files of motion capture have
    them; the pose stands."""
    armature = foreign_rigs.build("laid", FAMILIES["rokoko"])
    for flat in (True, False):
        bones = armature.pose.bones
        for name, degrees in (("LeftThigh", -80.0), ("RightThigh", 80.0)):
            bpy.context.view_layer.update()
            turn = Matrix.Rotation(np.deg2rad(degrees if flat else -degrees), 4, "Y")
            place = Matrix.Translation(bones[name].matrix.translation)
            bones[name].matrix = place @ turn @ place.inverted() @ bones[name].matrix
        bpy.context.view_layer.update()
        if flat:
            apply_pose(armature)
    return armature


def apply_pose(armature: Any) -> None:
    """Make the pose that an armature shows its rest pose, as a person would."""
    with own_armature.context_restored() as layer:
        layer.objects.active = armature
        bpy.ops.object.mode_set(mode="POSE")
        bpy.ops.pose.armature_apply()
        bpy.ops.object.mode_set(mode="OBJECT")


STEP = np.deg2rad(55.0)
"""How far down the toes of the foot in the air are turned."""


def step() -> Any:
    """A frame of a walk for a rest pose, as files of motion capture have it: one foot behind in the
    air, its toes down."""
    armature = foreign_rigs.build("step", FAMILIES["rokoko"])
    bones = armature.pose.bones
    for name, degrees in (("LeftThigh", -15.0), ("LeftShin", 50.0), ("LeftFoot", 20.0)):
        bpy.context.view_layer.update()
        pivot = bones[name].matrix.translation.copy()
        turn = Matrix.Rotation(np.deg2rad(degrees), 4, "X")
        place = Matrix.Translation(pivot)
        bones[name].matrix = place @ turn @ place.inverted() @ bones[name].matrix
    apply_pose(armature)
    return armature


def _family(name: str) -> Kind:
    family = FAMILIES[name]
    joints = {
        joint: bones.split("+")[0]
        for joint, bones in family.names.items()
        if joint.split("_")[-1] in SIDED and not joint.endswith(("hand", "collar"))
    }
    _, places = foreign_rigs.rest_pose(family)
    ankle = float(places[:, 1].min()) if family.origin else 0.0
    return Kind(
        lambda: foreign_rigs.build(name, family), joints, TITLES[name],
        rest_floor=ankle - 0.02 if family.origin else 0.0,
        # Short legs far apart: what keeps the feet where they stand takes more.
        degrees=6.0 if name in ("unity", "roblox") else 3.0,
    )  # fmt: skip


TITLES = {
    "mixamo": "Mixamo", "unreal": "Unreal mannequin", "vrm": "VRM", "mmd": "MMD",
    "auto_rig_pro": "Auto-Rig Pro", "makehuman": "MakeHuman",
    "daz_genesis8": "Daz Genesis 3 or 8", "daz_genesis9": "Daz Genesis 9",
    "character_creator": "Character Creator", "biped": "3ds Max Biped",
    "valve": "Source engine (ValveBiped)", "smplx": "SMPL-X", "roblox": "Roblox R15",
    "auto_rig_pro_export": "Auto-Rig Pro (exported)", "perception_neuron": "Perception Neuron",
    "xsens": "Xsens", "vrchat": "VRChat names", "unity": "Unity humanoid names", "cmu": "CMU",
    "rokoko": "Rokoko",
}  # fmt: skip

KINDS: dict[str, Kind] = {name: _family(name) for name in FAMILIES} | {
    "robot": Kind(
        robot,
        sided(
            "UpperLeg.{s} LowerLeg.{s} Foot.{s} - - UpperArm.{s} LowerArm.{s} Palm2.{s} -"
        ),
        "Unity humanoid names",
        degrees=6.0,
        rest_floor=1.0,
    ),
    "left_over": Kind(left_over, _family("makehuman").joints, "MakeHuman"),
    "knight": Kind(
        knight, _family("unity").joints, "Unity humanoid names", degrees=12.0,
        trunk=("wrist.l", "wrist.r"),
    ),
    "step": Kind(
        step, _family("rokoko").joints, "Rokoko",
        fronts={"left": (0.0, -float(np.cos(STEP)), -float(np.sin(STEP)))},
    ),
    "lifted": Kind(lifted, _family("smplx").joints, "SMPL-X"),
}  # fmt: skip
"""A family's name or a kind's to how it is built and what is known of it."""


CASES = {
    "makehuman_default": Kind(
        lambda: None,
        sided(
            "upperleg01.{s} lowerleg01.{s} foot.{s} toe3-1.{s} - upperarm01.{s} lowerarm01.{s} "
            "wrist.{s} -"
        ),
        "MakeHuman",
    ),
    "bvh_cmu": Kind(
        lambda: None,
        sided(
            "{s}UpLeg {s}Leg {s}Foot {s}ToeBase - {s}Arm {s}ForeArm {s}Hand -", "Left", "Right"
        ),
        "CMU",
        rest_floor=-17.14,
    ),
    "mannequiny_left_over": Kind(
        lambda: None,
        sided(
            "thigh.{s} calf.{s} foot.{s} ball.{s} - upperarm.{s} lowerarm.{s} hand.{s} -", "l", "r"
        ),
        "Unreal mannequin",
    ),
    "robotexpressive": Kind(
        lambda: None,
        sided("UpperLeg.{s} LowerLeg.{s} Foot.{s} - - UpperArm.{s} LowerArm.{s} - -"),
        "Unity humanoid names",
        degrees=8.0,
        rest_floor=-261.9,
    ),
    "cc3": Kind(
        lambda: None,
        sided(
            "CC_Base_{s}_Thigh CC_Base_{s}_Calf CC_Base_{s}_Foot CC_Base_{s}_ToeBase - "
            "CC_Base_{s}_Upperarm CC_Base_{s}_Forearm CC_Base_{s}_Hand -"
        ),
        "Character Creator",
    ),
    "kaykit_knight": Kind(
        lambda: None,
        sided(
            "upperleg.{s} lowerleg.{s} foot.{s} toes.{s} - upperarm.{s} lowerarm.{s} wrist.{s} -",
            "l", "r",
        ),
        "Unity humanoid names",
        degrees=12.0,
    ),
}  # fmt: skip
"""What is known of rigs that others made, whose files may not be published."""


def files_of(folder: Path) -> dict[str, Kind]:
    """The cases of a folder of which the joints are known here."""
    return {
        path.stem: Kind(
            lambda path=path: rig_measures.load(path),
            known.joints, known.title, known.degrees, known.rest_floor, known.trunk,
        )
        for path in sorted(folder.glob("*.json"))
        if (known := CASES.get(path.stem)) is not None
    }  # fmt: skip


def knee_bend(at: dict[str, np.ndarray], front: np.ndarray, side: str) -> np.ndarray:
    """How far (n,) a knee lies before the line from hip to ankle, in the leg's length."""
    hip, knee, ankle = (at[f"{side}_{part}"] for part in ("hip", "knee", "ankle"))
    along = ankle - hip
    length = np.linalg.norm(along, axis=1, keepdims=True)
    off = knee - hip
    off = off - np.sum(off * along, axis=1, keepdims=True) / length**2 * along
    return np.sum(off * front, axis=1) / length[:, 0]
