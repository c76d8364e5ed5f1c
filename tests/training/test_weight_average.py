"""The moving average of the weights: its formula, its warm-up, and that it averages at all."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from made_dances import tiny

import audio2pose_core.network.trainer as trainer_module
from audio2pose_core.network.checkpoints import load_checkpoint
from audio2pose_core.network.trainer import train
from audio2pose_core.network.weight_average import WeightAverage, decay_at


def network(value: float) -> torch.nn.Module:
    layer = torch.nn.Linear(2, 3)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.fill_(value)
    return layer


def test_most_of_the_average_stays() -> None:
    """With a decay of .9 a tenth of the new weights comes in, not nine tenths."""
    average = WeightAverage(network(0.0), 0.9)
    # So late that the warm-up is over.
    average.update(network(1.0), 1000)
    for value in average.state_dict().values():
        torch.testing.assert_close(value, torch.full_like(value, 0.1))
    average.update(network(1.0), 1001)
    for value in average.state_dict().values():
        torch.testing.assert_close(value, torch.full_like(value, 0.19))


def test_the_first_steps_forget_sooner() -> None:
    assert [decay_at(0.99, step) for step in (1, 10, 10_000)] == [2 / 11, 11 / 20, 0.99]
    average = WeightAverage(network(0.0), 0.99)
    average.update(network(1.0), 1)
    assert float(average.network.bias[0]) == pytest.approx(1 - 2 / 11)


def test_it_is_a_copy_that_learns_nothing_itself() -> None:
    original = network(2.0)
    average = WeightAverage(original, 0.9)
    assert not any(p.requires_grad for p in average.network.parameters())
    assert all(p.requires_grad for p in original.parameters())
    average.load_state_dict(network(5.0).state_dict())
    assert float(average.network.bias[0]) == 5.0 and float(original.bias[0].detach()) == 2.0


def test_a_run_averages_as_version_0_1_did(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """avg += (1 - decay) (weights - avg) after each step, to the last digits of a float32."""
    expected: dict[str, torch.Tensor] = {}
    learn = trainer_module._Run.learn

    def watched(run, batch):  # type: ignore[no-untyped-def]
        if not expected:
            expected.update({k: v.clone() for k, v in run.model.state_dict().items()})
        out = learn(run, batch)
        decay = min(0.5, (1 + run.step) / (10 + run.step))
        for name, value in run.model.state_dict().items():
            expected[name].lerp_(value, 1 - decay)
        return out

    monkeypatch.setattr(trainer_module._Run, "learn", watched)
    train(tiny(pack, steps=8, ema=0.5), tmp_path / "run", device="cpu", quiet=True)
    state = load_checkpoint(tmp_path / "run" / "checkpoint.pt")
    assert state["average"].keys() == expected.keys() == state["model"].keys()
    for name, value in expected.items():
        torch.testing.assert_close(state["average"][name], value, rtol=1e-6, atol=1e-7)
    assert any(not torch.equal(state["average"][k], state["model"][k]) for k in expected)
