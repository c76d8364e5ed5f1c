"""Evaluation: the sets in its table, the figures of a set, and the command."""

from __future__ import annotations

import csv
import json
import wave
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from audio2pose_core.audio.beats import Beats, save_beats
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.load import load_audio
from audio2pose_core.data.bvh.dataset import FORMAT
from audio2pose_core.data.training.clip import Clip, save_pack
from audio2pose_core.errors import DataError
from audio2pose_core.evaluate.dancers import (
    ALONE,
    UNPHASED,
    EvalSpec,
    EvalWorker,
    dance_all,
    pool_of,
    seams_of,
    style_in_turn,
)
from audio2pose_core.evaluate.measures import (
    Figure,
    Reference,
    Sample,
    cut,
    evaluate_set,
    features_of,
    interval,
    prepare,
)
from audio2pose_core.evaluate.songs import Song, find_songs, known_beats, own_songs
from audio2pose_core.evaluate.systems import folder_of_dances, frozen, read_real, wrong_songs
from audio2pose_core.evaluate.table import cell
from audio2pose_core.formats import load_bvh, save_motion
from audio2pose_core.generate import generate_dance, load_model
from audio2pose_core.metrics import penetration_cm
from audio2pose_core.motion import Motion
from tests.core.test_kinetic import dancing


def varied(seed: int, seconds: float = 12.0) -> Motion:
    """The made-up dancer, a little different for each seed."""
    motion = dancing(30.0, seconds)
    random = np.random.default_rng(seed)
    root = motion.root + random.normal(0, 0.02, 3)
    root[:, 0] += 0.1 * random.uniform() * np.sin(4 * np.arange(len(root)) / 30.0 + seed)
    return Motion(30.0, root, motion.rotations)


def a_set(count: int = 4, first: int = 0) -> list[Sample]:
    beats = [np.arange(0, 12, 0.5 + 0.07 * i) for i in range(count)]
    return [Sample(varied(first + i), b) for i, b in enumerate(beats)]


@pytest.fixture(scope="module")
def reference() -> Reference:
    real = {"held-out": a_set(4), "training": a_set(6, first=10)}
    return Reference.of({name: features_of(samples) for name, samples in real.items()})


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory):
    clips = [
        Clip(f"{i}.bvh", "made up", "", split, s.motion, s.beats)
        for split, samples in (("held_out", a_set(3)), ("train", a_set(3, first=10)))
        for i, s in enumerate(samples)
    ]
    path = tmp_path_factory.mktemp("pack") / "pack.npz"
    save_pack(path, clips)
    return path


def test_pieces_are_equal_and_keep_their_beats():
    sample = Sample(dancing(30.0, 24.0), np.arange(0, 24, 0.5))
    pieces = cut(sample, 8.0)
    assert [len(p.motion) for p in pieces] == [240, 240, 240]
    assert np.allclose(pieces[1].beats % 0.5, 0) and pieces[1].beats[0] == -8.0
    assert np.allclose(pieces[1].motion.root, sample.motion.root[240:480])
    assert len(cut(Sample(dancing(30.0, 12.0)), 8.0)) == 1
    assert cut(Sample(dancing(30.0, 1.0)), 8.0) == []


def test_the_interval_is_students():
    """Of 1..5: deviation sqrt(2.5), 2.78 sqrt(2.5 / 5) on either side of 3."""
    figure = interval([1.0, 2.0, 3.0, 4.0, 5.0, float("nan")])
    assert figure.mean == 3.0 and figure.half == pytest.approx(1.966, abs=0.01)
    assert np.isnan(interval([2.0]).half) and np.isnan(interval([]).mean)


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (Figure(1.234, 0.5), "1.23 ± 0.50"),
        (Figure(2.0), "2.00"),
        (Figure(np.nan), "–"),
        (None, "–"),
    ],
)
def test_cells(figure, text):
    assert cell(figure, 2) == text


def test_the_reference_is_at_no_distance_from_itself(reference):
    row = evaluate_set("real", [a_set(4)], reference)
    assert row.figures["fid_k held-out"].mean < 1e-6
    assert row.figures["fid_k training"].mean > 0
    assert row.pieces == 12 and row.runs == 1


def test_a_frozen_pose_is_exposed(reference):
    real = evaluate_set("real", [a_set(4)], reference).figures
    still = evaluate_set("frozen", [frozen(a_set(4))], reference).figures
    assert still["freeze_rate"].mean == 1.0 and still["motion_magnitude_m_s"].mean == 0.0
    assert still["pfc"].mean == 0.0, "the very score that the magnitude stands beside"
    assert still["beat_lock"].mean == 0.0
    assert still["fid_k training"].mean > 3 * real["fid_k training"].mean
    assert still["div_k"].mean < 0.5 * real["div_k"].mean


def test_frame_rates_agree(reference):
    slow, fast = (
        evaluate_set("", [[Sample(dancing(fps, 12.0), np.arange(0, 12, 0.5))] * 2], reference)
        for fps in (30.0, 60.0)
    )
    for key, figure in slow.figures.items():
        assert figure.mean == pytest.approx(fast.figures[key].mean, rel=0.02, nan_ok=True), key


def test_wrong_songs_have_another_tempo():
    samples = a_set(4)
    for seed in range(5):
        for right, wrong in zip(samples, wrong_songs(samples, seed), strict=True):
            octaves = np.log2(np.diff(wrong.beats)[0] / np.diff(right.beats)[0])
            assert abs(octaves - round(octaves)) > np.log2(1.05)
            assert wrong.motion is right.motion
    with pytest.raises(DataError, match="tempi"):
        wrong_songs([samples[0]] * 3, 0)


def test_real_dance_keeps_its_own_song_and_no_other(shared_data):
    folder = shared_data / "motion_open"
    samples = []
    with open(folder / "index.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["source"] == "aistpp":
                motion = load_bvh(folder / row["file"])
                period, first = 60 / float(row["known_bpm"]), float(row["first_beat_s"])
                samples.append(Sample(motion, np.arange(first, motion.seconds, period)))
    real = Reference.of({"real": features_of([Sample(prepare(s.motion)) for s in samples])})
    own = evaluate_set("own", [samples], real).figures
    wrong = evaluate_set("wrong", [wrong_songs(samples, s) for s in range(5)], real).figures
    assert own["beat_lock"].mean == pytest.approx(0.455, abs=0.03)
    assert own["beat_lock_lift"].mean == pytest.approx(0.41, abs=0.03)
    assert wrong["beat_lock"].mean + wrong["beat_lock"].half < own["beat_lock"].mean
    assert wrong["beat_power"].mean + wrong["beat_power"].half < own["beat_power"].mean


def test_exact_beats_lie_beside_a_song(tmp_path):
    song = tmp_path / "a.ogg"
    assert known_beats(song, 3.0) is None
    record = {"a.ogg": {"bpm": 120, "beat0_s_from_midi": 0.5, "measured_onset_lag_s": 0.04}}
    (tmp_path / "beats.json").write_text(json.dumps(record))
    assert np.allclose(known_beats(song, 3.0), [0.54, 1.04, 1.54, 2.04, 2.54])
    assert known_beats(tmp_path / "b.ogg", 3.0) is None
    beats = Beats(np.array([1.0, 2.0]), np.array([True, False]), 60.0, 2, 1.0, "hand")
    save_beats(tmp_path / "a.beats.json", beats)
    assert known_beats(song, 3.0).tolist() == [1.0, 2.0]
    (tmp_path / "a.beats.json").unlink()
    (tmp_path / "beats.json").write_text('{"a.ogg": {"bpm": 120}}')
    with pytest.raises(DataError, match=r"a\.ogg"):
        known_beats(song, 3.0)


def test_preprocessed_data_brings_its_songs(tmp_path, default_model):
    """Held-out clips are danced to their own music, from where the dance begins in it."""
    rows, seconds = [], 6.0
    samples, _ = compose(10.0, 120.0, seed=0)
    with wave.open(str(tmp_path / "music.wav"), "wb") as out:
        out.setparams((1, 2, 44100, 0, "NONE", ""))
        out.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    own = Beats(np.arange(0, 6, 0.5), np.arange(12) % 4 == 0, 120.0, 4, 1.0, "hand")
    for i in range(20):
        save_motion(tmp_path / "motions" / f"{i}.npz", varied(i, seconds))
        save_beats(tmp_path / "beats" / f"{i}.json", own)
        row = {"name": f"{i}", "source": "here", "style": "salsa", "song": "music"}
        row |= {"motion": f"motions/{i}.npz", "beats": f"beats/{i}.json", "seconds": seconds}
        rows.append(row | {"audio": str(tmp_path / "music.wav"), "audio_start_s": 2.0})
    manifest = {"format": FORMAT, "clips": rows, "failed": []}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    clips, songs = read_real(tmp_path, 4.0)
    held_out = [c for c in clips if c.split == "held_out"]
    assert len(clips) == 20 and 2 <= len(held_out) == len(songs) < 10
    assert all(s.style == "salsa" and np.array_equal(s.beats, own.times) for s in songs)
    rate = songs[0].audio.sample_rate
    whole = load_audio(tmp_path / "music.wav").samples
    assert np.array_equal(songs[0].audio.samples, whole[2 * rate : 6 * rate])
    worker = EvalWorker(EvalSpec((default_model,), tuple(songs)))
    assert worker.style_of(worker.models[0], 0, 3) == "salsa", "that of its own dance"


@pytest.mark.parametrize("songs", [3, 4, 7])
def test_all_styles_come_alike_and_songs_meet_others(songs):
    styles = ("a", "b", "c", "d")
    danced = [(i, style_in_turn(styles, i, seed, songs)) for seed in range(4) for i in range(songs)]
    counts = Counter(style for _, style in danced)
    assert set(counts.values()) == {songs}, "as often as any other"
    assert all(len({style for j, style in danced if j == i}) > 1 for i in range(songs))
    assert len({style for _, style in danced[:4]}) == 4, "each once before one comes again"


def test_songs_are_found_in_folders(tmp_path):
    for name in ("b.ogg", "sub/a.WAV", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [p.name for p in find_songs([tmp_path])] == ["b.ogg", "a.WAV"]


def test_what_is_left_of_a_dancer_is_that_dancer(default_model):
    """Same song, style and seed: the shipped dance keeps what the network meant."""
    here = EvalWorker(EvalSpec((default_model,), (own_songs(6.0)[1],), "salsa", plan=None))
    done, other = here.dance(0, 3), here.dance(0, 4)
    assert done.style == "salsa" and len(done.heard) > 5
    dancer = done.samples["dancer `default`"]
    song = here.spec.songs[0]
    again = generate_dance(
        song.audio, style="salsa", seed=3, model=here.models[0], plan=None, structure=False
    )
    assert np.array_equal(dancer.motion.rotations, again.motion.rotations)
    assert np.array_equal(dancer.beats, song.beats), "measured on the exact beats"

    def speed(motion: Motion) -> np.ndarray:
        hand = motion.joint_positions()[:, -1] - motion.root
        return np.linalg.norm(np.diff(hand, axis=0), axis=1)

    def likeness(sample: Sample) -> float:
        return float(np.corrcoef(speed(sample.motion), speed(dancer.motion))[0, 1])

    assert likeness(done.samples[ALONE]) > 0.5
    assert likeness(other.samples[ALONE]) < 0.5
    # Without its hits it is another dance, cleaned all the same.
    assert likeness(done.samples[UNPHASED]) < 0.9
    assert penetration_cm(done.samples[UNPHASED].motion)[0] < 0.5


def test_two_processes_make_what_one_makes(default_model):
    spec = EvalSpec((default_model,), tuple(own_songs(4.0)[:2]), "salsa")
    found, seen = [], []
    for workers in (1, 2):
        with pool_of(spec, workers) as pool:
            found.append(dance_all(pool, spec, 1, seen.append))
    assert [(d.song, d.seed) for d in found[1]] == [(0, 0), (1, 0)]
    for one, other in zip(*found, strict=True):
        assert one.samples.keys() == other.samples.keys()
        for name, sample in one.samples.items():
            assert np.allclose(sample.motion.root, other.samples[name].motion.root, atol=1e-3)
    assert seen[-1] == 1.0


def test_seams_lie_where_a_given_stretch_ends(default_model):
    model = load_model(default_model)
    seams = seams_of(model, 24.0)
    assert seams.tolist() == [8.0, 12.0, 20.0]  # the second window joins 0-8 s and 12-20 s
    assert seams_of(model, 7.0).tolist() == []


def test_the_command_writes_its_page(cli, pack, tmp_path):
    out = tmp_path / "RESULTS.md"
    words = ["--seeds", 2, "--duration", 4, "--style", "salsa", "--workers", 1, "--copying"]
    done = cli("evaluate", "--pack", pack, *words, "-o", out)
    assert done.status == 0, done.err
    text = out.read_text(encoding="utf-8")
    assert done.out == text
    assert f"evaluate --pack {pack} --seeds 2 --duration 4 --style salsa --copying" in text
    for name in ("real, held out", "wrong songs", "frozen pose", "network alone", "dancer `d"):
        assert name in text
    assert "**beat lock lift**" in text and "nan" not in text
    assert "## Goals" in text and "## Copying" in text
    pictures = sorted(p.name for p in tmp_path.glob("*.png"))
    assert len(pictures) == 4 and all(f"({name})" in text for name in pictures)
    for name in pictures:
        assert 2_000 < (tmp_path / name).stat().st_size < 150_000


def test_folders_of_dances_are_further_columns(cli, pack, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    for i in range(2):
        save_motion(folder / f"{i}.npz", varied(i))
    beats = Beats(np.arange(0, 12, 0.5), np.zeros(24, dtype=bool), 120.0, 4, 1.0, "hand")
    save_beats(folder / "0.beats.json", beats)
    words = ["--dances", folder, "--no_dancer", "--json", "--seeds", 2, "--workers", 1]
    done = cli("evaluate", "--pack", pack, *words)
    assert done.status == 0, done.err
    mine = json.loads(done.out)["systems"][-1]
    assert mine["name"] == "mine" and mine["pieces"] == 6
    assert mine["figures"]["beat_lock"]["mean"] is not None
    assert mine["figures"]["motion_magnitude_m_s"]["mean"] > 0.1


def test_dances_of_a_folder_find_the_beats_of_their_song(tmp_path):
    slow, fast = own_songs(6.0)[:2]
    songs = [
        Song(replace(slow.audio, name="slow.ogg"), slow.beats),
        Song(replace(fast.audio, name="slow fast.ogg"), None),
    ]
    for name in ("slow 3", "slow fast 3", "other"):
        save_motion(tmp_path / f"{name}.npz", varied(1, 6.0))
    exact, tracked, nothing = (
        next(s for s in folder_of_dances(tmp_path, songs) if s.name == name)
        for name in ("slow 3", "slow fast 3", "other")
    )
    assert np.array_equal(exact.beats, slow.beats) and nothing.beats is None
    assert np.median(np.diff(tracked.beats)) == pytest.approx(60 / 108, abs=0.01)


def test_another_page_becomes_a_section(cli, pack, tmp_path):
    folder, other = tmp_path / "mine", tmp_path / "other.md"
    folder.mkdir()
    for i in range(2):
        save_motion(folder / f"{i}.npz", varied(i))
    other.write_text("# Paired\n\n```\n# no heading\n```\n## Copying\nx\n\n## How to read it\ny\n")
    words = ["--dances", folder, "--no_dancer", "--seeds", 1, "--workers", 1, "--note", "So."]
    done = cli("evaluate", "--pack", pack, *words, "--title", "All of it", "--include", other)
    assert done.status == 0, done.err
    assert done.out.startswith("# All of it\n") and "\n* So.\n" in done.out
    assert "\n## Paired\n\n```\n# no heading\n```\n### Copying\nx\n" in done.out
    assert done.out.count("## How to read it") == 1 and "--include" in done.out


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--include", "nothing.md"], "nothing.md"),
        (["--no_dancer", "--dances", "."], "no .bvh"),
        (["--pack", "nothing.npz"], "prepare.py"),
        (["--dances", "nowhere"], "nowhere"),
        (["--seeds", "0"], "seeds"),
        (["--no_dancer"], "--dances"),
        (["--lstm", "nothing.pt"], "train_lstm_vae"),
        (["--songs", "."], "no .wav"),
    ],
)
def test_mistakes_are_one_line(cli, pack, tmp_path, monkeypatch, words, part):
    monkeypatch.chdir(tmp_path)
    if "--pack" not in words:
        words = ["--pack", pack, *words]
    done = cli("evaluate", *words)
    assert done.status == 2 and part in done.error
