"""Where a dance goes: a body that holds its pose does not glide along its path."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core.choreography.plan import Held, Path
from audio2pose_core.generate.stage import follow_path, stand_in_holds

FPS = 30.0


def _danced(seconds: float) -> np.ndarray:
    """A root that sways in place, (T, 3)."""
    t = np.arange(round(seconds * FPS)) / FPS
    return np.stack([0.1 * np.sin(2 * np.pi * t), 0.9 + 0 * t, 0.05 * np.cos(3 * t)], axis=1)


@pytest.mark.parametrize("waypoint", [None, 6.5])
def test_a_hold_on_the_way_stands(waypoint: float | None) -> None:
    root = _danced(12.0)
    held = Held(6.0, 1.2)
    still = slice(round(6.0 * FPS), round(7.2 * FPS) + 1)
    root[still] = root[still][0]  # as `hold_poses` leaves it
    times = (1.0, 11.0) if waypoint is None else (1.0, waypoint, 11.0)
    points = ((0.0, 0.0), (2.0, 1.0)) if waypoint is None else ((0, 0), (1.5, 0), (2.0, 1.0))
    path = Path(tuple(tuple(map(float, p)) for p in points), times)
    moved = follow_path(root, FPS, path)
    assert np.linalg.norm(np.diff(moved[still], axis=0), axis=1).max() * FPS > 0.1
    stood = stand_in_holds(root, moved, FPS, [held], times)
    assert np.linalg.norm(np.diff(stood[still], axis=0), axis=1).max() * FPS < 0.01
    marks = [round(t * FPS) for t in times]
    np.testing.assert_allclose(stood[marks], moved[marks], atol=0.01)
    # What is far from the hold is left alone.
    np.testing.assert_allclose(stood[: round(5.0 * FPS)], moved[: round(5.0 * FPS)], atol=1e-9)
