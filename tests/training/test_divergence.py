"""A run that diverges, or that cannot save: the last good checkpoint stays, and the run fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from made_dances import bouncing, tables, tiny, write_toml

import audio2pose_core.network.distill as distill_module
import audio2pose_core.network.trainer as trainer_module
from audio2pose_core.cli import main
from audio2pose_core.data.training.clip import Clip
from audio2pose_core.errors import ModelError
from audio2pose_core.network.baselines import lstm_vae
from audio2pose_core.network.checkpoints import all_finite, load_checkpoint, save_tensors
from audio2pose_core.network.distill import distill
from audio2pose_core.network.trainer import train


def breaks_at(monkeypatch: pytest.MonkeyPatch, kind: type, step: int, value: float) -> None:
    """Training steps put ``value`` into a weight of the network at a step, as an overflow does."""
    learn = kind.learn

    def broken(run, *words):  # type: ignore[no-untyped-def]
        out = learn(run, *words)
        network = getattr(run, "model", None) or run.student
        if run.step + (kind is distill_module._Run) == step:
            with torch.no_grad():
                next(network.parameters()).view(-1)[0] = value
        return out

    monkeypatch.setattr(kind, "learn", broken)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_the_last_good_checkpoint_stays(
    pack: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    value: float,
) -> None:
    # Between two lines of the log: nobody looks at the losses before the next save.
    config = write_toml(tmp_path / "c.toml", tables(pack, steps=9, save_every=3, log_every=100))
    breaks_at(monkeypatch, trainer_module._Run, 5, value)
    run = tmp_path / "run"
    words = ["train", "--config", str(config), "--output", str(run), "--device", "cpu", "--quiet"]
    assert main(words) == ModelError.exit_code != 0
    shown = capsys.readouterr().err
    assert "not finite at step 6" in shown and shown.count("\n") == 1
    assert "checkpoint.pt is still the last good checkpoint" in shown
    for name in ("checkpoint.pt", "weights.pt"):
        state = load_checkpoint(run / name)
        assert state["step"] == 3 and all_finite(state)
    # From there it goes on.
    monkeypatch.undo()
    assert main(words) == 0
    assert load_checkpoint(run / "checkpoint.pt")["step"] == 9


def test_the_last_save_of_a_run_is_checked_too(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks_at(monkeypatch, trainer_module._Run, 4, float("nan"))
    config = tiny(pack, steps=4, save_every=100, log_every=100)
    with pytest.raises(ModelError, match="not finite at step 4"):
        train(config, tmp_path / "run", device="cpu", quiet=True)
    assert not (tmp_path / "run" / "checkpoint.pt").exists()


def test_a_loss_that_is_not_finite_ends_the_run_at_the_next_line_of_the_log(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks_at(monkeypatch, trainer_module._Run, 4, float("nan"))
    config = tiny(pack, steps=9, save_every=3, log_every=1)
    with pytest.raises(ModelError, match=r"loss is nan at step 5.*checkpoint\.pt is still"):
        train(config, tmp_path / "run", device="cpu", quiet=True)
    assert load_checkpoint(tmp_path / "run" / "checkpoint.pt")["step"] == 3


def test_a_model_file_that_is_not_right_does_not_appear(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from audio2pose_core.network import export as export_module

    run = train(tiny(pack, steps=1), tmp_path / "run", device="cpu", quiet=True)
    monkeypatch.setattr(export_module, "check", lambda *_: float("nan"))
    with pytest.raises(ModelError, match="was not written"):
        export_module.export(run, tmp_path / "out" / "m.onnx", styles={})
    assert not (tmp_path / "out").exists()


def test_a_run_does_not_go_on_from_numbers_that_are_not_finite(pack: Path, tmp_path: Path) -> None:
    train(tiny(pack, steps=1), tmp_path / "run", device="cpu", quiet=True)
    path = tmp_path / "run" / "checkpoint.pt"
    state = load_checkpoint(path)
    next(iter(state["model"].values())).view(-1)[0] = float("nan")
    torch.save(state, path)
    with pytest.raises(ModelError, match="diverged"):
        train(tiny(pack), tmp_path / "run", device="cpu", quiet=True)


def test_a_student_that_diverges_keeps_its_last_good_checkpoint(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(tiny(pack, steps=2), tmp_path / "teacher", device="cpu", quiet=True)
    # The last step of a round: the losses of the round are still fine.
    breaks_at(monkeypatch, distill_module._Run, 16, float("nan"))
    with pytest.raises(ModelError, match="not finite at step 16"):
        distill(tmp_path / "teacher" / "weights.pt", tmp_path / "student", device="cpu", quiet=True)
    assert load_checkpoint(tmp_path / "student" / "checkpoint.pt")["step"] == 8


def test_a_baseline_that_diverged_is_not_saved(tmp_path: Path) -> None:
    clip = Clip("a", "", "", "train", bouncing(4.0, 2.0), np.zeros(0))
    trained = lstm_vae.train([clip], steps=1)
    with torch.no_grad():
        trained.network.output.bias[0] = float("inf")
    with pytest.raises(ModelError, match="not finite"):
        lstm_vae.save(tmp_path / "l.pt", trained)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_file_saved_before(tmp_path: Path) -> None:
    path = tmp_path / "c.pt"
    save_tensors({"x": torch.zeros(3)}, path)
    code = (
        "import resource, signal, sys, torch\n"
        "from pathlib import Path\n"
        "from audio2pose_core.errors import OutputError\n"
        "from audio2pose_core.network.checkpoints import save_tensors\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n"
        "    save_tensors({'x': torch.zeros(1_000_000)}, Path(sys.argv[1]))\n"
        "except OutputError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "cannot write" in done.stdout and "c.pt" in done.stdout
    assert torch.equal(torch.load(path)["x"], torch.zeros(3))
    assert [p.name for p in tmp_path.iterdir()] == ["c.pt"]
