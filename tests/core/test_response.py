"""What sounds turns the noise that a dance is made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from audio2pose_core.audio.analyse import analyse
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.load import SAMPLE_RATE, audio_from_samples
from audio2pose_core.generate import generate_dance, load_model, response
from audio2pose_core.generate.response import MOST_ANGLE, song_response, turn
from audio2pose_core.metrics.poses import body_poses, pose_distance

SECONDS, FPS = 16.0, 30.0


def audio_of(samples: np.ndarray, name: str):
    return audio_from_samples(samples.astype(np.float32), SAMPLE_RATE, name)


@pytest.fixture(scope="module")
def songs():
    """Two songs on one grid of beats, and white noise as loud as they are."""
    first, beats = compose(SECONDS, 120.0, sample_rate=SAMPLE_RATE, seed=1)
    second, _ = compose(SECONDS, 120.0, sample_rate=SAMPLE_RATE, seed=5)
    noise = 0.2 * np.random.default_rng(0).standard_normal(len(first))
    named = {"first": first, "second": second, "noise": noise}
    return {name: audio_of(samples, name) for name, samples in named.items()}, beats


def response_of(audio) -> np.ndarray:
    return song_response(analyse(audio, FPS)[1])


def test_noise_turns_nothing_and_songs_turn_each_their_own_way(songs):
    audios, _ = songs
    first, second, noise = (response_of(audios[name]) for name in ("first", "second", "noise"))
    assert np.linalg.norm(noise, axis=1).max() < 0.2
    sizes = np.linalg.norm(first, axis=1)
    assert sizes.mean() > 0.3 and sizes.max() <= np.sin(MOST_ANGLE) + 1e-9
    alike = (first * second).sum(axis=1) / (sizes * np.linalg.norm(second, axis=1))
    assert abs(alike.mean()) < 0.5


def test_a_louder_master_turns_the_same_way(songs):
    audio = songs[0]["first"]
    soft = replace(audio, samples=0.2 * audio.samples)
    assert np.abs(response_of(soft) - response_of(audio)).max() < 0.05


def test_what_sounds_the_same_again_turns_the_same_way(songs):
    samples = songs[0]["first"].samples
    half = samples[: len(samples) // 2]
    twice = response_of(audio_of(np.concatenate([half, half]), "twice"))
    middle = len(twice) // 2
    assert np.abs(twice[30 : middle - 30] - twice[middle + 30 : -30]).max() < 0.05


def test_turned_noise_is_noise_of_the_same_size_and_nothing_leaves_it_as_it_is(songs):
    turns = response_of(songs[0]["first"])[:240]
    noise = np.random.default_rng(3).standard_normal((240, 152))
    turned = turn(noise, turns, np.random.default_rng(4))
    assert turned.std() == pytest.approx(1.0, abs=0.02) and abs(turned.mean()) < 0.02
    # Side by side as well: no frame is a copy of another.
    assert abs((turned[1:] * turned[:-1]).mean()) < 0.05
    assert np.array_equal(turn(noise, 0.0 * turns, np.random.default_rng(4)), noise)
    expected = np.sqrt(1 - (turns**2).sum(axis=1)).mean()
    assert (turned * noise).mean() == pytest.approx(expected, abs=0.05)


def test_another_song_on_the_same_beats_is_another_dance(songs, monkeypatch):
    audios, beats = songs
    model = load_model(threads=1)

    def apart() -> float:
        first, second = (
            body_poses(
                generate_dance(audios[name], style="house", seed=2, model=model, beats=beats).motion
            )
            for name in ("first", "second")
        )
        return float(pose_distance(first, second).mean())

    turned = apart()
    monkeypatch.setattr(response, "MOST_ANGLE", 0.0)
    assert turned > 1.2 * apart()
