"""The points at which a limb's error is measured, and how far each of them may stray."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .. import rotations as rot
from .key_body import Body

BACK = {False: 1.5, True: 0.7}
"""Of the error: what the back may stray where arms, legs and head begin; they make up for it, but
only in part where constraints move them."""
JOINT = 4.0
"""Of the error: what a joint inside a limb (elbow, knee) may stray."""
TURNED, FLAG = 2.5, 0.15
"""Of the error, and metres: what marks beside a bone may stray, so far from it. Skin, palms and a
face go with how a bone is turned, which points along it do not tell: at 1 cm by 10 degrees."""
_SLACK, _OWN = 0.8, 0.9
"""Of what a limb is short of straight, and of what its end may stray: what its beginning may."""
_MARK = 0.12
"""Metres along a limb that begins: how the back is turned is seen there."""


@dataclass(frozen=True)
class Points:
    """Points of a limb.

    Attributes
    ----------
    bones : (E,) bones that carry them.
    places : (E, 3) where, in the bone's own axes.
    goals : (n, E, 3) where they should be in the object's space, metres.
    budget : (n, E) how far they may stray, metres.
    """

    bones: np.ndarray
    places: np.ndarray
    goals: np.ndarray
    budget: np.ndarray


def points_of(
    body: Body,
    own: Sequence[int],
    allowed: np.ndarray,
    error: float,
    turned: Sequence[int] | None = None,
) -> tuple[Points, bool]:
    """The points of a limb with bones ``own``, and whether nothing that is keyed lies below it.

    ``allowed`` (n, E) is what each tip of the chain may stray; ``turned`` are the bones whose turns
    are fitted, all of them if None. A limb with nothing below has its
    tips, and the joints inside it; the back has its joints, and the places where limbs begin.
    """
    chain, back = body.chain, BACK[body.chain.by_constraints]
    moved = {t.bone for t in body.tracks if t.bone >= 0}
    mine = set(own)
    is_last = not (moved & set(body.below(own))) - mine
    found: list[tuple[int, np.ndarray, np.ndarray]] = []
    for e in np.flatnonzero(chain.reach[:, list(own)].any(axis=1)).tolist():
        nearest = next(b for b in _up(body, int(chain.tip_bones[e])) if b in moved)
        # A tip that another limb carries is that limb's.
        if nearest in mine:
            found.append((int(chain.tip_bones[e]), chain.tips[e], allowed[:, e]))
    even, ends = np.ones(body.frames), {b for b, place, _ in found if not np.any(place)}
    if is_last:
        found += [
            (b, np.zeros(3), (1.0 if _is_end(body, b) else JOINT) * error * even)
            for b in sorted(mine)
            if b not in ends and _above(body, b, moved) in mine and len(body.children[b]) <= 1
        ]
    else:
        found += [(b, np.zeros(3), back * error * even) for b in sorted(mine - ends)]
        for b in sorted((moved & set(body.below(own))) - mine):
            if _above(body, b, moved) not in mine:
                continue
            parent = int(chain.parents[b])
            begins, budget = chain.rest_positions[b], back * error * even
            found.append((parent, begins, _beginning(body, b, error, allowed)))
            along = [c for c in body.children[b] if np.any(chain.rest_positions[c])]
            if along:
                way = rot.rotate(chain.rest_rotations[b], chain.rest_positions[along[0]])
                mark = begins + way * (_MARK / chain.scale / np.linalg.norm(way))
                found.append((parent, mark, budget))
    flags = FLAG / chain.scale * np.eye(3)
    aside = (back if chain.by_constraints else TURNED) * error * even
    for b in sorted(mine if turned is None else turned):
        found += [(b, flag, aside) for flag in flags[[0, 2]]]
    bones = np.array([b for b, _, _ in found], dtype=int)
    places = np.array([place for _, place, _ in found]).reshape(-1, 3)
    goal = body.goal
    goals = goal.heads[:, bones] + chain.scale * rot.rotate(goal.turns[:, bones], places)
    budgets = np.array([budget for _, _, budget in found]).reshape(-1, body.frames).T
    return Points(bones, places, goals, budgets), is_last


def _above(body: Body, bone: int, moved: set[int]) -> int:
    """The nearest bone above another that is keyed; -1 for none."""
    return next((b for b in _up(body, int(body.chain.parents[bone])) if b in moved), -1)


def _up(body: Body, bone: int) -> list[int]:
    """A bone and all above it."""
    out = []
    while bone >= 0:
        out.append(bone)
        bone = int(body.chain.parents[bone])
    return out


def _is_end(body: Body, bone: int) -> bool:
    """Whether a bone's head counts as its limb's end: that of a head, of a hand, a wrist.

    It is the last bone, or a short one before it.
    """
    if not body.children[bone]:
        return True
    (child,) = body.children[bone]
    length = np.linalg.norm(body.chain.rest_positions[child]) * body.chain.scale
    return bool(child in body.chain.tip_bones and length < _MARK)


def _beginning(body: Body, first: int, error: float, allowed: np.ndarray) -> np.ndarray:
    """What the place where a limb begins with bone ``first`` may stray, (n,).

    A limb that is nearly straight cannot make up for more than it is short of that, and a knee
    that is nearly straight moves far when its hip moves a little.
    """
    chain, goal = body.chain, body.goal
    out = np.full(body.frames, BACK[chain.by_constraints] * error)
    for e in np.flatnonzero(chain.reach[:, first]).tolist():
        path = [goal.tips[:, e]]
        for b in _up(body, int(chain.tip_bones[e])):
            path.append(goal.heads[:, b])
            if b == first:
                break
        length = sum(np.linalg.norm(a - b, axis=-1) for a, b in itertools.pairwise(path))
        slack = length - np.linalg.norm(path[0] - path[-1], axis=-1)
        out = np.minimum(out, _SLACK * slack + _OWN * allowed[:, e])
    if first in body.legs:
        knee, ankle = body.legs[first]
        hip, knee_at, ankle_at = (goal.heads[:, b] for b in (first, knee, ankle))
        way = ankle_at - hip
        length = np.linalg.norm(way, axis=-1)
        beside = np.linalg.norm(rot.cross(way, knee_at - hip), axis=-1) / length
        most = JOINT * error
        tip = allowed[:, chain.tip_bones == ankle].min(axis=1)
        # Of an isosceles triangle: height^2 = side^2 - (base / 2)^2.
        base = 2.0 * (2.0 * beside * most + most**2) / length
        out = np.minimum(out, _SLACK * base + _OWN * tip)
    return out
