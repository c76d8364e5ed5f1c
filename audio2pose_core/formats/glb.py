"""glTF 2.0 in one binary file (GLB): nodes, a skin and animations, written with numpy alone.

Source: Khronos, glTF 2.0 Specification, sections 3.11 (animations), 4.4 (GLB layout).
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import rotations as rot
from ..files import whole_file

_FLOAT, _BYTE, _SHORT, _INT = 5126, 5121, 5123, 5125
_KINDS = {"<f4": _FLOAT, "|u1": _BYTE, "<u2": _SHORT, "<u4": _INT}
_VERTICES, _INDICES = 34962, 34963
_TYPES = {1: "SCALAR", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
_MAGIC, _JSON, _BIN = b"glTF", b"JSON", b"BIN\0"


@dataclass(frozen=True)
class Node:
    """A joint: its name, its parent's number (-1: none) and where it rests in its parent."""

    name: str
    parent: int
    translation: np.ndarray


@dataclass(frozen=True)
class Clip:
    """One animation.

    Attributes
    ----------
    name : str
    times : (K,) seconds, rising from 0
    rotations : dict of int to (K, 4)
        Node -> unit quaternions (w, x, y, z), relative to the parent.
    translations : dict of int to (K, 3)
        Node -> places in its parent, metres.
    """

    name: str
    times: np.ndarray
    rotations: dict[int, np.ndarray]
    translations: dict[int, np.ndarray]


@dataclass(frozen=True)
class SkinnedMesh:
    """A body on the joints.

    Attributes
    ----------
    name : str
    points, normals : (V, 3)
        In the rest pose, metres.
    joints, weights : (V, 4)
        Up to four joints that carry a point, as places in ``write_glb``'s ``joints``, and their
        shares, whose sum is 1.
    parts : list of (triangles (F, 3), colour (3,) linear, roughness)
        One for each material.
    """

    name: str
    points: np.ndarray
    normals: np.ndarray
    joints: np.ndarray
    weights: np.ndarray
    parts: Sequence[tuple[np.ndarray, Sequence[float], float]]


@dataclass
class _Buffer:
    data: bytearray = field(default_factory=bytearray)
    views: list[dict[str, int]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, values: np.ndarray, bounds: bool = False, kind: str = "<f4", target: int = 0
    ) -> int:
        """An accessor on values (n,) or (n, width); its number."""
        table = np.ascontiguousarray(values.reshape(len(values), -1), dtype=kind)
        self.data += bytes(-len(self.data) % 4)
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": table.nbytes}
        if target:
            view["target"] = target
        self.data += table.tobytes()
        accessor: dict[str, Any] = {
            "bufferView": len(self.views),
            "componentType": _KINDS[kind],
            "count": len(table),
            "type": _TYPES[table.shape[1]],
        }
        if bounds:
            accessor["min"] = [float(v) for v in table.min(axis=0)]
            accessor["max"] = [float(v) for v in table.max(axis=0)]
        self.views.append(view)
        self.accessors.append(accessor)
        return len(self.accessors) - 1


def write_glb(
    path: str | os.PathLike[str],
    nodes: Sequence[Node],
    clips: Sequence[Clip],
    *,
    joints: Sequence[int] = (),
    mesh: SkinnedMesh | None = None,
    extensions: dict[str, Any] | None = None,
) -> None:
    """Write a scene of joints and its animations, whole or not at all.

    ``joints`` are the nodes of a skin, so that a program reads them as an armature, and ``mesh``
    the body on them; ``extensions`` are the file's own (their names are declared as used).
    """
    buffer = _Buffer()
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "Audio2Pose"},
        "scene": 0,
        "scenes": [{"nodes": [i for i, node in enumerate(nodes) if node.parent < 0]}],
        "nodes": [_node(nodes, i) for i in range(len(nodes))],
        "animations": [_animation(buffer, clip) for clip in clips],
    }
    if joints:
        inverse = np.tile(np.eye(4), (len(joints), 1, 1))
        # glTF keeps matrices column by column: the shift is the last row of the array.
        inverse[:, 3, :3] = [-_place(nodes, joint) for joint in joints]
        document["skins"] = [
            {
                "inverseBindMatrices": buffer.add(inverse.reshape(-1, 16)),
                "joints": list(joints),
                "skeleton": joints[0],
            }
        ]
    if mesh is not None:
        _add_mesh(document, buffer, mesh)
    if extensions:
        document["extensionsUsed"] = sorted(extensions)
        document["extensions"] = extensions
    document["accessors"] = buffer.accessors
    document["bufferViews"] = buffer.views
    document["buffers"] = [{"byteLength": len(buffer.data)}]
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    chunks = b""
    for kind, data, fill in ((_JSON, text, b" "), (_BIN, bytes(buffer.data), b"\0")):
        padded = data + fill * (-len(data) % 4)
        chunks += struct.pack("<I", len(padded)) + kind + padded
    with whole_file(path) as temporary:
        temporary.write_bytes(_MAGIC + struct.pack("<II", 2, 12 + len(chunks)) + chunks)


def _node(nodes: Sequence[Node], i: int) -> dict[str, Any]:
    out: dict[str, Any] = {
        "name": nodes[i].name,
        "translation": [round(float(v), 7) for v in nodes[i].translation],
    }
    children = [k for k, node in enumerate(nodes) if node.parent == i]
    if children:
        out["children"] = children
    return out


def _place(nodes: Sequence[Node], i: int) -> np.ndarray:
    place = np.zeros(3)
    while i >= 0:
        place = place + nodes[i].translation
        i = nodes[i].parent
    return place


def _add_mesh(document: dict[str, Any], buffer: _Buffer, mesh: SkinnedMesh) -> None:
    attributes = {
        "POSITION": buffer.add(mesh.points, bounds=True, target=_VERTICES),
        "NORMAL": buffer.add(mesh.normals, target=_VERTICES),
        "JOINTS_0": buffer.add(mesh.joints, kind="|u1", target=_VERTICES),
        "WEIGHTS_0": buffer.add(mesh.weights, target=_VERTICES),
    }
    wide = "<u2" if len(mesh.points) < 65535 else "<u4"
    primitives: list[dict[str, Any]] = []
    materials: list[dict[str, Any]] = []
    for triangles, color, roughness in mesh.parts:
        indices = buffer.add(triangles.reshape(-1), kind=wide, target=_INDICES)
        primitives.append(
            {"attributes": attributes, "indices": indices, "material": len(materials)}
        )
        look = {
            "baseColorFactor": [*(float(c) for c in color), 1.0],
            "metallicFactor": 0.0,
            "roughnessFactor": float(roughness),
        }
        materials.append(
            {"name": f"{mesh.name} {len(materials) + 1}", "pbrMetallicRoughness": look}
        )
    document["materials"] = materials
    document["meshes"] = [{"name": mesh.name, "primitives": primitives}]
    document["scenes"][0]["nodes"].append(len(document["nodes"]))
    document["nodes"].append({"name": mesh.name, "mesh": 0, "skin": 0})


def _animation(buffer: _Buffer, clip: Clip) -> dict[str, Any]:
    time = buffer.add(clip.times, bounds=True)
    channels: list[dict[str, Any]] = []
    samplers: list[dict[str, Any]] = []

    def add(node: int, path: str, values: np.ndarray) -> None:
        channels.append({"sampler": len(samplers), "target": {"node": node, "path": path}})
        samplers.append({"input": time, "output": buffer.add(values), "interpolation": "LINEAR"})

    for node, places in clip.translations.items():
        add(node, "translation", places)
    for node, quats in clip.rotations.items():
        # glTF writes (x, y, z, w); players take the shorter way, some only with signs that agree.
        add(node, "rotation", rot.continuous(rot.normalize(quats))[:, [1, 2, 3, 0]])
    return {"name": clip.name, "channels": channels, "samplers": samplers}
