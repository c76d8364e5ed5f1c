"""Keys on bones: the armature's pose is the motion, joint by joint."""

from __future__ import annotations

import math

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from audio2pose_core import (
    rotations as rot,
    skeleton,
)
from audio2pose_core.errors import OptionError, RigError
from audio2pose_core.motion import Motion, rest_motion
from blender_addon import compat
from blender_addon.keys import writer as key_writer
from blender_addon.rig import own_armature

pytestmark = pytest.mark.blender

TENTH_OF_A_MILLIMETRE = 1e-4


@pytest.fixture(autouse=True)
def empty_blender():
    bpy.ops.wm.read_factory_settings(use_empty=True)


def wild_motion(frames: int = 40, fps: float = 30.0, seed: int = 3) -> Motion:
    """Every joint turns its own way, far beyond 180 degrees; the root roams."""
    rng = np.random.default_rng(seed)
    t = np.arange(frames)[:, None, None] / fps
    axes = rng.normal(size=(1, skeleton.NUM_JOINTS, 3))
    quats = rot.from_axis_angle(axes * (1.0 + 3.0 * t))
    root = np.stack([np.sin(t[:, 0, 0]), 0.9 + 0.1 * t[:, 0, 0], t[:, 0, 0]], -1)
    return Motion(fps, root, quats)


def pose_heads(armature, frame: float) -> np.ndarray:
    """Heads of the 24 bones as Blender evaluates them, (24, 3) in object space."""
    whole = math.floor(frame)
    bpy.context.scene.frame_set(whole, subframe=frame - whole)
    evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([evaluated.pose.bones[n].head for n in skeleton.JOINTS])


def write(armature, motion, frame_start=1.0, scene_fps=30.0):
    return key_writer.write_motion(
        armature, motion, frame_start=frame_start, scene_fps=scene_fps, action_name="Dance"
    )


def test_every_joint_is_where_core_puts_it():
    armature = own_armature.create_armature("Dancer")
    motion = wild_motion()
    write(armature, motion)
    expected = own_armature.to_blender(motion.joint_positions())
    for i in range(len(motion)):
        error = np.abs(pose_heads(armature, 1 + i) - expected[i]).max()
        assert error < TENTH_OF_A_MILLIMETRE, (i, error)


def test_bone_tips_turn_with_the_leaf_joints():
    armature = own_armature.create_armature("Dancer")
    motion = wild_motion()
    write(armature, motion)
    pose_heads(armature, 11)
    world = motion.global_rotations()[10]
    heads = motion.joint_positions()[10]
    for j, tip in skeleton.END_SITES.items():
        expected = own_armature.to_blender(heads[j] + rot.rotate(world[j], tip))
        tail = np.array(armature.pose.bones[skeleton.JOINTS[j]].tail)
        np.testing.assert_allclose(tail, expected, atol=TENTH_OF_A_MILLIMETRE)


def test_moving_turning_and_scaling_the_object_takes_the_dance_along():
    armature = own_armature.create_armature("Dancer")
    armature.location, armature.scale = (5, 2, 1), (2, 2, 2)
    armature.rotation_euler = (0, 0, 1.0)
    motion = wild_motion(5)
    write(armature, motion)
    np.testing.assert_allclose(
        pose_heads(armature, 4), own_armature.to_blender(motion.joint_positions()[3]), atol=1e-4
    )
    assert tuple(armature.location) == (5, 2, 1)


def test_a_figure_with_bones_twice_as_long_takes_steps_twice_as_long():
    from mathutils import Matrix

    armature = own_armature.create_armature("Giant")
    armature.data.transform(Matrix.Scale(2.0, 4))
    motion = wild_motion(5)
    write(armature, motion)
    expected = 2.0 * own_armature.to_blender(motion.joint_positions()[4])
    np.testing.assert_allclose(pose_heads(armature, 5), expected, atol=2e-4)


def test_curves_are_ninety_nine_linear_and_grouped_by_bone():
    armature = own_armature.create_armature("Dancer")
    action = write(armature, wild_motion(12))
    curves = compat.fcurves_of(armature)
    assert armature.animation_data.action == action and action.name == "Dance"
    assert len(curves) == 24 * 4 + 3
    assert {c.group.name for c in curves} == set(skeleton.JOINTS)
    assert all(f'"{c.group.name}"' in c.data_path for c in curves)
    assert {p.interpolation for c in curves for p in c.keyframe_points} == {"LINEAR"}
    assert [p.co.x for p in curves[0].keyframe_points] == list(range(1, 13))


def test_quaternions_never_jump_to_the_other_sign():
    armature = own_armature.create_armature("Dancer")
    motion = wild_motion(60)
    signs = np.where(np.arange(60) % 2, -1.0, 1.0)[:, None, None]
    write(armature, Motion(motion.fps, motion.root, motion.rotations * signs))
    for name in skeleton.JOINTS:
        path = armature.pose.bones[name].path_from_id("rotation_quaternion")
        q = np.array(
            [
                [p.co.y for p in c.keyframe_points]
                for c in compat.fcurves_of(armature)
                if c.data_path == path
            ]
        ).T
        assert (np.sum(q[1:] * q[:-1], axis=1) > 0).all(), name


def test_other_frame_rates_keep_the_time():
    armature = own_armature.create_armature("Dancer")
    motion = wild_motion(31)
    write(armature, motion, frame_start=10, scene_fps=24)
    # Half a second in: motion frame 15, scene frame 22.
    np.testing.assert_allclose(
        pose_heads(armature, 22), own_armature.to_blender(motion.joint_positions()[15]), atol=1e-4
    )
    assert key_writer.key_frames(10, 30 / 24, 24.0).tolist() == list(range(10, 40))


def test_a_start_between_two_frames_is_honoured_to_the_fraction():
    armature = own_armature.create_armature("Dancer")
    motion = wild_motion(31)
    write(armature, motion, frame_start=10.25, scene_fps=30)
    first = compat.fcurves_of(armature)[0].keyframe_points[0].co.x
    assert first == 11
    expected = motion.sample(np.array([0.75 / 30]), 30.0).joint_positions()[0]
    np.testing.assert_allclose(
        pose_heads(armature, 11), own_armature.to_blender(expected), atol=1e-4
    )


def test_one_frame_is_enough():
    armature = own_armature.create_armature("Dancer")
    write(armature, rest_motion(1, 30.0))
    np.testing.assert_allclose(
        pose_heads(armature, 1), own_armature.to_blender(skeleton.rest_positions()), atol=1e-5
    )


def test_the_action_before_stays_in_the_file():
    armature = own_armature.create_armature("Dancer")
    first = write(armature, rest_motion(3, 30.0))
    second = write(armature, rest_motion(3, 30.0))
    assert first != second and armature.animation_data.action == second
    assert first.use_fake_user and first.name in bpy.data.actions


def test_euler_bones_are_switched_to_quaternions():
    armature = own_armature.create_armature("Dancer")
    armature.pose.bones["neck"].rotation_mode = "XYZ"
    motion = wild_motion(3)
    write(armature, motion)
    np.testing.assert_allclose(
        pose_heads(armature, 3), own_armature.to_blender(motion.joint_positions()[2]), atol=1e-4
    )


def test_what_cannot_be_written_is_refused_before_anything_changes():
    armature = own_armature.create_armature("Dancer")
    with pytest.raises(OptionError, match="frames per second"):
        write(armature, rest_motion(3, 30.0), scene_fps=0.0)
    armature.data.bones["neck"].name = "throat"
    with pytest.raises(RigError, match="neck"):
        write(armature, rest_motion(3, 30.0))
    assert armature.animation_data is None
