"""Kinetic features: energies that are known by hand, and what must not change them."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.evaluate.kinetic import kinetic_features
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX


def gliding(velocity: tuple[float, float, float], fps: float = 60.0, seconds: float = 3.0):
    """The rest pose carried along at a constant velocity, m/s."""
    rest = rest_motion(round(fps * seconds), fps)
    time = np.arange(len(rest))[:, None] / fps
    return Motion(fps, rest.root + time * np.array(velocity), rest.rotations)


def dancing(fps: float = 60.0, seconds: float = 6.0) -> Motion:
    """Swinging arms, a turning trunk and a root that sways and bobs."""
    rest = rest_motion(round(fps * seconds), fps)
    time = np.arange(len(rest)) / fps
    root = rest.root + 0.2 * np.stack(
        [np.sin(3 * time), 0.3 * np.sin(9 * time), np.cos(4 * time)], axis=1
    )
    quats = rest.rotations.copy()
    for joint, speed in (("left_shoulder", 5.0), ("right_elbow", 7.0), ("spine2", 3.0)):
        vector = np.zeros((len(rest), 3))
        vector[:, 1] = 0.8 * np.sin(speed * time)
        quats[:, INDEX[joint]] = rot.from_axis_angle(vector)
    return Motion(fps, root, quats)


def table(motion: Motion, compat: bool = False) -> np.ndarray:
    return kinetic_features(motion, compat=compat).reshape(24, 3)


@pytest.mark.parametrize("fps", [25.0, 30.0, 60.0, 120.0])
def test_energies_of_a_glide(fps):
    assert np.allclose(table(gliding((3.0, 2.0, -4.0), fps)), [25.0, 4.0, 0.0], atol=1e-6)


@pytest.mark.parametrize("fps", [30.0, 60.0])
def test_acceleration_of_a_fall(fps):
    rest = rest_motion(round(fps), fps)
    root = rest.root.copy()
    root[:, 1] -= 0.5 * 9.81 * (np.arange(len(rest)) / fps) ** 2
    assert np.allclose(table(Motion(fps, root, rest.rotations))[:, 2], 9.81)


def test_the_published_energies_are_right_at_60_fps_only():
    assert np.allclose(table(gliding((3.0, 2.0, 4.0)), compat=True)[:, :2], [25.0, 4.0])
    assert np.allclose(table(gliding((3.0, 2.0, 4.0), fps=30.0), compat=True)[:, :2], [100.0, 16.0])


def test_the_published_acceleration_by_its_own_formula():
    """Standing still at p: (0 - (p - p / dt)) / dt = p (1 / dt - 1) / dt, with dt = 1/60."""
    motion = rest_motion(30, 60.0)
    at = np.linalg.norm(motion.joint_positions()[0], axis=1)
    assert np.allclose(table(motion, compat=True)[:, 2], at * 59 * 60)
    assert np.allclose(table(motion)[:, 2], 0.0)


def test_where_and_which_way_makes_no_difference():
    motion = dancing()
    moved = motion.turned(1.1, np.array([3.0, 0.0, -2.0]))
    assert np.allclose(kinetic_features(moved), kinetic_features(motion))
    wrong = table(moved, compat=True)[:, 2] / table(motion, compat=True)[:, 2]
    assert wrong.min() > 2, "the published slip is what compat is for"


def test_mirroring_exchanges_the_sides():
    motion = dancing()
    order = [
        INDEX[n.replace("left", "x").replace("right", "left").replace("x", "right")] for n in INDEX
    ]
    assert np.allclose(table(motion.mirrored()), table(motion)[order])


def test_30_and_60_fps_agree():
    slow, fast = kinetic_features(dancing(30.0)), kinetic_features(dancing(60.0))
    assert np.allclose(slow, fast, rtol=0.01, atol=1e-6)


def test_a_frozen_pose_has_no_energy():
    frozen = kinetic_features(rest_motion(60, 30.0))
    assert frozen.shape == (72,) and np.allclose(frozen, 0.0)


def test_too_short_is_not_a_number():
    assert np.isnan(kinetic_features(rest_motion(4, 30.0))).all()
    assert np.isnan(kinetic_features(rest_motion(2, 30.0), compat=True)).all()
