"""Losses leave out what a source does not show."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from audio2pose_core import representation as rep
from audio2pose_core.network.losses import Belief, LossConfig, RealUnits, flow_losses
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
