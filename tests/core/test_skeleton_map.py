"""Names of other programs' joints."""

from __future__ import annotations

import numpy as np
import pytest
from bvh_families import FAMILIES

from audio2pose_core.data.skeleton_map import NEEDED, canonical, map_by_names
from audio2pose_core.data.skeleton_map_shape import map_by_shape
from audio2pose_core.skeleton import JOINTS, OFFSETS, PARENTS


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
    theirs = [names[j] for j in JOINTS]
    found = map_by_names(theirs)
    assert found is not None and found.family == family
    for ours in (*NEEDED, "pelvis", "neck", "head", "left_collar", "right_foot"):
        assert found.joints[ours] == JOINTS.index(ours), ours


def test_cmu_stubs_are_not_hips():
    names = "Hips LHipJoint LeftUpLeg LeftLeg LeftFoot LeftToeBase RHipJoint RightUpLeg RightLeg "
    names += "RightFoot RightToeBase LowerBack Spine Spine1 Neck Neck1 Head LeftShoulder LeftArm "
    names += "LeftForeArm LeftHand LeftFingerBase LeftHandIndex1 LThumb RightShoulder RightArm "
    names += "RightForeArm RightHand RightFingerBase RightHandIndex1 RThumb"
    words = names.split()
    found = map_by_names(words)
    assert found is not None
    assert words[found.joints["left_hip"]] == "LeftUpLeg"
    assert words[found.joints["right_wrist"]] == "RightHand"
    assert words[found.joints["left_collar"]] == "LeftShoulder"


def test_shape_alone_finds_the_limbs():
    lengths = np.linalg.norm(OFFSETS, axis=1)
    found = map_by_shape(PARENTS, lengths)
    assert found is not None
    for part in ("hip", "knee", "ankle", "foot", "shoulder", "elbow", "wrist", "hand"):
        pair = {found.joints[f"left_{part}"], found.joints[f"right_{part}"]}
        assert pair == {JOINTS.index(f"left_{part}"), JOINTS.index(f"right_{part}")}
    assert found.joints["neck"] == JOINTS.index("neck")


def test_no_body_no_map():
    assert map_by_names(["door", "handle", "hinge"]) is None
    assert map_by_shape((-1, 0, 1, 2), np.array([0, 1.0, 1, 1])) is None
    assert map_by_shape((-1,), np.zeros(1)) is None
