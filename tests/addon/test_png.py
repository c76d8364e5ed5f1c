"""A PNG that was made without Blender is what Blender reads."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from blender_addon.stage import png

pytestmark = pytest.mark.blender


def test_blender_reads_the_same_pixels(registered):
    pixels = np.random.default_rng(1).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    file = png.png_bytes(pixels)
    image = bpy.data.images.new("Picture", 7, 5)
    image.pack(data=file, data_len=len(file))
    image.source = "FILE"
    assert tuple(image.size) == (7, 5)
    read = np.empty(7 * 5 * 4, dtype=np.float32)
    image.pixels.foreach_get(read)
    # Blender's rows go from below.
    shown = read.reshape(5, 7, 4)[::-1]
    np.testing.assert_allclose(shown[..., :3] * 255, pixels, atol=0.01)
    assert (shown[..., 3] == 1).all()
