"""Which joint of a stranger's skeleton is which of ours: by names, by shape, by lengths."""

from __future__ import annotations

import numpy as np
import pytest
from bvh_families import FAMILIES

from audio2pose_core import rotations as rot
from audio2pose_core.errors import RigError
from audio2pose_core.retarget import NEEDED, Rig, detect, make_plan
from audio2pose_core.retarget.names import canonical, plain
from audio2pose_core.retarget.shape import map_by_lengths, map_by_shape
from audio2pose_core.skeleton import JOINTS, OFFSETS, PARENTS


def rig_of(names, parents=PARENTS, offsets=OFFSETS) -> Rig:
    """A skeleton of joints, as a file of motion capture has it."""
    heads = np.zeros((len(names), 3))
    for j, parent in enumerate(parents):
        heads[j] = offsets[j] + (heads[parent] if parent >= 0 else 0.0)
    identity = np.tile(rot.IDENTITY, (len(names), 1))
    yes, no = np.ones(len(names), bool), np.zeros(len(names), bool)
    parents = np.asarray(parents)
    return Rig(tuple(names), parents, identity, heads, heads, identity, yes, no, yes)


@pytest.mark.parametrize(
    "name, plain",
    [
        ("mixamorig:LeftUpLeg", "left_upleg"),
        ("mixamorig12:RightToeBase", "right_toebase"),
        ("DEF-upper_arm.L", "left_upperarm"),
        ("DEF-upper_arm.L.001", "left_upperarm1"),
        ("spine_01", "spine1"),
        ("calf_r", "right_calf"),
        ("L_Hip", "left_hip"),
        ("left_hip", "left_hip"),
        ("lfemur", "left_femur"),
        ("rShldr", "right_shldr"),
        ("Bip01 L Thigh", "left_thigh"),
        ("LHipJoint", "left_hipjoint"),
        ("Character1_LeftForeArm", "left_forearm"),
        ("LeftFoot", "left_foot"),
        ("LUArm", "left_upperarm"),
        ("RFArm", "right_forearm"),
        ("Hips", "hips"),
        ("", ""),
    ],
)
def test_spellings(name, plain):
    assert canonical(name) == plain


@pytest.mark.parametrize("family", [f for f in FAMILIES if f != "shape"])
def test_each_family_is_known_whole(family):
    names = FAMILIES[family]
    found = detect(rig_of([names[j] for j in JOINTS]))
    assert found.map.family == family and not found.missing
    for ours in (*NEEDED, "pelvis", "neck", "head", "left_collar", "right_foot"):
        assert found.map.bone(ours) == names[ours], ours


def _family(centre: str, sided: str, left: str = "L", right: str = "R") -> list[str]:
    """Names in the order of JOINTS; {s} is the side."""
    out = dict(
        zip(("pelvis", "spine1", "spine2", "spine3", "neck", "head"), centre.split(), strict=True)
    )
    parts = ("hip", "knee", "ankle", "foot", "collar", "shoulder", "elbow", "wrist", "hand")
    for part, pattern in zip(parts, sided.split(), strict=True):
        out |= {f"left_{part}": pattern.format(s=left), f"right_{part}": pattern.format(s=right)}
    return [out[joint] for joint in JOINTS]


TITLED = {
    "Second Life / OpenSim": _family(
        "mPelvis mTorso mChest mChest2 mNeck mHead",
        "mHip{s} mKnee{s} mAnkle{s} mFoot{s} mCollar{s} mShoulder{s} mElbow{s} mWrist{s} "
        "mHandMiddle1{s}",
        "Left", "Right",
    ),
    "Advanced Skeleton": _family(
        "Root_M Spine1_M Spine2_M Chest_M Neck_M Head_M",
        "Hip_{s} Knee_{s} Ankle_{s} Toes_{s} Scapula_{s} Shoulder_{s} Elbow_{s} Wrist_{s} "
        "MiddleFinger1_{s}",
    ),
    "Synty": _family(
        "Hips Spine_01 Spine_02 Spine_03 Neck Head",
        "UpperLeg_{s} LowerLeg_{s} Ankle_{s} Ball_{s} Clavicle_{s} Shoulder_{s} Elbow_{s} "
        "Hand_{s} Finger_01_{s}",
    ),
    "Apple ARKit": _family(
        "hips_joint spine_1_joint spine_3_joint spine_7_joint neck_1_joint head_joint",
        "{s}_upLeg_joint {s}_leg_joint {s}_foot_joint {s}_toes_joint {s}_shoulder_1_joint "
        "{s}_arm_joint {s}_forearm_joint {s}_hand_joint {s}_handMidStart_joint",
        "left", "right",
    ),
    "Azure Kinect": _family(
        "PELVIS SPINE_NAVEL SPINE_CHEST SPINE_TOP NECK HEAD",
        "HIP_{s} KNEE_{s} ANKLE_{s} FOOT_{s} CLAVICLE_{s} SHOULDER_{s} ELBOW_{s} WRIST_{s} "
        "HAND_{s}",
        "LEFT", "RIGHT",
    ),
    "OptiTrack Motive": _family(
        "Hip Ab Chest Chest2 Neck Head",
        "{s}Thigh {s}Shin {s}Foot {s}Toe {s}Shoulder {s}UArm {s}FArm {s}Hand {s}Middle1",
    ),
    "Source 2": _family(
        "pelvis spine_0 spine_1 spine_2 neck_0 head_0",
        "leg_upper_{s} leg_lower_{s} ankle_{s} ball_{s} clavicle_{s} arm_upper_{s} arm_lower_{s} "
        "hand_{s} finger_middle_0_{s}",
    ),
    "Theia": _family(
        "pelvis abdomen thorax thorax2 neck head",
        "{s}_thigh {s}_shank {s}_foot {s}_toes {s}_clavicle {s}_uarm {s}_larm {s}_hand {s}_fingers",
        "l", "r",
    ),
    "MakeHuman (BVH)": _family(
        "Hips Spine1 Spine2 Spine3 Neck Head",
        "UpLeg_{s} LoLeg_{s} Foot_{s} Toe_{s} Clavicle_{s} UpArm_{s} LoArm_{s} Hand_{s} "
        "Middle1_{s}",
    ),
}  # fmt: skip
MIXAMO = [FAMILIES["mixamo"][joint] for joint in JOINTS]
WRAPPED = {
    "numbered nodes of a scene": ("Mixamo", [f"{n}_{i:02d}" for i, n in enumerate(MIXAMO, 1)]),
    "a second armature's": ("Mixamo", [f"{n}.001" for n in MIXAMO]),
    "a character's name": (
        "MotionBuilder (HumanIK) names", [n.replace("mixamorig:", "Ethan") for n in MIXAMO],
    ),
    "an armature's name": ("Synty", [f"Armature_{n}" for n in TITLED["Synty"]]),
    "dots of an FBX": (
        "Rigify metarig",
        [FAMILIES["rigify"][j].replace("DEF-", "").replace(".", "FBXASC046") for j in JOINTS],
    ),
}  # fmt: skip


def _assert_whole(names: list[str], title: str) -> None:
    found = detect(rig_of(names))
    assert found.title == title and not found.missing
    for ours in (*NEEDED, "pelvis", "neck", "head", "left_collar", "right_wrist", "right_foot"):
        assert found.map.bone(ours) == names[JOINTS.index(ours)], ours


@pytest.mark.parametrize("title", TITLED)
def test_each_family_is_called_by_its_name(title):
    _assert_whole(TITLED[title], title)


@pytest.mark.parametrize("what", WRAPPED)
def test_what_programs_put_on_every_name_is_nothing(what):
    title, names = WRAPPED[what]
    _assert_whole(names, title)


def test_a_prefix_of_few_bones_stays():
    names = ("mixamorig:Hips", "spine_01", "spine_02", "LeftLeg", "LeftFoot")
    assert plain(names) == names
    assert plain(("hand_01", "hand_02", "hand_02", "hand_03")) == ("01", "02", "02", "03")


def test_stubs_lead_to_limbs_and_are_none():
    names = list(TITLED["MakeHuman (BVH)"])
    parents, offsets = list(PARENTS), [*OFFSETS]
    for side in ("L", "R"):
        for part in ("UpLeg", "Clavicle"):
            at = names.index(f"{part}_{side}")
            names.insert(at, f"__{part}_{side}")
            parents = [p + (p >= at) for p in parents]
            parents.insert(at, parents[at])
            parents[at + 1] = at
            offsets.insert(at, 0.4 * offsets[at])
            offsets[at + 1] = 0.6 * offsets[at + 1]
    found = detect(rig_of(names, parents, offsets))
    assert found.title == "MakeHuman (BVH)" and not found.missing
    assert found.map.bone("left_hip") == "UpLeg_L"
    assert found.map.bone("right_collar") == "Clavicle_R"


def test_bones_laid_along_an_axis_are_no_pose():
    offsets = OFFSETS.copy()
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for part in ("knee", "ankle", "foot"):
            j = JOINTS.index(f"{side}_{part}")
            offsets[j] = [sign * np.linalg.norm(OFFSETS[j]), 0.0, 0.0]
    rig = rig_of(MIXAMO, offsets=offsets)
    with pytest.raises(RigError, match="no standing body"):
        make_plan(rig, detect(rig).map)


def test_smpl_has_our_names_and_other_bones():
    ours = detect(rig_of(JOINTS, offsets=2.5 * OFFSETS))
    assert ours.title == "Audio2Pose dancer" and not ours.missing
    longer = OFFSETS * (1.0 + 0.2 * np.sin(np.arange(len(JOINTS))))[:, None]
    found = detect(rig_of(JOINTS, offsets=longer))
    assert found.title == "SMPL" and not found.missing
    for joint in (*NEEDED, "pelvis", "neck", "head", "left_collar", "right_wrist", "left_foot"):
        assert found.map.bone(joint) == joint
    assert found.map.bones["spine"] == ("spine1", "spine2", "spine3")


def test_cmu_stubs_are_not_hips():
    tree = {
        "Hips": "", "LHipJoint": "Hips", "LeftUpLeg": "LHipJoint", "LeftLeg": "LeftUpLeg",
        "LeftFoot": "LeftLeg", "LeftToeBase": "LeftFoot", "RHipJoint": "Hips",
        "RightUpLeg": "RHipJoint", "RightLeg": "RightUpLeg", "RightFoot": "RightLeg",
        "RightToeBase": "RightFoot", "LowerBack": "Hips", "Spine": "LowerBack", "Spine1": "Spine",
        "Neck": "Spine1", "Neck1": "Neck", "Head": "Neck1", "LeftShoulder": "Spine1",
        "LeftArm": "LeftShoulder", "LeftForeArm": "LeftArm", "LeftHand": "LeftForeArm",
        "LeftFingerBase": "LeftHand", "LThumb": "LeftHand", "RightShoulder": "Spine1",
        "RightArm": "RightShoulder", "RightForeArm": "RightArm", "RightHand": "RightForeArm",
        "RightFingerBase": "RightHand", "RThumb": "RightHand",
    }  # fmt: skip
    names = list(tree)
    parents = [names.index(above) if above else -1 for above in tree.values()]
    found = detect(rig_of(names, parents, np.ones((len(names), 3)))).map
    assert found.bone("left_hip") == "LeftUpLeg" and found.bone("right_wrist") == "RightHand"
    assert found.bone("left_collar") == "LeftShoulder" and found.bone("pelvis") == "Hips"
    assert found.bones["spine"] == ("LowerBack", "Spine", "Spine1")


def assert_limbs_found(found) -> None:
    for part in ("hip", "knee", "ankle", "foot", "shoulder", "elbow", "wrist"):
        pair = {found.bone(f"left_{part}"), found.bone(f"right_{part}")}
        assert pair == {f"node{JOINTS.index(f'{side}_{part}')}" for side in ("left", "right")}
    assert found.bone("neck") == f"node{JOINTS.index('neck')}"


def test_shape_alone_finds_the_limbs():
    rig = rig_of([f"node{j}" for j in range(len(JOINTS))])
    assert_limbs_found(map_by_shape(rig))
    assert detect(rig).map.bone("left_knee") == f"node{JOINTS.index('left_knee')}"


def test_lengths_alone_find_the_limbs_where_the_rest_pose_is_none():
    lengths = np.linalg.norm(OFFSETS, axis=1, keepdims=True) * np.array([0.0, 1.0, 0.0])
    rig = rig_of([f"node{j}" for j in range(len(JOINTS))], offsets=lengths)
    assert map_by_shape(rig) is None and detect(rig).lacks
    assert_limbs_found(map_by_lengths(rig))
    assert not detect(rig, any_rest=True).lacks


def test_no_body_no_map():
    doors = rig_of(["door", "handle", "hinge"], (-1, 0, 1), np.ones((3, 3)))
    assert detect(doors, any_rest=True).lacks
    chain = rig_of([f"n{i}" for i in range(12)], range(-1, 11), np.ones((12, 3)))
    assert map_by_lengths(chain) is None and map_by_shape(chain) is None
