"""An armature's rest pose as numbers, read in bulk, and what it moves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy
import numpy as np

from ..core import retarget, rotations as rot


def read_rig(armature: Any) -> retarget.Rig:
    """The bones of an armature object at rest, in its own space, parents before children."""
    bones = armature.data.bones
    count = len(bones)
    # Blender lists bones with their parents before them.
    names = tuple(bone.name for bone in bones)
    index = {name: i for i, name in enumerate(names)}
    parents = np.array([-1 if b.parent is None else index[b.parent.name] for b in bones], dtype=int)
    # Blender makes the pose when the object is first evaluated.
    location, scale = np.zeros((count, 3)), np.ones((count, 3))
    if armature.pose is None:
        basis = np.tile(rot.IDENTITY, (count, 1))
    else:
        basis = _turns(_get(armature.pose.bones, "matrix_basis", count, 16))
        location = _get(armature.pose.bones, "location", count, 3)
        scale = _get(armature.pose.bones, "scale", count, 3)
    return retarget.Rig(
        names=names,
        parents=parents,
        rest=_turns(_get(bones, "matrix_local", count, 16)),
        heads=_get(bones, "head_local", count, 3),
        tails=_get(bones, "tail_local", count, 3),
        basis=basis,
        inherits=_flags(bones, "use_inherit_rotation", count),
        connected=_flags(bones, "use_connect", count),
        local_location=_flags(bones, "use_local_location", count),
        location=location,
        scale=scale,
        world=np.array(armature.matrix_world, dtype=np.float64),
        has_mesh=any(thing.type == "MESH" for thing in moved_by(armature, bpy.data.objects)),
    )


def moved_by(armature: Any, objects: Iterable[Any]) -> list[Any]:
    """Those of ``objects`` that the armature carries, directly or not, or bends."""
    below = set(armature.children_recursive)
    return [
        thing
        for thing in objects
        if thing in below
        or any(m.type == "ARMATURE" and m.object == armature for m in thing.modifiers)
    ]


def _get(things: Any, name: str, count: int, size: int) -> np.ndarray:
    values = np.empty(count * size, dtype=np.float32)
    things.foreach_get(name, values)
    return values.reshape(count, size).astype(np.float64)


def _flags(things: Any, name: str, count: int) -> np.ndarray:
    values = np.empty(count, dtype=bool)
    things.foreach_get(name, values)
    return values


def _turns(matrices: np.ndarray) -> np.ndarray:
    """Quaternions (B, 4) of 4x4 matrices (B, 16), column by column as Blender gives them."""
    turn = matrices.reshape(-1, 4, 4).transpose(0, 2, 1)[:, :3, :3]
    # Scale of a pose is no rotation; float32 makes rest matrices not quite pure.
    length = np.maximum(np.linalg.norm(turn, axis=1, keepdims=True), 1e-12)
    return rot.from_matrix(turn / length)
