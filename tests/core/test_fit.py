"""Keypoints to rotations: the fit is checked against dances whose rotations are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bvh_families import dance

from audio2pose_core import rotations as rot
from audio2pose_core.data.fitting.coco import FACE, fit_keypoints, reproduced
from audio2pose_core.data.fitting.skeleton import NEEDED, Points, fit_points
from audio2pose_core.data.fitting.smpl import load_smpl
from audio2pose_core.data.safe_pickle.load import load_pickle
from audio2pose_core.errors import MotionError
from audio2pose_core.motion import rest_motion
from audio2pose_core.skeleton import COCO_17, INDEX, OFFSETS

SAMPLE = Path(__file__).resolve().parents[3] / "shared/data/aistpp_sample"
FACE_PLACES = {
    "nose": (0, 0.055, 0.11),
    "left_eye": (0.03, 0.09, 0.09),
    "left_ear": (0.075, 0.07, 0.01),
}
FACE_PLACES |= {f"right_{n[5:]}": (-x, y, z) for n, (x, y, z) in FACE_PLACES.items() if "_" in n}


def keypoints_of(motion, scale=1.0):
    """COCO keypoints (T, 17, 3) in cm of a dance on our skeleton."""
    joints, world = motion.joint_positions(), motion.global_rotations()
    head = INDEX["head"]
    places = [
        joints[:, head]
        + rot.rotate(world[:, head], np.broadcast_to(FACE_PLACES[n], (len(joints), 3)))
        if n in FACE
        else joints[:, INDEX[n]]
        for n in COCO_17
    ]
    return 100 * scale * np.stack(places, axis=1)


def test_a_known_dance_comes_back():
    motion = dance(120, 60.0)
    fit = fit_keypoints(keypoints_of(motion))
    error = np.linalg.norm(reproduced(fit) - keypoints_of(motion) / 100, axis=-1)
    assert error.mean() < 0.015
    ours, theirs = fit.motion.joint_positions(), motion.joint_positions()
    apart = np.linalg.norm((ours - ours[:, :1]) - (theirs - theirs[:, :1]), axis=-1)
    assert apart.mean() < 0.05


def test_another_size_makes_the_same_dance_on_our_skeleton():
    keypoints = keypoints_of(dance(60, 60.0))
    small, tall = fit_keypoints(0.85 * keypoints), fit_keypoints(1.1 * keypoints)
    between = small.motion.joint_positions() - tall.motion.joint_positions()
    assert np.abs(between).max() < 5e-3
    assert tall.lengths()["left_knee"][0] == pytest.approx(
        1.1 / 0.85 * small.lengths()["left_knee"][0]
    )
    assert tall.lengths()["left_knee"][1] == pytest.approx(np.linalg.norm(OFFSETS[4]))


def test_quaternions_keep_their_sign_and_feet_reach_the_floor():
    fit = fit_keypoints(keypoints_of(dance(180, 60.0)))
    dots = np.sum(fit.motion.rotations[1:] * fit.motion.rotations[:-1], axis=-1)
    assert dots.min() > 0.9
    assert (
        abs(np.percentile(fit.motion.joint_positions()[:, [7, 8], 1].min(axis=1), 10) - 0.07) < 0.01
    )


def test_elbows_and_knees_bend_the_human_way():
    motion = fit_keypoints(keypoints_of(dance(120, 60.0))).motion
    knees = rot.to_axis_angle(motion.rotations[:, [INDEX["left_knee"], INDEX["right_knee"]]])
    assert (knees[..., 0] > -0.1).all() and np.abs(knees[..., 1:]).max() < 0.35
    elbow = rot.to_axis_angle(motion.rotations[:, INDEX["left_elbow"]])
    assert (elbow[:, 1] < 0.1).all()


def test_gaps_are_bridged_and_too_many_refused():
    keypoints = keypoints_of(dance(120, 60.0))
    holes = keypoints.copy()
    holes[30:36, 9] = np.nan
    moved = np.abs(fit_keypoints(holes).motion.root - fit_keypoints(keypoints).motion.root)
    assert moved.max() < 0.01
    holes[:60] = np.nan
    with pytest.raises(MotionError, match="missing"):
        fit_keypoints(holes)


@pytest.mark.parametrize(
    "broken",
    [np.zeros((0, 17, 3)), np.zeros((5, 16, 3)), np.zeros((5, 17, 3)), np.ones((9, 17, 3)) * 1e9],
)
def test_what_is_no_body_is_refused(broken):
    with pytest.raises(MotionError):
        fit_keypoints(broken)


def test_metres_for_centimetres_are_told():
    with pytest.raises(MotionError, match="unit"):
        fit_keypoints(keypoints_of(dance(30)) / 100)


def test_missing_points_are_named():
    at = {n: np.zeros((4, 3)) for n in NEEDED if n != "left_knee"}
    with pytest.raises(MotionError, match="left_knee"):
        fit_points(Points(30.0, at))


@pytest.mark.data
@pytest.mark.skipif(not SAMPLE.is_dir(), reason="needs ../shared/data")
@pytest.mark.parametrize("name", ["gLH_sBM_cAll_d17_mLH4_ch02", "gBR_sBM_cAll_d04_mBR0_ch02"])
def test_both_fits_of_aistpp_agree(name):
    keypoints = load_pickle(SAMPLE / f"keypoints3d/{name}.pkl")["keypoints3d_optim"]
    fit = fit_keypoints(keypoints)
    assert np.linalg.norm(reproduced(fit) - keypoints / 100, axis=-1).mean() < 0.03
    direct = load_smpl(SAMPLE / f"motions/{name}.pkl")
    between = fit.motion.joint_positions() - direct.joint_positions()
    assert np.linalg.norm(between, axis=-1).mean() < 0.04


def test_hips_that_are_flexed_tilt_the_pelvis_back():
    """Sitting rolls the pelvis back under an upright trunk, as people do; standing does not."""
    motion = rest_motion(90, 60.0)
    quats = motion.rotations.copy()
    flexed = rot.from_axis_angle(np.tile([-1.3, 0.0, 0.0], (45, 1)))
    for side in ("left", "right"):
        quats[45:, INDEX[f"{side}_hip"]] = flexed
        quats[45:, INDEX[f"{side}_knee"]] = rot.conjugate(flexed)
    sitting = replace(motion, rotations=quats)
    fitted = fit_keypoints(keypoints_of(sitting)).motion
    pitch = rot.to_axis_angle(fitted.rotations[:, 0])[:, 0]
    assert abs(np.median(pitch[5:35])) < 0.1
    assert np.median(pitch[55:85]) < np.median(pitch[5:35]) - 0.1
