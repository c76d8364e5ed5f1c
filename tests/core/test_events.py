"""Breaks, build-ups, drops, fills and the last note, against composed truth."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from audio2pose_core.audio.analyse import beats_and_form
from audio2pose_core.audio.composer import compose_form
from audio2pose_core.audio.events import find_events
from audio2pose_core.audio.form import EVENT_KINDS
from audio2pose_core.audio.load import SAMPLE_RATE, Audio, audio_from_samples
from audio2pose_core.audio.sections import find_sections
from audio2pose_core.audio.spectrum import spectrum

FORMS = (
    "I4 A8:fill B8 A8:build-up B8 C8 B8:break A8:fill O4",
    "I4 A8/3:fill B8 A8:build-up B8:break B8 A8:fill O4",
    "A16:fill B8:fill A16 B8 C8 B16",
    "I8 A8/5@150:fill B8:break A8:build-up B8 O8",
    "I4@90 A8:fill B8 A8 B8@130 C8/6 B8/4 O4",
    "I2/2@140 A12:fill B8 A12:build-up B8 C6 B8",
    "I4@170 A16:fill B16:break A16 B16 C8:build-up B16 O8",
)


def heard(form: str, seed: int):
    """True and found events of a composed song, with its true beats."""
    song = compose_form(form, seed=seed, sample_rate=SAMPLE_RATE)
    spec = spectrum(audio_from_samples(song.samples, song.sample_rate, "composed"))
    return song.beats, find_events(spec, song.beats, find_sections(spec, song.beats))


def test_events_of_composed_songs():
    """Seeds from 11 on were not looked at when the thresholds were chosen."""
    true, found, met = Counter(), Counter(), Counter()
    for k, form in enumerate(FORMS):
        beats, events = heard(form, 11 + k)
        true.update(e.kind for e in beats.events)
        found.update(e.kind for e in events)
        bar = 60.0 * 4 / beats.tempo_bpm
        for one in beats.events:
            # Where exactly a rise begins is nobody's to say: a bar is near enough.
            near = bar + 0.1 if one.kind == "build-up" else 0.1
            met[one.kind] += any(
                e.kind == one.kind and abs(e.time - one.time) < near for e in events
            )
    assert set(true) == set(EVENT_KINDS)
    recall = {kind: met[kind] / true[kind] for kind in true}
    precision = {kind: met[kind] / max(found[kind], 1) for kind in true}
    assert min(recall.values()) >= 0.75, recall
    assert min(precision.values()) >= 0.7, precision
    assert recall["last note"] == precision["last note"] == 1.0


def test_a_bridge_that_swells_a_little_is_no_build_up():
    _, events = heard("A4 B4 C8 D4 A4", 102)
    kinds = [e.kind for e in events]
    assert "build-up" not in kinds and "drop" in kinds


def test_times_and_strengths_are_in_order_and_in_range():
    beats, events = heard(FORMS[0], 3)
    assert [e.time for e in events] == sorted(e.time for e in events)
    assert all(0.0 <= e.strength <= 1.0 and e.kind in EVENT_KINDS for e in events)
    # All but the last note lie on beats.
    assert all(np.abs(beats.times - e.time).min() < 1e-9 for e in events[:-1])
    assert events[-1].kind == "last note"


def test_an_even_song_has_none_and_one_that_is_faded_out_no_last_note():
    song = compose_form("B16", seed=2, sample_rate=SAMPLE_RATE)
    half = song.samples[: 24 * SAMPLE_RATE]
    assert [e.kind for e in beats_and_form(Audio(half, SAMPLE_RATE, "cut off")).events] == []
    whole = beats_and_form(Audio(song.samples, SAMPLE_RATE, "whole")).events
    assert [e.kind for e in whole] == ["last note"]
    fading = np.ones(len(song.samples), np.float32)
    fading[-10 * SAMPLE_RATE :] = np.linspace(1, 0, 10 * SAMPLE_RATE) ** 2
    faded = beats_and_form(Audio(song.samples * fading, SAMPLE_RATE, "faded")).events
    assert [e.kind for e in faded] == []


def test_the_last_note_is_where_it_is_struck():
    song = compose_form("A4 B4", seed=9, sample_rate=SAMPLE_RATE)
    silence = np.zeros(3 * SAMPLE_RATE, np.float32)
    audio = Audio(np.concatenate([song.samples, silence]), SAMPLE_RATE, "with silence after it")
    last = beats_and_form(audio).events[-1]
    assert last.kind == "last note" and last.time == pytest.approx(song.beats.times[-1], abs=0.03)


@pytest.mark.parametrize("kind", ["tone", "noise"])
def test_what_has_no_pulse_has_no_events(kind):
    t = np.arange(20 * SAMPLE_RATE) / SAMPLE_RATE
    samples = {
        "tone": 0.3 * np.sin(2 * np.pi * 220 * t),
        "noise": 0.1 * np.random.default_rng(0).standard_normal(len(t)),
    }[kind].astype(np.float32)
    assert beats_and_form(Audio(samples, SAMPLE_RATE, kind)).events == ()
