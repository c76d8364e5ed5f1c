"""The demo song: exact, clean and the same every time."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core.audio.beats import load_beats
from audio2pose_core.audio.demo_song import LEAD_IN, beat_grid, compose, write_demo_song
from audio2pose_core.errors import OptionError


def test_the_grid_is_what_was_asked_for() -> None:
    beats = beat_grid(30.0, 100.0, 3)
    assert np.allclose(beats.times, LEAD_IN + 0.6 * np.arange(len(beats.times)))
    assert beats.times[-1] < 30.0 <= beats.times[-1] + 0.6
    assert beats.downbeats[:7].tolist() == [True, False, False, True, False, False, True]
    assert beats.tempo_bpm == pytest.approx(100.0)


def test_a_tempo_change_starts_on_a_beat() -> None:
    times = beat_grid(20.0, 120.0, tempo_changes=((9.9, 90.0),)).times
    steps = np.diff(times)
    assert np.allclose(steps[times[:-1] < 9.9], 0.5)
    assert np.allclose(steps[times[:-1] >= 9.9], 60 / 90)


@pytest.mark.parametrize("settings", [{}, {"bpm": 150, "beats_per_bar": 3}, {"swing": 0.7}])
def test_it_does_not_clip_and_is_not_faint(settings: dict[str, float]) -> None:
    samples, _ = compose(20.0, **settings)  # type: ignore[arg-type]
    assert samples.dtype == np.float32 and len(samples) == 20 * 44100
    assert np.abs(samples).max() == pytest.approx(0.89, abs=1e-3)
    level = 10 * np.log10(np.mean(samples[5 * 44100 :] ** 2))
    assert -20 < level < -8  # dB of full scale: a finished mix
    assert abs(samples.mean()) < 0.005
    assert np.mean(np.abs(samples) > 0.88) < 1e-3  # no flat tops


def test_bass_middle_and_treble_are_all_there() -> None:
    samples, _ = compose(24.0, 120.0)
    power = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / 44100)
    total = power.sum()
    share = [
        float(10 * np.log10(power[(hz >= a) & (hz < b)].sum() / total))
        for a, b in ((30, 200), (200, 2000), (2000, 16000))
    ]
    assert share[0] > -6 and share[1] > -15 and share[2] > -30
    assert share[0] > share[1] > share[2]  # falls towards the treble, as music does


def test_the_chorus_is_louder_than_the_intro() -> None:
    samples, _ = compose(40.0, 120.0)
    rms = np.sqrt((samples.reshape(40, -1) ** 2).mean(axis=1))
    assert rms[31:38].mean() > 1.1 * rms[1:4].mean()


def test_every_beat_has_its_attack() -> None:
    samples, beats = compose(20.0, 126.0, seed=2)
    for time in beats.times[1:-1]:
        at = round(time * 44100)
        before, after = samples[at - 441 : at], samples[at : at + 441]
        assert np.abs(np.diff(after)).max() > 2 * np.abs(np.diff(before)).max()


def test_a_seed_is_a_song() -> None:
    one, two, other = (compose(5.0, seed=s)[0] for s in (1, 1, 2))
    assert np.array_equal(one, two) and not np.array_equal(one, other)


@pytest.mark.parametrize(
    "wrong",
    [{"bpm": 5}, {"beats_per_bar": 7}, {"seconds": 0.2}, {"swing": 2.0}, {"bpm": float("nan")}],
)
def test_settings_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(OptionError):
        compose(**wrong)  # type: ignore[arg-type]


def test_written_as_16_bit_with_beats_beside_it(tmp_path: Path) -> None:
    beats = write_demo_song(tmp_path / "song.wav", seconds=4.0, bpm=110.0)
    with wave.open(str(tmp_path / "song.wav")) as file:
        assert (file.getsampwidth(), file.getframerate(), file.getnchannels()) == (2, 44100, 1)
        assert file.getnframes() == 4 * 44100
    assert np.allclose(load_beats(tmp_path / "song.beats.json").times, beats.times, atol=1e-6)
    with pytest.raises(OptionError, match="wav"):
        write_demo_song(tmp_path / "song.mp3")


def test_the_command(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "audio2pose_core.audio.demo_song", *arguments]
        root = Path(__file__).resolve().parent.parent.parent
        return subprocess.run(command, cwd=root, capture_output=True, text=True)

    done = run(
        str(tmp_path / "a b.wav"), "--seconds", "3", "--bpm", "90", "--tempo-change", "1.5", "120"
    )
    assert done.returncode == 0 and done.stderr == ""
    assert (tmp_path / "a b.beats.json").is_file()
    refused = run(str(tmp_path / "c.wav"), "--bpm", "1")
    assert refused.returncode == 2 and "Traceback" not in refused.stderr
    assert "30 to 300" in refused.stderr
