"""A dancer's corrections: found where the dance answers to what is asked of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core import representation as rep
from audio2pose_core.cleanup.smooth import filter_frames, presence_kernel
from audio2pose_core.data.training.clip import Clip
from audio2pose_core.errors import DataError
from audio2pose_core.evaluate import calibrate as module
from audio2pose_core.evaluate.calibrate import calibrate, liveliness
from audio2pose_core.generate.contract import OFFSETS
from audio2pose_core.generate.model import DEFAULT_MODEL, load_model
from audio2pose_core.generate.spread import columns_of
from audio2pose_core.metrics import jerk
from audio2pose_core.motion import Motion, rest_motion

FPS = 30.0


def swing(size: float, seconds: float = 8.0) -> Motion:
    """A body that turns its arms to and fro at 1.1 Hz, by ``size`` radians."""
    t = np.arange(round(seconds * FPS)) / FPS
    quats = np.zeros((len(t), 24, 4))
    quats[..., 0] = 1.0
    angle = size * np.sin(2 * np.pi * 1.1 * t)
    for joint in (16, 17):
        quats[:, joint] = np.stack([np.cos(angle / 2), 0 * t, 0 * t, np.sin(angle / 2)], axis=1)
    root = np.zeros((len(t), 3))
    root[:, 1] = 0.9
    return Motion(FPS, root, quats)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "_sampled", lambda dancer, *_: (None, dancer.mean[None], None))
    for path in (DEFAULT_MODEL, DEFAULT_MODEL.with_suffix(".json")):
        shutil.copy(path, tmp_path / path.name)
    contract = tmp_path / "default.json"
    values = json.loads(contract.read_text())
    values["sampler"].pop("presence", None)
    for style in values["styles"].values():
        for offset in (*OFFSETS, "stance", "spread"):
            style.pop(offset, None)
    contract.write_text(json.dumps(values))
    return tmp_path / DEFAULT_MODEL.name


def test_offsets_bring_each_style_to_the_magnitude_of_its_data(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = load_model(model).styles
    wanted = {name: 0.2 + 0.05 * i for i, name in enumerate(names)}
    clips = [Clip(n, "own", n, "train", swing(a), np.zeros(0)) for n, a in wanted.items()]
    monkeypatch.setattr(module, "load_pack", lambda _: clips)

    def dance(dancer, name, *_, seed):  # type: ignore[no-untyped-def]
        # A dancer that is half as lively as its data unless more is asked of it, and crouches.
        made = swing(0.5 * wanted[name] * np.exp(dancer.style_table[name].energy_offset))
        low = replace(made, root=made.root - [0.0, 0.1, 0.0])
        return lambda height_prior=None: low if height_prior is None else made

    monkeypatch.setattr(module, "_dance", dance)
    report = calibrate(model, Path("unused.npz"))
    for found in report["styles"].values():
        assert found["magnitude"] == pytest.approx(found["real_magnitude"], rel=0.03)
        assert found["energy_offset"] == pytest.approx(np.log(2), abs=0.05)
    # The contract still fits its model, and says what was found.
    again = load_model(model)
    spread = again.style_table[names[0]].spread
    assert spread is not None
    # What the network makes is said to be the mean of all its data.
    own = rep.mirror(again.mean[None])[0] + again.mean
    assert spread.stretched(own / 2)[rep.POSE] == pytest.approx(spread.centre[rep.POSE], abs=1e-3)
    assert again.style_table[names[0]].energy_offset == pytest.approx(np.log(2), abs=0.05)
    stance = again.style_table[names[0]].height_prior
    assert stance is not None
    assert stance.rise(np.array([0.8])) == pytest.approx(0.1, abs=1e-3)
    assert again.sampler["liveliness"] == 0.0
    assert again.sampler["presence"] == report["presence"]


def test_a_plan_s_dials_are_calibrated_each_by_what_it_moves(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = load_model(model).styles
    clips = [Clip(n, "own", n, "train", swing(0.4), np.zeros(0)) for n in names]
    monkeypatch.setattr(module, "load_pack", lambda _: clips)
    monkeypatch.setattr(module, "asks_by_plan", lambda _: True)
    monkeypatch.setattr(
        module,
        "_dance",
        lambda dancer, name, *_, seed: (
            lambda height_prior=None: swing(0.25 * np.exp(dancer.style_table[name].arms_offset))
        ),
    )
    report = calibrate(model, Path("unused.npz"))
    again = load_model(model)
    for name, found in report["styles"].items():
        asked = module.MORE["arms"] * found["real_arms"]
        assert found["arms"] == pytest.approx(asked, rel=0.03)
        style = again.style_table[name]
        assert style.arms_offset == pytest.approx(np.log(1.6 * module.MORE["arms"]), abs=0.1)
        # These legs stand in the data and in the dance.
        assert style.steps_offset == style.legs_offset == style.energy_offset == 0.0


def test_a_second_of_motion_counts_the_same_wherever_it_comes_from(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the tables of real motion, whatever training drew more often."""
    names = load_model(model).styles
    clips = [
        Clip(f"{n} {source}", source, n, "train", swing(size), np.zeros(0))
        for n in names
        for source, size in (("calm", 0.2), ("lively", 0.4), ("lively", 0.4))
    ]
    monkeypatch.setattr(module, "load_pack", lambda _: clips)
    monkeypatch.setattr(module, "_dance", lambda *_, seed: lambda height_prior=None: swing(0.35))
    contract = model.with_suffix(".json")
    values = json.loads(contract.read_text())
    values["training"]["source_weights"] = {"lively": 3.0}
    contract.write_text(json.dumps(values))
    report = calibrate(model, Path("unused.npz"), rounds=1)
    calm, lively = (liveliness([swing(size)]).magnitude for size in (0.2, 0.4))
    found = report["styles"][names[0]]["real_magnitude"]
    assert found == pytest.approx((calm + 2 * lively) / 3, abs=1e-3)


def test_jumps_are_those_of_clips_that_can_tell(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hops in ten seconds; a source that holds its feet down does not count."""
    names = load_model(model).styles
    frames = 300
    hops = rest_motion(frames, 30.0)
    at = np.arange(frames) / 30.0
    root = hops.root.copy()
    for start in (2.0, 6.0):
        since = at - start
        root[:, 1] += np.maximum(9.81 / 2 * since * (0.4 - since), 0.0) * (since > 0)
    jumping = replace(hops, root=root)
    clips = [
        Clip(f"{n} {source}", source, n, "train", motion, np.zeros(0))
        for n in names
        for source, motion in (("aistpp", jumping), ("aistpp_continuous", hops))
    ]
    monkeypatch.setattr(module, "load_pack", lambda _: clips)
    monkeypatch.setattr(module, "_dance", lambda *_, seed: lambda height_prior=None: swing(0.35))
    calibrate(model, Path("unused.npz"), rounds=1)
    style = load_model(model).style_table[names[0]]
    assert style.jumps_per_min == pytest.approx(12.0)
    assert style.jump_height == pytest.approx(9.81 / 8 * 0.4**2, abs=0.01)


def test_a_style_without_data_is_named(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "load_pack", lambda _: [])
    with pytest.raises(DataError, match="no training motion in the style"):
        calibrate(model, Path("unused.npz"))


@pytest.mark.parametrize("presence", [1.0001, 1.5, 2.0])
def test_presence_lifts_accents_and_leaves_the_rest(presence: float) -> None:
    taps = presence_kernel(FPS, 7.0, presence)
    t = np.arange(300) / FPS

    def gain(hz: float) -> float:
        wave = np.sin(2 * np.pi * hz * t)[:, None]
        inner = slice(60, 240)
        return float(filter_frames(wave, taps)[inner].std() / wave[inner].std())

    assert gain(0.5) == pytest.approx(1.0, abs=0.06)
    assert gain(4.5) == pytest.approx(presence, rel=0.1)
    assert gain(10.0) < 0.02


def test_liveliness_does_not_see_what_trembles() -> None:
    calm = swing(0.5)
    frames = np.arange(len(calm))[:, None]
    trembling = Motion(FPS, calm.root + 0.002 * np.cos(2 * np.pi * 0.4 * frames), calm.rotations)
    assert jerk(trembling) > 5 * jerk(calm)
    assert liveliness([trembling]).jerk == pytest.approx(liveliness([calm]).jerk, rel=0.1)


def test_a_middle_is_that_of_many_seeds_and_what_they_leave_uncertain_is_taken_off(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arms hang lower by the same in every dance; legs are anywhere, seed by seed."""
    dancer = load_model(model)
    name, arms, legs = dancer.styles[0], columns_of("arms"), columns_of("legs")
    centre = dancer.mean + 0.0
    seeds = []

    def sampled(_dancer, _name, _song, seed):  # type: ignore[no-untyped-def]
        seeds.append(seed)
        raw = centre.copy()
        raw[arms] -= 0.3
        raw[legs] += np.random.default_rng(seed).normal(size=len(legs))
        return None, raw[None], None

    monkeypatch.setattr(module, "_sampled", sampled)
    middle = module._middle(dancer, name, [("one",), ("two",)], centre)  # type: ignore[list-item]
    assert len(set(seeds)) == len(seeds) >= 12
    lower = centre.copy()
    lower[arms] -= 0.3
    expected = (lower + rep.mirror(lower[None])[0]) / 2
    assert middle[arms] == pytest.approx(expected[arms], abs=1e-6)
    noise = np.abs(middle - expected)[legs].mean()
    assert noise < 0.5 / np.sqrt(len(seeds)), "less than the mean of so many dances is off"
