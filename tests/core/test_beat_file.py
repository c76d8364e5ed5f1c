"""beats.json: what is written comes back, old files load, bad ones are refused in one line."""

from __future__ import annotations

import json
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core.audio.beat_file import MAX_BEATS, Beats, load_beats, save_beats
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.load import audio_from_samples
from audio2pose_core.errors import DataError


def test_saved_beats_come_back(tmp_path: Path) -> None:
    samples, truth = compose(10.0, 97.0, beats_per_bar=3)
    audio = audio_from_samples(samples, 44100, "demo")
    save_beats(tmp_path / "song.beats.json", truth, audio)
    back = load_beats(tmp_path / "song.beats.json")
    assert np.allclose(back.times, truth.times, atol=1e-6)
    assert np.array_equal(back.downbeats, truth.downbeats)
    assert (back.beats_per_bar, back.tracker, back.confidence) == (3, "composed", 1.0)
    record = json.loads((tmp_path / "song.beats.json").read_text())
    assert set(record) >= {
        "tempo_bpm", "beats_per_bar", "beat_times", "downbeat_times", "confidence", "tracker",
        "seconds",
    }  # fmt: skip
    assert record["seconds"] == pytest.approx(10.0)


def write(folder: Path, text: str) -> Path:
    path = folder / "beats.json"
    path.write_text(text)
    return path


def test_times_alone_are_enough(tmp_path: Path) -> None:
    beats = load_beats(write(tmp_path, '{"beat_times": [0, 0.5, 1.0, 1.5, 2.0]}'))
    assert beats.tempo_bpm == pytest.approx(120.0) and beats.beats_per_bar == 4
    assert beats.downbeats.tolist() == [True, False, False, False, True]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("no json", "no JSON"),
        ("[1, 2]", "beat_times"),
        ('{"tempo_bpm": 120}', "beat_times"),
        ('{"beat_times": [1.0]}', "at least 2"),
        ('{"beat_times": [0.5, 0.4, 1]}', "must rise"),
        ('{"beat_times": [0.5, 0.5, 1]}', "must rise"),
        ('{"beat_times": [-0.5, 0.5]}', "before 0"),
        ('{"beat_times": [0.5, NaN]}', "finite"),
        ('{"beat_times": [0.5, "1.0"]}', "numbers"),
        ('{"beat_times": "0.5 1.0"}', "numbers"),
        ('{"beat_times": [0, 1], "downbeat_times": [0.5]}', "downbeat_times"),
        ('{"beat_times": [0, 1], "beats_per_bar": 0}', "beats_per_bar"),
        ('{"beat_times": [0, 1], "beats_per_bar": 3.5}', "whole number"),
        ('{"beat_times": [0, 1], "confidence": "high"}', "confidence"),
        ('{"beat_times": [0, 1], "tempo_bpm": NaN}', "tempo_bpm"),
        ('{"beat_times": [0.5, Infinity]}', "finite"),
        ('{"beat_times": [-Infinity, 0.5]}', "finite"),
        ('{"beat_times": [0.5, 1e999]}', "finite"),
        (f'{{"beat_times": [0.5, 1{"0" * 400}]}}', "finite"),
        (f'{{"beat_times": [0.5, 1{"0" * 9000}]}}', "no JSON"),
        (f'{{"tempo_bpm": 120, "beat_times": {[0.001 * k for k in range(40_000)]}}}', "32 beats"),
        ('{"beat_times": [0.5, 1e7]}', "songs have at most 10800 s"),
        ('{"beat_times": [0, 1], "downbeat_times": [NaN]}', "finite"),
        ('{"beat_times": [0, 1], "downbeat_times": [1, 0]}', "must rise"),
        ('{"beat_times": [0, 1], "downbeat_times": [-1, 0]}', "before 0"),
        ('{"beat_times": [0, 1], "downbeat_times": [7]}', "downbeat_times"),
        ('{"beat_times": [0, 1], "tempo_alternatives": [0]}', "tempo_alternatives"),
        ('{"beat_times": [0, 1], "tempo_alternatives": 60}', "tempo_alternatives"),
        ('{"beat_times": [0, 1], "beats_per_bar_by_bar": ["4"]}', "beats_per_bar_by_bar"),
        ('{"beat_times": [0, 1], "beats_per_bar_by_bar": [0]}', "beats_per_bar_by_bar"),
        ('{"beat_times": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested"),
        ('{"a": ' * 50_000 + "1" + "}" * 50_000, "nested"),
        ('{"beat_times": [0, 1], "x": "' + "y" * 16_000_000 + '"}', "larger than"),
    ],
)
def test_bad_beat_files_are_refused_in_one_line(tmp_path: Path, text: str, word: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(DataError) as caught:
        load_beats(path)
    assert word in str(caught.value) and str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_beat_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not found"):
        load_beats(tmp_path / "none.json")
    with pytest.raises(DataError, match="folder"):
        load_beats(tmp_path)


def test_forty_thousand_beats_load_quickly_and_in_little_memory(tmp_path: Path) -> None:
    times = [round(0.25 * k, 4) for k in range(40_000)]
    record = {"beat_times": times, "downbeat_times": times[::4]}
    path = write(tmp_path, json.dumps(record))
    tracemalloc.start()
    started = time.process_time()
    beats = load_beats(path)
    spent = time.process_time() - started
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(beats.times) == 40_000 and beats.downbeats.sum() == 10_000
    assert set(beats.bars) == {4}
    assert spent < 2.0 and peak < 50e6


def test_more_beats_than_any_song_has_are_refused(tmp_path: Path) -> None:
    times = (np.arange(MAX_BEATS + 1) * 0.1).round(1).tolist()
    with pytest.raises(DataError, match="100000 are the most"):
        load_beats(write(tmp_path, json.dumps({"beat_times": times})))


def test_bars_of_changing_length_come_back(tmp_path: Path) -> None:
    """A pick-up of two beats, bars of 4, 3 and 7, and one that the song's end cuts off."""
    times = 0.2 + 0.4 * np.arange(2 + 4 + 3 + 7 + 2)
    downbeats = np.isin(np.arange(len(times)), [2, 6, 9, 16])
    beats = Beats(times, downbeats, 150.0, 4, 0.8, "hand", tempo_alternatives=(75.0, 300.0))
    assert beats.bars == (4, 3, 7, 2)
    save_beats(tmp_path / "beats.json", beats)
    back = load_beats(tmp_path / "beats.json")
    assert back.bars == beats.bars and back.tempo_alternatives == (75.0, 300.0)
    assert back.beats_per_bar == 4  # callers that know one metre only still find a number
    record = json.loads((tmp_path / "beats.json").read_text())
    assert record["beats_per_bar_by_bar"] == [4, 3, 7, 2]


def test_bar_lengths_alone_say_where_bars_start(tmp_path: Path) -> None:
    record = {"beat_times": list(range(9)), "beats_per_bar_by_bar": [3, 2], "beats_per_bar": 2}
    beats = load_beats(write(tmp_path, json.dumps(record)))
    assert np.flatnonzero(beats.downbeats).tolist() == [0, 3, 5, 7]


def test_a_file_of_before_loads_as_it_did(tmp_path: Path) -> None:
    old = {
        "tempo_bpm": 120.0, "beats_per_bar": 3, "beat_times": [0.1, 0.6, 1.1, 1.6],
        "downbeat_times": [0.1, 1.6], "confidence": 0.7, "tracker": "audio2pose-dp-1",
        "song": "x.wav", "seconds": 2.0,
    }  # fmt: skip
    beats = load_beats(write(tmp_path, json.dumps(old)))
    assert beats.downbeats.tolist() == [True, False, False, True] and beats.beats_per_bar == 3
    assert beats.tempo_alternatives == () and beats.warnings == ()
