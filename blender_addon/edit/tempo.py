"""Frames of a dance stretched from its own beats to other ones, beat to beat. No bpy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..core import errors
from ..keys.fcurves import Points

_MOST = 1.8
"""A tempo that is so many times another one is the same song counted half or double."""


@dataclass(frozen=True)
class Warp:
    """From frames of the dance to frames of the song as it is now.

    ``old`` and ``new`` (n,) are the frames of the same beats, rising, n >= 2. Between two
    beats time runs evenly; before the first and after the last it runs as it does beside them.
    """

    old: np.ndarray
    new: np.ndarray

    def at(self, frames: np.ndarray) -> np.ndarray:
        """Where frames (n,) of the dance come to lie, (n,) float."""
        return _along(frames, self.old, self.new)

    def back(self, frames: np.ndarray) -> np.ndarray:
        """The inverse of ``at``."""
        return _along(frames, self.new, self.old)


def _along(frames: np.ndarray, old: np.ndarray, new: np.ndarray) -> np.ndarray:
    x = np.asarray(frames, dtype=np.float64)
    out = np.interp(x, old, new)
    first = (new[1] - new[0]) / (old[1] - old[0])
    last = (new[-1] - new[-2]) / (old[-1] - old[-2])
    out += np.minimum(x - old[0], 0) * first + np.maximum(x - old[-1], 0) * last
    return np.asarray(out)


def pair(
    old: np.ndarray,
    old_bars: np.ndarray,
    new: np.ndarray,
    new_bars: np.ndarray,
    old_zero: float,
    new_zero: float,
) -> Warp:
    """Pair the beats of a dance with those of the song as it is now, one to one.

    Parameters
    ----------
    old, old_bars : (n,) frames of the dance's beats, rising, and bool whether a bar begins there.
    new, new_bars : (m,) the same of the song now.
    old_zero, new_zero : the frames on which the song's second 0 sounded, and sounds.

    The dance's first bar begins on the bar that lies where a song of the new tempo has it.
    Raises OptionError where one tempo is about twice the other, or too few beats are left.
    """
    if len(old) < 2 or len(new) < 2:
        raise errors.OptionError("two beats at least are needed, of the dance and of the song")
    ratio = float(np.median(np.diff(new)) / np.median(np.diff(old)))
    if ratio > _MOST or ratio < 1 / _MOST:
        raise errors.OptionError(
            f"the song's beats are {max(ratio, 1 / ratio):.1f} times as "
            f"{'far apart' if ratio > 1 else 'close'} as the dance's; press "
            f"{'Double' if ratio > 1 else 'Half'} Tempo first, or generate the dance again"
        )
    begins, candidates = _bar(old, old_bars), np.arange(len(new))
    if old_bars.any() and new_bars.any():
        candidates = np.flatnonzero(new_bars)
    wanted = new_zero + (old[begins] - old_zero) * ratio
    begins_now = int(candidates[np.argmin(np.abs(new[candidates] - wanted))])
    low = max(-begins, -begins_now)
    high = min(len(old) - begins, len(new) - begins_now)
    if high - low < 2:
        raise errors.OptionError("the song has too few beats where this dance is; analyse it again")
    steps = np.arange(low, high)
    return Warp(
        np.asarray(old, dtype=np.float64)[begins + steps],
        np.asarray(new, dtype=np.float64)[begins_now + steps],
    )


def _bar(beats: np.ndarray, bars: np.ndarray) -> int:
    """The first beat with which a bar begins; the first beat where none does."""
    return int(np.flatnonzero(bars)[0]) if bars.any() else 0


def warped(curves: Mapping[tuple[str, int], Points], warp: Warp) -> dict[tuple[str, int], Points]:
    """The keys of curves with their handles, stretched.

    Keys come to lie on whole frames, all curves alike, but where two would share one.
    """
    every = [points.frames.astype(np.float64) for points in curves.values()]
    frames = np.unique(np.concatenate(every)) if every else np.zeros(0)
    exact = warp.at(frames)
    whole = np.round(exact)
    same = np.diff(whole) < 1
    crowded = np.concatenate([same, [False]]) | np.concatenate([[False], same])
    whole[crowded] = exact[crowded]
    return {key: _points(p, warp, frames, whole) for key, p in curves.items()}


def _points(points: Points, warp: Warp, frames: np.ndarray, whole: np.ndarray) -> Points:
    """The keys of one curve: each goes where its frame goes, its handles as far as it does."""
    place = whole[np.searchsorted(frames, points.frames.astype(np.float64))]
    shift = place - warp.at(points.frames)

    def moved(pairs: np.ndarray, to: np.ndarray) -> np.ndarray:
        out = pairs.copy()
        out[:, 0] = to
        return out

    return replace(
        points,
        co=moved(points.co, place),
        left=moved(points.left, warp.at(points.left[:, 0]) + shift),
        right=moved(points.right, warp.at(points.right[:, 0]) + shift),
    )
