"""Limbs: what legs and arms do on their own."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import FPS, about, moved, posed, wandering

from audio2pose_core.metrics.limbs import (
    arm_speeds,
    arms_held,
    held_s,
    knee_bends,
    leg_speeds,
    straight_knees,
    wrist_correlation,
)

SECOND = round(FPS)


def steady(rate: float, frames: int) -> np.ndarray:
    """An angle that grows at ``rate`` rad/s from -rate * seconds / 2."""
    return rate * (np.arange(frames) - frames / 2) / FPS


def test_legs_and_arms_are_told_apart():
    frames, rate = 60, 1.2
    kick = posed({"left_hip": about("X", steady(rate, frames))}, frames)
    # Knee, ankle and toe of one leg circle its hip; the other leg stands.
    radii = [0.405, 0.80, float(np.hypot(0.85, 0.125))]
    assert leg_speeds(kick).mean() == pytest.approx(rate * sum(radii) / 6, rel=0.01)
    assert arm_speeds(kick) == pytest.approx(np.zeros(frames), abs=1e-9)
    wave = posed({"right_shoulder": about("Y", steady(rate, frames))}, frames)
    assert arm_speeds(wave).mean() == pytest.approx(rate * (0.27 + 0.52 + 0.60) / 6, rel=0.01)
    assert leg_speeds(wave) == pytest.approx(np.zeros(frames), abs=1e-9)


def test_who_is_carried_moves_neither_legs_nor_arms():
    frames = 60
    spin = posed({"pelvis": about("Y", steady(3.0, frames))}, frames)
    path = np.stack([steady(2.0, frames)] * 3, axis=1)
    carried = moved(spin, path)
    assert leg_speeds(carried).max() < 1e-6 and arm_speeds(carried).max() < 1e-6
    bow = posed({"spine1": about("X", steady(1.0, frames))}, frames)
    assert arm_speeds(bow).max() < 1e-6, "the trunk moves the arms, not the arms themselves"


def test_wrists_that_move_together_and_in_turn():
    time = np.arange(8 * SECOND) / FPS
    swing = 0.5 * np.sin(2 * np.pi * time)
    together = posed(
        {"left_shoulder": about("Y", -swing), "right_shoulder": about("Y", swing)}, len(time)
    )
    assert wrist_correlation(together) == pytest.approx(1.0)
    # A quarter of a cycle late: one is fast while the other stops.
    late = 0.5 * np.sin(2 * np.pi * time + np.pi / 2)
    in_turn = posed(
        {"left_shoulder": about("Y", swing), "right_shoulder": about("Y", late)}, len(time)
    )
    assert wrist_correlation(in_turn) < -0.9
    assert np.isnan(wrist_correlation(posed({}, 30)))


def test_straight_knees():
    for degrees in (0.0, 5.0, 90.0):
        bend = about("X", np.deg2rad(degrees))
        found = knee_bends(posed({"left_knee": bend}, 3))
        assert np.rad2deg(found) == pytest.approx(np.array([[degrees, 0.0]] * 3), abs=1e-6)
    bend = {side: about("X", np.deg2rad(d)) for side, d in (("left_knee", 7.5), ("right_knee", 9))}
    assert straight_knees(posed(bend, 10)) == 0.5


def test_held_poses():
    """Three holds of half a second between moves."""
    angle = [np.zeros(15)]
    for k in range(3):
        angle.append(k + np.linspace(0, 1, 30))
        angle.append(np.full(15, k + 1.0))
    turn = np.concatenate(angle)
    dance = posed(
        {"left_shoulder": about("Y", turn), "right_shoulder": about("Y", turn)}, len(turn)
    )
    assert held_s(dance) == pytest.approx(0.5, abs=0.07)
    assert arms_held(dance).mean() == pytest.approx(60 / len(turn), abs=0.06)
    one = posed({"left_shoulder": about("Y", steady(2.0, 60))}, 60)
    assert held_s(one) == 0, "one arm that moves holds nothing"
    assert held_s(posed({}, 60)) == 2.0


def test_frame_rates_agree():
    slow = wandering(6, seed=1)
    fast = slow.resample(60.0)
    for figure in (leg_speeds, arm_speeds):
        assert figure(fast).mean() == pytest.approx(figure(slow).mean(), rel=0.05)
    assert held_s(fast) == pytest.approx(held_s(slow), abs=0.05)
