"""From a song to a dance with the shipped dancer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core.audio.beats import Beats
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.load import Audio, audio_from_samples
from audio2pose_core.errors import Cancelled, ModelError, OptionError
from audio2pose_core.generate import Dance, DanceModel, generate_dance, load_model
from audio2pose_core.generate.accents import choose_accents, song_energy
from audio2pose_core.generate.model import DEFAULT_MODEL, Style
from audio2pose_core.generate.sampler import plan_windows
from audio2pose_core.metrics.motion_beats import mean_joint_speed
from audio2pose_core.skeleton import CONTACT_JOINTS


@pytest.fixture(scope="module")
def model() -> DanceModel:
    return load_model()


@pytest.fixture(scope="module")
def song() -> Audio:
    samples, _ = compose(seconds=20.0, bpm=110)
    return audio_from_samples(samples, 44100, "demo")


@pytest.fixture(scope="module")
def dance(song: Audio, model: DanceModel) -> Dance:
    return generate_dance(song, style="salsa", seed=3, model=model)


def even(bpm: float, count: int = 64, bar: int = 4) -> Beats:
    return Beats(
        times=np.arange(count) * 60.0 / bpm,
        downbeats=np.arange(count) % bar == 0,
        tempo_bpm=bpm,
        beats_per_bar=bar,
        confidence=1.0,
        tracker="test",
    )


STYLE = Style("x", 100.0, 1.8, 0.5, 0.0, 0.4)


def test_the_dance_is_as_long_as_the_song(dance: Dance, song: Audio) -> None:
    assert len(dance.motion) == round(song.seconds * dance.motion.fps)
    assert dance.seconds == song.seconds


def test_it_moves_like_a_dancer_and_never_freezes(dance: Dance) -> None:
    speed = mean_joint_speed(dance.motion)
    assert 0.3 < speed.mean() < 2.5, "m/s; training dances move at 0.2 to 2"
    seconds = speed[: len(speed) // 30 * 30].reshape(-1, 30).mean(1)
    assert seconds.min() > 0.05


def test_it_stands_on_the_floor(dance: Dance) -> None:
    heights = dance.motion.joint_positions()[..., 1]
    feet = heights[:, list(CONTACT_JOINTS)]
    assert heights.min() > -0.01
    assert np.median(feet.min(axis=1)) < 0.06, "one foot is on the floor in most frames"
    assert (heights[:, 15] > 0.9).mean() > 0.9, "the head is up"


def test_it_stays_on_its_stage(dance: Dance) -> None:
    ground = dance.motion.root[:, [0, 2]]
    assert np.linalg.norm(ground - ground[0], axis=1).max() < 4.0


def test_same_seed_same_dance_other_seed_another(
    song: Audio, model: DanceModel, dance: Dance
) -> None:
    again = generate_dance(song, style="salsa", seed=3, model=model)
    other = generate_dance(song, style="salsa", seed=4, model=model)
    assert np.array_equal(again.motion.rotations, dance.motion.rotations)
    assert np.array_equal(again.motion.root, dance.motion.root)
    apart = np.linalg.norm(other.motion.joint_positions() - dance.motion.joint_positions(), axis=-1)
    assert apart.mean() > 0.1


@pytest.mark.parametrize("seconds", [1.0, 8.0, 8.5])
def test_songs_of_any_length(seconds: float, song: Audio, model: DanceModel) -> None:
    short = generate_dance(song, style="party", duration=seconds, model=model)
    assert len(short.motion) == round(seconds * 30)


def test_no_jump_at_the_seams_between_windows(dance: Dance) -> None:
    places = dance.motion.joint_positions()
    acceleration = np.linalg.norm(np.diff(places, 2, axis=0), axis=-1).mean(1) * 900
    seams = [240, 360]
    around = np.concatenate([acceleration[s - 3 : s + 3] for s in seams])
    assert around.max() < np.quantile(acceleration, 0.99) * 1.5


def test_every_frame_is_made_and_none_is_far_from_a_fresh_start() -> None:
    for frames in (30, 240, 241, 600, 1800, 108000):
        plan = plan_windows(frames, 240, 60)
        made = np.zeros(max(first + length for first, length, _ in plan), dtype=bool)
        for first, length, between in plan:
            if between:
                ends = made[first : first + 60].all() and made[first + 180 : first + 240].all()
                assert ends, "both ends are there before they are joined"
            made[first : first + length] = True
        assert made[:frames].all()


def test_a_long_dance_neither_sinks_nor_tires_nor_leaves(model: DanceModel) -> None:
    samples, _ = compose(seconds=150.0, bpm=120, sample_rate=22050)
    long = generate_dance(audio_from_samples(samples, 22050, "long"), style="salsa", model=model)
    height = long.motion.root[:, 1]
    speed = mean_joint_speed(long.motion)
    assert abs(height[-1800:].mean() - height[:1800].mean()) < 0.1
    assert speed[-1800:].mean() > 0.7 * speed[:1800].mean()
    assert np.linalg.norm(long.motion.root[:, [0, 2]], axis=1).max() < 4.0


def test_cancel_raises_between_windows(song: Audio, model: DanceModel) -> None:
    calls = []

    def stop() -> bool:
        calls.append(1)
        return len(calls) > 5

    with pytest.raises(Cancelled):
        generate_dance(song, style="salsa", model=model, cancelled=stop)


def test_progress_goes_through_the_stages_in_order(song: Audio, model: DanceModel) -> None:
    seen: list[tuple[str, float]] = []
    generate_dance(
        song, style="jazz", duration=10.0, model=model, progress=lambda s, f: seen.append((s, f))
    )
    stages = list(dict.fromkeys(s for s, _ in seen))
    assert stages == ["load", "model", "analyse", "dance", "cleanup"]
    for stage in stages:
        fractions = [f for s, f in seen if s == stage]
        assert fractions == sorted(fractions) and fractions[-1] == 1.0


def test_unknown_style_names_the_known_ones(song: Audio, model: DanceModel) -> None:
    with pytest.raises(OptionError, match="salsa"):
        generate_dance(song, style="tango", model=model)


def test_hits_take_the_multiple_nearest_to_the_style() -> None:
    for bpm, rate in ((108, 1.8), (200, 200 / 120), (60, 2.0)):
        hits, _ = choose_accents(even(bpm), STYLE, 20.0)
        assert 1 / np.median(np.diff(hits)) == pytest.approx(rate)


def test_every_second_beat_falls_on_downbeats() -> None:
    beats = even(200)
    hits, _ = choose_accents(beats, STYLE, 10.0)
    down = beats.times[beats.downbeats]
    down = down[down < 10.0]
    assert all(np.abs(hits - d).min() < 1e-9 for d in down)


def test_hits_cover_the_intro_and_the_ending() -> None:
    late = even(120)
    shifted = Beats(late.times[:8] + 5.0, late.downbeats[:8], 120.0, 4, 1.0, "test")
    hits, _ = choose_accents(shifted, STYLE, 20.0)
    assert hits[0] <= 0.0 and hits[-1] >= 20.0
    assert np.allclose(np.diff(hits), 0.5)


def test_louder_parts_are_livelier() -> None:
    loudness = np.concatenate([np.full(100, 0.3), np.full(100, 0.8)])
    energy = song_energy(loudness, 30.0, STYLE)
    assert energy[:90].max() < STYLE.energy_mean < energy[110:].min()
    assert np.allclose(song_energy(np.full(50, 0.5), 30.0, STYLE), STYLE.energy_mean)


def test_energy_is_as_smooth_as_what_the_network_learnt_from() -> None:
    """Drums raise the loudness on every beat; no clip's energy changes so fast."""
    drums = 0.5 + 0.4 * (np.arange(600) % 15 < 5)
    energy = song_energy(drums, 30.0, STYLE)
    assert np.ptp(energy[60:-60]) < 0.1 * STYLE.energy_deviation


def copy_model(folder: Path) -> Path:
    for suffix in (".onnx", ".json"):
        shutil.copy(DEFAULT_MODEL.with_suffix(suffix), folder / f"m{suffix}")
    return folder / "m.onnx"


def test_a_model_with_another_hash_is_refused(tmp_path: Path) -> None:
    path = copy_model(tmp_path)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ModelError, match="sha256"):
        load_model(path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", 99),
        ("width", 10),
        ("conditions", ["lyrics"]),
        ("mean", [0.0]),
        ("styles", {}),
        ("fps", 0),
    ],
)
def test_a_contract_that_does_not_fit_is_refused(tmp_path: Path, key: str, value: object) -> None:
    path = copy_model(tmp_path)
    contract = json.loads(path.with_suffix(".json").read_text())
    contract[key] = value
    path.with_suffix(".json").write_text(json.dumps(contract))
    with pytest.raises(ModelError, match=r"m\.json"):
        load_model(path)


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.onnx"):
        load_model(tmp_path / "gone.onnx")
