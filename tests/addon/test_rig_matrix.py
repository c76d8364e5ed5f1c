"""Every kind of rig: its limbs, feet, soles, knees and hands; regenerated, reduced, reopened."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import quick_jobs
import rig_kinds
import rig_measures
from rig_kinds import KINDS
from test_edits import action_of, regenerate
from test_takes import dance, scene  # noqa: F401

from audio2pose_core import rotations as rot
from audio2pose_core.errors import RigError
from audio2pose_core.retarget import Follow
from audio2pose_core.skeleton import INDEX
from blender_addon.rig import (
    floor as rig_floor,
    own_armature,
    retarget as rig_retarget,
    settings as rig_settings,
)
from blender_addon.takes import metadata as take_metadata

pytestmark = pytest.mark.blender
FPS = 30.0
WHOLE = ("makehuman", "character_creator", "perception_neuron", "robot", "left_over", "knight")
"""Kinds whose dances are generated, regenerated in part and reopened as well."""
CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "rigs"


@pytest.fixture
def empty_blender():
    bpy.ops.wm.read_factory_settings(use_empty=True)


def assert_dances(kind, armature, motion, frames) -> None:
    found = rig_measures.measure(
        armature, motion, frames, kind.joints, rest_floor=kind.rest_floor, fronts=kind.fronts
    )
    limbs = {part: most for part, (_, most) in found.degrees.items() if part != "foot"}
    assert max(limbs.values()) < kind.degrees, limbs
    assert found.degrees["foot"][1] < 6.0, found.degrees
    # A foot stands no deeper and no higher than the dance's does.
    ours = motion.joint_positions()[np.asarray(frames) - 1]
    stands = motion.contacts[np.asarray(frames) - 1] > 0.5
    over = [
        100 * (ours[stands[:, k], INDEX[part], 1] - rest)
        for k, (part, rest) in enumerate(
            (("left_ankle", 0.07), ("left_foot", 0.02), ("right_ankle", 0.07), ("right_foot", 0.02))
        )
    ]
    most = max(abs(o).max() for o in over if len(o))
    assert -1.0 - most < found.sole and found.high < 1.0 + most
    assert found.slide < found.core_slide + 1.0


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_dances_as_it_is_asked(empty_blender, name):
    kind = KINDS[name]
    armature = kind.build()
    character = rig_retarget.detect(armature)
    assert character.found.title == kind.title and character.problem is None
    for joint, bone in kind.joints.items():
        if character.map.bones.get(joint):
            assert character.map.bones[joint][0] == bone, joint
    motion = quick_jobs.sway(4.0, 3)
    rig_measures.dance_on(armature, motion)
    frames = np.arange(1, len(motion), 5)
    assert_dances(kind, armature, motion, frames)
    at = rig_measures.heads(armature, frames, kind.joints)
    world = motion.global_rotations()[frames - 1]
    for side in ("left", "right"):
        turns = world[:, INDEX[f"{side}_hip"]]
        front = rot.rotate(turns, np.broadcast_to(np.array([0.0, 0.0, 1.0]), (len(frames), 3)))
        bend = rig_kinds.knee_bend(at, own_armature.to_blender(front), side)
        assert bend.min() > -0.02, side
    # It dances where it stood: about where the rest pose is, or a root's own pose puts it.
    middle = np.mean([at["left_hip"], at["right_hip"]], axis=0)[:, :2].mean(axis=0)
    leg = np.linalg.norm(at["left_hip"] - at["left_knee"], axis=1).mean() * 2
    assert np.linalg.norm(middle) < 0.5 * leg


@pytest.mark.parametrize("name", ["robot", "lifted", "perception_neuron", "unreal", "makehuman"])
def test_the_scenes_floor_is_where_it_dances(empty_blender, name):
    """Core's places on the floor are the scene's, also where the armature's origin is elsewhere."""
    armature = KINDS[name].build()
    motion = quick_jobs.sway(2.0, 3).turned(0.0, np.array([0.4, 0.0, -0.3]))
    rig_measures.dance_on(armature, motion, how=Follow(plant_feet=False))
    frames = np.array([1, 20, 40])
    joints = {j: KINDS[name].joints[j] for j in ("left_hip", "right_hip")}
    at = rig_measures.heads(armature, frames, joints)
    hips = (at["left_hip"] + at["right_hip"]) / 2
    found = rig_floor.places(bpy.context.scene, armature, hips)
    ours = motion.joint_positions()[frames - 1]
    middle = (ours[:, INDEX["left_hip"]] + ours[:, INDEX["right_hip"]]) / 2
    np.testing.assert_allclose(found, middle[:, [0, 2]], atol=0.01)
    # Its floor is that of the dance, too.
    place = rig_floor.frame_of(bpy.context.scene, armature)
    back = np.linalg.inv(place) @ np.array([*hips[1], 1.0])
    assert back[1] == pytest.approx(middle[1, 1], abs=0.12)


def test_bones_laid_along_an_axis_are_told_and_dance_once_their_pose_is_applied(empty_blender):
    armature = rig_kinds.laid()
    problem = rig_retarget.detect(armature).problem
    assert problem is not None and "Apply Pose as Rest Pose" in problem
    rig_kinds.apply_pose(armature)
    assert rig_retarget.detect(armature).problem is None
    motion = quick_jobs.sway(4.0, 3)
    rig_measures.dance_on(armature, motion)
    assert_dances(KINDS["rokoko"], armature, motion, np.arange(1, len(motion), 5))


def test_a_root_bone_that_travels_does_not_take_the_floor_along(registered):
    armature = KINDS["unreal"].build()
    bpy.context.view_layer.update()
    before = rig_floor.frame_of(bpy.context.scene, armature)
    armature.audio2pose_character.root_motion = "ROOT"
    motion = quick_jobs.sway(2.0, 3).turned(0.0, np.array([2.0, 0.0, 0.0]))
    rig_measures.dance_on(armature, motion)
    bpy.context.scene.frame_set(30)
    assert armature.pose.bones["root"].location.length > 1.0
    np.testing.assert_allclose(rig_floor.frame_of(bpy.context.scene, armature), before, atol=1e-6)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.trunk])
def test_hands_stay_outside_the_mesh(empty_blender, name):
    kind = KINDS[name]
    armature = kind.build()
    thing = bpy.data.objects["Clothes"]
    motion = rig_measures.folded_arms(quick_jobs.sway(4.0, 3))
    shares = []
    for spare in (False, True):
        frames = rig_measures.dance_on(armature, motion, how=Follow(spare_body=spare))[::5]
        shares.append(rig_measures.inside(armature, thing, frames, kind.trunk))
    assert shares[0] > 0.2 and shares[1] < 0.06, shares


@pytest.mark.data
@pytest.mark.parametrize("name", rig_kinds.CASES)
def test_a_rig_of_others_dances_as_it_is_asked(empty_blender, name):
    path = CASES / f"{name}.json"
    if not path.is_file():
        pytest.skip("needs ../shared/cases/rigs, which is not part of the repository")
    kind = rig_kinds.files_of(CASES)[name]
    armature = kind.build()
    assert rig_retarget.detect(armature).found.title == kind.title
    motion = quick_jobs.sway(4.0, 3)
    rig_measures.dance_on(armature, motion)
    assert_dances(kind, armature, motion, np.arange(1, len(motion), 5))


@pytest.mark.parametrize("name", WHOLE)
def test_few_keys_a_regenerated_part_and_a_reopened_file(scene, tmp_path, name):  # noqa: F811
    kind = KINDS[name]
    bpy.data.objects.remove(bpy.data.objects["Mine"])
    scene.audio2pose.target = kind.build()
    scene.audio2pose.keys = "REDUCED"
    armature = dance(1)
    every = np.arange(1, 193)

    def motion():
        stored = take_metadata.read_motion(action_of(armature))
        return stored.sample((every - 1) / 24, 24.0)

    some = np.arange(1, 192, 7)
    at_24 = motion()
    found = rig_measures.measure(armature, at_24, some, kind.joints, rest_floor=kind.rest_floor)
    limbs = {part: most for part, (_, most) in found.degrees.items()}
    # Few keys are allowed a few millimetres at each joint.
    assert max(limbs.values()) < kind.degrees + 4.0, limbs
    before = rig_measures.heads(armature, every, kind.joints)
    assert regenerate(2, 2) == {"FINISHED"}
    after = rig_measures.heads(armature, every, kind.joints)
    first, last = 49, 96
    outside = (every < first) | (every > last)
    size = np.ptp([armature.matrix_world @ b.head_local for b in armature.data.bones], axis=0).max()
    for joint, places in after.items():
        assert np.abs(places - before[joint])[outside].max() < 0.002 * size, joint
        step = np.linalg.norm(np.diff(places, axis=0), axis=1)
        seams = np.array([end + k for end in (first - 1, last - 1) for k in (-2, -1, 0, 1)])
        assert step[seams].max() < 1.5 * np.delete(step, seams).max(), joint
    path = str(tmp_path / "dance.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    title = rig_retarget.detect(armature).found.title
    name_of = armature.name
    bpy.ops.wm.open_mainfile(filepath=path)
    armature = bpy.data.objects[name_of]
    assert rig_retarget.detect(armature).found.title == title == kind.title
    again = rig_measures.heads(armature, every[::10], kind.joints)
    for joint, places in again.items():
        assert np.abs(places - after[joint][::10]).max() < 1e-4 * size, joint


def test_a_robot_without_names_is_known_by_its_shape(empty_blender):
    """No hands, and feet that hang on the root."""
    armature = KINDS["robot"].build()
    for i, bone in enumerate(armature.data.bones):
        bone.name = f"node{i}"
    character = rig_retarget.detect(armature)
    assert character.found.title == "Unknown rig, by its shape" and character.problem is None
    heads = {name: armature.data.bones[b[-1]].head_local for name, b in character.map.bones.items()}
    for part, height in (("hip", 0.48), ("knee", 0.28), ("ankle", 0.07), ("elbow", 0.94)):
        assert heads[f"left_{part}"].z - 1.0 == pytest.approx(height, abs=1e-3), part
    motion = quick_jobs.sway(2.0, 3)
    rig_measures.dance_on(armature, motion)


def test_a_map_made_by_hand_tears_no_figure_in_two(registered):
    """A person calls the robot's Hips its pelvis, and what moves it; its legs hang beside them."""
    kind = KINDS["robot"]
    armature = kind.build()
    found = rig_retarget.detect(armature)
    bones = dict(found.map.bones) | {"pelvis": ("Hips",), "carrier": ("Hips",)}
    bones |= {f"{side}_wrist": (f"Palm2.{side[0].upper()}",) for side in ("left", "right")}
    bones["spine"] = ("Abdomen", "Torso")
    rig_settings.store_map(armature, dataclasses.replace(found.map, bones=bones), "By hand")
    assert rig_retarget.detect(armature).found.title == "By hand"
    motion = quick_jobs.sway(4.0, 3)
    rig_measures.dance_on(armature, motion)
    frames = np.arange(1, len(motion), 10)
    assert_dances(kind, armature, motion, frames)
    at = rig_measures.heads(
        armature, frames, {"hips": "Hips", "leg": "UpperLeg.L", "foot": "Foot.L"}
    )
    assert np.ptp(np.linalg.norm(at["hips"] - at["leg"], axis=1)) < 0.01


def test_legs_and_arms_that_nothing_carries_are_refused(registered):
    armature = KINDS["robot"].build()
    with own_armature.context_restored() as layer:
        layer.objects.active = armature
        bpy.ops.object.mode_set(mode="EDIT")
        for side in "LR":
            armature.data.edit_bones[f"UpperLeg.{side}"].parent = None
        bpy.ops.object.mode_set(mode="OBJECT")
    with pytest.raises(RigError, match="no bone"):
        rig_retarget.check(armature)


def test_what_actions_left_on_our_own_dancer_is_put_to_rest(registered):
    armature = own_armature.create_armature("Mine")
    assert rig_retarget.is_our_dancer(armature)
    armature.pose.bones["left_hip"].scale = (1.0, 1.3, 1.0)
    armature.pose.bones["left_knee"].location = (0.0, 0.1, 0.0)
    # Its keys are made as any other rig's are.
    assert not rig_retarget.is_our_dancer(armature)
    motion = quick_jobs.sway(2.0, 3)
    rig_measures.dance_on(armature, motion)
    frames = np.arange(1, len(motion), 10)
    joints = {f"{s}_{p}": f"{s}_{p}" for s in ("left", "right") for p in ("hip", "knee", "ankle")}
    found = rig_measures.measure(armature, motion, frames, joints)
    assert max(most for _, most in found.degrees.values()) < 1.0


def test_a_root_that_an_action_moved_comes_back_where_the_rest_pose_stands(empty_blender):
    """It stays where a person put it, whom no action helped."""
    family = rig_kinds.FAMILIES["unreal"]
    motion = quick_jobs.sway(2.0, 3)
    frames = np.arange(1, len(motion), 10)
    away = []
    for by_action in (False, True):
        armature = rig_kinds.foreign_rigs.build("unreal", family)
        root = armature.pose.bones["root"]
        root.location = (0.0, 30.0, 0.0)
        if by_action:
            root.keyframe_insert("location", frame=1)
        rig_measures.dance_on(armature, motion)
        at = rig_measures.heads(armature, frames, {"root": "root"})
        away.append(float(np.abs(at["root"]).max()))
    assert away[0] > 0.2 and away[1] < 1e-3
