"""Few Bézier keys in place of one a frame, within an error that is measured at the body's ends.

Each track (a bone's rotation, a root's location) gets its own key frames (``bezier.Fit``).
Tracks are fitted from the root outwards, and each bone aims at where it should be from
where its parents' curves have put it, so that errors do not add up along a limb; a leg is
bent so that a planted foot stays where it is. A forward-kinematic check of the whole body
then has the last word: keys are added until no tip strays too far on any frame.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .. import rotations as rot
from .bezier import Fit
from .bones import LOCATION, QUATERNION, VALUE, Chain, Track, pose

PLANTED_SHARE = 0.2
"""A planted tip may stray by this share of the error ..."""
PLANTED_MOST = 0.0015
"""... and by no more than this, in metres: more would be seen to slide."""
VALUE_TOLERANCE = 1e-4
_SHARE = 0.7  # of the error for one track: several seldom stray the same way at once
_LEAST_LEVER = 0.12  # metres: a short bone may not turn more than a long one
_ROUNDS = 30


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
    planted: np.ndarray | None = None,
    preferred: np.ndarray | None = None,
    held: np.ndarray | None = None,
    exact: np.ndarray | None = None,
    progress: Callable[[float], None] | None = None,
) -> list[Keys]:
    """The keys of every track, such that no tip strays further than ``error`` on any frame.

    Parameters
    ----------
    chain : the bones, and the tips at which the error is measured.
    tracks : dense channels, one row a frame, n frames each; quaternions of
        continuous sign.
    error : metres.
    planted : (n, E) bool, optional
        Where a tip stands on the floor: it keeps to a fifth of the error there,
        and to 1.5 mm.
    preferred : (m,) int, optional
        Frames (indices) that a key moves to where one is near: the beats.
    held : (m,) int, optional
        Frames (indices) that get a key in every track: where kept keys begin and end.
    exact : (m,) int, optional
        Tracks (indices) that keep a key on every frame.
    progress : callable(fraction), optional

    A key of every track on a frame is exact there, so the bound can always be met.
    """
    body = _Body(chain, tracks, error, planted, held)
    for i in () if exact is None else exact:
        body.fits[i].fixed = body.fits[i].is_key = np.ones(body.frames, dtype=bool)
    beats = np.zeros(body.frames, dtype=bool)
    if preferred is not None:
        beats[preferred] = True

    def first(i: int) -> None:
        body.fits[i].split(body.shares[i], beats)
        body.fits[i].prune(body.shares[i])
        if progress is not None:
            progress(0.7 * (i + 1) / len(tracks))

    body.follow(first)
    for turn in itertools.count():
        excess = body.excess()
        if (excess <= 1.0).all():
            break
        body.add_keys(excess, everywhere=turn >= _ROUNDS)
        body.follow(lambda i: body.fits[i].solve())
        if progress is not None:
            progress(min(0.99, 0.7 + 0.3 * turn / _ROUNDS))
    return [body.keys(i) for i in range(len(tracks))]


class _Body:
    """All tracks, what they should do and what their curves do."""

    def __init__(
        self,
        chain: Chain,
        tracks: list[Track],
        error: float,
        planted: np.ndarray | None,
        held: np.ndarray | None,
    ) -> None:
        self.chain, self.tracks = chain, tracks
        self.frames = len(tracks[0].values)
        self.goal = pose(chain, tracks, [t.values for t in tracks])
        tips = len(chain.tip_bones)
        self.planted = np.zeros((self.frames, tips), bool) if planted is None else planted
        least = min(error * PLANTED_SHARE, PLANTED_MOST)
        self.allowed = np.where(self.planted, least, error)
        bones = range(len(chain.parents))
        self.children = [[c for c in bones if chain.parents[c] == b] for b in bones]
        self.turned_by = {t.bone: i for i, t in enumerate(tracks) if t.kind == QUATERNION}
        self.legs = _legs(chain, self.children, self.turned_by)
        fixed = np.zeros(self.frames, dtype=bool)
        fixed[[0, -1]] = True
        if held is not None:
            fixed[held] = True
        self.shares = [self._share(t, error) for t in tracks]
        self.fits = [
            Fit(t.values.astype(np.float64), fixed, _misfit(t, self._lever(t))) for t in tracks
        ]

    # --- following the parents ---

    def follow(self, act: Callable[[int], None]) -> None:
        """``act`` on each track from the root outwards, its goal set from its parents' curves."""
        chain, goal = self.chain, self.goal
        own = {(t.bone, t.kind == LOCATION): i for i, t in enumerate(self.tracks) if t.bone >= 0}
        for i, track in enumerate(self.tracks):
            if track.bone < 0:
                act(i)
        heads, turns = np.empty_like(goal.heads), np.empty_like(goal.turns)
        identity = np.broadcast_to(rot.IDENTITY, (self.frames, 4))
        for b, parent in enumerate(chain.parents):
            above = identity if parent < 0 else turns[:, parent]
            shift = np.zeros((self.frames, 3))
            if (i := own.get((b, True), -1)) >= 0:
                act(i)
                shift = self.fits[i].fitted
            offset = chain.rest_positions[b] + rot.rotate(chain.rest_rotations[b], shift)
            heads[:, b] = rot.rotate(above, offset) * chain.scale
            if parent >= 0:
                heads[:, b] += heads[:, parent]
            turns[:, b] = rest = rot.multiply(above, chain.rest_rotations[b])
            if (i := own.get((b, False), -1)) < 0:
                continue
            if b in self.turned_by:
                local = rot.multiply(rot.conjugate(rest), self._aim(b, heads[:, b]))
                # The sign that the track has at its start, and no jump from there on.
                local[0] *= 1.0 if local[0] @ self.tracks[i].values[0] >= 0 else -1.0
                self.fits[i].values = rot.continuous(local)
            act(i)
            turns[:, b] = rot.multiply(rest, self.tracks[i].quaternions(self.fits[i].fitted))
        self._tips = heads[:, chain.tip_bones] + chain.scale * rot.rotate(
            turns[:, chain.tip_bones], chain.tips
        )

    def _aim(self, bone: int, head: np.ndarray) -> np.ndarray:
        """The world rotation (n, 4) with which ``bone``, its head at ``head``, does its part."""
        goal, turn = self.goal, self.goal.turns[:, bone]
        if bone in self.legs:
            return _bend(goal.heads, turn, head, (bone, *self.legs[bone]))
        if len(self.children[bone]) != 1:
            return turn
        end = goal.heads[:, self.children[bone][0]]
        here = end - goal.heads[:, bone]
        # Of a child on the bone's own head nothing can be aimed at.
        if np.linalg.norm(here, axis=-1).min() < 0.01:
            return turn
        return rot.multiply(rot.between(here, end - head), turn)

    # --- how far off ---

    def excess(self) -> np.ndarray:
        """Distance of each tip from where it should be, over what is allowed: (n, E)."""
        return np.linalg.norm(self._tips - self.goal.tips, axis=-1) / self.allowed

    def add_keys(self, excess: np.ndarray, everywhere: bool) -> None:
        """Keys at the worst frames: for the tracks most to blame, or for all that move the tip."""
        misfits = np.array([f.errors() for f in self.fits])
        for e in np.flatnonzero((excess > 1.0).any(axis=0)):
            reach = self.chain.reach[e]
            mine = [i for i, t in enumerate(self.tracks) if t.bone >= 0 and reach[t.bone]]
            for at in _peaks(excess[:, e]):
                least = -1.0 if everywhere else 0.4 * misfits[mine, at].max()
                for i in mine:
                    if misfits[i, at] >= least:
                        self.fits[i].is_key[at] = True

    def keys(self, i: int) -> Keys:
        """The finished keys of track ``i``."""
        fit = self.fits[i]
        index = np.flatnonzero(fit.is_key)
        return Keys(index, fit.values[index], fit.slopes[index])

    def _lever(self, track: Track) -> np.ndarray:
        """How far (n,) a misfit of one radian, or one unit, moves a tip, in metres."""
        if track.kind == VALUE:
            return np.ones(self.frames)
        if track.kind == LOCATION:
            return np.full(self.frames, self.chain.scale)
        children = self.children[track.bone]
        ends = self.goal.tips[:, self.chain.reach[:, track.bone]]
        if track.bone in self.turned_by and all(c in self.turned_by for c in children):
            # What is further out makes up for this bone's error, see ``_aim``.
            mine = self.goal.tips[:, self.chain.tip_bones == track.bone]
            ends = np.concatenate([self.goal.heads[:, children], mine], axis=1)
        if ends.shape[1] == 0:
            return np.full(self.frames, _LEAST_LEVER)
        away = np.linalg.norm(ends - self.goal.heads[:, track.bone, None], axis=-1)
        return np.maximum(away.max(axis=1), _LEAST_LEVER)

    def _share(self, track: Track, error: float) -> np.ndarray:
        """The misfit (n,) that one track may use up, in metres."""
        if track.kind == VALUE:
            return np.full(self.frames, VALUE_TOLERANCE)
        moved = self.chain.reach[:, track.bone].copy()
        # A leg makes up for what the hips above it do.
        for hip in self.legs:
            if not _is_above(self.chain, hip, track.bone):
                moved &= ~self.chain.reach[:, hip]
        least = self.allowed[:, moved].min(axis=1) if moved.any() else np.full(self.frames, error)
        return _SHARE * least


def _misfit(track: Track, lever: np.ndarray) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The function (fitted, wanted) -> metres (n,) of one track."""
    if track.kind in (LOCATION, VALUE):
        return lambda fitted, wanted: np.linalg.norm(fitted - wanted, axis=-1) * lever
    turn = track.quaternions
    return lambda fitted, wanted: rot.angle(turn(fitted), turn(wanted)) * lever


def _is_above(chain: Chain, upper: int, bone: int) -> bool:
    """Whether ``upper`` is ``bone`` or one of its parents."""
    while bone >= 0 and bone != upper:
        bone = int(chain.parents[bone])
    return bone == upper


# --- legs ---


def _legs(
    chain: Chain, children: list[list[int]], turned: dict[int, int]
) -> dict[int, tuple[int, int]]:
    """Knee and ankle of each hip above an ankle that can be planted."""
    legs = {}
    for e in np.flatnonzero(chain.contacts >= 0):
        ankle = int(chain.tip_bones[e])
        # Only the tip that is the ankle itself: the toes move with it.
        if np.any(chain.tips[e]):
            continue
        knee = int(chain.parents[ankle])
        hip = int(chain.parents[knee]) if knee >= 0 else -1
        lone = hip >= 0 and children[hip] == [knee] and children[knee] == [ankle]
        if lone and hip in turned and knee in turned:
            legs[hip] = (knee, ankle)
    return legs


def _bend(
    heads: np.ndarray, turn: np.ndarray, head: np.ndarray, leg: tuple[int, ...]
) -> np.ndarray:
    """World rotation (n, 4) of a hip moved to ``head``, such that knee and ankle can follow.

    ``heads`` (n, B, 3) are where all were, ``turn`` the hip's rotation there, ``leg`` the
    indices of hip, knee and ankle. Two-bone inverse kinematics by the law of cosines.
    """
    hip, knee, ankle = (heads[:, b] for b in leg)
    thigh, shin = knee - hip, ankle - knee
    upper, lower = np.linalg.norm(thigh, axis=-1), np.linalg.norm(shin, axis=-1)
    axis = np.cross(thigh, shin) / np.maximum(upper * lower, 1e-12)[:, None]
    # Where the leg is straight, it bends as it does in the rest of the dance.
    usual = rot.rotate(rot.conjugate(turn), axis).sum(axis=0)
    axis = rot.normalize(axis + 0.02 * rot.rotate(turn, rot.normalize(usual)))

    def inner_angle(length: np.ndarray) -> np.ndarray:
        cosine = (upper**2 + length**2 - lower**2) / np.maximum(2.0 * upper * length, 1e-12)
        return np.arccos(np.clip(cosine, -1.0, 1.0))

    was, now = np.linalg.norm(ankle - hip, axis=-1), np.linalg.norm(ankle - head, axis=-1)
    opening = rot.from_axis_angle(axis * (inner_angle(was) - inner_angle(now))[:, None])
    swing = rot.between(ankle - hip, ankle - head)
    return rot.multiply(rot.multiply(swing, opening), turn)


def _peaks(excess: np.ndarray) -> np.ndarray:
    """The worst frame of every run of frames over 1."""
    over = np.concatenate([[False], excess > 1.0, [False]])
    starts, stops = np.flatnonzero(over[1:] & ~over[:-1]), np.flatnonzero(over[:-1] & ~over[1:])
    return np.array(
        [a + int(np.argmax(excess[a:b])) for a, b in zip(starts, stops, strict=True)], dtype=int
    )
