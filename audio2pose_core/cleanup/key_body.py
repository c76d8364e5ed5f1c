"""A body whose bones are put on curves from the root outwards, each making up for those above it.

Each bone aims at where it should be from where its parents' curves have put it, so that
errors do not add up along a limb; a leg is bent so that a planted foot stays where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .. import rotations as rot
from . import bezier
from .bones import LOCATION, QUATERNION, VALUE, Chain, Posed, Track, pose

_LEAST_LEVER = 0.12
"""Metres: a short bone may not turn more than a long one."""
_LAWSON = 3
"""How often the weights of a fit are raised where it strays the most."""
_NEAR = 0.01
"""Metres: at a child that lies nearer than this to its parent's head no bone can aim."""


class Fit:
    """One track's keys, and the curve through them.

    Attributes
    ----------
    values : (n, c)
        What the curve should be.
    is_key, pinned : (n,) bool
        The keys, and those of them that have exactly the value that they should have.
    keys, slopes : (k, c)
        Values and slopes a frame of the keys.
    reach : (k, 2)
        How far their handles reach, as shares of the way to the next key.
    fitted : (n, c)
        The curve; the values themselves as long as there are no keys.
    """

    def __init__(self, values: np.ndarray, pinned: np.ndarray, is_unit: bool = False) -> None:
        """``is_unit`` keys, quaternions, are of length 1."""
        self.values, self.fitted, self._is_unit = values, values, is_unit
        self.pinned, self.is_key = pinned.copy(), np.zeros(len(values), dtype=bool)
        self.keys = self.slopes = np.zeros((0, values.shape[1]))
        self.reach = np.zeros((0, 2))

    @property
    def index(self) -> np.ndarray:
        """Frames (k,) of the keys."""
        return np.flatnonzero(self.is_key)

    def solve(
        self, allowed: np.ndarray, misfit: Callable[[np.ndarray, np.ndarray], np.ndarray]
    ) -> None:
        """The best curve for the keys as they are; ``misfit`` (n,) may be ``allowed`` (n,)."""
        index = self.index
        weights = np.minimum(allowed.max() / allowed, 10.0) ** 2
        for _ in range(_LAWSON):
            weights = weights / weights.mean()
            self.keys, self.slopes = bezier.least_squares_keys(
                self.values, index, weights, self.pinned[index]
            )
            self.draw()
            over = misfit(self.fitted, self.values) / allowed
            weights = weights * np.sqrt(np.clip(over / max(over.max(), 1e-12), 0.2, 1.0))

    def draw(self) -> None:
        """The curve of the keys as they are."""
        if self._is_unit:
            length = np.linalg.norm(self.keys, axis=1, keepdims=True)
            self.keys, self.slopes = self.keys / length, self.slopes / length
        self.reach = np.full((len(self.keys), 2), bezier.THIRD)
        self.fitted = bezier.hermite(self.keys, self.index, self.slopes, len(self.values))


class Body:
    """All tracks, what they should do and what their curves do.

    Attributes
    ----------
    goal : Posed
        Where everything should be.
    heads, turns : (n, B, 3), (n, B, 4)
        Where the curves have put the bones that were last followed.
    fits : list of Fit
    """

    def __init__(self, chain: Chain, tracks: Sequence[Track], pinned: np.ndarray) -> None:
        self.chain, self.tracks = chain, list(tracks)
        self.frames = len(tracks[0].values)
        self.goal: Posed = pose(chain, self.tracks, [t.values for t in tracks])
        self.heads, self.turns = self.goal.heads.copy(), self.goal.turns.copy()
        bones = range(len(chain.parents))
        self.children = [[c for c in bones if chain.parents[c] == b] for b in bones]
        self.turned_by = {t.bone: i for i, t in enumerate(tracks) if t.kind == QUATERNION}
        self.own = {(t.bone, t.kind == LOCATION): i for i, t in enumerate(tracks) if t.bone >= 0}
        self.legs = _legs(chain, self.children, self.turned_by)
        self.fits = [Fit(t.values.astype(np.float64), pinned, t.kind == QUATERNION) for t in tracks]

    def below(self, bones: Sequence[int]) -> list[int]:
        """These bones and all further out, parents before children."""
        found: set[int] = set()
        for b, parent in enumerate(self.chain.parents.tolist()):
            if b in bones or parent in found:
                found.add(b)
        return sorted(found)

    def follow(self, bones: Sequence[int], act: Callable[[int], None]) -> None:
        """Put ``bones`` on their curves, parents before children.

        Each track's goal is set from its parents' curves, and ``act`` called on it, which may
        fit it anew.
        """
        chain = self.chain
        identity = np.broadcast_to(rot.IDENTITY, (self.frames, 4))
        for b in bones:
            parent = chain.parents[b]
            above = identity if parent < 0 else self.turns[:, parent]
            shift = np.zeros((self.frames, 3))
            if (i := self.own.get((b, True), -1)) >= 0:
                act(i)
                shift = self.fits[i].fitted
            offset = chain.rest_positions[b] + rot.rotate(chain.rest_rotations[b], shift)
            self.heads[:, b] = rot.rotate(above, offset) * chain.scale
            if parent >= 0:
                self.heads[:, b] += self.heads[:, parent]
            self.turns[:, b] = rest = rot.multiply(above, chain.rest_rotations[b])
            if (i := self.own.get((b, False), -1)) < 0:
                continue
            if b in self.turned_by:
                local = rot.multiply(rot.conjugate(rest), self._aim(b, self.heads[:, b]))
                # The sign that the track has at its start, and no jump from there on.
                local[0] *= 1.0 if local[0] @ self.tracks[i].values[0] >= 0 else -1.0
                self.fits[i].values = rot.continuous(local)
            act(i)
            self.turns[:, b] = rot.multiply(rest, self.tracks[i].quaternions(self.fits[i].fitted))

    def tip_places(self, tips: np.ndarray) -> np.ndarray:
        """Where the curves have put tips, by their number: (n, len(tips), 3), metres."""
        bones = self.chain.tip_bones[tips]
        ends = self.chain.scale * rot.rotate(self.turns[:, bones], self.chain.tips[tips])
        out: np.ndarray = self.heads[:, bones] + ends
        return out

    def strays(self, tips: np.ndarray) -> np.ndarray:
        """How far (n, len(tips)) tips are from where they should be, metres."""
        return np.linalg.norm(self.tip_places(tips) - self.goal.tips[:, tips], axis=-1)

    def is_above(self, upper: int, bone: int) -> bool:
        """Whether ``upper`` is ``bone`` or one of its parents."""
        while bone >= 0 and bone != upper:
            bone = int(self.chain.parents[bone])
        return bone == upper

    def lever(self, track: Track) -> np.ndarray:
        """How far (n,) a misfit of one radian, or one unit, moves the body, in metres."""
        if track.kind == VALUE:
            return np.ones(self.frames)
        if track.kind == LOCATION:
            return np.full(self.frames, self.chain.scale)
        ends = self.goal.tips[:, self.chain.reach[:, track.bone]]
        nearest = self._turned_below(track.bone)
        if track.bone in self.turned_by and nearest is not None:
            # What is further out makes up for this bone's error, see ``_aim``.
            mine = self.goal.tips[:, self.chain.tip_bones == track.bone]
            ends = np.concatenate([self.goal.heads[:, nearest], mine], axis=1)
        if ends.shape[1] == 0:
            return np.full(self.frames, _LEAST_LEVER)
        away = np.linalg.norm(ends - self.goal.heads[:, track.bone, None], axis=-1)
        return np.maximum(away.max(axis=1), _LEAST_LEVER)

    def _turned_below(self, bone: int) -> list[int] | None:
        """The nearest bones further out that turn on curves; None where an end has none above."""
        found: list[int] = []
        waiting = list(self.children[bone])
        while waiting:
            b = waiting.pop()
            if b in self.turned_by:
                found.append(b)
            elif b in self.chain.tip_bones:
                return None
            else:
                waiting += self.children[b]
        return sorted(found)

    def _aim(self, bone: int, head: np.ndarray) -> np.ndarray:
        """The world rotation (n, 4) with which ``bone``, its head at ``head``, does its part."""
        goal, turn = self.goal, self.goal.turns[:, bone]
        if bone in self.legs:
            return _bend(goal.heads, turn, head, (bone, *self.legs[bone]))
        if len(self.children[bone]) != 1:
            return turn
        end = goal.heads[:, self.children[bone][0]]
        here = end - goal.heads[:, bone]
        if np.linalg.norm(here, axis=-1).min() < _NEAR:
            return turn
        return rot.multiply(rot.between(here, end - head), turn)


def misfit_of(track: Track, lever: np.ndarray) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The function (fitted, wanted) -> metres (n,) of one track."""
    if track.kind in (LOCATION, VALUE):
        return lambda fitted, wanted: np.linalg.norm(fitted - wanted, axis=-1) * lever
    turn = track.quaternions
    return lambda fitted, wanted: rot.angle(turn(fitted), turn(wanted)) * lever


# --- legs ---


def _legs(
    chain: Chain, children: list[list[int]], turned: dict[int, int]
) -> dict[int, tuple[int, int]]:
    """Knee and ankle of each hip above an ankle that can be planted."""
    legs = {}
    for e in np.flatnonzero((chain.contacts == 0) | (chain.contacts == 2)):
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
    axis = rot.cross(thigh, shin) / np.maximum(upper * lower, 1e-12)[:, None]
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
