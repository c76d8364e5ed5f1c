"""The motion graph: it keeps the beat, with poses that it was given and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.errors import DataError
from audio2pose_core.evaluate.motion_graph import MotionGraph
from audio2pose_core.metrics import beat_lock
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX


def swinging(period: float, size: float, seconds: float = 20.0) -> Motion:
    """Arms that swing and stop every ``period`` seconds."""
    rest = rest_motion(round(seconds * 60), 60.0)
    time = np.arange(len(rest)) / 60.0
    quats = rest.rotations.copy()
    for joint in ("left_shoulder", "right_shoulder"):
        vector = np.zeros((len(rest), 3))
        vector[:, 1] = size * np.cos(np.pi * time / period)
        quats[:, INDEX[joint]] = rot.from_axis_angle(vector)
    return Motion(60.0, rest.root, quats)


@pytest.fixture(scope="module")
def graph() -> MotionGraph:
    return MotionGraph([swinging(p, s) for p, s in ((0.45, 0.7), (0.6, 0.9), (0.8, 1.1))])


@pytest.mark.parametrize("period", [0.43, 0.5, 0.66])
def test_it_dances_to_the_beat(graph, period):
    beats = np.arange(0.2, 16.0, period)
    dance = graph.dance(beats, 16.0, seed=1).motion
    assert len(dance) == 480 and dance.fps == 30.0
    assert beat_lock(dance, beats).lift > 0.4


def test_beats_that_do_not_reach_the_ends_are_carried_on(graph):
    beats = np.arange(3.3, 8.0, 0.5)
    dance = graph.dance(beats, 14.0, seed=0).motion
    assert len(dance) == 420
    assert beat_lock(dance, np.arange(0.3, 14.0, 0.5)).lift > 0.4


def test_its_poses_are_those_of_the_clips(graph):
    """Only the shoulders ever turned; blending keeps within what both clips did."""
    dance = graph.dance(np.arange(0, 12, 0.5), 12.0, seed=2).motion
    angle = 2 * np.arccos(np.clip(np.abs(dance.rotations[..., 0]), 0, 1))
    shoulders = [INDEX["left_shoulder"], INDEX["right_shoulder"]]
    assert angle[:, shoulders].max() < 1.3
    assert np.delete(angle, shoulders, axis=1).max() < 1e-3


def test_seeds(graph):
    beats = np.arange(0, 12, 0.5)
    first, again, other = (graph.dance(beats, 12.0, seed=s).motion for s in (1, 1, 2))
    assert np.array_equal(first.rotations, again.rotations)
    assert not np.allclose(first.rotations, other.rotations)


def test_clips_without_beats_make_no_graph():
    with pytest.raises(DataError, match="motion beats"):
        MotionGraph([rest_motion(300, 30.0)])
