"""SMPL poses on our skeleton."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from audio2pose_core.data.fitting.smpl import load_smpl, smpl_motion
from audio2pose_core.errors import Audio2PoseError, DataError, MotionError


def test_scaling_is_respected():
    poses = np.zeros((30, 72))
    path = np.stack([np.linspace(0, 93, 30), np.full(30, 110.0), np.zeros(30)], axis=1)
    walked = smpl_motion(poses, path, 93.0).root
    assert walked[-1, 0] - walked[0, 0] == pytest.approx(0.8 / 0.782, rel=1e-6)
    doubled = smpl_motion(poses, 2 * path, 186.0).root
    assert np.allclose(walked, doubled)


def test_rest_pose_stands_on_the_floor():
    motion = smpl_motion(np.zeros((20, 24, 3)), np.zeros((20, 3)), 90.0)
    places = motion.joint_positions()[0]
    assert motion.fps == 60.0
    assert places[7, 1] == pytest.approx(0.07, abs=0.005)
    assert 1.3 < places[15, 1] < 1.6 and places[20, 0] > 0.6


@pytest.mark.parametrize(
    "poses, trans, scaling",
    [
        (np.zeros((5, 70)), np.zeros((5, 3)), 93.0),
        (np.zeros((5, 72)), np.zeros((4, 3)), 93.0),
        (np.zeros((5, 72)), np.zeros((5, 3)), 0.0),
        (np.full((5, 72), np.nan), np.zeros((5, 3)), 93.0),
    ],
)
def test_wrong_shapes_and_numbers_are_refused(poses, trans, scaling):
    with pytest.raises(MotionError):
        smpl_motion(poses, trans, scaling)


def test_other_pickles_are_refused(tmp_path):
    file = tmp_path / "a.pkl"
    file.write_bytes(pickle.dumps({"keypoints3d": np.zeros((3, 17, 3))}))
    with pytest.raises(DataError, match="smpl_poses"):
        load_smpl(file)
    file.write_bytes(pickle.dumps({"smpl_poses": np.zeros((3, 72))})[:-20])
    with pytest.raises(Audio2PoseError):
        load_smpl(file)
