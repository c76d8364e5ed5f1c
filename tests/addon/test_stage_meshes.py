"""The club's walls are filled in bulk and are the meshes that Blender itself would make."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from blender_addon.stage import club

pytestmark = pytest.mark.blender


def made(name: str, points: np.ndarray, faces) -> object:
    mesh = club._object(name, points, faces, bpy.data.materials.new(name)).data
    assert not mesh.validate(), "Blender finds nothing to mend"
    return (
        [tuple(v.co) for v in mesh.vertices],
        sorted(tuple(sorted(e.vertices)) for e in mesh.edges),
        [tuple(p.vertices) for p in mesh.polygons],
        [p.use_smooth for p in mesh.polygons],
    )


def test_boxes_in_bulk_are_the_same_mesh(registered):
    points, faces = club._boxes(np.linspace(0, 2, 5), 4.0, (0.2, 0.03), [(0.0, 0.5), (1.0, 1.5)])
    assert len(faces) == 5 * 2 * 6
    assert made("bulk", points, faces) == made("one by one", points, [tuple(f) for f in faces])
