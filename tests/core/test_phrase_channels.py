"""A plan's phrases as what is asked of the body."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from audio2pose_core.audio.demo_song import beat_grid
from audio2pose_core.choreography.bank import COLUMNS, Bank
from audio2pose_core.choreography.plan import Choreography, Jump, Phrase
from audio2pose_core.control import CONDITION_GROUPS
from audio2pose_core.generate.model import load_model
from audio2pose_core.generate.phrase_channels import phrase_channels, phrase_rows

FPS = 30.0


def rows(*speeds: float, facing: float = 1.0) -> np.ndarray:
    out = np.full((len(speeds), len(COLUMNS)), np.nan)
    for row, speed in zip(out, speeds, strict=True):
        row[[COLUMNS.index(n) for n in ("leg_speed", "arm_speed")]] = speed, 2 * speed
        row[COLUMNS.index("facing")] = facing
    return out


BANK = Bank({"house": rows(*np.linspace(0.5, 1.5, 21)), "salsa": rows(0.7, 0.8, 0.9, facing=0.3)})


def plan(**changes) -> Choreography:
    phrases = [
        Phrase(0.1, 4.1, 2, 8, style={"house": 1.0}, energy=-1.0),
        Phrase(4.1, 8.1, 2, 8, style={"house": 1.0}, energy=1.5),
        Phrase(8.1, 12.1, 2, 8, style={"house": 0.2, "salsa": 0.8}),
        Phrase(12.1, 16.1, 2, 8, style={"house": 1.0}, returns_to=0),
        Phrase(16.1, 20.0, 2, 8, style={"polka": 1.0}),
    ]
    return replace(Choreography(20.0, "house", 3, phrases), **changes)


def test_energy_picks_the_row_and_a_return_has_its_own_again():
    calm, wild, salsa, again, polka = phrase_rows(plan(), BANK)
    assert calm["leg_speed"] < 0.85 < 1.2 < wild["leg_speed"]
    assert salsa["leg_speed"] in (0.7, 0.8, 0.9) and again == calm and polka == {}
    louder = phrase_rows(plan(), BANK, energy=1.0)
    assert louder[0]["leg_speed"] > calm["leg_speed"]
    assert phrase_rows(plan(), BANK) == phrase_rows(plan(), BANK)
    others = [phrase_rows(plan(seed=seed), BANK)[1]["leg_speed"] for seed in range(12)]
    assert len(set(others)) > 1, "another seed, another phrase of the same energy"


def test_an_edited_phrase_leaves_the_others_as_they_are():
    edited = plan()
    phrases = list(edited.phrases)
    phrases[1] = replace(phrases[1], energy=0.0)
    before, after = phrase_rows(plan(), BANK), phrase_rows(replace(edited, phrases=phrases), BANK)
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, True, True, True]


def test_channels_hold_through_a_phrase_and_are_open_where_nothing_is_known():
    channels = phrase_channels(plan(), BANK, beat_grid(20.0, 120.0), 600, FPS)
    calm, wild, *_ = phrase_rows(plan(), BANK)
    assert channels["leg_speed"][60] == pytest.approx(calm["leg_speed"], abs=1e-3)
    assert channels["leg_speed"][180] == pytest.approx(wild["leg_speed"], abs=1e-3)
    steps = np.abs(np.diff(channels["leg_speed"][3:350]))
    assert steps.max() < 0.06, "eased from one to the next"
    # The bank tells nothing of steps, and salsa turns as it likes.
    assert not channels.is_known("step_rate").any() and not channels.is_known("place_x").any()
    assert channels.is_known("heading_cos")[60] and not channels.is_known("heading_cos")[300]
    assert not channels.is_known("leg_speed")[550], "a style that the bank does not have"
    # Two bars of two seconds from 0.1 s on.
    assert channels["phrase_cos"][3] == pytest.approx(1, abs=0.02)
    assert channels["phrase_cos"][63] == pytest.approx(-1, abs=0.02)
    deaf = replace(beat_grid(20.0), confidence=0.0)
    assert not phrase_channels(plan(), BANK, deaf, 600, FPS).is_known("beat_sin").any()


def test_a_model_is_loaded_with_its_bank(default_model):
    model = load_model(default_model)
    assert model.bank is not None and set(model.styles) <= set(model.bank.styles)
    # A network without control channels is asked for none of them.
    asked = {name for names in CONDITION_GROUPS.values() for name in names}
    assert not asked & set(model.conditions) or "legs_known" in model.conditions


def test_the_air_is_asked_for_where_the_plan_jumps_and_nowhere_else():
    beats = beat_grid(20.0, 120.0)
    grounded = BANK.rows["house"].copy()
    grounded[:, COLUMNS.index("air")] = 0.0
    jumps = [Jump(6.0, 0.2), Jump(17.5, 0.2)]
    made = phrase_channels(
        plan(jumps=jumps), Bank({"house": grounded, "salsa": grounded}), beats, 600, FPS
    )
    air = made["air"]
    assert air[round((6.0 - 0.3) * FPS)] > 0.95 and air[round(5.0 * FPS)] < 0.01
    # Where the rows do not tell, the jump alone is asked for.
    assert made.is_known("air")[round((17.5 - 0.3) * FPS)] and not made.is_known("air")[-1]


def test_the_weight_goes_as_far_as_the_row_s_dancers_and_stays_between_the_feet_for_longer():
    stepping = BANK.rows["house"].copy()
    stepping[:, COLUMNS.index("step_rate")] = 2.0
    stepping[:, COLUMNS.index("sway")] = 0.5
    whole = Choreography(20.0, "house", 3, [Phrase(0.0, 20.0, 10, 40, style={"house": 1.0})])
    weight = phrase_channels(whole, Bank({"house": stepping}), beat_grid(20.0, 120.0), 600, FPS)[
        "weight"
    ]
    assert np.sqrt((weight**2).mean()) == pytest.approx(0.5, abs=0.02)
    # A plain cosine of this size is beyond .4 for .62 of the time; real dancers for .42.
    assert (np.abs(weight) > 0.4).mean() < 0.5
