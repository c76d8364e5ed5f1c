"""Training on made-up dances: it learns, resumes exactly, and exports what it learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from made_dances import bouncing, tiny

from audio2pose_core import representation as rep
from audio2pose_core.data.training.clip import load_pack
from audio2pose_core.data.training.statistics import RunningStatistics
from audio2pose_core.data.training.tracks import make_tracks, training_accents
from audio2pose_core.data.training.windows_writer import CONDITIONS
from audio2pose_core.errors import DataError, ModelError, OptionError
from audio2pose_core.generate.model import load_model
from audio2pose_core.motion import Motion
from audio2pose_core.network.checkpoints import load_checkpoint
from audio2pose_core.network.config import from_tables
from audio2pose_core.network.losses import (
    LossConfig,
    RealUnits,
    flow_losses,
    shifted,
)
from audio2pose_core.network.masks import TASKS, random_masks
from audio2pose_core.network.trainer import train


def test_hits_of_a_bouncing_body_are_its_stops() -> None:
    times, strength = training_accents(bouncing(6.0, 2.0))
    assert np.median(np.diff(times)) == pytest.approx(0.5, abs=0.02)
    assert strength.min() > 0.3


def test_pack_keeps_clips(pack: Path) -> None:
    clip = load_pack(pack)[1]
    expected = bouncing(6.0, 2.0)
    assert (clip.name, clip.style, clip.split) == ("clip1", "bounce", "train")
    np.testing.assert_allclose(clip.motion.joint_positions(), expected.joint_positions(), atol=2e-3)


def test_a_broken_pack_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.npz").write_bytes(b"PK no")
    with pytest.raises(DataError, match=r"bad\.npz"):
        load_pack(tmp_path / "bad.npz")


def test_playing_faster_brings_hits_closer(pack: Path) -> None:
    clip = load_pack(pack)[1]
    slow, fast = make_tracks(clip, 30.0, CONDITIONS, ("bounce",), (1.0, 1.25), mirror=False)
    rate = CONDITIONS.index("hit_rate")
    known = CONDITIONS.index("hit_known")
    a, b = (np.median(t.conditions[t.conditions[:, known] > 0, rate]) for t in (slow, fast))
    assert b - a == pytest.approx(np.log2(1.25), abs=0.1)


def test_torch_and_numpy_agree_on_joints_and_ground_speed() -> None:
    motion = bouncing(3.0, 2.0).turned(1.0)
    features, _ = rep.encode(motion)
    units = RealUnits(torch.zeros(rep.WIDTH), torch.ones(rep.WIDTH), motion.fps)
    x = torch.as_tensor(features[None]).float()
    places = units.positions(x)
    still = Motion(30.0, motion.root * [0, 1, 0], rep.decode(features * 1.0, 30.0).rotations)
    assert places.shape == (1, len(motion), 24, 3)
    np.testing.assert_allclose(
        places[0, :, :, 1].numpy(), still.joint_positions()[..., 1], atol=1e-5
    )
    speed = units.velocities(x, places)[0].norm(dim=-1).numpy()
    expected = np.linalg.norm(np.diff(motion.joint_positions(), axis=0), axis=-1) * 30.0
    np.testing.assert_allclose(speed, expected, atol=1e-3)


def test_practice_moves_towards_the_noise() -> None:
    t = torch.linspace(0, 1, 101)
    assert torch.equal(shifted(t, 1.0), t)
    moved = shifted(t, 5.0)
    assert moved[0] == 0 and moved[-1] == 1 and bool((moved.diff() > 0).all())
    assert float(moved[50]) == pytest.approx(1 / 6)


def test_losses_on_joints_fade_where_a_mean_of_dances_is_right() -> None:
    """Under pure noise the features alone count, half way half of the rest, then all of it."""
    torch.manual_seed(0)
    units = RealUnits(torch.zeros(rep.WIDTH), torch.ones(rep.WIDTH), 30.0)
    target, predicted = torch.randn(2, 2, 6, rep.WIDTH)
    valid, weight = torch.ones(2, 6, dtype=torch.bool), torch.ones(2)
    config = LossConfig(fade=0.5, liveliness=1.0)

    def losses(*times: float) -> dict[str, torch.Tensor]:
        return flow_losses(units, config, predicted, target, weight, valid, torch.tensor(times))

    everything = flow_losses(units, config, predicted, target, weight, valid)
    noise, motion, halfway = losses(0.0, 0.0), losses(0.5, 0.9), losses(0.25, 0.25)
    assert noise["total"] == noise["feature"] == everything["feature"]
    for name, term in everything.items():
        assert float(motion[name]) == pytest.approx(float(term)), name
        if name not in ("feature", "total"):
            assert noise[name] == 0
            assert float(halfway[name]) == pytest.approx(float(term) / 2)


def moving(metres: list[float]) -> torch.Tensor:
    """Features (1, T, 152) of a stiff body that goes to these places along its heading."""
    frames = len(metres)
    motion = Motion(
        30.0,
        np.stack([np.zeros(frames), np.full(frames, 0.9), np.array(metres)], axis=1),
        np.tile([1.0, 0.0, 0.0, 0.0], (frames, 24, 1)),
    )
    return torch.as_tensor(rep.encode(motion)[0][None]).float()


def test_the_loss_on_acceleration_is_of_differences_of_velocities() -> None:
    """Another steady speed is no other acceleration; a steady one is told in its own unit."""
    units = RealUnits(torch.zeros(rep.WIDTH), torch.ones(rep.WIDTH), 30.0)
    seconds = np.arange(12) / 30.0

    def terms(predicted: np.ndarray, target: np.ndarray) -> dict[str, torch.Tensor]:
        valid = torch.ones(1, 12, dtype=torch.bool)
        motions = (moving(list(metres)) for metres in (predicted, target))
        return flow_losses(units, LossConfig(), *motions, torch.ones(1), valid)

    steady = terms(1.5 * seconds, 0.5 * seconds)
    # A mean over three axes, one of which is 1 m/s off: (1 / 0.5)² / 3.
    assert float(steady["velocity"]) == pytest.approx(4 / 3, rel=1e-3)
    assert float(steady["acceleration"]) == pytest.approx(0, abs=1e-6)
    # 5 m/s² against 10 m/s²: the last frame has no velocity of its own, so 10 of 10 count.
    falling = terms(0.5 * 5.0 * seconds**2, 0 * seconds)
    assert float(falling["acceleration"]) == pytest.approx(0.5**2 / 3, rel=1e-2)


def test_masks_have_every_task() -> None:
    masks = random_masks(600, 240, torch.Generator().manual_seed(0), torch.device("cpu"))
    assert masks.shape == (600, 240, rep.GROUPS)
    body = (masks.amax(-1) == masks.amin(-1)).all(1)
    whole = masks.amin(-1)
    free = whole.amax(1) == 0
    # Of whole frames: how many runs of constraints a window has, and where they begin and end.
    starts, ends = whole[:, 0] == 1, whole[:, -1] == 1
    runs = starts + (whole.diff(dim=1) > 0).sum(1)
    one_start = body & starts & ~ends & (runs == 1)
    both_ends = body & starts & ends & (runs == 2)
    keys = body & ~free & ~one_start & ~both_ends
    found = {
        "fresh": body & free,
        "continue": one_start,
        "between": both_ends,
        "keyframes": keys,
        "body_part": ~body,
    }
    assert found.keys() == TASKS.keys()
    for name, windows in found.items():
        share = float(windows.float().mean())
        assert share == pytest.approx(TASKS[name] / sum(TASKS.values()), abs=0.05), name
    # Keys: single frames here and there, most of them with free frames on both sides.
    lengths = [
        len(run)
        for window in whole[keys].numpy().astype(int)
        for run in "".join(map(str, window)).split("0")
        if run
    ]
    assert np.median(lengths) == 1 and 2 < len(lengths) / int(keys.sum()) < 12


def test_resuming_gives_the_same_losses(pack: Path, tmp_path: Path) -> None:
    train(tiny(pack), tmp_path / "whole", device="cpu")
    train(tiny(pack), tmp_path / "parts", device="cpu", steps=3)
    train(tiny(pack), tmp_path / "parts", device="cpu")

    def losses(folder: str) -> list[str]:
        lines = (tmp_path / folder / "log.txt").read_text().splitlines()
        return [line.split(" norm")[0] for line in lines if line.startswith("step")]

    assert losses("parts") == losses("whole")
    a, b = (load_checkpoint(tmp_path / f / "checkpoint.pt")["average"] for f in ("whole", "parts"))
    assert all(torch.equal(a[k], b[k]) for k in a)


def test_it_learns_and_exports(pack: Path, tmp_path: Path) -> None:
    from audio2pose_core.network.export import export
    from audio2pose_core.network.styles import describe_styles

    config = tiny(pack, steps=150)
    checkpoint = train(config, tmp_path / "run", device="cpu")
    lines = [x for x in (tmp_path / "run/log.txt").read_text().splitlines() if x.startswith("step")]
    total = [float(line.split("total ")[1].split()[0]) for line in lines]
    assert np.mean(total[-20:]) < 0.5 * np.mean(total[:10])
    styles = describe_styles(config)
    assert styles["bounce"]["hit_rate"] == pytest.approx(2.0, abs=0.3)
    output = tmp_path / "tiny.onnx"
    worst = export(checkpoint, output, styles=styles, sampler={"steps": 4})
    assert worst < 1e-3
    assert load_model(output).styles == ("bounce",)


def test_a_checkpoint_that_is_no_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "c.pt").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"c\.pt"):
        load_checkpoint(tmp_path / "c.pt")


def test_unknown_config_keys_are_refused() -> None:
    with pytest.raises(OptionError, match="learning_rat"):
        from_tables({"train": {"learning_rat": 1.0}}, "x.toml")
    with pytest.raises(OptionError, match="steps"):
        from_tables({"train": {"steps": "many"}}, "x.toml")


def test_statistics_normalise(pack: Path) -> None:
    tracks = [
        t
        for c in load_pack(pack)
        for t in make_tracks(c, 30.0, CONDITIONS, ("bounce",), (1.0,), mirror=True)
    ]
    statistics = RunningStatistics()
    for track in tracks:
        statistics.add(track.features)
    deviation = statistics.deviation()
    everything = np.concatenate([t.features for t in tracks])
    normal = (everything - statistics.mean) / deviation
    assert np.abs(normal.mean(0)).max() < 1e-3
    assert deviation.min() >= 0.05 and normal.std(0).max() < 3.0
