"""How well a cycle closes: what its seam shows, where it drifts, whether it keeps its beat.

All are measured on the cycle danced several times over, so that its seam lies inside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..motion import Motion
from ..skeleton import CONTACT_JOINTS
from .beat_lock import lock_of_accents
from .motion_beats import motion_beats
from .smoothness import SEAM_REACH_S, velocity_steps

TIMES = 10
"""Cycles that are danced; the first and the last lend the others their context."""
FIRST, LATER = 1, 8
SLIDE_REACH_S = 0.5
PLANTED = 0.5
"""Contact probability from which a joint is planted."""


@dataclass(frozen=True)
class LoopMeasures:
    """What a cycle shows where it begins again.

    Attributes
    ----------
    seam_step : float
        Largest change of any joint's velocity within .1 s of the seam, over the 99th
        percentile of those elsewhere.
    seam_move : float
        Longest step of any joint from the last frame to the first, over the 99th percentile
        of the other frames' steps.
    drift_cm : float
        How far the root is from where the offset says after ``LATER`` cycles, cm.
    slide_cm_s : float
        Mean speed of planted joints over the ground within .5 s of the seam; 0 where
        none is planted.
    lock_first, lock_later : float
        Beat lock of the first and of the eighth cycle.
    """

    seam_step: float
    seam_move: float
    drift_cm: float
    slide_cm_s: float
    lock_first: float
    lock_later: float


def measure_loop(
    cycle: Motion, beats: np.ndarray, offset: np.ndarray | None = None, times: int = TIMES
) -> LoopMeasures:
    """Measures of a cycle; ``beats`` (n,) are the seconds of its beats within one cycle.

    ``offset`` (3,) metres is its way each time around.
    """
    way = np.zeros(3) if offset is None else np.asarray(offset, dtype=np.float64)
    frames, period = len(cycle), cycle.seconds
    long = _danced(cycle, times, way)
    reach = max(1, round(SEAM_REACH_S * cycle.fps))

    steps = velocity_steps(long)[frames : 2 * frames]
    at = np.arange(frames)
    near = np.minimum(at, frames - at) <= reach
    elsewhere = steps[~near] if (~near).any() else steps
    seam_step = float(steps[near].max() / max(np.percentile(elsewhere, 99), 1e-9))

    positions = long.joint_positions()
    moves = np.linalg.norm(np.diff(positions[: frames + 1], axis=0), axis=-1).max(axis=1)
    seam_move = float(moves[-1] / max(np.percentile(moves[:-1], 99), 1e-9))

    drift = np.linalg.norm(long.root[LATER * frames] - long.root[0] - LATER * way)
    accents = motion_beats(long)[0]
    locks = [_lock(accents, beats, period, k) for k in (FIRST, LATER)]
    return LoopMeasures(
        seam_step,
        seam_move,
        float(100 * drift),
        _slide(positions, long, frames),
        *locks,
    )


def _danced(cycle: Motion, times: int, way: np.ndarray) -> Motion:
    root = np.concatenate([cycle.root + k * way for k in range(times)])
    contacts = None if cycle.contacts is None else np.tile(cycle.contacts, (times, 1))
    return Motion(cycle.fps, root, np.tile(cycle.rotations, (times, 1, 1)), contacts)


def _lock(accents: np.ndarray, beats: np.ndarray, period: float, number: int) -> float:
    """Lock of the motion beats of one cycle to the beats laid through all of them."""
    start = number * period
    inside = accents[(accents >= start - 1e-6) & (accents < start + period - 1e-6)]
    grid = np.concatenate([beats + k * period for k in (number - 1, number, number + 1)])
    return lock_of_accents(inside, grid).own


def _slide(positions: np.ndarray, long: Motion, frames: int) -> float:
    if long.contacts is None:
        return 0.0
    reach = round(SLIDE_REACH_S * long.fps)
    part = slice(max(0, frames - reach), frames + reach + 1)
    joints = positions[part][:, list(CONTACT_JOINTS)]
    planted = long.contacts[part] > PLANTED
    speed = np.linalg.norm(np.diff(joints[..., [0, 2]], axis=0), axis=-1) * long.fps
    both = planted[1:] & planted[:-1]
    return float(100 * speed[both].mean()) if both.any() else 0.0
