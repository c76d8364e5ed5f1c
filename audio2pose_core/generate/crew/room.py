"""Room to dance: how near two dancers come, and which way one faces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from ... import rotations as rot, skeleton
from ...motion import Motion

CLEARANCE = 0.28
"""Least distance of two dancers' joints in metres: an arm's breadth stays between them."""


def main_heading(motion: Motion) -> float:
    """The way that a dancer faces most, radians about +Y from +Z towards +X."""
    yaw = rot.yaw(motion.rotations[:, 0])
    mean = np.exp(1j * yaw).mean()
    # One that turns all the time faces nowhere most: take the first.
    return float(np.angle(mean) if abs(mean) > 0.2 else yaw[0])


def outline(motion: Motion) -> np.ndarray:
    """Joints, tips and the middles of the bones, (T, P, 3) metres."""
    joints = motion.joint_positions()
    middles = (joints[:, 1:] + joints[:, np.array(skeleton.PARENTS[1:])]) / 2
    return np.concatenate([motion.body_points(), middles], axis=1)


def least_distance(bodies: Sequence[np.ndarray], ways: Sequence[np.ndarray]) -> float:
    """Least distance of any two dancers in any frame, metres; infinite for one alone.

    bodies : outlines (T, P, 3) as of ``outline``; ways : what each is moved by over the floor,
    (2,) or (T, 2) metres, x and z.
    """
    pairs = combinations(range(len(bodies)), 2)
    return min((_pair(bodies, ways, a, b, np.inf) for a, b in pairs), default=float(np.inf))


def touching(
    bodies: Sequence[np.ndarray],
    ways: Sequence[np.ndarray],
    clearance: float,
    ask_first: tuple[int, int] | None = None,
) -> tuple[int, int] | None:
    """Two dancers who come nearer than ``clearance`` metres, or None.

    ``ask_first`` is a pair that is likely to: most often the one that was found before.
    """
    pairs = list(combinations(range(len(bodies)), 2))
    if ask_first is not None:
        pairs.insert(0, ask_first)
    return next((p for p in pairs if _pair(bodies, ways, *p, clearance) < clearance), None)


def _pair(
    bodies: Sequence[np.ndarray], ways: Sequence[np.ndarray], a: int, b: int, enough: float
) -> float:
    """Least distance of the points of dancers a and b over all frames, as far as it is
    below ``enough``.

    Only frames are looked into in which the circles around both come so near.
    """
    flat = [0, 2]
    shift = np.atleast_2d(np.asarray(ways[b]) - np.asarray(ways[a]))
    one, other = bodies[a], bodies[b]
    gap = np.linalg.norm(one[:, 0, flat] - other[:, 0, flat] - shift, axis=1)
    for body in (one, other):
        gap = gap - np.linalg.norm(body[..., flat] - body[:, :1, flat], axis=2).max(axis=1)
    if np.isfinite(enough):
        looked = np.flatnonzero(gap < enough)
    else:
        # Nobody is further off than the middles of the bodies are.
        looked = np.flatnonzero(gap <= _distance(one[:, :1], other[:, :1], shift).min())
    if len(looked) == 0:
        return enough
    shift = np.broadcast_to(shift, (len(one), 2))[looked]
    return float(_distance(one[looked], other[looked], shift).min())


def _distance(one: np.ndarray, other: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Least distance (T,) of points (T, P, 3) and (T, P, 3) moved by ``shift`` (T or 1, 2)."""
    # Seen from the middle between both, single precision is exact to a hundredth of a millimetre.
    middle = (one[:, :1] + other[:, :1]) / 2
    a = (one - middle).astype(np.float32)
    moved = other - middle
    moved[..., [0, 2]] += shift[:, None]
    b = moved.astype(np.float32)
    squares = (a**2).sum(axis=2)[:, :, None] + (b**2).sum(axis=2)[:, None]
    squares -= 2.0 * (a @ b.transpose(0, 2, 1))
    return np.sqrt(np.maximum(squares.min(axis=(1, 2)), 0.0))
