"""The beat network as it ships: its features, its contract, and that it hears beats."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from audio2pose_core.audio import beat_network
from audio2pose_core.audio.beat_features import BANDS, FPS, HOP, band_centres, beat_features
from audio2pose_core.audio.beat_network import DEFAULT_MODEL, activations, load_beat_network
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.load import SAMPLE_RATE, Audio
from audio2pose_core.errors import ModelError


def click_at(time: float, seconds: float = 4.0) -> np.ndarray:
    samples = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    samples[round(time * SAMPLE_RATE)] = 1.0
    return samples


@pytest.mark.parametrize("time", [0.0, 0.5, 1.0, 1.7, 3.98])
def test_a_click_peaks_at_its_own_frame(time):
    features = beat_features(click_at(time))
    assert features.shape == (1 + 4 * SAMPLE_RATE // HOP, BANDS)
    assert features.dtype == np.float32
    assert features.sum(axis=1).argmax() == round(time * FPS)


def test_features_do_not_depend_on_the_volume_nor_on_blocks():
    random = np.random.default_rng(0)
    samples = random.standard_normal(30 * SAMPLE_RATE).astype(np.float32)  # three blocks
    features = beat_features(samples)
    np.testing.assert_allclose(beat_features(0.01 * samples), features, atol=1e-4)
    # Frame 700, computed alone: the same window, the same level.
    window = np.hanning(1413)[1:-1]
    level = np.sqrt(np.mean(samples.astype(float) ** 2))
    piece = samples[700 * HOP - 705 : 700 * HOP + 706] / level
    power = np.abs(np.fft.rfft(piece * window / np.sqrt((window**2).sum()), 1536))
    band = 60
    near = np.abs(np.fft.rfftfreq(1536, 1 / SAMPLE_RATE) - band_centres()[band]).argmin()
    around = np.log10(1 + 20 * power[near - 12 : near + 13])
    assert around.min() < features[700, band] < around.max()


def test_a_tone_lights_its_own_band_and_noise_has_a_level_near_one():
    t = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    for hz in (60.0, 440.0, 5000.0):
        band = beat_features(np.sin(2 * np.pi * hz * t))[50].argmax()
        assert abs(np.log(band_centres()[band] / hz)) < 0.15, hz
    noise = beat_features(np.random.default_rng(1).standard_normal(5 * SAMPLE_RATE))
    assert 1.1 < noise.mean() < 1.35  # log10(1 + 20 * .89) = 1.27 for Rayleigh magnitudes


def test_silence_and_the_shortest_song_give_features_too():
    assert not beat_features(np.zeros(SAMPLE_RATE)).any()
    assert beat_features(np.zeros(0)).shape == (1, BANDS)
    assert beat_features(np.ones(10, np.float32)).shape == (1, BANDS)
    with pytest.raises(ValueError, match="mono"):
        beat_features(np.zeros((100, 2)))


@pytest.fixture
def model(tmp_path):
    """A copy of the shipped model that a test may damage."""
    for suffix in (".onnx", ".json"):
        shutil.copy(DEFAULT_MODEL.with_suffix(suffix), tmp_path / f"beats{suffix}")
    load_beat_network.cache_clear()
    yield tmp_path / "beats.onnx"
    load_beat_network.cache_clear()


def test_the_contract_names_data_and_licences_and_the_file_is_small():
    contract = load_beat_network(DEFAULT_MODEL).contract
    assert DEFAULT_MODEL.stat().st_size <= 4_000_000
    assert contract["features"]["fps"] == FPS
    licences = {entry["name"]: entry["licence"] for entry in contract["training_data"]}
    assert licences["Groove MIDI Dataset"] == "CC BY 4.0"
    assert all(licences.values())
    assert not [name for name in licences if "GPL" in licences[name]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 99}, "format"),
        ({"sha256": "0" * 64}, "sha256"),
        ({"features": None}, "features"),
        ({"features": {"fps": 100}}, "sample_rate None"),
        ({"reach": -1}, "reach"),
        ({"reach": "far"}, "reach"),
    ],
)
def test_a_contract_that_does_not_fit_is_refused(model, change, message):
    path = model.with_suffix(".json")
    contract = json.loads(path.read_text()) | change
    path.write_text(json.dumps(contract))
    with pytest.raises(ModelError, match=message):
        load_beat_network(model)


def test_damaged_and_missing_files_are_refused(model):
    whole = model.read_bytes()
    model.write_bytes(whole[:-1000])
    with pytest.raises(ModelError, match="sha256"):
        load_beat_network(model)
    model.write_bytes(whole)
    model.with_suffix(".json").write_text("[1, 2")
    with pytest.raises(ModelError, match="no JSON"):
        load_beat_network(model)
    model.with_suffix(".json").write_text("[]")
    with pytest.raises(ModelError, match="format"):
        load_beat_network(model)
    model.with_suffix(".json").unlink()
    with pytest.raises(ModelError, match="no such file"):
        load_beat_network(model)


def test_a_file_that_is_no_network_is_refused(model):
    import hashlib

    model.write_bytes(b"not a network")
    path = model.with_suffix(".json")
    contract = json.loads(path.read_text())
    contract["sha256"] = hashlib.sha256(b"not a network").hexdigest()
    path.write_text(json.dumps(contract))
    with pytest.raises(ModelError, match="ONNX Runtime cannot load it"):
        load_beat_network(model)


def test_a_long_song_in_chunks_gives_the_numbers_of_one_pass(monkeypatch):
    network = load_beat_network(DEFAULT_MODEL)
    random = np.random.default_rng(2)
    features = np.abs(random.standard_normal((9000, BANDS))).astype(np.float32)
    whole = network.run(features)
    monkeypatch.setattr(beat_network, "_CHUNK_FRAMES", 2500)
    np.testing.assert_allclose(network.run(features), whole, atol=1e-5)


@pytest.mark.parametrize(
    ("bpm", "metre", "seed"), [(120.0, 4, 0), (96.0, 3, 1), (170.0, 4, 2), (128.0, 4, 3)]
)
def test_activations_of_the_demo_song_peak_at_its_exact_beats(bpm, metre, seed):
    samples, beats = compose(
        seconds=40.0, bpm=bpm, beats_per_bar=metre, sample_rate=SAMPLE_RATE, seed=seed
    )
    found = activations(Audio(samples, SAMPLE_RATE, "demo"))
    assert found.shape == (1 + len(samples) // HOP, 2) and found.dtype == np.float32
    assert found.min() >= 0 and found.max() <= 1
    inner = beats.times[(beats.times > 3) & (beats.times < 37)]
    frames = np.round(inner * FPS).astype(int)
    at_beats = np.max([found[frames + d, 0] for d in (-1, 0, 1)], axis=0)
    between = found[np.round((inner[:-1] + 0.25 * np.diff(inner)) * FPS).astype(int), 0]
    assert np.mean(at_beats > 0.3) > 0.9
    assert at_beats.mean() > 5 * between.mean()


def test_another_sample_rate_is_brought_to_ours():
    samples, _ = compose(seconds=10.0, bpm=120.0, sample_rate=44100)
    ours, _ = compose(seconds=10.0, bpm=120.0, sample_rate=SAMPLE_RATE)
    found = activations(Audio(samples, 44100, "demo"))
    assert len(found) == len(activations(Audio(ours, SAMPLE_RATE, "demo")))
