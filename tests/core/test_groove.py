"""The bounce to the beat: found in the height of the hips, made clearer, the feet left alone."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import rest_motion

from audio2pose_core.cleanup import Groove, lock_feet
from audio2pose_core.cleanup.groove import MOST, bounce
from audio2pose_core.metrics.footwork import both_planted
from audio2pose_core.metrics.phrases import groove
from audio2pose_core.motion import Motion

FPS = 30.0
BEATS = np.arange(0.0, 20.0, 0.5)
T = np.arange(round(20 * FPS)) / FPS


def test_what_comes_back_with_the_beat_is_found_and_the_rest_is_not() -> None:
    on_beat = 0.01 * np.cos(2 * np.pi * T / 0.5)
    other = 0.02 * np.cos(2 * np.pi * T / 0.73) + 0.1 * np.sin(2 * np.pi * T / 20)
    found, beside = bounce(0.9 + on_beat + other, BEATS, FPS)
    inside = slice(90, -90)
    assert np.sqrt(np.mean((found - on_beat)[inside] ** 2)) < 0.0025
    assert np.abs(bounce(0.9 + other, BEATS, FPS)[0][inside]).max() < 0.005
    quick = 0.02 * np.cos(2 * np.pi * T / 0.73)
    assert np.corrcoef(beside[inside], quick[inside])[0, 1] > 0.95


def test_an_uneven_beat_is_followed() -> None:
    beats = np.concatenate([[0.0], np.cumsum(np.linspace(0.4, 0.6, 40))])
    place = np.interp(T, beats, np.arange(len(beats)))
    on_beat = 0.01 * np.cos(np.pi * place)
    assert np.corrcoef(bounce(0.9 + on_beat, beats, FPS)[0][90:-90], on_beat[90:-90])[0, 1] > 0.98


def bouncing(size: float) -> Motion:
    """Bent knees over feet that stand, and hips that hear the beat under much else."""
    rest = rest_motion(len(T), FPS)
    random = np.random.default_rng(3)
    wander = np.convolve(random.normal(size=len(T)), np.hanning(9) / 4, mode="same")
    height = -0.12 + size * np.cos(2 * np.pi * T / 0.5) + 0.004 * wander
    root = rest.root + np.stack([0 * T, height, 0 * T], axis=1)
    return lock_feet(Motion(FPS, root, rest.rotations, np.ones((len(T), 4))))


@pytest.mark.parametrize("gain", [1.0, 2.0, 3.0])
def test_a_gain_makes_the_groove_clearer_over_feet_that_stand(gain: float) -> None:
    before = bouncing(0.002)
    after = lock_feet(before, groove=Groove(BEATS, gain))
    if gain == 1.0:
        assert np.abs(after.root - lock_feet(before).root).max() == 0.0
        return
    assert groove(after, BEATS) > groove(before, BEATS) + 0.06 * gain
    assert both_planted(after) > 0.95
    feet = after.joint_positions()[:, [10, 11]]
    assert np.linalg.norm(feet - feet[:1], axis=-1).max() < 0.01


def test_a_held_pose_does_not_bounce() -> None:
    height = 0.9 + 0.02 * np.cos(2 * np.pi * T / 0.5)
    moving = Groove(BEATS, 2.0)
    held = moving.resting([(8.0, 10.0)])
    inside, after = slice(round(8 * FPS), round(10 * FPS)), slice(round(10.5 * FPS), None)
    assert np.abs(moving.rise(height, FPS)[inside]).max() > 0.01
    assert np.abs(held.rise(height, FPS)[inside]).max() == 0.0
    assert np.array_equal(held.rise(height, FPS)[after], moving.rise(height, FPS)[after])
    later = held.starting(4.0).rise(height, FPS)
    assert np.abs(later[round(4 * FPS) : round(6 * FPS)]).max() == 0.0


def test_no_gain_lifts_the_hips_by_more_than_a_limit() -> None:
    height = 0.9 + 0.05 * np.cos(2 * np.pi * T / 0.5)
    assert np.abs(Groove(BEATS, 7.0).rise(height, FPS)).max() <= MOST


def test_a_part_of_a_dance_has_its_own_beats() -> None:
    height = 0.9 + 0.01 * np.cos(2 * np.pi * T / 0.5)
    whole = Groove(BEATS, 2.0).rise(height, FPS)
    part = Groove(BEATS, 2.0).starting(5.0).rise(height[150:], FPS)
    assert np.corrcoef(part, whole[150:])[0, 1] > 0.99
