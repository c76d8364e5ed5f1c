"""How a stretch of dance is closed to a cycle: the network dances over the seam.

The last and the first beats of the stretch are danced again between the parts that stay, with
the end of the stretch before them and its beginning after them, so that they are one motion.
Of some ways to do that the one is taken that shows the seam least.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .. import representation as rep
from ..metrics.smoothness import velocity_steps
from ..signals import gaussian_smooth
from .inpaint import ConstraintFeatures
from .model import DanceModel
from .sampler import sample_dance, settings_of

DRAWS = 6
"""Ways over the seam that are tried; each is one window of the network."""
SEAM_BEATS = 2.0
"""Beats on either side of the seam that are danced again, at most a quarter of the cycle."""
CONTEXT = 150
"""Frames on either side of the seam that the network sees, at least."""
NEAR_S = 0.15
QUIET = 0.55
"""A seam whose velocity steps are below so much of the 99th percentile is quiet enough."""
STANDING_TURN = 0.15
"""How much of the turn that is missing a frame with both feet planted takes, beside others."""


def close_features(
    model: DanceModel,
    cycle: np.ndarray,
    after: np.ndarray,
    conditions: np.ndarray,
    style: np.ndarray,
    reach: int,
    seed: int,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[np.ndarray, np.ndarray]:
    """Features (C, 152) that go on with their own beginning, and which frames (C,) are new.

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
    settings = settings_of(model)
    best, least = open_, np.inf
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
        made = np.roll(raw[middle], -(frames // 2), axis=0)
        shown = seam_shown(made, model.fps)
        if shown < least:
            best, least = made, shown
        if least < QUIET:
            break
    return best, np.minimum(np.arange(frames), frames - np.arange(frames)) < reach


def seam_shown(cycle: np.ndarray, fps: float) -> float:
    """Largest change of velocity near the seam of features (C, 152), over the 99 % elsewhere."""
    frames = len(cycle)
    steps = velocity_steps(rep.decode(np.tile(cycle, (3, 1)), fps))[frames : 2 * frames]
    at = np.arange(frames)
    near = np.minimum(at, frames - at) <= round(NEAR_S * fps)
    return float(steps[near].max() / max(np.percentile(steps[~near], 99), 1e-9))


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
