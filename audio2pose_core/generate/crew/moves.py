"""From one formation to the next: who goes where, when they leave, and round whom.

Everybody leaves and arrives together, on beats, and goes straight. Paths that are shortest
together by the sum of their squares do not meet (M. Turpin, N. Michael, V. Kumar, "CAPT:
Concurrent Assignment and Planning of Trajectories for Multiple Robots", IJRR 33, 2014). The first
dancer stays where it is, so those whose way leads through it go round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...audio.beat_file import Beats
from ...errors import OptionError
from .assignment import assign
from .formations import FORMATIONS

PACE = 0.55
"""Metres a second that a formation change takes on average: steps, no run."""
LEAST_BEATS = 4
AROUND = 0.9
"""Nobody's way comes nearer than so many spacings to the first dancer."""
APART = 0.8
"""Those who go round someone keep so many spacings apart where they are half way."""


@dataclass(frozen=True)
class Change:
    """Another formation, to be reached at ``second`` of the dance."""

    second: float
    formation: str


def parse_changes(text: str) -> list[Change]:
    """Changes out of a text as "16:line,32.5:circle"; OptionError for anything else."""
    out = []
    for part in filter(None, text.split(",")):
        second, _, formation = part.partition(":")
        try:
            out.append(Change(float(second), formation.strip()))
        except ValueError as error:
            raise OptionError(
                f"{part!r} is no change of formation; write seconds:formation, as 16:line"
            ) from error
        if out[-1].formation not in FORMATIONS:
            raise OptionError(f"no formation {formation!r}; choose {', '.join(FORMATIONS)}")
    return out


@dataclass(frozen=True)
class Moves:
    """The ways of a crew in spacings: ``points`` (k, dancers, 2) at ``times`` (k,) seconds.

    ``walking`` are the stretches (start, end) in which they go.
    """

    points: np.ndarray
    times: np.ndarray
    walking: tuple[tuple[float, float], ...] = ()

    def at(self, dancer: int, seconds: np.ndarray) -> np.ndarray:
        """Where a dancer is meant to be, (T, 2) spacings, at seconds (T,)."""
        if len(self.times) == 1:
            return np.broadcast_to(self.points[0, dancer], (len(seconds), 2))
        place = np.interp(seconds, self.times, np.arange(len(self.times)))
        low = np.minimum(place.astype(int), len(self.times) - 2)
        share = place - low
        # Smooth steps: they set out and arrive gently, and all at the same time.
        share = (share**2 * (3.0 - 2.0 * share))[:, None]
        way = self.points[:, dancer]
        return way[low] * (1 - share) + way[low + 1] * share

    def stays(self, dancer: int) -> bool:
        """Whether a dancer has one place throughout."""
        return bool(np.ptp(self.points[:, dancer], axis=0).max() < 1e-9)


def plan_moves(
    first: np.ndarray,
    changes: Sequence[Change],
    where: Sequence[np.ndarray],
    beats: Beats,
    seconds: float,
    spacing: float,
) -> Moves:
    """The ways through formations: ``first`` (n, 2), then ``where`` (n, 2) each at its change.

    Each is reached on the beat nearest to its change, and left for in time; a change asked for
    sooner than people can walk it is an OptionError.
    """
    _check(changes, seconds)
    times, points = [0.0], [np.asarray(first, dtype=float)]
    walking = []
    for change, target in zip(changes, where, strict=True):
        now = points[-1]
        target = target[_assigned(now, target)]
        middle = _round_the_first(now, target)
        length = np.linalg.norm(middle - now, axis=1) + np.linalg.norm(target - middle, axis=1)
        arrive = float(beats.times[np.argmin(np.abs(beats.times - change.second))])
        leave = _leaving(beats, arrive, spacing * float(length.max()) / PACE)
        if leave < times[-1] - 1e-6:
            raise OptionError(
                f"the formation {change.formation!r} at {change.second:.1f} s comes too soon: the "
                f"crew needs {arrive - leave:.1f} s to get there; change later, or stand closer"
            )
        walking.append((leave, arrive))
        if leave > times[-1] + 1e-6:
            times.append(leave)
            points.append(now)
        if np.abs(middle - (now + target) / 2).max() > 1e-9:
            times.append((leave + arrive) / 2)
            points.append(middle)
        times.append(arrive)
        points.append(target)
    return Moves(np.stack(points), np.array(times), tuple(walking))


def nearest_ways(moves: Moves) -> float:
    """The least distance of any two dancers on their ways, in spacings."""
    least = np.inf
    steps = np.linspace(0.0, 1.0, 25)[:, None, None]
    for now, after in pairwise(moves.points):
        way = now + steps * (after - now)
        gap = np.linalg.norm(way[:, :, None] - way[:, None], axis=3)
        gap += 1e9 * np.eye(way.shape[1])
        least = min(least, float(gap.min()))
    return least


def _check(changes: Sequence[Change], seconds: float) -> None:
    for change in changes:
        if not 0.0 < change.second < seconds:
            raise OptionError(
                f"a formation at {change.second:g} s is outside the dance, which lasts "
                f"{seconds:.1f} s"
            )
    if any(b.second <= a.second for a, b in pairwise(changes)):
        raise OptionError("formations must follow each other in time")


def _assigned(now: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Which place (n,) each takes; the first dancer the first place."""
    cost = ((now[1:, None] - target[None, 1:]) ** 2).sum(axis=2)
    return np.concatenate([[0], 1 + assign(cost)]) if len(now) > 1 else np.zeros(1, dtype=int)


def _round_the_first(now: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Points (n, 2) half way; beside the straight way where that comes too near to the first."""
    middle = (now + target) / 2
    for k in range(1, len(now)):
        way = target[k] - now[k]
        length = float(np.linalg.norm(way))
        if length < 1e-9:
            continue
        share = np.clip(-(now[k] - now[0]) @ way / length**2, 0.0, 1.0)
        nearest = now[k] + share * way - now[0]
        if np.linalg.norm(nearest) >= AROUND:
            continue
        across = np.array([-way[1], way[0]]) / length
        # Round the side that the way passes on anyway; behind where it goes right through.
        side = float(np.sign(nearest @ across)) or (1.0 if across[1] < 0 else -1.0)
        middle[k] = now[0] + side * across * 1.4 * AROUND
    straight = np.abs(middle - (now + target) / 2).max() < 1e-9
    return middle if straight else _spread(middle)


def _spread(middle: np.ndarray) -> np.ndarray:
    """Points (n, 2) pushed ``APART``, the first of them staying: two by two, little by little."""
    out = middle.copy()
    for _ in range(200):
        off = out[:, None] - out[None]
        gap = np.linalg.norm(off, axis=2) + 1e9 * np.eye(len(out))
        near = np.maximum(APART - gap, 0.0)
        if not near.any():
            break
        push = (near / np.maximum(gap, 1e-6))[..., None] * off
        out[1:] += 0.5 * push.sum(axis=1)[1:]
    return out


def _leaving(beats: Beats, arrive: float, needed: float) -> float:
    """The beat on which to leave: an even number of beats before, at least ``LEAST_BEATS``."""
    period = 60.0 / beats.tempo_bpm
    count = max(LEAST_BEATS, 2 * int(np.ceil(needed / period / 2 - 1e-6)))
    at = int(np.argmin(np.abs(beats.times - arrive)))
    if at >= count:
        return float(beats.times[at - count])
    return float(beats.times[0] - (count - at) * period)
