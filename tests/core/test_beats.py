"""track_beats: network and decoder together, and what is used where the network is missing."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core.audio import beats as beats_module
from audio2pose_core.audio.analyse import analyse
from audio2pose_core.audio.beat_decoder import Decoded
from audio2pose_core.audio.beats import CHECK_BELOW, TRACKER, Beats, network_missing, track_beats
from audio2pose_core.audio.composer import compose_form
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.load import SAMPLE_RATE, Audio, audio_from_samples
from audio2pose_core.audio.synth import Kit, Track
from audio2pose_core.cli.terminal import warnings_of
from scripts.beat_scores import f_measure
from scripts.beat_songs import annotated


def demo(seconds: float = 30.0, bpm: float = 120.0, **more: object) -> tuple[Audio, Beats]:
    samples, truth = compose(seconds, bpm, **more)  # type: ignore[arg-type]
    return audio_from_samples(samples, 44100, "demo"), truth


def test_the_network_is_shipped_and_used() -> None:
    assert network_missing() == ""
    audio, _ = demo(8.0)
    assert track_beats(audio).tracker == TRACKER


@pytest.mark.parametrize("bpm", range(80, 201, 10))
def test_beats_and_bars_at_every_tempo(bpm: int) -> None:
    audio, truth = demo(30.0, bpm, seed=bpm)
    beats = track_beats(audio)
    assert f_measure(beats.times, truth.times) > 0.98
    assert f_measure(beats.times[beats.downbeats], truth.times[truth.downbeats]) > 0.9
    assert beats.tempo_bpm == pytest.approx(bpm, rel=0.005)
    nearest = np.abs(beats.times[:, None] - truth.times).argmin(axis=1)
    error = (beats.times - truth.times[nearest])[4:-4]
    assert abs(error.mean()) < 0.012 and np.abs(error).max() < 0.03  # no lag, little jitter
    assert beats.confidence > CHECK_BELOW and not beats.warnings


@pytest.mark.parametrize("bpm", [90, 120, 150])
def test_three_four_time(bpm: int) -> None:
    audio, truth = demo(40.0, bpm, beats_per_bar=3, seed=3)
    beats = track_beats(audio)
    assert beats.beats_per_bar == 3 and set(beats.bars[1:-1]) == {3}
    assert f_measure(beats.times, truth.times) > 0.98
    assert f_measure(beats.times[beats.downbeats], truth.times[truth.downbeats]) > 0.9


@pytest.mark.parametrize(("metre", "bpm"), [(2, 144), (6, 100), (6, 172)])
def test_bars_of_two_are_not_four_and_bars_of_six_not_three(metre: int, bpm: int) -> None:
    bars = 16 // metre
    form = f"I{bars}/{metre}@{bpm} A{2 * bars}:fill B{2 * bars} A{2 * bars} B{2 * bars}"
    song = compose_form(form, seed=31, sample_rate=SAMPLE_RATE)
    beats = track_beats(Audio(song.samples, SAMPLE_RATE, form))
    truth = song.beats.times[song.beats.downbeats]
    assert beats.beats_per_bar == metre
    assert f_measure(beats.times[beats.downbeats], truth) > 0.9


@pytest.mark.parametrize("bpm", [60, 70])
def test_a_slow_song_may_be_danced_at_the_double_and_both_are_said(bpm: int) -> None:
    audio, truth = demo(40.0, bpm, seed=bpm)
    beats = track_beats(audio)
    said = sorted((beats.tempo_bpm, *beats.tempo_alternatives))
    assert said[:2] == pytest.approx([bpm, 2 * bpm], rel=0.005)
    assert np.abs(beats.times[:, None] - truth.times).min(axis=0).max() < 0.05  # none is missed


def played_freely(seconds: float, spread: float, seed: int) -> tuple[Audio, np.ndarray]:
    """Chords and a tune without drums, each beat's tempo by chance; beats (n,) s."""
    random = np.random.default_rng(seed)
    kit, track = Kit(SAMPLE_RATE, random), Track(round(seconds * SAMPLE_RATE), SAMPLE_RATE)
    time, beats = 0.2, []
    while time < seconds - 1.0:
        length = 0.7 * np.exp(random.normal(0.0, spread))
        root = 57 + int(random.choice([0, 3, 5, 7]))
        if len(beats) % 3 == 0:
            track.add(time, kit.chord([root - 12, root, root + 7], 2 * length), 0.2)
        for part in (0.0, 0.5)[: 1 + int(random.integers(2))]:
            track.add(time + part * length, kit.pluck(root + 12, length), random.uniform(0.05, 0.3))
        beats.append(time)
        time += length
    samples = (track.samples / np.abs(track.samples).max()).astype(np.float32)
    return Audio(samples, SAMPLE_RATE, "rubato"), np.array(beats)


@pytest.mark.parametrize("seed", range(4))
def test_rubato_that_cannot_be_followed_is_said_to_be_unsure(seed: int) -> None:
    audio, truth = played_freely(60.0, 0.25, seed)
    beats = track_beats(audio)
    assert f_measure(beats.times, truth) < 0.9  # else this is no test
    assert beats.confidence < CHECK_BELOW
    (warning,) = beats.warnings
    assert "tempo is free" in warning and "check the beats" in warning


@pytest.mark.data
def test_real_piano_in_rubato_is_right_or_said_to_be_unsure(shared_data: Path) -> None:
    piano = [c for c in annotated(shared_data / "beats_dev") if c.group == "asap"]
    assert len(piano) == 4
    for case in piano:
        beats = track_beats(case.load())
        if f_measure(beats.times, case.beats) < 0.9:
            assert beats.confidence < CHECK_BELOW, case.name
            assert "check the beats" in beats.warnings[0]


@pytest.mark.parametrize("swing", [0.5, 1.0])
def test_swing_does_not_pull_the_beats(swing: float) -> None:
    audio, truth = demo(30.0, 112, swing=swing, seed=1)
    assert f_measure(track_beats(audio).times, truth.times) > 0.98


def test_a_tempo_change_is_followed() -> None:
    audio, truth = demo(40.0, 140, tempo_changes=((18.0, 95.0),), seed=6)
    assert f_measure(track_beats(audio).times, truth.times) > 0.95


def test_beats_run_on_through_silence() -> None:
    samples, truth = compose(50.0, 124.0)
    samples[16 * 44100 : 26 * 44100] = 0
    beats = track_beats(audio_from_samples(samples, 44100, "gap"))
    assert f_measure(beats.times, truth.times) > 0.98


def test_beats_cover_the_song_and_rise() -> None:
    audio, _ = demo(30.0, 128)
    beats = track_beats(audio)
    period = 60 / beats.tempo_bpm
    assert 0 <= beats.times[0] < period
    assert audio.seconds - period - 0.05 < beats.times[-1] < audio.seconds
    assert (np.diff(beats.times) > 0.5 * period).all()
    assert len(beats.times) == len(beats.downbeats)


@pytest.mark.parametrize("seconds", [1.0, 1.5, 2.0, 4.0, 8.0])
def test_short_songs_have_a_grid(seconds: float) -> None:
    audio, _ = demo(seconds, 120.0)
    assert len(track_beats(audio).times) >= 2


def drone(kind: str) -> np.ndarray:
    t = np.arange(22050 * 20) / 22050
    if kind == "sine":
        return 0.3 * np.sin(2 * np.pi * 220 * t)
    noise = np.random.default_rng(0).standard_normal(len(t))
    return 0.1 * noise if kind == "noise" else 0.1 * noise * (1 + 0.8 * np.sin(0.4 * t))


@pytest.mark.parametrize("kind", ["sine", "noise", "surf"])
def test_where_no_pulse_is_heard_the_result_says_so(kind: str) -> None:
    beats = track_beats(audio_from_samples(drone(kind), 22050, kind))
    assert beats.confidence == 0.0 and beats.tracker == "even-grid"
    assert beats.tempo_bpm == 120.0 and np.allclose(beats.times, np.arange(40) * 0.5)


def test_analyse_gives_the_same_beats() -> None:
    audio, _ = demo(10.0)
    beats, features = analyse(audio)
    assert np.array_equal(beats.times, track_beats(audio).times)
    assert len(features) == 300


# Without the network.


def test_without_onnxruntime_the_onsets_must_do_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    find = beats_module.importlib.util.find_spec
    monkeypatch.setattr(
        beats_module.importlib.util,
        "find_spec",
        lambda name, *more: None if name == "onnxruntime" else find(name, *more),
    )
    audio, truth = demo(20.0)
    with caplog.at_level(logging.WARNING):
        beats = track_beats(audio)
    assert beats.tracker == "audio2pose-dp-1"
    assert f_measure(beats.times, truth.times) > 0.98
    assert "onnxruntime is not installed" in caplog.text
    (warning,) = beats.warnings
    assert "onsets alone" in warning and "\n" not in warning


def test_without_the_model_it_is_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(beats_module, "DEFAULT_MODEL", tmp_path / "beats.onnx")
    beats = track_beats(demo(8.0)[0])
    assert beats.tracker == "audio2pose-dp-1" and "is missing" in beats.warnings[0]


# What is said of unsure beats.


@pytest.mark.parametrize(("steady", "word"), [(0.1, "tempo is free"), (0.9, "not clear")])
def test_unsure_beats_come_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, steady: float, word: str
) -> None:
    times = np.arange(0.3, 9.5, 0.5)
    unsure = Decoded(times, np.arange(len(times)) % 3 == 0, 120.0, (60.0,), 0.2, steady, {})
    monkeypatch.setattr(beats_module, "network_missing", lambda: "")
    monkeypatch.setattr(beats_module, "activations", lambda audio: np.zeros((500, 2)))
    monkeypatch.setattr(beats_module, "decode", lambda found, seconds, sound: unsure)
    beats = track_beats(demo(10.0)[0])
    assert beats.beats_per_bar == 3 and beats.tempo_alternatives == (60.0,)
    (warning,) = beats.warnings
    assert word in warning and "check the beats" in warning and "0.20" in warning
    assert warnings_of("demo", [], beats) == [warning]
