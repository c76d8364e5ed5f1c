"""scripts/render.py as people run it: song and dance in, one playable MP4 out."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from audio2pose_core import (
    rotations as rot,
    skeleton,
)
from audio2pose_core.formats import save_motion
from audio2pose_core.motion import Motion, rest_motion

pytestmark = pytest.mark.blender

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "render.py"
SECONDS, FPS = 1.2, 25
needs_ffmpeg = pytest.mark.skipif(
    not (shutil.which("ffmpeg") and shutil.which("ffprobe")),
    reason="needs ffmpeg and ffprobe to look into the video",
)


def render(*arguments) -> subprocess.CompletedProcess:
    """Run the script in this Python, which has bpy."""
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def write_song(path: Path, seconds: float) -> Path:
    """A 440 Hz tone at half of full scale, 44.1 kHz stereo."""
    t = np.arange(round(seconds * 44100)) / 44100
    tone = (0.5 * 32767 * np.sin(2 * np.pi * 440 * t)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44100)
        file.writeframes(np.repeat(tone, 2).tobytes())
    return path


def write_dance(path: Path, seconds: float) -> Path:
    """Arms that swing by a right angle within a second."""
    still = rest_motion(round(seconds * 30), 30.0)
    quats = still.rotations.copy()
    angle = 1.5 * np.sin(np.arange(len(still)) / 30 * 4)
    turn = np.stack([0 * angle, 0 * angle, angle], axis=-1)
    quats[:, skeleton.INDEX["left_shoulder"]] = rot.from_axis_angle(turn)
    save_motion(path, Motion(30.0, still.root, quats))
    return path


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess]:
    """A rendered clip of 1.2 s at 160x90, with its scene; the dance is longer than the song."""
    folder = tmp_path_factory.mktemp("clip")
    song = write_song(folder / "song.wav", SECONDS)
    dance = write_dance(folder / "dance.npz", 2.0)
    video = folder / "out" / "dance.mp4"
    result = render(
        *("--audio", song, "--motion", dance, "--output", video, "--resolution", "160x90"),
        *("--fps", FPS, "--save-blend", folder / "dance.blend"),
    )
    assert result.returncode == 0, result.stderr
    return video, result


def probe(video: Path) -> dict[str, dict]:
    command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(video)]
    streams = json.loads(subprocess.check_output(command))["streams"]
    return {s["codec_type"]: s for s in streams}


def pictures(video: Path) -> np.ndarray:
    """All frames (n, 90, 160, 3), 0..255."""
    command = ["ffmpeg", "-v", "error", "-i", video, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.check_output(list(map(str, command)))
    return np.frombuffer(raw, dtype=np.uint8).reshape(-1, 90, 160, 3)


def sound(video: Path) -> np.ndarray:
    """The left channel's samples (n,) as floats at 44.1 kHz; ffmpeg's own mono adds both up."""
    command = ["ffmpeg", "-v", "error", "-i", video, "-f", "f32le", "-ac", "2", "-ar", "44100", "-"]
    return np.frombuffer(subprocess.check_output(list(map(str, command))), dtype="<f4")[::2]


@needs_ffmpeg
def test_picture_and_sound_are_h264_and_aac_of_the_songs_length(clip):
    streams = probe(clip[0])
    assert streams["video"]["codec_name"] == "h264"
    assert streams["audio"]["codec_name"] == "aac"
    assert (streams["video"]["width"], streams["video"]["height"]) == (160, 90)
    assert streams["video"]["r_frame_rate"] == f"{FPS}/1"
    assert len(pictures(clip[0])) == round(SECONDS * FPS)
    assert float(streams["audio"]["duration"]) == pytest.approx(SECONDS, abs=1 / FPS)


@needs_ffmpeg
def test_the_song_is_heard_from_start_to_end(clip):
    samples = sound(clip[0])
    for part in np.array_split(samples[: round(SECONDS * 44100)], 6):
        assert 0.2 < np.sqrt(np.mean(part**2)) < 0.5
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    loudest = np.argmax(spectrum) * 44100 / len(samples)
    assert loudest == pytest.approx(440, abs=5)


@needs_ffmpeg
def test_the_dancer_is_seen_and_moves_and_the_stage_stands_still(clip):
    frames = pictures(clip[0]).astype(float)
    assert frames[0].mean() > 40 and frames[0].std() > 10
    # Warm and cool limbs can be told apart from each other and from the grey stage.
    red_over_blue = frames[0][..., 0] - frames[0][..., 2]
    assert (red_over_blue > 60).sum() > 20 and (red_over_blue < -60).sum() > 20
    change = np.abs(frames[8] - frames[0]).max(axis=-1)
    assert (change > 40).sum() > 30
    assert (change < 12).mean() > 0.7


def test_the_terminal_shows_progress_and_none_of_blenders_chatter(clip):
    text = clip[1].stdout + clip[1].stderr
    assert "frame 30/30" in text and "left" in text
    assert "Fra:" not in text and "Append frame" not in text and "EGL" not in text


def test_no_scrap_is_left_beside_the_video(clip):
    assert [p.name for p in clip[0].parent.iterdir()] == ["dance.mp4"]
    beside_the_blend = {p.name for p in clip[0].parent.parent.iterdir()}
    assert beside_the_blend == {"song.wav", "dance.npz", "dance.blend", "out"}


@pytest.mark.skipif(os.name != "posix", reason="signals are sent the POSIX way")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_in_the_middle_leaves_nothing_behind(number, tmp_path):
    dance = write_dance(tmp_path / "dance.npz", 60.0)
    command = [sys.executable, str(SCRIPT), "--motion", dance, "--output", tmp_path / "a.mp4"]
    process = subprocess.Popen(
        [*map(str, command), "--resolution", "160x90"], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    first = process.stderr.readline()
    assert first.startswith("frame ")
    process.send_signal(number)
    text = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "stopped" in text and "Traceback" not in text
    assert [p.name for p in tmp_path.iterdir()] == ["dance.npz"]


def test_the_saved_scene_opens_with_editable_keys_and_the_song(clip):
    bpy.ops.wm.open_mainfile(filepath=str(clip[0].parent.parent / "dance.blend"))
    scene = bpy.context.scene
    assert (scene.frame_start, scene.frame_end) == (1, 30)
    armature = next(o for o in scene.objects if o.type == "ARMATURE")
    assert armature.animation_data.action is not None
    assert [s.type for s in scene.sequence_editor.strips] == ["SOUND"]
    assert scene.camera is not None
    bpy.ops.wm.read_factory_settings(use_empty=True)


@needs_ffmpeg
def test_a_blend_file_keeps_its_own_camera_and_dancer(clip, tmp_path):
    video = tmp_path / "again.mp4"
    folder = clip[0].parent.parent
    result = render(
        *("--blend", folder / "dance.blend", "--audio", folder / "song.wav"),
        *("--motion", folder / "dance.npz", "--output", video, "--resolution", "160x90"),
        *("--fps", FPS, "--frames", "9-14"),
    )
    assert result.returncode == 0, result.stderr
    again, before = pictures(video).astype(float), pictures(clip[0]).astype(float)
    assert len(again) == 6
    # One dancer, in the same place: the same pictures but for what H.264 loses.
    assert np.abs(again[0] - before[8]).mean() < 3
    # The song is heard once, not twice as loud.
    assert np.sqrt(np.mean(sound(video) ** 2)) < 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"--audio": "missing.wav"}, "missing.wav"),
        ({"--motion": "missing.npz"}, "missing.npz"),
        ({"--output": "dance.avi"}, ".mp4"),
        ({"--frames": "1-9999"}, "9999"),
        ({"--resolution": "161x90"}, "even"),
        ({"--fps": "0"}, "--fps"),
        ({"--blend": "missing.blend"}, "missing.blend"),
    ],
)
def test_mistakes_get_one_clear_line_and_leave_the_old_video(change, message, tmp_path):
    song = write_song(tmp_path / "song.wav", 0.5)
    dance = write_dance(tmp_path / "dance.npz", 0.5)
    video = tmp_path / "dance.mp4"
    video.write_bytes(b"old")
    options = {"--audio": song, "--motion": dance, "--output": video, "--resolution": "160x90"}
    options |= {k: tmp_path / v if "." in v else v for k, v in change.items()}
    result = render(*(part for pair in options.items() for part in pair))
    assert result.returncode == 2
    assert message in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr
    assert video.read_bytes() == b"old"
    assert {p.name for p in tmp_path.iterdir()} == {"song.wav", "dance.npz", "dance.mp4"}


def test_a_file_that_is_no_song_is_named(tmp_path):
    fake = tmp_path / "song.wav"
    fake.write_text("not a sound")
    dance = write_dance(tmp_path / "dance.npz", 0.5)
    result = render("--audio", fake, "--motion", dance, "--output", tmp_path / "dance.mp4")
    assert result.returncode == 2
    assert "song.wav" in result.stderr and "Traceback" not in result.stderr


def test_a_handler_of_blenders_own_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real executable handles SIGINT in C; Python reports that handler as None."""
    import signal

    from blender_addon.render import video

    put_back: list[object] = []

    def set_handler(_: int, handler: object) -> None:
        put_back.append(handler)

    monkeypatch.setattr(signal, "signal", set_handler)
    with video.stoppable(lambda: None):
        put_back.clear()
    assert put_back == [signal.SIG_DFL, signal.SIG_DFL]
