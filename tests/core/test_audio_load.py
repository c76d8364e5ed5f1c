"""Songs of every shape and every kind of damage."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from audio_files import CODECS, encode

from audio2pose_core.audio.collect import mono
from audio2pose_core.audio.load import (
    SAMPLE_RATE,
    SUFFIXES,
    Audio,
    audio_from_samples,
    load_audio,
    song_seconds,
)
from audio2pose_core.errors import AudioError

sf = pytest.importorskip("soundfile")
RATE = 44100


def tune(seconds: float = 3.0, rate: int = RATE, hz: float = 440.0) -> np.ndarray:
    """A tone that swells every half second, (N,) float32."""
    t = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * hz * t) * (1 - (2 * t) % 1)).astype(np.float32)


def tone(rate: int, hz: float, seconds: float = 2.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype("f4")


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_every_format_gives_the_same_song(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"song.{suffix}"
    sf.write(path, tune(), RATE)
    audio = load_audio(path)
    assert audio.sample_rate == SAMPLE_RATE == 22050
    assert audio.samples.dtype == np.float32 and audio.samples.ndim == 1
    assert audio.seconds == pytest.approx(3.0, abs=0.03)
    assert audio.name == path.name and audio.warnings == ()
    wanted = tune(3.0, SAMPLE_RATE)
    n = min(len(wanted), len(audio.samples))
    assert np.corrcoef(wanted[:n], audio.samples[:n])[0, 1] > 0.98  # mp3 blurs the steps


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 22051, 32000, 44100, 48000, 96000, 192000])
def test_resampling_keeps_a_tone_and_its_time(rate: int) -> None:
    audio = audio_from_samples(tone(rate, 1000.0), rate, "tone")
    assert len(audio.samples) == 2 * SAMPLE_RATE
    error = np.abs(audio.samples - tone(SAMPLE_RATE, 1000.0))[400:-400]
    assert error.max() < 1e-4  # of an amplitude of 0.5


def test_resampling_removes_what_the_lower_rate_cannot_hold() -> None:
    mixed = tone(RATE, 1000.0) + tone(RATE, 13000.0)  # 13 kHz would alias to 9050 Hz
    audio = audio_from_samples(mixed, RATE, "mix")
    assert np.abs(audio.samples - tone(SAMPLE_RATE, 1000.0))[400:-400].max() < 1e-3


def test_an_impulse_stays_where_it_was() -> None:
    click = np.zeros(2 * 48000, np.float32)
    click[48000] = 1.0
    assert np.argmax(audio_from_samples(click, 48000, "click").samples) == SAMPLE_RATE


def test_resampling_in_blocks_is_resampling_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import audio2pose_core.audio.load as load

    noise = np.random.default_rng(0).standard_normal(100_000).astype(np.float32)
    for rate in (48000, 47951):
        whole = audio_from_samples(noise, rate, "noise").samples
        monkeypatch.setattr(load, "_BLOCK", 777)
        pieces = audio_from_samples(noise, rate, "noise").samples
        monkeypatch.undo()
        assert len(whole) == len(pieces)
        assert np.allclose(whole, pieces, atol=1e-5)


def test_channels_are_averaged() -> None:
    left, right = tone(RATE, 500.0), tone(RATE, 700.0)
    both = audio_from_samples(np.stack([left, right], axis=1), RATE, "stereo").samples
    assert np.allclose(
        both, audio_from_samples((left + right) / 2, RATE, "mono").samples, atol=1e-6
    )
    eight = audio_from_samples(np.stack([left] * 8, axis=1), RATE, "eight").samples
    assert np.allclose(eight, audio_from_samples(left, RATE, "one").samples, atol=1e-6)


def test_integer_samples_are_scaled() -> None:
    integers = np.round(tone(RATE, 500.0) * 32768).astype(np.int16)
    assert np.abs(audio_from_samples(integers, RATE, "int16").samples).max() == pytest.approx(
        0.5, abs=0.01
    )


def test_unicode_and_spaces_in_the_path(tmp_path: Path) -> None:
    path = tmp_path / "mein schönes Lied – 歌 ♫.wav"
    sf.write(path, tune(), RATE)
    assert load_audio(path).name == path.name


def refusal(path: Path) -> str:
    with pytest.raises(AudioError) as caught:
        load_audio(path)
    text = str(caught.value)
    assert "\n" not in text and path.name in text
    return text


def test_no_such_file(tmp_path: Path) -> None:
    assert "not found" in refusal(tmp_path / "gone.mp3")


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    assert "empty" in refusal(tmp_path / "empty.wav")


def test_text_and_noise_are_not_songs(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no audio in here\n" * 100)
    assert "as audio" in refusal(tmp_path / "text.wav")
    noise = np.random.default_rng(0).integers(0, 256, 40_000, dtype=np.uint8)
    (tmp_path / "noise.mp3").write_bytes(noise.tobytes())
    assert "as audio" in refusal(tmp_path / "noise.mp3")


def mp3(path: Path) -> bytes:
    sf.write(path, tune(6.0), RATE)
    return path.read_bytes()


def test_a_cut_mp3_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = mp3(tmp_path / "whole.mp3")
    (tmp_path / "cut.mp3").write_bytes(whole[: len(whole) // 2 + 77])
    audio = load_audio(tmp_path / "cut.mp3")
    assert 2.0 < audio.seconds < 4.0
    assert "breaks off" in audio.warnings[0] and "cut.mp3" in audio.warnings[0]
    (tmp_path / "stub.mp3").write_bytes(whole[:200])
    assert "as audio" in refusal(tmp_path / "stub.mp3")


def test_a_damaged_mp3_leaves_the_terminal_clean(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = mp3(tmp_path / "whole.mp3")
    junk = np.random.default_rng(1).integers(0, 256, 3000, dtype=np.uint8).tobytes()
    half = len(whole) // 2
    (tmp_path / "junk.mp3").write_bytes(whole[:half] + junk + whole[half:])
    audio = load_audio(tmp_path / "junk.mp3")
    assert audio.seconds > 2.0
    os.write(2, b"still there")  # the descriptor is ours again
    assert capfd.readouterr().err == "still there"


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_cut_files_warn(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cut.{suffix}"
    noisy = tune(8.0) + 0.05 * np.random.default_rng(0).standard_normal(8 * RATE)
    sf.write(path, noisy, RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    audio = load_audio(path)
    assert 3.0 < audio.seconds < 4.5
    assert "breaks off" in audio.warnings[0]


def test_silence_is_refused_but_may_be_part_of_a_song(tmp_path: Path) -> None:
    sf.write(tmp_path / "silence.wav", np.zeros(3 * RATE), RATE)
    assert "silent" in refusal(tmp_path / "silence.wav")
    sf.write(tmp_path / "pause.wav", np.concatenate([tune(), np.zeros(3 * RATE), tune()]), RATE)
    assert load_audio(tmp_path / "pause.wav").seconds == pytest.approx(9.0)


def test_a_tenth_of_a_second_is_too_short_and_one_second_is_enough(tmp_path: Path) -> None:
    sf.write(tmp_path / "blip.wav", tune(0.1), RATE)
    assert "too short" in refusal(tmp_path / "blip.wav")
    sf.write(tmp_path / "second.wav", tune(1.0), RATE)
    assert load_audio(tmp_path / "second.wav").seconds == pytest.approx(1.0)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_not_numbers(tmp_path: Path, value: float) -> None:
    broken = tune()
    broken[RATE] = value
    sf.write(tmp_path / "broken.wav", broken, RATE, subtype="FLOAT")
    text = refusal(tmp_path / "broken.wav")
    assert "not numbers" in text and "1.000 s" in text


def test_integers_stored_as_floats_are_turned_down_with_a_warning() -> None:
    audio = audio_from_samples(tune() * 32768, RATE, "loud")
    assert np.abs(audio.samples).max() <= 1.0 and "turned down" in audio.warnings[0]


def test_arrays_that_are_no_samples() -> None:
    for bad in (np.zeros((2, 3, 4)), np.zeros(RATE, complex), np.zeros((RATE, 0))):
        with pytest.raises(AudioError):
            audio_from_samples(bad, RATE, "bad")
    with pytest.raises(AudioError, match="samples a second"):
        audio_from_samples(tune(), 100, "slow")


# --- files of every kind, decoded by FFmpeg ---


def clicks(seconds: float = 8.0, rate: int = 48000) -> np.ndarray:
    """A click of 5 ms at 0.5 s and every half second after, over a faint tone, (N,) float32."""
    t = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(0).uniform(-0.8, 0.8, len(t))
    click = noise * (t % 0.5 < 0.005) * (t >= 0.25)
    return (click + 0.02 * np.sin(2 * np.pi * 330 * t)).astype(np.float32)


def first_click(audio: Audio) -> float:
    return float(np.argmax(np.abs(audio.samples) > 0.2)) / audio.sample_rate


def test_every_kind_that_is_tested_is_one_that_folders_are_searched_for() -> None:
    assert set(CODECS) <= set(SUFFIXES)


@pytest.mark.parametrize("suffix", sorted(CODECS))
def test_compressed_kinds_and_videos(tmp_path: Path, suffix: str) -> None:
    audio = load_audio(encode(tmp_path / f"song{suffix}", clicks()))
    assert audio.seconds == pytest.approx(8.0, abs=0.05) and audio.warnings == ()
    # Encoders that put silence in front announce it or not; what Blender plays is what counts.
    assert first_click(audio) == pytest.approx(0.5, abs=0.05)
    assert song_seconds(tmp_path / f"song{suffix}") == pytest.approx(8.0, abs=0.1)


@pytest.mark.blender
@pytest.mark.parametrize("suffix", sorted(CODECS))
def test_blender_hears_a_song_of_the_same_length(tmp_path: Path, suffix: str) -> None:
    """aud may end the whole program over a bad file, so it decodes in a program of its own."""
    pytest.importorskip("bpy")
    path = encode(tmp_path / f"song{suffix}", clicks())
    code = (
        "import sys, bpy, aud, numpy as np\n"
        "song = aud.Sound(sys.argv[1])\n"
        "rate = song.specs[0]\n"
        "mono = song.data().reshape(song.length and -1, song.specs[1]).mean(axis=1)\n"
        "print(len(mono) / rate, np.argmax(np.abs(mono) > 0.2) / rate)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    seconds, click = map(float, done.stdout.split()[-2:])
    audio = load_audio(path)
    assert audio.seconds == pytest.approx(seconds, abs=0.05)
    assert first_click(audio) == pytest.approx(click, abs=0.05)


def test_an_mp3_of_variable_rate_without_its_table_is_whole(tmp_path: Path) -> None:
    """libsndfile ends such a file early, without a word."""
    loud = clicks(20.0) * np.linspace(0.05, 1.0, 20 * 48000, dtype=np.float32)
    path = encode(tmp_path / "vbr.mp3", loud, quality=4, write_xing=0)
    assert sf.info(path).duration < 18.0  # or the test has lost its point
    audio = load_audio(path)
    assert audio.seconds == pytest.approx(20.0, abs=0.1)
    assert song_seconds(path) == pytest.approx(20.0, abs=0.1)


def test_a_length_that_is_not_as_announced_is_told_with_both_figures(tmp_path: Path) -> None:
    one = encode(tmp_path / "one.mp3", clicks(6.0)).read_bytes()
    two = encode(tmp_path / "two.mp3", clicks(9.0), quality=9, write_xing=0).read_bytes()
    (tmp_path / "joined.mp3").write_bytes(one[: len(one) // 8] + two)
    audio = load_audio(tmp_path / "joined.mp3")
    assert audio.seconds > 9.0
    assert any(" 6.0 s but holds 9." in warning for warning in audio.warnings), audio.warnings


def test_joined_songs_of_two_sample_rates(tmp_path: Path) -> None:
    both = encode(tmp_path / "a.aac", clicks(4.0, 48000), 48000).read_bytes()
    both += encode(tmp_path / "b.aac", clicks(4.0, 32000), 32000).read_bytes()
    (tmp_path / "joined.aac").write_bytes(both)
    audio = load_audio(tmp_path / "joined.aac")
    assert audio.seconds == pytest.approx(8.0, abs=0.15)
    at = np.flatnonzero(np.abs(audio.samples) > 0.2) / SAMPLE_RATE
    starts = at[np.insert(np.diff(at) > 0.1, 0, True)]
    assert np.abs((starts[:7] - starts[0]) % 0.5 - 0.25).min() > 0.24
    assert np.abs((starts[8:] - starts[8] + 0.25) % 0.5 - 0.25).max() < 0.01


@pytest.mark.parametrize("suffix", [".mp3", ".aac", ".mkv", ".webm", ".opus", ".wv", ".tta"])
def test_damage_in_the_middle_costs_only_itself(tmp_path: Path, suffix: str) -> None:
    path = encode(tmp_path / f"song{suffix}", clicks(12.0))
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 300] = np.random.default_rng(1).bytes(300)
    path.write_bytes(data)
    assert load_audio(path).seconds > 10.0


@pytest.mark.parametrize("suffix", [".mp3", ".aac", ".mkv", ".webm", ".flac", ".aiff", ".w64"])
def test_cut_files_of_every_kind_are_used_with_a_warning(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cut{suffix}"
    if suffix in CODECS:
        encode(path, clicks(12.0))
    else:
        noise = 0.05 * np.random.default_rng(0).standard_normal(12 * 48000)
        sf.write(path, clicks(12.0) + noise, 48000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    audio = load_audio(path)
    assert 4.0 < audio.seconds < 8.0
    # Raw aac tells no length that a cut could fall short of, only a frame that is not whole.
    assert any("breaks off" in w or "damaged" in w for w in audio.warnings), audio.warnings


def test_a_suffix_may_lie(tmp_path: Path) -> None:
    for true, named in ((".mp3", "a.wav"), (".m4a", "b.flac"), (".m4a", "c.mp3"), (".mp3", "d")):
        path = encode(tmp_path / f"x{true}", clicks(4.0))
        path = path.rename(tmp_path / named)
        assert load_audio(path).seconds == pytest.approx(4.0, abs=0.1)
    sf.write(tmp_path / "x.wav", clicks(4.0), 48000)
    assert load_audio((tmp_path / "x.wav").rename(tmp_path / "e.mp3")).seconds == 4.0


def test_a_playlist_opens_no_other_file(tmp_path: Path) -> None:
    """FFmpeg would follow it, to addresses in the net as well."""
    song = encode(tmp_path / "song.mp3", clicks(4.0))
    for name in ("list.mp3", "list.wav", "list.m4a"):
        (tmp_path / name).write_text(
            f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:4,\n{song}\n#EXT-X-ENDLIST\n"
        )
        assert "as audio" in refusal(tmp_path / name)
    (tmp_path / "script.mp3").write_text(f"ffconcat version 1.0\nfile '{song}'\n")
    assert "as audio" in refusal(tmp_path / "script.mp3")


def test_a_video_without_sound(tmp_path: Path) -> None:
    import av

    path = encode(tmp_path / "film.mkv", clicks(2.0))
    with av.open(str(path)) as whole, av.open(str(tmp_path / "mute.mkv"), "w") as out:
        film = out.add_stream_from_template(whole.streams.video[0])
        for packet in whole.demux(whole.streams.video[0]):
            if packet.dts is not None:
                packet.stream = film
                out.mux(packet)
    assert "no sound" in refusal(tmp_path / "mute.mkv")


def test_a_long_mp3_is_decoded_in_little_memory(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    path = encode(tmp_path / "long.mp3", clicks(20.0), quality=9)
    path.write_bytes(path.read_bytes() * 60)  # 20 minutes: 106 MB of samples at 22,050 Hz
    code = (
        "import resource, sys\n"
        "from audio2pose_core.audio.load import load_audio\n"
        "import av, soundfile\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "audio = load_audio(sys.argv[1])\n"
        "grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before\n"
        "print(audio.seconds, grown / 1024, audio.samples.nbytes / 2**20)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    seconds, grown, own = map(float, done.stdout.split())
    assert seconds == pytest.approx(1200.0, abs=10.0)
    assert grown < 3.2 * own + 30.0, resource  # what is gathered doubles as it grows


# --- channels that cancel ---


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".m4a"])
def test_channels_that_cancel_are_not_silence(tmp_path: Path, suffix: str) -> None:
    left = clicks(6.0)
    both = np.stack([left, -left], axis=1)
    path = tmp_path / f"wired-wrong{suffix}"
    if suffix == ".wav":
        sf.write(path, both, 48000)
    else:
        encode(path, both)
    audio = load_audio(path)
    wanted = audio_from_samples(left, 48000, "left").samples
    assert np.std(audio.samples) == pytest.approx(np.std(wanted), rel=0.1)
    assert audio.warnings == (
        f"the channels of {path.name} cancel each other; the loudest is used alone",
    )
    from_memory = audio_from_samples(both * np.array([0.9, 1.0]), 48000, "song")
    assert np.allclose(from_memory.samples, -wanted, atol=1e-6)


def test_channels_in_memory_become_one_in_the_same_way() -> None:
    left = clicks(2.0)
    assert np.array_equal(mono(np.stack([left, -left], axis=1)), left)
    assert np.allclose(mono(np.stack([left, 0.5 * left], axis=1)), 0.75 * left, atol=1e-6)
    assert np.array_equal(mono(left[:, None]), left)
    assert not mono(np.zeros((100, 2), np.float32)).any()


def test_channels_that_do_not_cancel_are_averaged() -> None:
    random = np.random.default_rng(0)
    for channels in (2, 3, 6, 12):
        apart = (0.1 * random.standard_normal((RATE * 2, channels))).astype(np.float32)
        audio = audio_from_samples(apart, RATE, "apart")
        assert audio.warnings == ()
    one_sided = np.stack([tune(), np.zeros_like(tune())], axis=1)
    assert audio_from_samples(one_sided, RATE, "one-sided").warnings == ()


# --- what is no file ---


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
@pytest.mark.parametrize("suffix", [".wav", ".mp3"])
def test_pipes_and_devices_are_refused_before_they_are_opened(tmp_path: Path, suffix: str) -> None:
    pipe = tmp_path / f"pipe{suffix}"
    os.mkfifo(pipe)
    (tmp_path / f"link{suffix}").symlink_to(pipe)
    (tmp_path / f"zero{suffix}").symlink_to("/dev/zero")
    found: dict[str, str] = {}

    def ask() -> None:
        for name in ("pipe", "link", "zero"):
            found[name] = refusal(tmp_path / f"{name}{suffix}")
            assert song_seconds(tmp_path / f"{name}{suffix}") is None

    asking = threading.Thread(target=ask, daemon=True)  # an open pipe would wait for ever
    asking.start()
    asking.join(20)
    assert not asking.is_alive()
    assert "is a pipe" in found["pipe"] and "is a pipe" in found["link"]
    assert "is a device" in found["zero"]


def test_without_av_an_mp3_says_what_to_install_and_a_wav_needs_it_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mp3(tmp_path / "song.mp3")
    sf.write(tmp_path / "song.wav", tune(), RATE)
    monkeypatch.setitem(sys.modules, "av", None)
    assert "pip install av" in refusal(tmp_path / "song.mp3")
    assert load_audio(tmp_path / "song.wav").seconds == 3.0
    assert song_seconds(tmp_path / "song.mp3") is None
    monkeypatch.setitem(sys.modules, "soundfile", None)
    assert "soundfile" in refusal(tmp_path / "song.wav")


def test_seconds_follow_from_samples() -> None:
    assert Audio(np.zeros(11025, np.float32), 22050, "half").seconds == 0.5
