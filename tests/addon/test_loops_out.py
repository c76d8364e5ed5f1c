"""Loops of a take leave Blender as exact as they are: their period, and their ends."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

sys.path.append(str(Path(__file__).parents[1] / "core"))
from gltf_reader import Glb
from test_loops_and_moves import dance, loop, scene, set_rate  # noqa: F401

from blender_addon import compat
from blender_addon.takes import metadata as take_metadata

pytestmark = pytest.mark.blender


@pytest.mark.parametrize("rate", [(24, 1.0), (30, 1.001)])
@pytest.mark.parametrize("root_motion", [False, True])
def test_a_loop_leaves_as_an_exact_cycle(scene, tmp_path, rate, root_motion):  # noqa: F811
    set_rate(scene, rate)
    dance(1)
    _, action = loop(1, 2, root_motion=root_motion)
    about = take_metadata.read(action).loop
    seconds = about["period_frames"] / compat.scene_fps(scene)
    for name, ending in (("vrma", "vrma"), ("gltf", "glb")):
        path = tmp_path / f"loop.{ending}"
        assert getattr(bpy.ops.audio2pose, f"export_{name}")(filepath=str(path)) == {"FINISHED"}
        file = Glb.read(path)
        times, tracks = file.tracks()
        assert times[-1] == pytest.approx(seconds, abs=2e-5)
        pelvis = [node["name"] for node in file.document["nodes"]].index("pelvis")
        for (node, kind), values in tracks.items():
            way = values[-1] - values[0]
            if (node, kind) == (pelvis, "translation"):
                assert np.abs(way - about["offset"]).max() < 2e-4
            elif kind == "rotation" and values[-1] @ values[0] < 0:
                assert np.abs(values[-1] + values[0]).max() < 2e-4
            else:
                assert np.abs(way).max() < 2e-4
