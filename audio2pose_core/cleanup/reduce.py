"""Few Bézier keys in place of one a frame, within an error that is measured at the body's ends.

The bones of a limb (an arm, a leg, the back) get their keys on the same frames, as an animator
sets them: as few as its cubics need (``key_placement``). Limbs are fitted from the root
outwards, each making up for what the ones above it leave (``key_body``). A forward-kinematic
check has the last word: where a tip strays too far on any frame, keys come closer there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .bones import Chain, Track
from .key_body import Body
from .limb_curves import LimbCurves
from .limb_points import points_of
from .limb_search import FittedLimb, PlainTracks, Search

PLANTED_SHARE = 0.2
"""A planted tip may stray by this share of the error ..."""
PLANTED_MOST = 0.0015
"""... and by no more than this, in metres: more would be seen to slide."""
POSES_SHARE = 0.5
"""The share where whole poses are keyed: a blocked dance is not finished, and slides a little."""
_STILL = 1e-6
_TOGETHER = 40
"""Numbers of tracks up to which all bones of a limb are fitted at once."""


@dataclass(frozen=True)
class Keys:
    """Keys of one track: indices of frames (k,), values and slopes a frame (k, c).

    ``reach`` (k, 2) is how far the left and the right handle reach, as shares of the way to the
    next key; a third makes the curve a cubic of time.
    """

    index: np.ndarray
    values: np.ndarray
    slopes: np.ndarray
    reach: np.ndarray


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
    pinned = np.zeros(frames, dtype=bool)
    pinned[[0, -1]] = True
    if held is not None:
        pinned[held] = True
    beats = np.zeros(frames, dtype=bool)
    if preferred is not None:
        beats[preferred] = True
    planted = np.zeros((frames, len(chain.tip_bones)), bool) if planted is None else planted
    least = error * POSES_SHARE if together else min(error * PLANTED_SHARE, PLANTED_MOST)
    allowed = np.where(planted, least, error)
    task = _Task(chain, tracks, error, limb_names, allowed, planted, beats, together)
    body = Body(chain, tracks, pinned)
    searches = task.searches(body, set() if exact is None else {int(i) for i in exact})
    exactly = [pinned.copy() for _ in searches]
    done = most = 0
    while done < len(searches):
        bad = searches[done].run(exactly[done])
        if bad.any():
            # No pose of a limb makes up for what the ones above it leave: all are exact there.
            for search, frames_of in zip(searches, exactly, strict=True):
                if search is searches[done] or search.is_above(searches[done]):
                    frames_of |= bad
        done = 0 if bad.any() else done + 1
        if progress is not None:
            most = max(done, most)
            progress(min(0.99, most / len(searches)))
    return [_keys(body, i) for i in range(len(tracks))]


@dataclass(frozen=True)
class _Task:
    """What ``reduce_keys`` is asked for; ``preferred`` (n,) bool, the rest as there."""

    chain: Chain
    tracks: list[Track]
    error: float
    limb_names: Sequence[str]
    allowed: np.ndarray
    planted: np.ndarray
    preferred: np.ndarray
    together: bool

    def searches(self, body: Body, exact: set[int]) -> list[Search]:
        """A search for each set of tracks that is keyed on the same frames, from the root on."""
        dense, ends = set(exact), np.zeros(body.frames, dtype=bool)
        ends[[0, -1]] = True
        for i, track in enumerate(self.tracks):
            if i in exact:
                _pin(body, i, np.ones(body.frames, dtype=bool))
            elif body.frames < 2 or np.ptp(track.values, axis=0).max() < _STILL:
                # What never moves needs no key but the ends, whatever its limb does.
                dense.add(i)
                _pin(body, i, ends | body.fits[i].pinned)
        by_name: dict[str, list[list[int]]] = {}
        for number, group in enumerate(limbs(self.chain, self.tracks)):
            if any(i not in dense for i in group):
                name = self.limb_names[group[0]] if len(self.limb_names) else str(number)
                by_name.setdefault("" if self.together else name, []).append(group)
        out = []
        for groups in by_name.values():
            if sum(self.tracks[i].values.shape[1] for g in groups for i in g) <= _TOGETHER:
                groups = [[i for group in groups for i in group]]
            preferred, found = self.preferred, []
            for group in groups:
                limb, edges = self._limb(body, group, dense)
                found.append(limb)
                preferred = preferred | edges
            out.append(Search(found, preferred))
        return out

    def _limb(
        self, body: Body, group: list[int], dense: set[int]
    ) -> tuple[FittedLimb | PlainTracks, np.ndarray]:
        """A limb, and the frames (n,) bool on which its ends begin or cease to stand."""
        mine = [i for i in group if i not in dense]
        own = [self.tracks[i].bone for i in group if self.tracks[i].bone >= 0]
        edges = np.zeros(body.frames, dtype=bool)
        if own:
            fitted = [self.tracks[i].bone for i in mine if self.tracks[i].bone >= 0]
            points, is_last = points_of(body, own, self.allowed, self.error, fitted)
            if is_last:
                stands = self.planted[:, self.chain.reach[:, own].any(axis=1)]
                edges[1:] = (stands[1:] != stands[:-1]).any(axis=1)
            if len(points.bones):
                return FittedLimb(LimbCurves(body, mine, points), self.error), edges
        return PlainTracks(body, mine, np.full(body.frames, self.error)), edges


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


def _pin(body: Body, i: int, keys: np.ndarray) -> None:
    """Give a track exact keys where ``keys`` (n,) bool says so, and no others."""
    fit = body.fits[i]
    fit.is_key = fit.pinned = keys.copy()
    fit.solve(np.ones(body.frames), lambda fitted, wanted: np.abs(fitted - wanted).max(axis=1))


def _keys(body: Body, i: int) -> Keys:
    """The finished keys of a track."""
    fit = body.fits[i]
    return Keys(fit.index, fit.keys, fit.slopes, fit.reach)
