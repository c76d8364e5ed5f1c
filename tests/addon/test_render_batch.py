"""scripts/render_batch.py with the real render.py: two songs become two videos, one is no song."""

from __future__ import annotations

import argparse
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
    write_song(songs / "lost.wav", 0.2)
    jobs = tmp_path / "jobs.toml"
    jobs.write_text('[songs."lost.wav"]\ncharacter = "nobody.blend:Rig"\n')
    save_motion(tmp_path / "dance.npz", rest_motion(30, 30.0))
    batch = ["scripts/render_batch.py", "--songs", songs, "--output", output, "--workers", 2]
    look = ["--motion", tmp_path / "dance.npz", "--resolution", "64x36", "--samples", "1"]

    done = run(*batch, *look, "--jobs", jobs, status=1)
    assert "2 done, 2 failed" in done.stdout
    rows = {job["song"]: job for job in json.loads((output / "report.json").read_text())["jobs"]}
    assert (rows["a b.wav"]["frames"], rows["ç.wav"]["frames"]) == (12, 6)
    assert "broken.mp3" in rows["broken.mp3"]["reason"]
    assert "nobody.blend" in rows["lost.wav"]["reason"]
    for name in ("a b.mp4", "ç.mp4"):
        assert (output / name).read_bytes()[4:8] == b"ftyp"

    (songs / "broken.mp3").unlink()
    (songs / "lost.wav").unlink()
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


def test_a_song_in_chunks_and_the_same_seed_gives_the_same_bytes_of_motion(tmp_path):
    songs = tmp_path / "songs"
    songs.mkdir()
    song = songs / "a.wav"
    run("-m", "audio2pose_core.audio.demo_song", song, "--seconds", 2)
    batch = ["scripts/render_batch.py", "--songs", songs, "--fps", 10]

    def motion(name: str, *words: object) -> bytes:
        run(*batch, "--output", tmp_path / name, *words)
        assert (tmp_path / name / "a.mp4").read_bytes()[4:8] == b"ftyp"
        (file,) = (tmp_path / name / ".batch" / "motions").rglob("*.npz")
        return file.read_bytes()

    first = motion("one", "--resolution", "64x36", "--workers", 2, "--chunk", 10)
    job = json.loads((tmp_path / "one" / "report.json").read_text())["jobs"][0]
    parts = [part["part"] for part in job["parts"]]
    assert (parts[0], sorted(parts[1:3]), parts[3]) == ("motion", ["1-10", "11-20"], "join")
    assert job["frames"] == 20
    assert motion("two", "--resolution", "32x32") == first
    assert motion("three", "--resolution", "32x32", "--duration", "1", "--seed", 5) != first


def test_every_option_of_render_py_is_known_to_the_batch():
    from audio2pose_core.batch.options import OWN, PICTURE, RenderOptions

    actions = RenderOptions().actions
    known = set(actions)
    assert {"style", "energy", "quality", "structure", "crew", "canon", "character"} <= known
    said = run("-m", "audio2pose_core.cli", "render", "--help").stdout
    # Options of version 0.1 that have lost their use are accepted and not shown.
    shown = {name for name in known if actions[name].help != argparse.SUPPRESS}
    assert known - shown == {"structure"}
    assert all(f"--{name}" in said for name in shown), "the command's help is the same list"
    # What makes another dance must not be taken for a matter of the picture.
    dance = {"motion", "beats", "style", "seed", "energy", "quality", "structure", "duration"}
    dance |= {"model", "crew", "own"}
    assert known - dance - OWN == PICTURE
