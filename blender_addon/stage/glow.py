"""Materials that shine and change colour over time, alike in Workbench, EEVEE and Cycles.

Workbench knows no light: it shows a material's viewport colour. So each colour
is keyed twice, there and on the shader's emission.
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from .. import compat
from ..keys import writer as key_writer
from ..rig.channel import Curve


def glow_material(
    name: str, colors: np.ndarray, frame_start: int, *, strength: float = 1.0, base: float = 0.02
) -> Any:
    """A shining material whose linear colours (T, 3) play from ``frame_start`` on.

    ``strength`` is that of the emission; ``base`` the grey of the unlit surface.
    """
    material: Any = bpy.data.materials.new(name)
    tree = compat.give_nodes(material)
    shader = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = (base, base, base, 1.0)
    shader.inputs["Roughness"].default_value = 0.35
    shader.inputs["Emission Strength"].default_value = strength
    emission = shader.inputs["Emission Color"]
    material.diffuse_color = (*np.maximum(colors[0], base), 1.0)
    emission.default_value = (*colors[0], 1.0)
    material.roughness = 0.35
    key(material, "diffuse_color", np.maximum(colors, base), frame_start)
    key(tree, emission.path_from_id("default_value"), colors, frame_start)
    return material


def beam_material(name: str, color: np.ndarray, levels: np.ndarray, frame_start: int) -> Any:
    """Light made visible by haze: see-through, linear colour (3,), levels (T,) of 0..1.

    The mesh's UV v runs from 1 at the lamp to 0, where the beam has faded.
    """
    material: Any = bpy.data.materials.new(name)
    tree = compat.give_nodes(material)
    tree.nodes.clear()
    new, link = tree.nodes.new, tree.links.new
    place, split = new("ShaderNodeUVMap"), new("ShaderNodeSeparateXYZ")
    strength, glow = new("ShaderNodeMath"), new("ShaderNodeEmission")
    clear, both = new("ShaderNodeBsdfTransparent"), new("ShaderNodeAddShader")
    out = new("ShaderNodeOutputMaterial")
    strength.operation = "MULTIPLY"
    glow.inputs["Color"].default_value = (*color, 1.0)
    link(place.outputs["UV"], split.inputs["Vector"])
    link(split.outputs["Y"], strength.inputs[0])
    link(strength.outputs["Value"], glow.inputs["Strength"])
    link(clear.outputs["BSDF"], both.inputs[0])
    link(glow.outputs["Emission"], both.inputs[1])
    link(both.outputs["Shader"], out.inputs["Surface"])
    material.surface_render_method = "BLENDED"
    material.show_transparent_back = False
    material.diffuse_color = (*color, 0.05)
    key(material, "diffuse_color", 0.09 * levels[:, None], frame_start, first=3)
    key(tree, strength.inputs[1].path_from_id("default_value"), 0.22 * levels[:, None], frame_start)
    return material


def key(datablock: Any, path: str, values: np.ndarray, frame_start: int, first: int = 0) -> None:
    """Keys of values (T, channels), one a frame where needed: straight stretches need but ends.

    ``first`` is the index of the first channel. The datablock's action is kept if it has one.
    """
    bag = compat.channelbag_of(datablock)
    if bag is None:
        _, bag = compat.new_action(datablock, f"{datablock.name} Light")
    curves = []
    for i, column in enumerate(values.T):
        at = corners(column)
        curves.append(Curve(path, first + i, "Light", frame_start + at, column[at]))
    key_writer.fill(bag, curves)


def corners(values: np.ndarray) -> np.ndarray:
    """Frames (k,) between which straight lines give all of ``values`` (T,) again."""
    bend = np.zeros(len(values))
    bend[1:-1] = np.abs(values[:-2] - 2 * values[1:-1] + values[2:])
    needed = bend > 1e-4 * max(1.0, float(np.abs(values).max()))
    needed[[0, -1]] = True
    return np.flatnonzero(needed)
