"""The song in the scene: decoding, and which second is heard on which frame."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from strip_names import set_handles, set_trim

from audio2pose_core.errors import AudioError
from blender_addon import compat
from blender_addon.song import strips as song_strips
from blender_addon.steps import run

pytestmark = pytest.mark.blender
RATE = 48000
NTSC_FILM = 24000 / 1001


def write_wav(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    """Samples (N,) or (N, C) in -1..1 as a 16-bit wav file."""
    rows = samples.reshape(len(samples), -1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(rows.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((rows * 32767).round().astype("<i2").tobytes())
    return path


@pytest.fixture
def scene():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 24, 1.001
    return scene


@pytest.fixture
def click(tmp_path):
    """Six seconds of silence with one click at 2.5 s."""
    samples = np.zeros(6 * RATE)
    samples[round(2.5 * RATE)] = 0.9
    return write_wav(tmp_path / "click.wav", samples)


def add(scene, path: Path, frame: int = 37):
    return compat.add_sound(scene, str(path), "song", frame)


def click_frame(strip, scene) -> float:
    """The scene frame on which our mapping puts the click."""
    place = song_strips.place_strip(song_strips.Found(scene, strip), scene)
    return place.frame_start + (2.5 - place.song_second) * compat.scene_fps(scene)


def heard_frame(scene, folder: Path) -> float:
    """The scene frame on which Blender's own mixdown has the click."""
    out = folder / "mix.wav"
    bpy.ops.sound.mixdown(filepath=str(out), container="WAV", codec="PCM")
    with wave.open(str(out)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
        samples = np.abs(samples.reshape(-1, file.getnchannels())).max(axis=1)
        seconds = int(samples.argmax()) / file.getframerate()
    assert samples.max() > 1000, "the click is not in the mixdown"
    return scene.frame_start + seconds * compat.scene_fps(scene)


# --- where ---


def test_the_strip_as_it_is_dropped(scene, click):
    place = song_strips.place_strip(song_strips.Found(scene, add(scene, click)), scene)
    assert place.frame_start == 37
    assert place.song_second == 0
    assert place.seconds == pytest.approx(6.0, abs=1 / NTSC_FILM)


def test_handles_offset_and_trim(scene, click):
    strip = add(scene, click)
    set_handles(strip, 10, 5)
    place = song_strips.place_strip(song_strips.Found(scene, strip), scene)
    assert place.frame_start == 47
    assert place.song_second == pytest.approx(10 / NTSC_FILM)
    assert place.seconds == pytest.approx((144 - 15) / NTSC_FILM)


def test_a_sound_offset_delays_the_song(scene, click):
    strip = add(scene, click)
    strip.sound_offset = 0.25
    place = song_strips.place_strip(song_strips.Found(scene, strip), scene)
    assert place.frame_start == pytest.approx(37 + 0.25 * NTSC_FILM)
    assert place.song_second == 0


@pytest.mark.parametrize("start", [1, 20])
@pytest.mark.parametrize(("handle", "trim", "offset"), [(0, 0, 0.0), (10, 0, 0.0), (10, 7, 0.25)])
def test_blender_plays_the_click_on_the_frame_we_say(
    scene, click, tmp_path, start, handle, trim, offset
):
    strip = add(scene, click)
    scene.frame_start, scene.frame_end = start, 300
    set_trim(strip, trim)
    set_handles(strip, handle)
    strip.sound_offset = offset
    assert heard_frame(scene, tmp_path) == pytest.approx(click_frame(strip, scene), abs=0.05)


def test_two_scenes_share_one_clock(scene, click):
    other = bpy.data.scenes.new("Edit")
    other.render.fps, other.render.fps_base = 48, 1.001
    place = song_strips.place_strip(song_strips.Found(other, add(other, click, frame=74)), scene)
    assert place.frame_start == pytest.approx(37)


def test_a_song_that_starts_after_its_strip(scene, click):
    strip = add(scene, click)
    strip.sound_offset = 60.0
    with pytest.raises(AudioError, match="nothing of strip"):
        song_strips.place_strip(song_strips.Found(scene, strip), scene)


def test_the_cut_is_the_heard_part():
    samples = np.arange(1000, dtype=np.float32)
    for place, expected in (
        (song_strips.Placement(1.0, 2.0, 3.0), samples[200:500]),
        (song_strips.Placement(1.0), samples),
        (song_strips.Placement(1.0, 9.0, 30.0), samples[900:]),
    ):
        np.testing.assert_array_equal(place.cut(samples, 100), expected)


# --- which ---


def test_choosing_a_strip(scene, click):
    with pytest.raises(AudioError, match="no song"):
        song_strips.find_strip(bpy.context, "")
    add(scene, click, frame=100)
    second = add(scene, click, frame=5)
    assert song_strips.find_strip(bpy.context, "").strip == second
    assert song_strips.find_strip(bpy.context, "song").strip.name == "song"
    with pytest.raises(AudioError, match=r"no sound strip 'tune'; choose one of: 'song.*', 'song"):
        song_strips.find_strip(bpy.context, "tune")


# --- samples ---


def test_stereo_is_averaged_and_the_rate_kept(tmp_path):
    rows = np.stack([np.full(RATE, 0.5), np.full(RATE, 0.25)], axis=1)
    samples, rate = song_strips.read_file(write_wav(tmp_path / "a.wav", rows))
    assert rate == RATE
    assert samples.dtype == np.float32
    assert samples.shape == (RATE,)
    assert samples == pytest.approx(0.375, abs=1e-4)


@pytest.mark.parametrize("kind", ["mp3", "flac", "ogg", "m4a"])
def test_every_format_that_a_song_comes_in(tmp_path, kind):
    import aud

    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)
    raw = write_wav(tmp_path / "a.wav", tone)
    container, codec = {
        "mp3": (aud.CONTAINER_MP3, aud.CODEC_MP3),
        "flac": (aud.CONTAINER_FLAC, aud.CODEC_FLAC),
        "ogg": (aud.CONTAINER_OGG, aud.CODEC_VORBIS),
        "m4a": (getattr(aud, "CONTAINER_AAC", aud.CONTAINER_MATROSKA), aud.CODEC_AAC),
    }[kind]
    path = tmp_path / f"a.{kind}"
    aud.Sound(str(raw)).write(
        str(path),
        RATE,
        1,
        aud.FORMAT_FLOAT32 if kind == "m4a" else aud.FORMAT_S16,
        container,
        codec,
        192000,
    )
    samples, rate = song_strips.read_file(path)
    assert rate == RATE
    assert len(samples) == pytest.approx(2 * RATE, abs=0.1 * RATE)
    middle = samples[RATE // 2 : RATE]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.fft.rfftfreq(len(middle), 1 / RATE)[spectrum.argmax()] == pytest.approx(440, abs=3)


def test_a_packed_song_is_read_without_its_file(scene, click):
    strip = add(scene, click)
    strip.sound.pack()
    click.unlink()
    samples, rate = song_strips.read_strip(strip)
    assert int(np.abs(samples).argmax()) / rate == pytest.approx(2.5, abs=1e-3)


def test_a_missing_file_a_folder_and_files_that_are_no_audio(tmp_path):
    """The last two end Blender 4.5 and 5.0 where aud is asked without care."""
    with pytest.raises(AudioError, match="song not found"):
        song_strips.read_file(tmp_path / "no.wav")
    with pytest.raises(AudioError, match="is a folder"):
        song_strips.read_file(tmp_path)
    empty = tmp_path / "empty.wav"
    empty.touch()
    with pytest.raises(AudioError, match="as audio"):
        song_strips.read_file(empty)
    text = tmp_path / "text.mp3"
    text.write_text("not a song " * 50)
    with pytest.raises(AudioError, match="as audio"):
        song_strips.read_file(text)


def test_channels_that_cancel_are_heard(tmp_path):
    """Right is minus left: a plain mean would be silence."""
    rate = 8000
    tone = np.sin(2 * np.pi * 220 * np.arange(rate) / rate).astype(np.float32) * 0.5
    path = tmp_path / "cancelling.wav"
    data = (np.stack([tone, -tone], axis=1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(data.tobytes())
    samples, _ = song_strips.read_file(path)
    assert np.sqrt(np.mean(samples**2)) > 0.1


def test_a_song_is_decoded_once_and_again_when_its_file_changes(tmp_path, monkeypatch):
    path = write_wav(tmp_path / "song.wav", np.full(800, 0.25), 8000)
    decoded = []
    monkeypatch.setattr(
        song_strips, "_decoded", lambda p, was=song_strips._decoded: decoded.append(p) or was(p)
    )
    first, _ = song_strips.read_file(path)
    again, _ = song_strips.read_file(path)
    assert again is first and len(decoded) == 1
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1.0
    write_wav(path, np.full(1600, -0.25), 8000)
    changed, _ = song_strips.read_file(path)
    assert len(changed) == 1600 and changed[0] < 0 and len(decoded) == 2


KINDS = {
    "wav": ("CONTAINER_WAV", "CODEC_PCM"),
    "mp3": ("CONTAINER_MP3", "CODEC_MP3"),
    "flac": ("CONTAINER_FLAC", "CODEC_FLAC"),
    "ogg": ("CONTAINER_OGG", "CODEC_VORBIS"),
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_song_read_piece_by_piece_is_the_song_to_the_sample(tmp_path, kind, monkeypatch):
    """Pieces are laid against each other; where they do not fit all is decoded at once."""
    import aud

    rng = np.random.default_rng(3)
    plain = write_wav(tmp_path / "plain.wav", rng.uniform(-0.5, 0.5, 22050 * 11), 22050)
    container, codec = (getattr(aud, name) for name in KINDS[kind])
    song = tmp_path / f"song.{kind}"
    aud.Sound(str(plain)).write(str(song), 22050, 1, aud.FORMAT_S16, container, codec, 128000, 4096)
    whole, rate = song_strips._decoded(song)
    monkeypatch.setattr(song_strips, "_last", {})
    count = 0
    steps = song_strips.read_file_steps(song)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            samples, own_rate = end.value
            break
        count += 1
    # Where no place is found in a file, it is decoded at once after the second piece.
    assert own_rate == rate and count >= (1 if kind == "ogg" else 3)
    assert len(samples) == len(whole)
    assert np.abs(samples - whole).max() < 1e-3


def test_a_file_in_which_no_place_is_found_is_decoded_at_once(tmp_path, monkeypatch):
    rng = np.random.default_rng(4)
    song = write_wav(tmp_path / "song.wav", rng.uniform(-0.5, 0.5, 8000 * 10), 8000)
    whole, _ = song_strips._decoded(song)
    monkeypatch.setattr(song_strips, "_goes_on", lambda *_: False)
    monkeypatch.setattr(song_strips, "_last", {})
    samples, _ = run(song_strips.read_file_steps(song))
    assert np.array_equal(samples, whole)
