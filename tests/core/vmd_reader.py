"""VMD read as MMD reads it, on its standard skeleton: bytes, names, left-handed axes, units."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gltf_reader import chain, matrix

from audio2pose_core.formats.mmd import standard_skeleton


@dataclass
class Vmd:
    """What a parser makes of a file: MMD's axes and units."""

    model: str
    bones: dict[str, dict[int, tuple[np.ndarray, np.ndarray, bytes]]]
    ik: dict[int, dict[str, bool]]

    @classmethod
    def read(cls, path: Path) -> Vmd:
        data, at = path.read_bytes(), 0

        def take(layout: str) -> tuple:
            nonlocal at
            out = struct.unpack_from("<" + layout, data, at)
            at += struct.calcsize("<" + layout)
            return out

        def text(raw: bytes) -> str:
            return raw.split(b"\0")[0].decode("shift_jis")

        signature, model = take("30s20s")
        assert signature.rstrip(b"\0") == b"Vocaloid Motion Data 0002"
        bones: dict[str, dict[int, tuple]] = {}
        for _ in range(*take("I")):
            name, frame, *numbers, curves = take("15sI7f64s")
            keys = bones.setdefault(text(name), {})
            assert frame not in keys
            keys[frame] = np.array(numbers[:3]), np.array(numbers[3:]), curves
        assert take("4I") == (0, 0, 0, 0)
        ik = {}
        for _ in range(*take("I")):
            frame, show, count = take("IBI")
            assert show == 1
            ik[frame] = {text(name): bool(on) for name, on in (take("20sB") for _ in range(count))}
        assert at == len(data)
        return cls(text(model), bones, ik)

    def play(self) -> dict[str, np.ndarray]:
        """Places (T, 3) of the standard skeleton's bones, its IK switched off."""
        names, parents, heads = standard_skeleton()
        heads = heads * (1, 1, -1)
        frames = sorted(self.bones["センター"])
        places = np.zeros((len(frames), len(names), 3))
        turns = np.tile(np.eye(3), (len(frames), len(names), 1, 1))
        for i, name in enumerate(names):
            places[:, i] = heads[i] - (heads[parents[i]] if parents[i] >= 0 else 0)
            if name in self.bones:
                assert sorted(self.bones[name]) == frames
                places[:, i] += [self.bones[name][f][0] for f in frames]
                turns[:, i] = matrix(np.array([self.bones[name][f][1] for f in frames]))
        return dict(zip(names, np.moveaxis(chain(parents, places, turns), 1, 0), strict=True))
