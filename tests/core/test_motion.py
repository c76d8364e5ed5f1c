"""Motion: kinematics, mirroring, sampling, refusal of bad arrays."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.errors import MotionError
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import MIRROR, NUM_JOINTS, OFFSETS, PARENTS, rest_positions


@pytest.fixture
def motion() -> Motion:
    """Smooth random movement, 2 s at 30 fps."""
    rng = np.random.default_rng(3)
    time = np.arange(60)[:, None, None] / 30
    phase = rng.uniform(0, 6, (1, NUM_JOINTS, 3))
    vectors = 0.8 * np.sin(2 * np.pi * 0.7 * time + phase)
    root = np.array([0, 0.9, 0]) + 0.3 * np.sin(time[:, 0] * [1.0, 2.0, 3.0])
    contacts = rng.uniform(0, 1, (60, 4))
    return Motion(30.0, root, rot.from_axis_angle(vectors), contacts)


def test_rest_pose() -> None:
    assert np.allclose(rest_motion(3, 30).joint_positions(), rest_positions())


def test_bones_keep_their_length(motion: Motion) -> None:
    position = motion.joint_positions()
    for j in range(1, NUM_JOINTS):
        length = np.linalg.norm(position[:, j] - position[:, PARENTS[j]], axis=-1)
        assert np.allclose(length, np.linalg.norm(OFFSETS[j]))


def test_mirror_reflects_every_joint(motion: Motion) -> None:
    mirrored = motion.mirrored()
    expected = motion.joint_positions()[:, list(MIRROR)] * [-1, 1, 1]
    assert np.allclose(mirrored.joint_positions(), expected)
    assert np.array_equal(mirrored.contacts[:, :2], motion.contacts[:, 2:])


def test_mirror_twice_is_nothing(motion: Motion) -> None:
    twice = motion.mirrored().mirrored()
    assert np.allclose(twice.root, motion.root)
    assert np.allclose(twice.rotations, motion.rotations)
    assert np.array_equal(twice.contacts, motion.contacts)


def test_turned_moves_all_joints_alike(motion: Motion) -> None:
    shift = np.array([1.0, 0.0, -2.0])
    turned = motion.turned(0.7, shift)
    q = rot.from_yaw(np.array(0.7))
    assert np.allclose(turned.joint_positions(), rot.rotate(q, motion.joint_positions()) + shift)


def test_resample_keeps_seconds_and_poses(motion: Motion) -> None:
    doubled = motion.resample(60)
    assert len(doubled) == 120 and doubled.seconds == motion.seconds
    assert np.allclose(doubled.root[::2], motion.root)
    assert (rot.angle(doubled.rotations[::2], motion.rotations) < 1e-6).all()
    back = doubled.resample(30)
    assert np.allclose(back.joint_positions(), motion.joint_positions(), atol=1e-6)
    assert len(motion.slice(0, 1).resample(24)) == 1


def test_sample_clamps_to_the_ends(motion: Motion) -> None:
    outside = motion.sample(np.array([-5.0, 99.0]), 30)
    assert np.allclose(outside.root, motion.root[[0, -1]])


@pytest.mark.parametrize("fps", [0.0, -30.0, float("nan")])
def test_bad_frame_rates_are_refused(motion: Motion, fps: float) -> None:
    with pytest.raises(MotionError, match="frame"):
        motion.resample(fps)
    with pytest.raises(MotionError, match="frame rate"):
        Motion(fps, motion.root, motion.rotations)


def test_bad_arrays_are_refused(motion: Motion) -> None:
    with pytest.raises(MotionError, match="root"):
        Motion(30, motion.root[:-1], motion.rotations)
    with pytest.raises(MotionError, match="contacts"):
        Motion(30, motion.root, motion.rotations, motion.contacts[:, :3])
    with pytest.raises(MotionError, match="at least one frame"):
        motion.slice(0, 0)
    broken = motion.root.copy()
    broken[5, 1] = np.nan
    with pytest.raises(MotionError, match="finite"):
        Motion(30, broken, motion.rotations)
