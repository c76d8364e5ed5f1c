"""Cleanup around what must stay: displacements that die out, time and feet that hold still."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.cleanup import MotionConstraint, clean, time_map, time_warp
from audio2pose_core.cleanup.constraints import BLEND_S, LONGEST_BLEND_S, die_out
from audio2pose_core.cleanup.foot_lock import lock_feet
from audio2pose_core.metrics import planted_slide
from audio2pose_core.metrics.motion_beats import motion_beats
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.signals import gaussian_smooth
from audio2pose_core.skeleton import INDEX

FPS = 30.0


def swaying(frames: int, seed: int = 0, period: float = 0.6) -> Motion:
    """A figure that stands and moves its arms and trunk; 30 fps."""
    random = np.random.default_rng(seed)
    rest = rest_motion(frames, FPS)
    quats = rest.rotations.copy()
    pulse = np.cos(2 * np.pi * np.arange(frames) / FPS / period / 2)
    for name in ("spine1", "spine3", "left_shoulder", "right_shoulder", "left_elbow", "neck"):
        axis = rot.normalize(random.normal(size=3)) * random.uniform(0.2, 0.6)
        quats[:, INDEX[name]] = rot.from_axis_angle(pulse[:, None] * axis)
    return Motion(FPS, rest.root, quats)


def stirred(motion: Motion, seed: int = 1) -> Motion:
    """The same with slow errors everywhere, as a network makes them."""
    random = np.random.default_rng(seed)
    frames = len(motion)
    off = gaussian_smooth(random.normal(size=(frames, 24, 3)), 5) * 0.15
    walk = np.cumsum(gaussian_smooth(random.normal(size=(frames, 3)), 8), axis=0) * 0.01
    quats = rot.multiply(motion.rotations, rot.from_axis_angle(off))
    return Motion(FPS, motion.root + walk * [1, 0, 1] + [0, 0.03, 0], quats)


@pytest.fixture(scope="module")
def kept() -> Motion:
    """A dance that has been cleaned, as what is kept mostly was."""
    return clean(swaying(300))


def between(start: int, stop: int) -> np.ndarray:
    mask = np.ones((300, 25), dtype=bool)
    mask[start:stop] = False
    return mask


class TestDyingOut:
    def test_value_and_velocity_go_on_and_vanish(self) -> None:
        known = np.zeros(90, dtype=bool)
        known[:30] = True
        values = np.where(known, 0.002 * np.arange(90), 0.0)[:, None]
        out = die_out(values, known, FPS, 0.15)[:, 0]
        assert np.array_equal(out[:30], values[:30, 0])
        assert np.abs(np.diff(out, 2)).max() < 0.008, "no corner"
        assert out[30] > out[29], "it leaves with its own velocity"
        assert not out[30 + round(BLEND_S * FPS) :].any()

    def test_large_ones_take_longer_but_never_more_than_their_gap(self) -> None:
        known = np.zeros(120, dtype=bool)
        known[[20, 26, 80]] = True
        values = np.where(known, 1.0, 0.0)[:, None]
        out = die_out(values, known, FPS, 0.05)[:, 0]
        assert np.array_equal(out[known], [1.0, 1.0, 1.0])
        assert out[20:27].max() < 1.2, "two close keys do not add up"
        longest = round(LONGEST_BLEND_S * FPS)
        assert out[80 + longest - 3] > 0 and not out[80 + longest + 1 :].any()

    def test_all_or_nothing(self) -> None:
        values = np.ones((5, 2))
        assert np.array_equal(die_out(values, np.ones(5, bool), FPS, 0.1), values)
        assert not die_out(values, np.zeros(5, bool), FPS, 0.1).any()


class TestTime:
    def test_what_is_still_is_shown_when_it_was(self) -> None:
        motion = swaying(600)
        beats = motion_beats(motion)[0]
        hits = beats + 0.12
        still = np.zeros(600, dtype=bool)
        still[:90] = still[300:330] = still[560:] = True
        warped = time_warp(motion, hits, still)
        assert np.allclose(warped.rotations[still], motion.rotations[still])
        assert np.allclose(warped.root[still], motion.root[still])
        own, free = motion_beats(warped)[0], time_warp(motion, hits)

        def late(at: np.ndarray, low: float, high: float) -> float:
            inner = at[(at > low) & (at < high)]
            return float(np.median([(hits - t)[np.abs(hits - t).argmin()] for t in inner]))

        assert abs(late(beats, 5.0, 9.0)) > 0.1, "before, moves are early"
        assert abs(late(own, 5.0, 9.0)) < 0.04, "between what is still they are on time"
        assert abs(late(motion_beats(free)[0], 5.0, 9.0)) < 0.04

    def test_the_time_has_no_corner_beside_it(self) -> None:
        motion = swaying(600)
        still = np.zeros(600, dtype=bool)
        still[200:230] = True
        shown = time_warp(_clock(motion), motion_beats(motion)[0] + 0.12, still).root[:, 0]
        speed = np.diff(shown) * FPS
        assert speed.min() > 0.8 and speed.max() < 1.2
        assert np.abs(np.diff(speed)).max() < 0.06

    def test_tied_ends_stay(self) -> None:
        motion = swaying(240)
        hits = motion_beats(motion)[0] + 0.1
        shown = time_map(motion, hits, tied=(True, True))
        assert shown[0] == 0.0 and shown[-1] == pytest.approx(239 / FPS)
        assert np.abs(shown - np.arange(240) / FPS).max() > 0.05


def _clock(motion: Motion) -> Motion:
    """The motion with its own time as the root's x, so that a warp can be read off it."""
    root = motion.root.copy()
    root[:, 0] = np.arange(len(motion)) / FPS
    return Motion(FPS, root, motion.rotations)


class TestHold:
    def test_held_frames_are_exact_and_the_rest_is_cleaned(self, kept: Motion) -> None:
        mask = between(100, 200)
        hits = np.arange(0.0, 10.0, 0.5)
        made = clean(stirred(kept), hits, constraint=MotionConstraint(kept, mask))
        held = mask.all(axis=1)
        assert np.allclose(made.root[held], kept.root[held], atol=1e-12)
        assert rot.angle(made.rotations[held], kept.rotations[held]).max() < 1e-6
        assert made.contacts is not None and kept.contacts is not None
        assert np.array_equal(made.contacts[held], kept.contacts[held])
        assert planted_slide(made).speed_cm_s < 1.0
        step = np.linalg.norm(np.diff(made.joint_positions(), 2, axis=0), axis=-1).max(1) * FPS**2
        assert step[96:204].max() < 60.0

    def test_any_subset_of_joints_and_frames(self, kept: Motion) -> None:
        random = np.random.default_rng(3)
        mask = random.random((300, 25)) < 0.03
        made = clean(stirred(kept), constraint=MotionConstraint(kept, mask))
        assert np.abs(made.root - kept.root)[mask[:, 0]].max() < 1e-12
        assert rot.angle(made.rotations, kept.rotations)[mask[:, 1:]].max() < 1e-6

    def test_the_path_comes_back_however_far_it_strayed(self, kept: Motion) -> None:
        mask = between(60, 240)
        astray = stirred(kept)
        root = astray.root + np.linspace(0, 3, 300)[:, None] * [1.0, 0.0, -0.5]
        made = MotionConstraint(kept, mask).path(root)
        held = mask[:, 0]
        assert np.allclose(made[held][:, [0, 2]], kept.root[held][:, [0, 2]])
        speed = np.linalg.norm(np.diff(made, axis=0), axis=1) * FPS
        assert speed.max() < 2.0, "three metres are made up for over six seconds"

    def test_a_plant_goes_on_standing_where_it_is_held(self, kept: Motion) -> None:
        mask = between(100, 200)
        # The free part slides; the feet stand before and after it.
        root = kept.root.copy()
        root[100:200, 0] += 0.03 * np.sin(np.linspace(0, np.pi, 100))
        slid = Motion(FPS, root, kept.rotations, np.ones((300, 4)))
        made = lock_feet(slid, constraint=MotionConstraint(kept, mask))
        feet = made.joint_positions()[:, [INDEX["left_foot"], INDEX["right_foot"]]]
        assert np.abs(feet - feet[50])[..., [0, 2]].max() < 0.005

    def test_without_anything_held_nothing_changes(self, kept: Motion) -> None:
        raw = stirred(kept)
        hits = np.arange(0.0, 10.0, 0.5)
        plain = clean(raw, hits)
        held = clean(raw, hits, timed=np.zeros(300, dtype=bool))
        assert np.abs(plain.joint_positions() - held.joint_positions()).max() < 0.02
