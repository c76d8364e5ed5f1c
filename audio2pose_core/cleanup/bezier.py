"""One curve through few keys: cubic Hermite, which is a Bézier with handles at a third of the way.

Values and slopes of the keys are those that bring the whole curve nearest to what it should be,
by least squares; weights that grow where it strays the most bring the largest error down
(Lawson's algorithm, 1961). A pinned key has exactly the value that it should have.
"""

from __future__ import annotations

import numpy as np

_WEAK = 1e-4
"""The pull to a curve's own values and slopes: a stretch of one frame says nothing of slopes."""
_PINNED = 1e9


def hermite(values: np.ndarray, index: np.ndarray, slopes: np.ndarray, frames: int) -> np.ndarray:
    """The cubics (frames, c) through the keys at frames ``index`` (k,).

    ``values`` and ``slopes`` (k, c) are the keys', slopes a frame.
    """
    if len(index) < 2:
        return np.repeat(values, frames, axis=0)
    left, basis = basis_of(index, frames)
    parts = (values[left], values[left + 1], slopes[left], slopes[left + 1])
    out: np.ndarray = sum(b[:, None] * part for b, part in zip(basis.T, parts, strict=True))
    return out


def basis_of(index: np.ndarray, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each frame the key on its left (n,), and what four numbers count there, (n, 4).

    These are the values of the left and of the right key, and their slopes a frame.
    """
    left = np.clip(
        np.searchsorted(index, np.arange(frames), side="right") - 1, 0, max(0, len(index) - 2)
    )
    step = (index[left + 1] - index[left]).astype(np.float64)
    t = (np.arange(frames) - index[left]) / step
    rise = t * t * (3.0 - 2.0 * t)
    slopes = (t * (1.0 - t) ** 2 * step, t * t * (t - 1.0) * step)
    return left, np.stack([1.0 - rise, rise, *slopes], axis=1)


def least_squares_keys(
    wanted: np.ndarray, index: np.ndarray, weights: np.ndarray, pinned: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Values and slopes (k, c) of the keys whose cubics come nearest to ``wanted`` (n, c).

    Parameters
    ----------
    wanted : (n, c), of which the first key is on the first frame and the last on the last.
    index : (k,) rising frames of the keys.
    weights : (n,) what each frame counts; their mean is 1.
    pinned : (k,) bool
        Keys whose value is that of ``wanted``.
    """
    size, channels = len(index), wanted.shape[1]
    own = np.gradient(wanted, axis=0)[index] if len(wanted) > 1 else np.zeros((size, channels))
    if size < 2:
        return wanted[index].copy(), np.zeros((size, channels))
    left, basis = basis_of(index, len(wanted))
    # Rows of unknowns: (value, slope) of each key.
    diagonal, beside = np.zeros((size, 2, 2)), np.zeros((size, 2, 2))
    right = np.zeros((size, 2, channels))
    mine, next_ = basis[:, [0, 2]], basis[:, [1, 3]]
    weighted = weights[:, None] * wanted
    for i in range(2):
        for j in range(2):
            diagonal[:, i, j] += np.bincount(left, weights * mine[:, i] * mine[:, j], size)
            diagonal[:, i, j] += np.bincount(left + 1, weights * next_[:, i] * next_[:, j], size)
            beside[:, i, j] += np.bincount(left, weights * mine[:, i] * next_[:, j], size)
        for c in range(channels):
            right[:, i, c] += np.bincount(left, mine[:, i] * weighted[:, c], size)
            right[:, i, c] += np.bincount(left + 1, next_[:, i] * weighted[:, c], size)
    pull = np.stack([np.where(pinned, _PINNED, _WEAK), np.full(size, _WEAK)], axis=1)
    diagonal[:, [0, 1], [0, 1]] += pull
    right += pull[:, :, None] * np.stack([wanted[index], own], axis=1)
    solved = block_tridiagonal(diagonal, beside, right)
    values = np.where(pinned[:, None], wanted[index], solved[:, 0])
    return values, solved[:, 1]


def block_tridiagonal(diagonal: np.ndarray, beside: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve a symmetric block tridiagonal system: blocks (k, m, m), right sides (k, m, c).

    ``beside`` has of each block row what stands to the right of the diagonal; its last is not
    used. Forwards and back again (Thomas's algorithm).
    """
    size, last = diagonal.shape[:2]
    both = np.concatenate([beside, right], axis=2)
    across = np.ascontiguousarray(beside.transpose(0, 2, 1))
    pivot = diagonal[0]
    for k in range(size):
        both[k] = solved = np.linalg.solve(pivot, both[k])
        if k + 1 < size:
            both[k + 1, :, last:] -= across[k] @ solved[:, last:]
            pivot = diagonal[k + 1] - across[k] @ solved[:, :last]
    out = both[:, :, last:].copy()
    for k in range(size - 2, -1, -1):
        out[k] -= both[k, :, :last] @ out[k + 1]
    return out


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
