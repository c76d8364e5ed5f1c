"""Sections: composed songs of known form, and shapes that are no song."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from audio2pose_core.audio.analyse import analyse, beats_and_form, with_form
from audio2pose_core.audio.beat_descriptors import describe_beats
from audio2pose_core.audio.beat_file import Beats, load_beats, save_beats
from audio2pose_core.audio.beats import even_grid
from audio2pose_core.audio.composer import Composition, compose_form
from audio2pose_core.audio.demo_song import compose, sections_of
from audio2pose_core.audio.form import Section
from audio2pose_core.audio.load import SAMPLE_RATE, Audio, audio_from_samples
from audio2pose_core.audio.sections import find_cuts, find_sections, guess_names
from audio2pose_core.audio.spectrum import Spectrum, spectrum
from audio2pose_core.errors import DataError
from scripts import measure_form

FORMS = (
    "I4 A8:fill B8 A8 B8 C8:break B8 O4",
    "A16 B8 A16 B8 C8 B16",
    "I8 A8/5@150 B8 A8 B8 O8",
    "I4@90 A8 B8 A8 B8@130 C8/6 B8/4 O4",
    "I4 A8/7:fill B8 A8 B8:break C4 B8 O4",
    "I4@170 A16 B16:break A16 B16 C8 B16 O8",
    "I4 A8/3 B8 A8 B8 C8 B8 O4",
)


@cache
def heard(form: str):
    """The true sections of a composed song, and those that are found with its true beats."""
    song = compose_form(form, seed=1, sample_rate=SAMPLE_RATE)
    spec = spectrum(audio_from_samples(song.samples, song.sample_rate, "composed"))
    return song.beats.sections, find_sections(spec, song.beats)


def share_alike(true: tuple[Section, ...], found: tuple[Section, ...]) -> float:
    """F of the pairs of moments that two labellings put together (Levy and Sandler, 2008)."""
    at = np.arange(0.25, true[-1].end, 0.5)

    def together(sections: tuple[Section, ...]) -> np.ndarray:
        label = [next(s.label for s in sections if s.start <= t < s.end + 1e-6) for t in at]
        # The intro and outro that a form composes are the same music.
        label = np.array(["I" if x == "O" else x for x in label])
        return label[:, None] == label[None, :]

    one, two = together(true), together(found)
    return 2.0 * (one & two).sum() / (one.sum() + two.sum())


@pytest.mark.parametrize("form", FORMS)
def test_boundaries_and_labels_of_composed_songs(form):
    true, found = heard(form)
    starts = np.array([s.start for s in true[1:]])
    guesses = np.array([s.start for s in found[1:]])
    apart = np.abs(starts[:, None] - guesses[None, :])
    assert np.mean(apart.min(axis=1) < 0.1) == 1.0  # every change is found
    assert np.mean(apart.min(axis=0) < 0.1) >= 0.85  # and hardly anything else
    assert share_alike(true, found) > 0.8


@cache
def composed(form: str) -> Composition:
    return compose_form(form, seed=12, sample_rate=SAMPLE_RATE)


def excerpt(form: str, start: float, seconds: float) -> tuple[Spectrum, Beats]:
    """A stretch of a composed song, with its true beats and sections."""
    part = measure_form.excerpt(composed(form), start, seconds)
    return spectrum(Audio(part.samples, SAMPLE_RATE, form)), part.beats


EXCERPTS = {  # where they begin, s: their sections are cut anywhere
    "I4@90 A4:fill B4 A8 B8@130 C8/4 B8/4 O4": (25.0, 40.0, 52.0, 80.0),
    "I2@110 A4 B4 A4:fill B4 C4 B4 A8 O2": (0.0, 17.0, 35.0),  # phrases of four bars
    "A8@126:fill B8 C8 D8:break A8": (3.0, 11.0, 18.5, 27.0, 40.0),
}


def test_an_excerpt_of_26_seconds_gives_its_boundaries():
    found = wanted = wrong = 0
    for form, starts in EXCERPTS.items():
        for start in starts:
            spec, beats = excerpt(form, start, 26.0)
            bar = np.median(np.diff(beats.times[beats.downbeats]))
            true = np.array([s.start for s in beats.sections[1:]])
            guesses = np.array([s.start for s in find_sections(spec, beats)[1:]])
            assert len(guesses), (form, start)
            apart = np.abs(true[:, None] - guesses[None, :])
            plain = (true > 1.9 * bar) & (true < 26.0 - 1.9 * bar)  # two bars on either side
            found += (apart.min(axis=1) < 0.1)[plain].sum()
            wanted += plain.sum()
            wrong += (apart.min(axis=0) >= 0.1).sum()
    assert found >= 0.9 * wanted and wrong <= 1, (found, wanted, wrong)


@pytest.mark.parametrize("lengths", [(6, 9), (9, 6), (7, 7), (5, 12)])
def test_a_bar_like_no_other_ends_a_section_and_begins_none(lengths):
    """A break or a fill before the second section."""
    first, second = lengths
    kind = np.repeat([0, 1, 2], [first, 1, second])
    likeness = np.where(kind[:, None] == kind[None, :], 0.6, 0.1)
    assert list(find_cuts(likeness, likeness)) == [0, first + 1, first + 1 + second]


def test_neighbours_played_by_others_are_different_sections_on_the_same_chords():
    """The demo song has one round of chords throughout; its chorus follows its verse."""
    samples, beats = compose(40.0, 124, seed=2, sample_rate=SAMPLE_RATE)
    found = find_sections(spectrum(Audio(samples, SAMPLE_RATE, "demo")), beats)
    changes = sections_of(beats)
    chorus = changes[1]
    (k,) = [k for k, s in enumerate(found) if abs(s.start - chorus) < 0.1]
    assert found[k].label != found[k - 1].label


def test_names_follow_loudness_and_repetition():
    right = total = 0.0
    for form in FORMS:
        true, found = heard(form)
        for one in true:
            total += one.end - one.start
            right += sum(
                max(0.0, min(one.end, two.end) - max(one.start, two.start))
                for two in found
                if one.name == two.name
            )
    assert right / total > 0.85


def test_sections_cover_the_song_on_bar_lines_and_say_their_energy():
    song = compose_form("I4 A8 B8 A8 B8 O4", seed=4)
    audio = audio_from_samples(song.samples, song.sample_rate, "composed")
    found = find_sections(spectrum(audio), song.beats)
    assert found[0].start == 0.0 and found[-1].end == audio.seconds
    assert all(a.end == b.start for a, b in pairwise(found))
    bars = song.beats.times[song.beats.downbeats]
    assert all(np.abs(bars - s.start).min() < 1e-9 for s in found[1:])
    energy = {s.name: s.energy for s in found}
    assert energy["intro"] < energy["verse"] < energy["chorus"]
    assert max(s.energy for s in found) == 1.0


def named(*parts: tuple[str, float]) -> list[str]:
    """Names of sections of 16 s with these labels and energies."""
    return guess_names(
        [Section(16.0 * k, 16.0 * (k + 1), x, "", e) for k, (x, e) in enumerate(parts)]
    )


def test_names_are_given_only_where_there_is_ground():
    assert named(("A", 1.0)) == [""]
    assert named(("A", 0.9), ("B", 1.0)) == ["", ""]
    assert named(*[(x, 0.9) for x in "ABCDE"]) == [""] * 5  # nothing returns
    assert named(*[(x, 0.9) for x in "ABABAB"]) == [""] * 6  # nothing is fuller
    energy = {"X": 0.3, "A": 0.7, "B": 1.0, "C": 0.8, "Y": 0.2}
    wanted = ["intro", "verse", "chorus", "verse", "chorus", "bridge", "chorus", "outro"]
    assert named(*[(x, energy[x]) for x in "XABABCBY"]) == wanted


@pytest.mark.parametrize("seconds", [1.0, 2.5, 6.0, 12.0])
@pytest.mark.parametrize("kind", ["tone", "noise", "clicks"])
def test_short_and_shapeless_songs_have_sections_too(kind, seconds):
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    samples = {
        "tone": 0.3 * np.sin(2 * np.pi * 220 * t),
        "noise": 0.1 * np.random.default_rng(0).standard_normal(len(t)),
        "clicks": 0.5 * np.exp(-80 * (t % 0.5)) * np.sin(2 * np.pi * 900 * t),
    }[kind].astype(np.float32)
    beats = beats_and_form(Audio(samples, SAMPLE_RATE, kind))
    assert beats.sections[0].start == 0.0 and beats.sections[-1].end == pytest.approx(seconds)
    assert all(0.0 <= s.energy <= 1.0 for s in beats.sections)


def test_beats_of_any_kind_have_sections():
    """Two beats, one downbeat, none, beats that end early or begin late."""
    samples = compose_form("A4 B4", seed=0, sample_rate=SAMPLE_RATE).samples
    audio = Audio(samples, SAMPLE_RATE, "composed")
    spec, grid = spectrum(audio), even_grid(audio.seconds)
    for times, first in (
        (grid.times[:2], True),
        (grid.times, False),
        (grid.times[10:14], True),
        (grid.times[-3:], True),
        (grid.times[:1] + 1000.0, True),
    ):
        downbeats = np.zeros(len(times), bool)
        downbeats[0] = first
        beats = replace(grid, times=times, downbeats=downbeats, confidence=0.5)
        found = with_form(beats, spec).sections
        assert found[0].start == 0.0 and found[-1].end == audio.seconds


def test_descriptors_say_how_each_beat_sounds():
    rate = SAMPLE_RATE
    t = np.arange(rate * 8) / rate
    second = t.astype(int)
    samples = np.zeros(len(t))
    samples += 0.5 * np.sin(2 * np.pi * 60 * t) * (second < 2)
    samples += 0.5 * np.sin(2 * np.pi * 5000 * t) * ((second >= 2) & (second < 4))
    samples += 0.5 * np.sin(2 * np.pi * 900 * t) * np.exp(-60 * (t % 0.125)) * (second >= 4)
    samples *= np.where(second >= 7, 0.01, 1.0)
    spec = spectrum(Audio(samples.astype(np.float32), rate, "test"))
    d = describe_beats(spec, np.arange(8.0))
    assert (d.low_weight[:2] > 0.95).all() and (d.low_weight[2:] < 0.1).all()
    assert (d.brightness[2:4] > 0.6).all() and (d.brightness[:2] < 0.1).all()
    assert d.onset_density[5] == pytest.approx(8.0, abs=1.0) and d.onset_density[3] <= 1.0
    assert d.loudness.max() <= 1.0 and d.loudness[5] > d.loudness[7] + 0.4
    assert (d.loudness >= 0).all()


def test_a_song_of_hours_is_bounded():
    samples = np.random.default_rng(0).standard_normal(100 * SAMPLE_RATE).astype(np.float32) * 0.1
    spec = spectrum(Audio(samples, SAMPLE_RATE, "long"))
    times = np.linspace(0.0, 99.0, 24000)  # as many beats as four hours have
    many = replace(even_grid(99.0), times=times, downbeats=np.arange(len(times)) % 4 == 0)
    tracemalloc.start()
    try:
        found = find_sections(spec, many)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # A table of every bar beside every other one would have 288 MB.
    assert peak < 150e6 and found[-1].end == pytest.approx(100.0)


# --- as data ---


def test_analyse_keeps_what_it_returned_and_adds_the_form():
    song = compose_form("I4 A8 B8", seed=1, sample_rate=SAMPLE_RATE)
    audio = Audio(song.samples, SAMPLE_RATE, "composed")
    beats, features = analyse(audio, 30.0)
    assert len(features) == round(audio.seconds * 30)
    alone = beats_and_form(audio)
    assert np.array_equal(beats.times, alone.times) and beats.sections == alone.sections
    assert len(beats.sections) >= 2


def test_sections_and_events_come_back_from_the_file_and_old_files_load(tmp_path):
    song = compose_form("I4 A8:fill B8", seed=1, sample_rate=SAMPLE_RATE)
    path = tmp_path / "song.beats.json"
    save_beats(path, song.beats)
    read = load_beats(path)
    assert [s.label for s in read.sections] == ["I", "A", "B"]
    assert read.sections[1].start == pytest.approx(song.beats.sections[1].start, abs=1e-4)
    assert read.events == tuple(replace(e, time=round(e.time, 4)) for e in song.beats.events)
    path.write_text('{"beat_times": [0, 0.5, 1]}')
    assert load_beats(path).sections == () and load_beats(path).events == ()


@pytest.mark.parametrize(
    "wrong",
    [
        '"sections": 3',
        '"sections": [1]',
        '"sections": [{"start": 0, "end": 1, "label": "A", "name": "", "energy": NaN}]',
        '"sections": [{"start": -1, "end": 1, "label": "A", "name": "", "energy": 1}]',
        '"sections": [{"start": 0, "end": 1, "label": 7, "name": "", "energy": 1}]',
        '"events": {"time": 1}',
        '"events": [{"time": 1, "kind": "drop"}]',
        '"events": [{"time": Infinity, "kind": "drop", "strength": 1}]',
        '"events": [' + ",".join(["0"] * 20_001) + "]",
    ],
)
def test_a_form_that_is_none_is_refused_in_one_line(tmp_path, wrong):
    path = tmp_path / "bad.json"
    path.write_text('{"beat_times": [0, 0.5, 1], ' + wrong + "}")
    with pytest.raises(DataError) as caught:
        load_beats(path)
    assert "bad.json" in str(caught.value) and "\n" not in str(caught.value)
