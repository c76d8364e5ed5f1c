"""Knees over the toes, elbows and knees that bend as hinges; hands and feet stay as they are."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.cleanup.constraints import COLUMNS, MotionConstraint
from audio2pose_core.cleanup.hinges import EASE, PAST_TOES, ROLLED, true_hinges
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX, PARENTS

FPS, FRAMES = 30.0, 90
KNEES = [INDEX["left_knee"], INDEX["right_knee"]]


def turned(motion: Motion, joint: str, *vector: float) -> Motion:
    """The motion with a joint turned by a rotation vector, radians, in its own axes."""
    rotations = motion.rotations.copy()
    own = rotations[:, INDEX[joint]]
    rotations[:, INDEX[joint]] = rot.multiply(own, rot.from_axis_angle(np.array(vector)))
    return Motion(motion.fps, motion.root, rotations, motion.contacts)


def rolled(motion: Motion, upper: str, lower: str, axis: int, angle: float) -> Motion:
    """A bone rolled about its own length, what hangs on it staying where it is in the world."""
    world = motion.global_rotations()
    vector = np.zeros(3)
    vector[axis] = angle
    own = rot.multiply(world[:, INDEX[upper]], rot.from_axis_angle(vector))
    rotations = motion.rotations.copy()
    above = world[:, PARENTS[INDEX[upper]]]
    rotations[:, INDEX[upper]] = rot.multiply(rot.conjugate(above), own)
    rotations[:, INDEX[lower]] = rot.multiply(rot.conjugate(own), world[:, INDEX[lower]])
    return Motion(motion.fps, motion.root, rotations, motion.contacts)


def bent_legs() -> Motion:
    """Both knees bent by 70 degrees, the feet under the hips."""
    motion = rest_motion(FRAMES, FPS)
    for side in ("left", "right"):
        motion = turned(motion, f"{side}_hip", -0.6, 0.0, 0.0)
        motion = turned(motion, f"{side}_knee", 1.2, 0.0, 0.0)
        motion = turned(motion, f"{side}_ankle", -0.6, 0.0, 0.0)
    return motion


def bent_arms() -> Motion:
    """Both arms hang with the forearms ahead."""
    motion = rest_motion(FRAMES, FPS)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        motion = turned(motion, f"{side}_shoulder", 0.0, 0.0, -1.3 * sign)
        motion = turned(motion, f"{side}_elbow", 0.0, -1.4 * sign, 0.0)
    return motion


def fold(motion: Motion, upper: str, lower: str, length: int, ahead: np.ndarray) -> np.ndarray:
    """How far (T,) radians the bone after ``lower`` folds off to the side, in the upper's axes."""
    at = motion.joint_positions()
    end = {"knee": "ankle", "elbow": "wrist"}[lower.split("_")[1]]
    along = at[:, INDEX[f"{lower.split('_')[0]}_{end}"]] - at[:, INDEX[lower]]
    own = rot.rotate(rot.conjugate(motion.global_rotations()[:, INDEX[upper]]), along)
    own[:, length] = 0.0
    own = rot.normalize(own)
    return np.asarray(np.arccos(np.clip(own @ ahead, -1.0, 1.0)))


def stays(before: Motion, after: Motion, but: list[int]) -> None:
    """All joints stay where they are but some, and so do the turns of hands and feet."""
    gap = np.abs(before.joint_positions() - after.joint_positions()).max(axis=(0, 2))
    gap[but] = 0.0
    assert gap.max() < 1e-9
    for name in ("wrist", "ankle", "foot"):
        for side in ("left", "right"):
            pair = (m.global_rotations()[:, INDEX[f"{side}_{name}"]] for m in (before, after))
            assert rot.angle(*pair).max() < 1e-6


@pytest.mark.parametrize("angle", [-2.9, -1.2, 0.9, 2.0])
def test_an_upper_arm_is_rolled_back_to_where_its_elbow_bends(angle: float) -> None:
    before = bent_arms()
    for side in ("left", "right"):
        before = rolled(before, f"{side}_shoulder", f"{side}_elbow", 0, angle)
    after = true_hinges(before)
    stays(before, after, [])
    for side in ("left", "right"):
        names = (f"{side}_shoulder", f"{side}_elbow", 0, np.array([0.0, 0.0, 1.0]))
        assert fold(before, *names) == pytest.approx(abs(angle), abs=1e-6)
        assert fold(after, *names).max() < ROLLED + 1e-6


@pytest.mark.parametrize("angle", [-1.1, 0.8])
def test_a_thigh_and_a_shin_are_rolled_back_to_where_the_knee_bends(angle: float) -> None:
    before = rolled(bent_legs(), "left_hip", "left_knee", 1, angle)
    before = rolled(before, "right_knee", "right_ankle", 1, angle)
    after = true_hinges(before)
    stays(before, after, [])
    names = ("left_hip", "left_knee", 1, np.array([0.0, 0.0, -1.0]))
    assert fold(before, *names) == pytest.approx(abs(angle), abs=1e-6)
    assert fold(after, *names).max() < ROLLED + 1e-6
    # The right foot was twisted against its shin by as much.
    twist = [rot.angle(m.rotations[:, INDEX["right_ankle"]], rest(-0.6)) for m in (before, after)]
    assert twist[0].min() > 0.75
    assert twist[1].max() < ROLLED + 0.05


def rest(bend: float) -> np.ndarray:
    return np.broadcast_to(rot.from_axis_angle(np.array([bend, 0.0, 0.0])), (FRAMES, 4))


def past_toes(motion: Motion, side: str) -> np.ndarray:
    """Radians (T,) between where a knee and its toes point, seen along the leg."""
    at = motion.joint_positions()
    hip, knee, ankle = (at[:, INDEX[f"{side}_{n}"]] for n in ("hip", "knee", "ankle"))
    along = rot.normalize(ankle - hip)
    toes = rot.rotate(motion.global_rotations()[:, INDEX[f"{side}_ankle"]], np.array([0, 0, 1.0]))
    pair = [v - np.sum(v * along, axis=1, keepdims=True) * along for v in (knee - hip, toes)]
    cosine = np.sum(rot.normalize(pair[0]) * rot.normalize(pair[1]), axis=1)
    return np.asarray(np.arccos(np.clip(cosine, -1.0, 1.0)))


def test_a_knee_comes_back_over_its_toes_and_the_foot_stays() -> None:
    before = bent_legs()
    # The leg is turned in about the line from hip to ankle, the foot back out.
    before = turned(before, "left_ankle", 0.0, 1.2, 0.0)
    after = true_hinges(before)
    stays(before, after, KNEES)
    assert past_toes(before, "left").min() > 1.0
    assert past_toes(after, "left").max() < PAST_TOES + EASE + 0.01
    # A knee that was over its toes is where it was.
    right = INDEX["right_knee"]
    gap = before.joint_positions()[:, right] - after.joint_positions()[:, right]
    assert np.abs(gap).max() < 1e-9


def test_a_straight_leg_turns_to_a_foot_that_points_aside() -> None:
    """In the hip, not in the ankle: nothing but bones about their own length."""
    before = turned(rest_motion(FRAMES, FPS), "left_ankle", 0.0, 1.3, 0.0)
    after = true_hinges(before)
    stays(before, after, [])
    twist = rot.angle(after.rotations[:, INDEX["left_ankle"]], rest(0.0))
    assert twist.max() < PAST_TOES + EASE + 0.01
    hip = rot.angle(after.rotations[:, INDEX["left_hip"]], rest(0.0))
    assert hip.min() > 1.3 - PAST_TOES - EASE - 0.01


def test_what_bends_as_it_should_and_what_is_straight_is_left_alone() -> None:
    straight = rolled(rest_motion(FRAMES, FPS), "left_shoulder", "left_elbow", 0, 1.5)
    for motion in (bent_legs(), bent_arms(), straight):
        after = true_hinges(motion)
        assert rot.angle(after.rotations, motion.rotations).max() < 1e-6


def test_it_comes_and_goes_without_a_jump() -> None:
    """An arm that is rolled once all around its own length while it bends."""
    before = bent_arms()
    angle = np.linspace(-np.pi, np.pi, FRAMES)
    vector = np.stack([angle, 0 * angle, 0 * angle], axis=1)
    world = before.global_rotations()[:, INDEX["left_shoulder"]]
    own = rot.multiply(world, rot.from_axis_angle(vector))
    rotations = before.rotations.copy()
    above = before.global_rotations()[:, PARENTS[INDEX["left_shoulder"]]]
    forearm = before.global_rotations()[:, INDEX["left_elbow"]]
    rotations[:, INDEX["left_shoulder"]] = rot.multiply(rot.conjugate(above), own)
    rotations[:, INDEX["left_elbow"]] = rot.multiply(rot.conjugate(own), forearm)
    before = Motion(FPS, before.root, rotations)
    after = true_hinges(before)
    stays(before, after, [])
    joint = INDEX["left_shoulder"]
    steps = [rot.angle(m.rotations[:-1, joint], m.rotations[1:, joint]) for m in (before, after)]
    assert steps[1].max() < 1.1 * steps[0].max()


def test_what_is_constrained_stays() -> None:
    before = rolled(bent_arms(), "left_shoulder", "left_elbow", 0, 1.5)
    mask = np.zeros((FRAMES, COLUMNS), dtype=bool)
    mask[:30] = True
    after = true_hinges(before, MotionConstraint(before, mask))
    assert rot.angle(after.rotations[:30], before.rotations[:30]).max() < 1e-9
    assert rot.angle(after.rotations[60:], before.rotations[60:]).max() > 0.5
