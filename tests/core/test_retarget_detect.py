"""Which joint of a stranger's skeleton is which of ours: by names, by shape, by lengths."""

from __future__ import annotations

import numpy as np
import pytest
from bvh_families import FAMILIES

from audio2pose_core import rotations as rot
from audio2pose_core.retarget import NEEDED, Rig, detect
from audio2pose_core.retarget.names import canonical
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
