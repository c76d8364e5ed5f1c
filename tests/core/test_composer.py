"""Composed songs: form, metres and tempi are to the sample, and heard."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core.audio.beats import load_beats
from audio2pose_core.audio.composer import (
    LEAD_IN,
    Part,
    compose_form,
    fill_beats,
    lay_out,
    parse_form,
)
from audio2pose_core.errors import OptionError

FORM = "I4 A8:fill B8 A8:build-up B8 C8/3 B8/4@150:break B8 O4"


def test_a_form_is_read_and_metre_and_tempo_hold_until_others_are_named():
    parts = parse_form("I4 A8/7:fill B8 C4/3@90", bpm=132.0, beats_per_bar=4)
    assert parts == [
        Part("I", 4, 4, 132.0),
        Part("A", 8, 7, 132.0, "fill"),
        Part("B", 8, 7, 132.0),
        Part("C", 4, 3, 90.0),
    ]


@pytest.mark.parametrize(
    "wrong", ["", "a8", "A", "A0", "A65", "A8/8", "A8/1", "A8@20", "A8@400", "A8:solo", "A8 8"]
)
def test_a_form_that_is_none(wrong):
    with pytest.raises(OptionError):
        parse_form(wrong)


def test_beats_bars_sections_and_events_are_where_the_form_puts_them():
    beats = lay_out(parse_form("I2@120 A2/3:fill B2/5@150:break B2 O2/4@60"))
    steps = np.diff(beats.times)
    assert beats.times[0] == LEAD_IN
    assert np.allclose(steps, [0.5] * 8 + [0.5] * 6 + [0.4] * 20 + [1.0] * 8)
    bars = np.diff(np.flatnonzero(beats.downbeats))
    assert bars.tolist() == [4, 4, 3, 3, 5, 5, 5, 5, 4, 4]
    starts = [s.start for s in beats.sections]
    assert np.allclose(starts, [0.0, 4.1, 7.1, 11.1, 15.1])
    assert [s.end for s in beats.sections[:-1]] == starts[1:]
    assert [(s.label, s.name) for s in beats.sections] == [
        ("I", "intro"), ("A", "verse"), ("B", "chorus"), ("B", "chorus"), ("O", "outro"),
    ]  # fmt: skip
    # The drums come in after the intro and after the break; a fill is half a bar.
    assert [(e.kind, round(e.time, 3)) for e in beats.events] == [
        ("drop", 4.1), ("fill", 6.6), ("break", 9.1), ("drop", 11.1), ("last note", 23.1),
    ]  # fmt: skip


@pytest.mark.parametrize("metre", [2, 3, 4, 5, 6, 7])
def test_every_metre_sounds_and_its_bars_start_with_the_kick(metre):
    song = compose_form(f"B4/{metre}", bpm=100, seed=metre, sample_rate=22050)
    beats = song.beats
    assert beats.beats_per_bar == metre
    assert np.flatnonzero(beats.downbeats).tolist() == [metre * k for k in range(5)]
    assert np.abs(song.samples).max() == pytest.approx(0.89, abs=1e-3)
    assert len(song.samples) == round(beats.sections[-1].end * 22050)
    at = np.round(beats.times[:-1] * 22050).astype(int)
    struck = [np.abs(np.diff(song.samples[a : a + 220])).max() for a in at]
    before = [np.abs(np.diff(song.samples[a - 220 : a])).max() for a in at]
    assert np.all(np.array(struck) > 1.5 * np.array(before))


def loudness(song, start, end):
    rate = song.sample_rate
    return float(np.sqrt((song.samples[round(start * rate) : round(end * rate)] ** 2).mean()))


def low(song, start, end):
    """Amplitude below 120 Hz."""
    rate = song.sample_rate
    piece = song.samples[round(start * rate) : round(end * rate)]
    power = np.abs(np.fft.rfft(piece)) ** 2
    return float(np.sqrt(power[np.fft.rfftfreq(len(piece), 1 / rate) < 120].sum()) / len(piece))


def test_what_is_told_is_played():
    song = compose_form("A8:build-up B8:break B8:fill O4", seed=5, sample_rate=22050)
    events = {e.kind: e.time for e in song.beats.events if e.kind != "drop"}
    drops = [e.time for e in song.beats.events if e.kind == "drop"]
    assert low(song, events["break"] + 0.3, events["break"] + 2) < 0.1 * low(song, 20, 22)
    assert low(song, events["build-up"] + 0.3, drops[0] - 0.1) < 0.1 * low(song, 20, 22)
    for drop in drops:
        assert low(song, drop, drop + 2) > 5 * low(song, drop - 1.5, drop - 0.1)
    rising = [loudness(song, t, t + 2) for t in np.arange(events["build-up"], drops[0], 2.0)]
    assert len(rising) == 4 and np.all(np.diff(rising) > 0)
    assert loudness(song, song.beats.sections[-1].end - 0.4, song.beats.sections[-1].end) < 0.05
    assert fill_beats(4) == 2 and fill_beats(7) == 3 and fill_beats(2) == 1


def test_the_same_letter_is_the_same_music_and_another_is_not():
    song = compose_form("A4 B4 A4", seed=3, sample_rate=22050)
    parts = [round(s.start * 22050) for s in song.beats.sections]
    parts[0] = round(LEAD_IN * 22050)
    one, other, again = (np.abs(np.fft.rfft(song.samples[p : p + 4 * 44100])) for p in parts)
    assert np.corrcoef(one, again)[0, 1] > 0.98 > 0.9 > np.corrcoef(one, other)[0, 1]


def test_a_seed_is_a_song():
    one, two, other = (compose_form("A4", seed=s, sample_rate=8000).samples for s in (1, 1, 2))
    assert np.array_equal(one, two) and not np.array_equal(one, other)


def test_the_command_writes_a_song_of_a_form_and_its_truth(tmp_path):
    def run(*words):
        command = [sys.executable, "-m", "audio2pose_core.audio.demo_song", *map(str, words)]
        root = Path(__file__).resolve().parent.parent.parent
        return subprocess.run(command, cwd=root, capture_output=True, text=True)

    done = run(tmp_path / "song.wav", "--form", FORM, "--bpm", 130, "--seed", 2)
    assert done.returncode == 0 and done.stderr == "" and "9 sections" in done.stdout
    truth = lay_out(parse_form(FORM, 130.0))
    read = load_beats(tmp_path / "song.beats.json")
    assert np.allclose(read.times, truth.times, atol=1e-5)
    assert [s.label for s in read.sections] == list("IABABCBBO")
    assert [e.kind for e in read.events] == [e.kind for e in truth.events]
    with wave.open(str(tmp_path / "song.wav")) as file:
        assert file.getnframes() / 44100 == pytest.approx(truth.sections[-1].end, abs=1e-3)
    for words in (["--form", "Z9:solo"], ["--form", "A8", "--swing", "0.5"]):
        refused = run(tmp_path / "no.wav", *words)
        assert refused.returncode == 2 and len(refused.stderr.splitlines()) == 1
    assert not (tmp_path / "no.wav").exists()
