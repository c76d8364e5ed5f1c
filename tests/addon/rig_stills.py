"""A picture of a rig of bones: each bone a stick, the floor a grid, seen from the front."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

SIZE = 480


def render(armature: Any, frame: int, path: Path, bones: Iterable[str]) -> None:
    """Render the armature at a frame with Workbench, around the bones of that name."""
    scene = bpy.context.scene
    scene.frame_set(frame)
    evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    world = evaluated.matrix_world
    points = np.array([world @ evaluated.pose.bones[name].head for name in bones])
    middle, size = points.mean(axis=0), float(np.ptp(points, axis=0).max())
    near = [b for b in evaluated.pose.bones if (world @ b.head - Vector(middle)).length < size]
    for bone in near:
        ends = [bone.head, *[c.head for c in bone.children]] if bone.children else [bone.head]
        for end in ends[1:] or [bone.tail]:
            if (world @ end - world @ bone.head).length > size:
                continue
            _stick(world @ bone.head, world @ end, 0.012 * size, bone.name)
    bpy.ops.mesh.primitive_plane_add(size=4 * size, location=(middle[0], middle[1], 0))
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    at = Vector(middle) + Vector((0.6, -2.2, 0.35)) * size
    camera.location = at
    camera.rotation_euler = (Vector(middle) - at).to_track_quat("-Z", "Y").to_euler()
    camera.data.clip_end = 100 * size
    camera.data.clip_start = 0.01 * size
    scene.camera = camera
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.display.shading.light = "STUDIO"
    scene.display.shading.color_type = "OBJECT"
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    scene.render.filepath = str(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.render.render(write_still=True)


def _stick(a: Vector, b: Vector, radius: float, name: str) -> None:
    length = (b - a).length
    if length < 1e-9:
        return
    bpy.ops.mesh.primitive_cone_add(
        vertices=6, radius1=radius, radius2=0.3 * radius, depth=length, location=(a + b) / 2
    )
    stick = bpy.context.object
    stick.rotation_euler = (b - a).to_track_quat("Z", "Y").to_euler()
    last = name[-1].lower() if len(name) > 1 and name[-2] in "._ " else name[:1].lower()
    stick.color = {"l": (0.2, 0.5, 1, 1), "r": (1, 0.4, 0.2, 1)}.get(last, (0.8, 0.8, 0.7, 1))
