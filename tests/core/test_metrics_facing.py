"""Facing: what an audience sees of the dancer's front."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import FPS, facing_along, posed

from audio2pose_core.metrics.facing import facing, heading, mean_heading

SECOND = round(FPS)


def still(degrees: float, seconds: int = 2) -> np.ndarray:
    return np.full(seconds * SECOND, np.deg2rad(degrees))


def test_a_figure_that_stands_at_an_angle():
    for degrees, share, away in ((0, 1, 0), (59, 1, 0), (-61, 0, 0), (119, 0, 0), (-121, 0, 2)):
        found = facing(facing_along(still(degrees)))
        assert (found.share, found.longest_away_s) == pytest.approx((share, away)), degrees


def test_the_longest_time_away_is_one_stretch():
    turns = [still(0, 4), still(180, 3), still(0, 2), still(180, 5), still(90, 6)]
    found = facing(facing_along(np.concatenate(turns)))
    # The heading is smooth, so that a turn takes some frames.
    assert found.longest_away_s == pytest.approx(5, abs=0.3)
    assert found.share == pytest.approx(6 / 20, abs=0.02)


def test_a_figure_that_spins_faces_a_third_of_the_time():
    spin = 2 * np.pi * np.arange(18 * SECOND) / (6 * SECOND)
    found = facing(facing_along(spin))
    assert found.share == pytest.approx(1 / 3, abs=0.02)
    assert found.longest_away_s == pytest.approx(2.0, abs=0.05)


def test_the_front_may_be_elsewhere_and_may_move():
    figure = facing_along(still(90))
    assert facing(figure).share == 0
    assert facing(figure, np.deg2rad(90)).share == 1
    spin = 2 * np.pi * np.arange(6 * SECOND) / (3 * SECOND)
    assert facing(facing_along(spin), spin).share == 1


def test_the_front_of_a_capture_is_its_mean_heading():
    swing = np.deg2rad(170 + 40 * np.sin(2 * np.pi * np.arange(4 * SECOND) / SECOND))
    figure = facing_along(swing)
    assert np.rad2deg(mean_heading(figure)) == pytest.approx(170, abs=1)
    assert facing(figure, mean_heading(figure)).share == 1
    # About ±180 degrees an angle jumps and its vector does not.
    assert abs(np.rad2deg(mean_heading(facing_along(still(180))))) == pytest.approx(180)


def test_a_heading_comes_through_a_handstand():
    frames = 4 * SECOND
    tilt = np.zeros((frames, 3))
    tilt[:, 0] = np.pi * np.clip(np.abs(np.linspace(-4, 4, frames)) - 2, -1, 0) * -1
    assert np.abs(heading(posed({"pelvis": tilt}, frames))).max() < 0.2
