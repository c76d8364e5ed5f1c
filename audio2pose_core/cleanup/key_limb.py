"""The keys of a limb's bones moved together, so that its ends stray least: Gauss-Newton steps.

An error that one bone leaves another makes up for; so the ends (hand, ankle, toes) are what is
measured, and values and slopes of all keys of the limb are the unknowns. Each frame depends on
two keys only, so that the normal equations are block tridiagonal.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .. import rotations as rot
from .bezier import basis_of, block_tridiagonal, least_squares_keys
from .bones import LOCATION, QUATERNION, Track
from .key_body import Body

_SMALL = 1e-6
"""Of an angle, for a difference quotient."""
_DAMPING = 1e-3
"""Levenberg's, of the mean of the diagonal."""
_PINNED = 1e9


class LimbEquations:
    """The steps for one limb.

    Parameters
    ----------
    body : what is followed.
    mine : tracks (numbers) of the limb that are not exact, with the same key frames.
    tips : (E,) tips (numbers) that the limb moves.
    budget : (n, E) metres that each of them may stray.
    loose : metres that a bone's own end may stray; it holds what no tip shows.
    """

    def __init__(
        self, body: Body, mine: Sequence[int], tips: np.ndarray, budget: np.ndarray, loose: float
    ) -> None:
        self.body, self.mine, self.tips, self.budget = body, list(mine), tips, budget
        self.fits = [body.fits[i] for i in self.mine]
        widths = [fit.values.shape[1] for fit in self.fits]
        stops = np.cumsum(widths).tolist()
        self.places = [slice(stop - width, stop) for stop, width in zip(stops, widths, strict=True)]
        self.channels = int(stops[-1])
        self.aim()
        self.levers = []
        for i in self.mine:
            track = body.tracks[i]
            # The numbers of a quaternion move by half the angle.
            factor = 2.0 if track.kind == QUATERNION else 1.0
            self.levers.append(factor * body.lever(track) / loose)

    def aim(self) -> None:
        """Note where the bones aim now, from where the limbs above are: ``start`` begins there."""
        self._wanted = np.concatenate([fit.values for fit in self.fits], axis=1)

    def start(self) -> None:
        """The keys that bring each curve nearest to what was noted."""
        index = self.fits[0].index
        evenly = np.ones(self.body.frames)
        keys, slopes = least_squares_keys(self._wanted, index, evenly, self.fits[0].pinned[index])
        for fit, place in zip(self.fits, self.places, strict=True):
            fit.keys, fit.slopes = keys[:, place], slopes[:, place]
            fit.draw()

    def step(self, weights: np.ndarray) -> None:
        """One step of all keys; ``weights`` (n,) are what each frame counts.

        Values and slopes change, and the curves; the body is not followed.
        """
        index, m = self.fits[0].index, self.channels
        square, right = self._normal(weights)
        _, basis = basis_of(index, self.body.frames)
        size = len(index)
        diagonal, beside = np.zeros((size, 2 * m, 2 * m)), np.zeros((size, 2 * m, 2 * m))
        target = np.zeros((size, 2 * m, 1))
        for k in range(size - 1):
            stop = index[k + 1] if k < size - 2 else self.body.frames
            part = slice(index[k], stop)
            # Value and slope of the left key, then of the right one, for every channel.
            ours = basis[part][:, [0, 2, 1, 3]]
            pairs = (ours[:, :, None] * ours[:, None, :]).reshape(-1, 16)
            sums = (pairs.T @ square[part].reshape(-1, m * m)).reshape(4, 4, m, m)
            block = sums.transpose(0, 2, 1, 3).reshape(4 * m, 4 * m)
            diagonal[k] += block[: 2 * m, : 2 * m]
            diagonal[k + 1] += block[2 * m :, 2 * m :]
            beside[k] = block[: 2 * m, 2 * m :]
            both = (ours.T @ right[part]).reshape(-1)
            target[k, :, 0] += both[: 2 * m]
            target[k + 1, :, 0] += both[2 * m :]
        along = np.arange(2 * m)
        mean = diagonal[:, along, along].mean(axis=0)
        diagonal[:, along, along] += _DAMPING * mean + 1e-9
        for fit, place in zip(self.fits, self.places, strict=True):
            stiff = _PINNED * fit.pinned[index, None] * mean[place]
            values = np.arange(place.start, place.stop)
            diagonal[:, values, values] += stiff
        change = block_tridiagonal(diagonal, beside, target)[..., 0]
        for fit, place in zip(self.fits, self.places, strict=True):
            fit.keys = fit.keys + change[:, place]
            fit.slopes = fit.slopes + change[:, m + place.start : m + place.stop]
            fit.draw()

    def _normal(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of every frame J^T J (n, m, m) and J^T r (n, m) for the m channels of the limb."""
        body, count = self.body, len(self.tips)
        jacobian = np.zeros((body.frames, self.channels, count, 3))
        ends = body.tip_places(self.tips)
        for i, place in zip(self.mine, self.places, strict=True):
            track = body.tracks[i]
            moves = self._moves(i)[:, :, None, :]
            if track.kind != LOCATION:
                arms = ends - body.heads[:, track.bone, None]
                moves = rot.cross(moves, arms[:, None])
            reached = body.chain.reach[self.tips, track.bone]
            jacobian[:, place] = np.where(reached[:, None], moves, 0.0)
        share = 1.0 / self.budget[:, :, None]
        scaled = (jacobian * share[:, None]).reshape(body.frames, self.channels, 3 * count)
        rest = ((body.goal.tips[:, self.tips] - ends) * share).reshape(body.frames, 3 * count, 1)
        square = scaled @ scaled.transpose(0, 2, 1)
        right = (scaled @ rest)[..., 0]
        for fit, place, lever in zip(self.fits, self.places, self.levers, strict=True):
            # Each bone is drawn to where it aims from where its parents are now.
            own = np.arange(place.start, place.stop)
            square[:, own, own] += lever[:, None] ** 2
            right[:, place] += lever[:, None] ** 2 * (fit.values - fit.fitted)
        return square * weights[:, None, None], right * weights[:, None]

    def _moves(self, i: int) -> np.ndarray:
        """What one unit of each number of a track does, in the object's space, (n, c, 3).

        The axis times the angle of a rotation, or metres of a location.
        """
        body, track, fit = self.body, self.body.tracks[i], self.body.fits[i]
        parent = body.chain.parents[track.bone]
        above = body.turns[:, parent] if parent >= 0 else np.tile(rot.IDENTITY, (body.frames, 1))
        rest = rot.multiply(above, body.chain.rest_rotations[track.bone])
        if track.kind == LOCATION:
            return rot.rotate(rest[:, None], np.eye(3)) * body.chain.scale
        return rot.rotate(rest[:, None], _turned_by(track, fit.fitted))


def _turned_by(track: Track, values: np.ndarray) -> np.ndarray:
    """The rotation vectors (n, c, 3) that a unit of each of a track's numbers adds."""
    if track.kind == QUATERNION:
        length = np.linalg.norm(values, axis=1)[:, None, None]
        unit = rot.conjugate(values / length[:, 0])
        return 2.0 * rot.multiply(np.eye(4), unit[:, None])[..., 1:] / length
    here = rot.conjugate(track.quaternions(values))
    moved = values[:, None] + _SMALL * np.eye(values.shape[1])
    step = rot.multiply(track.quaternions(moved), here[:, None])
    out: np.ndarray = 2.0 * step[..., 1:] * np.where(step[..., :1] < 0, -1.0, 1.0) / _SMALL
    return out
