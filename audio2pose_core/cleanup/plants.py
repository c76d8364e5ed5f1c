"""Plants: the stretches of frames in which a foot is held, and what holds still in them."""

from __future__ import annotations

import numpy as np

from ..signals import runs
from .contacts import box_smooth, drop_short, fill_gaps, hysteresis

STRICT, LOOSE = 0.6, 0.4
"""Contact probabilities at which a plant is taken up, and down to which it lasts."""
MIN_PLANT_S = 0.13
MAX_GAP_S = 0.07
GIVE_WAY_S = 0.2
"""A plant that is not where the foot is held beside it gives way for so long."""


def plants(probability: np.ndarray, fps: float) -> np.ndarray:
    """Boolean plants (T, 4) from contact probabilities (T, 4), a frame shorter at either end.

    The label of a foot that is about to step says "planted" while it already
    moves; the last frame is given back to the swing.
    """
    out = np.zeros(probability.shape, dtype=bool)
    for c in range(probability.shape[1]):
        mask = hysteresis(probability[:, c] > LOOSE, probability[:, c] > STRICT)
        mask = fill_gaps(mask, round(MAX_GAP_S * fps))
        mask = drop_short(mask, round(MIN_PLANT_S * fps))
        free = np.pad(~mask, 1, mode="edge")
        out[:, c] = ~(free[:-2] | free[1:-1] | free[2:])
    return out


def steady_runs(mask: np.ndarray, track: np.ndarray, limit: float, shortest: int) -> np.ndarray:
    """The runs of mask (T,) in which track (T, C) stays within ``limit`` of its mean.

    A run that strays is cut where it moves fastest, until its parts are steady
    or too short to keep.
    """
    out = np.zeros_like(mask)
    pending = list(zip(*runs(mask), strict=True))
    while pending:
        start, stop = pending.pop()
        part = track[start:stop]
        stray = np.linalg.norm(part - part.mean(axis=0), axis=1).max()
        if stray <= limit:
            out[start:stop] = True
        elif stop - start > 2 * shortest:
            speed = np.linalg.norm(np.diff(part, axis=0), axis=1)
            speed = box_smooth(speed, 2 * (shortest // 2) + 1)
            inner = speed[shortest - 1 : len(speed) - shortest + 1]
            cut = start + shortest + int(np.argmax(inner))
            pending += [(start, cut - 1), (cut + 1, stop)]
    return drop_short(out, shortest) if shortest > 1 else out


def run_means(
    mask: np.ndarray, values: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """For each frame in a run of mask (T,) the mean of values (T, C) over that run, else 0.

    ``weights`` (T,) > 0 say what each frame counts.
    """
    starts, stops = runs(mask)
    each = np.ones((len(mask), 1)) if weights is None else weights[:, None]
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values * each, axis=0)])
    count = np.concatenate([np.zeros((1, 1)), np.cumsum(each, axis=0)])
    means = (total[stops] - total[starts]) / (count[stops] - count[starts])
    out = np.zeros_like(values)
    out[mask] = np.repeat(means, stops - starts, axis=0)
    return out


def apart(
    mask: np.ndarray, fixed: np.ndarray, shift: np.ndarray, limit: float, fps: float
) -> np.ndarray:
    """Frames (T,) of mask beside a fixed one, where the foot would jump by more than ``limit``.

    A plant that is not where the foot is fixed gives way to it for ``GIVE_WAY_S``.
    """
    out = np.zeros_like(mask)
    jumps = mask & ~fixed & (np.linalg.norm(shift, axis=1) > limit)
    reach = max(1, round(GIVE_WAY_S * fps))
    for at in np.flatnonzero(jumps):
        if at > 0 and fixed[at - 1]:
            out[at : at + reach] = True
        if at + 1 < len(fixed) and fixed[at + 1]:
            out[max(0, at - reach + 1) : at + 1] = True
    return out


def weights_of(fixed: np.ndarray) -> np.ndarray | None:
    """What the frames (T,) of a plant count where some are right already; None if none are.

    Those beside a free frame decide: there the free ones go on from.
    """
    if not fixed.any():
        return None
    free = np.pad(~fixed, 2, mode="edge")
    beside = np.max([free[i : i + len(fixed)] for i in range(5)], axis=0)
    return np.where(fixed, np.where(beside, 1.0, 1e-3), 1e-6)
