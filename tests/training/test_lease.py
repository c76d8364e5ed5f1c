"""Slices of training on a machine that takes and gives small files: nothing is lost on the way."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from made_dances import tables, tiny, write_toml

from audio2pose_core.errors import DataError, OptionError
from audio2pose_core.network.checkpoints import CHECKPOINT, load_checkpoint
from audio2pose_core.network.parts import MIB, NAME, SQUEEZES, Room, join, packed, split
from audio2pose_core.network.trainer import train
from training import lease

ROOM = Room(16 * MIB, 8, 64 * MIB)


def small(files: int = 5, each: int = 30_000) -> Room:
    return Room(each, files, files * each)


# --- parts ---


@pytest.mark.parametrize("size", [0, 1, 25_903, 25_904, 25_905, 100_000])
def test_parts_joined_are_the_whole_to_the_byte(tmp_path, size):
    data = bytes(range(256)) * (size // 256 + 1)
    paths = split(data[:size], tmp_path, small())
    assert all(path.stat().st_size <= 30_000 for path in paths)
    assert join(tmp_path) == data[:size]
    # Newer ones replace them, also where they are fewer.
    split(b"x", tmp_path, small())
    assert join(tmp_path) == b"x" and len(list(tmp_path.iterdir())) == 1


def test_parts_that_are_missing_damaged_or_of_another_state_are_told(tmp_path):
    with pytest.raises(DataError, match=r"no state\.part"):
        join(tmp_path)
    split(b"a" * 100_000, tmp_path, small())
    parts = sorted(tmp_path.iterdir())
    good = {path: path.read_bytes() for path in parts}
    parts[1].unlink()
    with pytest.raises(DataError, match="are there, of 4"):
        join(tmp_path)
    parts[1].write_bytes(good[parts[1]][:-1] + b"b")
    with pytest.raises(DataError, match="damaged"):
        join(tmp_path)
    other = tmp_path / "other"
    split(b"b" * 100_000, other, small())
    parts[1].write_bytes((other / parts[1].name).read_bytes())
    with pytest.raises(DataError, match="different states"):
        join(tmp_path)
    for damage in (b"", b"[" * 10_000, b"{}\n", b"\xff\n", b'{"format": 3}\nx'):
        parts[1].write_bytes(damage)
        with pytest.raises(DataError):
            join(tmp_path)
    with pytest.raises(OptionError, match="may travel"):
        split(b"a" * 200_000, tmp_path / "third", small())


# --- squeezing ---


@pytest.fixture(scope="module")
def run(pack, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    train(tiny(pack, steps=3), folder, quiet=True)
    return folder


def test_nothing_is_squeezed_that_fits(run):
    state = load_checkpoint(run / CHECKPOINT)
    data, said = packed(state, 10**9)
    assert said == [] and len(data) <= 1.1 * (run / CHECKPOINT).stat().st_size
    with pytest.raises(OptionError, match="leave --exact out"):
        packed(state, len(data) - 1, exact=True)
    with pytest.raises(OptionError, match="smaller network"):
        packed(state, 1000)


def test_what_is_squeezed_is_little_and_goes_on(run, pack, tmp_path):
    state = load_checkpoint(run / CHECKPOINT)
    before, sizes = len(packed(state, 10**9)[0]), []
    for count in range(1, len(SQUEEZES) + 1):
        data, said = packed(state, sizes[-1] - 1 if sizes else before - 1)
        assert said == [what for what, _ in SQUEEZES[:count]]
        sizes.append(len(data))
        folder = tmp_path / str(count)
        split(data, folder / "parts", Room(MIB, 8, 8 * MIB))
        lease.unpack(folder / "parts", folder / "run")
        other = load_checkpoint(folder / "run" / CHECKPOINT)
        for name, value in state["model"].items():
            assert torch.allclose(other["model"][name].float(), value, rtol=1e-3, atol=1e-6), name
        train(tiny(pack, steps=4), folder / "run", quiet=True)
        gone_on = load_checkpoint(folder / "run" / CHECKPOINT)
        assert gone_on["step"] == 4
        assert all(v.dtype == torch.float32 for v in gone_on["model"].values())
        moments = gone_on["optimiser"]["state"][0]
        assert moments["exp_avg"].dtype == torch.float32
    # The state itself is as it was.
    assert state["optimiser"]["state"][0]["exp_avg"].dtype == torch.float32


# --- slices ---


def test_slices_over_parts_are_one_run_to_the_bit(run, pack, tmp_path, capsys):
    """Three machines, one after the other, against one that trained through."""
    config = write_toml(tmp_path / "my.toml", tables(pack, steps=3, log_every=1, save_every=1))
    parts = tmp_path / "start"
    parts.mkdir()
    room = ("--part-mb", "1", "--total-mb", "8", "--exact", "--no-compile", "--device", "cpu")
    for k in range(3):
        out = tmp_path / f"out{k}"
        words = ["slice", "--config", str(config), "--parts", str(parts), "--output", str(out)]
        words += ["--seconds", "1000", "--steps", str(k + 1)]
        assert lease.main([*words, *room]) == 0
        said = capsys.readouterr().out
        assert said.startswith("1 steps of") and f"step {k + 1}:" in said
        assert "steps/s" in said and "waiting for data" in said and "exact" in said
        files = sorted(path.name for path in out.iterdir())
        assert "log.txt" in files and f"{NAME}.0" in files and len(files) <= 8
        parts = out
    assert lease.main(["unpack", "--parts", str(parts), "--run", str(tmp_path / "mine")]) == 0
    mine, whole = (load_checkpoint(f / CHECKPOINT) for f in (tmp_path / "mine", run))
    assert mine["step"] == whole["step"] == 3
    for name, value in whole["model"].items():
        assert torch.equal(mine["model"][name], value), name
    for name, value in whole["average"].items():
        assert torch.equal(mine["average"][name], value), name


def test_an_older_state_does_not_replace_a_newer_one(run, tmp_path, capsys):
    assert lease.main(["pack", "--run", str(run), "--output", str(tmp_path / "p")]) == 0
    state = load_checkpoint(run / CHECKPOINT)
    newer = tmp_path / "newer" / CHECKPOINT
    newer.parent.mkdir()
    torch.save(state | {"step": 99}, newer)
    assert lease.main(["unpack", "--parts", str(tmp_path / "p"), "--run", str(newer.parent)]) == 2
    assert "is at step 99" in capsys.readouterr().err
    assert load_checkpoint(newer)["step"] == 99


def test_a_slice_that_is_taken_away_leaves_its_last_save(pack, tmp_path):
    """The machine goes without a word: what training had saved lies in the output by then."""
    config = write_toml(tmp_path / "my.toml", tables(pack, steps=100_000, save_every=20))
    out = tmp_path / "out"
    words = ["slice", "--config", config, "--output", out, "--seconds", "1000", "--no-compile"]
    command = [sys.executable, "-m", "training.lease", *map(str, words), "--device", "cpu"]
    process = subprocess.Popen(command, cwd=Path(lease.__file__).parents[1])
    try:
        end = time.monotonic() + 240
        while not list(out.glob(f"{NAME}.*")):
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.2)
    finally:
        process.kill()
        process.wait()
    lease.unpack(out, tmp_path / "run")
    assert load_checkpoint(tmp_path / "run" / CHECKPOINT)["step"] % 20 == 0


def test_the_pace_is_read_from_the_lines_of_this_slice_only(tmp_path):
    log = tmp_path / "log.txt"
    line = "step {} total 1.0 norm 1.0 {:.2f} steps/s 9.0 windows/s {}% waiting for data, 0:01 left"
    rows = [(10, 99.0, 90.0), (20, 2.0, 50.0), (30, 1.0, 0.0)]
    log.write_text("begun\n" + "".join(line.format(*row) + "\n" for row in rows))
    rate, waiting = lease.pace(log, 10)
    assert math.isclose(rate, 20 / 15) and math.isclose(waiting, 2.5 / 15)
    assert lease.pace(log, 30) == (0.0, 0.0)


@pytest.mark.parametrize("words", [["--files", "0"], ["--part-mb", "0"], ["--total-mb", "-1"]])
def test_room_for_nothing_is_refused(run, tmp_path, words):
    own = ["pack", "--run", str(run), "--output", str(tmp_path)]
    assert lease.main([*own, *words]) == 2
