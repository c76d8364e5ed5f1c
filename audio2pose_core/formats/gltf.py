"""A dance as glTF: our mannequin with one named animation (.glb), or as VRM Animation (.vrma).

glTF is in metres, Y up, facing +Z, as we are, so numbers go over as they are. VRM Animation is
specified by the VRM Consortium (VRMC_vrm_animation 1.0): any VRM model dances it, whatever its
proportions; a loader scales the way by the height of the hips at rest.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from .. import rotations as rot
from ..figure.mesh import COLORS, ROUGHNESS, build_body
from ..motion import Motion
from ..retarget import finger_joints
from ..skeleton import INDEX, JOINTS, OFFSETS, PARENTS, STANDING_PELVIS_HEIGHT
from .finger_bones import FINGERS, SIDES, finger_turns, shape_weights, skeleton_with_fingers
from .glb import Clip, Node, SkinnedMesh, write_glb
from .report import ExportReport, closed

VRM_BONES: dict[str, str] = {
    "pelvis": "hips",
    "spine1": "spine",
    "spine2": "chest",
    "spine3": "upperChest",
    "neck": "neck",
    "head": "head",
} | {
    f"{side}_{ours}": f"{side}{theirs}"
    for side in ("left", "right")
    for ours, theirs in (
        ("hip", "UpperLeg"),
        ("knee", "LowerLeg"),
        ("ankle", "Foot"),
        ("foot", "Toes"),
        ("collar", "Shoulder"),
        ("shoulder", "UpperArm"),
        ("elbow", "LowerArm"),
        ("wrist", "Hand"),
    )
}
"""Our joints as VRM's humanoid bones; our hands' inner joint is none of them."""
_FINGER_PARTS = ("Proximal", "Intermediate", "Distal")
_THUMB_PARTS = ("Metacarpal", "Proximal", "Distal")
VRM_FINGERS: dict[str, str] = {
    f"{side}_{finger}{k + 1}": f"{side}{finger.title()}{part}"
    for side in SIDES
    for finger in FINGERS
    for k, part in enumerate(_THUMB_PARTS if finger == "thumb" else _FINGER_PARTS)
}
"""The bones of ``skeleton_with_fingers`` as VRM's."""


def save_vrma(
    path: str | os.PathLike[str],
    motion: Motion,
    *,
    loop: np.ndarray | None = None,
    fingers: float = 1.0,
) -> ExportReport:
    """Write VRM Animation; ``loop`` as of ``save_motion``.

    ``fingers`` is how much fingers do, 0 to 1; at 0 none are written.
    """
    kept = [j for j, name in enumerate(JOINTS) if name in VRM_BONES]
    bones = {VRM_BONES[JOINTS[j]]: {"node": 1 + i} for i, j in enumerate(kept)}
    more: list[tuple[Node, np.ndarray]] = []
    if fingers > 0:
        more = _fingers(motion, loop, fingers, kept)
        for i, (node, _) in enumerate(more, start=1 + len(kept)):
            bones[VRM_FINGERS[node.name]] = {"node": i}
    extension = {"specVersion": "1.0", "humanoid": {"humanBones": bones}}
    return _save(
        path, motion, loop, kept, "VRM Animation", {"VRMC_vrm_animation": extension}, skin=False,
        more=more,
    )  # fmt: skip


def _fingers(
    motion: Motion, loop: np.ndarray | None, amount: float, kept: list[int]
) -> list[tuple[Node, np.ndarray]]:
    """The nodes of the fingers behind those of ``kept``, and the rotations of each."""
    plan = skeleton_with_fingers()
    rig, weights = plan.rig, shape_weights(motion, loop)
    turns: dict[int, np.ndarray] = {}
    for side in SIDES:
        turns |= finger_turns(plan, finger_joints(plan, side), weights[side], amount)
    number = {j: 1 + i for i, j in enumerate(kept)}
    out: list[tuple[Node, np.ndarray]] = []
    for bone in sorted(turns):
        number[bone] = 1 + len(kept) + len(out)
        parent = int(rig.parents[bone])
        rest = rig.heads[bone] - rig.heads[parent]
        out.append((Node(rig.names[bone], number[parent], rest), turns[bone]))
    return out


def save_glb(
    path: str | os.PathLike[str], motion: Motion, *, loop: np.ndarray | None = None
) -> ExportReport:
    """Write our mannequin with the dance as one animation, named after the file."""
    return _save(path, motion, loop, list(range(len(JOINTS))), "glTF", None, skin=True)


def mannequin() -> SkinnedMesh:
    """The body of our dancer on the joints that ``save_glb`` writes: the root, then our 24."""
    body = build_body()
    points = np.concatenate(body.vertices)
    shares = np.zeros((len(points), len(JOINTS)))
    for bone, pieces in body.weights.items():
        for numbers, values in pieces:
            np.add.at(shares[:, INDEX[bone]], numbers, values)
    # glTF's players take four joints a point.
    most = np.argsort(-shares, axis=1)[:, :4]
    weights = np.take_along_axis(shares, most, axis=1)
    weights = weights / weights.sum(axis=1, keepdims=True)
    triangles = np.array([(f[0], f[i], f[i + 1]) for f in body.faces for i in range(1, len(f) - 1)])
    material = np.array(
        [m for f, m in zip(body.faces, body.materials, strict=True) for _ in range(len(f) - 2)]
    )
    a, b, c = (points[triangles[:, i]] for i in range(3))
    # Long as twice the triangle's area: a big one counts for more.
    across = np.cross(b - a, c - a)
    normals = np.zeros_like(points)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], across)
    parts = [
        (triangles[material == number], color, roughness)
        for number, (color, roughness) in enumerate(zip(COLORS, ROUGHNESS, strict=True))
    ]
    # Points without a share of a joint name joint 0, as glTF asks.
    joints = np.where(weights > 0, most + 1, 0)
    return SkinnedMesh("Mannequin", points, rot.normalize(normals), joints, weights, parts)


def _save(
    path: str | os.PathLike[str],
    motion: Motion,
    loop: np.ndarray | None,
    kept: list[int],
    title: str,
    extensions: dict[str, object] | None,
    *,
    skin: bool,
    more: list[tuple[Node, np.ndarray]] | None = None,
) -> ExportReport:
    written = motion if loop is None else closed(motion, loop)
    # A root that stands still: what VRM calls the model, and a place to put the dance.
    nodes = [Node("root", -1, np.zeros(3))]
    for j in kept:
        parent = 1 + kept.index(PARENTS[j]) if j else 0
        rest = OFFSETS[j] if j else np.array([0.0, STANDING_PELVIS_HEIGHT, 0.0])
        nodes.append(Node(JOINTS[j], parent, rest))
    turns = {1 + i: written.rotations[:, j] for i, j in enumerate(kept)}
    for node, rotations in more or ():
        turns[len(nodes)] = rotations
        nodes.append(node)
    times = np.arange(len(written)) / written.fps
    clip = Clip(Path(path).stem, times, turns, {1: written.root})
    joints = range(len(nodes)) if skin else ()
    body = mannequin() if skin else None
    write_glb(path, nodes, [clip], joints=joints, mesh=body, extensions=extensions)
    return ExportReport(
        title, len(written), written.fps, (len(written) - 1) / written.fps, loop=loop is not None
    )
