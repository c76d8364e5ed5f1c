"""How wide a character's trunk and head are, as its meshes have them at rest."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from ..core import retarget
from .reader import moved_by

VERTICES = 4000
"""So many of a mesh's vertices are looked at."""
FEWEST = 30
SIDE, DEPTH, SKULL = 97.0, 97.0, 90.0
"""Percentiles: what only a few vertices reach, a strap or a horn, is no body."""
MARGIN = 1.03
"""Hands have a thickness of their own."""
CAPE = 1.4
"""What hangs behind the back further than this, relative to the belly, is no body either."""


def girth(armature: Any, plan: retarget.Plan) -> retarget.Girth | None:
    """The girth of the meshes that an armature bends or carries; None where they show none."""
    parts = _parts(plan)
    found = [
        _vertices(armature, thing, parts)
        for thing in moved_by(armature, bpy.data.objects)
        if thing.type == "MESH" and not thing.hide_viewport and len(thing.data.vertices)
    ]
    if not found:
        return None
    places = plan.to_core(np.concatenate([points for points, _ in found]))
    part = np.concatenate([which for _, which in found])
    low = (plan.place("left_hip") + plan.place("right_hip")) / 2
    high = (plan.place("left_shoulder") + plan.place("right_shoulder")) / 2
    share = (places[:, 1] - low[1]) / max(high[1] - low[1], 1e-9)
    trunk = places[(part == 1) & (share > 0.0) & (share < 0.9)]
    if len(trunk) < FEWEST:
        return None
    line = low + ((trunk[:, 1:2] - low[1]) / (high[1] - low[1])) * (high - low)
    off = trunk - line
    side = MARGIN * float(np.percentile(np.abs(off[:, 0]), SIDE))
    front = _reach(off[:, 2], side)
    back = min(_reach(-off[:, 2], side), CAPE * front)
    head = plan.control("head")
    skull = places[part == 2]
    if head is None or len(skull) < FEWEST:
        half = abs(float(plan.place("left_shoulder")[0] - plan.place("right_shoulder")[0])) / 2
        usual = retarget.by_shoulders(half)
        return retarget.Girth(side, front, back, usual.head, usual.skull)
    joint = plan.place("head")
    above = skull[skull[:, 1] > joint[1]]
    skull = above if len(above) >= FEWEST else skull
    middle = (np.percentile(skull, 5, axis=0) + np.percentile(skull, 95, axis=0)) / 2 - joint
    radius = float(np.percentile(np.linalg.norm(skull - joint - middle, axis=1), SKULL))
    return retarget.Girth(side, front, back, radius, float(middle[1]), float(middle[2]))


def _reach(off: np.ndarray, side: float) -> float:
    """How far a side of the trunk reaches; at least a third of its width."""
    there = off[off > 0]
    least = side / 3
    return (
        max(least, MARGIN * float(np.percentile(there, DEPTH))) if len(there) >= FEWEST else least
    )


def _parts(plan: retarget.Plan) -> dict[str, int]:
    """For each bone what it belongs to: 1 the trunk, 2 the head, 0 arms and legs."""
    kinds = {"pelvis": 1, "spine": 1, "carrier": 1, "head": 2, "neck": 0}
    for side in ("left", "right"):
        kinds[f"{side}_collar"] = 1
    of: dict[int, int] = {}
    for control in plan.controls:
        of[control.bone] = kinds.get(control.part, 0)
    of.setdefault(plan.carrier, 1)
    rig = plan.rig
    out = {}
    for bone, name in enumerate(rig.names):
        out[name] = next((of[b] for b in (bone, *rig.above(bone)) if b in of), 0)
    return out


def _vertices(armature: Any, thing: Any, parts: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Places (n, 3) of a mesh's vertices at rest, in armature space, and what each belongs to."""
    mesh = thing.data
    count = len(mesh.vertices)
    places = np.empty(count * 3, dtype=np.float32)
    mesh.vertices.foreach_get("co", places)
    chosen = np.unique(np.linspace(0, count - 1, min(count, VERTICES)).astype(int))
    points = places.reshape(-1, 3)[chosen].astype(np.float64)
    to_armature = armature.matrix_world.inverted_safe() @ thing.matrix_world
    if thing.parent == armature and thing.parent_type == "BONE":
        bone = armature.pose.bones.get(thing.parent_bone)
        if bone is not None:
            to_armature = bone.bone.matrix_local @ bone.matrix.inverted_safe() @ to_armature
        which = np.full(len(points), parts.get(thing.parent_bone, 0))
    else:
        of_group = [parts.get(group.name, -1) for group in thing.vertex_groups]
        which = np.array([_heaviest(mesh.vertices[int(i)].groups, of_group) for i in chosen])
    matrix = np.array(to_armature, dtype=np.float64)
    return points @ matrix[:3, :3].T + matrix[:3, 3], which


def _heaviest(groups: Any, of_group: list[int]) -> int:
    """What the bone belongs to that moves a vertex most; 0 where none does."""
    best, most = 0, 0.0
    for entry in groups:
        part = of_group[entry.group] if entry.group < len(of_group) else -1
        if part >= 0 and entry.weight > most:
            best, most = part, entry.weight
    return best
