"""Rounded shapes as arrays: tubes and balls with materials and bone weights.

Pure numpy in core's axes (metres, Y up, facing +Z). A ``Body`` gathers shapes;
``mannequin.py`` turns it into a Blender mesh.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np


@dataclass
class Body:
    """Vertices, faces, a material number per face and bone weights per vertex.

    ``weights[bone]`` is a list of (vertex numbers (n,), weights (n,)).
    """

    vertices: list[np.ndarray] = field(default_factory=list)
    faces: list[tuple[int, ...]] = field(default_factory=list)
    materials: list[int] = field(default_factory=list)
    weights: dict[str, list[tuple[np.ndarray, np.ndarray]]] = field(default_factory=dict)
    count: int = 0

    def add(
        self,
        points: np.ndarray,
        faces: list[tuple[int, ...]],
        materials: int | np.ndarray,
        weights: dict[str, np.ndarray],
    ) -> None:
        """Add one shape: points (n, 3), faces of its own numbers, weights (n,) per bone."""
        numbers = np.arange(self.count, self.count + len(points))
        self.vertices.append(points)
        self.faces.extend(tuple(self.count + i for i in f) for f in faces)
        per_face = np.broadcast_to(np.asarray(materials), len(faces))
        self.materials.extend(int(m) for m in per_face)
        for bone, values in weights.items():
            used = values > 0
            self.weights.setdefault(bone, []).append((numbers[used], values[used]))
        self.count += len(points)


def rings(
    stations: np.ndarray, sides: int, per_span: int, square: float = 2.0
) -> tuple[np.ndarray, np.ndarray]:
    """Cross sections of a rounded body along its own axis.

    Parameters
    ----------
    stations : (n, 5): place along the axis, half width, half depth, shift of the
        centre along width and along depth; metres. The first and the last have
        width 0: the poles.
    sides : points per ring.
    per_span : rings between two stations, drawn by a smooth curve.
    square : exponent of the superellipse; 2 is an ellipse, more is boxier.

    Returns
    -------
    (R, sides, 3) points as (along, across, depth), and (R,) places along the axis.
    """
    knots = np.concatenate([[0.0], np.cumsum(_chord(stations))])
    # Spans at the poles are drawn denser, so that the ends look round.
    at = np.unique(np.concatenate([np.linspace(a, b, per_span + 1) for a, b in pairwise(knots)]))
    smooth = np.stack([_monotone(knots, column, at) for column in stations.T], axis=1)
    angle = 2 * np.pi * np.arange(sides) / sides
    c, s = np.cos(angle), np.sin(angle)
    across = np.sign(c) * np.abs(c) ** (2 / square)
    depth = np.sign(s) * np.abs(s) ** (2 / square)
    out = np.empty((len(at), sides, 3))
    out[..., 0] = smooth[:, :1]
    out[..., 1] = smooth[:, 3:4] + smooth[:, 1:2] * across
    out[..., 2] = smooth[:, 4:5] + smooth[:, 2:3] * depth
    return out, smooth[:, 0]


def capped(stations: Sequence[tuple[float, ...]], round_ends: float = 1.0) -> np.ndarray:
    """Stations (n, 5) with rounded ends put on (m,) tuples (place, width, depth[, shifts]).

    Each end grows a quarter ellipse whose length is the end's mean radius times
    ``round_ends``.
    """
    full = np.array([tuple(s) + (0.0,) * (5 - len(s)) for s in stations])
    turn = np.deg2rad([90.0, 68.0, 45.0, 22.0])

    def cap(end: np.ndarray, direction: float) -> np.ndarray:
        out = np.repeat(end[None], len(turn), axis=0)
        out[:, 0] += direction * round_ends * end[1:3].mean() * np.sin(turn)
        out[:, 1:3] *= np.cos(turn)[:, None]
        out[0, 1:3] = 0.0
        return out

    return np.concatenate([cap(full[0], -1.0), full, cap(full[-1], 1.0)[::-1]])


def skin(ring_points: np.ndarray) -> tuple[np.ndarray, list[tuple[int, ...]]]:
    """Points (n, 3) and faces of rings (R, S, 3) whose first and last are poles."""
    count, sides = ring_points.shape[:2]
    inner = ring_points[1:-1].reshape(-1, 3)
    points = np.concatenate([ring_points[0, :1], inner, ring_points[-1, :1]])
    last = len(points) - 1

    def number(r: int, s: int) -> int:
        return 1 + (r - 1) * sides + s % sides

    faces: list[tuple[int, ...]] = [(0, number(1, s + 1), number(1, s)) for s in range(sides)]
    for r in range(1, count - 2):
        for s in range(sides):
            faces.append((number(r, s), number(r, s + 1), number(r + 1, s + 1), number(r + 1, s)))
    faces += [(number(count - 2, s), number(count - 2, s + 1), last) for s in range(sides)]
    return points, faces


def frame(start: np.ndarray, end: np.ndarray, front: np.ndarray) -> np.ndarray:
    """Axes (3, 3) as rows (along, across, depth) of a limb whose depth looks ``front``."""
    along = (end - start) / np.linalg.norm(end - start)
    depth = front - along * (front @ along)
    depth /= np.linalg.norm(depth)
    return np.stack([along, np.cross(depth, along), depth])


def tube(path: np.ndarray, radii: np.ndarray, sides: int) -> np.ndarray:
    """Rings (R, sides, 3) around a bent path (n, 3) with radii (n,), pole to pole."""
    steps = np.gradient(path, axis=0)
    helper = (
        np.array([0.0, 0.0, 1.0])
        if abs(steps[0, 2]) < 0.9 * np.linalg.norm(steps[0])
        else np.array([0.0, 1.0, 0.0])
    )
    angle = 2 * np.pi * np.arange(sides) / sides
    turn = np.deg2rad([90.0, 60.0, 30.0])
    centres, sizes, axes = [], [], []
    for i, (p, r, d) in enumerate(zip(path, radii, steps, strict=True)):
        d = d / np.linalg.norm(d)
        u = np.cross(d, helper)
        u /= np.linalg.norm(u)
        ends = {0: -turn, len(path) - 1: turn[::-1]}.get(i)
        middle = [(p, r)]
        if ends is not None:
            cap = [(p + d * r * np.sin(a), r * max(np.cos(a), 0.0)) for a in ends]
            middle = cap + middle if i == 0 else middle + cap
        for centre, size in middle:
            centres.append(centre)
            sizes.append(size)
            axes.append((u, np.cross(d, u)))
    sizes[0] = sizes[-1] = 0.0
    return np.stack(
        [
            c + s * (np.cos(angle)[:, None] * u + np.sin(angle)[:, None] * v)
            for c, s, (u, v) in zip(centres, sizes, axes, strict=True)
        ]
    )


def _chord(stations: np.ndarray) -> np.ndarray:
    step = np.linalg.norm(np.diff(stations[:, :3], axis=0), axis=1)
    return np.maximum(step, 1e-6)


def _monotone(x: np.ndarray, y: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Fritsch-Carlson cubic through (x, y): smooth, and never beyond its neighbours."""
    h, slope = np.diff(x), np.diff(y) / np.diff(x)
    m = np.concatenate([slope[:1], np.zeros(len(x) - 2), slope[-1:]])
    same = slope[:-1] * slope[1:] > 0
    w1, w2 = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (w1 + w2) / (w1 / slope[:-1] + w2 / slope[1:])
    m[1:-1] = np.where(same, mean, 0.0)
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(h) - 1)
    t = (at - x[i]) / h[i]
    return (
        y[i] * (1 + 2 * t) * (1 - t) ** 2
        + m[i] * h[i] * t * (1 - t) ** 2
        + y[i + 1] * t**2 * (3 - 2 * t)
        + m[i + 1] * h[i] * t**2 * (t - 1)
    )
