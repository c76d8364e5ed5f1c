"""What a person sees of the first dance: the dancer in the 3D view, all of it in the timeline.

A view that somebody turned or moved is left as it is. Which ones are untouched is told by
comparing them with what they were when the new file was opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy
from bpy.app.handlers import persistent
from mathutils import Vector

from ..rig.reader import moved_by

View = tuple[float, ...]
_HEIGHT = 1.8
"""Metres of a dancer, for one that has no body to measure."""
_BACK = 2.6
"""How far off the view stands, in heights of what is looked at."""

_new_file: dict[tuple[str, int], View] = {}
"""The 3D views of a file that was not saved yet, by screen and number of the area."""


def after_dance(context: Any, armature: Any, is_new: bool) -> None:
    """Show a dance: where its dancer is new, and nothing else was looked at, frame it."""
    if is_new:
        for area in _untouched(context):
            frame(area.spaces.active.region_3d, armature, context.scene)
        show_range(context)


def frame(view: Any, armature: Any, scene: Any) -> None:
    """Turn a 3D view's eye to a dancer, from the side from which it was looking."""
    low, high = bounds(armature, scene)
    view.view_location = (low + high) / 2
    view.view_distance = _BACK * max(1.0, high.z - low.z, high.x - low.x)


def bounds(armature: Any, scene: Any) -> tuple[Vector, Vector]:
    """The least and the greatest corner of a dancer with its body, in the world, at rest."""
    bodies = [o for o in moved_by(armature, list(scene.objects)) if o.type == "MESH"]
    # Of an object that was just made the matrix is not evaluated yet.
    place = armature.matrix_basis if armature.parent is None else armature.matrix_world
    corners = [place @ Vector(c) for body in bodies for c in body.bound_box]
    if not corners:
        foot = place.translation
        corners = [foot, foot + Vector((0.0, 0.0, _HEIGHT))]
    low = Vector(min(c[i] for c in corners) for i in range(3))
    return low, Vector(max(c[i] for c in corners) for i in range(3))


def show_range(context: Any) -> None:
    """Let each timeline show the scene's whole range."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type != "DOPESHEET_EDITOR" or area.spaces.active.mode != "TIMELINE":
                continue
            region = next((r for r in area.regions if r.type == "WINDOW"), None)
            if region is None:
                continue
            with context.temp_override(window=window, area=area, region=region):
                if bpy.ops.action.view_all.poll():  # type: ignore[call-arg]
                    bpy.ops.action.view_all()


# --- which views were touched ---


def _views(context: Any) -> Iterator[tuple[tuple[str, int], Any]]:
    for window in context.window_manager.windows:
        for number, area in enumerate(window.screen.areas):
            if area.type == "VIEW_3D":
                yield (window.screen.name, number), area


def _state(area: Any) -> View:
    view = area.spaces.active.region_3d
    return (*view.view_location, view.view_distance, *view.view_rotation)


def _untouched(context: Any) -> list[Any]:
    return [area for key, area in _views(context) if _new_file.get(key) == _state(area)]


def remember() -> None:
    """Note the views of a new file; in a saved one somebody looked at something."""
    _new_file.clear()
    if not bpy.data.filepath:
        _new_file.update({key: _state(area) for key, area in _views(bpy.context)})


@persistent
def _on_load(*_arguments: Any) -> None:
    remember()


def register() -> None:
    """Note the views of this file as soon as Blender lets them be read, and of each to come."""
    bpy.app.handlers.load_post.append(_on_load)
    bpy.app.timers.register(remember, first_interval=0.0)


def unregister() -> None:
    """No longer."""
    if bpy.app.timers.is_registered(remember):
        bpy.app.timers.unregister(remember)
    bpy.app.handlers.load_post.remove(_on_load)
    _new_file.clear()
