"""Our dancer's body in one pose of a dance, as triangles with shades. No drawing here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from ..core import gltf, motion as core_motion, rotations as rot, skeleton

_LIGHT = np.array([0.35, 0.75, 0.55]) / np.linalg.norm([0.35, 0.75, 0.55])
"""From where the light comes in core's axes: from above, the front and the left."""
_DARKEST = 0.35
ALPHA = 0.85


@dataclass(frozen=True)
class Skin:
    """The body at rest: what ``posed`` turns.

    Attributes
    ----------
    points, normals : (V, 3)
    joints, weights : (V, 4)
        Which of the 24 joints carry a point, and their shares.
    colors : (V, 3) linear
    triangles : (F, 3) int32
    """

    points: np.ndarray
    normals: np.ndarray
    joints: np.ndarray
    weights: np.ndarray
    colors: np.ndarray
    triangles: np.ndarray


@cache
def skin() -> Skin:
    """Our dancer's body; made once."""
    body = gltf.mannequin()
    colors = np.zeros((len(body.points), 3))
    for triangles, color, _ in body.parts:
        colors[triangles.ravel()] = color
    return Skin(
        body.points,
        body.normals,
        # Joint 0 there is the file's root.
        np.maximum(body.joints - 1, 0),
        body.weights,
        colors ** (1 / 2.2),
        np.concatenate([triangles for triangles, _, _ in body.parts]).astype(np.int32),
    )


def posed(pose: core_motion.Motion, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points (V, 3) of the scene and shaded colours (V, 4), float32, in a dance's first frame.

    ``place`` (4, 4) leads from core's metres to the scene.
    """
    body = skin()
    turns = rot.to_matrix(pose.global_rotations()[0])
    moves = pose.joint_positions()[0] - np.einsum("jab,jb->ja", turns, skeleton.rest_positions())
    whole = np.concatenate([turns, moves[:, :, None]], axis=2).reshape(len(turns), 12)
    own = np.einsum("vk,vkm->vm", body.weights, whole[body.joints]).reshape(-1, 3, 4)
    points = np.einsum("vab,vb->va", own[:, :, :3], body.points) + own[:, :, 3]
    normals = np.einsum("vab,vb->va", own[:, :, :3], body.normals)
    light = normals @ _LIGHT / np.maximum(np.linalg.norm(normals, axis=1), 1e-9)
    shade = _DARKEST + (1.0 - _DARKEST) * np.clip(0.5 + 0.5 * light, 0.0, 1.0)
    colors = np.empty((len(points), 4), dtype=np.float32)
    colors[:, :3], colors[:, 3] = body.colors * shade[:, None], ALPHA
    return (points @ place[:3, :3].T + place[:3, 3]).astype(np.float32), colors
