"""Four sequences of AIST++ as Google published them: raw NaN, float64, true scaling, floor work."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from audio2pose_core.data.aistpp.keypoints import fill_gaps, guess_units, keypoints_of
from audio2pose_core.data.aistpp.manifest import load_manifest
from audio2pose_core.data.aistpp.preprocess import preprocess_aistpp
from audio2pose_core.data.fitting.coco import fit_keypoints, reproduced
from audio2pose_core.data.fitting.smpl import load_smpl
from audio2pose_core.data.safe_pickle.load import load_pickle
from audio2pose_core.data.training.sources import load_clip, sources_of
from audio2pose_core.motion import Motion
from audio2pose_core.skeleton import INDEX

pytestmark = pytest.mark.data

FLOOR_WORK = "gBR_sBM_cAll_d04_mBR2_ch08"
FRAMES = {FLOOR_WORK: 576, "gBR_sBM_cAll_d06_mBR2_ch06": 576, "gJS_sBM_cAll_d03_mJS2_ch07": 576,
          "gJS_sFM_cAll_d02_mJS4_ch09": 1919}  # fmt: skip


@pytest.fixture(scope="module")
def official(shared_data) -> Path:
    folder = shared_data / "aistpp_sample" / "official"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data/aistpp_sample/official")
    return folder


@pytest.fixture(scope="module")
def fits(official):
    """Of each sequence: keypoints (T, 17, 3) in metres, the fit to them, the SMPL road's motion."""
    found = {}
    for name in FRAMES:
        points = load_pickle(official / "keypoints3d" / f"{name}.pkl")["keypoints3d_optim"]
        smpl = load_smpl(official / "motions" / f"{name}.pkl")
        found[name] = points / 100.0, fit_keypoints(points), smpl
    return found


def test_they_are_what_the_documentation_says(official):
    for name, frames in FRAMES.items():
        content = load_pickle(official / "keypoints3d" / f"{name}.pkl")
        for key in ("keypoints3d", "keypoints3d_optim"):
            assert content[key].shape == (frames, 17, 3) and content[key].dtype == np.float64
            assert guess_units(keypoints_of(content, key, name))[0] == "cm"
        smpl = load_pickle(official / "motions" / f"{name}.pkl")
        assert smpl["smpl_poses"].shape == (frames, 72)
        assert 50 < float(smpl["smpl_scaling"].reshape(-1)[0]) < 150
    raw = [load_pickle(p)["keypoints3d"] for p in (official / "keypoints3d").glob("*.pkl")]
    assert any(np.isnan(points).any() for points in raw)


def test_raw_points_with_gaps_are_filled(official):
    for name in FRAMES:
        content = load_pickle(official / "keypoints3d" / f"{name}.pkl")
        points = keypoints_of(content, "keypoints3d", name)
        filled, gaps = fill_gaps(points, name)
        assert np.isfinite(filled).all()
        assert gaps.filled == int(np.isnan(points).any(axis=-1).sum())


def test_the_pipeline_takes_them_to_training_clips(official, tmp_path):
    summary = preprocess_aistpp(official, None, tmp_path, genre="all", steps=("pose",))
    assert summary.counts["pose"] == {"made": 4, "kept": 0, "failed": 0}
    rows = {row["name"]: row for row in load_manifest(tmp_path)["clips"]}
    assert {name: row["frames"] for name, row in rows.items()} == FRAMES
    for source in sources_of([tmp_path]):
        clip = load_clip(source)
        assert clip.style in ("break", "street jazz") and len(clip.motion) == FRAMES[clip.name]
        assert clip.motion.joint_positions()[:, :, 1].min() > -0.25


def test_the_fit_runs_through_the_points(fits):
    off = {
        name: float(np.linalg.norm(reproduced(fit) - points, axis=-1).mean()) * 100
        for name, (points, fit, _) in fits.items()
    }
    assert max(off.values()) < 1.8 and np.mean(list(off.values())) < 1.35, off


def apart(one: Motion, other: Motion, *joints: str) -> float:
    """Mean distance in cm of joints, seen from the pelvis."""
    count = min(len(one), len(other))
    a, b = (m.joint_positions()[:count] for m in (one, other))
    off = np.linalg.norm((a - a[:, :1]) - (b - b[:, :1]), axis=-1)
    chosen = [INDEX[name] for name in joints] if joints else slice(None)
    return 100.0 * float(off[:, chosen].mean())


def test_both_roads_lead_to_the_same_dance(fits):
    """Keypoints end at the ankles: how a foot lies is a guess on one road, a prior on the other."""
    pairs = [(fit.motion, smpl) for _, fit, smpl in fits.values()]
    all_joints = [apart(*pair) for pair in pairs]
    ankles = [apart(*pair, "left_ankle", "right_ankle") for pair in pairs]
    feet = [apart(*pair, "left_foot", "right_foot") for pair in pairs]
    assert max(all_joints) < 6.0 and np.mean(all_joints) < 4.6, all_joints
    assert np.mean(ankles) < 5.7, ankles
    # Before lifted feet were drawn up: 8.9 in the mean, 10.8 in the floor work.
    assert np.mean(feet) < 8.1 and max(feet) < 9.5, feet


def test_the_floor_is_the_same_on_both_roads(fits):
    for name, (_, fit, smpl) in fits.items():
        for motion in (fit.motion, smpl):
            ankles = motion.joint_positions()[:, [7, 8], 1].min(axis=1)
            assert abs(np.percentile(ankles, 10) - 0.07) < 0.03, name
