"""Jumps: planned as a style jumps, asked of the network, and leapt."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from made_up import about, marching, posed

from audio2pose_core.audio.demo_song import beat_grid, write_demo_song
from audio2pose_core.choreography.plan import (
    Choreography,
    Held,
    Jump,
    Phrase,
    as_record,
    parse_plan,
)
from audio2pose_core.cleanup import Leaps, MotionConstraint, clean
from audio2pose_core.cleanup.leaps import GRAVITY, TAKEN_S, flight_s
from audio2pose_core.errors import DataError
from audio2pose_core.generate import generate_dance, load_model
from audio2pose_core.generate.jumps import APART_S, with_jumps
from audio2pose_core.metrics import planted_slide
from audio2pose_core.metrics.footwork import airborne, flight_rises
from audio2pose_core.motion import Motion
from audio2pose_core.signals import runs
from audio2pose_core.skeleton import NUM_JOINTS

FPS = 30.0
LANDING, HEIGHT = 3.0, 0.2
ONE = Leaps(np.array([LANDING]), np.array([HEIGHT]))


@pytest.fixture(scope="module")
def model():
    return load_model(threads=1)


def standing(seconds: float = 6.0) -> Motion:
    frames = round(seconds * FPS)
    bend = np.full(frames, 0.4)
    return posed(
        {
            "left_hip": about("X", -bend / 2),
            "right_hip": about("X", -bend / 2),
            "left_knee": about("X", bend),
            "right_knee": about("X", bend),
        },
        frames,
    )


def leapt(motion: Motion, leaps: Leaps = ONE, **options) -> Motion:
    return clean(motion, smooth=False, leaps=leaps, **options)


# --- in cleanup ---


@pytest.mark.parametrize("motion", [standing(), marching(6.0, 1.0)], ids=["stands", "marches"])
def test_the_body_leaves_the_floor_and_lands_when_it_shall(motion):
    still, jumped = leapt(motion, Leaps()), leapt(motion)
    assert not airborne(still).any() or motion is not standing
    starts, stops = runs(airborne(jumped) & ~airborne(still))
    assert len(starts) == 1
    down = LANDING - TAKEN_S
    assert down - flight_s(HEIGHT) < starts[0] / FPS and stops[0] / FPS <= down + 0.04
    assert flight_rises(jumped).max() > HEIGHT - 0.06
    assert planted_slide(jumped).speed_cm_s < planted_slide(still).speed_cm_s + 0.01
    # What is far from the leap is as it was.
    assert np.allclose(jumped.root[:45], still.root[:45], atol=1e-6)


def test_it_falls_freely_and_the_knees_bend_before_and_after():
    rise = ONE.rise(1800, 300.0)
    down = LANDING - TAKEN_S
    off = round((down - flight_s(HEIGHT)) * 300) + 2, round(down * 300) - 2
    fall = np.diff(rise[off[0] : off[1]], 2) * 300.0**2
    assert np.allclose(fall, -GRAVITY, atol=1e-3) and rise.max() == pytest.approx(HEIGHT, abs=1e-4)
    assert rise[: off[0]].min() < -0.04 and rise[off[1] :].min() < -0.04
    assert off[1] + np.argmin(rise[off[1] :]) == pytest.approx(LANDING * 300, abs=2)
    # Neither the height nor the speed jumps.
    assert np.abs(np.diff(rise)).max() * 300 < 2.1
    assert np.abs(np.diff(rise, 2)).max() * 300**2 < 60.0


def test_who_lies_or_kneels_or_leaves_no_time_does_not_leap():
    down = standing()
    low = replace(down, root=down.root - np.array([0.0, 0.6, 0.0]))
    free = np.ones(len(down), dtype=bool)
    assert len(ONE.fitting(down, free).landings) == 1
    assert len(ONE.fitting(low, free).landings) == 0
    assert len(Leaps(np.array([0.2, 5.9]), np.full(2, HEIGHT)).fitting(down, free).landings) == 0


def test_what_is_kept_is_not_lifted():
    motion = leapt(standing(), Leaps())
    mask = np.zeros((len(motion), NUM_JOINTS + 1), dtype=bool)
    mask[80:85] = True
    kept = leapt(motion, constraint=MotionConstraint(motion, mask))
    assert np.abs(kept.root[80:85] - motion.root[80:85]).max() < 1e-9
    assert not airborne(kept).any()


# --- in the plan ---


def song_plan(model, seed: int = 0, **changes) -> Choreography:
    phrases = [
        Phrase(4.0 * k, 4.0 * k + 4.0, 2, 8, returns_to=0 if k % 4 == 1 else None)
        for k in range(15)
    ]
    plan = replace(Choreography(60.0, "hiphop", seed, phrases), **changes)
    return with_jumps(plan, model, model.style_table["hiphop"], beat_grid(60.0, 120.0))


def test_a_style_jumps_as_often_as_its_dancers_on_beats(model):
    beats = beat_grid(60.0, 120.0).times
    plans = [song_plan(model, seed) for seed in range(20)]
    count = np.mean([len(plan.jumps) for plan in plans])
    wanted = model.style_table["hiphop"].jumps_per_min
    assert wanted > 5 and 0.4 * wanted < count < wanted
    for plan in plans:
        times = np.array([jump.time for jump in plan.jumps])
        if not len(times):
            continue
        assert np.abs(times[:, None] - beats).min(axis=1).max() < 1e-3
        assert (np.diff(times) >= APART_S).all()
    places = np.concatenate([[j.time % 4.0 for j in plan.jumps] for plan in plans])
    assert np.histogram(places, bins=4, range=(0.0, 4.0))[0].min() > 0.1 * len(places)
    salsa = with_jumps(
        replace(plans[0], jumps=None), model, model.style_table["salsa"], beat_grid(60.0, 120.0)
    )
    assert salsa.jumps == []


def test_a_phrase_that_returns_jumps_where_it_did(model):
    seen = 0
    for seed in range(80):
        times = {jump.time for jump in song_plan(model, seed).jumps}
        first = {t for t in times if 1.5 < t < 3.5}
        again = {round(t - 4.0, 4) for t in times if 5.5 < t < 7.5}
        seen += len(first)
        assert first <= again
    assert seen > 3


def test_no_jump_comes_down_in_a_held_pose_or_at_the_ends(model):
    holds = [Held(t, 1.0) for t in range(10, 50, 10)]
    for seed in range(10):
        plan = song_plan(model, seed, holds=holds)
        for jump in plan.jumps:
            assert plan.opening_s < jump.time < plan.seconds - plan.ending_s
            assert all(not held.time < jump.time < held.time + 1.0 for held in holds)


def test_a_person_has_them_more_or_less_often(model):
    style, beats = model.style_table["hiphop"], beat_grid(60.0, 120.0)

    def count(amount: float) -> int:
        plans = [song_plan(model, seed, jumps=[]) for seed in range(10)]
        bare = [replace(plan, jumps=None) for plan in plans]
        return sum(len(with_jumps(plan, model, style, beats, amount).jumps) for plan in bare)

    assert count(0.0) == 0 < count(0.5) < count(1.0) < count(2.0)


def test_a_plan_s_own_jumps_stay_be_it_none(model):
    own = [Jump(5.0, 0.3)]
    assert song_plan(model, jumps=own).jumps == own and song_plan(model, jumps=[]).jumps == []


@pytest.mark.parametrize(
    "jump", [{"time": 99.0}, {"time": "now"}, {"time": 1.0, "height": 9}, {}, 3]
)
def test_a_wrong_jump_is_named(jump):
    plan = Choreography(10.0, "house", 0, [Phrase(0.0, 10.0, 2, 8)])
    record = json.loads(json.dumps(as_record(plan)))
    with pytest.raises(DataError, match="jump"):
        parse_plan({**record, "jumps": [jump]})


def test_the_dance_jumps_where_the_plan_says(model, tmp_path):
    song = write_demo_song(tmp_path / "song.wav", seconds=16.0, bpm=120.0)
    phrases = [Phrase(4.0 * k, 4.0 * k + 4.0, 2, 8) for k in range(4)]
    plan = Choreography(16.0, "party", 1, phrases, jumps=[])
    options = {"style": "party", "seed": 1, "model": model, "beats": song}
    calm = generate_dance(tmp_path / "song.wav", plan=plan, **options).motion
    jumps = [Jump(6.0), Jump(10.0)]
    wild = generate_dance(tmp_path / "song.wav", plan=replace(plan, jumps=jumps), **options).motion
    assert not airborne(calm).any()
    starts, stops = runs(airborne(wild))
    assert len(starts) == 2
    for jump, stop in zip(jumps, stops, strict=True):
        assert stop / FPS == pytest.approx(jump.time - TAKEN_S, abs=0.1)
