"""Whole turns: planned as a style turns, and danced once around over feet that step."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from made_up import facing_along

from audio2pose_core.audio.demo_song import beat_grid, write_demo_song
from audio2pose_core.choreography.plan import (
    Choreography,
    Held,
    Phrase,
    Turn,
    as_record,
    parse_plan,
)
from audio2pose_core.errors import DataError
from audio2pose_core.generate import generate_dance, load_model
from audio2pose_core.generate.turns import LASTS_S, turn_rates, with_turns
from audio2pose_core.metrics import planted_slide
from audio2pose_core.metrics.facing import heading, whole_turns

FPS = 30.0
BEATS = beat_grid(60.0, 120.0)


@pytest.fixture(scope="module")
def model():
    return load_model(threads=1)


def planned(model, style: str, seed: int, amount: float = 1.0, **changes) -> Choreography:
    phrases = [
        Phrase(4.0 * k, 4.0 * k + 4.0, 2, 8, returns_to=0 if k % 4 == 1 else None, mirrored=k == 5)
        for k in range(15)
    ]
    plan = replace(Choreography(60.0, style, seed, phrases), **changes)
    return with_turns(plan, model, model.style_table[style], BEATS, amount)


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_whole_turns_are_counted(turns: int):
    share = np.clip((np.arange(600) - 120) / (100 * max(turns, 1)), 0, 1)
    assert whole_turns(facing_along(2 * np.pi * turns * share)) == turns
    slow = facing_along(np.linspace(0, 2 * np.pi, 600))
    assert whole_turns(slow) == 0


def test_a_turn_adds_up_and_comes_to_rest():
    rates = turn_rates([Turn(4.0, 2.0, -360.0)], 300, FPS)
    assert np.rad2deg(rates.sum() / FPS) == pytest.approx(-360.0, abs=1.0)
    assert not rates[:60].any() and not rates[120:].any() and rates.min() > -5.0


def test_a_style_turns_as_often_as_its_dancers_and_others_never(model):
    wanted = model.style_table["salsa"].turns_per_min
    found = [planned(model, "salsa", seed).turns for seed in range(20)]
    assert wanted >= 3 and 0.6 * wanted < np.mean([len(turns) for turns in found]) < 1.2 * wanted
    assert {turn.degrees for turns in found for turn in turns} == {360.0, -360.0}
    for turn in (turn for turns in found for turn in turns):
        assert LASTS_S[0] <= turn.seconds <= LASTS_S[1]
        assert np.abs(BEATS.times - turn.time).min() < 1e-3
    assert not any(planned(model, "hiphop", seed).turns for seed in range(10))
    more = [planned(model, "salsa", seed, amount=2.0).turns for seed in range(20)]
    assert sum(map(len, more)) > 1.4 * sum(map(len, found))


def test_a_phrase_that_returns_turns_where_it_did_and_mirrored_the_other_way(model):
    seen = 0
    for seed in range(60):
        turns = {round(t.time, 3): t.degrees for t in planned(model, "salsa", seed).turns}
        for time, degrees in turns.items():
            if 2.6 < time < 4.0:
                seen += 1
                assert turns[round(time + 4.0, 3)] == degrees
                assert turns[round(time + 20.0, 3)] == -degrees
    assert seen > 2


def test_no_turn_in_a_held_pose_and_a_plan_s_own_stay(model):
    holds = [Held(t, 1.0) for t in range(6, 54, 6)]
    for seed in range(10):
        for turn in planned(model, "salsa", seed, holds=holds).turns:
            assert not any(
                turn.time - turn.seconds < held.time + 1.0 and held.time < turn.time
                for held in holds
            )
    own = [Turn(9.0, 2.0)]
    assert planned(model, "salsa", 0, turns=own).turns == own
    assert planned(model, "salsa", 0, turns=[]).turns == []


@pytest.mark.parametrize("turn", [{"time": 99.0}, {"time": 1.0}, {"time": 1.0, "seconds": 0}, 3])
def test_a_wrong_turn_is_named(turn):
    plan = Choreography(10.0, "house", 0, [Phrase(0.0, 10.0, 2, 8)])
    record = json.loads(json.dumps(as_record(plan)))
    with pytest.raises(DataError, match="turn"):
        parse_plan({**record, "turns": [turn]})


@pytest.mark.parametrize("degrees", [360.0, -720.0])
def test_the_dance_turns_where_the_plan_says(model, tmp_path, degrees: float):
    song = write_demo_song(tmp_path / "song.wav", seconds=16.0, bpm=120.0)
    phrases = [Phrase(4.0 * k, 4.0 * k + 4.0, 2, 8) for k in range(4)]
    plan = Choreography(16.0, "salsa", 1, phrases, jumps=[], turns=[])
    options = {"style": "salsa", "seed": 1, "model": model, "beats": song}
    before = generate_dance(tmp_path / "song.wav", plan=plan, **options).motion
    turning = replace(plan, turns=[Turn(9.0, 2.0, degrees)])
    after = generate_dance(tmp_path / "song.wav", plan=turning, **options).motion
    angle = np.rad2deg(heading(after))
    assert angle[275] - angle[205] == pytest.approx(degrees, abs=60.0)
    assert abs(angle[-1] - angle[0]) > abs(degrees) - 90.0
    assert planted_slide(after).speed_cm_s < planted_slide(before).speed_cm_s + 0.3
