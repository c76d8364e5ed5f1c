"""VMD, MikuMikuDance's motion file: 30 frames a second, names in Shift-JIS.

MMD is left-handed and its models face -Z: our +Z is turned round, left stays +X. Source of the
layout: MMD's own files, as documented by its community (a header of 50 bytes, 111 bytes a key).
"""

from __future__ import annotations

import os
import struct

import numpy as np

from .. import rotations as rot
from ..files import whole_file
from ..motion import Motion
from .finger_bones import shape_weights
from .mmd import LEG_IK, TOE_IK, UNITS, mmd_keys
from .report import ExportReport, at_rate, closed

FPS = 30.0
_SIGNATURE = b"Vocaloid Motion Data 0002"
_MODEL = "Audio2Pose"
_ROW = bytes([20] * 8 + [107] * 8)
# Straight lines between keys: the four curves' control points, four times over, each row a byte
# further on, as MMD writes them.
_LINEAR = _ROW + _ROW[1:] + b"\1" + _ROW[2:] + b"\1\0" + _ROW[3:] + b"\1\0\0"
_KEY = np.dtype(
    [
        ("name", "S15"),
        ("frame", "<u4"),
        ("location", "<f4", 3),
        ("rotation", "<f4", 4),
        ("curves", "V64"),
    ]
)
_MIRROR = np.array([1.0, 1.0, -1.0])
_BEND_OF_TOES = {"左つま先": "左足先EX", "右つま先": "右足先EX"}
"""The bone that bends toes has another name where models have it; the old one is only a tip."""


def save_vmd(
    path: str | os.PathLike[str],
    motion: Motion,
    *,
    loop: np.ndarray | None = None,
    fingers: float = 1.0,
) -> ExportReport:
    """Write the dance for any model with MMD's standard bones; its legs' IK is switched on.

    A cycle gets its first frame again at its end; its period is the nearest whole frame's.
    ``fingers`` is how much fingers do, 0 to 1; at 0 none are written.
    """
    even = at_rate(motion, FPS, loop)
    written = even if loop is None else closed(even, loop)
    keys = mmd_keys(written, shape_weights(even, loop), fingers)
    count = len(written)
    table = []
    for name in dict.fromkeys([*keys.locations, *keys.rotations]):
        rows = np.zeros(count, dtype=_KEY)
        rows["name"] = _BEND_OF_TOES.get(name, name).encode("cp932")
        rows["frame"] = np.arange(count)
        rows["curves"] = np.void(_LINEAR)
        rows["rotation"] = _mirrored(keys.rotations.get(name), count)
        if name in keys.locations:
            rows["location"] = keys.locations[name] * _MIRROR
        table.append(rows)
    bones = np.concatenate(table)
    data = struct.pack("<30s20s", _SIGNATURE, _MODEL.encode("cp932"))
    data += struct.pack("<I", len(bones)) + bones.tobytes()
    # No faces, cameras, lights and shadows.
    data += struct.pack("<4I", 0, 0, 0, 0)
    names = [pattern.format(mark) for pattern in (LEG_IK, TOE_IK) for mark in "左右"]
    data += struct.pack("<IIBI", 1, 0, 1, len(names))
    data += b"".join(struct.pack("<20sB", name.encode("cp932"), 1) for name in names)
    with whole_file(path) as temporary:
        temporary.write_bytes(data)
    return ExportReport(
        "VMD",
        count,
        FPS,
        (count - 1) / FPS,
        front="-Z",
        unit=f"{100 / UNITS:.1f} cm",
        loop=loop is not None,
    )


def _mirrored(quats: np.ndarray | None, count: int) -> np.ndarray:
    """(x, y, z, w) of (w, x, y, z) in a world whose Z runs the other way."""
    if quats is None:
        return np.tile([0.0, 0.0, 0.0, 1.0], (count, 1))
    return rot.continuous(rot.normalize(quats))[:, [1, 2, 3, 0]] * np.array([-1.0, -1.0, 1.0, 1.0])
