"""render.py --work and --part: killed, gone on with, cut into chunks, joined frame by frame."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from test_render import FPS, needs_ffmpeg, pictures, render, sound, write_dance

pytestmark = pytest.mark.blender

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "render.py"
FRAMES = 20
RATE = 44100


def write_clicks(path: Path) -> Path:
    """Bursts of noise at odd times: where they are heard can be told to a sample."""
    noise = np.random.default_rng(0).normal(0, 0.2, round(FRAMES / FPS * RATE))
    loud = np.zeros(len(noise))
    for at in (0.05, 0.21, 0.37, 0.6):
        loud[round(at * RATE) : round((at + 0.03) * RATE)] = 1
    samples = (32767 * np.clip(noise * loud, -1, 1)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


def lag(a: np.ndarray, b: np.ndarray) -> float:
    """Seconds by which b is later than a, by cross-correlation."""
    size = 1 << (len(a) + len(b)).bit_length()
    both = np.fft.irfft(np.fft.rfft(b, size) * np.conj(np.fft.rfft(a, size)), size)
    peak = int(np.argmax(np.abs(both)))
    return (peak if peak < size // 2 else peak - size) / RATE


@pytest.fixture(scope="module")
def show(tmp_path_factory) -> SimpleNamespace:
    """Song, dance and the video that one undisturbed run makes of them."""
    folder = tmp_path_factory.mktemp("show")
    song = write_clicks(folder / "song.wav")
    dance = write_dance(folder / "dance.npz", 2.0)
    words = ["--audio", song, "--motion", dance, "--resolution", "160x90", "--fps", FPS]
    direct = folder / "direct.mp4"
    done = render(*words, "--output", direct)
    assert done.returncode == 0, done.stderr
    return SimpleNamespace(words=words, direct=direct, song=song)


def check(video: Path, show: SimpleNamespace) -> None:
    """The same pictures, each in its place, and the song where it was."""
    ours, theirs = pictures(video), pictures(show.direct)
    assert len(ours) == FRAMES
    assert (ours == theirs).all()
    with wave.open(str(show.song)) as file:
        song = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    assert abs(lag(song, sound(video))) < 0.010


@needs_ffmpeg
@pytest.mark.skipif(os.name != "posix", reason="kill -9 is sent the POSIX way")
def test_after_kill_9_only_missing_frames_are_made_and_the_video_is_the_same(show, tmp_path):
    video, work = tmp_path / "a.mp4", tmp_path / "work of é"
    words = [*show.words, "--output", video, "--work", work]
    command = [sys.executable, str(SCRIPT), *map(str, words)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 90
    while len(list((work / "frames").glob("0*.png"))) < 4:
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    there = {p.name: p.stat().st_mtime_ns for p in (work / "frames").glob("0*.png")}
    assert 4 <= len(there) < FRAMES and not video.exists()
    # A loss of power may leave a file that is there by name only.
    broken = work / "frames" / "000002.png"
    broken.write_bytes(bytes(broken.stat().st_size))
    done = render(*words)
    assert done.returncode == 0, done.stderr
    made = FRAMES - len(there) + 1
    assert f"made {made} of the frames 1-{FRAMES}" in done.stderr
    now = {p.name: p.stat().st_mtime_ns for p in (work / "frames").glob("0*.png")}
    assert all(now[name] == at for name, at in there.items() if name != broken.name)
    check(video, show)


@needs_ffmpeg
def test_chunks_in_any_order_join_to_the_same_video(show, tmp_path):
    video, work = tmp_path / "a.mp4", tmp_path / "work"
    words = [*show.words, "--output", video, "--work", work, "--part"]
    # The last chunk is asked for beyond the end, as by one who does not know the length.
    for part in ("13-99", "1-12"):
        done = render(*words, part)
        assert done.returncode == 0, done.stderr
        assert not video.exists()
        if part == "13-99":
            early = render(*words, "join")
            assert early.returncode == 2 and "12 of 20 frames are missing" in early.stderr
    done = render(*words, "join")
    assert done.returncode == 0, done.stderr
    check(video, show)


def test_a_blend_whose_sound_is_gone_is_told(show, tmp_path):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    gone = tmp_path / "gone.wav"
    gone.write_bytes(show.song.read_bytes())
    strip = scene.sequence_editor_create().strips.new_sound("Song", str(gone), 1, 1)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    gone.unlink()
    words = [*show.words, "--blend", tmp_path / "scene.blend", "--output", tmp_path / "a.mp4"]
    done = render(*words)
    assert done.returncode == 2
    assert "gone.wav" in done.stderr and "'Song' is missing" in done.stderr
    assert not (tmp_path / "a.mp4").exists()
    strip.mute = True
    from blender_addon.render import video

    video.check_sounds(scene)
    bpy.ops.wm.read_factory_settings(use_empty=True)


def test_a_blender_without_ffmpeg_is_told_before_anything(monkeypatch):
    from blender_addon.render import video

    video.check_encoder()
    without = SimpleNamespace(app=SimpleNamespace(build_options=SimpleNamespace(codec_ffmpeg=0)))
    monkeypatch.setattr(video, "bpy", without)
    with pytest.raises(video.errors.OutputError, match=r"without FFmpeg.*PNG"):
        video.check_encoder()


def test_a_disk_that_is_full_is_told_and_whole_frames_stay(tmp_path):
    from blender_addon.core import errors, files
    from blender_addon.render import frames

    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small disk")
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        scene = bpy.context.scene
        scene.render.engine = "BLENDER_WORKBENCH"
        scene.render.resolution_x, scene.render.resolution_y = 64, 36
        scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
        scene.collection.objects.link(scene.camera)
        scene.frame_start, scene.frame_end = 1, 4
        (small / "filler").write_bytes(bytes(399 * 1024))
        with pytest.raises(errors.OutputError, match="free some space"):
            frames.render_frames(scene, small / "frames", 1, 4)
        (small / "filler").unlink()
        assert frames.render_frames(scene, small / "frames", 1, 2) == 2
        assert frames.render_frames(scene, small / "frames", 1, 4) == 2
        assert files.missing_frames(small / "frames", 1, 4) == []
        # A first frame so large that the others cannot all have room.
        with pytest.raises(errors.OutputError, match=r"1\.0 GB, [0-9]+ kB are free"):
            frames._check_room(small, 10**9)
        with pytest.raises(errors.OutputError, match=r"about 2\.0 MB, [0-9]+ kB are free"):
            frames._check_room(small, 2 * 10**6)
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)
        bpy.ops.wm.read_factory_settings(use_empty=True)
