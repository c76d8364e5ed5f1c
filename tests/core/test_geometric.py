"""Geometric features: poses whose relations can be read off, and what must not change them."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.evaluate.geometric import NAMES, geometric_features
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX
from tests.core.test_kinetic import dancing

HALF = np.pi / 2


def posed(**turns: tuple[float, float, float]) -> Motion:
    """A second of the rest pose with joints turned by rotation vectors."""
    rest = rest_motion(30, 30.0)
    quats = rest.rotations.copy()
    for joint, vector in turns.items():
        quats[:, INDEX[joint]] = rot.from_axis_angle(np.array(vector))
    return Motion(30.0, rest.root, quats)


def held(motion: Motion, compat: bool = False) -> set[str]:
    """What holds in more than half of the frames."""
    shares = geometric_features(motion, compat=compat)
    return {name for name, share in zip(NAMES, shares, strict=True) if share > 0.5}


ARMS_OUT = {"right arm raised", "left arm raised"}


@pytest.mark.parametrize(
    ("turns", "added"),
    [
        ({}, set()),
        ({"right_shoulder": (0, 0, -HALF)}, {"right hand above neck"}),
        ({"left_elbow": (0, -2.0, 0)}, {"left elbow bent"}),
        (
            {"right_hip": (-HALF, 0, 0)},
            {"right thigh raised", "right foot raised", "left foot behind right leg"},
        ),
        (
            {"left_hip": (-HALF, 0, 0), "left_knee": (2.0, 0, 0)},
            {
                "left thigh raised",
                "left knee bent",
                "left foot raised",
                "right foot behind left leg",
            },
        ),
        ({"right_hip": (0.8, 0, 0)}, {"right foot behind left leg"}),
        ({"left_hip": (0.8, 0, 0)}, {"left foot behind right leg"}),
        (
            {"left_hip": (0, 0, 0.5), "right_hip": (0, 0, -0.5)},
            {"feet far apart sideways"},
        ),
    ],
)
def test_a_pose_says_what_it_is(turns, added):
    found = held(posed(**turns))
    assert added <= found
    assert found - added - ARMS_OUT <= {"hands far apart sideways"}


def test_a_bow_and_a_floor_pose():
    assert "root behind frontal plane" in held(posed(spine1=(1.2, 0, 0)))
    assert "spine horizontal" in held(posed(pelvis=(HALF, 0, 0)))
    both = {"right hand lowered", "left hand lowered"}
    down = posed(right_shoulder=(0, 0, HALF), left_shoulder=(0, 0, -HALF), pelvis=(HALF, 0, 0))
    assert both <= held(down)


@pytest.mark.parametrize("side", ["left", "right"])
def test_hands_that_move_forwards(side):
    """An arm that swings from the side to the front, for either side the same question."""
    rest = rest_motion(12, 30.0)
    vector = np.zeros((12, 3))
    vector[:, 1] = np.linspace(0.0, 1.2, 12) * (-1 if side == "left" else 1)
    quats = rest.rotations.copy()
    quats[:, INDEX[f"{side}_shoulder"]] = rot.from_axis_angle(vector)
    found = held(Motion(30.0, rest.root, quats))
    assert {f"{side} hand moves forwards", f"{side} hand fast"} <= found
    other = "right" if side == "left" else "left"
    assert not any(name.startswith(f"{other} hand") for name in found)


def test_a_clap():
    rest = rest_motion(10, 30.0)
    quats = rest.rotations.copy()
    for joint, sign in (("left_shoulder", -1), ("right_shoulder", 1)):
        vector = np.zeros((10, 3))
        vector[:, 1] = sign * np.linspace(0.5, 1.4, 10)
        quats[:, INDEX[joint]] = rot.from_axis_angle(vector)
    clap = Motion(30.0, rest.root, quats)
    assert "hands approach each other" in held(clap)
    opening = Motion(30.0, rest.root, quats[::-1].copy())
    assert "hands approach each other" not in held(opening)
    away = {"right hand moves away from root", "left hand moves away from root"}
    # The published movement forgets its fourth joint and takes opening for approaching.
    assert "hands approach each other" in held(opening, compat=True)
    assert not away & held(rest)


def test_where_and_which_way_makes_no_difference():
    motion = dancing()
    moved = motion.turned(2.0, np.array([5.0, 0.0, 1.0]))
    assert np.allclose(geometric_features(moved), geometric_features(motion), atol=1e-9)


def test_mirroring_exchanges_the_sides():
    def swap(name: str) -> str:
        return name.replace("left", "x").replace("right", "left").replace("x", "right")

    motion = dancing()
    order = [NAMES.index(swap(name)) for name in NAMES]
    assert np.allclose(
        geometric_features(motion.mirrored()), geometric_features(motion)[order], atol=0.01
    )


def test_30_and_60_fps_agree():
    assert np.allclose(
        geometric_features(dancing(30.0)), geometric_features(dancing(60.0)), atol=0.02
    )


def test_published_speeds_take_every_frame_for_120th_of_a_second():
    walk = rest_motion(30, 30.0)
    root = walk.root.copy()
    root[:, 2] += np.arange(30) / 30 * 0.3  # 0.3 m/s, under 2.3 humerus lengths a second
    slow = Motion(30.0, root, walk.rotations)
    assert "root fast" not in held(slow)
    assert "root fast" in held(slow, compat=True)


def test_a_frozen_pose_moves_nothing():
    features = geometric_features(rest_motion(60, 30.0))
    assert features.shape == (32,)
    words = ("move", "fast", "approach")
    moving = [i for i, name in enumerate(NAMES) if any(word in name for word in words)]
    assert len(moving) == 12 and np.allclose(features[moving], 0.0)
    assert np.isnan(geometric_features(rest_motion(1, 30.0))).all()
