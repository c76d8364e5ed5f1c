"""Losses leave out what a source does not show."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from made_dances import bouncing, tables

from audio2pose_core import representation as rep
from audio2pose_core.data.training.clip import Clip, save_pack
from audio2pose_core.network.config import from_tables
from audio2pose_core.network.losses import Belief, LossConfig, RealUnits, flow_losses
from audio2pose_core.network.sources import training_windows
from audio2pose_core.network.trainer import train
from audio2pose_core.skeleton import INDEX
from audio2pose_core.source_faults import FAULTS

CONFIG = LossConfig(liveliness=1.0)


def losses(predicted, target, sources: tuple[str, ...] | None):
    units = RealUnits(torch.zeros(rep.WIDTH), torch.ones(rep.WIDTH), 30.0)
    windows = len(target)
    belief = None if sources is None else Belief.of(sources, torch.device("cpu"))
    valid = torch.ones(windows, target.shape[1], dtype=torch.bool)
    return flow_losses(units, CONFIG, predicted, target, torch.ones(windows), valid, belief=belief)


def dance(windows: int = 2) -> torch.Tensor:
    torch.manual_seed(1)
    upright = torch.zeros(windows, 12, rep.WIDTH)
    pose = upright[..., rep.POSE].unflatten(-1, (24, 6))
    pose[..., 0] = pose[..., 4] = 1.0
    upright[..., rep.POSE] = (pose + 0.1 * torch.randn_like(pose)).flatten(-2)
    return upright


def test_a_source_without_faults_is_believed_in_everything() -> None:
    target, predicted = dance(), dance() + 0.1
    plain, believed = losses(predicted, target, None), losses(predicted, target, ("", "own"))
    for name, term in plain.items():
        assert float(believed[name]) == pytest.approx(float(term), rel=1e-5), name


def test_a_rigid_wrist_teaches_next_to_nothing() -> None:
    target = dance()
    predicted = target.clone()
    wrist = rep.POSE.start + 6 * INDEX["left_wrist"]
    predicted[..., wrist : wrist + 6] += 0.5 * torch.randn(2, 12, 6)
    known = losses(predicted, target, ("cmu_salsa",) * 2)
    rigid = losses(predicted, target, ("aistpp_continuous",) * 2)
    assert float(rigid["feature"]) < 0.1 * float(known["feature"])
    # The hand that hangs on it is in a wrong place, and so is its motion.
    for name in ("position", "velocity", "acceleration", "liveliness"):
        assert float(rigid[name]) < 1e-6 and float(known[name]) > 20 * float(rigid[name]), name


def test_what_a_source_shows_counts_for_more() -> None:
    """The mean stays a mean: an error in a joint that is shown weighs no less."""
    target = dance()
    predicted = target.clone()
    elbow = rep.POSE.start + 6 * INDEX["left_elbow"]
    predicted[..., elbow : elbow + 6] += 0.3
    known = losses(predicted, target, ("",) * 2)
    rigid = losses(predicted, target, ("aistpp_continuous",) * 2)
    assert 1.0 < float(rigid["feature"]) / float(known["feature"]) < 1.7


def test_windows_of_two_sources_keep_their_own_belief() -> None:
    target = dance()
    predicted = target.clone()
    collar = rep.POSE.start + 6 * INDEX["left_collar"]
    predicted[:, :, collar : collar + 6] += 0.5
    mixed = losses(predicted, target, ("g1_moves", "cmu_modern"))["feature"]
    alone = [losses(predicted, target, (s,) * 2)["feature"] for s in ("g1_moves", "cmu_modern")]
    assert float(mixed) == pytest.approx(float(alone[0] + alone[1]) / 2, rel=1e-4)


def test_believed_features() -> None:
    assert (rep.believed_features("somebody") == 1).all()
    for source, faults in FAULTS.items():
        found = rep.believed_features(source)
        assert found.shape == (rep.WIDTH,) and (found > 0).all()
        low = np.unique(rep.GROUP_OF_FEATURE[rep.POSE][found[rep.POSE] < 1]) - 3
        assert set(low) == {INDEX[name] for name in faults.rotations}
        assert (found[rep.VELOCITY] < 1).all() == (not faults.path)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory):
    """A lively clip of one source and a calm one of another, as long; and their configuration."""
    place = tmp_path_factory.mktemp("mixed") / "clips.npz"
    lively, calm = bouncing(8.0, 2.0), bouncing(8.0, 2.0)
    still = calm.rotations[:1].repeat(len(calm), axis=0)
    calm = type(calm)(calm.fps, calm.root, 0.97 * still + 0.03 * calm.rotations)
    quats = calm.rotations / np.linalg.norm(calm.rotations, axis=-1, keepdims=True)
    calm = type(calm)(calm.fps, calm.root, quats)
    save_pack(
        place,
        [
            Clip("a/lively", "aistpp_continuous", "bounce", "train", lively, np.zeros(0)),
            Clip("b/calm", "cmu_salsa", "bounce", "train", calm, np.zeros(0)),
        ],
    )
    return tables(place)


def test_a_calm_clip_is_seldom_drawn_and_each_window_knows_its_source(mixed) -> None:
    windows, *_ = training_windows(from_tables(mixed, "test"), torch.device("cpu"))
    batch = windows.batch(0, 400)
    rigid = batch.believed_joints[:, INDEX["left_hand"]] == 0
    # Of windows of equal length one in twenty is of the calm clip.
    assert 0.85 < float(rigid.float().mean()) < 0.99
    wrist = rep.POSE.start + 6 * INDEX["left_wrist"]
    assert torch.equal(batch.believed_features[:, wrist] < 1, rigid)
    share = windows.batch(0, 400, slice(100, 200))
    assert torch.equal(share.believed_joints, batch.believed_joints[100:200])


def test_patterns_of_the_config_leave_tracks_out(mixed) -> None:
    for key in ("excluded", "held_out"):
        fewer = mixed | {"data": mixed["data"] | {key: ["b/*", "of_another_file/*"]}}
        windows, *_ = training_windows(from_tables(fewer, "test"), torch.device("cpu"))
        hands = windows.batch(0, 50).believed_joints[:, INDEX["left_hand"]]
        assert len(windows.lengths) == 2 and (hands == 0).all()


def test_training_on_sources_of_different_faults(mixed, tmp_path) -> None:
    train(from_tables(mixed, "test"), tmp_path / "run", device="cpu", steps=4)
    assert "step 4" in (tmp_path / "run" / "log.txt").read_text()


def test_a_window_knows_where_it_goes_from_where_it_begins(mixed, tmp_path) -> None:
    moving = bouncing(12.0, 2.0)
    path = np.arange(len(moving))[:, None] / 30.0 * np.array([0.4, 0.0, 0.3])
    walk = type(moving)(moving.fps, moving.root + path, moving.rotations)
    clips = [Clip("walk", "cmu_salsa", "bounce", "train", walk, np.zeros(0))]
    save_pack(tmp_path / "walk.npz", clips)
    asked = tables(tmp_path / "walk.npz", drop_all=0.0, drop_control=0.0)
    asked["data"] |= {"conditions": ["hits", "legs", "place"]}
    config = from_tables(asked, "test")
    windows, *_ = training_windows(config, torch.device("cpu"))
    batch = windows.batch(0, 30)
    x, z = (batch.conditions[..., config.conditions.index(f"place_{axis}")] for axis in "xz")
    assert (x[:, 0] == 0).all() and (z[:, 0] == 0).all()
    # 63 frames later it has gone 2.1 s at 0.5 m/s, whichever way its front was.
    assert torch.hypot(x[:, -1], z[:, -1]).median() == pytest.approx(1.05, abs=0.02)
