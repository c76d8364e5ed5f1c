"""A whole video, decoded: streams, length to a frame, the dancer in motion, the song in time."""

from __future__ import annotations

import subprocess
import sys
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")
av = pytest.importorskip("av")

from audio2pose_core import rotations as rot
from audio2pose_core.formats import save_motion
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX

pytestmark = pytest.mark.blender
SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "render.py"
SECONDS, FPS, RATE = 5.0, 12, 48000


def write_song(path: Path) -> np.ndarray:
    """Drum hits at uneven times, so that only one shift fits; the samples (n,), 0..1."""
    rng = np.random.default_rng(5)
    samples = np.zeros(round(SECONDS * RATE))
    ring = np.exp(-np.arange(RATE // 5) / 1500) * rng.standard_normal(RATE // 5) * 0.3
    for at in np.sort(rng.uniform(0, SECONDS - 0.25, 14)):
        samples[round(at * RATE) :][: len(ring)] += ring
    samples = np.clip(samples, -0.95, 0.95)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return samples


def write_dance(path: Path) -> None:
    still = rest_motion(round(SECONDS * 30), 30.0)
    t = np.arange(len(still)) / 30.0
    quats = still.rotations.copy()
    for name, sign in (("left_shoulder", -1), ("right_shoulder", 1)):
        turn = np.stack([0 * t, 0 * t, sign * (0.6 + 0.6 * np.sin(5 * t))], axis=-1)
        quats[:, INDEX[name]] = rot.from_axis_angle(turn)
    save_motion(path, Motion(30.0, still.root, quats))


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> tuple[Path, np.ndarray]:
    """A dancer in the club, filmed with cuts; the video and the song's samples."""
    folder = tmp_path_factory.mktemp("video")
    samples = write_song(folder / "a song.wav")
    write_dance(folder / "dance.npz")
    words = ["--audio", folder / "a song.wav", "--motion", folder / "dance.npz"]
    words += ["--output", folder / "dance.mp4", "--resolution", "128x72", "--fps", FPS]
    words += ["--stage", "club", "--camera", "cuts"]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "dance.mp4", samples


def pictures(path: Path) -> np.ndarray:
    """All frames (n, height, width, 3), 0..1."""
    with av.open(str(path)) as file:
        return np.stack([f.to_ndarray(format="rgb24") for f in file.decode(video=0)]) / 255.0


def sound(path: Path) -> np.ndarray:
    """The first channel (n,), from the video's second 0 on."""
    with av.open(str(path)) as file:
        stream = file.streams.audio[0]
        assert stream.rate == RATE
        frames = list(file.decode(stream))
        late = round(float(frames[0].time) * RATE)
        samples = np.concatenate([f.to_ndarray()[0] for f in frames])
    return np.concatenate([np.zeros(late), samples]) if late >= 0 else samples[-late:]


def lag(heard: np.ndarray, song: np.ndarray) -> float:
    """Seconds by which ``heard`` is late, by cross-correlation."""
    size = 1 << int(np.ceil(np.log2(len(heard) + len(song))))
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(song, size))
    best = int(np.argmax(np.fft.irfft(spectrum, size)))
    return (best if best < size // 2 else best - size) / RATE


def test_the_streams_are_h264_and_aac_and_as_long_as_the_song(video):
    with av.open(str(video[0])) as file:
        picture, heard = file.streams.video[0], file.streams.audio[0]
        assert picture.codec_context.name == "h264" and heard.codec_context.name == "aac"
        assert (picture.width, picture.height) == (128, 72)
        assert picture.average_rate == Fraction(FPS)
        times = [f.time for f in file.decode(picture)]
    assert len(times) == round(SECONDS * FPS)
    np.testing.assert_allclose(np.diff(times), 1 / FPS, atol=1e-3)


def test_the_song_is_heard_within_ten_milliseconds_from_start_to_end(video):
    heard, song = sound(video[0]), video[1]
    assert abs(len(heard) / RATE - SECONDS) < 0.1
    assert abs(lag(heard[: len(song)], song)) < 0.010
    last = len(song) - RATE
    assert abs(lag(heard[last : len(song)], song[last:])) < 0.010
    level = np.sqrt(np.mean(heard[: len(song)] ** 2) / np.mean(song**2))
    # Blender lays a mono song between two speakers, each 3 dB lower.
    assert 0.5 < level < 1.2


def test_the_dancer_is_seen_from_the_first_frame_on_and_moves(video):
    shown = pictures(video[0])
    assert shown[0].mean() > 0.04 and shown[0].std() > 0.05
    # Grey-white of the dancer's body, in the middle of the picture.
    middle = shown[:, 20:60, 44:84]
    bright = (middle.min(axis=-1) > 0.35) & (np.ptp(middle, axis=-1) < 0.15)
    assert (bright.sum(axis=(1, 2)) > 15).all()
    change = np.abs(np.diff(shown, axis=0)).max(axis=-1)
    assert ((change > 0.15).sum(axis=(1, 2)) > 8).mean() > 0.8
