"""Free feet that travel clear the floor, and nothing else is touched."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core.cleanup import foot_lock
from audio2pose_core.cleanup.foot_clearance import CLEARANCE, clear_floor
from audio2pose_core.cleanup.foot_lock import lock_feet
from audio2pose_core.metrics.feet import foot_slide
from audio2pose_core.motion import Motion
from audio2pose_core.skeleton import NUM_JOINTS, REST_TOE_HEIGHT, STANDING_PELVIS_HEIGHT

FPS = 30.0
STANDING, STEPPING = 15, 10


def step(length: float, height: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """A ball (T, 3) that goes ``length`` metres in a third of a second, and where it stands."""
    frames = 2 * STANDING + STEPPING
    way = np.clip((np.arange(frames) - STANDING + 1) / (STEPPING + 1), 0, 1)
    ball = np.zeros((frames, 3))
    ball[:, 0] = length * way * way * (3 - 2 * way)
    ball[:, 1] = REST_TOE_HEIGHT + height * np.sin(np.pi * way)
    stands = np.ones(frames, dtype=bool)
    stands[STANDING : STANDING + STEPPING] = False
    return ball, stands


def test_a_low_step_is_lifted_and_its_ends_are_not() -> None:
    ball, stands = step(0.6)
    lift = clear_floor(ball, stands)
    assert not lift[stands].any()
    assert lift.max() == pytest.approx(CLEARANCE, rel=0.1)
    assert (lift >= 0).all()
    # It peels off and comes down: no jump of more than half the clearance in a frame.
    assert np.abs(np.diff(lift)).max() < 0.5 * CLEARANCE


def test_a_high_step_and_a_turn_on_the_spot_stay() -> None:
    high = clear_floor(*step(0.6, 0.15))
    assert high[STANDING + 3 : STANDING + STEPPING - 3].max() < 1e-4
    assert clear_floor(*step(0.005)).max() < 0.01 * CLEARANCE


def test_higher_stays_higher() -> None:
    heights = np.linspace(0.0, 0.06, 13)
    tops = [
        (ball[:, 1] + clear_floor(ball, stands)).max()
        for ball, stands in (step(0.6, h) for h in heights)
    ]
    assert (np.diff(tops) > 0).all()


def test_a_foot_that_never_lands_or_never_stood() -> None:
    ball, stands = step(0.6)
    stands[STANDING + STEPPING :] = False
    open_end = clear_floor(ball, stands)
    assert open_end[-1] > 0.9 * CLEARANCE
    assert clear_floor(ball, stands[::-1])[::-1].shape == ball.shape[:1]
    assert not clear_floor(ball, np.zeros(len(ball), dtype=bool)).any()


def test_a_skimming_dance_skims_less(monkeypatch: pytest.MonkeyPatch) -> None:
    # A figure that stands, slides to the side as a whole at up to 1 m/s, and stands.
    ball, stands = step(0.25)
    root = np.tile([0.0, STANDING_PELVIS_HEIGHT, 0.0], (len(ball), 1))
    root[:, 0] += ball[:, 0]
    quats = np.tile([1.0, 0.0, 0.0, 0.0], (len(ball), NUM_JOINTS, 1))
    motion = Motion(FPS, root, quats, np.repeat(stands[:, None].astype(float), 4, axis=1))
    lifted = foot_slide(lock_feet(motion)).speed_cm_s
    monkeypatch.setattr(foot_lock, "clear_floor", lambda ball, *_: np.zeros(len(ball)))
    assert lifted < 0.8 * foot_slide(lock_feet(motion)).speed_cm_s
