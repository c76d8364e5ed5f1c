"""Our dancer's body as small pictures side by side: no Blender, some milliseconds a figure.

The skin is sampled by points denser than the picture's, the nearer hides the farther, and a
picture twice as large is averaged down. Left limbs are warm, right ones cool.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from audio2pose_core import rotations as rot
from audio2pose_core.formats.gltf import mannequin
from audio2pose_core.motion import Motion
from audio2pose_core.skeleton import rest_positions

PIXELS_PER_M = 58.0
WIDTH, HEIGHT = 96, 136
"""From one figure to the next, and of the picture; the floor is ``FLOOR`` over its lower edge."""
FLOOR = 12
SAMPLES = 2
"""Points of the large picture for one of the small, each way."""
PITCH = np.deg2rad(8.0)
"""How far the camera looks down."""
CAMERA = np.array([0.0, np.sin(PITCH), np.cos(PITCH)])
"""Where it stands, seen from the dancer."""
UP = np.array([0.0, np.cos(PITCH), -np.sin(PITCH)])
LIGHT = np.array([0.35, 0.75, 0.55]) / np.linalg.norm([0.35, 0.75, 0.55])
PAPER, GROUND = (1.0, 1.0, 1.0), (0.86, 0.86, 0.84)
# Where a triangle is sampled: its corners, the middles of its sides, its own.
_AT = np.array(
    [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [1 / 3] * 3]
)


@cache
def _skin() -> tuple[np.ndarray, ...]:
    """Points and normals (n, 3), shares of the joints (n, 24), triangles (m, 3), colours (m, 3)."""
    body = mannequin()
    shares = np.zeros((len(body.points), len(rest_positions())))
    for joint, share in zip(body.joints.T, body.weights.T, strict=True):
        # Joint 0 there is the file's root.
        shares[np.arange(len(shares)), np.maximum(joint - 1, 0)] += share
    triangles = np.concatenate([part for part, _, _ in body.parts])
    colors = np.concatenate([np.tile(color, (len(part), 1)) for part, color, _ in body.parts])
    return body.points, body.normals, shares, triangles, colors ** (1 / 2.2)


def draw_strip(motion: Motion, frames: Sequence[int], columns: int) -> np.ndarray:
    """Some frames from the front, pelvis by pelvis a column apart, (136, columns * 96, 3) 0..1."""
    height, width = HEIGHT * SAMPLES, columns * WIDTH * SAMPLES
    picture = np.empty((height, width, 3))
    picture[:] = PAPER
    picture[height - 2 * FLOOR * SAMPLES :] = GROUND
    for k, frame in enumerate(frames[:columns]):
        middle = (k + 0.5) * WIDTH * SAMPLES
        _draw(picture, *_posed(motion.slice(frame, frame + 1)), middle)
    return picture.reshape(HEIGHT, SAMPLES, columns * WIDTH, SAMPLES, 3).mean(axis=(1, 3))


def _posed(pose: Motion) -> tuple[np.ndarray, np.ndarray]:
    """Points of the skin that can be seen, (n, 3) from below the pelvis, and their colours."""
    points, normals, shares, triangles, colors = _skin()
    turns = rot.to_matrix(pose.global_rotations()[0])
    places = pose.joint_positions()[0] - pose.root[0] * [1.0, 0.0, 1.0]
    moves = places - np.einsum("jab,jb->ja", turns, rest_positions())
    own = (shares @ turns.reshape(-1, 9)).reshape(-1, 3, 3)
    at = (own @ points[..., None])[..., 0] + shares @ moves
    facing = (own @ normals[..., None])[..., 0]
    # What shows its back to the camera is never seen.
    seen = facing[triangles].sum(axis=1) @ CAMERA > 0.0
    corners, across = at[triangles[seen]], facing[triangles[seen]].sum(axis=1)
    light = across @ LIGHT / np.maximum(np.linalg.norm(across, axis=1), 1e-9)
    shaded = colors[seen] * (0.35 + 0.65 * (0.5 + 0.5 * light))[:, None]
    return (_AT @ corners).reshape(-1, 3), np.repeat(shaded, len(_AT), axis=0)


def _draw(picture: np.ndarray, points: np.ndarray, colors: np.ndarray, middle: float) -> None:
    """Points (n, 3) in metres as spots on the large picture."""
    height, width = picture.shape[:2]
    across = np.rint(middle + points[:, 0] * PIXELS_PER_M * SAMPLES).astype(int)
    down = np.rint(height - (FLOOR + points @ UP * PIXELS_PER_M) * SAMPLES).astype(int)
    inside = (across >= 0) & (across < width - 1) & (down >= 0) & (down < height - 1)
    # Farthest first: of two points on one pixel the later stays.
    order = np.flatnonzero(inside)[np.argsort((points @ CAMERA)[inside], kind="stable")]
    across, down, colors = across[order], down[order], colors[order]
    spot = (Ellipsis, None)
    rows, columns = down[spot] + np.array([0, 0, 1, 1]), across[spot] + np.array([0, 1, 0, 1])
    picture[rows.ravel(), columns.ravel()] = np.repeat(colors, 4, axis=0)
