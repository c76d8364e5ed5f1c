"""A title card: the name of the song over the first seconds, lower left in the picture."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from .. import compat
from .camera import Shot, view_slopes
from .glow import key

SECONDS = 3.0
"""How long the card is seen, the fade of the last half second included."""

_FADE, _DISTANCE, _HEIGHT = (
    0.5,
    1.0,
    0.075,
)  # seconds; metres from the lens; of the picture's height


def create_title(
    collection: Any,
    text: str,
    shots: list[Shot],
    size: tuple[int, int],
    fps: float,
    frame_start: int,
    cameras: list[Any],
) -> list[Any]:
    """Hang ``text`` in front of each camera that films within the first seconds.

    ``cameras`` are those of the shots, one each. The text lies so near to the
    lens that no dancer comes in between.
    """
    last = min(round(SECONDS * fps), sum(map(len, shots)))
    material = _material(last, fps, frame_start)
    made = []
    for shot, camera in zip(shots, cameras, strict=True):
        if shot.first >= last:
            break
        card = _card(text, shot, size, material)
        collection.objects.link(card)
        card.parent = camera
        ends = np.array([shot.first, min(shot.first + len(shot), last)])
        _show(card, frame_start + ends, frame_start)
        made.append(card)
    return made


def _card(text: str, shot: Shot, size: tuple[int, int], material: Any) -> Any:
    curve: Any = bpy.data.curves.new("Title", "FONT")
    curve.body = text
    half_width, half_height = view_slopes(*size, shot.lens) * _DISTANCE
    curve.size = 2 * half_height * _HEIGHT * 1.4
    curve.align_x, curve.align_y = "LEFT", "BOTTOM_BASELINE"
    curve.materials.append(material)
    card = bpy.data.objects.new("Title", curve)
    card.location = (-0.9 * half_width, -0.84 * half_height, -_DISTANCE)
    # A long title is set smaller rather than cut off.
    bpy.context.scene.collection.objects.link(card)
    bpy.context.view_layer.update()
    wide = card.dimensions.x
    bpy.context.scene.collection.objects.unlink(card)
    if wide > 1.8 * half_width:
        curve.size *= 1.8 * half_width / wide
    card.display.show_shadows = False
    for ray in ("shadow", "diffuse", "glossy"):
        setattr(card, f"visible_{ray}", False)
    return card


def _material(last: int, fps: float, frame_start: int) -> Any:
    """White that needs no light, and fades."""
    material: Any = bpy.data.materials.new("Title")
    tree = compat.give_nodes(material)
    tree.nodes.clear()
    new, link = tree.nodes.new, tree.links.new
    glow, clear = new("ShaderNodeEmission"), new("ShaderNodeBsdfTransparent")
    mix, out = new("ShaderNodeMixShader"), new("ShaderNodeOutputMaterial")
    link(clear.outputs["BSDF"], mix.inputs[1])
    link(glow.outputs["Emission"], mix.inputs[2])
    link(mix.outputs["Shader"], out.inputs["Surface"])
    material.surface_render_method = "BLENDED"
    level = np.clip((last - np.arange(last + 1)) / max(1.0, _FADE * fps), 0.0, 1.0)
    material.diffuse_color = (1.0, 1.0, 1.0, 1.0)
    key(material, "diffuse_color", level[:, None], frame_start, first=3)
    key(tree, mix.inputs[0].path_from_id("default_value"), level[:, None], frame_start)
    return material


def _show(card: Any, ends: np.ndarray, frame_start: int) -> None:
    """Hidden before and after: other cameras would see it hang in the air."""
    for frame, hidden in ((frame_start, ends[0] > frame_start), (ends[0], False), (ends[1], True)):
        card.hide_render = card.hide_viewport = bool(hidden)
        for path in ("hide_render", "hide_viewport"):
            card.keyframe_insert(path, frame=int(frame))
