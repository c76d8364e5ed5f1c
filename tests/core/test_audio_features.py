"""Features: held against librosa where it defines them, and against what one can hear."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core.audio import spectrum as sp
from audio2pose_core.audio.analyse import analyse
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.features import extract_features, onset_strength
from audio2pose_core.audio.load import Audio, audio_from_samples
from audio2pose_core.errors import OptionError


@pytest.fixture(scope="module")
def song() -> Audio:
    samples, _ = compose(25.0, 118, seed=3)  # more frames than one analysis block
    return audio_from_samples(samples, 44100, "song")


def relative(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def test_power_spectra_are_librosas(song: Audio) -> None:
    librosa = pytest.importorskip("librosa")
    ours = np.concatenate(list(sp.power_blocks(song.samples)))
    assert relative(ours, np.abs(librosa.stft(song.samples)).T ** 2) < 1e-5


@pytest.mark.parametrize("bands", [64, 128])
def test_mel_bands_are_librosas(song: Audio, bands: int) -> None:
    librosa = pytest.importorskip("librosa")
    bank = librosa.filters.mel(sr=22050, n_fft=2048, n_mels=bands)
    assert relative(sp.mel_bank(22050, 2048, bands), bank) < 1e-5
    spec = sp.spectrum(song)
    ours = 10 ** ((spec.mel_db if bands == 64 else spec.onset_db) / 10)
    theirs = librosa.feature.melspectrogram(y=song.samples, sr=22050, n_mels=bands).T
    assert relative(ours, theirs) < 1e-3


def test_onset_strength_is_librosas(song: Audio) -> None:
    librosa = pytest.importorskip("librosa")
    theirs = librosa.onset.onset_strength(y=song.samples, sr=22050)
    ours = onset_strength(sp.spectrum(song))
    assert ours.shape == theirs.shape
    assert relative(ours, theirs) < 1e-3


def test_chroma_is_librosas_at_concert_pitch(song: Audio) -> None:
    librosa = pytest.importorskip("librosa")
    bank = librosa.filters.chroma(sr=22050, n_fft=2048)
    assert relative(sp.chroma_bank(22050, 2048), bank) < 1e-5
    spec = sp.spectrum(song)
    theirs = librosa.feature.chroma_stft(y=song.samples, sr=22050, tuning=0.0).T
    ours = spec.chroma / np.maximum(spec.chroma.max(axis=1, keepdims=True), 1e-12)
    loud = spec.loudness_db > spec.loudness_db.max() - 60
    assert np.abs(ours - theirs)[loud].max() < 1e-3


def test_a_weighting_is_librosas() -> None:
    librosa = pytest.importorskip("librosa")
    hz = np.array([31.5, 100.0, 1000.0, 4000.0, 10000.0])
    ours = 10 * np.log10(sp.a_weighting(hz))
    assert np.allclose(ours, librosa.A_weighting(hz), atol=0.05)


@pytest.mark.parametrize(
    ("fps", "seconds"), [(30.0, 25.0), (24.0, 25.0), (60.0, 3.21), (30.0, 1.0)]
)
def test_one_row_a_frame_in_nought_to_one(fps: float, seconds: float) -> None:
    samples, _ = compose(seconds)
    features = extract_features(audio_from_samples(samples, 44100, "song"), fps)
    frames = round(seconds * fps)
    assert len(features) == frames and features.fps == fps
    shapes = {"onset": (), "loudness": (), "mel": (64,), "chroma": (12,)}
    for name, rest in shapes.items():
        values = getattr(features, name)
        assert values.shape == (frames, *rest) and values.dtype == np.float32
        assert values.min() >= 0.0 and values.max() <= 1.0 and values.std() > 0.01, name


def test_onsets_stand_where_the_clicks_are() -> None:
    samples = np.zeros(22050 * 10, np.float32)
    times = np.array([1.0, 2.2, 3.5, 5.1, 7.7])
    for time in times:
        samples[round(time * 22050) :][:400] = np.hanning(800)[400:] * np.sin(np.arange(400))
    features = extract_features(audio_from_samples(samples, 22050, "clicks"))
    loud = np.flatnonzero(features.onset > 0.5)
    nearest = np.abs(loud[:, None] / 30.0 - times).min(axis=1)
    assert nearest.max() <= 1.5 / 30.0
    assert all(np.abs(loud / 30.0 - time).min() <= 1.0 / 30.0 for time in times)


def test_a_tone_shows_its_pitch_class_and_its_band() -> None:
    t = np.arange(22050 * 2) / 22050
    features = extract_features(audio_from_samples(0.3 * np.sin(2 * np.pi * 440 * t), 22050, "a"))
    middle = slice(10, 50)
    assert (features.chroma[middle].argmax(axis=1) == 9).all()  # C is 0, A is 9
    centre = sp.mel_to_hz(np.linspace(0, float(sp.hz_to_mel(np.array(11025.0))), 66))[1:-1]
    assert abs(centre[features.mel[middle].argmax(axis=1)[0]] - 440) < 60


def test_loudness_follows_level_and_not_the_mastering() -> None:
    t = np.arange(22050 * 6) / 22050
    swell = np.sin(2 * np.pi * 1000 * t) * 10 ** (-1.5 * (t > 3))  # 30 dB down after 3 s
    loud = extract_features(audio_from_samples(0.9 * swell, 22050, "loud")).loudness
    quiet = extract_features(audio_from_samples(0.02 * swell, 22050, "quiet")).loudness
    assert np.allclose(loud, quiet, atol=1e-3)
    assert loud[45] == pytest.approx(1.0, abs=0.02)
    assert loud[45] - loud[135] == pytest.approx(30 / 40, abs=0.02)


def test_silence_within_a_song_is_all_quiet(song: Audio) -> None:
    samples = song.samples.copy()
    samples[22050 * 8 : 22050 * 12] = 0
    features = extract_features(audio_from_samples(samples, 22050, "pause"))
    pause = slice(9 * 30, 11 * 30)
    for values in (features.onset, features.loudness, features.mel, features.chroma):
        assert not values[pause].any()


def test_analyse_is_both_at_once(song: Audio) -> None:
    beats, features = analyse(song)
    assert np.array_equal(features.onset, extract_features(song).onset)
    assert beats.tempo_bpm == pytest.approx(118, rel=0.01)


def test_a_frame_rate_must_be_positive(song: Audio) -> None:
    for fps in (0.0, -30.0, float("nan")):
        with pytest.raises(OptionError):
            extract_features(song, fps)
