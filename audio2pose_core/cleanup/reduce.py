"""Few Bézier keys in place of one a frame, within an error that is measured at the body's ends.

The bones of a limb (an arm, a leg, the back) get their keys on the same frames, as an animator
sets them: as few as its cubics need (``key_placement``). Limbs are fitted from the root
outwards, each making up for what the ones above it leave (``key_body``). A forward-kinematic
check has the last word: where a tip strays too far on any frame, keys come closer there.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .. import rotations as rot
from .bones import LOCATION, QUATERNION, VALUE, Chain, Track
from .key_body import Body, misfit_of
from .key_limb import LimbEquations
from .key_placement import Placement

PLANTED_SHARE = 0.2
"""A planted tip may stray by this share of the error ..."""
PLANTED_MOST = 0.0015
"""... and by no more than this, in metres: more would be seen to slide."""
POSES_SHARE = 0.5
"""The share where whole poses are keyed: a blocked dance is not finished, and slides a little."""
VALUE_TOLERANCE = 1e-4
_STILL = 1e-6
_BACK = 0.7
"""Of the error for the back, where the ends below it would do the rest exactly."""
_FIRST, _CLOSER = 1.2, 0.65
"""Of what is allowed: for keys that are placed at first, and again where that did not do."""
_ROUNDS, _LAST_ROUND = 8, 40
_STEPS = 4
"""Gauss-Newton steps for the keys of a limb."""
_LOOSE = 2.0
"""Of the error: what a bone inside a limb may turn away, at its end."""


@dataclass(frozen=True)
class Keys:
    """Keys of one track: indices of frames (k,), values and slopes a frame (k, c)."""

    index: np.ndarray
    values: np.ndarray
    slopes: np.ndarray


def reduce_keys(
    chain: Chain,
    tracks: list[Track],
    error: float,
    *,
    limb_names: Sequence[str] = (),
    planted: np.ndarray | None = None,
    preferred: np.ndarray | None = None,
    held: np.ndarray | None = None,
    exact: np.ndarray | None = None,
    together: bool = False,
    progress: Callable[[float], None] | None = None,
) -> list[Keys]:
    """The keys of every track, such that no tip strays further than ``error`` on any frame.

    Parameters
    ----------
    chain : the bones, and the tips at which the error is measured.
    tracks : dense channels, one row a frame, n frames each; quaternions of
        continuous sign.
    error : metres.
    limb_names : of each track, optional
        Tracks of one name are keyed on the same frames, besides those that ``limbs`` joins.
    planted : (n, E) bool, optional
        Where a tip stands on the floor: it keeps to a fifth of the error there,
        and to 1.5 mm.
    preferred : (m,) int, optional
        Frames (indices) that a key moves to where one is near: the beats.
    held : (m,) int, optional
        Frames (indices) that get an exact key in every track: where kept keys begin and end.
    exact : (m,) int, optional
        Tracks (indices) that keep a key on every frame.
    together : bool
        The whole body is keyed on the same frames, as an animator blocks poses; planted tips
        then keep to half the error.
    progress : callable(fraction), optional

    A pinned key of every track on a frame is exact there, so the bound can always be met.
    """
    frames = len(tracks[0].values)
    ends = np.zeros(frames, dtype=bool)
    ends[[0, -1]] = True
    if held is not None:
        ends[held] = True
    beats = np.zeros(frames, dtype=bool)
    if preferred is not None:
        beats[preferred] = True
    body = Body(chain, tracks, ends)
    planted = np.zeros((frames, len(chain.tip_bones)), bool) if planted is None else planted
    least = error * POSES_SHARE if together else min(error * PLANTED_SHARE, PLANTED_MOST)
    allowed = np.where(planted, least, error)
    dense = set() if exact is None else {int(i) for i in exact}
    for i, track in enumerate(tracks):
        if i in dense:
            _pin(body, i, np.ones(frames, dtype=bool))
        elif np.ptp(track.values, axis=0).max() < _STILL:
            # What never moves needs no key but the ends, whatever its limb does.
            dense.add(i)
            _pin(body, i, ends)
    found = []
    for group in limbs(chain, tracks):
        found.append(_Limb(body, group, dense, error, allowed, planted))
    by_name: dict[str, list[_Limb]] = {}
    for number, limb in enumerate(found):
        name = limb_names[limb.group[0]] if len(limb_names) else str(number)
        by_name.setdefault("" if together else name, []).append(limb)
    parts = list(by_name.values())
    for done, part in enumerate(parts):
        _place_keys(part, ends, beats)
        if progress is not None:
            progress(min(0.99, (done + 1) / len(parts)))
    return [_keys(body, i) for i in range(len(tracks))]


def _place_keys(limbs: list[_Limb], ends: np.ndarray, preferred: np.ndarray) -> None:
    """The fewest keys, on the same frames, with which some limbs stray no more than they may."""
    frames = len(ends)
    for limb in limbs:
        limb.follow_parents()
        preferred = preferred | limb.contact_edges
    signals = [signal for limb in limbs for signal in limb.signals()]
    if not signals:
        return
    placement = Placement(signals, ends, preferred)
    share = np.full(frames, _FIRST)
    index, pinned = np.flatnonzero(ends), ends.copy()
    for turn in itertools.count():
        if turn < _ROUNDS:
            index = placement.keys(share)
        excess = np.max([limb.fit(index, pinned) for limb in limbs], axis=0)
        if (excess <= 1.0).all():
            return
        if turn < _ROUNDS:
            over = np.maximum.reduceat(excess, index[:-1]) > 1.0
            share[:-1] *= np.where(np.repeat(over, np.diff(index)), _CLOSER, 1.0)
            continue
        # Closer did not do: a key where it strays the most, an exact one where there is one.
        worst = _peaks(excess) if turn < _LAST_ROUND else np.flatnonzero(excess > 1.0)
        pinned[worst] |= np.isin(worst, index) | (turn >= _LAST_ROUND)
        index = np.union1d(index, worst)


def limbs(chain: Chain, tracks: list[Track]) -> list[list[int]]:
    """Tracks (numbers) that are keyed together, from the root outwards.

    Bones that move the same ends belong together; ankle and toes of a foot are one end. What
    poses no bone is on its own.
    """
    sides = np.where(chain.contacts >= 0, -1 - chain.contacts // 2, np.arange(len(chain.contacts)))
    groups: dict[tuple[int, ...], list[int]] = {}
    for i, track in enumerate(tracks):
        ends = frozenset(sides[chain.reach[:, track.bone]].tolist()) if track.bone >= 0 else None
        key = (1, i) if ends is None else (0, *sorted(ends))
        groups.setdefault(key, []).append(i)
    return sorted(groups.values(), key=lambda g: _rank(chain, tracks[g[0]]))


def _rank(chain: Chain, track: Track) -> tuple[int, int]:
    """Limbs that move more ends come first."""
    if track.bone < 0:
        return (1, 0)
    return (-int(chain.reach[:, track.bone].sum()), track.bone)


class _Limb:
    """The tracks of a limb, and what they and the ends below them may stray."""

    def __init__(
        self,
        body: Body,
        group: list[int],
        dense: set[int],
        error: float,
        allowed: np.ndarray,
        planted: np.ndarray,
    ) -> None:
        self.body, self.group = body, group
        self.mine = [i for i in group if i not in dense]
        own = [body.tracks[i].bone for i in group if body.tracks[i].bone >= 0]
        self.bones = body.below(own)
        moved = {track.bone for track in body.tracks}
        self.is_last = bool(own) and not (moved & set(self.bones)) - set(own)
        self.tips = np.flatnonzero(body.chain.reach[:, own].any(axis=1))
        stands = planted[:, self.tips]
        self.contact_edges = np.zeros(body.frames, dtype=bool)
        if self.is_last:
            changes = (stands[1:] != stands[:-1]).any(axis=1)
            self.contact_edges[1:] |= changes
        share = 1.0 if self.is_last else _BACK
        self.budget = allowed[:, self.tips] * share
        free = np.full(body.frames, error * share)
        if self.is_last and len(self.tips):
            free = self.budget.min(axis=1)
        value = np.full(body.frames, VALUE_TOLERANCE)
        kinds = {i: body.tracks[i].kind for i in self.mine}
        self.shares = {i: value if kind == VALUE else free for i, kind in kinds.items()}
        levers = {i: body.lever(body.tracks[i]) for i in self.mine}
        self.misfits = {i: misfit_of(body.tracks[i], levers[i]) for i in self.mine}
        self.equations = None
        if self.is_last and len(self.tips) and self.mine:
            self.equations = LimbEquations(body, self.mine, self.tips, self.budget, _LOOSE * error)

    def follow_parents(self) -> None:
        """Goals from where the limbs above are now, every curve in the limb exact."""
        for i in self.mine:
            self.body.fits[i].is_key[:] = False
        self._follow(lambda i: None)
        if self.equations is not None:
            self.equations.aim()

    def fit(self, index: np.ndarray, pinned: np.ndarray) -> np.ndarray:
        """The best curves for keys on frames (k,); how far they stray, (n,), over what they may.

        ``pinned`` (n,) bool are frames whose keys have to be exact.
        """
        self.follow_parents()
        for i in self.mine:
            fit = self.body.fits[i]
            fit.is_key[index] = True
            # A switch is what it is.
            is_value = self.body.tracks[i].kind == VALUE
            fit.pinned = np.ones_like(pinned) if is_value else pinned
        if self.equations is None:
            self._follow(lambda i: self.body.fits[i].solve(self.shares[i], self.misfits[i]))
            return self._excess()
        self.equations.start()
        self._follow(lambda i: None)
        self._step(self.equations)
        return self._excess()

    def signals(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """What each track should follow, in metres, and how far it may stray."""
        out = []
        for i in self.mine:
            track, fit = self.body.tracks[i], self.body.fits[i]
            lever = self.body.lever(track)
            if track.kind in (LOCATION, VALUE):
                out.append((fit.values * lever[:, None], self.shares[i]))
                continue
            turns = fit.values if track.kind == QUATERNION else track.quaternions(fit.values)
            # Half the angle is what the numbers of a quaternion move by.
            size = 2.0 * float(np.median(lever))
            out.append((rot.continuous(turns) * size, self.shares[i]))
        return out

    def _follow(self, act: Callable[[int], None]) -> None:
        """``act`` on each track of the limb that is keyed; tracks without keys are exact."""

        def on(i: int) -> None:
            fit = self.body.fits[i]
            if not fit.is_key.any():
                fit.fitted = fit.values
            elif i in self.shares:
                act(i)

        self.body.follow(self.bones, on)
        for i in self.mine:
            if self.body.tracks[i].bone < 0:
                on(i)

    def _step(self, equations: LimbEquations) -> None:
        """All keys of the limb moved until its ends stray no more than they may, or no better."""
        fits = [self.body.fits[i] for i in self.mine]
        weights = np.ones(self.body.frames)
        best, least = [(f.keys, f.slopes) for f in fits], self._excess()
        for _ in range(_STEPS):
            if least.max() <= 1.0:
                break
            equations.step(weights)
            self._follow(lambda i: None)
            over = self._excess()
            if over.max() < least.max():
                best, least = [(f.keys, f.slopes) for f in fits], over
            # Lawson's weights: what strays the most counts the most.
            weights = weights * np.sqrt(np.clip(over / over.max(), 0.2, 1.0))
            weights = weights / weights.mean()
        for fit, (keys, slopes) in zip(fits, best, strict=True):
            fit.keys, fit.slopes = keys, slopes
            fit.draw()
        self._follow(lambda i: None)

    def _excess(self) -> np.ndarray:
        """The worst of the limb on each frame (n,), over what is allowed."""
        parts = [np.zeros((self.body.frames, 1)), self.body.strays(self.tips) / self.budget]
        if self.equations is None:
            for i in self.mine:
                fit = self.body.fits[i]
                parts.append((self.misfits[i](fit.fitted, fit.values) / self.shares[i])[:, None])
        return np.concatenate(parts, axis=1).max(axis=1)


def _pin(body: Body, i: int, keys: np.ndarray) -> None:
    """Give a track exact keys where ``keys`` (n,) bool says so, and no others."""
    fit = body.fits[i]
    fit.is_key = fit.pinned = keys.copy()
    fit.solve(np.ones(body.frames), lambda fitted, wanted: np.abs(fitted - wanted).max(axis=1))


def _keys(body: Body, i: int) -> Keys:
    """The finished keys of a track."""
    fit = body.fits[i]
    return Keys(fit.index, fit.keys, fit.slopes)


def _peaks(excess: np.ndarray) -> np.ndarray:
    """The worst frame of every run of frames over 1."""
    over = np.concatenate([[False], excess > 1.0, [False]])
    starts, stops = np.flatnonzero(over[1:] & ~over[:-1]), np.flatnonzero(over[:-1] & ~over[1:])
    return np.array(
        [a + int(np.argmax(excess[a:b])) for a, b in zip(starts, stops, strict=True)], dtype=int
    )
