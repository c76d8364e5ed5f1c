"""Keys of a limb moved together, so that its points stray least: Gauss-Newton steps.

An error that one bone leaves another makes up for; so points (hand, ankle, toes) are what is
measured. Unknown are the turn and the slope of each bone at each key, and how far the handles
reach. A frame depends on two keys only, so that the normal equations are block tridiagonal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .. import rotations as rot
from . import bezier
from .bezier import THIRD
from .bones import LOCATION, QUATERNION, Track
from .limb_curves import LimbCurves, Pose, Stretch

_SMALL = 1e-6
"""Of an angle, for a difference quotient."""
_DAMPING = 1e-3
"""Levenberg's and Marquardt's, of the diagonal's mean and of itself."""
_LOOSE = {False: 30.0, True: 2.0}
"""Of the error: what pulls a bone to where it aims counts as if it might stray so far; less where
constraints move bones that the chain does not know of."""
_LEAST, _MOST, _POWER = 0.3, 4.0, 1.0
"""A frame counts by how far it strays, over what it may, within bounds, to this power."""
_FAR = 0.5
"""Radians: no key turns further in a step."""
_SHORTEST, _LONGEST, _LONGER = 0.12, 0.7, 0.15
"""Bounds of a handle's reach, as shares of its segment, and its most in a step."""


class _Normal(NamedTuple):
    """Sums over the frames of each segment: (s, w, ...), w what the numbers of its keys count."""

    left: np.ndarray
    across: np.ndarray
    right: np.ndarray
    left_reach: np.ndarray
    right_reach: np.ndarray
    reach: np.ndarray


class LimbSteps:
    """What moves the keys of a limb.

    ``error`` is metres that the limb's ends may stray.
    """

    def __init__(self, curves: LimbCurves, error: float) -> None:
        self.curves = curves
        body = curves.body
        # Three numbers turn a bone, whatever it is keyed by; what moves freely has its own.
        sizes = [3 if t.kind == QUATERNION else t.values.shape[1] for t in curves.tracks]
        stops = np.cumsum(sizes).tolist()
        self._own = [slice(stop - size, stop) for stop, size in zip(stops, sizes, strict=True)]
        self._size = int(stops[-1])
        self._reaches = [
            _slice([body.is_above(t.bone, int(b)) for b in curves.points.bones])
            for t in curves.tracks
        ]
        pulls = [
            body.lever(t)[:, None] / (_LOOSE[body.chain.by_constraints] * error)
            for t in curves.tracks
        ]
        sized = zip(pulls, sizes, strict=True)
        self._pull = np.concatenate([np.repeat(p**2, size, axis=1) for p, size in sized], axis=1)
        self.weights = np.ones(body.frames)

    def steps(self, active: np.ndarray, pinned: np.ndarray, reaching: Sequence[bool]) -> None:
        """Some steps, as ``step`` says; of each run of active keys the best state is kept."""
        if not active.any():
            return
        curves = self.curves
        touched = active[1:] | active[:-1]
        run = np.cumsum(touched & ~np.concatenate([[False], touched[:-1]])) - 1
        best = np.full(int(run[-1]) + 1 if len(run) else 0, np.inf)
        keep, segments = curves.state(), touched
        for now in [*reaching, None]:
            if now is None:
                curves.look(np.flatnonzero(touched))
                before = curves.state()
            else:
                before = curves.state()
                self.step(active, pinned, now)
            over = np.maximum(curves.excess - 1.0, 0.0)
            sums = np.add.reduceat(over, curves.index[:-1]) if touched.any() else over[:0]
            found = np.bincount(run[touched], sums[touched], len(best))
            is_better = found < best
            best = np.minimum(best, found)
            segments = touched & is_better[np.maximum(run, 0)]
            keep = curves.mixed(keep, before, segments)
        curves.restore(keep)
        # What was looked at last is not what is kept everywhere.
        curves.look(np.flatnonzero(touched & ~segments))

    def step(self, active: np.ndarray, pinned: np.ndarray, reaching: bool) -> None:
        """One step of the ``active`` keys (k,) bool.

        Keys that are ``pinned`` (k,) bool keep their values. Handles are moved where
        ``reaching``.
        """
        curves = self.curves
        stretch = curves.stretch(np.flatnonzero(active[1:] | active[:-1]))
        time = curves.time(stretch)
        if reaching:
            basis, *changes = bezier.basis_and_change(*time)
        else:
            basis, changes = bezier.basis(*time), []
        values = curves.values(stretch, basis)
        pose = curves.pose(values, stretch.frames)
        points = curves.points
        off = points.goals[stretch.frames] - pose.points
        share = 1.0 / points.budget[stretch.frames]
        stray = np.linalg.norm(off, axis=-1) * share
        curves.excess[stretch.frames] = worst = stray.max(axis=1)
        weights = self._weigh(stretch.frames, stray, worst)
        share = share * weights[:, None]
        # Every column of the Jacobian: left key, right key, both handles.
        jacobian = self._jacobian(
            stretch, values, pose, [curves.values(stretch, c) for c in changes]
        )
        size, many = self._size, len(values)
        jacobian *= share[:, None, :, None]
        flat = jacobian.reshape(many, jacobian.shape[1], -1)
        rest = (off * share[..., None]).reshape(many, -1, 1).astype(np.float32)
        gradient = (flat @ rest)[..., 0]
        self._draw_to_aim(stretch, values, gradient)
        sums = self._normal(stretch, basis.astype(np.float32), flat)
        system = self._assemble(stretch, sums, self._targets(stretch, basis, gradient))
        self._solve(active, pinned, system, size, reaching)

    def _weigh(self, frames: np.ndarray, stray: np.ndarray, worst: np.ndarray) -> np.ndarray:
        """What each frame counts: what strays most counts most (after Lawson, 1961)."""
        much = np.sqrt(np.sqrt((stray**2).mean(axis=1)) * worst)
        out: np.ndarray = np.sqrt(self.weights[frames] * np.clip(much, _LEAST, _MOST) ** _POWER)
        self.weights[frames] = out
        return out

    def _jacobian(
        self, stretch: Stretch, values: np.ndarray, pose: Pose, changes: list[np.ndarray]
    ) -> np.ndarray:
        """How each unknown moves the points, (f, 2 m + len(changes), E, 3), single precision.

        The m unknowns are turns of the bones at a key, as vectors in the bones' own axes.
        """
        curves, size = self.curves, self._size
        points = pose.points.astype(np.float32)
        heads = pose.heads.astype(np.float32)
        shape = (len(values), 2 * size + len(changes), points.shape[1], 3)
        out = np.zeros(shape, dtype=np.float32)
        for track, place, own, which in zip(
            curves.tracks, curves.places, self._own, self._reaches, strict=True
        ):
            j = curves.at[track.bone]
            if track.kind == LOCATION:
                axes = pose.rests[:, j].transpose(0, 2, 1) * curves.body.chain.scale
                both = [axes, axes]
            elif track.kind == QUATERNION:
                both = [
                    (pose.turns[:, j] @ _carried(values[:, place], curves.keys[key, place]))
                    for key in (stretch.segment, stretch.segment + 1)
                ]
                both = [axes.transpose(0, 2, 1) for axes in both]
            else:
                axes = _turned_by(track, values[:, place]) @ pose.rests[:, j].transpose(0, 2, 1)
                both = [axes, axes]
            arms = points[:, None, which] - heads[:, None, None, j]
            for side, axes in enumerate(both):
                columns = slice(side * size + own.start, side * size + own.stop)
                along = axes.astype(np.float32)[:, :, None]
                is_shift = track.kind == LOCATION
                out[:, columns, which] = along if is_shift else rot.cross(along, arms)
            for column, change in enumerate(changes):
                out[:, 2 * size + column, which] += self._moved(
                    track, pose, j, values[:, place], change[:, place], arms[:, 0]
                )
        return out

    def _moved(
        self,
        track: Track,
        pose: Pose,
        j: int,
        values: np.ndarray,
        change: np.ndarray,
        arms: np.ndarray,
    ) -> np.ndarray:
        """How points (f, E, 3) move where a track's numbers change by ``change`` (f, c)."""
        if track.kind == LOCATION:
            shift = (pose.rests[:, j] @ change[..., None])[..., 0]
            out: np.ndarray = (shift * self.curves.body.chain.scale).astype(np.float32)[:, None]
            return out
        if track.kind == QUATERNION:
            turn = 2.0 * rot.multiply(rot.conjugate(values), change)[..., 1:]
            turn = turn / (values**2).sum(axis=1, keepdims=True)
            axis = (pose.turns[:, j] @ turn[..., None])[..., 0]
        else:
            turn = (_turned_by(track, values) * change[..., None]).sum(axis=1)
            axis = (pose.rests[:, j] @ turn[..., None])[..., 0]
        return rot.cross(axis.astype(np.float32)[:, None], arms)

    def _draw_to_aim(self, stretch: Stretch, values: np.ndarray, gradient: np.ndarray) -> None:
        """Draw each bone a little to where it aims: it holds what no point shows."""
        curves = self.curves
        away = curves.wanted[stretch.frames] - values
        for track, place, own in zip(curves.tracks, curves.places, self._own, strict=True):
            pull = self._pull[stretch.frames, own]
            turn = away[:, place]
            if track.kind == QUATERNION:
                turn = 2.0 * rot.multiply(rot.conjugate(values[:, place]), turn)[..., 1:]
            gradient[:, own] += pull * turn
            gradient[:, self._size + own.start : self._size + own.stop] += pull * turn

    def _normal(self, stretch: Stretch, basis: np.ndarray, flat: np.ndarray) -> _Normal:
        """J^T J summed over the frames of each segment."""
        size = self._size
        left, right, reach = flat[:, :size], flat[:, size : 2 * size], flat[:, 2 * size :]
        pull = self._pull[stretch.frames].astype(np.float32)
        here = np.arange(size)
        squares = []
        for one, other in ((left, left), (left, right), (right, right)):
            square = one @ other.transpose(0, 2, 1)
            square[:, here, here] += pull
            squares.append(square)
        a, b, c, d = basis.T
        pairs = ([a * a, a * c, c * c], [a * b, a * d, c * b, c * d], [b * b, b * d, d * d])
        sums = [
            _summed(stretch, np.stack(pair, axis=1), square)
            for pair, square in zip(pairs, squares, strict=True)
        ]
        even = np.ones((len(basis), 1), dtype=np.float32)
        crossed = reach.transpose(0, 2, 1)
        return _Normal(
            sums[0],
            sums[1],
            sums[2],
            _summed(stretch, np.stack([a, c], axis=1), left @ crossed),
            _summed(stretch, np.stack([b, d], axis=1), right @ crossed),
            _summed(stretch, even, reach @ crossed),
        )

    def _targets(self, stretch: Stretch, basis: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """The right side of each segment, (s, 2, D): of its left and of its right key."""
        size = self._size
        a, b, c, d = basis.T
        left, right = gradient[:, :size], gradient[:, size : 2 * size]
        reach = gradient[:, 2 * size :]
        nothing = np.zeros_like(reach[:, :1])
        rows = [
            np.concatenate([a[:, None] * left, c[:, None] * left, reach[:, :1], nothing], axis=1),
            np.concatenate([b[:, None] * right, d[:, None] * right, nothing, reach[:, 1:]], axis=1),
        ]
        if not reach.shape[1]:
            rows = [row[:, : 2 * size] for row in rows]
        return np.stack([np.add.reduceat(row, stretch.first, axis=0) for row in rows], axis=1)

    def _assemble(
        self, stretch: Stretch, sums: _Normal, targets: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Diagonal (k, D, D), what stands beside it (k, D, D), right side (k, D)."""
        size, count = self._size, len(self.curves.index)
        wide = targets.shape[2]
        reaching = wide > 2 * size
        segments = stretch.segments
        many = len(segments)
        left, right, beside = (np.zeros((many, wide, wide), dtype=np.float32) for _ in range(3))
        value, slope = slice(0, size), slice(size, 2 * size)
        for block, part in ((left, sums.left), (right, sums.right)):
            block[:, value, value], block[:, slope, slope] = part[:, 0], part[:, 2]
            block[:, value, slope] = part[:, 1]
            block[:, slope, value] = part[:, 1].transpose(0, 2, 1)
        beside[:, value, value], beside[:, value, slope] = sums.across[:, 0], sums.across[:, 1]
        beside[:, slope, value], beside[:, slope, slope] = sums.across[:, 2], sums.across[:, 3]
        if reaching:
            out, into = 2 * size, 2 * size + 1
            for n, place in ((0, value), (1, slope)):
                left[:, place, out] = left[:, out, place] = sums.left_reach[:, n, :, 0]
                right[:, place, into] = right[:, into, place] = sums.right_reach[:, n, :, 1]
                beside[:, place, into] = sums.left_reach[:, n, :, 1]
                beside[:, out, place] = sums.right_reach[:, n, :, 0]
            left[:, out, out] = sums.reach[:, 0, 0, 0] + 1.0
            right[:, into, into] = sums.reach[:, 0, 1, 1] + 1.0
            beside[:, out, into] = sums.reach[:, 0, 0, 1]
            # Handles are drawn to a third: the curve is the simplest there.
            targets[:, 0, out] += THIRD - self.curves.reach[segments, 0]
            targets[:, 1, into] += THIRD - self.curves.reach[segments, 1]
        diagonal = np.zeros((count, wide, wide), dtype=np.float32)
        across, target = np.zeros_like(diagonal), np.zeros((count, wide), dtype=np.float32)
        diagonal[segments] += left
        diagonal[segments + 1] += right
        across[segments] = beside
        target[segments] += targets[:, 0].astype(np.float32)
        target[segments + 1] += targets[:, 1].astype(np.float32)
        return diagonal, across, target

    def _solve(
        self,
        active: np.ndarray,
        pinned: np.ndarray,
        system: tuple[np.ndarray, np.ndarray, np.ndarray],
        size: int,
        reaching: bool,
    ) -> None:
        """Move the active keys by the solution of the normal equations."""
        curves, which = self.curves, np.flatnonzero(active)
        diagonal, across, target = (part[which] for part in system)
        here = np.arange(diagonal.shape[1])
        own = diagonal[:, here, here]
        diagonal[:, here, here] += _DAMPING * (own.mean(axis=0) + own) + 1e-9
        stay = np.flatnonzero(pinned[which])
        for at in stay.tolist():
            diagonal[at, :size] = diagonal[at, :, :size] = 0.0
            diagonal[at, here[:size], here[:size]] = 1.0
            across[at, :size] = target[at, :size] = 0.0
            if at:
                across[at - 1, :, :size] = 0.0
        change = bezier.block_runs(diagonal, across, target, np.diff(which) == 1)
        turns = np.clip(change[:, :size].astype(np.float64), -_FAR, _FAR)
        bends = change[:, size : 2 * size].astype(np.float64)
        for track, place, own_place in zip(curves.tracks, curves.places, self._own, strict=True):
            turn, bend = turns[:, own_place], bends[:, own_place]
            if track.kind == QUATERNION:
                key = curves.keys[which, place]
                turn, bend = (0.5 * rot.multiply(key, _pure(part)) for part in (turn, bend))
            curves.keys[which, place] += turn
            curves.slopes[which, place] += bend
        curves.unify(which)
        if reaching:
            of_keys = np.zeros((len(active), 2))
            of_keys[which] = np.clip(change[:, 2 * size :], -_LONGER, _LONGER)
            reach = curves.reach + np.stack([of_keys[:-1, 0], of_keys[1:, 1]], axis=1)
            reach = np.clip(reach, _SHORTEST, _LONGEST)
            curves.reach = reach / np.maximum(reach.sum(axis=1, keepdims=True), 1.0)


def _summed(stretch: Stretch, weights: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Weighted sums (s, w, ...) over the frames of each segment.

    ``weights`` (f, w), ``parts`` (f, ...). Segments of one length lie in a row, so they are
    summed at once.
    """
    flat = parts.reshape(len(parts), -1)
    out = np.empty((len(stretch.rows), weights.shape[1], flat.shape[1]), dtype=np.float32)
    lengths, starts = np.unique(stretch.rows, return_index=True)
    stops = [*starts[1:].tolist(), len(stretch.rows)]
    for length, start, stop in zip(lengths.tolist(), starts.tolist(), stops, strict=True):
        row = int(stretch.first[start])
        rows = slice(row, row + length * (stop - start))
        weight = weights[rows].reshape(stop - start, length, -1).transpose(0, 2, 1)
        out[start:stop] = weight @ flat[rows].reshape(stop - start, length, -1)
    return out.reshape(*out.shape[:2], *parts.shape[1:])


def _slice(which: Sequence[bool]) -> slice | np.ndarray:
    """Where something is so, as a slice where that is in a row: quicker."""
    found = np.flatnonzero(which)
    if len(found) and found[-1] - found[0] == len(found) - 1:
        return slice(int(found[0]), int(found[-1]) + 1)
    return found


def _pure(turns: np.ndarray) -> np.ndarray:
    """Vectors (..., 3) as quaternions without a real part."""
    return np.concatenate([np.zeros_like(turns[..., :1]), turns], axis=-1)


def _carried(values: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Matrices (f, 3, 3): what a turn of a key, in the bone's axes there, is on its frame.

    ``values`` (f, 4) are the curve's quaternions as they are, ``keys`` (f, 4) those of the key.
    """
    p = rot.multiply(rot.conjugate(values), keys) / (values**2).sum(axis=1, keepdims=True)
    w, x, y, z = p.T
    out = np.empty((len(p), 3, 3))
    for i, row in enumerate(((w, -z, y), (z, w, -x), (-y, x, w))):
        for j, entry in enumerate(row):
            out[:, i, j] = entry
    return out


def _turned_by(track: Track, values: np.ndarray) -> np.ndarray:
    """The rotation vectors (f, c, 3) that a unit of each of a track's numbers adds."""
    here = rot.conjugate(track.quaternions(values))
    moved = values[:, None] + _SMALL * np.eye(values.shape[1])
    step = rot.multiply(track.quaternions(moved), here[:, None])
    out: np.ndarray = 2.0 * step[..., 1:] * np.where(step[..., :1] < 0, -1.0, 1.0) / _SMALL
    return out
