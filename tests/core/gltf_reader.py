"""glTF and VRM Animation read as other programs do, with nothing of ours but numpy.

The way a loader puts VRM Animation on a model is that of the specification's "About pose data
compatibility": rotations go through the normalised local rotation, the way of the hips is scaled by
the heights of the hips at rest.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


def matrix(q: np.ndarray) -> np.ndarray:
    """Rotation matrices (..., 3, 3) of glTF's quaternions (x, y, z, w)."""
    x, y, z, w = np.moveaxis(np.asarray(q, dtype=float), -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, -1) for row in rows], -2)


@dataclass
class Glb:
    document: dict[str, Any]
    binary: bytes

    @classmethod
    def read(cls, path: Path) -> Glb:
        data = path.read_bytes()
        magic, version, length = struct.unpack_from("<4sII", data)
        assert (magic, version, length) == (b"glTF", 2, len(data))
        size, kind = struct.unpack_from("<I4s", data, 12)
        assert kind == b"JSON"
        document = json.loads(data[20 : 20 + size])
        rest = 20 + size
        size, kind = struct.unpack_from("<I4s", data, rest)
        assert kind == b"BIN\0"
        return cls(document, data[rest + 8 : rest + 8 + size])

    def accessor(self, number: int) -> np.ndarray:
        accessor = self.document["accessors"][number]
        view = self.document["bufferViews"][accessor["bufferView"]]
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}[accessor["type"]]
        kind = {5121: "|u1", 5123: "<u2", 5125: "<u4", 5126: "<f4"}[accessor["componentType"]]
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        count = accessor["count"] * width
        values = np.frombuffer(self.binary, kind, count, start).astype(float)
        return values.reshape(-1, width) if width > 1 else values

    def parents(self) -> list[int]:
        out = [-1] * len(self.document["nodes"])
        for i, node in enumerate(self.document["nodes"]):
            for child in node.get("children", ()):
                out[child] = i
        return out

    def tracks(self, clip: int = 0) -> tuple[np.ndarray, dict[tuple[int, str], np.ndarray]]:
        """Times (K,) and (node, path) -> values of one animation."""
        animation = self.document["animations"][clip]
        out, times = {}, np.zeros(0)
        for channel in animation["channels"]:
            sampler = animation["samplers"][channel["sampler"]]
            assert sampler["interpolation"] == "LINEAR"
            times = self.accessor(sampler["input"])
            target = channel["target"]
            out[target["node"], target["path"]] = self.accessor(sampler["output"])
        return times, out

    def local(self, clip: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Places (K, N, 3) and rotations (K, N, 3, 3) of the nodes in their parents."""
        times, tracks = self.tracks(clip)
        nodes = self.document["nodes"]
        places = np.zeros((len(times), len(nodes), 3))
        turns = np.zeros((len(times), len(nodes), 3, 3))
        for i, node in enumerate(nodes):
            places[:, i] = tracks.get(
                (i, "translation"), np.array(node.get("translation", (0, 0, 0)))
            )
            turns[:, i] = matrix(tracks.get((i, "rotation"), node.get("rotation", (0, 0, 0, 1))))
        return places, turns

    def world(self, clip: int = 0) -> np.ndarray:
        """Places (K, N, 3) of all nodes while the animation plays."""
        places, turns = self.local(clip)
        return chain(self.parents(), places, turns)


def chain(parents: list[int], places: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """World places (K, N, 3) of nodes from what they are in their parents."""
    out, world = places.copy(), turns.copy()
    done: set[int] = set()

    def walk(i: int) -> None:
        if i in done or parents[i] < 0:
            return
        walk(parents[i])
        above = world[:, parents[i]]
        out[:, i] = out[:, parents[i]] + np.einsum("kij,kj->ki", above, places[:, i])
        world[:, i] = above @ turns[:, i]
        done.add(i)

    for i in range(len(parents)):
        walk(i)
    return out


@dataclass
class VrmModel:
    """A model with a humanoid: names of bones, parents, offsets (N, 3), rest rotations (N, 3, 3).

    Offsets and rotations are each in the parent's rest axes, as nodes of a VRM are.
    """

    bones: list[str]
    parents: list[int]
    offsets: np.ndarray
    rests: np.ndarray

    def rest_world(self) -> tuple[np.ndarray, np.ndarray]:
        turns = self.rests.copy()
        for i, p in enumerate(self.parents):
            if p >= 0:
                turns[i] = turns[p] @ self.rests[i]
        return chain(self.parents, self.offsets[None], self.rests[None])[0], turns

    def play(self, file: Glb) -> np.ndarray:
        """Places (K, N, 3) of the bones while it dances the file."""
        humans = file.document["extensions"]["VRMC_vrm_animation"]["humanoid"]["humanBones"]
        nodes, parents = file.document["nodes"], file.parents()
        _, turns = file.local()
        places, _ = file.local()
        # W and L of the source: rest rotations of its nodes, of the world and local.
        local = np.stack([matrix(node.get("rotation", (0, 0, 0, 1))) for node in nodes])
        world = local.copy()
        for i in range(len(nodes)):
            way, p = [i], parents[i]
            while p >= 0:
                way.append(p)
                p = parents[p]
            world[i] = np.linalg.multi_dot([*local[way[::-1]], np.eye(3)])
        rest = chain(parents, np.array([[n.get("translation", (0, 0, 0)) for n in nodes]], float),
                     local[None])[0]  # fmt: skip
        heads, rest_turns = self.rest_world()
        hips = humans["hips"]["node"]
        scale = heads[0, 1] / rest[hips, 1]
        played = np.repeat(self.rests[None], len(turns), axis=0)
        moved = np.repeat(self.offsets[None], len(turns), axis=0)
        for i, bone in enumerate(self.bones):
            if bone not in humans:
                continue
            node = humans[bone]["node"]
            normal = world[node] @ local[node].T @ turns[:, node] @ world[node].T
            w, own = rest_turns[i], self.rests[i]
            played[:, i] = own @ w.T @ normal @ w
        path = chain(parents, places, turns)[:, hips]
        assert self.parents[0] == -1
        moved[:, 0] = path * scale
        return chain(self.parents, moved, played)
