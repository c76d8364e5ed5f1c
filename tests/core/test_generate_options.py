"""What people may ask of a dance: mixes, energy, hits, their own beats, the best of some."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.audio.beats import Beats, save_beats
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.load import Audio, audio_from_samples
from audio2pose_core.errors import ModelError, OptionError
from audio2pose_core.generate import DanceModel, generate_dance, load_model
from audio2pose_core.generate.accents import choose_accents
from audio2pose_core.generate.quality import Score, Wanted, score, seeds_of
from audio2pose_core.generate.sampler import crowded, settings_of
from audio2pose_core.generate.session import CPU, choose_provider
from audio2pose_core.generate.structure import find_repeats, likeness
from audio2pose_core.generate.styles import choose_style, parse_style, style_weights
from audio2pose_core.metrics import motion_magnitude
from audio2pose_core.metrics.beat_lock import beat_positions
from audio2pose_core.metrics.footwork import lifts_per_s
from audio2pose_core.metrics.limbs import arm_speeds, leg_speeds
from audio2pose_core.metrics.motion_beats import motion_beats
from audio2pose_core.representation import POSE, encode

RATE = 22050
BPM = 120.0


@pytest.fixture(scope="module")
def model() -> DanceModel:
    return load_model()


@pytest.fixture(scope="module")
def quick() -> DanceModel:
    """The shipped dancer in few passes, for what does not hang on how well it dances."""
    model = load_model()
    model.sampler = {"steps": 3, "guidance": 1.0, "overlap": 60}
    return model


def demo(seconds: float) -> tuple[Audio, Beats]:
    samples, beats = compose(seconds=seconds, bpm=BPM, sample_rate=RATE)
    return audio_from_samples(samples, RATE, "demo"), beats


# --- styles ---


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("salsa", "salsa"),
        ("salsa:0.7,house:0.3", {"salsa": 0.7, "house": 0.3}),
        (" salsa : 2 , house", {"salsa": 2.0, "house": 1.0}),
    ],
)
def test_a_mix_is_written_as_names_and_weights(text: str, meant: object) -> None:
    assert parse_style(text) == meant


@pytest.mark.parametrize("text", ["salsa:x", "salsa:,house:1", ":1", "salsa:1,salsa:2", "a:nan"])
def test_what_is_no_mix_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match=r"salsa:0\.7"):
        parse_style(text)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"salsa": 1.0, "tango": 1.0}, "tango"),
        ({"salsa": -0.1, "house": 1.0}, "weight"),
        ({"salsa": float("nan")}, "weight"),
        ({"salsa": 0.0}, "above 0"),
        ({}, "above 0"),
    ],
)
def test_a_mix_that_cannot_be_danced_is_refused(
    model: DanceModel, weights: dict[str, float], said: str
) -> None:
    with pytest.raises(OptionError, match=said):
        choose_style(model, weights, demo(4.0)[1], 4.0)


def test_a_mix_lies_between_its_styles_and_is_what_its_name_says(model: DanceModel) -> None:
    beats = demo(4.0)[1]
    a, b = model.style_table["salsa"], model.style_table["party"]
    mix = choose_style(model, {"salsa": 3.0, "party": 1.0}, beats, 4.0)
    for name in ("hit_rate", "hit_strength", "energy_mean", "energy_deviation"):
        low, high = sorted((getattr(a, name), getattr(b, name)))
        assert low < getattr(mix, name) < high
    weights = dict(zip(model.styles, style_weights(model, mix), strict=True))
    assert weights["salsa"] == pytest.approx(0.75) and weights["party"] == pytest.approx(0.25)
    assert sum(weights.values()) == pytest.approx(1.0)
    assert choose_style(model, mix.name, beats, 4.0) == mix
    assert choose_style(model, {"salsa": 0.2}, beats, 4.0) == a, "one style is no mix"


def test_a_mix_is_neither_of_its_dances(quick: DanceModel) -> None:
    song, beats = demo(8.0)
    dances = [
        generate_dance(song, style=style, seed=1, model=quick, beats=beats).motion
        for style in ("salsa", "salsa:1,party:1", "party")
    ]
    places = [d.joint_positions() - d.root[:, None] for d in dances]

    def gap(i: int, j: int) -> float:
        return float(np.linalg.norm(places[i] - places[j], axis=-1).mean())

    assert min(gap(0, 1), gap(1, 2)) > 0.02


# --- energy ---


def test_more_energy_moves_more(model: DanceModel) -> None:
    song, beats = demo(8.0)

    def magnitude(energy: float) -> float:
        # Over some seeds: a window that is drawn again is another dance.
        dances = [
            generate_dance(song, style="salsa", seed=k, model=model, beats=beats, energy=energy)
            for k in range(4)
        ]
        return float(np.mean([motion_magnitude(d.motion) for d in dances]))

    magnitudes = [magnitude(energy) for energy in (-2.0, -1.0, 0.0, 1.0, 2.0)]
    assert (np.diff(magnitudes) > 0).all(), magnitudes
    assert magnitudes[-1] > 1.5 * magnitudes[0]


@pytest.mark.parametrize("energy", [3.1, -4.0, float("nan"), float("inf")])
def test_an_energy_off_the_dial_is_refused(energy: float) -> None:
    with pytest.raises(OptionError, match="energy"):
        generate_dance("no such song", energy=energy)


# --- hits and beats ---


def test_hits_can_be_said(model: DanceModel) -> None:
    _, beats = demo(12.0)
    style = model.style_table["salsa"]
    for which, interval in (("beat", 0.5), ("second", 1.0), ("half", 0.25)):
        hits, _ = choose_accents(beats, style, 12.0, which)
        assert np.allclose(np.diff(hits), interval)
    with pytest.raises(OptionError, match="second"):
        choose_accents(beats, style, 12.0, "third")


def test_a_dance_follows_the_beats_that_are_given(model: DanceModel, tmp_path: Path) -> None:
    """Beats moved by 0.15 s, as an object or a file, take the dance's own beats along."""
    song, beats = demo(20.0)
    moved = replace(beats, times=beats.times + 0.15)
    path = tmp_path / "moved.beats.json"
    save_beats(path, moved)

    def phase(given: Beats | Path) -> complex:
        """Mean place of the motion's beats on the song's, as a point in the circle."""
        dance = generate_dance(
            song, style="salsa", seed=5, model=model, beats=given, accents="beat"
        )
        at, prominence = motion_beats(dance.motion)
        turn = np.exp(2j * np.pi * beat_positions(at, beats.times))
        return complex((turn * np.sqrt(prominence)).sum() / np.sqrt(prominence).sum())

    own, shifted, from_file = phase(beats), phase(moved), phase(path)
    assert min(abs(own), abs(shifted)) > 0.15, "both keep their time"
    late = np.angle(shifted / own) / (2 * np.pi) * 0.5
    assert late == pytest.approx(0.15, abs=0.05)
    assert from_file == pytest.approx(shifted, abs=0.02)


# --- the best of some ---


def test_the_best_of_some_is_one_of_them(quick: DanceModel) -> None:
    song, beats = demo(8.0)
    asked = dict(style="salsa", model=quick, beats=beats)
    best = generate_dance(song, seed=7, quality=3, **asked)
    table = best.report["quality"]
    assert [row["seed"] for row in table["dances"]] == seeds_of(7, 3)
    top = max(table["dances"], key=lambda row: row["score"])
    assert table["won"] == top["seed"] and best.seed == 7
    alone = generate_dance(song, seed=top["seed"], **asked)
    assert np.array_equal(alone.motion.rotations, best.motion.rotations)
    again = generate_dance(song, seed=7, quality=3, **asked)
    assert np.array_equal(again.motion.root, best.motion.root)
    assert "quality" not in alone.report


def test_what_a_viewer_sees_counts() -> None:
    good = Score(0.5, 0.1, 0.1, 0.1, 0.1, 0.0, 0.0, 0.0, 20.0, 0.2, 0.0)
    for worse in (
        {"beat_lock_lift": 0.3},
        {"planted_slide_cm_s": 3.0},
        {"legs_off": 0.6},
        {"arms_off": 0.6},
        {"steps_off": 1.0},
        {"energy_off": 1.0},
        {"freeze_rate": 0.3},
        {"turned_away": 0.3},
        {"variety_cm": 12.0},
        {"phrase_return": 0.0},
        {"limbs_inside": 0.1},
    ):
        assert replace(good, **worse).total < good.total


def test_the_score_does_not_choose_who_stands(model: DanceModel) -> None:
    """Beat lock and slide alone chose the duller dance: who hardly steps slides least."""
    song, beats = demo(16.0)
    dance = generate_dance(song, style="hiphop", seed=2, model=model, beats=beats).motion
    half = rot.slerp(
        np.broadcast_to(rot.IDENTITY, dance.rotations.shape), dance.rotations, np.array(0.4)
    )
    calm = replace(dance, rotations=half)
    lively = float(leg_speeds(dance).mean())
    wanted = Wanted(0.0, 0.5, lively, float(arm_speeds(dance).mean()), lifts_per_s(dance))
    ours, dull = (score(m, beats.times, 4, wanted) for m in (dance, calm))
    assert ours.total > dull.total + 0.3
    assert dull.legs_off > ours.legs_off and dull.variety_cm < ours.variety_cm


@pytest.mark.parametrize("quality", [0, -1, 17])
def test_a_quality_out_of_bounds_is_refused(quality: int) -> None:
    with pytest.raises(OptionError, match="1 to 16"):
        generate_dance("no such song", quality=quality)


# --- structure ---


def aaba(last_bpm: float = BPM) -> tuple[Audio, Beats]:
    """Four bars of a verse, the same again, of another song, and the verse at some tempo."""
    sections, times, start = [], [], 0.0
    for seed, bpm in ((1, BPM), (1, BPM), (5, BPM), (1, last_bpm)):
        samples, beats = compose(seconds=16 * 4 * 60.0 / bpm, bpm=bpm, seed=seed, sample_rate=RATE)
        verse = beats.times[8:25]
        sections.append(samples[round(verse[0] * RATE) : round(verse[-1] * RATE)])
        times.append(start + verse[:-1] - verse[0])
        start += len(sections[-1]) / RATE
    beats = Beats(np.concatenate(times), np.arange(64) % 4 == 0, BPM, 4, 1.0, "test")
    return audio_from_samples(np.concatenate(sections), RATE, "aaba"), beats


def test_a_repeated_section_returns_to_its_moves(quick: DanceModel) -> None:
    song, beats = aaba()
    asked = {"style": "salsa", "seed": 3, "model": quick, "beats": beats, "plan": None}
    dance = generate_dance(song, structure=True, **asked)
    assert dance.report["repeats"] == [[24.0, 32.0, 0.0]]
    pose = encode(dance.motion)[0][:, POSE]

    def gap(one: int, other: int) -> float:
        """Between two of the four sections, but for their first and last second."""
        parts = [pose[240 * k + 30 : 240 * k + 210] for k in (one, other)]
        return float(np.abs(parts[0] - parts[1]).mean())

    assert gap(0, 3) < 0.3 * min(gap(0, 2), gap(2, 3), gap(1, 3))
    free = generate_dance(song, structure=False, **asked)
    assert free.report["repeats"] == []
    pose = encode(free.motion)[0][:, POSE]
    assert gap(0, 3) > 0.05, "by itself nothing returns"


def test_moves_are_laid_over_the_repeat_s_own_beats(quick: DanceModel) -> None:
    song, beats = aaba(last_bpm=132.0)
    dance = generate_dance(
        song, style="salsa", seed=3, model=quick, beats=beats, structure=True, plan=None
    )
    [(start, stop, earlier)] = dance.report["repeats"]
    assert (start, earlier) == (24.0, 0.0) and stop == pytest.approx(24.0 + 8.0 / 1.1, abs=0.01)
    pose = encode(dance.motion)[0][:, POSE]
    later = np.arange(25.0, 29.0, 0.1)
    source = (later - 24.0) * 1.1
    matched, unmatched = (
        np.abs(pose[np.round(later * 30).astype(int)] - pose[np.round(at * 30).astype(int)]).mean()
        for at in (source, later - 24.0 + 4.0)
    )
    assert matched < 0.5 * unmatched


def test_without_bars_or_repeats_there_are_none(quick: DanceModel) -> None:
    from audio2pose_core.audio.features import extract_features

    song, beats = aaba()
    features = extract_features(song, 30.0)
    assert find_repeats(replace(beats, confidence=0.0), features) == []
    assert find_repeats(replace(beats, downbeats=np.zeros(64, bool)), features) == []
    like = likeness(beats.times[beats.downbeats], features)
    assert np.allclose(np.diag(like), 1.0) and np.allclose(like, like.T)
    assert like[0, 4] > 0.9 > like[0, 8]
    noise = audio_from_samples(
        np.random.default_rng(0).normal(0, 0.1, RATE * 32).astype(np.float32), RATE, "noise"
    )
    assert find_repeats(beats, extract_features(noise, 30.0)) == []


# --- the sampler's own times ---


def test_a_contract_may_say_when_the_passes_are_made(model: DanceModel, tmp_path: Path) -> None:
    contract = dict(model.sampler) | {"steps": 3, "times": [0.0, 0.2, 0.6], "guidance": 1.0}
    quick = load_model()
    quick.sampler = contract
    assert settings_of(quick).times == (0.0, 0.2, 0.6)
    song, beats = demo(4.0)
    seen: list[float] = []
    run = quick.run

    def noted(**inputs: np.ndarray) -> np.ndarray:
        seen.append(float(inputs["t"][0]))
        return run(**inputs)

    quick.run = noted  # type: ignore[method-assign]
    generate_dance(song, style="salsa", model=quick, beats=beats)
    assert seen[:3] == pytest.approx([0.0, 0.2, 0.6])


def test_without_them_the_passes_crowd_near_the_noise() -> None:
    times = crowded(8)
    assert times[0] == 0.0 and times[-1] == 1.0 and len(times) == 9
    assert np.all(np.diff(times[:-1], n=2) > 0) and times[-2] < 0.92
    assert crowded(1).tolist() == [0.0, 1.0]


# --- devices ---


def test_an_accelerator_is_taken_where_there_is_one() -> None:
    cuda, direct, core = "CUDAExecutionProvider", "DmlExecutionProvider", "CoreMLExecutionProvider"
    assert choose_provider("auto", ["AzureExecutionProvider", CPU]) == CPU
    assert choose_provider("auto", [cuda, CPU]) == cuda
    assert choose_provider("auto", [direct, CPU]) == direct
    assert choose_provider("auto", [core, CPU]) == core
    assert choose_provider("cpu", [cuda, CPU]) == CPU
    assert choose_provider("coreml", [core, CPU]) == core
    with pytest.raises(OptionError, match="no cuda, only cpu"):
        choose_provider("cuda", [CPU])
    with pytest.raises(OptionError, match="directml"):
        choose_provider("gpu", [CPU])


@pytest.fixture
def broken_cuda(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """An onnxruntime that says it has CUDA, and then fails or silently does without."""

    def install(silently: bool) -> None:
        real = onnxruntime.InferenceSession

        def session(data: bytes, options: object, providers: list[str]) -> object:
            if providers[0] != CPU and not silently:
                raise RuntimeError("libcudnn.so.9: cannot open\n shared object file")
            return real(data, options, providers=[CPU])

        monkeypatch.setattr(onnxruntime, "InferenceSession", session)
        monkeypatch.setattr(
            onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider", CPU]
        )

    return install


@pytest.mark.parametrize("silently", [True, False])
def test_a_device_that_fails_is_given_up_with_a_line(
    broken_cuda: Callable[[bool], None], silently: bool
) -> None:
    broken_cuda(silently)
    model = load_model()
    [line] = model.warnings
    assert "CUDA" in line and "CPU" in line and "\n" not in line
    song, beats = demo(2.0)
    dance = generate_dance(song, style="salsa", model=model, beats=beats)
    assert line in dance.report["warnings"]
    with pytest.raises(ModelError, match="cuda does not work here"):
        load_model(device="cuda")
    assert load_model(device="cpu").warnings == ()


@pytest.mark.parametrize("threads", [-1, (os.cpu_count() or 1) + 1, 100_000])
def test_threads_that_are_not_there_are_refused(threads: int) -> None:
    with pytest.raises(OptionError, match="threads"):
        load_model(threads=threads)


def test_the_command_line_takes_a_mix_and_reports_it(cli, song: Path, tmp_path: Path) -> None:
    out = tmp_path / "dance.npz"
    done = cli(
        "generate", song, "-o", out, "--json", "--style", "salsa:1,party:1", "--energy", "1",
        "--hits", "second", "--threads", "1", "--device", "cpu", "--duration", "3",
    )  # fmt: skip
    assert done.status == 0, done.err
    report = json.loads(done.out)
    assert report["style"] == "salsa:0.5,party:0.5" and report["energy"] == 1.0
    assert np.allclose(np.diff(report["accents"]), 1.0, atol=0.05)
    for words in (["--style", "salsa:-1"], ["--energy", "9"], ["--quality", "99"]):
        assert cli("generate", song, "-o", out, *words).error
