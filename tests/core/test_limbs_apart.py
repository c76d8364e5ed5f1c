"""Limbs stay out of the body and of each other; what stands, and what is kept, stays."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.cleanup.constraints import COLUMNS, MotionConstraint
from audio2pose_core.generate.limbs_apart import GIVES, MOST, keep_limbs_apart
from audio2pose_core.metrics.collisions import PAIRS, overlaps
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX

FPS, FRAMES = 30.0, 90
T = np.arange(FRAMES) / FPS


def turned(joint: str, axis: int, angle: np.ndarray, motion: Motion) -> Motion:
    rotations = motion.rotations.copy()
    vector = np.zeros((FRAMES, 3))
    vector[:, axis] = angle
    own = rotations[:, INDEX[joint]]
    rotations[:, INDEX[joint]] = rot.multiply(own, rot.from_axis_angle(vector))
    return Motion(motion.fps, motion.root, rotations, motion.contacts)


def depth(motion: Motion, *pair: str) -> np.ndarray:
    return np.asarray(overlaps(motion)[:, PAIRS.index(pair)])


@pytest.fixture
def hand_in_trunk() -> Motion:
    """Once, in the middle, the left hand comes through the belly."""
    come = np.exp(-(((T - 1.5) / 0.3) ** 2))
    down = turned("left_shoulder", 2, np.full(FRAMES, -1.35), rest_motion(FRAMES, FPS))
    ahead = turned("left_shoulder", 1, -0.3 * come, down)
    return turned("left_elbow", 2, -1.8 * come, ahead)


@pytest.fixture
def crossed() -> Motion:
    """The right leg swings to the left through the other one, which stands."""
    rest = rest_motion(FRAMES, FPS)
    contacts = np.ones((FRAMES, 4))
    contacts[20:70, 2:] = 0.0
    swing = 0.22 * np.exp(-(((T - 1.5) / 0.3) ** 2))
    return turned("right_hip", 2, swing, Motion(FPS, rest.root, rest.rotations, contacts))


def test_a_hand_comes_out_of_the_trunk(hand_in_trunk: Motion) -> None:
    parts = [("left hand", "trunk"), ("left forearm", "trunk")]
    before = max(depth(hand_in_trunk, *pair).max() for pair in parts)
    assert 0.05 < before < GIVES + MOST
    after = keep_limbs_apart(hand_in_trunk)
    assert max(depth(after, *pair).max() for pair in parts) < 0.05
    # Far from there nothing has moved, and nothing jumps.
    far = np.abs(T - 1.5) > 1.2
    assert np.array_equal(after.rotations[far], rot.continuous(hand_in_trunk.rotations)[far])
    speed = [np.abs(np.diff(m.joint_positions(), axis=0)).max() for m in (hand_in_trunk, after)]
    assert speed[1] < 2 * speed[0]


def test_what_is_kept_stays(hand_in_trunk: Motion) -> None:
    mask = np.zeros((FRAMES, COLUMNS), dtype=bool)
    mask[:, 1 + INDEX["left_shoulder"]] = mask[:, 1 + INDEX["left_elbow"]] = True
    after = keep_limbs_apart(hand_in_trunk, MotionConstraint(hand_in_trunk, mask))
    assert np.abs(after.rotations - hand_in_trunk.rotations).max() < 1e-9


def test_a_free_leg_goes_round_the_one_that_stands(crossed: Motion) -> None:
    before, after = (
        depth(m, "left shin", "right shin") for m in (crossed, keep_limbs_apart(crossed))
    )
    assert before.max() > 0.05
    assert after.max() < 0.05
    places = [m.joint_positions() for m in (crossed, keep_limbs_apart(crossed))]
    standing = [INDEX["left_ankle"], INDEX["left_foot"]]
    assert np.abs(places[1] - places[0])[:, standing].max() < 1e-9


def test_feet_that_both_stand_stand_further_apart_and_still(crossed: Motion) -> None:
    standing = crossed.with_contacts(np.ones((FRAMES, 4)))
    after = keep_limbs_apart(standing)
    assert depth(after, "left shin", "right shin").max() < 0.05
    shift = (after.joint_positions() - standing.joint_positions())[:, INDEX["left_ankle"]]
    # What stood in one place stands in one place, elsewhere.
    assert np.abs(shift).max() > 0.01
    assert np.abs(shift - shift[0]).max() < 1e-3


def test_a_body_that_is_apart_is_the_same_object() -> None:
    rest = rest_motion(FRAMES, FPS)
    assert keep_limbs_apart(rest) is rest
