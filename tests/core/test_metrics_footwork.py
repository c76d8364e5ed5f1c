"""Footwork: feet that are nailed down, that lift, that carry, that leave the floor."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import FPS, about, marching, moved, posed

from audio2pose_core.metrics.footwork import (
    airborne,
    both_planted,
    jumps_per_min,
    lift_frames,
    lift_rate,
    lifts_per_s,
    weight,
    weight_on_one_leg,
)
from audio2pose_core.motion import rest_motion
from audio2pose_core.skeleton import INDEX, OFFSETS

SECOND = round(FPS)


def test_the_skeleton_has_the_leg_that_the_limits_are_for():
    leg = OFFSETS[INDEX["left_knee"]] + OFFSETS[INDEX["left_ankle"]]
    assert np.linalg.norm(leg) == pytest.approx(0.80)


def test_who_stands_has_both_feet_planted_and_lifts_none():
    rest = rest_motion(2 * SECOND, FPS)
    assert both_planted(rest) == 1 and lifts_per_s(rest) == 0
    # As high over the floor as captures stand, and lower.
    for shift in (0.05, -0.03):
        assert both_planted(moved(rest, np.array([0, shift, 0]))) == 1


def test_a_foot_that_glides_is_not_planted():
    frames = 3 * SECOND
    for speed, planted in ((0.2, 1.0), (0.4, 0.0)):
        path = np.arange(frames)[:, None] / FPS * speed * np.array([0.6, 0, 0.8])
        assert both_planted(moved(rest_motion(frames, FPS), path)) == planted


def test_marching_lifts_a_foot_each_step():
    march = marching(seconds=12, period=0.5)
    # The first foot is lifted already when the march begins: 24 steps, at most one of them lost.
    assert lifts_per_s(march) == pytest.approx(2.0, abs=0.1)
    assert np.diff(lift_frames(march)) == pytest.approx(0.5 * FPS, abs=1)
    assert both_planted(march) < 0.35
    assert lifts_per_s(marching(12, 0.5, fps=60.0)) == pytest.approx(2.0, abs=0.1)
    middle = lift_rate(march)[3 * SECOND : -3 * SECOND]
    assert middle == pytest.approx(2.0, abs=0.15)


def test_a_foot_that_hardly_leaves_the_floor_is_not_lifted():
    # A thigh at 0.25 rad over a shin that hangs lifts a toe by 1.3 cm, at 0.45 rad by 4 cm.
    assert lifts_per_s(marching(8, 0.5, bend=0.25)) == 0
    assert lifts_per_s(marching(8, 0.5, bend=0.45)) > 1.8


def leaning(at: np.ndarray | float, frames: int):
    """Both legs tilted: the pelvis stands at ``at`` between the ankles, -1 left, 1 right."""
    # The ankles are 0.18 m apart and hang 0.8 m below the hips.
    tilt = np.arcsin(0.09 * np.asarray(at) / 0.80)
    return posed({"left_hip": about("Z", tilt), "right_hip": about("Z", tilt)}, frames)


def test_weight_by_hand():
    for at in (-1.0, -0.5, 0.0, 0.3, 1.0, 1.4):
        found, known = weight(leaning(at, 10))
        assert known.all() and found == pytest.approx(np.full(10, at), abs=1e-6)
    at = np.where(np.arange(4 * SECOND) < SECOND, -0.6, 0.2)
    assert weight_on_one_leg(leaning(at, 4 * SECOND)) == pytest.approx(0.25)
    turned = leaning(0.6, 30).turned(1.0, np.array([2.0, 0, -1.0]))
    assert weight_on_one_leg(turned) == 1
    assert np.allclose(weight(turned.mirrored())[0], -weight(turned)[0])


def test_crossed_feet_do_not_tell_the_weight():
    tilt = float(np.arcsin(0.09 / 0.80))
    crossed = posed({"left_hip": about("Z", -tilt), "right_hip": about("Z", tilt)}, 10)
    assert not weight(crossed)[1].any() and np.isnan(weight_on_one_leg(crossed))


def hopping(height: float, hops: int, seconds: int = 12):
    frames = seconds * SECOND
    up = np.zeros((frames, 3))
    flight = 12
    rise = 4 * height * np.linspace(0, 1, flight) * (1 - np.linspace(0, 1, flight))
    for start in np.linspace(20, frames - 40, hops).astype(int):
        up[start : start + flight, 1] = rise
    return moved(rest_motion(frames, FPS), up)


def test_jumps_are_counted():
    assert jumps_per_min(hopping(0.30, 4)) == pytest.approx(4 * 60 / 12)
    assert jumps_per_min(hopping(0.09, 4)) == 0
    # A glitch of three frames is no jump.
    glitch = np.zeros((60, 3))
    glitch[30:33, 1] = 0.4
    assert jumps_per_min(moved(rest_motion(60, FPS), glitch)) == 0
    high = moved(hopping(0.30, 4), np.array([0, 0.06, 0]))
    assert jumps_per_min(high) == pytest.approx(20) and airborne(high).mean() < 0.2


def test_standing_high_on_rigid_toes_is_no_jump():
    """A capture without toe joints rises as one who tiptoes does; it does not fall."""
    up = np.zeros((240, 3))
    up[60:150, 1] = 0.14 * np.sin(np.pi * np.arange(90) / 90)
    tiptoe = moved(rest_motion(240, FPS), up)
    assert jumps_per_min(tiptoe) == 0 and not airborne(tiptoe).any()
