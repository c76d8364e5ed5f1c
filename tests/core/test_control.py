"""Control channels: every one is measured as it would be asked for."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import FPS, about, facing_along, marching, moved, posed, wandering

from audio2pose_core import representation as rep
from audio2pose_core.control import (
    CHANNELS,
    CONDITION_GROUPS,
    GROUPS,
    NAMES,
    ControlChannels,
    Counts,
    asked_channels,
    control_channels,
    standing_height,
)
from audio2pose_core.errors import MotionError
from audio2pose_core.motion import rest_motion

SECOND = round(FPS)
GRID = np.arange(0, 12, 0.5)
DOWN = np.arange(len(GRID)) % 4 == 0


def middle(values: np.ndarray, seconds: float = 2.0) -> np.ndarray:
    """Without the ends, where a Gaussian has one side only."""
    return values[round(seconds * FPS) : -round(seconds * FPS)]


def test_legs_and_arms_apart():
    frames = 6 * SECOND
    swing = 0.5 * np.sin(2 * np.pi * np.arange(frames) / FPS)
    kick = control_channels(posed({"left_hip": about("X", swing)}, frames))
    wave = control_channels(posed({"left_shoulder": about("Y", swing)}, frames))
    # Mean of |0.5 2 pi cos| rad/s is 2; knee, ankle and toe of one leg of two turn about the hip.
    expected = 2.0 * (0.405 + 0.80 + float(np.hypot(0.85, 0.125))) / 6
    assert middle(kick["leg_speed"]).mean() == pytest.approx(expected, rel=0.03)
    assert kick["arm_speed"].max() < 1e-6 and wave["leg_speed"].max() < 1e-6
    assert middle(wave["arm_speed"]).mean() == pytest.approx(2.0 * 1.39 / 6, rel=0.03)
    # About a second counts: the swing itself, twice a second, is smoothed away.
    assert middle(kick["leg_speed"]).std() < 0.1 * expected


def test_level_is_over_the_standing_height():
    rest = rest_motion(8 * SECOND, FPS)
    low = np.zeros((len(rest), 3))
    low[4 * SECOND :, 1] = -0.3
    found = control_channels(moved(rest, low), standing=0.93)["level"]
    assert found[SECOND] == pytest.approx(0, abs=1e-3)
    assert found[-SECOND] == pytest.approx(-0.3, abs=1e-3)
    assert standing_height([rest, moved(rest, np.array([0, -0.5, 0]))]) == pytest.approx(0.93)
    assert control_channels(rest)["level"] == pytest.approx(0)
    with pytest.raises(MotionError):
        standing_height([])


def test_heading_is_relative_to_the_front():
    for degrees in (0, 40, -120, 170):
        figure = facing_along(np.full(SECOND, np.deg2rad(degrees)))
        found = control_channels(figure, front=np.deg2rad(30))
        angle = np.rad2deg(np.arctan2(found["heading_sin"], found["heading_cos"]))
        assert angle == pytest.approx(np.full(SECOND, degrees - 30), abs=1e-6)
        own = control_channels(figure)
        assert own["heading_cos"] == pytest.approx(1.0), "a capture's front is its mean heading"


def test_place_and_travel_as_the_front_sees_them():
    frames = 6 * SECOND
    path = np.zeros((frames, 3))
    path[:, 0] = 0.5 * np.arange(frames) / FPS
    walk = moved(rest_motion(frames, FPS), path)
    ahead = control_channels(walk, front=0.0)
    assert middle(ahead["travel_x"]) == pytest.approx(0.5, abs=1e-4)
    assert ahead["travel_z"] == pytest.approx(0, abs=1e-9)
    assert ahead["place_x"].mean() == pytest.approx(0, abs=1e-6)
    assert ahead["place_x"][4 * SECOND] - ahead["place_x"][2 * SECOND] == pytest.approx(
        1.0, abs=0.01
    )
    # +X lies straight ahead of who faces +X.
    beside = control_channels(walk, front=np.pi / 2)
    assert middle(beside["travel_z"]) == pytest.approx(0.5, abs=1e-4)
    assert beside["travel_x"] == pytest.approx(0, abs=1e-9)


def test_a_turned_room_changes_nothing():
    dance = wandering(6, seed=1)
    elsewhere = dance.turned(2.3, np.array([4.0, 0, -1.0]))
    a, b = control_channels(dance), control_channels(elsewhere)
    assert np.allclose(a.values, b.values, atol=1e-6) and (a.known == b.known).all()


def test_mirrored_channels_are_those_of_the_mirrored_dance():
    dance = moved(marching(6, 0.6), np.zeros(3)).turned(0.4)
    found = control_channels(dance, Counts.of(GRID, DOWN), front=0.0)
    again = control_channels(dance.mirrored(), Counts.of(GRID, DOWN), front=0.0)
    assert np.allclose(found.mirrored().values, again.values, atol=1e-6)
    assert np.abs(found["heading_sin"]).min() > 0.1 and np.abs(found["weight"]).max() > 0


def test_steps_weight_air_and_held_arms():
    march = control_channels(marching(12, 0.5))
    assert middle(march["step_rate"]) == pytest.approx(2.0, abs=0.2)
    assert march["held"] == pytest.approx(1.0), "the arms of who marches so are still"
    tilt = float(np.arcsin(0.09 * 0.8 / 0.80))
    lean = control_channels(posed({f"{s}_hip": about("Z", tilt) for s in ("left", "right")}, 60))
    assert lean["weight"] == pytest.approx(0.8) and lean.is_known("weight").all()
    crossed = {
        "left_hip": about("Z", -np.arcsin(0.09 / 0.8)),
        "right_hip": about("Z", np.arcsin(0.09 / 0.8)),
    }
    nowhere = control_channels(posed(crossed, 60))
    assert not nowhere.is_known("weight").any() and (nowhere["weight"] == 0).all()
    up = np.zeros((90, 3))
    rise = np.linspace(0, 1, 15)
    up[40:55, 1] = 4 * 0.35 * rise * (1 - rise)
    hop = control_channels(moved(rest_motion(90, FPS), up))
    assert hop["air"][47] > 0.8 and hop["air"][20] < 0.01
    waving = 2.0 * np.arange(120) / FPS
    arms = {"left_shoulder": about("Y", waving), "right_shoulder": about("Y", waving)}
    assert control_channels(posed(arms, 120))["held"].max() < 0.3


def test_counts():
    found = control_channels(rest_motion(12 * SECOND, FPS), Counts.of(GRID, DOWN))
    time = np.arange(12 * SECOND) / FPS
    assert found.is_known("beat_sin").all(), "the last bar ends where the next would begin"
    for name, seconds in (("beat", 0.5), ("measure", 2.0), ("phrase", 4.0)):
        assert np.allclose(found[f"{name}_cos"], np.cos(2 * np.pi * time / seconds), atol=1e-6)
        assert np.allclose(found[f"{name}_sin"], np.sin(2 * np.pi * time / seconds), atol=1e-6)
    second = control_channels(rest_motion(300, FPS), Counts.of(GRID, DOWN, first_phrase=1))
    assert np.allclose(second["phrase_cos"], -found["phrase_cos"][:300], atol=1e-6)
    beyond = control_channels(rest_motion(20 * SECOND, FPS), Counts.of(GRID, DOWN))
    # The last phrase begins at 8 s.
    assert beyond.is_known("beat_sin").sum() == pytest.approx(12 * SECOND, abs=1)
    unknown = control_channels(rest_motion(60, FPS))
    assert not unknown.is_known("phrase_sin").any() and (unknown["beat_cos"] == 0).all()
    # A dance played faster from its second bar on.
    faster = Counts.of(GRID, DOWN).played(2.0, 1.25)
    assert faster.bars[1] == 0 and faster.beats[5] == pytest.approx(0.4)


def test_what_a_source_cannot_tell_is_unknown():
    dance = wandering(3, seed=2)
    rebuilt = control_channels(dance, source="aistpp_continuous")
    assert not rebuilt.is_known("air").any() and not rebuilt.is_known("travel_x").any()
    assert (rebuilt["place_z"] == 0).all() and rebuilt.is_known("heading_sin").all()
    assert control_channels(dance, source="cmu_modern").is_known("place_x").all()


def test_what_a_network_is_given():
    found = control_channels(wandering(4, seed=3), Counts.of(GRID, DOWN))
    given = found.conditions()
    assert set(given) == {name for names in CONDITION_GROUPS.values() for name in names}
    assert given["leg_speed"] == pytest.approx(np.log(found["leg_speed"] / 0.5))
    assert given["level"] == pytest.approx(found["level"] / 0.15)
    assert all(np.abs(values).max() < 6 for values in given.values())
    dropped = found.without(["legs", "counts"])
    assert (dropped.conditions()["leg_speed"] == 0).all()
    assert (dropped.conditions()["legs_known"] == 0).all() and dropped.known.any()
    assert (found.without(GROUPS).known == 0).all()
    still = control_channels(rest_motion(60, FPS)).conditions()
    assert still["leg_speed"] == pytest.approx(np.log(0.02 / 0.5)), "no logarithm of nothing"


def test_the_groups_are_conditions_of_a_model():
    names = rep.condition_names(("hits", "energy", *GROUPS))
    assert len(names) == len(set(names))
    found = control_channels(wandering(2, seed=4))
    stacked = rep.stack_conditions(names, found.conditions(), 60)
    assert stacked.shape == (60, len(names)) and stacked[:, names.index("legs_known")].all()


def test_frame_rates_agree():
    slow = wandering(6, seed=5)
    a, b = control_channels(slow), control_channels(slow.resample(60.0))
    for channel in CHANNELS:
        fast = b[channel.name][::2]
        assert np.abs(middle(a[channel.name] - fast)).max() < 0.12, channel.name


def test_shapes():
    found = control_channels(rest_motion(1, FPS))
    assert found.values.shape == (1, len(NAMES)) and len(found.slice(0, 1)) == 1
    with pytest.raises(MotionError, match="control channels"):
        ControlChannels(np.zeros((3, 2)), np.zeros((3, 2), dtype=bool))


def test_what_a_plan_asks_for_is_what_a_dance_would_be_measured_as():
    dance = wandering(6, seed=6)
    found = control_channels(dance, Counts.of(GRID, DOWN))
    asked = asked_channels(
        len(dance), FPS, {name: found[name] for name in NAMES[:13]}, Counts.of(GRID, DOWN)
    )
    assert np.allclose(asked.values, found.values) and asked.known.all()
    path = {"place_x": np.linspace(0, 3, 90), "place_z": 0.0}
    walk = asked_channels(90, FPS, path)
    assert walk["travel_x"] == pytest.approx(1.0, rel=0.02) and (walk["travel_z"] == 0).all()
    assert not walk.is_known("beat_sin").any() and not walk.is_known("leg_speed").any()


def test_what_a_plan_leaves_open_is_unknown():
    legs = np.full(90, 0.8)
    legs[30:60] = np.nan
    asked = asked_channels(90, FPS, {"leg_speed": legs})
    assert (asked.is_known("leg_speed") == np.isfinite(legs)).all()
    assert np.isfinite(asked.values).all() and np.isfinite(asked.conditions()["leg_speed"]).all()
    with pytest.raises(MotionError, match="heading_sin, heading_cos"):
        asked_channels(90, FPS, {"heading_sin": 0.0})
    with pytest.raises(MotionError, match="'legs'"):
        asked_channels(90, FPS, {"legs": 1.0})
