"""The armature: right bones, right places, and the user's context left alone."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from audio2pose_core import skeleton
from audio2pose_core.errors import RigError
from blender_addon.rig import own_armature

pytestmark = pytest.mark.blender


@pytest.fixture(autouse=True)
def empty_blender():
    bpy.ops.wm.read_factory_settings(use_empty=True)


def test_the_bones_stand_where_the_skeleton_stands():
    armature = own_armature.create_armature("Dancer")
    assert {b.name for b in armature.data.bones} == set(skeleton.JOINTS)
    heads = np.array([armature.data.bones[n].head_local for n in skeleton.JOINTS])
    np.testing.assert_allclose(heads, own_armature.to_blender(skeleton.rest_positions()), atol=1e-6)
    # Z up, facing -Y, left at +X.
    bones = armature.data.bones
    assert bones["head"].head_local.z > 1.3
    assert bones["left_foot"].tail_local.y < bones["left_ankle"].head_local.y - 0.1
    assert bones["left_hand"].head_local.x > 0.6


def test_bones_point_at_the_next_joint_and_are_connected_to_it():
    bones = own_armature.create_armature("Dancer").data.bones
    chains = [("left_elbow", "left_wrist"), ("spine3", "neck"), ("right_hip", "right_knee")]
    for parent, child in chains:
        np.testing.assert_allclose(bones[parent].tail_local, bones[child].head_local, atol=1e-6)
        assert bones[child].use_connect
    assert not bones["left_hip"].use_connect
    tip = np.array(bones["head"].tail_local - bones["head"].head_local)
    np.testing.assert_allclose(tip, [0, 0, 0.18], atol=1e-6)


def test_left_and_right_bones_mirror_each_other_so_that_poses_can_be_flipped():
    bones = own_armature.create_armature("Dancer").data.bones
    flip = np.diag([-1.0, 1.0, 1.0])
    for j, name in enumerate(skeleton.JOINTS):
        here = np.array(bones[name].matrix_local.to_3x3())
        there = np.array(bones[skeleton.JOINTS[skeleton.MIRROR[j]]].matrix_local.to_3x3())
        np.testing.assert_allclose(flip @ here @ flip, there, atol=1e-5, err_msg=name)


def test_mode_selection_and_active_object_survive():
    mesh = bpy.data.meshes.new("Thing")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    thing = bpy.data.objects.new("Thing", mesh)
    other = bpy.data.objects.new("Other", None)
    for o in (thing, other):
        bpy.context.collection.objects.link(o)
        o.select_set(True)
    bpy.context.view_layer.objects.active = thing
    bpy.ops.object.mode_set(mode="EDIT")

    armature = own_armature.create_armature("Dancer")

    assert bpy.context.view_layer.objects.active == thing
    assert thing.mode == "EDIT"
    assert other.select_get() and not armature.select_get()
    assert armature.mode == "OBJECT"


def test_works_with_nothing_active_and_into_a_collection_outside_the_view_layer():
    bpy.context.view_layer.objects.active = None
    hidden = bpy.data.collections.new("Not in the scene")
    armature = own_armature.create_armature("Dancer", hidden)
    assert list(hidden.objects) == [armature]
    assert armature.name not in bpy.context.scene.collection.objects
    assert bpy.context.view_layer.objects.active is None


def test_missing_bones_are_named():
    armature = own_armature.create_armature("Dancer")
    assert own_armature.missing_bones(armature) == []
    armature.data.bones["left_knee"].name = "shin.L"
    assert own_armature.missing_bones(armature) == ["left_knee"]
    with pytest.raises(RigError, match="left_knee"):
        own_armature.check_rig(armature)
    with pytest.raises(RigError, match="armature"):
        own_armature.check_rig(None)
