"""Songs of every shape and every kind of damage."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core.audio.load import SAMPLE_RATE, Audio, audio_from_samples, load_audio
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


def test_seconds_follow_from_samples() -> None:
    assert Audio(np.zeros(11025, np.float32), 22050, "half").seconds == 0.5
