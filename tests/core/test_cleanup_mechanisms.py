"""The small mechanisms of the cleanup, one by one, on motion made by hand.

Each test fails when its mechanism is taken out: the press of a planted foot, toes that lie down,
the odometer's belief in the slowest joint, the price of speed, the mirror at a knee.
"""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.cleanup import foot_lock
from audio2pose_core.cleanup.foot_lock import follow_feet, lay_toes, lock_feet, press
from audio2pose_core.cleanup.legs import LEG_LENGTH, LEGS, leg_pose, soft_reach
from audio2pose_core.cleanup.timing import time_map
from audio2pose_core.metrics import planted_slide
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import END_SITES, INDEX, REST_ANKLE_HEIGHT, REST_TOE_HEIGHT

FPS = 30.0


def turned(motion: Motion, joint: str, angles: np.ndarray, axis=(1.0, 0.0, 0.0)) -> Motion:
    """The motion with a joint turned by angles (T,) radians more."""
    quats = motion.rotations.copy()
    turn = rot.from_axis_angle(np.asarray(angles)[:, None] * np.array(axis))
    quats[:, INDEX[joint]] = rot.multiply(quats[:, INDEX[joint]], turn)
    return Motion(motion.fps, motion.root, quats, motion.contacts)


def heights(motion: Motion, joint: str) -> np.ndarray:
    return motion.joint_positions()[:, INDEX[joint], 1]


# --- press: a planted foot comes down to the floor ---


def test_a_planted_foot_that_floats_is_pressed_to_the_floor():
    rest = rest_motion(60, FPS)
    floating = Motion(FPS, rest.root + [0, 0.03, 0], rest.rotations, np.ones((60, 4)))
    locked = lock_feet(floating)
    for side in ("left", "right"):
        above = heights(locked, f"{side}_foot")[15:45] - REST_TOE_HEIGHT
        assert above.max() < 0.4 * 0.03, "a ball keeps a quarter of its height"
        above = heights(locked, f"{side}_ankle")[15:45] - REST_ANKLE_HEIGHT
        assert above.max() < 0.6 * 0.03, "an ankle keeps half of it, it may stand off"


def test_press_draws_from_above_and_lifts_from_below():
    height = np.array([0.10, 0.02, -0.01])
    assert press(height, 0.02, 0.25).tolist() == pytest.approx([0.04, 0.02, 0.017])


# --- toes: they lie on the floor and never under it ---


@pytest.mark.parametrize("pitch", [0.5, -0.5])
def test_toes_of_a_planted_ball_lie_on_the_floor(pitch):
    tip = END_SITES[INDEX["left_foot"]]
    ball = np.tile([0.0, REST_TOE_HEIGHT, 0.0], (30, 1))
    toes = rot.from_axis_angle(np.tile([pitch, 0.0, 0.0], (30, 1)))
    laid = lay_toes(ball, toes, tip, np.ones(30), 2)
    height = ball[:, 1] + rot.rotate(laid, tip)[:, 1]
    before = ball[:, 1] + rot.rotate(toes, tip)[:, 1]
    assert np.abs(before).min() > 0.02, "the toes did not lie there before"
    assert np.abs(height).max() < 0.006


def test_toes_of_a_free_foot_keep_their_angle_above_the_floor_and_stay_out_of_it():
    tip = END_SITES[INDEX["left_foot"]]
    up = rot.from_axis_angle(np.tile([-0.4, 0.0, 0.0], (30, 1)))
    high = np.tile([0.0, 0.3, 0.0], (30, 1))
    np.testing.assert_allclose(
        rot.rotate(lay_toes(high, up, tip, np.zeros(30), 2), tip), rot.rotate(up, tip), atol=2e-3
    )
    low = np.tile([0.0, 0.03, 0.0], (30, 1))
    down = rot.from_axis_angle(np.tile([1.0, 0.0, 0.0], (30, 1)))
    assert (low[:, 1] + rot.rotate(down, tip)[:, 1]).max() < -0.01
    laid = lay_toes(low, down, tip, np.zeros(30), 2)
    assert (low[:, 1] + rot.rotate(laid, tip)[:, 1]).min() > -0.004


def test_the_foot_lock_lays_the_toes_down():
    rest = rest_motion(60, FPS).with_contacts(np.ones((60, 4)))
    bent = turned(rest, "left_foot", np.full(60, -0.6))
    tip = INDEX["left_foot"]
    assert bent.tip_positions()[tip][:, 1].min() > 0.03
    assert np.abs(lock_feet(bent).tip_positions()[tip][10:50, 1]).max() < 0.012


# --- odometer: of several planted joints the slowest is believed ---


def test_the_odometer_believes_the_joint_that_rolls_the_least():
    """Ball and ankle are planted, the ankle circles around the ball: a pivot, no slide."""
    rest = rest_motion(60, FPS).with_contacts(np.ones((60, 4)))
    planted = np.zeros((60, 4), dtype=bool)
    planted[:, :2] = True  # the left foot alone
    swing = 0.8 * np.sin(2 * np.pi * np.arange(60) / 30)
    # Turn the left foot about its ball: the body follows the ankle, the ball stands.
    pivoting = turned(rest, "left_ankle", swing, axis=(0.0, 1.0, 0.0))
    offset = pivoting.joint_positions()[:, INDEX["left_foot"]]
    root = pivoting.root - (offset - offset[:1]) * [1, 0, 1]
    pivoting = Motion(FPS, root, pivoting.rotations, pivoting.contacts)
    ankle = np.diff(pivoting.joint_positions()[:, INDEX["left_ankle"]][:, [0, 2]], axis=0)
    assert np.linalg.norm(ankle, axis=1).max() * FPS > 0.1, "the ankle does travel"
    moved = follow_feet(pivoting, planted) - pivoting.root
    assert np.abs(moved).max() < 0.02, "the ball is believed, so the body keeps its path"


def test_a_shared_slide_is_taken_out_and_a_leap_keeps_its_path():
    rest = rest_motion(90, FPS)
    drift = np.arange(90)[:, None] / FPS * np.array([0.5, 0.0, 0.2])
    sliding = Motion(FPS, rest.root + drift, rest.rotations, np.ones((90, 4)))
    planted = np.ones((90, 4), dtype=bool)
    still = Motion(FPS, follow_feet(sliding, planted), rest.rotations, np.ones((90, 4)))
    assert planted_slide(still).speed_cm_s < 5 and planted_slide(sliding).speed_cm_s > 40
    planted[:] = False
    np.testing.assert_allclose(follow_feet(sliding, planted), sliding.root)


# --- reach: a leg is never longer than it is, and asked within its reach it is as asked ---


def test_reach_is_never_more_than_the_leg_and_what_is_near_is_left_alone():
    asked = np.array([0.4, 0.7, 0.9, 0.95, 1.0, 1.2]) * LEG_LENGTH
    given = soft_reach(asked, np.full(len(asked), 0.9 * LEG_LENGTH))
    assert (given < LEG_LENGTH).all() and (np.diff(given) >= 0).all()
    np.testing.assert_allclose(given[:3], asked[:3], rtol=0.01)


def test_a_plant_out_of_reach_lets_the_pelvis_sink_instead_of_stretching_the_leg():
    rest = rest_motion(60, FPS).with_contacts(np.ones((60, 4)))
    root = rest.root.copy()
    root[20:40, 1] += 0.05  # higher than the legs reach, with both feet planted
    locked = lock_feet(Motion(FPS, root, rest.rotations, rest.contacts))
    for leg in LEGS:
        pose = leg_pose(locked.root, locked.rotations, leg)
        assert np.linalg.norm(pose.ankle - pose.hip, axis=1).max() <= LEG_LENGTH + 1e-9
    assert heights(locked, "left_foot")[22:38].max() < REST_TOE_HEIGHT + 0.02, "the foot stays"
    assert locked.root[22:38, 1].max() < root[22:38, 1].max() - 0.02, "the pelvis gives way"


def test_the_tilt_of_feet_is_levelled_in_the_right_direction():
    """Feet that point down by a constant error come out level, not twice as steep."""
    from audio2pose_core.cleanup import level_feet

    rest = rest_motion(60, FPS).with_contacts(np.ones((60, 4)))
    for sign in (1.0, -1.0):
        tilted = rest
        for side in ("left", "right"):
            tilted = turned(tilted, f"{side}_ankle", np.full(60, sign * 0.12))
        level = level_feet(tilted, np.ones((60, 4)))
        for leg in LEGS:
            pitch = rot.angle(level.rotations[:, leg[2]], rest.rotations[:, leg[2]])
            assert pitch.max() < 0.03, sign


# --- timing: every change of speed has its price ---


def stops(at: np.ndarray, seconds: float) -> Motion:
    """A figure whose arms move from stop to stop; the stops are its motion beats."""
    rest = rest_motion(round(seconds * FPS), FPS)
    time = np.arange(len(rest)) / FPS
    place = np.interp(time, at, np.arange(len(at)) % 2 * 1.0)
    # Eased, so that each stop is a clear minimum of speed.
    eased = 0.5 - 0.5 * np.cos(np.pi * place)
    return turned(rest, "left_shoulder", 1.2 * eased, axis=(0.0, 0.0, 1.0))


def test_speed_has_its_price():
    """Stops that lie .1 s off a grid, early and late in turn: without a price each is chased."""
    at = np.arange(0.5, 12.0, 0.5)
    motion = stops(at, 12.0)
    accents = at + 0.035 * np.where(np.arange(len(at)) % 2, 1.0, -1.0)

    def change(**price: float) -> float:
        shown = time_map(motion, accents, half_weight=0.0, **price)
        return float(np.abs(np.diff(shown, 2)).sum())

    assert change() < 0.9 * change(speed_price=0.0), "the price that is set does count"
    assert change(speed_price=400.0) < 0.3 * change(speed_price=0.0)


def test_the_constants_that_hold_feet_are_used(monkeypatch):
    """With nothing pressed the floating foot stays up: the test above is not won elsewhere."""
    rest = rest_motion(60, FPS)
    floating = Motion(FPS, rest.root + [0, 0.03, 0], rest.rotations, np.ones((60, 4)))
    monkeypatch.setattr(foot_lock, "press", lambda height, _rest, _keep: height)
    above = heights(lock_feet(floating), "left_foot")[15:45] - REST_TOE_HEIGHT
    assert above.max() > 0.02
