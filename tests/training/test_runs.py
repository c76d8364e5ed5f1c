"""Runs of training: killed, shared by processes, distilled, drawn."""

from __future__ import annotations

import io
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from made_dances import tables, tiny, write_toml

import audio2pose_core.network.distill as distill_module
from audio2pose_core.cli import main
from audio2pose_core.data.folder_lock import folder_lock
from audio2pose_core.errors import (
    DataError,
    ModelError,
    OptionError,
    OutputError,
)
from audio2pose_core.formats import load_motion
from audio2pose_core.generate.model import load_model
from audio2pose_core.generate.sampler import (
    SamplerSettings,
    crowded,
    sample_window,
    settings_of,
)
from audio2pose_core.network.batches import Batch, style_index
from audio2pose_core.network.checkpoints import load_checkpoint
from audio2pose_core.network.config import DistillConfig, changed, from_tables, load_config
from audio2pose_core.network.distill import distill
from audio2pose_core.network.distillation_targets import Guided, TargetMaker, euler_step
from audio2pose_core.network.losses import RealUnits, liveliness_of
from audio2pose_core.network.samples import torch_model
from audio2pose_core.network.trainer import train, training_windows
from audio2pose_core.network.training_log import TrainingLog, clock

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def losses(folder: Path) -> list[str]:
    """The lines of the log that report losses, without speeds."""
    lines = (folder / "log.txt").read_text().splitlines()
    return [line.split(" norm")[0] for line in lines if line.startswith("step")]


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "audio2pose_core.cli", *map(str, words)]


def test_a_killed_run_goes_on_as_if_nothing_had_happened(pack: Path, tmp_path: Path) -> None:
    config = write_toml(tmp_path / "c.toml", tables(pack, steps=60, save_every=7))
    words = command("train", "--config", config, "--output", tmp_path / "killed", "--device", "cpu")
    log = tmp_path / "killed" / "log.txt"
    moment = random.Random(os.getpid())
    # The first kill comes before there is a checkpoint.
    for least, most in ((2, 5), (3, 20), (3, 20)):
        before = len(losses(log.parent)) if log.exists() else 0
        run = subprocess.Popen(words, env=ENVIRONMENT, cwd=ROOT, stderr=subprocess.DEVNULL)
        wanted = before + moment.randint(least, most)
        while run.poll() is None and (not log.exists() or len(losses(log.parent)) < wanted):
            time.sleep(0.005)
        run.send_signal(signal.SIGKILL)
        assert run.wait() == -signal.SIGKILL
    # A line that the kill tore in two is no line.
    with open(log, "a") as file:
        file.write("step 59 feat")
    assert (
        subprocess.run(words, env=ENVIRONMENT, cwd=ROOT, stderr=subprocess.DEVNULL).returncode == 0
    )
    # In a process of its own like the others: another number of threads adds up in another order.
    undisturbed = [*words[:-3], tmp_path / "whole", *words[-2:]]
    subprocess.run(undisturbed, env=ENVIRONMENT, cwd=ROOT, stderr=subprocess.DEVNULL, check=True)
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")
    assert re.search(r"resumed at step \d+; \d+ lines of later steps taken back", log.read_text())
    a, b = (load_checkpoint(tmp_path / f / "checkpoint.pt") for f in ("whole", "killed"))
    for part in ("model", "average"):
        assert all(torch.equal(a[part][k], b[part][k]) for k in a[part])


def test_ctrl_c_saves_the_step_that_it_stops_at(pack: Path, tmp_path: Path) -> None:
    config = write_toml(tmp_path / "c.toml", tables(pack, steps=100_000, save_every=100_000))
    words = command("train", "--config", config, "--output", tmp_path / "run", "--device", "cpu")
    log = tmp_path / "run" / "log.txt"
    run = subprocess.Popen(
        words,
        env=ENVIRONMENT,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while run.poll() is None and (not log.exists() or len(losses(log.parent)) < 3):
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    _, shown = run.communicate(timeout=120)
    assert run.returncode == 130 and "Traceback" not in shown
    step = load_checkpoint(tmp_path / "run" / "checkpoint.pt")["step"]
    assert step == len(losses(log.parent)) >= 3
    assert log.read_text().splitlines()[-1].startswith(f"stopped at step {step} ")


# The beat network has a configuration of its own kind (test_beats_training.py).
DANCERS = [p for p in (ROOT / "training/configs").glob("*.toml") if p.name != "beats.toml"]


@pytest.mark.parametrize("path", sorted(DANCERS), ids=lambda path: path.name)
def test_the_configs_that_come_along_are_good(path: Path) -> None:
    config = load_config(path)
    assert set(config.data.styles.values()) <= set(config.data.style_names)


def test_two_processes_train_as_one(pack: Path, tmp_path: Path) -> None:
    config = write_toml(tmp_path / "c.toml", tables(pack, steps=8))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    runs = []
    for rank in range(2):
        world = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2"}
        world |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        words = command(
            "train", "--config", config, "--output", tmp_path / "two", "--device", "cpu"
        )
        runs.append(
            subprocess.Popen(
                words, env=ENVIRONMENT | world, cwd=ROOT, stderr=subprocess.PIPE, text=True
            )
        )
    for run in runs:
        _, shown = run.communicate(timeout=300)
        assert run.returncode == 0, shown
    train(tiny(pack, steps=8), tmp_path / "one", device="cpu", quiet=True)
    a, b = (load_checkpoint(tmp_path / f / "checkpoint.pt") for f in ("one", "two"))
    for key, value in a["model"].items():
        torch.testing.assert_close(b["model"][key], value, rtol=0, atol=1e-5)
    one, two = ([float(x.split()[-1]) for x in losses(tmp_path / f)] for f in ("one", "two"))
    np.testing.assert_allclose(two, one, rtol=1e-4)
    # Each loss is there once: the second process wrote none.
    assert len(two) == 8


def test_a_batch_that_cannot_be_shared_is_refused(pack: Path) -> None:
    from audio2pose_core.network.parallel import World

    shares = [World(torch.device("cpu"), rank, 2).share(6) for rank in range(2)]
    assert shares == [slice(0, 3), slice(3, 6)]
    with pytest.raises(OptionError, match="cannot be shared by 4"):
        World(torch.device("cpu"), 0, 4).share(6)
    config = tiny(pack)
    windows = training_windows(config, torch.device("cpu"))[0]
    whole, part = windows.batch(3, 6), windows.batch(3, 6, shares[1])
    for name in ("target", "mask", "conditions", "style", "valid", "noise", "t", "weight"):
        assert torch.equal(getattr(whole, name)[3:], getattr(part, name)), name
    assert float(whole.weight.mean()) == pytest.approx(1.0, abs=1e-6)


def test_dances_are_drawn_without_touching_the_run(pack: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    train(tiny(pack, sample_every=3), tmp_path / "drawn", device="cpu", quiet=True)
    train(tiny(pack), tmp_path / "plain", device="cpu", quiet=True)
    a, b = ([x for x in losses(tmp_path / f) if "dances" not in x] for f in ("drawn", "plain"))
    assert a == b
    samples = tmp_path / "drawn" / "samples"
    assert (samples / "step000003.png").read_bytes().startswith(b"\x89PNG")
    motion = load_motion(samples / "step000006_bounce.npz")
    assert motion.seconds == pytest.approx(10.0, abs=0.1) and np.isfinite(motion.root).all()


def test_tensorboard_gets_the_curves_and_is_missed_aloud(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[str, int]] = []
    purged: list[int] = []

    class SummaryWriter:
        def __init__(self, folder: str, purge_step: int) -> None:
            assert Path(folder) == tmp_path / "run" / "tensorboard"
            purged.append(purge_step)

        def add_scalar(self, name: str, value: float, step: int) -> None:
            assert np.isfinite(value)
            written.append((name, step))

        def close(self) -> None:
            pass

    module = SimpleNamespace(SummaryWriter=SummaryWriter)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    config = tiny(pack, tensorboard=True)
    train(config, tmp_path / "run", device="cpu", quiet=True, steps=3)
    train(config, tmp_path / "run", device="cpu", quiet=True)
    assert purged == [0, 3]
    assert [step for name, step in written if name == "loss/total"] == [1, 2, 3, 4, 5, 6]
    assert {"learning_rate", "speed/windows_per_s", "speed/waiting"} <= {n for n, _ in written}

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    train(config, tmp_path / "without", device="cpu", quiet=True, steps=1)
    assert "pip install tensorboard" in (tmp_path / "without" / "log.txt").read_text()


def test_the_student_learns_the_guided_teacher(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(tiny(pack, steps=120, learning_rate=2e-3), tmp_path / "teacher", device="cpu", quiet=True)
    teacher = tmp_path / "teacher" / "weights.pt"
    distill(teacher, tmp_path / "whole", device="cpu", quiet=True)
    log = (tmp_path / "whole" / "log.txt").read_text()
    errors = [float(x) for x in re.findall(r"feature ([\d.]+), speed", log)]
    assert len(errors) == 7 and errors[-1] < 0.8 * errors[0]

    # Stopped in its third round, it goes on as if nothing had happened.
    rounds, one_round = iter(range(2)), distill_module._Run.one_round

    def stopped(run: distill_module._Run) -> None:
        if next(rounds, None) is None:
            raise KeyboardInterrupt
        one_round(run)

    monkeypatch.setattr(distill_module._Run, "one_round", stopped)
    with pytest.raises(KeyboardInterrupt):
        distill(teacher, tmp_path / "parts", device="cpu", quiet=True)
    monkeypatch.undo()
    distill(teacher, tmp_path / "parts", device="cpu", quiet=True)
    assert losses(tmp_path / "parts") == losses(tmp_path / "whole")

    output = tmp_path / "student.onnx"
    report = main(["export", "--weights", str(tmp_path / "whole/weights.pt"), "-o", str(output)])
    assert report == 0
    settings = settings_of(load_model(output))
    assert (settings.steps, settings.guidance, settings.times) == (2, 1.0, (0.0, 0.5))
    contract = json.loads(output.with_suffix(".json").read_text())
    assert contract["styles"]["bounce"]["hit_rate"] == pytest.approx(2.0, abs=0.4)


def test_the_last_pass_is_held_to_the_energy_of_the_data(pack: Path, tmp_path: Path) -> None:
    """And to as much more as is asked for on top; the passes before, to the teacher."""
    settings = DistillConfig(
        times=(0.0, 0.5), substeps=1, batch=4, windows=8, fresh=1.0, energy_shift=(0.5, 0.5)
    )
    config = tiny(pack, drop_energy=0.0, drop_all=0.0)
    windows, mean, deviation, _ = training_windows(config, torch.device("cpu"))
    units = RealUnits(torch.as_tensor(mean), torch.as_tensor(deviation), config.data.fps)

    def still(x: torch.Tensor, t: torch.Tensor, batch: Batch) -> torch.Tensor:
        return torch.zeros_like(x)

    teacher = cast(Guided, still)
    maker = TargetMaker(windows, teacher, teacher, settings, config.conditions, units)
    targets = maker.make(0, torch.Generator().manual_seed(0))
    clips = windows.batch(0, 8)
    own = liveliness_of(units, clips.target, clips.valid)
    frozen = liveliness_of(units, targets.answer, clips.valid)
    assert targets.lively.shape == (8, 48)
    torch.testing.assert_close(targets.lively[:4], frozen[:4])
    torch.testing.assert_close(targets.lively[4:], own[4:] + 0.5)
    assert bool((own > frozen + 0.1).any(dim=1).all()), "the clips move"
    maker.settings = replace(settings, as_lively_as_data=False)
    targets = maker.make(0, torch.Generator().manual_seed(0))
    torch.testing.assert_close(targets.lively, frozen)


def test_the_teacher_is_sampled_as_the_generator_does(pack: Path, tmp_path: Path) -> None:
    """Same noise, same steps: distillation walks where ``generate.sampler`` walks."""
    config = tiny(pack, steps=5)
    train(config, tmp_path / "run", device="cpu", quiet=True)
    state = load_checkpoint(tmp_path / "run" / "checkpoint.pt")
    windows = training_windows(config, torch.device("cpu"))[0]
    batch = windows.batch(0, 4)
    model = torch_model(config, state["average"], state["mean"].numpy(), state["deviation"].numpy())
    guided = Guided(model._session.network, 4.0, False, False)
    x = batch.noise
    for pair in pairwise(crowded(5).tolist()):
        now, after = (torch.full((4,), time) for time in pair)
        x = euler_step(x, now, after, guided(x, now, batch), batch)
    for row in range(4):
        noise = batch.noise[row].numpy()

        class Fixed:
            def standard_normal(self, shape, noise=noise):  # type: ignore[no-untyped-def]
                return noise.astype(np.float64)

        expected = sample_window(
            model, batch.target[row].numpy(), batch.mask[row].numpy(),
            batch.conditions[row].numpy(), batch.style[row].numpy(),
            Fixed(), SamplerSettings(steps=5, guidance=4.0),
        )  # fmt: skip
        free = batch.mask[row].numpy()[:, windows_groups()] < 0.5
        np.testing.assert_allclose(x[row].numpy()[free], expected[free], atol=2e-3)


def test_one_training_at_a_time_in_a_folder(pack: Path, tmp_path: Path) -> None:
    with folder_lock(tmp_path / "run"), pytest.raises(OutputError, match="in use"):
        train(tiny(pack, steps=1), tmp_path / "run", device="cpu", quiet=True)
    assert train(tiny(pack, steps=1), tmp_path / "run", device="cpu", quiet=True).exists()
    with folder_lock(tmp_path / "student"), pytest.raises(OutputError, match="in use"):
        distill(tmp_path / "run" / "weights.pt", tmp_path / "student", device="cpu", quiet=True)


def test_a_config_leaves_out_what_the_pack_holds(pack: Path, tmp_path: Path) -> None:
    whole = tiny(pack, steps=2)
    fewer = replace(whole, data=replace(whole.data, excluded=("clip0",), held_out=("clip1",)))
    assert training_windows(fewer, torch.device("cpu"))[3].startswith("1 clips")
    # A run goes on with the scale of its weights, whatever its data has become.
    train(whole, tmp_path / "run", device="cpu", quiet=True)
    before = load_checkpoint(tmp_path / "run" / "checkpoint.pt")
    train(replace(fewer, train=replace(fewer.train, steps=4)), tmp_path / "run", quiet=True)
    after = load_checkpoint(tmp_path / "run" / "checkpoint.pt")
    assert after["step"] == 4
    assert torch.equal(before["mean"], after["mean"])
    assert "excluded () -> ('clip0',)" in (tmp_path / "run" / "log.txt").read_text()


def windows_groups() -> np.ndarray:
    from audio2pose_core import representation as rep

    return rep.GROUP_OF_FEATURE


def test_a_checkpoint_of_version_0_1_goes_on_and_is_exported(pack: Path, tmp_path: Path) -> None:
    """Its configuration names the data ``pack`` and knows fewer keys."""
    path = train(tiny(pack, steps=2), tmp_path / "run", device="cpu", quiet=True)
    for name in ("checkpoint.pt", "weights.pt"):
        state = load_checkpoint(path.with_name(name))
        config = json.loads(state["config"])
        config["data"]["pack"] = config["data"].pop("windows")
        del config["train"]["drop_control"]
        torch.save(state | {"config": json.dumps(config)}, path.with_name(name))
    words = ["export", "--weights", str(path.with_name("weights.pt")), "--quiet"]
    assert main([*words, "-o", str(tmp_path / "m.onnx")]) == 0
    assert load_model(tmp_path / "m.onnx").styles == ("bounce",)
    train(tiny(pack, steps=4), tmp_path / "run", device="cpu", quiet=True)
    assert load_checkpoint(path)["step"] == 4
    log = (tmp_path / "run" / "log.txt").read_text()
    assert "resumed at step 2" in log and "from here on: steps 2 -> 4\n" in log


def test_settings_that_mean_nothing_are_refused() -> None:
    for times in ((0.1, 0.5), (0.0, 0.0), (0.0, 1.0), ()):
        with pytest.raises(OptionError, match="times"):
            changed(DistillConfig(), "test", times=times)
    with pytest.raises(OptionError, match="multiple"):
        changed(DistillConfig(), "test", windows=100)


def test_another_network_is_not_resumed(pack: Path, tmp_path: Path) -> None:
    train(tiny(pack, steps=1), tmp_path / "run", device="cpu", quiet=True)
    other = tables(pack)
    other["model"]["width"] = 64
    with pytest.raises(ModelError, match="another"):
        train(from_tables(other, "x"), tmp_path / "run", device="cpu", quiet=True)
    (tmp_path / "run" / "checkpoint.pt").write_bytes((tmp_path / "run" / "weights.pt").read_bytes())
    with pytest.raises(ModelError, match="weights only"):
        train(tiny(pack), tmp_path / "run", device="cpu", quiet=True)


def test_styles_are_checked_before_the_hours_of_training(pack: Path, tmp_path: Path) -> None:
    for names, match in (
        ([], "style_names is empty"),
        (["bounce", "tango"], "no training clip of the style 'tango'"),
        (["tango"], "no training clip of the style 'tango'"),
    ):
        wrong = tables(pack)
        wrong["data"]["style_names"] = names
        with pytest.raises((DataError, OptionError), match=match):
            train(from_tables(wrong, "x"), tmp_path / "run", device="cpu", quiet=True)
    plain = tables(pack)
    plain["data"] |= {"style_names": ["dance"], "styles": {"": "dance", "salsa": "dance"}}
    assert [style_index(n, from_tables(plain, "x")) for n in ("", "tango", "salsa on 2")] == [0] * 3
    assert style_index("tango", tiny(pack)) == -1


def test_without_a_compiler_it_trains_and_says_so(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    train(tiny(pack, steps=1, compile=True), tmp_path / "run", device="cpu", quiet=True)
    assert "no C++ compiler" in (tmp_path / "run" / "log.txt").read_text()
    assert len(losses(tmp_path / "run")) == 1


def test_what_a_resumed_run_does_otherwise_is_said(pack: Path, tmp_path: Path) -> None:
    train(tiny(pack, steps=1), tmp_path / "run", device="cpu", quiet=True)
    train(tiny(pack, steps=2, learning_rate=1e-3), tmp_path / "run", device="cpu", quiet=True)
    log = (tmp_path / "run" / "log.txt").read_text()
    assert "from here on: steps 1 -> 2, learning_rate 0.0005 -> 0.001\n" in log


def test_what_cannot_be_exported_is_refused(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.pt").write_bytes(b"nothing")
    for words, match in (
        (["--weights", "bad.pt", "-o", "x.onnx"], "bad.pt: not a checkpoint"),
        (["--weights", "none.pt", "-o", "x.onnx"], "none.pt: no such file"),
        (["--weights", "bad.pt", "-o", "x.bin"], "ends in .onnx"),
        (["--weights", "bad.pt", "-o", "x.onnx", "--steps", "0"], "--steps"),
    ):
        at = [str(tmp_path / w) if "." in w and not w.startswith("-") else w for w in words]
        assert main(["export", *at]) != 0
        shown = capsys.readouterr().err
        assert match in shown and shown.count("\n") == 1
    assert not (tmp_path / "x.onnx").exists()


def test_the_log_is_cut_back_to_the_checkpoint(tmp_path: Path) -> None:
    log_file = TrainingLog(tmp_path, quiet=True)
    for text in ("3 clips", "step 5 total 1", "step 10 total 2", "step 15 total 3"):
        log_file.line(text)
    log_file.resume(10)
    assert (tmp_path / "log.txt").read_text().splitlines() == [
        "3 clips", "step 5 total 1", "step 10 total 2",
        "resumed at step 10; 1 lines of later steps taken back, they are made again",
    ]  # fmt: skip
    log_file.resume(0)
    lines = (tmp_path / "log.txt").read_text().splitlines()
    assert lines[0] == "3 clips" and lines[-1].startswith("resumed at step 0; 2 lines")
    log_file.resume(0)
    assert (tmp_path / "log.txt").read_text().splitlines() == lines
    assert [clock(59), clock(3661)] == ["0:59", "1:01:01"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_and_nothing_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = {}
    for name, stream, quiet in (
        ("terminal", Terminal(), False),
        ("file", io.StringIO(), False),
        ("quiet", Terminal(), True),
    ):
        monkeypatch.setattr(sys, "stderr", stream)
        log = TrainingLog(tmp_path / name, quiet=quiet)
        log.progress("windows", 0.5)
        log.bar(3, 10, "loss 0.5")
        log.line("step 5 total 1")
        log.close()
        shown[name] = stream.getvalue()
        assert (tmp_path / name / "log.txt").read_text() == "step 5 total 1\n"
    assert "windows" in shown["terminal"] and "3/10" in shown["terminal"]
    assert "loss 0.5" in shown["terminal"] and "step 5 total 1" in shown["terminal"]
    assert shown["file"] == "step 5 total 1\n" and shown["quiet"] == ""
