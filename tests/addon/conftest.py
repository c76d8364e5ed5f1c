"""What the add-on's tests begin with."""

from __future__ import annotations

import pytest


@pytest.fixture
def registered():
    """An empty scene of a fresh Blender with the add-on registered; taken away again."""
    import bpy

    import blender_addon

    bpy.ops.wm.read_factory_settings(use_empty=True)
    blender_addon.register()
    yield bpy.context.scene
    blender_addon.unregister()


@pytest.fixture
def film(registered):
    """The same at 24/1.001 frames a second: times and frames do not agree by luck."""
    registered.render.fps, registered.render.fps_base = 24, 1.001
    return registered
