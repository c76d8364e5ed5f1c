"""Poses: how far apart, how varied, how symmetric."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import FPS, about, moved, posed, wandering

from audio2pose_core.metrics.poses import (
    asymmetry,
    body_poses,
    music_swap,
    nearest_phrase,
    pairwise_distances,
    pose_distance,
    pose_variety,
)
from audio2pose_core.motion import Motion

SECOND = round(FPS)


def joined(*parts: Motion) -> Motion:
    return Motion(
        FPS,
        np.concatenate([p.root for p in parts]),
        np.concatenate([p.rotations for p in parts]),
    )


def arm_down(side: str, frames: int) -> Motion:
    """An arm that hangs: elbow, wrist and hand are 27, 52 and 60 cm from the shoulder."""
    return posed(
        {f"{side}_shoulder": about("Z", -np.pi / 2 * (1 if side == "left" else -1))}, frames
    )


ONE_ARM = float(np.sqrt(2 * (27**2 + 52**2 + 60**2) / 24))
"""Distance of the T-pose from the T-pose with one arm down: a quarter turn moves r by r √2."""


def test_distance_by_hand():
    rest, down = body_poses(posed({}, 5)), body_poses(arm_down("left", 5))
    assert pose_distance(rest, down) == pytest.approx(np.full(5, ONE_ARM))
    assert pairwise_distances(rest, down) == pytest.approx(np.full((5, 5), ONE_ARM))
    nothing = np.zeros(24, dtype=bool)
    nothing[:4] = True
    assert pose_distance(rest, down, nothing) == pytest.approx(np.zeros(5))


def test_place_and_heading_are_no_pose_but_height_is():
    dance = wandering(3, seed=2)
    elsewhere = dance.turned(2.0, np.array([3.0, 0.0, 1.0]))
    assert np.allclose(body_poses(dance), body_poses(elsewhere))
    lower = moved(dance, np.array([0, -0.2, 0]))
    assert pose_distance(body_poses(dance), body_poses(lower)) == pytest.approx(20.0)


def test_variety_of_two_poses():
    half = 5 * SECOND
    dance = joined(posed({}, half), arm_down("left", half))
    # 50 poses of each: of all pairs, 50 x 50 are of different poses.
    assert pose_variety(dance) == pytest.approx(ONE_ARM * 2500 / (100 * 99 / 2))
    assert pose_variety(posed({}, 60)) == pytest.approx(0, abs=1e-4)
    assert np.isnan(pose_variety(posed({}, 1)))
    assert pose_variety(dance.resample(60.0)) == pytest.approx(pose_variety(dance), rel=0.02)


def test_symmetry():
    assert asymmetry(posed({}, 5)) == pytest.approx(0, abs=1e-6)
    # Against the mirror image both arms differ.
    assert asymmetry(arm_down("left", 5)) == pytest.approx(ONE_ARM * np.sqrt(2))
    dance = wandering(4, seed=3)
    assert asymmetry(dance) == pytest.approx(asymmetry(dance.mirrored()))


def test_a_phrase_is_found_wherever_it_is_danced_again():
    dance = wandering(8, seed=4)
    again = joined(wandering(5, seed=5), dance.turned(1.0, np.array([2.0, 0, 0])))
    stranger = wandering(12, seed=6)
    # Found at tenths of a second, so that what begins between them is nearly found.
    assert nearest_phrase(dance, [stranger, again]) < 0.5
    assert nearest_phrase(dance, [stranger]) > 10
    assert np.isnan(nearest_phrase(dance, [])) and np.isnan(nearest_phrase(dance, [posed({}, 30)]))


def test_another_song_makes_more_than_noise_does():
    dance = posed({}, 60)
    noise = arm_down("left", 60)
    both = posed(
        {f"{s}_shoulder": about("Z", -np.pi / 2 * k) for s, k in (("left", 1), ("right", -1))}, 90
    )
    assert music_swap(dance, both, noise) == pytest.approx(np.sqrt(2))
    assert music_swap(dance, noise, noise) == 1
    assert np.isnan(music_swap(dance, both, dance))
