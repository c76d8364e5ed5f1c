"""The timing pass: bring the moves of a dance onto the accents of the song.

The motion's own beats (``metrics.motion_beats``) are assigned to a grid of accents
by dynamic programming: a pair earns the root of the motion beat's prominence times the
weight of the accent (quarter notes more than the eighths between them), and every
change of speed costs. Between the pairs the motion runs a little faster or
slower, through a map that is smooth and never leaves 1 +- ``MAX_STRETCH``.

The work is linear in length: each motion beat looks only at the accents within
``REACH_S`` of it and at the few motion beats before it.
"""

from __future__ import annotations

import numpy as np

from .. import rotations as rot
from ..metrics.motion_beats import motion_beats
from ..motion import Motion
from ..signals import gaussian_kernel, runs
from .smooth import filter_frames

MAX_STRETCH = 0.15
HALF_BEAT_WEIGHT = 0.5
SPEED_PRICE = 4.0
"""Price per second of the squared log of the speed: a second at 15 % costs 0.08 of a pair."""
REACH_S = 0.8
LOOK_BACK = 4
SMOOTH_S = 0.1
MIN_PROMINENCE = 0.03


def time_warp(motion: Motion, accent_times: np.ndarray, still: np.ndarray | None = None) -> Motion:
    """The motion with its beats on ``accent_times`` (n,) seconds; same length, contacts follow.

    Frames in ``still`` (T,) bool stay as and where they are.
    """
    if still is None:
        return sample_smooth(motion, time_map(motion, accent_times))
    return sample_smooth(motion, map_around(motion, accent_times, still))


def map_around(motion: Motion, accent_times: np.ndarray, still: np.ndarray) -> np.ndarray:
    """Source times (T,) as of ``time_map``, with every frame of ``still`` (T,) shown at its time.

    Each free span is mapped by itself. Beside what is still its first and last
    moments are left alone, so that smoothing leaves no corner in the time there.
    """
    kernel = gaussian_kernel(SMOOTH_S * motion.fps)
    rest = len(kernel) // 2 + 1
    frames = np.arange(len(motion)) / motion.fps
    out = frames.copy()
    for start, stop in zip(*runs(~still), strict=True):
        first = 0 if start == 0 else start + rest
        last = len(motion) if stop == len(motion) else stop - rest
        if last - first < 2:
            continue
        begin, accents = first / motion.fps, np.asarray(accent_times, dtype=np.float64)
        inside = (accents >= begin - REACH_S) & (accents <= last / motion.fps + REACH_S)
        tied = (bool(first > 0), bool(last < len(motion)))
        part = motion.slice(first, last)
        out[first:last] = begin + time_map(part, accents[inside] - begin, tied=tied)
    lag = filter_frames(frames - out, kernel)
    return np.where(still, frames, np.clip(frames - lag, 0.0, frames[-1]))


def time_map(
    motion: Motion,
    accent_times: np.ndarray,
    *,
    half_weight: float = HALF_BEAT_WEIGHT,
    max_stretch: float = MAX_STRETCH,
    speed_price: float = SPEED_PRICE,
    tied: tuple[bool, bool] = (False, False),
) -> np.ndarray:
    """Source time (T,) in seconds that each frame of the warped motion shows.

    Parameters
    ----------
    accent_times : (n,) array
        Increasing, seconds. The midpoints between them are offered too, at
        ``half_weight`` (0 leaves them out).
    max_stretch : float
        The speed stays within 1 -+ this.
    speed_price : float
        See ``SPEED_PRICE``; more keeps the motion's own timing.
    tied : (bool, bool)
        Whether start and end are shown when they are danced; else some frames
        of either may be left out.
    """
    frames = np.arange(len(motion)) / motion.fps
    accents = np.unique(np.asarray(accent_times, dtype=np.float64))
    beats, prominence = motion_beats(motion)
    clear = prominence >= MIN_PROMINENCE
    beats, prominence = beats[clear], prominence[clear]
    if len(accents) < 2 or len(beats) == 0:
        return frames
    weights = np.ones(len(accents))
    if half_weight > 0:
        between = (accents[1:] + accents[:-1]) / 2
        weights = np.concatenate([weights, np.full(len(between), half_weight)])
        accents = np.concatenate([accents, between])
        order = np.argsort(accents)
        accents, weights = accents[order], weights[order]
    limit = max_stretch * 0.95
    end = frames[-1]
    at, shown = assign(beats, prominence, accents, weights, end, limit, speed_price, tied)
    if len(at) == 0:
        return frames
    return smooth_map(at, shown, frames, motion.fps, tied)


def assign(
    beats: np.ndarray,
    prominence: np.ndarray,
    accents: np.ndarray,
    weights: np.ndarray,
    end: float,
    limit: float,
    price: float,
    tied: tuple[bool, bool] = (False, False),
) -> tuple[np.ndarray, np.ndarray]:
    """The best pairs: accent times (k,) and the motion beats (k,) shown at them, both increasing.

    Source time may begin after 0 and end before ``end`` (some frames of either
    end are then not shown) unless that end is tied, never the other way round:
    there is nothing to show.
    """
    # Up to `width` candidate accents a beat, padded with -1.
    first = np.searchsorted(accents, beats - REACH_S)
    last = np.searchsorted(accents, beats + REACH_S, side="right")
    width = max(1, int((last - first).max()))
    candidate = first[:, None] + np.arange(width)
    valid = (candidate < last[:, None]) & (candidate < len(accents))
    candidate = np.where(valid, candidate, 0)
    at = accents[candidate]
    valid &= (at >= 0) & (at <= end)
    lag = at - beats[:, None]  # > 0: the beat is shown later than it was danced

    # Reaching the first pair from the start, and the end from the last pair.
    opening = _edge_cost(lag, at, limit, price, tied[0])
    closing = _edge_cost(-lag, end - at, limit, price, tied[1])
    # The root: a clear stop counts more than a ripple, but four ripples are no stop.
    gain = np.where(valid, np.sqrt(prominence)[:, None] * weights[candidate], -np.inf)
    score = gain - opening
    parent = np.full((len(beats), width, 2), -1)
    for i in range(1, len(beats)):
        low = max(0, i - LOOK_BACK)
        source = beats[i] - beats[low:i, None, None]
        target = at[i] - at[low:i, :, None]
        ok = target > 1e-6
        log_speed = np.log(source / np.where(ok, target, 1.0))
        ok &= np.abs(log_speed) <= np.log1p(limit)
        path = score[low:i, :, None] - price * target * log_speed**2
        path = np.where(ok, path, -np.inf).reshape(-1, width)
        best = np.argmax(path, axis=0)
        value = path[best, np.arange(width)] + gain[i]
        better = value > score[i]
        score[i] = np.where(better, value, score[i])
        parent[i, better, 0] = low + best[better] // width
        parent[i, better, 1] = best[better] % width
    final = score - closing
    if not np.isfinite(final).any():
        return np.zeros(0), np.zeros(0)
    i, j = (int(k) for k in np.unravel_index(int(np.argmax(final)), final.shape))
    pairs = []
    while i >= 0:
        pairs.append((at[i, j], beats[i]))
        i, j = (int(k) for k in parent[i, j])
    pairs.reverse()
    return np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])


def _edge_cost(
    lag: np.ndarray, room: np.ndarray, limit: float, price: float, tied: bool
) -> np.ndarray:
    """Cost of taking up a lag (n, w) seconds within ``room`` (n, w) seconds of an end.

    Leaving out frames at the end costs nothing unless it is tied; stretching
    to fill costs speed, and is impossible beyond ``limit``.
    """
    safe = np.maximum(room, 1e-6)
    speed = 1.0 - (lag if tied else np.maximum(lag, 0.0)) / safe
    possible = (speed >= 1.0 / (1.0 + limit)) & (speed <= 1.0 + limit)
    log_speed = np.log(np.where(possible, speed, 1.0))
    return np.where(possible, price * safe * log_speed**2, np.inf)


def smooth_map(
    at: np.ndarray,
    shown: np.ndarray,
    frames: np.ndarray,
    fps: float,
    tied: tuple[bool, bool] = (False, False),
) -> np.ndarray:
    """Source times (T,) through the pairs (at, shown), smooth and within the source.

    The lag (output minus source time) is piecewise linear and then smoothed
    with a Gaussian, which keeps every bound on its slope.
    """
    end = frames[-1]
    lag = at - shown
    # The ends: no lag can point outside the source.
    knots = np.concatenate([[0.0], at, [end]])
    first = 0.0 if tied[0] else min(lag[0], 0.0)
    last = 0.0 if tied[1] else max(lag[-1], 0.0)
    track = np.interp(frames, knots, np.concatenate([[first], lag, [last]]))
    # Mirrored through the end points, so that the ends stay where they are.
    track = filter_frames(track, gaussian_kernel(SMOOTH_S * fps))
    return np.clip(frames - track, 0.0, end)


def sample_smooth(motion: Motion, times: np.ndarray) -> Motion:
    """The motion at ``times`` (T,) seconds by cubic interpolation (Catmull-Rom), same fps.

    Linear interpolation would cut every curve at a different fraction from
    frame to frame, which shows as tremble in the jerk.
    """
    last = len(motion) - 1
    x = np.clip(np.asarray(times, dtype=np.float64) * motion.fps, 0.0, last)
    low = np.minimum(np.floor(x).astype(int), max(last - 1, 0))
    t = x - low
    taps = (
        0.5 * (-t + 2 * t**2 - t**3),
        0.5 * (2 - 5 * t**2 + 3 * t**3),
        0.5 * (t + 4 * t**2 - 3 * t**3),
        0.5 * (-(t**2) + t**3),
    )
    index = [np.clip(low + k, 0, last) for k in (-1, 0, 1, 2)]

    def mix(values: np.ndarray) -> np.ndarray:
        shape = (-1,) + (1,) * (values.ndim - 1)
        return sum(w.reshape(shape) * values[i] for w, i in zip(taps, index, strict=True))

    quats = rot.normalize(mix(rot.continuous(motion.rotations)))
    contacts = None if motion.contacts is None else np.clip(mix(motion.contacts), 0.0, 1.0)
    hands = None if motion.hands is None else np.clip(mix(motion.hands), 0.0, 1.0)
    return Motion(motion.fps, mix(motion.root), quats, contacts, hands)
