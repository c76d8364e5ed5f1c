"""Our dancer in Blender: ``rig.own_armature`` with the body of core's ``figure.mesh``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..core import figure_mesh
from ..rig import own_armature
from ..steps import Steps, at_once

Color = tuple[float, float, float]


@dataclass(frozen=True)
class Scheme:
    """Linear colours of a dancer: mesh.SHELL, JOINT, LEFT, RIGHT."""

    name: str
    shell: Color
    joint: Color
    left: Color
    right: Color


# The first is the dancer alone: left is warm, right is cool. A crew takes them in turn.
SCHEMES = tuple(
    Scheme(*row)
    for row in (
        ("Dancer", *figure_mesh.COLORS),
        ("Night", (0.05, 0.055, 0.075), (0.30, 0.31, 0.33), (0.95, 0.42, 0.05), (0.03, 0.55, 0.60)),
        ("Mint", (0.30, 0.62, 0.48), (0.05, 0.06, 0.06), (0.92, 0.72, 0.18), (0.06, 0.17, 0.42)),
        ("Rose", (0.74, 0.32, 0.38), (0.06, 0.045, 0.05), (0.85, 0.62, 0.10), (0.20, 0.12, 0.50)),
        ("Sky", (0.30, 0.50, 0.74), (0.05, 0.05, 0.06), (0.88, 0.26, 0.18), (0.02, 0.15, 0.36)),
        ("Sand", (0.70, 0.54, 0.34), (0.05, 0.045, 0.04), (0.62, 0.10, 0.08), (0.04, 0.24, 0.28)),
    )
)
_ROUGHNESS = dict(zip(("shell", "joint", "left", "right"), figure_mesh.ROUGHNESS, strict=True))


def material_names(scheme: Scheme) -> list[str]:
    """The names of a scheme's materials, in the order of ``figure.mesh``'s numbers."""
    return [f"{scheme.name} {part.title()}" for part in _ROUGHNESS]


def dancer_steps(
    name: str = "Dancer", collection: Any = None, scheme: Scheme = SCHEMES[0]
) -> Steps[Any]:
    """Add armature and body in small steps; the armature, whose child the body is.

    Blender's data are all made in the last ones.
    """
    yield from figure_mesh.body_steps()
    armature = own_armature.create_armature(name, collection)
    armature.data.display_type = "STICK"
    yield
    body = _body_object(f"{name} Body", scheme)
    yield
    armature.users_collection[0].objects.link(body)
    body.parent = armature
    modifier = body.modifiers.new("Armature", "ARMATURE")
    modifier.object = armature
    modifier.use_deform_preserve_volume = True
    return armature


create_dancer = at_once(dancer_steps)


def _body_object(name: str, scheme: Scheme) -> Any:
    shape = figure_mesh.build_body()
    mesh = bpy.data.meshes.new(name)
    points = own_armature.to_blender(np.concatenate(shape.vertices))
    mesh.from_pydata(points.tolist(), [], shape.faces)
    for material, (part, roughness) in zip(material_names(scheme), _ROUGHNESS.items(), strict=True):
        mesh.materials.append(material_named(material, getattr(scheme, part), roughness))
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
