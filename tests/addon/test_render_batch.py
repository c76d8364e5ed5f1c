"""scripts/render_batch.py with the real render.py: two songs become two videos, one is no song."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("bpy")

from audio2pose_core.formats import save_motion
from audio2pose_core.motion import rest_motion

pytestmark = pytest.mark.blender

ROOT = Path(__file__).resolve().parents[2]


def run(*words: object, status: int = 0) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done


def write_song(path: Path, seconds: float) -> None:
    t = np.arange(round(seconds * 22050)) / 22050
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(22050)
        file.writeframes((16000 * np.sin(2 * np.pi * 440 * t)).astype("<i2").tobytes())


def test_a_folder_becomes_videos_and_is_finished_then(tmp_path):
    songs, output = tmp_path / "songs of été", tmp_path / "out"
    songs.mkdir()
    write_song(songs / "a b.wav", 0.4)
    write_song(songs / "ç.wav", 0.2)
    (songs / "broken.mp3").write_text("no song")
    save_motion(tmp_path / "dance.npz", rest_motion(30, 30.0))
    batch = ["scripts/render_batch.py", "--songs", songs, "--output", output, "--workers", 2]
    look = ["--motion", tmp_path / "dance.npz", "--resolution", "64x36", "--samples", "1"]

    done = run(*batch, *look, status=1)
    assert "2 done, 1 failed" in done.stdout
    rows = {job["song"]: job for job in json.loads((output / "report.json").read_text())["jobs"]}
    assert (rows["a b.wav"]["frames"], rows["ç.wav"]["frames"]) == (12, 6)
    assert "broken.mp3" in rows["broken.mp3"]["reason"]
    for name in ("a b.mp4", "ç.mp4"):
        assert (output / name).read_bytes()[4:8] == b"ftyp"

    (songs / "broken.mp3").unlink()
    again = run(*batch, *look)
    assert "2 skipped" in again.stdout


def test_the_command_render_is_render_py(tmp_path):
    command = ["-m", "audio2pose_core.cli", "render"]
    assert "--resolution" in run(*command, "--help").stdout
    save_motion(tmp_path / "dance.npz", rest_motion(3, 30.0))
    words = ["--motion", tmp_path / "dance.npz", "--resolution", "64x36"]
    run(*command, *words, "--output", tmp_path / "dance.mp4", "--quiet")
    assert (tmp_path / "dance.mp4").exists()
    wrong = run(*command, *words, "--output", tmp_path / "dance.avi", "--quiet", status=2)
    assert wrong.stderr.startswith("error:") and ".mp4" in wrong.stderr
