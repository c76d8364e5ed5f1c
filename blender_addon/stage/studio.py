"""Where the dancer dances: a studio of our own, a club (``stage.club``), or someone's .blend."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

from .. import compat
from ..core import errors
from ..figure.mannequin import material_named
from ..steps import Steps, aside, at_once
from . import club
from .cues import Cues
from .png import png_bytes

STAGES = ("studio", "club", "none")

TILE = 0.5
"""Edge of a floor tile in metres: sliding feet show against the joints of the tiles."""

BACKDROP = (0.105, 0.12, 0.15)
"""Linear colour of the world behind the stage."""

_DARK_TILE, _LIGHT_TILE, _JOINT, _RIM = 0.44, 0.53, 0.33, (0.92, 0.66, 0.30)
_MIN_RADIUS, _ROOM = 2.2, 1.3
_THICKNESS, _SIDES, _PIXELS = 0.06, 128, 1024

# name, where the light comes from as seen by a camera that looks along +Y, strength in W/m2,
# angle in degrees, casts a shadow
_LIGHTS = (
    ("Key Light", (-0.50, -0.90, 0.85), 2.6, 8.0, True),
    ("Fill Light", (0.90, -0.60, 0.45), 0.8, 30.0, False),
    ("Rim Light", (0.45, 0.95, 0.70), 1.8, 10.0, False),
)


def floor_of(points: np.ndarray, tile: float = TILE) -> tuple[np.ndarray, float]:
    """Middle (2,) and radius of a round floor that reaches a big step beyond every point.

    points : (..., 3) metres in world space, Z up.
    """
    flat = points[..., :2].reshape(-1, 2)
    centre = (flat.min(axis=0) + flat.max(axis=0)) / 2
    radius = max(_MIN_RADIUS, float(np.linalg.norm(flat - centre, axis=1).max()) + _ROOM)
    # Whole tiles from the centre outward.
    return centre, math.ceil(radius / tile) * tile


def stage_steps(
    scene: Any,
    collection: Any,
    kind: str,
    points: np.ndarray,
    heading: float,
    cues: Cues,
    cameras: np.ndarray,
    frame_start: int | None = None,
) -> Steps[None]:
    """Add the stage for dancers that pass through ``points``, lights included, in small steps.

    Parameters
    ----------
    kind : one of ``STAGES``; "none" only adds lights, and those where there are none.
    points : (..., 3) metres in world space, Z up.
    heading : radians from -Y towards +X, where the audience is.
    cues, cameras : what the club's lights answer; where cameras will be, (n, 3).
    frame_start : the scene frame of the cues' second 0; by default the scene's first.
    """
    centre, radius = floor_of(points)
    if kind == "studio":
        floor = yield from _floor_steps(radius)
        floor.location = (*centre, 0.0)
        collection.objects.link(floor)
        create_lights(scene, collection, heading)
        create_backdrop(scene)
    elif kind == "club":
        start = scene.frame_start if frame_start is None else frame_start
        yield from club.club_steps(scene, collection, centre, radius, heading, cues, cameras, start)
    elif not any(thing.type == "LIGHT" for thing in scene.objects):
        create_lights(scene, collection, heading)


create_stage = at_once(stage_steps)


def append_stage(scene: Any, collection: Any, path: Path) -> Any:
    """Bring the first scene of another .blend in: objects, lights, world; return its camera.

    Raises OptionError where the file is missing, or is no .blend, or is empty.
    """
    from .appended import appending

    with appending(path) as (there, here):
        here.scenes = list(there.scenes)[:1]
    guest = here.scenes[0] if here.scenes else None
    if guest is None or not guest.collection.all_objects:
        raise errors.OptionError(f"{path}: there is nothing in its scene; it is no stage")
    for child in guest.collection.children:
        collection.children.link(child)
    for thing in guest.collection.objects:
        collection.objects.link(thing)
    if guest.world is not None:
        scene.world = guest.world
    camera = guest.camera
    bpy.data.scenes.remove(guest)
    return camera


def create_lights(scene: Any, collection: Any, heading: float) -> None:
    """Key, fill and rim as suns: they light a dancer alike wherever the dance leads."""
    turn = Matrix.Rotation(heading, 3, "Z")
    for name, source, strength, angle, shadow in _LIGHTS:
        direction = turn @ Vector(source)
        light: Any = bpy.data.lights.new(name, "SUN")
        light.energy = strength
        light.angle = math.radians(angle)
        light.use_shadow = shadow
        lamp = bpy.data.objects.new(name, light)
        lamp.location = direction * 5
        lamp.rotation_euler = direction.to_track_quat("Z", "Y").to_euler()
        collection.objects.link(lamp)
        if shadow:
            # Workbench has no lamps; its shadow falls away from this direction.
            toward: Any = direction.normalized()
            # Workbench counts this one direction Y up.
            scene.display.light_direction = (toward.x, toward.z, -toward.y)


def create_backdrop(scene: Any) -> None:
    """A plain world, the same colour in every engine."""
    world: Any = bpy.data.worlds.new("Backdrop")
    world.color = BACKDROP
    for node in compat.give_nodes(world).nodes:
        if node.type == "BACKGROUND":
            node.inputs["Color"].default_value = (*BACKDROP, 1.0)
            node.inputs["Strength"].default_value = 1.0
    scene.world = world


def _floor_steps(radius: float) -> Steps[Any]:
    """A flat drum whose top is at height 0."""
    angle = 2 * np.pi * np.arange(_SIDES) / _SIDES
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    rings = [(radius, 0.0), (radius + 0.015, -0.008), (radius + 0.02, -_THICKNESS)]
    points = np.concatenate(
        [np.column_stack([circle * r, np.full(_SIDES, height)]) for r, height in rings]
    )
    faces: list[tuple[int, ...]] = [tuple(range(_SIDES))]
    for ring in range(len(rings) - 1):
        a, b = ring * _SIDES, (ring + 1) * _SIDES
        for s in range(_SIDES):
            t = (s + 1) % _SIDES
            faces.append((a + s, b + s, b + t, a + t))
    mesh: Any = bpy.data.meshes.new("Stage")
    mesh.from_pydata(points.tolist(), [], faces)
    mesh.materials.append((yield from _tile_steps(radius)))
    mesh.materials.append(material_named("Stage Rim", (0.16, 0.17, 0.19), 0.6))
    mesh.polygons.foreach_set(
        "material_index", np.array([0] + [1] * (len(faces) - 1), dtype=np.int32)
    )
    corners = np.empty(len(mesh.loops), dtype=np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    uv = points[corners, :2] / (2 * radius) + 0.5
    mesh.uv_layers.new(name="UVMap").data.foreach_set("uv", uv.astype(np.float32).ravel())
    mesh.update()
    floor = bpy.data.objects.new("Stage", mesh)
    # It has nothing to throw a shadow on, and Workbench would draw one for every edge.
    floor.display.show_shadows = False
    return floor


def _tile_steps(radius: float) -> Steps[Any]:
    """Tiles drawn into an image: every engine, Workbench too, shows an image alike."""
    file = yield from aside(lambda: png_bytes(_tile_pixels(radius)))
    image: Any = bpy.data.images.new("Stage Tiles", _PIXELS, _PIXELS)
    # Blender reads it when it is first drawn.
    image.pack(data=file, data_len=len(file))
    image.source = "FILE"
    yield
    material = bpy.data.materials.new("Stage Tiles")
    tree = compat.give_nodes(material)
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.image = image
    tree.nodes.active = texture
    for node in tree.nodes:
        if node.type == "BSDF_PRINCIPLED":
            tree.links.new(texture.outputs["Color"], node.inputs["Base Color"])
            node.inputs["Roughness"].default_value = 0.7
    return material


def _tile_pixels(radius: float) -> np.ndarray:
    """The colours of the image, (height, width, 3) uint8 of red, green and blue."""
    place = (np.arange(_PIXELS) + 0.5) / _PIXELS * 2 * radius - radius
    x, y = np.meshgrid(place, place)
    odd = (np.floor(x / TILE) + np.floor(y / TILE)) % 2
    grey = np.where(odd > 0, _LIGHT_TILE, _DARK_TILE)
    to_joint = np.minimum(*(np.abs(v - TILE * np.round(v / TILE)) for v in (x, y)))
    grey = np.where(to_joint < max(0.008, radius / _PIXELS), _JOINT, grey)
    pixels = np.repeat(grey[..., None], 3, axis=2)
    from_rim = radius - np.hypot(x, y)
    pixels[(from_rim > 0.05) & (from_rim < 0.09)] = _RIM
    return np.round(255 * pixels[::-1]).astype(np.uint8)
