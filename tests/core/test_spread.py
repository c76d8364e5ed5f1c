"""Spread: what a network draws in is stretched again, and what is kept stays what it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from audio2pose_core import representation as rep
from audio2pose_core.generate.inpaint import ConstraintFeatures
from audio2pose_core.generate.model import load_model
from audio2pose_core.generate.sampler import sample_dance, settings_of, units_of
from audio2pose_core.generate.spread import ENDS, PARTS, Spread, columns_of, mix_spreads
from audio2pose_core.skeleton import NUM_JOINTS

CENTRE = np.linspace(-1, 1, rep.WIDTH)
_TURNS = np.arange(rep.WIDTH)[rep.POSE].reshape(NUM_JOINTS, 6)
NOT_STRETCHED = _TURNS[list(ENDS)].ravel()
GAINS = {"legs": 1.3, "arms": 1.1, "trunk": 0.8, "pelvis": 1.2}


def stretched(part: str) -> np.ndarray:
    """The features of a part whose poses are stretched."""
    return np.setdiff1d(columns_of(part), NOT_STRETCHED)


def test_every_joint_belongs_to_one_part_and_turns_of_the_heading_to_none() -> None:
    joints = [joint for own in PARTS.values() for joint in own]
    assert sorted(joints) == list(range(NUM_JOINTS))
    touched = np.concatenate([columns_of(part) for part in PARTS])
    assert len(set(touched)) == len(touched) == rep.WIDTH - 1 - 4
    assert not set(touched) & set(range(rep.WIDTH)[rep.TURN])
    assert not set(touched) & set(range(rep.WIDTH)[rep.CONTACTS])


def test_units_go_there_and_back() -> None:
    spread = Spread.of(CENTRE, GAINS)
    features = np.random.default_rng(0).normal(size=(7, rep.WIDTH))
    assert spread.drawn_in(spread.stretched(features)) == pytest.approx(features)
    off = (spread.stretched(features) - CENTRE) / (features - CENTRE)
    for part, gain in GAINS.items():
        assert off[:, stretched(part)] == pytest.approx(gain)
    # How feet and hands turn is not made more of.
    assert off[:, NOT_STRETCHED] == pytest.approx(1.0)


def test_the_networks_own_middle_comes_to_lie_on_the_datas() -> None:
    """A bias of the network's is taken off, not stretched."""
    random = np.random.default_rng(1)
    middle = CENTRE + random.normal(size=rep.WIDTH)
    made = middle + random.normal(size=(4000, rep.WIDTH))
    spread = Spread.of(CENTRE, GAINS, middle)
    real = spread.stretched(made)
    moved = np.concatenate([columns_of(part) for part in PARTS])
    assert real.mean(axis=0)[moved] == pytest.approx(CENTRE[moved], abs=0.1)
    assert real.std(axis=0)[stretched("legs")] == pytest.approx(GAINS["legs"], rel=0.1)
    assert spread.drawn_in(real) == pytest.approx(made)
    # Turns of the heading and contacts have no middle to go to.
    others = np.setdiff1d(np.arange(rep.WIDTH), moved)
    assert real[:, others] == pytest.approx(made[:, others])


@pytest.mark.parametrize("middle", [None, CENTRE[::-1]])
def test_a_contract_holds_it(middle: np.ndarray | None) -> None:
    spread = Spread.of(CENTRE, GAINS, middle)
    again = Spread.parse(spread.numbers())
    assert again.gain == pytest.approx(spread.gain)
    assert again.centre == pytest.approx(spread.centre, abs=1e-4)
    assert again.middle == pytest.approx(spread.middle, abs=1e-4)
    with pytest.raises(KeyError):
        Spread.parse({"centre": CENTRE})


def test_a_mix_lies_between() -> None:
    wide, plain = Spread.of(CENTRE, {"legs": 1.4}), Spread.of(-CENTRE, {})
    mixed = mix_spreads([wide, plain, None], np.array([0.5, 0.25, 0.25]))
    assert mixed is not None
    assert mixed.gain[stretched("legs")] == pytest.approx(1.2)
    assert mixed.centre == pytest.approx(CENTRE / 3)
    assert mixed.middle == pytest.approx(mixed.centre)
    off = Spread.of(CENTRE, {"legs": 1.4}, CENTRE + 1.0)
    mixed = mix_spreads([off, plain, None], np.array([0.5, 0.25, 0.25]))
    assert mixed is not None
    assert (mixed.middle - mixed.centre)[columns_of("legs")] == pytest.approx(0.5)
    assert mix_spreads([None, wide], np.array([1.0, 0.0])) is None


def _poses(features: np.ndarray, part: str) -> float:
    return float(features[:, stretched(part)].std(axis=0).mean())


def test_the_sampler_stretches_what_it_makes_and_not_what_is_kept() -> None:
    model, frames = load_model(), 240
    conditions = np.zeros((frames, len(model.conditions)))
    style = np.eye(len(model.styles))[0]
    name = model.styles[0]
    made = {}
    for gain in (1.0, 1.5):
        given = Spread.of(model.mean, dict.fromkeys(PARTS, gain))
        model.style_table[name] = replace(model.style_table[name], spread=given)
        made[gain] = sample_dance(model, conditions, style, 1, settings_of(model))
        features = made[1.0].copy()
        mask = np.zeros((frames, rep.GROUPS), dtype=bool)
        mask[:120] = True
        kept = ConstraintFeatures(features, mask, np.zeros(frames), np.zeros(frames, bool))
        around = sample_dance(model, conditions, style, 1, settings_of(model), fixed=kept)
        # Far from what is free it is the kept dance to the digit, beside it near to it.
        assert np.abs(around[:90] - features[:90]).max() < 1e-9
        beside = np.abs(around[115:119] - features[115:119])[:, rep.POSE]
        assert beside.mean() < 0.1
        units = units_of(model, style)
        assert units.real(units.normalised(features)) == pytest.approx(features)
    for part in PARTS:
        ratio = _poses(made[1.5], part) / _poses(made[1.0], part)
        # The second window joins the first, so it is no exact multiple.
        assert 1.2 < ratio < 1.7
