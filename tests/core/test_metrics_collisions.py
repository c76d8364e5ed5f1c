"""Limbs that are where the body is."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import about, posed, wandering

from audio2pose_core.metrics.collisions import (
    Capsule,
    collisions,
    overlaps,
    segment_distance,
    worst_pairs,
)


def line(low, high) -> Capsule:
    return Capsule(np.array([low], dtype=float), np.array([high], dtype=float), 0.0)


def test_distances_of_lines_by_hand():
    across = line((-1, 0, 0), (1, 0, 0))
    for other, distance in (
        (line((0, 2, -1), (0, 2, 1)), 2),  # crossing above
        (line((3, 0, 0), (4, 0, 0)), 2),  # in line
        (line((-1, 0, 3), (1, 0, 3)), 3),  # beside, parallel
        (line((5, 0, 1), (2, 0, 1)), np.sqrt(2)),  # parallel, past the end
        (line((0, 0, -1), (0, 0, 1)), 0),  # through
        (line((0, 4, 0), (0, 4, 0)), 4),  # a point
        (line((1, 1, 0), (2, 2, 0)), 1),  # end to inside
    ):
        assert segment_distance(across, other)[0] == pytest.approx(distance)
        assert segment_distance(other, across)[0] == pytest.approx(distance)


def test_against_many_points_on_both_lines():
    random = np.random.default_rng(0)
    a, b = (
        Capsule(random.normal(size=(40, 3)), random.normal(size=(40, 3)), 0.0) for _ in range(2)
    )
    steps = np.linspace(0, 1, 200)
    points = [c.low[:, None] + steps[None, :, None] * (c.high - c.low)[:, None] for c in (a, b)]
    brute = np.linalg.norm(points[0][:, :, None] - points[1][:, None], axis=-1).min(axis=(1, 2))
    assert np.allclose(segment_distance(a, b), brute, atol=0.02)


def test_who_stands_touches_nothing():
    assert collisions(posed({}, 5)).share == 0 and collisions(posed({}, 5)).depth_cm == 0
    arms_down = {f"{s}_shoulder": about("Z", k * 1.45) for s, k in (("left", -1), ("right", 1))}
    assert collisions(posed(arms_down, 5)).share == 0


def test_a_forearm_in_the_trunk_and_a_hand_in_the_head():
    # Arms straight ahead, folded back through the chest.
    folded = {"left_shoulder": about("Y", -np.pi / 2), "left_elbow": about("Y", -2.6)}
    found = worst_pairs(posed(folded, 5), most=9)
    assert ("left forearm", "trunk", 1.0) in found or ("left hand", "trunk", 1.0) in found
    # An upper arm raised to the ear and a forearm across the head.
    ear = {"left_shoulder": about("Z", 1.2), "left_elbow": about("Z", np.pi - 1.2)}
    assert any("head" in pair for *pair, _ in worst_pairs(posed(ear, 5), most=9))


def test_legs_through_each_other():
    cross = {"left_hip": about("Z", -0.11), "right_hip": about("Z", 0.11)}
    found = worst_pairs(posed(cross, 5))
    assert ("left shin", "right shin", 1.0) in found
    apart = {"left_hip": about("Z", 0.3), "right_hip": about("Z", -0.3)}
    assert collisions(posed(apart, 5)).share == 0


def test_a_dance_and_its_mirror_image_collide_alike():
    dance = wandering(6, seed=1)
    moved = dance.mirrored().turned(1.0, np.array([2.0, 0, 1.0]))
    assert collisions(dance).depth_cm == pytest.approx(collisions(moved).depth_cm)
    assert overlaps(dance).min() == 0 and 0 <= collisions(dance).share <= 1
    cross = np.where(np.arange(40) < 10, 0.11, -0.2)
    half = posed({"left_hip": about("Z", -cross), "right_hip": about("Z", cross)}, 40)
    assert collisions(half).share == pytest.approx(0.25)
