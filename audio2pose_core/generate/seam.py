"""How a stretch of dance is closed to a cycle: the network dances over the seam.

The last and the first beats of the stretch are danced again between the parts that stay, with
the end of the stretch before them and its beginning after them, so that they are one motion.
There are several ways to do that; ``loop`` takes the one whose seam shows least in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from .. import representation as rep
from ..signals import gaussian_smooth
from .inpaint import ConstraintFeatures
from .model import DanceModel
from .sampler import careful, sample_dance, settings_of

DRAWS = 6
"""Ways over the seam that are tried; each is one window of the network."""
SEAM_BEATS = 2.0
"""Beats on either side of the seam that are danced again, at most a quarter of the cycle."""
CONTEXT = 150
"""Frames on either side of the seam that the network sees, at least."""
STANDING_TURN = 0.15
"""How much of the turn that is missing a frame with both feet planted takes, beside others."""


def closings(
    model: DanceModel,
    cycle: np.ndarray,
    after: np.ndarray,
    conditions: np.ndarray,
    style: np.ndarray,
    reach: int,
    seed: int,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[np.ndarray]:
    """Features (C, 152) that go on with their own beginning: ``DRAWS`` ways, one after the other.

    Parameters
    ----------
    cycle : (C, 152)
        The dance that is closed.
    after : (n, 152)
        What was danced after it.
    conditions, style : (C, c) and (C, styles)
        What is asked for in a cycle.
    reach : int
        Frames on either side of the seam that are danced again.
    """
    frames = len(cycle)
    open_ = _handed_over(cycle, after, reach)
    sides = max(1, -(-CONTEXT // frames))
    place = np.arange(-sides * frames, sides * frames) % frames
    free = np.minimum(place, frames - place) < reach
    # The outer ends are no seams to be danced over: nothing lies beyond them.
    mask = np.repeat(~free[:, None], rep.GROUPS, axis=1)
    features = open_[place]
    nothing = np.zeros(len(place), dtype=bool)
    fixed = ConstraintFeatures(features, mask, np.zeros(len(place)), nothing)
    middle = np.arange(frames) + sides * frames - frames // 2
    settings = careful(settings_of(model))
    for draw in range(DRAWS):
        raw = sample_dance(
            model,
            conditions[place],
            style[place],
            (seed + draw * 0x9E3779B9) % 2**63,
            settings,
            cancelled=cancelled,
            fixed=fixed,
        )
        yield np.roll(raw[middle], -(frames // 2), axis=0)


def near_seam(frames: int, reach: int) -> np.ndarray:
    """Frames (C,) of a cycle that are danced over its seam."""
    at = np.arange(frames)
    return np.asarray(np.minimum(at, frames - at) < reach)


def without_turn(cycle: np.ndarray, fps: float) -> np.ndarray:
    """The cycle (C, 152) that faces, after each time around, where it faced before.

    What is missing, half a turn at most, is added where the body turns anyway or stands on
    one foot; whole turns stay.
    """
    turn = cycle[:, rep.TURN][:, 0] / fps
    missing = float(np.angle(np.exp(-1j * turn.sum())))
    down = cycle[:, rep.CONTACTS] > 0.5
    both = down[:, :2].any(axis=1) & down[:, 2:].any(axis=1)
    wanted = np.abs(turn) * fps + np.where(both, STANDING_TURN, 1.0)
    weight = gaussian_smooth(np.tile(wanted, 3), 0.15 * fps)[len(turn) : 2 * len(turn)]
    out = cycle.copy()
    out[:, rep.TURN] += (missing * fps * weight / weight.sum())[:, None]
    return out


def _handed_over(cycle: np.ndarray, after: np.ndarray, reach: int) -> np.ndarray:
    """The cycle whose first ``reach`` frames come out of what was danced after it."""
    count = min(reach, len(after), len(cycle) // 2)
    out = cycle.copy()
    s = ((np.arange(count) + 1.0) / (count + 1))[:, None]
    share = s**3 * (10.0 - 15.0 * s + 6.0 * s**2)
    out[:count] = (1.0 - share) * after[:count] + share * cycle[:count]
    return out
