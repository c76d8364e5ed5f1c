"""One curve through few keys: cubic Hermite, which is a Bézier with handles at a third of the way.

Keys are put where they are needed, top down, as in curve fitting by recursive splitting
(Schneider, "An Algorithm for Automatically Fitting Digitized Curves", Graphics Gems, 1990),
with slopes by least squares over all frames.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_SNAP = 0.3  # of a stretch: how far a key moves to lie on a beat
_WEAK = 1e-3  # the pull to a curve's own slope: a stretch of one frame says nothing of slopes


class Fit:
    """Keys of one track in the making.

    Attributes
    ----------
    values : (n, c)
        What the curve should be; the value at a key. May be changed: ``solve`` then.
    is_key : (n,) bool
    slopes, fitted : (n, c)
        Slopes a frame, valid at the keys; the curve.
    """

    def __init__(
        self,
        values: np.ndarray,
        fixed: np.ndarray,
        misfit: Callable[[np.ndarray, np.ndarray], np.ndarray],
    ) -> None:
        """``fixed`` (n,) bool stay keys; ``misfit(fitted, values)`` (n,) is in metres."""
        self.values, self.fixed, self.misfit = values, fixed, misfit
        self.is_key = fixed.copy()
        self.slopes, self.fitted = np.zeros_like(values), values

    def solve(self) -> None:
        """Slopes and curve for the keys as they are."""
        index = np.flatnonzero(self.is_key)
        self.slopes[index] = least_squares_slopes(self.values, index)
        self.fitted = hermite(self.values, index, self.slopes[index])

    def errors(self) -> np.ndarray:
        """The misfit (n,) of every frame, metres."""
        return self.misfit(self.fitted, self.values)

    def split(self, allowed: np.ndarray, beats: np.ndarray) -> None:
        """Add keys until every frame is within ``allowed`` (n,), on ``beats`` (n,) where near."""
        self.solve()
        while self._add(self.errors() / allowed, beats):
            self.solve()

    def _add(self, excess: np.ndarray, beats: np.ndarray) -> bool:
        """A key in each stretch between two keys that is over 1; whether there was one."""
        index = np.flatnonzero(self.is_key)
        if len(index) < 2:
            return False
        over = np.flatnonzero(np.maximum.reduceat(excess, index[:-1]) > 1.0)
        for first, last in zip(index[over], index[over + 1], strict=True):
            at = first + int(np.argmax(excess[first:last]))
            near = first + 1 + np.flatnonzero(beats[first + 1 : last])
            if len(near):
                beat = near[np.argmin(np.abs(near - at))]
                at = int(beat) if abs(beat - at) <= _SNAP * (last - first) else at
            self.is_key[at] = True
        return len(over) > 0

    def prune(self, allowed: np.ndarray) -> None:
        """Take away keys that are not needed; every second one is tried at a time."""
        for phase in (0, 1):
            index = np.flatnonzero(self.is_key)[1 + phase : -1 : 2]
            index = index[~self.fixed[index]]
            if len(index) == 0:
                continue
            self.is_key[index] = False
            self.solve()
            # A key comes back where the stretch that it split went over.
            left = np.flatnonzero(self.is_key)
            worst = np.maximum.reduceat(self.errors() / allowed, left[:-1])
            self.is_key[index[worst[np.searchsorted(left, index) - 1] > 1.0]] = True
        self.split(allowed, np.zeros_like(self.fixed))


def hermite(values: np.ndarray, index: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """The cubics (n, c) through the rows ``index`` (k,) of values (n, c), slopes (k, c) a frame."""
    if len(index) < 2:
        return np.repeat(values[index], len(values), axis=0)
    left, step, t = _places(index, np.arange(len(values)))
    t, step = t[:, None], step[:, None]
    a, b = values[index[left]], values[index[left + 1]]
    p, q = slopes[left] * step, slopes[left + 1] * step
    rise = t * t * (3.0 - 2.0 * t)
    return a + (b - a) * rise + p * t * (1.0 - t) ** 2 + q * t * t * (t - 1.0)


def least_squares_slopes(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Slopes (k, c) a frame of the keys ``index`` that bring the cubics nearest to ``values``."""
    size = len(index)
    if size < 2:
        return np.zeros((size, values.shape[1]))
    left, step, t = _places(index, np.arange(index[0], index[-1] + 1))
    p, q = t * (1.0 - t) ** 2 * step, t * t * (t - 1.0) * step
    rise = (t * t * (3.0 - 2.0 * t))[:, None]
    start, end = values[index[left]], values[index[left + 1]]
    rest = values[index[0] : index[-1] + 1] - start - (end - start) * rise
    diagonal = np.bincount(left, p * p, size) + np.bincount(left + 1, q * q, size) + _WEAK
    beside = np.bincount(left, p * q, size)
    own = np.gradient(values, axis=0)[index]
    right = _WEAK * own
    for c in range(values.shape[1]):
        right[:, c] += np.bincount(left, p * rest[:, c], size)
        right[:, c] += np.bincount(left + 1, q * rest[:, c], size)
    beside[-1] = 0.0
    return _tridiagonal(np.concatenate([[0.0], beside[:-1]]), diagonal, beside, right)


def handles(frames: np.ndarray, values: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Bézier handles (k, 4): left frame and value, right frame and value, of one channel's keys.

    ``frames``, ``values``, ``slopes`` are (k,); slopes a frame.
    """
    step = np.diff(frames) / 3.0 if len(frames) > 1 else np.ones(1) / 3.0
    before, after = np.concatenate([step[:1], step]), np.concatenate([step, step[-1:]])
    before, after = before[: len(frames)], after[-len(frames) :]
    return np.stack(
        [frames - before, values - before * slopes, frames + after, values + after * slopes], axis=1
    )


def _places(index: np.ndarray, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each frame: the key on its left, the length of its stretch, and 0..1 within it."""
    left = np.clip(np.searchsorted(index, frames, side="right") - 1, 0, len(index) - 2)
    step = (index[left + 1] - index[left]).astype(np.float64)
    return left, step, (frames - index[left]) / step


def _tridiagonal(
    lower: np.ndarray, diagonal: np.ndarray, upper: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Solve a tridiagonal system (k,), right sides (k, c), by parallel cyclic reduction.

    Hockney and Jesshope, "Parallel Computers" (1981): log2 k steps on whole arrays.
    """
    size = len(diagonal)
    distance = 1
    while distance < size:
        rows = np.arange(size)
        before, after = rows - distance, rows + distance
        has_before, has_after = before >= 0, after < size
        before, after = np.maximum(before, 0), np.minimum(after, size - 1)
        low = np.where(has_before, lower / diagonal[before], 0.0)
        high = np.where(has_after, upper / diagonal[after], 0.0)
        right = right - low[:, None] * right[before] - high[:, None] * right[after]
        diagonal, lower, upper = (
            diagonal - low * upper[before] - high * lower[after],
            -low * lower[before],
            -high * upper[after],
        )
        distance *= 2
    return right / diagonal[:, None]
