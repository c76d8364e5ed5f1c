"""Beats by onsets alone: against exact truth, against librosa, where there is no pulse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from audio2pose_core.audio.beat_file import Beats, even_grid
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.load import Audio, audio_from_samples, load_audio
from audio2pose_core.audio.onset_beats import beats_from_onsets
from audio2pose_core.audio.spectrum import spectrum
from scripts.beat_scores import f_measure
from scripts.beat_songs import recorded
from scripts.beat_trackers import librosa_beats


def track_beats(audio: Audio) -> Beats:
    return beats_from_onsets(spectrum(audio))


def demo(seconds: float = 30.0, bpm: float = 120.0, **more: object) -> tuple[Audio, Beats]:
    samples, truth = compose(seconds, bpm, **more)  # type: ignore[arg-type]
    return audio_from_samples(samples, 44100, "demo"), truth


# The measure itself must be able to fail.


def test_f_measure_knows_right_from_wrong() -> None:
    truth = np.arange(0.1, 60, 0.5)
    assert f_measure(truth, truth) == 1.0
    assert f_measure(truth + 0.06, truth) == 1.0
    assert f_measure(truth + 0.08, truth) == 0.0
    assert f_measure(truth + 0.25, truth) == 0.0  # the off-beat
    assert f_measure(truth[::2], truth) == pytest.approx(2 / 3, abs=0.01)  # half tempo
    assert f_measure(np.arange(0.1, 60, 0.25), truth) == pytest.approx(2 / 3, abs=0.01)
    assert f_measure(np.sort(np.random.default_rng(0).uniform(0, 60, 120)), truth) < 0.5
    assert f_measure(np.array([]), truth) == 0.0


def test_f_measure_counts_each_beat_once() -> None:
    truth = np.array([6.0, 7.0])
    assert f_measure(np.array([5.98, 6.0, 6.02, 7.0]), truth) == pytest.approx(2 / 3)


@pytest.mark.parametrize("bpm", range(70, 181, 10))
def test_beats_and_bars_at_every_tempo(bpm: int) -> None:
    audio, truth = demo(25.0, bpm, seed=bpm)
    beats = track_beats(audio)
    assert beats.tempo_bpm == pytest.approx(bpm, rel=0.005)  # in the right octave, too
    assert f_measure(beats.times, truth.times) > 0.98
    assert beats.beats_per_bar == 4
    assert f_measure(beats.times[beats.downbeats], truth.times[truth.downbeats]) > 0.9
    nearest = np.abs(beats.times[:, None] - truth.times).argmin(axis=1)
    error = (beats.times - truth.times[nearest])[4:-4]
    assert abs(error.mean()) < 0.005 and np.abs(error).max() < 0.025  # no lag, little jitter
    assert beats.confidence > 0.6


@pytest.mark.parametrize("bpm", [90, 150])
def test_three_four_time(bpm: int) -> None:
    audio, truth = demo(30.0, bpm, beats_per_bar=3, seed=3)
    beats = track_beats(audio)
    assert beats.beats_per_bar == 3
    assert f_measure(beats.times, truth.times) > 0.98
    assert f_measure(beats.times[beats.downbeats], truth.times[truth.downbeats]) > 0.9


@pytest.mark.parametrize("swing", [0.5, 1.0])
def test_swing_does_not_pull_the_beats(swing: float) -> None:
    audio, truth = demo(30.0, 112, swing=swing, seed=1)
    assert f_measure(track_beats(audio).times, truth.times) > 0.98


def test_a_tempo_change_is_followed() -> None:
    audio, truth = demo(40.0, 140, tempo_changes=((18.0, 95.0),), seed=6)
    beats = track_beats(audio)
    assert f_measure(beats.times, truth.times) > 0.95
    before, after = (beats.times < 16), (beats.times > 22)
    assert 60 / np.median(np.diff(beats.times[before])) == pytest.approx(140, rel=0.01)
    assert 60 / np.median(np.diff(beats.times[after])) == pytest.approx(95, rel=0.01)


def test_a_slowly_growing_tempo_is_followed() -> None:
    audio, truth = demo(50.0, 100, tempo_changes=[(k, 100.0 + k) for k in range(50)])
    assert f_measure(track_beats(audio).times, truth.times) > 0.95


def test_a_pause_of_any_length_does_not_lose_the_beat() -> None:
    samples, truth = compose(30.0, 120.0)
    cut, pause = 15.17, 0.83
    at = round(cut * 44100)
    gap = np.zeros(round(pause * 44100), np.float32)
    audio = audio_from_samples(
        np.concatenate([samples[:at], gap, samples[at:]]), 44100, "interrupted"
    )
    times = truth.times + pause * (truth.times >= cut)
    assert f_measure(track_beats(audio).times, times) > 0.95


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


def test_the_level_of_the_master_does_not_matter() -> None:
    samples, _ = compose(20.0, 120.0)
    loud = track_beats(audio_from_samples(samples, 44100, "loud"))
    quiet = track_beats(audio_from_samples(samples * 0.01, 44100, "quiet"))
    assert np.allclose(loud.times, quiet.times, atol=0.01)


@pytest.mark.parametrize("seconds", [1.0, 1.5, 2.0, 4.0, 8.0])
def test_short_songs_have_a_grid(seconds: float) -> None:
    audio, _ = demo(seconds, 120.0)
    beats = track_beats(audio)
    assert len(beats.times) >= 2
    assert np.median(np.diff(beats.times)) == pytest.approx(0.5, abs=0.02)


def drone(kind: str) -> np.ndarray:
    t = np.arange(22050 * 20) / 22050
    if kind == "sine":
        return 0.3 * np.sin(2 * np.pi * 220 * t)
    noise = np.random.default_rng(0).standard_normal(len(t))
    return 0.1 * noise if kind == "noise" else 0.1 * noise * (1 + 0.8 * np.sin(0.4 * t))


@pytest.mark.parametrize("kind", ["sine", "noise", "surf"])
def test_where_no_pulse_is_heard_the_grid_says_so(kind: str) -> None:
    beats = track_beats(audio_from_samples(drone(kind), 22050, kind))
    assert beats.confidence == 0.0 and beats.tracker == "even-grid"
    assert beats.tempo_bpm == 120.0 and beats.beats_per_bar == 4
    assert np.allclose(beats.times, np.arange(40) * 0.5)
    assert beats.downbeats.sum() == 10


def test_an_even_grid_has_two_beats_at_least() -> None:
    assert len(even_grid(0.4).times) == 2


# Recorded music.


def test_songs_with_known_beats_beat_librosa(shared_data: Path) -> None:
    pytest.importorskip("librosa")
    cases = list(recorded(shared_data / "songs"))
    assert cases, "shared/data/songs holds no beats.json"
    for case in cases:
        audio = case.load()
        beats = track_beats(audio)
        ours = f_measure(beats.times, case.beats)
        assert ours >= f_measure(librosa_beats(audio)[0], case.beats), case.name
        assert ours > 0.9, case.name
        shuffled = np.cumsum(np.random.default_rng(0).permutation(np.diff(case.beats) * 1.01))
        assert f_measure(shuffled, case.beats) < 0.5
        half = 0.5 * np.median(np.diff(case.beats))
        assert f_measure(beats.times + half, case.beats) < 0.2


def test_the_same_piece_at_two_speeds(shared_data: Path) -> None:
    folder = shared_data / "songs" / "supertuxkart_ccbysa"
    slow = load_audio(folder / "ravenbridge_mansion.ogg")
    fast = load_audio(folder / "ravenbridge_mansion_fast.ogg")
    a, b = track_beats(slow), track_beats(fast)
    assert a.tempo_bpm == pytest.approx(140, rel=0.005)
    # SOURCE.txt guesses 148; the lengths of the two files say 150.
    assert b.tempo_bpm / a.tempo_bpm == pytest.approx(slow.seconds / fast.seconds, rel=0.005)
