"""One curve through few keys: cubic Hermite, which is a Bézier with handles at a third of the way.

Values and slopes of the keys are those that bring the whole curve nearest to what it should be,
by least squares; weights that grow where it strays the most bring the largest error down
(Lawson's algorithm, 1961). A pinned key has exactly the value that it should have.
"""

from __future__ import annotations

import itertools

import numpy as np

_WEAK = 1e-4
"""The pull to a curve's own values and slopes: a stretch of one frame says nothing of slopes."""
_PINNED = 1e9
THIRD = 1.0 / 3.0
"""The reach of a handle with which a Bézier is a cubic of time."""
_NEWTON = 8
_PIECE, _OVERLAP = 12, 4
"""Keys of a piece of a long system, and how far it looks into its neighbours."""


def hermite(
    values: np.ndarray,
    index: np.ndarray,
    slopes: np.ndarray,
    frames: int,
    reach: np.ndarray | None = None,
) -> np.ndarray:
    """The curves (frames, c) through the keys at frames ``index`` (k,).

    ``values`` and ``slopes`` (k, c) are the keys', slopes a frame; ``reach`` (k, 2) how far the
    left and the right handle of each reach, as shares of the way to the next key: a third
    where it is not given.
    """
    if len(index) < 2:
        return np.repeat(values, frames, axis=0)
    left, weights = basis_of(index, frames, reach)
    parts = (values[left], values[left + 1], slopes[left], slopes[left + 1])
    out: np.ndarray = sum(w[:, None] * part for w, part in zip(weights.T, parts, strict=True))
    return out


def basis_of(
    index: np.ndarray, frames: int, reach: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Of each frame the key on its left (n,), and what four numbers count there, (n, 4).

    These are the values of the left and of the right key, and their slopes a frame.
    """
    left = np.clip(
        np.searchsorted(index, np.arange(frames), side="right") - 1, 0, max(0, len(index) - 2)
    )
    step = (index[left + 1] - index[left]).astype(np.float64)
    t = (np.arange(frames) - index[left]) / step
    if reach is not None:
        return left, basis(t, step, np.stack([reach[left, 1], reach[left + 1, 0]], axis=1))
    rise = t * t * (3.0 - 2.0 * t)
    slopes = (t * (1.0 - t) ** 2 * step, t * t * (t - 1.0) * step)
    return left, np.stack([1.0 - rise, rise, *slopes], axis=1)


def basis(t: np.ndarray, step: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """What the values of the left and the right key and their slopes count, (f, 4).

    ``t`` (f,) is where a frame is in its segment, 0 to 1; ``step`` (f,) the segment's length in
    frames; ``reach`` (f, 2) the shares of it that its handles reach.
    """
    return _basis(_along(t, reach), step, reach)


def basis_and_change(
    t: np.ndarray, step: np.ndarray, reach: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``basis``, and how it changes with either handle's reach: three times (f, 4)."""
    s = _along(t, reach)
    near, far = 3.0 * s * (1.0 - s) ** 2, 3.0 * s * s * (1.0 - s)
    # The longer a handle, the earlier or the later the curve is where it is.
    speed = _speed(s, reach)
    turn = 6.0 * s * (1.0 - s)
    a, b = reach.T
    along = np.stack(
        [
            -turn,
            turn,
            a * step * 3.0 * (1.0 - s) * (1.0 - 3.0 * s),
            -b * step * 3.0 * s * (2.0 - 3.0 * s),
        ],
        axis=1,
    )
    left, right = along * (-near / speed)[:, None], along * (far / speed)[:, None]
    left[:, 2] += step * near
    right[:, 3] -= step * far
    return _basis(s, step, reach), left, right


def _basis(s: np.ndarray, step: np.ndarray, reach: np.ndarray) -> np.ndarray:
    rise = s * s * (3.0 - 2.0 * s)
    near, far = 3.0 * s * (1.0 - s) ** 2, 3.0 * s * s * (1.0 - s)
    parts = (1.0 - rise, rise, reach[:, 0] * step * near, -reach[:, 1] * step * far)
    return np.stack(parts, axis=1)


def _along(t: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """The parameter (f,) of a Bézier at which its time is ``t`` (f,), by Newton's method."""
    a, b = reach.T
    s = t
    for _ in range(_NEWTON):
        r = 1.0 - s
        x = 3.0 * r * s * (r * a + s * (1.0 - b)) + s * s * s
        s = np.clip(s - (x - t) / _speed(s, reach), 0.0, 1.0)
    return s


def _speed(s: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """How fast time goes along a Bézier, (f,); never quite still."""
    a, b = reach.T
    r = 1.0 - s
    speed = 3.0 * (r * r * a + 2.0 * r * s * (1.0 - a - b) + s * s * b)
    out: np.ndarray = np.maximum(speed, 0.05)
    return out


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


def block_runs(
    diagonal: np.ndarray, beside: np.ndarray, right: np.ndarray, coupled: np.ndarray
) -> np.ndarray:
    """Symmetric block tridiagonal systems one after the other, solved nearly: (k, m).

    As in ``block_tridiagonal``, with one right side (k, m); ``coupled`` (k - 1,) says which
    neighbours belong to one system. Long systems are solved in pieces that overlap, all pieces
    at once (restricted additive Schwarz; Cai and Sarkis, SIAM J. Sci. Comput. 1999): a key is
    hardly felt four keys on.
    """
    size, m = right.shape
    ends = [0, *(np.flatnonzero(~coupled) + 1).tolist(), size]
    pieces = []
    for start, stop in itertools.pairwise(ends):
        count = max(1, round((stop - start) / _PIECE))
        cuts = np.linspace(start, stop, count + 1).round().astype(int).tolist()
        for a, b in itertools.pairwise(cuts):
            pieces.append((max(start, a - _OVERLAP), min(stop, b + _OVERLAP), a, b))
    longest = max(stop - start for start, stop, _, _ in pieces)
    rows = np.array([start for start, _, _, _ in pieces])[:, None] + np.arange(longest)
    inside = rows < np.array([stop for _, stop, _, _ in pieces])[:, None]
    joined = inside[:, 1:] & inside[:, :-1]
    rows = np.minimum(rows, size - 1)
    pivots, across, both = diagonal[rows], beside[rows], right[rows][..., None]
    pivots[~inside], both[~inside] = np.eye(m, dtype=diagonal.dtype), 0.0
    across[:, :-1][~joined] = 0.0
    across[:, -1] = 0.0
    both = np.concatenate([across, both], axis=3)
    pivot = pivots[:, 0]
    for k in range(longest):
        both[:, k] = solved = np.linalg.solve(pivot, both[:, k])
        if k + 1 < longest:
            change = across[:, k].transpose(0, 2, 1) @ solved
            both[:, k + 1, :, m:] -= change[..., m:]
            pivot = pivots[:, k + 1] - change[..., :m]
    found = both[..., m]
    for k in range(longest - 2, -1, -1):
        found[:, k] -= (both[:, k, :, :m] @ found[:, k + 1, :, None])[..., 0]
    out = np.empty_like(right)
    for piece, (start, _, a, b) in zip(found, pieces, strict=True):
        out[a:b] = piece[a - start : b - start]
    return out


def handles(
    frames: np.ndarray,
    values: np.ndarray,
    slopes: np.ndarray,
    reach: np.ndarray | None = None,
) -> np.ndarray:
    """Bézier handles (k, 4): left frame and value, right frame and value, of one channel's keys.

    ``frames``, ``values``, ``slopes`` are (k,); slopes a frame. ``reach`` as in ``hermite``.
    """
    step = np.diff(frames) if len(frames) > 1 else np.ones(1)
    before, after = np.concatenate([step[:1], step]), np.concatenate([step, step[-1:]])
    before, after = before[: len(frames)], after[-len(frames) :]
    shares = np.full((len(frames), 2), THIRD) if reach is None else reach
    before, after = before * shares[:, 0], after * shares[:, 1]
    return np.stack(
        [frames - before, values - before * slopes, frames + after, values + after * slopes], axis=1
    )
