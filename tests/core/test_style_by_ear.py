"""Auto: what suits a song by ear, whatever part of it is heard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from audio2pose_core.audio.analyse import analyse
from audio2pose_core.audio.beats import Beats
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.load import SAMPLE_RATE, audio_from_samples
from audio2pose_core.generate import generate_dance, load_model
from audio2pose_core.generate.style_by_ear import DANCED_TO, listen, misfit, style_by_ear


def heard(samples: np.ndarray, bpm: float):
    audio = audio_from_samples(samples.astype(np.float32), SAMPLE_RATE, "ours")
    seconds = len(samples) / SAMPLE_RATE
    times = np.arange(0.0, seconds, 60.0 / bpm)
    beats = Beats(times, np.arange(len(times)) % 4 == 0, bpm, 4, 1.0, "hand")
    return listen(beats, analyse(audio, 30.0)[1])


def kicks(bpm: float, seconds: float, cutoff: float, per_beat: int = 1) -> np.ndarray:
    """Kicks on the beat under hiss below ``cutoff`` Hz that is struck ``per_beat`` times."""
    random = np.random.default_rng(1)
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    spectrum = np.fft.rfft(random.normal(0, 1, len(time)))
    spectrum[np.fft.rfftfreq(len(time), 1 / SAMPLE_RATE) > cutoff] = 0
    hiss = np.fft.irfft(spectrum, len(time))
    beat = time * bpm / 60.0
    struck = np.exp(-12.0 * (beat * per_beat % 1.0))
    kick = np.sin(2 * np.pi * 55.0 * time) * np.exp(-8.0 * (beat % 1.0))
    return 0.5 * kick + 0.2 * hiss / np.abs(hiss).max() * struck


def test_each_style_suits_the_music_that_it_is_danced_to():
    assert all(style_by_ear(music, DANCED_TO) == name for name, music in DANCED_TO.items())


def test_half_and_double_time_are_the_same_tempo():
    house = DANCED_TO["house"]
    assert misfit(replace(house, tempo=0.98), replace(house, tempo=0.02)) < 0.1


def test_a_pulse_in_the_bass_brightness_and_density_are_heard():
    steady, dark, dense = (
        heard(kicks(120, 20, 9000), 120),
        heard(kicks(120, 20, 400), 120),
        heard(kicks(120, 20, 9000, per_beat=4), 120),
    )
    assert steady.pulse > 1.5
    assert dark.brightness < 0.6 * steady.brightness
    assert dense.density > 1.5 * steady.density


def test_the_same_song_gives_the_same_style_at_any_length():
    samples, beats = compose(60.0, 124.0, sample_rate=SAMPLE_RATE)
    found = set()
    for seconds in (15, 30, 60):
        audio = audio_from_samples(samples[: seconds * SAMPLE_RATE], SAMPLE_RATE, "ours")
        features = analyse(audio, 30.0)[1]
        own = beats.times < seconds
        part = replace(beats, times=beats.times[own], downbeats=beats.downbeats[own])
        found.add(style_by_ear(listen(part, features), DANCED_TO))
    assert len(found) == 1


def test_auto_listens(default_model):
    model = load_model(default_model, threads=1)
    samples = kicks(126, 12, 9000, per_beat=2)
    audio = audio_from_samples(samples.astype(np.float32), SAMPLE_RATE, "ours")
    dance = generate_dance(audio, model=model)
    assert dance.style in model.styles
    soft = audio_from_samples(kicks(84, 12, 300).astype(np.float32), SAMPLE_RATE, "soft")
    assert generate_dance(soft, model=model).style != dance.style


@pytest.mark.data
def test_songs_of_many_kinds_get_many_styles(shared_data, default_model):
    from audio2pose_core.audio.load import load_audio

    model = load_model(default_model, threads=1)
    songs = sorted((shared_data / "songs").glob("*/*.ogg"))
    styles = {
        style_by_ear(listen(*analyse(replace(a, samples=a.samples[: 60 * a.sample_rate]), 30.0)),
                     model.styles)
        for a in map(load_audio, songs)
    }  # fmt: skip
    assert len(styles) >= 7
