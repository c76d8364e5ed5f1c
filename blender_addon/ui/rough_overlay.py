"""Draws the dance in the making in every 3D view; it is no data, so nothing of it can stay."""

from __future__ import annotations

from typing import Any

import bpy
from mathutils import Matrix

from ..core import errors, figure_mesh
from ..generate.rough import Rough
from ..steps import Steps
from . import rough_figure
from .drawing import ViewDrawing

_NEAR = 0.01
"""The share of the depth of a view, its nearest, that what covers a dancer is drawn in."""

_shown: list[Rough] = []
_posed: dict[tuple[int, float], Any] = {}


def shown() -> Rough | None:
    """What is drawn now."""
    return _shown[0] if _shown else None


def follow_steps(task: Any) -> Steps[None]:
    """Show what can be seen of a task's dance by now, in small steps.

    Where its armature is gone nothing is shown; that is told when the job ends.
    """
    yield from figure_mesh.body_steps()
    rough_figure.skin()
    yield
    try:
        rough = task.rough()
    except errors.RigError:
        rough = None
    yield
    show(rough)


def show(rough: Rough | None) -> None:
    """Draw this from now on, or nothing."""
    _shown[:] = [] if rough is None else [rough]
    _posed.clear()
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


def _draw() -> None:
    """Called by Blender after the scene of a 3D view is drawn."""
    context: Any = bpy.context
    rough = shown()
    if rough is None or context.scene.session_uid != rough.scene_id:
        return
    import gpu
    from gpu_extras.batch import batch_for_shader

    frame = context.scene.frame_current_final
    shader = gpu.shader.from_builtin("SMOOTH_COLOR")
    key = (id(rough), frame)
    if key not in _posed:
        _posed.clear()
        points, colors = rough_figure.posed(rough.at(frame), rough.place)
        # Blender takes arrays as they are; its stubs know lists only.
        vertices: Any = {"pos": points, "color": colors}
        triangles: Any = rough_figure.skin().triangles
        _posed[key] = batch_for_shader(shader, "TRIS", vertices, indices=triangles)
    gpu.state.blend_set("ALPHA")
    gpu.state.depth_test_set("LESS_EQUAL")
    gpu.state.depth_mask_set(True)
    gpu.matrix.push_projection()
    try:
        if rough.on_dancer:
            gpu.matrix.load_projection_matrix(_in_front(gpu.matrix.get_projection_matrix()))
        shader.bind()
        _posed[key].draw(shader)
    finally:
        gpu.matrix.pop_projection()
        gpu.state.depth_mask_set(False)
        gpu.state.depth_test_set("NONE")
        gpu.state.blend_set("NONE")


def _in_front(projection: Any) -> Any:
    """A projection whose depths all lie in front of those of the scene."""
    squeeze = Matrix.Identity(4)
    squeeze[2][2], squeeze[2][3] = _NEAR, _NEAR - 1.0
    return squeeze @ projection


_drawing = ViewDrawing(_draw)


def register() -> None:
    """Draw from now on, where there is a window."""
    _drawing.begin()


def unregister() -> None:
    """No longer."""
    _drawing.end()
    _shown.clear()
    _posed.clear()
