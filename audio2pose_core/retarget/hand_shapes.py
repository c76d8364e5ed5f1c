"""What hands do while a dance is danced: relaxed, open, a fist, or pointing.

What a plan asks of them (``Motion.hands``) is done. All else is told from the arms alone, so
that every dance has it and an edited one as well. An arm that is
held out straight points, or opens the hand where it is held high; a hand that flies opens; one
that is stopped short near the body, an accent, closes to a fist for a moment. All else is relaxed.
"""

from __future__ import annotations

import numpy as np

from .. import rotations as rot
from ..signals import gaussian_smooth, runs
from ..skeleton import INDEX
from .fingers import SHAPES
from .pose import Dancer

HELD_MPS, HELD_S = 0.4, 0.3
"""A hand slower than this for so long is held."""
FLYING_MPS = 2.0
STOPPED = 0.4
"""An accent: within ``STOP_S`` the speed falls to this share."""
HIT_MPS, STOP_S = 1.6, 0.15
FIST_S = 0.3
STRAIGHT, BENT = 35.0, 55.0
"""Degrees that an elbow bends at most when an arm is straight, and at least before a fist."""
LEVEL = 0.5
"""How far up or down, as a share, a pointing forearm is turned at most."""
EASE_S = 0.08


def hand_shapes(dancer: Dancer, side: str) -> np.ndarray:
    """Weights (T, 4) of ``fingers.SHAPES`` for one hand; each row sums to 1."""
    own = _by_the_arms(dancer, side)
    if dancer.motion.hands is None:
        return own
    asked = np.clip(dancer.motion.hands[:, 0 if side == "left" else 1], 0.0, 1.0)
    free = np.maximum(0.0, 1.0 - asked.sum(axis=1, keepdims=True))
    out = asked + free * own
    return np.asarray(out / out.sum(axis=1, keepdims=True))


def _by_the_arms(dancer: Dancer, side: str) -> np.ndarray:
    fps = dancer.motion.fps
    shoulder, elbow, wrist = (
        dancer.places[:, INDEX[f"{side}_{part}"]] for part in ("shoulder", "elbow", "wrist")
    )
    count = len(wrist)
    out = np.zeros((count, len(SHAPES)))
    if count < 3:
        out[:, 0] = 1.0
        return out
    speed = np.linalg.norm(np.gradient(gaussian_smooth(wrist, 0.04 * fps), axis=0), axis=1) * fps
    upper, fore = rot.normalize(elbow - shoulder), rot.normalize(wrist - elbow)
    bend = np.rad2deg(np.arccos(np.clip(np.sum(upper * fore, axis=1), -1.0, 1.0)))
    held = _long(speed < HELD_MPS, HELD_S * fps)
    straight = bend < STRAIGHT
    high = wrist[:, 1] > shoulder[:, 1] + 0.15
    out[held & straight & ~high & (np.abs(fore[:, 1]) < LEVEL), SHAPES.index("point")] = 1.0
    out[held & straight & high, SHAPES.index("open")] = 1.0
    out[~held & (speed > FLYING_MPS) & straight, SHAPES.index("open")] = 1.0
    for frame in _stops(speed, fps):
        if bend[frame] > BENT:
            to = slice(max(0, frame - round(0.05 * fps)), frame + round(FIST_S * fps))
            out[to] = 0.0
            out[to, SHAPES.index("fist")] = 1.0
    out = np.clip(gaussian_smooth(out, EASE_S * fps), 0.0, 1.0)
    out[:, 0] = np.maximum(0.0, 1.0 - out[:, 1:].sum(axis=1))
    return out / out.sum(axis=1, keepdims=True)


def _long(mask: np.ndarray, least: float) -> np.ndarray:
    out = np.zeros_like(mask)
    for start, stop in zip(*runs(mask), strict=True):
        out[start:stop] = stop - start >= least
    return out


def _stops(speed: np.ndarray, fps: float) -> list[int]:
    """Frames at which a fast hand has just been stopped short."""
    reach = max(1, round(STOP_S * fps))
    peaks = (
        np.flatnonzero(
            (speed[1:-1] >= speed[:-2]) & (speed[1:-1] > speed[2:]) & (speed[1:-1] > HIT_MPS)
        )
        + 1
    )
    found = []
    for peak in peaks:
        after = speed[peak : peak + reach + 1]
        low = np.flatnonzero(after < STOPPED * speed[peak])
        if len(low):
            found.append(int(peak + low[0]))
    return found
