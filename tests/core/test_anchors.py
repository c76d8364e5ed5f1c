"""Poses that were set before there was a dance: met, and the rest is danced as planned."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core import rotations as rot, skeleton
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.load import SAMPLE_RATE, audio_from_samples
from audio2pose_core.choreography.direction import Direction
from audio2pose_core.choreography.plan import Path
from audio2pose_core.cleanup.constraints import COLUMNS, MotionConstraint
from audio2pose_core.errors import OptionError
from audio2pose_core.generate import generate_dance, load_model
from audio2pose_core.metrics.motion_beats import joint_speeds
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX

SECONDS = 14.0
AT = 210
"""Frame of the pose, at 30 a second."""
ARM = [INDEX[f"left_{name}"] for name in ("shoulder", "elbow")]


@pytest.fixture(scope="module")
def anchors() -> MotionConstraint:
    """The left arm straight up, bent at the elbow, at seven seconds."""
    motion = rest_motion(round(SECONDS * 30), 30.0)
    quats = motion.rotations.copy()
    quats[AT, ARM[0]] = rot.from_axis_angle(np.array([0.0, 0.0, 1.4]))
    quats[AT, ARM[1]] = rot.from_axis_angle(np.array([0.0, -0.8, 0.0]))
    mask = np.zeros((len(motion), COLUMNS), dtype=bool)
    mask[AT, [1 + joint for joint in ARM]] = True
    return MotionConstraint(Motion(30.0, motion.root, quats), mask)


@pytest.fixture(scope="module")
def dances(anchors):
    samples, beats = compose(SECONDS, 120.0, sample_rate=SAMPLE_RATE)
    audio, model = audio_from_samples(samples, SAMPLE_RATE, "ours"), load_model(threads=1)

    def dance(**more) -> Motion:
        asked = {"style": "salsa", "seed": 4, "model": model, "beats": beats}
        asked["direction"] = Direction(path=Path(((0.5, 0.5),)))
        return generate_dance(audio, **asked | more).motion

    return {"plain": dance(), "met": dance(anchors=anchors), "make": dance}


def off(one: Motion, other: Motion, frame: int, joints: list[int]) -> float:
    """Largest turn between two dances at a frame, degrees."""
    a, b = one.rotations[frame, joints], other.rotations[frame, joints]
    dot = np.clip(np.abs(np.sum(a * b, axis=-1)), 0.0, 1.0)
    return float(np.rad2deg(2 * np.arccos(dot)).max())


def test_the_pose_is_met_and_was_not_there_before(dances, anchors):
    assert off(dances["met"], anchors.motion, AT, ARM) < 0.5
    assert off(dances["plain"], anchors.motion, AT, ARM) > 20


def test_the_dance_goes_into_it_and_out_of_it_without_a_jump(dances):
    hand = INDEX["left_hand"]
    speeds = joint_speeds(dances["met"])[:, hand]
    usual = np.percentile(joint_speeds(dances["plain"])[:, hand], 99)
    assert speeds[AT - 45 : AT + 45].max() < 2.5 * usual


def test_away_from_it_the_dance_is_as_planned(dances):
    everything = list(range(skeleton.NUM_JOINTS))
    for frame in (100, 150, 270, 350):
        assert off(dances["met"], dances["plain"], frame, everything) < 0.5
    # In place, as it was directed: that counts for a dance with anchors too.
    ground = dances["met"].root[:, [0, 2]]
    assert np.linalg.norm(ground.mean(axis=0) - 0.5) < 0.25


def test_anchors_are_for_a_whole_dance(dances, anchors):
    with pytest.raises(OptionError, match="whole dance"):
        dances["make"](anchors=anchors, constraint=anchors)
