"""Our dancer in Blender: the armature of ``rigs.py`` with the body of ``body.py``."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from . import compat, rigs
from .body import build_body

# name, linear colour, roughness; in the order of body.SHELL, JOINT, LEFT, RIGHT
_MATERIALS = (
    ("Dancer Shell", (0.78, 0.76, 0.72), 0.45),
    ("Dancer Joint", (0.045, 0.05, 0.06), 0.5),
    ("Dancer Left", (0.90, 0.19, 0.06), 0.4),
    ("Dancer Right", (0.03, 0.33, 0.62), 0.4),
)


def create_dancer(name: str = "Dancer", collection: Any = None) -> Any:
    """Add armature and body; return the armature, whose child the body is."""
    armature = rigs.create_armature(name, collection)
    armature.data.display_type = "STICK"
    body = _body_object(f"{name} Body")
    armature.users_collection[0].objects.link(body)
    body.parent = armature
    modifier = body.modifiers.new("Armature", "ARMATURE")
    modifier.object = armature
    return armature


def _body_object(name: str) -> Any:
    shape = build_body()
    mesh = bpy.data.meshes.new(name)
    points = rigs.to_blender(np.concatenate(shape.vertices))
    mesh.from_pydata(points.tolist(), [], shape.faces)
    for material in _MATERIALS:
        mesh.materials.append(material_named(*material))
    mesh.polygons.foreach_set("material_index", np.array(shape.materials, dtype=np.int32))
    mesh.shade_smooth()
    mesh.update()
    body = bpy.data.objects.new(name, mesh)
    for bone, pieces in shape.weights.items():
        group = body.vertex_groups.new(name=bone)
        for numbers, values in pieces:
            # One call per distinct weight: nearly all pieces are rigid, weight 1.
            for value in np.unique(values):
                group.add(numbers[values == value].tolist(), float(value), "REPLACE")
    return body


def material_named(name: str, color: tuple[float, float, float], roughness: float) -> Any:
    """A plain material, shared by all dancers of a file; Workbench sees the same colour."""
    material: Any = bpy.data.materials.get(name)
    if material is not None:
        return material
    material = bpy.data.materials.new(name)
    material.diffuse_color = (*color, 1.0)
    material.roughness = roughness
    for node in compat.give_nodes(material).nodes:
        if node.type == "BSDF_PRINCIPLED":
            node.inputs["Base Color"].default_value = (*color, 1.0)
            node.inputs["Roughness"].default_value = roughness
    return material
