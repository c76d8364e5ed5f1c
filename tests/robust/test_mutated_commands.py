"""The commands themselves on mutated files: exit 0, or one line; never "a bug"."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
import samples
from hypothesis import HealthCheck, given, settings
from mutations import BYTES, JSON, WORDS, Change, apply, changes

soundfile = pytest.importorskip("soundfile")

FUZZ = int(os.environ.get("AUDIO2POSE_FUZZ", "0"))


def many(usual: int):
    """As many examples as are asked for; a command takes a second."""
    return settings(
        max_examples=FUZZ // 20 or usual,
        deadline=None,
        derandomize=not FUZZ,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Three seconds of clicks at 120 bpm over a tone."""
    t = np.arange(3 * 22050) / 22050
    path = tmp_path / "song.wav"
    click = np.exp(-60 * (t % 0.5)) * np.sin(900 * t)
    soundfile.write(path, 0.2 * np.sin(440 * t) + 0.6 * click, 22050)
    return path


def one_line_or_fine(done) -> None:
    assert "a bug" not in done.err and "Traceback" not in done.err + done.out
    if done.status != 0:
        assert done.status in (1, 2) and done.error


def test_beats_of_mutated_songs(song, tmp_path, cli):
    good = song.read_bytes()

    @many(12)
    @given(changes(3))
    def check(wanted: list[Change]) -> None:
        song.write_bytes(apply(good, BYTES, wanted))
        one_line_or_fine(cli("beats", song, "-o", tmp_path / "b.json", "--quiet"))

    check()


@pytest.mark.parametrize("option", ["plan", "beats"])
def test_dances_to_mutated_plans_and_beats(song, tmp_path, cli, option):
    path = samples._plan(tmp_path) if option == "plan" else samples._beats(tmp_path)
    good = path.read_bytes()

    @many(8)
    @given(changes(2))
    def check(wanted: list[Change]) -> None:
        path.write_bytes(apply(good, JSON, wanted))
        out = tmp_path / "o.npz"
        out.unlink(missing_ok=True)
        done = cli("generate", song, "-o", out, f"--{option}", path, "--quiet", "--threads", 1)
        one_line_or_fine(done)
        if done.status == 0:
            samples._read_motion(out)

    check()


def test_styles_of_models_with_mutated_contracts(tmp_path, cli):
    source = samples.MODELS / "default"
    for suffix in (".onnx", ".json"):
        shutil.copy(source / f"default{suffix}", tmp_path)
    path = tmp_path / "default.json"
    good = path.read_bytes()

    @many(8)
    @given(changes(2))
    def check(wanted: list[Change]) -> None:
        path.write_bytes(apply(good, JSON, wanted))
        one_line_or_fine(cli("styles", "--model", tmp_path / "default.onnx"))

    check()


def test_batches_with_mutated_job_files(song, tmp_path, cli):
    jobs = tmp_path / "jobs.toml"
    good = (
        b'[all]\nresolution = "640x360"\nseed = 3\n\n'
        b'[songs."song.wav"]\nstyle = "salsa"\ncrew = 2\nstructure = true\n'
    )
    script = tmp_path / "render.py"
    script.write_text("")

    @many(60)
    @given(changes(3))
    def check(wanted: list[Change]) -> None:
        jobs.write_bytes(apply(good, WORDS, wanted))
        plan = tmp_path / "plan.json"
        plan.unlink(missing_ok=True)
        words = ("--songs", tmp_path, "--output", tmp_path / "out", "--script", script)
        done = cli("render-batch", *words, "--jobs", jobs, "--plan", plan, "--quiet")
        one_line_or_fine(done)
        if done.status == 0:
            assert json.loads(plan.read_text())["songs"]

    check()


def test_a_folder_of_mutated_songs_is_told_song_by_song(song, tmp_path, cli):
    """``--plan`` reads the length of each; none of them ends the others."""
    good, draw = song.read_bytes(), random.Random(3)
    folder = tmp_path / "songs"
    folder.mkdir()
    shutil.copy(song, folder / "good.wav")
    for k in range(30):
        made = [Change(draw.randrange(12), draw.random() ** 6, draw.randrange(65536))]
        (folder / f"{k}.wav").write_bytes(apply(good, BYTES, made))
    script = tmp_path / "render.py"
    script.write_text("")
    plan = tmp_path / "plan.json"
    words = ("--songs", folder, "--output", tmp_path / "out", "--script", script)
    one_line_or_fine(cli("render-batch", *words, "--plan", plan, "--quiet"))
    told = {song["song"]: song["state"] for song in json.loads(plan.read_text())["songs"]}
    assert len(told) == 31 and told["good.wav"] == "waiting"
