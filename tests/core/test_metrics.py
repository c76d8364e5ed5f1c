"""Metrics: each one must expose the dance it was made to expose."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.cleanup.contacts import label_contacts
from audio2pose_core.errors import MotionError
from audio2pose_core.formats import load_bvh
from audio2pose_core.metrics import (
    beat_alignment,
    beat_lock,
    beat_power,
    foot_slide,
    freeze_rate,
    jerk,
    measure,
    motion_beat_alignment,
    motion_beats,
    motion_magnitude,
    penetration_cm,
    physical_foot_contact,
    planted_slide,
    seam_jumps,
)
from audio2pose_core.metrics.beat_alignment import SIGMA_S, alignment
from audio2pose_core.metrics.beat_lock import beat_positions, lock_of_accents, phase_consistency
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX

PERIOD = 0.5
"""Beat of the made-up dancer, seconds (120 bpm)."""


def swinging(seconds: float = 12.0, fps: float = 60.0, period: float = PERIOD) -> Motion:
    """A dancer who swings both arms and stops once a beat, on the beat."""
    rest = rest_motion(round(seconds * fps), fps)
    time = np.arange(len(rest)) / fps
    angle = 0.9 * np.cos(np.pi * time / period)
    quats = rest.rotations.copy()
    for joint in ("left_shoulder", "right_shoulder", "spine2"):
        vector = np.zeros((len(rest), 3))
        vector[:, 1] = angle * (0.2 if joint == "spine2" else 1.0)
        quats[:, INDEX[joint]] = rot.from_axis_angle(vector)
    return Motion(fps, rest.root, quats, rest.contacts)


def beats(motion: Motion, period: float = PERIOD) -> np.ndarray:
    return np.arange(0, motion.seconds, period)


@pytest.fixture(scope="module")
def aist(request: pytest.FixtureRequest) -> list[tuple[Motion, np.ndarray]]:
    folder: Path = request.getfixturevalue("shared_data") / "motion_open"
    out = []
    with open(folder / "index.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["source"] == "aistpp":
                motion = load_bvh(folder / row["file"])
                period = 60 / float(row["known_bpm"])
                start = float(row["first_beat_s"])
                out.append((motion, np.arange(start, motion.seconds, period)))
    return out


def test_motion_beats_are_the_stops() -> None:
    motion = swinging()
    times, prominence = motion_beats(motion)
    assert np.allclose(times, np.arange(1, len(times) + 1) * PERIOD, atol=0.01)
    assert (prominence > 0.3).all()


def test_a_machine_locks_and_a_wrong_tempo_does_not() -> None:
    motion = swinging()
    assert beat_lock(motion, beats(motion)).own > 0.99
    assert beat_lock(motion, beats(motion)).lift > 0.8
    assert beat_lock(motion, beats(motion, PERIOD * 1.11)).own < 0.2
    assert beat_lock(motion, beats(motion) + 0.21).own > 0.99, "any constant phase is allowed"
    assert beat_power(motion, beats(motion)).lift > 0.5
    assert beat_power(motion, beats(motion, PERIOD * 1.11)).own < 0.3


def test_shuffled_beats_have_no_lock() -> None:
    motion = swinging()
    steps = np.random.default_rng(5).uniform(0.2, 0.8, 24)
    assert beat_lock(motion, np.cumsum(steps)).own < 0.4
    random_phases = np.random.default_rng(6).uniform(0, 50, 4000)
    assert abs(phase_consistency(random_phases, 1.0)) < 0.01, "unbiased: chance is 0"


def test_a_tempo_that_changes_is_followed() -> None:
    grid = np.concatenate([np.arange(0, 5, 0.5), np.arange(5, 10, 0.4)])
    assert np.allclose(beat_positions(grid, grid), np.arange(len(grid)))
    assert np.allclose(beat_positions([-0.5, 10.5], np.arange(0, 10.1, 0.5)), [-1, 21])


def test_real_dance_keeps_its_beat(aist: list[tuple[Motion, np.ndarray]]) -> None:
    """The figures of METRICS: lock about .46 with lift .41, power well above wrong grids."""
    locks = [beat_lock(m, b) for m, b in aist]
    assert np.mean([x.own for x in locks]) == pytest.approx(0.46, abs=0.02)
    assert np.mean([x.lift for x in locks]) == pytest.approx(0.41, abs=0.02)
    powers = [beat_power(m, b) for m, b in aist]
    assert np.mean([x.wrong for x in powers]) == pytest.approx(0.131, abs=0.01)
    assert np.mean([x.own for x in powers]) > 0.25
    assert np.mean([beat_alignment(m, b) for m, b in aist]) == pytest.approx(0.22, abs=0.03)
    assert 1.2 < np.mean([physical_foot_contact(m) for m, _ in aist]) < 1.6


def test_alignment_by_its_formula():
    """exp(-d^2 / 2 sigma^2) of the distance to the nearest, sigma 50 ms; AIST++ and FACT."""
    motion_beat = np.array([1.0, 2.0])
    assert alignment(np.array([1.0, 2.05]), motion_beat) == pytest.approx((1 + np.exp(-0.5)) / 2)
    assert alignment(np.array([1.5]), motion_beat) == pytest.approx(np.exp(-50))
    assert alignment(np.array([1.0]), np.zeros(0)) == 0.0
    assert np.isnan(alignment(np.zeros(0), motion_beat))
    # The published width is 3 frames at 60 fps, whatever the clip's rate is.
    assert pytest.approx(3 / 60) == SIGMA_S


def test_the_two_directions_of_alignment_ask_different_questions():
    motion = swinging(seconds=12.0)
    grid = beats(motion)
    half = grid[::2]
    assert beat_alignment(motion, half[1:-1]) == pytest.approx(1.0, abs=0.05)
    # Every second motion beat finds no music beat near it.
    assert motion_beat_alignment(motion, half) == pytest.approx(0.5, abs=0.06)


def test_physical_foot_contact_by_its_formula():
    """Both feet slide by 2 cm a frame while the body is thrown up in one frame of ten."""
    rest = rest_motion(12, 30.0)
    root = rest.root + np.arange(12)[:, None] * np.array([0.02, 0.0, 0.0])
    root[6:, 1] += 0.01 * np.arange(6) + 0.01
    motion = Motion(30.0, root, rest.rotations)
    # One step of the vertical speed: the acceleration is 1 (of its maximum) there, else 0.
    assert physical_foot_contact(motion) == pytest.approx(0.02 * 0.02 / 10 * 1e4)
    assert physical_foot_contact(Motion(30.0, rest.root, rest.rotations)) == 0.0


def test_jerk_of_a_known_curve():
    """A cubic path x = t^3 has the third derivative 6 everywhere."""
    for fps in (30.0, 60.0, 120.0):
        rest = rest_motion(round(2 * fps), fps)
        time = np.arange(len(rest)) / fps
        root = rest.root + (time**3)[:, None] * np.array([1.0, 0.0, 0.0])
        assert jerk(Motion(fps, root, rest.rotations)) == pytest.approx(6.0, rel=0.01)
        assert motion_magnitude(Motion(fps, root, rest.rotations)) == pytest.approx(4.0, rel=0.05)


def test_phase_consistency_by_hand():
    """The mean cosine over pairs: of phases 0, 0, a quarter it is (1 + 0 + 0) / 3."""
    assert phase_consistency(np.array([0.0, 1.0, 2.25]), 1.0) == pytest.approx(1 / 3)
    assert phase_consistency(np.array([0.0, 0.5]), 1.0) == pytest.approx(-1.0)
    assert phase_consistency(np.array([0.0, 0.5]), 0.5) == pytest.approx(1.0)


def test_own_song_locks_better_than_others_of_other_tempo(
    aist: list[tuple[Motion, np.ndarray]],
) -> None:
    """Real motion on the beats of every other clip's song, at the phase that suits it."""
    own = np.mean([beat_lock(m, b).own for m, b in aist])
    hits = [motion_beats(m)[0] for m, _ in aist]
    wrong = []
    for times, (motion, grid) in zip(hits, aist, strict=True):
        period = np.diff(grid)[0]
        for _, other in aist:
            ratio = np.log2(np.diff(other)[0] / period)
            if abs(ratio - round(ratio)) > np.log2(1.05):
                foreign = np.arange(0, motion.seconds, np.diff(other)[0])
                wrong.append(lock_of_accents(times, foreign).own)
    assert len(wrong) > 50 and np.mean(wrong) < 0.15 < 0.4 < own


def test_a_frozen_dance_is_exposed() -> None:
    frozen = rest_motion(300, 30)
    figures = measure(frozen, np.arange(0, 10, 0.5))
    assert figures["motion_magnitude_m_s"] == 0 and figures["freeze_rate"] == 1
    assert figures["beat_lock"] == 0 and figures["beat_lock_lift"] == 0
    assert figures["beat_alignment"] == 0 and np.isnan(figures["beat_power"])
    assert figures["pfc"] == 0 and figures["planted_slide_cm_s"] == 0
    assert freeze_rate(swinging()) == 0


def test_frame_rates_agree() -> None:
    fast, slow = swinging(fps=60), swinging(fps=30)
    for figure in (motion_magnitude, jerk):
        assert figure(slow) == pytest.approx(figure(fast), rel=0.05)
    assert beat_lock(slow, beats(slow)).own == pytest.approx(
        beat_lock(fast, beats(fast)).own, abs=0.02
    )
    assert beat_power(slow, beats(slow)).own == pytest.approx(
        beat_power(fast, beats(fast)).own, abs=0.02
    )
    grid = beats(fast) + 0.03
    assert beat_alignment(slow, grid) == pytest.approx(beat_alignment(fast, grid), abs=0.05)


def test_place_and_heading_do_not_matter(aist: list[tuple[Motion, np.ndarray]]) -> None:
    motion, grid = aist[0]
    motion = motion.with_contacts(label_contacts(motion))
    moved = motion.turned(1.1, np.array([3.0, 0.0, -7.0]))
    here, there = measure(motion, grid), measure(moved, grid)
    for name, value in here.items():
        assert there[name] == pytest.approx(value, rel=1e-6, abs=1e-9), name


def gliding(speed: float) -> Motion:
    """The rest pose carried over the floor along a diagonal at ``speed`` m/s."""
    rest = rest_motion(90, 30)
    path = np.arange(90)[:, None] / 30 * speed * np.array([-1.0, 0.0, 1.0]) / np.sqrt(2)
    return Motion(30, rest.root + path, rest.rotations, rest.contacts)


def test_slide_is_the_norm_of_the_horizontal_speed() -> None:
    for slide in (foot_slide(gliding(0.4)), planted_slide(gliding(0.4))):
        assert slide.speed_cm_s == pytest.approx(40)
        assert slide.visible == 1.0 and slide.contact == 1.0
    assert foot_slide(gliding(0.2)).visible == 0.0
    with pytest.raises(MotionError, match="contact"):
        planted_slide(gliding(0.1).with_contacts(None))


def test_penetration_sees_the_toe_tips() -> None:
    rest = rest_motion(10, 30)
    assert penetration_cm(rest) == pytest.approx((0, 0), abs=1e-9)
    sunk = Motion(30, rest.root - [0, 0.03, 0], rest.rotations)
    assert penetration_cm(sunk) == pytest.approx((3, 3))


def test_seam_jumps_find_the_jump() -> None:
    motion = swinging(fps=30)
    assert seam_jumps(motion, np.array([4.1]))[1] < 1.5
    root = motion.root.copy()
    root[180:, 0] += 0.2
    largest, ratio = seam_jumps(Motion(30, root, motion.rotations), np.array([6.0]))
    assert largest > 3 and ratio > 5


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 10])
def test_very_short_motions_are_measured(frames: int) -> None:
    figures = measure(rest_motion(frames, 30), np.array([0.0, 0.5]))
    assert figures["motion_magnitude_m_s"] == 0
    assert measure(rest_motion(frames, 30), np.array([0.0]))
    assert measure(rest_motion(frames, 30), np.array([]))
