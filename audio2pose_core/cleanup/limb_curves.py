"""The curves of a limb's bones through keys on the same frames, and where they put its points.

Every function works on some of the frames only, so that a few keys can be moved at the cost of
the frames beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .. import rotations as rot
from . import bezier
from .bones import LOCATION, QUATERNION
from .key_body import Body
from .limb_points import Points

_SAME = 1e-9
"""What numbers of a key may differ by where it did not move."""


class Stretch(NamedTuple):
    """Frames between some keys, shorter segments first.

    ``frames`` (f,) and the segment of each, ``segment`` (f,); of every segment its number
    ``segments`` (s,), its first row ``first`` (s,) and how many rows it has, ``rows`` (s,).
    """

    frames: np.ndarray
    segment: np.ndarray
    segments: np.ndarray
    first: np.ndarray
    rows: np.ndarray


@dataclass(frozen=True)
class Pose:
    """Heads (f, B, 3), matrices (f, B, 3, 3) of the limb's bones, points (f, E, 3).

    ``rests`` are the matrices without the bones' own rotations; all in the object's space.
    """

    heads: np.ndarray
    turns: np.ndarray
    rests: np.ndarray
    points: np.ndarray


class State(NamedTuple):
    """Keys, slopes (k, M) and reaches (k - 1, 2) of a limb."""

    keys: np.ndarray
    slopes: np.ndarray
    reach: np.ndarray


class LimbCurves:
    """The keys of a limb.

    Attributes
    ----------
    index : (k,) frames of the keys.
    keys, slopes : (k, M)
        Values and slopes a frame of all numbers of the limb's tracks, side by side; ``places``
        says which are whose.
    reach : (k - 1, 2)
        Of each segment how far its two handles reach, as shares of its length.
    wanted : (n, M)
        Where the bones aim, from where the limbs above are.
    excess : (n,)
        How far the worst point strays on each frame, over what it may.
    """

    def __init__(self, body: Body, mine: Sequence[int], points: Points) -> None:
        self.body, self.mine, self.points = body, list(mine), points
        self.tracks = [body.tracks[i] for i in self.mine]
        widths = [t.values.shape[1] for t in self.tracks]
        self.places = _side_by_side(widths)
        self.width = sum(widths)
        own = [t.bone for t in self.tracks]
        below, needed = set(body.below(own)), set(own)
        for b in points.bones.tolist():
            while b >= 0 and b in below:
                needed.add(b)
                b = int(body.chain.parents[b])
        self.bones = sorted(needed)
        self.at = {b: j for j, b in enumerate(self.bones)}
        self.ends = [self.at[b] for b in points.bones.tolist()]
        self._rest = rot.to_matrix(body.chain.rest_rotations[self.bones])
        self.wanted = np.concatenate([t.values for t in self.tracks], axis=1)
        self.excess = np.zeros(body.frames)
        self._base: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self._exact: dict[tuple[int, bool], np.ndarray] = {}
        self.index = np.zeros(0, dtype=int)
        self.keys = self.slopes = np.zeros((0, self.width))
        self.reach = np.zeros((0, 2))

    def aim(self) -> None:
        """Note where the limbs above are now, and where the bones of this one aim from there."""
        body, chain = self.body, self.body.chain
        mine = set(self.mine)

        def exactly(i: int) -> None:
            if i in mine:
                body.fits[i].fitted = body.fits[i].values

        body.follow(self.bones, exactly)
        self.wanted = np.concatenate([body.fits[i].values for i in self.mine], axis=1)
        for b in self.bones:
            parent = int(chain.parents[b])
            if parent not in self.at:
                turns = rot.IDENTITY[None] if parent < 0 else body.turns[:, parent]
                heads = np.zeros((1, 3)) if parent < 0 else body.heads[:, parent]
                size = (body.frames, 3)
                self._base[b] = (
                    np.broadcast_to(rot.to_matrix(turns), (*size, 3)),
                    np.broadcast_to(heads, size),
                )
            for is_location in (True, False):
                i = body.own.get((b, is_location), -1)
                if i >= 0 and i not in mine:
                    fitted = body.fits[i].fitted
                    turn = fitted if is_location else body.tracks[i].quaternions(fitted)
                    self._exact[b, is_location] = turn if is_location else rot.to_matrix(turn)
        if len(self.index) > 1:
            self.look(np.arange(len(self.index) - 1))

    def seen_from_above(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Each point as its limb's parent sees it (n, 3), and how far it may stray (n,)."""
        turns, heads = self._base[self.bones[0]]
        away = (self.points.goals - heads[:, None]) @ turns
        return [(away[:, e], self.points.budget[:, e]) for e in range(len(self.ends))]

    def rekey(self, index: np.ndarray, pinned: np.ndarray) -> np.ndarray:
        """Put the keys on other frames (k,); which of them are to be moved (k,) bool.

        Keys between the same neighbours as before stay as they are; the others begin where
        the bones aim, and keys on ``pinned`` (n,) bool frames stay there.
        """
        before, keys, slopes, reach = self.index, self.keys, self.slopes, self.reach
        self.index, self.keys = index, self.wanted[index]
        self.slopes = (
            np.gradient(self.wanted, axis=0)[index]
            if len(self.wanted) > 1
            else (np.zeros_like(self.keys))
        )
        self.reach = np.full((len(index) - 1, 2), bezier.THIRD)
        new = np.ones(len(index) - 1, dtype=bool)
        if len(before):
            place = np.minimum(np.searchsorted(before, index), len(before) - 1)
            there = before[place] == index
            new = ~(there[:-1] & there[1:] & (np.diff(place) == 1))
            old = there & ~(_left(new, True) & _right(new, True))
            self.slopes[old] = slopes[place[old]]
            self.reach[~new] = reach[place[:-1][~new]]
            old &= ~pinned[index]
            self.keys[old] = keys[place[old]]
        self.unify(np.arange(len(index)))
        moved = _left(new, False) | _right(new, False)
        if len(before):
            moved |= there & (np.abs(self.keys - keys[place]).max(axis=1) > _SAME)
        return moved

    def stretch(self, segments: np.ndarray) -> Stretch:
        """The frames of some segments; the last frame belongs to the last segment."""
        starts = self.index[segments]
        rows = self.index[segments + 1] - starts + (segments == len(self.index) - 2)
        order = np.argsort(rows, kind="stable")
        segments, starts, rows = segments[order], starts[order], rows[order]
        first = np.cumsum(rows) - rows
        frames = np.arange(int(rows.sum())) + np.repeat(starts - first, rows)
        return Stretch(frames, np.repeat(segments, rows), segments, first, rows)

    def values(self, stretch: Stretch, basis: np.ndarray) -> np.ndarray:
        """The numbers (f, M) of all tracks, by what keys count on each frame, ``basis`` (f, 4)."""
        left, right = stretch.segment, stretch.segment + 1
        out: np.ndarray = basis[:, 0, None] * self.keys[left] + basis[:, 1, None] * self.keys[right]
        out += basis[:, 2, None] * self.slopes[left]
        out += basis[:, 3, None] * self.slopes[right]
        return out

    def time(self, stretch: Stretch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each frame where it is in its segment, 0 to 1, the segment's length, its handles."""
        left = self.index[stretch.segment]
        step = (self.index[stretch.segment + 1] - left).astype(np.float64)
        return (stretch.frames - left) / step, step, self.reach[stretch.segment]

    def pose(self, values: np.ndarray, frames: np.ndarray) -> Pose:
        """Where numbers (f, M) put the limb's bones and points on ``frames`` (f,)."""
        chain, count, many = self.body.chain, len(self.bones), len(frames)
        heads = np.empty((many, count, 3))
        turns, rests = np.empty((many, count, 3, 3)), np.empty((many, count, 3, 3))
        own: dict[tuple[int, bool], np.ndarray] = {}
        for track, place in zip(self.tracks, self.places, strict=True):
            if track.kind == LOCATION:
                own[track.bone, True] = values[:, place]
            else:
                own[track.bone, False] = rot.to_matrix(track.quaternions(values[:, place]))
        own |= {which: exact[frames] for which, exact in self._exact.items()}
        for j, b in enumerate(self.bones):
            if b in self._base:
                above, head = self._base[b][0][frames], self._base[b][1][frames]
            else:
                above, head = (a[:, self.at[int(chain.parents[b])]] for a in (turns, heads))
            offset = chain.rest_positions[b] * chain.scale
            if (b, True) in own:
                offset = offset + own[b, True] @ self._rest[j].T * chain.scale
                heads[:, j] = head + (above @ offset[..., None])[..., 0]
            else:
                heads[:, j] = head + above @ offset
            rests[:, j] = above @ self._rest[j]
            turns[:, j] = rests[:, j] @ own[b, False] if (b, False) in own else rests[:, j]
        away = (turns[:, self.ends] @ (self.points.places * chain.scale)[..., None])[..., 0]
        return Pose(heads, turns, rests, heads[:, self.ends] + away)

    def look(self, segments: np.ndarray) -> None:
        """Note how far the points stray between some keys."""
        if not len(segments):
            return
        stretch = self.stretch(segments)
        basis = bezier.basis(*self.time(stretch))
        there = self.pose(self.values(stretch, basis), stretch.frames).points
        off = np.linalg.norm(there - self.points.goals[stretch.frames], axis=-1)
        self.excess[stretch.frames] = (off / self.points.budget[stretch.frames]).max(axis=1)

    def unify(self, which: np.ndarray) -> None:
        """Quaternions of some keys brought to length 1, their slopes at right angles to them."""
        for track, place in zip(self.tracks, self.places, strict=True):
            if track.kind != QUATERNION:
                continue
            keys, slopes = self.keys[which, place], self.slopes[which, place]
            length = np.linalg.norm(keys, axis=1, keepdims=True)
            keys, slopes = keys / length, slopes / length
            self.keys[which, place] = keys
            self.slopes[which, place] = slopes - (slopes * keys).sum(axis=1, keepdims=True) * keys

    def state(self) -> State:
        """The keys as they are."""
        return State(self.keys.copy(), self.slopes.copy(), self.reach.copy())

    def restore(self, state: State) -> None:
        """Put the keys back as they were."""
        self.keys, self.slopes, self.reach = state.keys, state.slopes, state.reach

    @staticmethod
    def mixed(one: State, other: State, segments: np.ndarray) -> State:
        """``other`` between the keys of ``segments`` (k - 1,) bool, ``one`` elsewhere.

        Runs of segments share no key that differs.
        """
        keys = (_left(segments, False) | _right(segments, False))[:, None]
        return State(
            np.where(keys, other.keys, one.keys),
            np.where(keys, other.slopes, one.slopes),
            np.where(segments[:, None], other.reach, one.reach),
        )

    def put(self) -> None:
        """Put the body's bones and tracks on these curves."""
        fits = self.body.fits
        is_key = np.zeros(self.body.frames, dtype=bool)
        is_key[self.index] = True
        reach = np.full((len(self.index), 2), bezier.THIRD)
        reach[1:, 0], reach[:-1, 1] = self.reach[:, 1], self.reach[:, 0]
        stretch = self.stretch(np.arange(len(self.index) - 1))
        values = np.empty_like(self.wanted)
        values[stretch.frames] = self.values(stretch, bezier.basis(*self.time(stretch)))
        for i, place in zip(self.mine, self.places, strict=True):
            fits[i].is_key, fits[i].reach = is_key.copy(), reach
            fits[i].keys, fits[i].slopes = self.keys[:, place], self.slopes[:, place]
            fits[i].fitted = values[:, place]
        self.body.follow(self.bones, lambda i: None)


def _side_by_side(widths: Sequence[int]) -> list[slice]:
    stops = np.cumsum(widths).tolist()
    return [slice(stop - width, stop) for stop, width in zip(stops, widths, strict=True)]


def _left(of_segments: np.ndarray, at_the_end: bool) -> np.ndarray:
    """Of each key what is said of the segment on its left."""
    return np.concatenate([[at_the_end], of_segments])


def _right(of_segments: np.ndarray, at_the_end: bool) -> np.ndarray:
    return np.concatenate([of_segments, [at_the_end]])
