"""Few keys for limbs that are keyed on the same frames: placed sparsely, then more where needed.

Keys are placed for a looser error than is allowed, since the bones of a limb make up for one
another; where its points stray too far all the same, they are placed closer, and what changed
is fitted again with its neighbours only.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from .. import rotations as rot
from .bones import LOCATION, VALUE, Track
from .key_body import Body, misfit_of
from .key_placement import Placement
from .limb_curves import LimbCurves
from .limb_step import LimbSteps

VALUE_TOLERANCE = 1e-4
_FIRST = 1.8
"""Of what is allowed: for keys that are placed at first."""
_CLOSER, _CLOSEST = 0.85, 0.7
"""Where that did not do, keys are placed for this share of it, by how far the points stray."""
_WIDER = 2
"""Segments on each side of one that strays whose keys are placed anew with it."""
_ROUNDS, _LAST_ROUND = 7, 24
_BEGIN = (False, False, True, True, True)
_AGAIN = (False, True, True, True)
"""Steps; of each whether handles are moved as well."""


class FittedLimb:
    """A limb whose keys are moved until its points stray no more than they may."""

    def __init__(self, curves: LimbCurves, error: float) -> None:
        self.curves, self.steps = curves, LimbSteps(curves, error)

    @property
    def body(self) -> Body:
        """What the limb belongs to."""
        return self.curves.body

    @property
    def mine(self) -> list[int]:
        """Its tracks, by number."""
        return self.curves.mine

    @property
    def excess(self) -> np.ndarray:
        """How far the worst point strays on each frame (n,), over what it may."""
        return self.curves.excess

    def aim(self) -> None:
        """Note where the limbs above are now."""
        self.curves.aim()

    def put(self) -> None:
        """Put the body on these curves."""
        self.curves.put()

    def signals(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """What keys have to follow."""
        return self.curves.seen_from_above()

    def fit(self, index: np.ndarray, pinned: np.ndarray, bad: np.ndarray) -> None:
        """Keys on frames (k,), those on ``pinned`` (n,) bool ones exact.

        Only what changed is fitted, and what lies on ``bad`` (n,) bool frames.
        """
        curves, is_first = self.curves, not len(self.curves.index)
        active = curves.rekey(index, pinned)
        beside = np.zeros(len(bad) + 1, dtype=bool)
        beside[:-1] = bad
        segments = np.logical_or.reduceat(bad, index[:-1]) | beside[index[1:]]
        active[:-1] |= segments
        active[1:] |= segments
        active[1:] |= active[:-1].copy()
        active[:-1] |= active[1:].copy()
        self.steps.steps(active, pinned[index], _BEGIN if is_first else _AGAIN)


class PlainTracks:
    """Tracks that move no point: each follows its own numbers, by least squares."""

    def __init__(self, body: Body, mine: Sequence[int], allowed: np.ndarray) -> None:
        self.body, self.mine, self.allowed = body, list(mine), allowed
        self.excess = np.zeros(body.frames)

    def aim(self) -> None:
        """Nothing above moves what these tracks should do."""

    def signals(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """What each track should follow, in metres, and how far it may stray."""
        out = []
        for i in self.mine:
            track = self.body.tracks[i]
            values = track.values
            if track.kind not in (LOCATION, VALUE):
                # Half the angle is what the numbers of a quaternion move by.
                values = 2.0 * rot.continuous(track.quaternions(values))
            lever = float(np.median(self.body.lever(track)))
            out.append((values * lever, self._allowed(track) / _FIRST))
        return out

    def fit(self, index: np.ndarray, pinned: np.ndarray, bad: np.ndarray) -> None:
        """Keys on frames (k,), those on ``pinned`` (n,) bool ones exact."""
        self.excess = np.zeros(self.body.frames)
        for i in self.mine:
            track, fit = self.body.tracks[i], self.body.fits[i]
            fit.is_key = np.zeros(self.body.frames, dtype=bool)
            fit.is_key[index] = True
            # A switch is what it is.
            fit.pinned = np.ones_like(pinned) if track.kind == VALUE else pinned
            misfit, allowed = misfit_of(track, self.body.lever(track)), self._allowed(track)
            fit.solve(allowed, misfit)
            self.excess = np.maximum(self.excess, misfit(fit.fitted, fit.values) / allowed)

    def put(self) -> None:
        """Put the body on these curves."""
        bones = [self.body.tracks[i].bone for i in self.mine]
        self.body.follow(self.body.below([b for b in bones if b >= 0]), lambda i: None)

    def _allowed(self, track: Track) -> np.ndarray:
        return np.full(self.body.frames, VALUE_TOLERANCE) if track.kind == VALUE else self.allowed


class Search:
    """Few keys for some limbs, on the same frames.

    ``preferred`` (n,) bool are frames that keys lie on where they can.
    """

    def __init__(self, limbs: Sequence[FittedLimb | PlainTracks], preferred: np.ndarray) -> None:
        self.limbs, self._preferred = limbs, preferred
        self._index = np.zeros(0, dtype=int)

    def is_above(self, other: Search) -> bool:
        """Whether a bone of these limbs moves one of the other's."""
        body = self.limbs[0].body
        return bool(set(body.below(self._bones())) & set(other._bones()))

    def _bones(self) -> list[int]:
        found = [limb.body.tracks[i].bone for limb in self.limbs for i in limb.mine]
        return [b for b in found if b >= 0]

    def run(self, pinned: np.ndarray) -> np.ndarray:
        """Find keys with which the limbs stray no more than they may.

        Keys lie on all ``pinned`` (n,) bool frames and are exact there. The body is left on the
        limbs' curves. Returned are the frames (n,) bool where they stray all the same, with
        keys all about: no pose of theirs makes up for what the limbs above leave. Run again,
        it begins with the keys that it found.
        """
        for limb in self.limbs:
            limb.aim()
        frames, is_first = len(pinned), not len(self._index)
        share = np.full(frames, _FIRST)
        bad, placement = np.zeros(frames, dtype=bool), None
        index = np.union1d(self._index, np.flatnonzero(pinned))
        if is_first:
            signals = [signal for limb in self.limbs for signal in limb.signals()]
            placement = Placement(signals, pinned, self._preferred)
            index = placement.keys(share)
        for turn in itertools.count():
            excess = self._fit(index, pinned, bad)
            self._index, bad = index, excess > 1.0
            if not bad.any():
                break
            if placement is not None and turn < _ROUNDS:
                closer = _closer(excess, index)
                share[:-1] *= np.repeat(closer, np.diff(index))
                for start, stop in _stretches(index, closer < 1.0):
                    inside = (index >= start) & (index <= stop)
                    index = np.union1d(index[~inside], placement.keys(share, start, stop))
                continue
            # Closer did not do: a key where it strays the most, in the end wherever it does.
            more = _more(excess, index) if turn < _LAST_ROUND else np.flatnonzero(bad)
            index = np.union1d(index, more)
            if len(index) == len(self._index):
                break
        for limb in self.limbs:
            limb.put()
        return bad

    def _fit(self, index: np.ndarray, pinned: np.ndarray, bad: np.ndarray) -> np.ndarray:
        for limb in self.limbs:
            if len(self.limbs) > 1:
                limb.aim()
            limb.fit(index, pinned, bad)
            if len(self.limbs) > 1:
                limb.put()
        out: np.ndarray = np.max([limb.excess for limb in self.limbs], axis=0)
        return out


def _closer(excess: np.ndarray, index: np.ndarray) -> np.ndarray:
    """By what to place keys closer, of each segment (k - 1,)."""
    worst = np.maximum(np.maximum.reduceat(excess, index[:-1]), 1.0)
    return np.where(worst > 1.0, np.clip(1.0 / worst, _CLOSEST, _CLOSER), 1.0)


def _stretches(index: np.ndarray, bad: np.ndarray) -> list[tuple[int, int]]:
    """First and last frames of runs of segments that are ``bad`` (k - 1,), widened on each side."""
    wide = bad.copy()
    for _ in range(_WIDER):
        wide[1:] |= wide[:-1].copy()
        wide[:-1] |= wide[1:].copy()
    edges = np.diff(np.concatenate([[False], wide, [False]]).astype(int))
    starts, stops = index[np.flatnonzero(edges > 0)], index[np.flatnonzero(edges < 0)]
    return list(zip(starts.tolist(), stops.tolist(), strict=True))


def _more(excess: np.ndarray, index: np.ndarray) -> np.ndarray:
    """More keys: where the excess peaks, and halfway to its neighbours where one is there."""
    peaks = _peaks(excess)
    at = np.searchsorted(index, peaks[np.isin(peaks, index)])
    before, after = np.maximum(at - 1, 0), np.minimum(at + 1, len(index) - 1)
    halves = [(index[before] + index[at]) // 2, (index[at] + index[after]) // 2]
    return np.concatenate([peaks, *halves])


def _peaks(excess: np.ndarray) -> np.ndarray:
    """The worst frame of every run of frames over 1."""
    over = np.concatenate([[False], excess > 1.0, [False]])
    starts, stops = np.flatnonzero(over[1:] & ~over[:-1]), np.flatnonzero(over[:-1] & ~over[1:])
    return np.array(
        [a + int(np.argmax(excess[a:b])) for a, b in zip(starts, stops, strict=True)], dtype=int
    )
