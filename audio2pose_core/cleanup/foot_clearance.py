"""Steps clear the floor: a free foot that travels is lifted, as no dancer's soles glide."""

from __future__ import annotations

import numpy as np

from ..skeleton import REST_TOE_HEIGHT
from .curves import soft_floor

CLEARANCE = 0.02
"""How high (m) the ball of a foot passes over the floor on its way, at the least."""
GIVEN_BACK, LIFTED = 0.015, 0.025
"""What smoothing and the press towards the floor take from small lifts, m, is given back to a
foot that is lifted by about the second figure, m, or more: taps and small steps stay seen."""
HIGH = (0.06, 0.12)
"""Between these heights (m) it fades: a high step stays what it was."""
CLEAR_WITHIN = 0.08
"""So far (m) from where it stood, or will stand, the foot has two thirds of its clearance."""


def clear_floor(ball: np.ndarray, stands: np.ndarray, clearance: float = CLEARANCE) -> np.ndarray:
    """How much higher (T,) in metres the ball of a foot has to go not to skim the floor.

    The clearance grows with the way from the plant before and shrinks with the
    way to the one after, so that a foot which turns on the spot stays down, and
    a slow one peels off slowly. A foot that is high enough is let be.

    Parameters
    ----------
    ball : (T, 3)
        Where the ball goes, metres.
    stands : (T,) bool
        Frames in which the foot stands; without any, nothing is lifted.
    clearance : float
        Metres, as ``CLEARANCE``.
    """
    if not stands.any():
        return np.zeros(len(ball))
    index, frames = np.arange(len(ball)), len(ball)
    before = np.maximum.accumulate(np.where(stands, index, -1))
    after = np.minimum.accumulate(np.where(stands, index, frames)[::-1])[::-1]
    share = np.ones(frames)
    for plant in (np.where(before < 0, after, before), np.where(after == frames, before, after)):
        away = np.linalg.norm((ball - ball[plant])[:, [0, 2]], axis=1)
        share *= 1 - np.exp(-away / CLEAR_WITHIN)
    over = ball[:, 1] - REST_TOE_HEIGHT
    short = soft_floor(clearance - over, 0.0)
    high = np.clip((over - HIGH[0]) / (HIGH[1] - HIGH[0]), 0.0, 1.0)
    back = GIVEN_BACK * -np.expm1(-((np.maximum(over, 0.0) / LIFTED) ** 2))
    back *= 1.0 - high * high * (3.0 - 2.0 * high)
    return np.where(stands, 0.0, share * short + back)
