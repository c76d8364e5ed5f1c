"""Draws the floor's shapes in every 3D view; in the background there is nothing to draw on."""

from __future__ import annotations

from typing import Any

import bpy

from . import floor_shapes
from .drawing import ViewDrawing


def _draw() -> None:
    """Called by Blender after the scene of a 3D view is drawn."""
    context: Any = bpy.context
    space = context.space_data
    if space is None or not space.overlay.show_overlays:
        return
    found = floor_shapes.shapes(context)
    if not found:
        return
    import gpu
    from gpu_extras.batch import batch_for_shader

    lines = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
    filled = gpu.shader.from_builtin("UNIFORM_COLOR")
    _, _, width, height = gpu.state.viewport_get()
    gpu.state.blend_set("ALPHA")
    gpu.state.depth_test_set("LESS_EQUAL")
    try:
        for shape in found:
            is_line = shape.kind == "LINE_STRIP"
            shader = lines if is_line else filled
            shader.bind()
            shader.uniform_float("color", shape.color)
            if is_line:
                shader.uniform_float("viewportSize", (width, height))
                shader.uniform_float("lineWidth", shape.width)
            batch_for_shader(shader, shape.kind, {"pos": shape.points.tolist()}).draw(shader)
    finally:
        gpu.state.depth_test_set("NONE")
        gpu.state.blend_set("NONE")


_drawing = ViewDrawing(_draw)


def register() -> None:
    """Draw from now on, where there is a window."""
    _drawing.begin()


def unregister() -> None:
    """No longer."""
    _drawing.end()
    floor_shapes.forget()
