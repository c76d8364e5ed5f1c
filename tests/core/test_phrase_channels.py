"""A plan's phrases as what is asked of the body."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from audio2pose_core.audio.demo_song import beat_grid
from audio2pose_core.choreography.bank import COLUMNS, Bank
from audio2pose_core.choreography.plan import Choreography, Phrase
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


def test_jumps_are_as_many_as_the_time_in_the_air_says_and_lie_all_over_the_phrase():
    beats = beat_grid(60.0, 120.0)
    jumping = np.full((1, len(COLUMNS)), np.nan)
    jumping[0, [COLUMNS.index(n) for n in ("leg_speed", "arm_speed")]] = 1.0, 1.0
    jumping[0, COLUMNS.index("air")] = 0.2
    bank = Bank({"break": jumping})
    places = []
    for seed in range(12):
        phrases = [Phrase(4.0 * k, 4.0 * k + 4.0, 2, 8, style={"break": 1.0}) for k in range(15)]
        made = phrase_channels(Choreography(60.0, "break", seed, phrases), bank, beats, 1800, FPS)
        air = made["air"] > 0.5
        starts = np.flatnonzero(np.diff(air.astype(int)) == 1)
        # A fifth of four seconds is two jumps, but where both fall on one beat or side by side.
        assert 1.3 < len(starts) / 15 <= 2.0
        places += list(starts % 120 / 120)
    assert np.histogram(places, bins=4, range=(0.05, 1.0))[0].min() > 0.1 * len(places)
