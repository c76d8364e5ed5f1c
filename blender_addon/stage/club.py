"""A club: tiles that flash on the beats, a wall of level bars, lamps that sweep in time.

Nothing here is random, and all of it is keyed over the whole song.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

from .. import compat
from ..core import rotations
from ..figure.mannequin import material_named
from ..steps import Steps
from .cues import BANDS, Cues, held, pulses
from .glow import beam_material, glow_material, key

BACKDROP = (0.006, 0.006, 0.014)
"""Linear colour of the dark behind everything."""

TILE = 0.5
_GAP = 0.03
_TILE_GROUPS = 4
# Linear colours; a bar of music takes the next pair.
_PALETTE = np.array(
    [
        [0.95, 0.05, 0.42],
        [0.05, 0.35, 1.00],
        [0.55, 0.06, 1.00],
        [0.00, 0.75, 0.65],
        [1.00, 0.32, 0.03],
        [0.10, 0.12, 1.00],
    ]
)
_BAR_WIDTH, _BAR_STEP, _BAR_HEIGHT = 0.30, 0.44, 3.6
_WALL_ROOM, _WALL_SPAN = 0.9, math.radians(100)
_SLATS = 18

# Where the lamps hang as seen by a camera that looks along +Y (metres around the stage's
# radius), colour, beats of one sweep.
_LAMPS = (
    ((-0.95, 0.75), 0, 8.0),
    ((-0.40, 1.00), 1, 16.0),
    ((0.40, 1.00), 2, 16.0),
    ((0.95, 0.75), 3, 8.0),
)
_LAMP_HEIGHT = 4.6
_LAMP_WATTS = 900.0
# name, direction, colour, W/m2 at rest, W/m2 more on a beat, degrees wide
_SUNS: tuple[tuple[str, tuple[float, float, float], tuple[float, float, float], float, float], ...]
_SUNS = (
    ("Front Light", (-0.35, -0.9, 0.7), (1.0, 0.93, 0.86), 1.7, 0.4),
    ("Left Rim", (-0.9, 0.55, 0.35), (1.0, 0.12, 0.55), 0.8, 2.2),
    ("Right Rim", (0.9, 0.55, 0.35), (0.10, 0.45, 1.0), 0.8, 2.2),
)


def club_steps(
    scene: Any,
    collection: Any,
    centre: np.ndarray,
    radius: float,
    heading: float,
    cues: Cues,
    cameras: np.ndarray,
    frame_start: int,
) -> Steps[Any]:
    """Build it around ``centre`` (2,) with a floor of ``radius`` metres, in small steps; the floor.

    The wall stands behind the dancer as seen from ``heading``; where one of the
    ``cameras`` (n, 3) would look through it from behind, it goes all round them.
    """
    frames = len(cues)
    home = Vector((*centre, 0.0))
    beat = pulses(frames, cues.fps, cues.beats, _beat_length(cues))
    bar = held(frames, cues.fps, cues.downbeats)
    floor = _base(radius)
    tiles = _tiles(radius, cues, bar, frame_start)
    wall = _wall(radius, heading, centre, cameras, cues, beat, bar, frame_start)
    for thing in chain([floor], tiles, wall):
        thing.location = home
        collection.objects.link(thing)
        yield
    yield from light_steps(scene, collection, centre, radius, heading, cues, frame_start)
    _darkness(scene)
    return floor


def light_steps(
    scene: Any,
    collection: Any,
    centre: np.ndarray,
    radius: float,
    heading: float,
    cues: Cues,
    frame_start: int,
    beams: bool = True,
) -> Steps[None]:
    """The club's lamps and its light from outside, which answer the beats, around ``centre`` (2,).

    In small steps.

    ``beams`` makes the light of the lamps visible, as haze does.
    """
    home = Vector((*centre, 0.0))
    beat = pulses(len(cues), cues.fps, cues.beats, _beat_length(cues))
    for thing in _lamps(home, radius, heading, cues, beat, frame_start, beams):
        collection.objects.link(thing)
        yield
    _suns(scene, collection, heading, cues, beat, frame_start)


def _beat_length(cues: Cues) -> float:
    return float(np.median(np.diff(cues.beats))) if len(cues.beats) > 1 else 0.5


# --- floor ---


def _base(radius: float) -> Any:
    """A dark drum whose top lies just under the tiles."""
    angle = 2 * np.pi * np.arange(128) / 128
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    rings = [(radius, -0.004), (radius + 0.03, -0.02), (radius + 0.03, -0.16)]
    points = np.concatenate([np.column_stack([circle * r, np.full(128, z)]) for r, z in rings])
    faces: list[tuple[int, ...]] = [tuple(range(128))]
    for ring in (0, 128):
        faces += [(ring + s, ring + 128 + s, ring + 128 + (s + 1) % 128, ring + (s + 1) % 128)
                  for s in range(128)]  # fmt: skip
    return _object("Stage", points, faces, material_named("Club Floor", (0.012, 0.012, 0.016), 0.3))


def _tiles(radius: float, cues: Cues, bar: np.ndarray, frame_start: int) -> Iterator[Any]:
    """Glass tiles in groups that light up one after the other, all of them on a downbeat."""
    count = math.ceil(radius / TILE)
    cells = [
        (i, j)
        for i in range(-count, count)
        for j in range(-count, count)
        if math.hypot(*(max(abs(k), abs(k + 1)) * TILE for k in (i, j))) < radius
    ]
    frames = len(cues)
    length = _beat_length(cues)
    down = pulses(frames, cues.fps, cues.downbeats, 0.8 * length)
    for group in range(_TILE_GROUPS):
        own = pulses(frames, cues.fps, cues.beats[group::_TILE_GROUPS], 1.6 * length)
        level = 0.05 + 0.55 * np.maximum(own, 0.8 * down)
        color = _PALETTE[(bar + group // 2) % len(_PALETTE)]
        material = glow_material(
            f"Club Tile {group + 1}", level[:, None] * color, frame_start, strength=1.3, base=0.018
        )
        half = (TILE - _GAP) / 2
        corner = np.array([[-half, -half, 0], [half, -half, 0], [half, half, 0], [-half, half, 0]])
        # A pattern without stripes: knights' moves on a chessboard.
        own_cells = [c for c in cells if (c[0] + 2 * c[1]) % _TILE_GROUPS == group]
        middles = [np.array([(i + 0.5) * TILE, (j + 0.5) * TILE, 0.0]) for i, j in own_cells]
        points = np.concatenate([corner + m for m in middles])
        faces = [tuple(range(4 * n, 4 * n + 4)) for n in range(len(middles))]
        yield _object(f"Club Tiles {group + 1}", points, faces, material)


# --- wall ---


def _wall(
    radius: float,
    heading: float,
    centre: np.ndarray,
    cameras: np.ndarray,
    cues: Cues,
    beat: np.ndarray,
    bar: np.ndarray,
    frame_start: int,
) -> Iterator[Any]:
    """Bars whose height is the level of their band, bass in the middle, behind dark slats."""
    away = cameras[:, :2] - centre
    around = np.angle(np.exp(1j * (np.arctan2(away[:, 0], -away[:, 1]) - heading - np.pi)))
    far = np.linalg.norm(away, axis=1)
    distance, span = radius + _WALL_ROOM, _WALL_SPAN
    if ((np.abs(around) < span + 0.2) & (far > distance - 0.3)).any():
        distance, span = max(distance, float(far.max()) + 1.0), math.pi
    half = max(BANDS, int(span * distance / _BAR_STEP))
    angles = heading + np.pi + (np.arange(-half, half) + 0.5) * span / half
    # From the middle out, and back again where the wall goes all round.
    run = np.abs(np.arange(-half, half) + 0.5) / half * (1 if span < math.pi else 2)
    place = 1 - np.abs(1 - run) if span == math.pi else run
    bands = np.minimum((place * BANDS).astype(int), BANDS - 1)
    for band in range(BANDS):
        color = _PALETTE[(bar + (1 if band < BANDS // 2 else 0)) % len(_PALETTE)]
        level = 0.55 + 0.45 * beat
        material = glow_material(
            f"Club Bar {band + 1}", level[:, None] * color, frame_start, strength=2.2
        )
        points, faces = _boxes(
            angles[bands == band], distance, (_BAR_WIDTH, 0.08), [(0.0, _BAR_HEIGHT)]
        )
        wall = _object(f"Club Bars {band + 1}", points, faces, material)
        height = 0.06 + 0.94 * cues.bands[:, band]
        wall.scale[2] = height[0]
        key(wall, "scale", height[:, None], frame_start, first=2)
        yield wall
    dark = material_named("Club Wall", (0.008, 0.008, 0.012), 0.95)
    step = _BAR_HEIGHT / _SLATS
    rows = [(k * step, k * step + 0.045) for k in range(_SLATS + 1)]
    points, faces = _boxes(angles, distance - 0.06, (_BAR_WIDTH + 0.02, 0.03), rows)
    yield _object("Club Slats", points, faces, dark)
    points, faces = _boxes(angles, distance + 0.1, (_BAR_WIDTH + 0.06, 0.06), [(0, _BAR_HEIGHT)])
    yield _object("Club Panels", points, faces, dark)


def _boxes(
    angles: np.ndarray, distance: float, size: tuple[float, float], rows: Sequence[Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Boxes of (width, depth) that face the middle, one at each angle for each (low, high).

    Their points (n, 3), and their faces (m, 4) as numbers of points.
    """
    sides = ((0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7), (3, 2, 1, 0), (4, 5, 6, 7))
    width, depth = size[0] / 2, size[1] / 2
    out = np.stack([np.sin(angles), -np.cos(angles), 0.0 * angles], axis=1)[:, None]
    across = np.stack([np.cos(angles), np.sin(angles), 0.0 * angles], axis=1)[:, None]
    corner = np.array([(-width, depth), (-width, -depth), (width, -depth), (width, depth)])
    ground = out * (distance + corner[:, 1:]) + across * corner[:, :1]
    heights = np.array(rows, dtype=np.float64)[None, :, :, None, None] * np.array([0.0, 0.0, 1.0])
    points = (ground[:, None, None] + heights).reshape(-1, 3)
    faces = np.arange(0, len(points), 8)[:, None, None] + np.array(sides)
    return points, faces.reshape(-1, 4)


# --- light ---


def _lamps(
    home: Vector,
    radius: float,
    heading: float,
    cues: Cues,
    beat: np.ndarray,
    frame_start: int,
    beams: bool,
) -> Iterator[Any]:
    """Spots, with a visible beam; each swings about the dancer, once in so many beats."""
    frames = len(cues)
    turn = Matrix.Rotation(heading, 3, "Z")
    count = np.interp(
        np.arange(frames) / cues.fps, cues.beats, np.arange(len(cues.beats))
    ) if len(cues.beats) > 1 else np.arange(frames) / cues.fps * 2  # fmt: skip
    loud = np.interp(count, np.arange(int(count[-1]) + 2), _per_beat(cues, count))
    level = (0.35 + 0.65 * beat) * (0.25 + 0.75 * loud)
    for n, ((x, y), color_at, period) in enumerate(_LAMPS):
        place = home + turn @ Vector((x * radius, y * radius, _LAMP_HEIGHT))
        phase = 2 * np.pi * count / period + n * np.pi / 2
        # Where the beam meets the floor: an eight behind the dancer.
        aim = np.stack([1.3 * np.sin(phase), 1.3 + 0.7 * np.sin(2 * phase), 0 * phase], axis=1)
        aim = aim @ np.array(turn).T + np.array(home)
        quats = _toward(np.array(place), aim)
        light: Any = bpy.data.lights.new(f"Club Lamp {n + 1}", "SPOT")
        light.color = _PALETTE[color_at]
        light.spot_size, light.spot_blend = math.radians(24), 0.6
        light.shadow_soft_size = 0.1
        light.energy = _LAMP_WATTS * level[0]
        key(light, "energy", _LAMP_WATTS * level[:, None], frame_start)
        lamp = bpy.data.objects.new(light.name, light)
        lamp.location = place
        lamp.rotation_mode = "QUATERNION"
        lamp.rotation_quaternion = quats[0]
        key(lamp, "rotation_quaternion", quats, frame_start)
        yield lamp
        if beams:
            beam = _beam(n, level, color_at, frame_start)
            beam.parent = lamp
            yield beam


def _per_beat(cues: Cues, count: np.ndarray) -> np.ndarray:
    """Mean loudness of each beat, so that the lamps follow the song and not each word."""
    beats = np.floor(count).astype(int)
    total = np.bincount(beats, cues.loudness, minlength=int(count[-1]) + 2)
    many = np.bincount(beats, minlength=int(count[-1]) + 2)
    mean = total / np.maximum(many, 1)
    mean[many == 0] = mean[many > 0][-1]
    return mean


def _toward(place: np.ndarray, aim: np.ndarray) -> np.ndarray:
    """Quaternions (T, 4) of a lamp at (3,) that shines along its -Z at (T, 3)."""
    back = place - aim
    back = back / np.linalg.norm(back, axis=1, keepdims=True)
    across = np.cross([0.0, 0.0, 1.0], back)
    across = across / np.linalg.norm(across, axis=1, keepdims=True)
    axes = np.stack([across, np.cross(back, across), back], axis=2)
    return rotations.continuous(rotations.from_matrix(axes))


def _beam(n: int, level: np.ndarray, color_at: int, frame_start: int) -> Any:
    """The cone of a lamp, which points along -Z."""
    sides, length = 32, 5.2
    wide = length * math.tan(math.radians(9))
    angle = 2 * np.pi * np.arange(sides) / sides
    circle = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    points = np.concatenate([0.06 * circle, wide * circle + [0, 0, -length]])
    faces = [(s, (s + 1) % sides, sides + (s + 1) % sides, sides + s) for s in range(sides)]
    material = beam_material(f"Club Beam {n + 1}", _PALETTE[color_at], level, frame_start)
    beam = _object(f"Club Beam {n + 1}", points, faces, material)
    corners = np.empty(len(beam.data.loops), dtype=np.int32)
    beam.data.loops.foreach_get("vertex_index", corners)
    uv = np.stack([0 * corners, (corners < sides) * 1.0], axis=1)
    beam.data.uv_layers.new(name="UVMap").data.foreach_set("uv", uv.astype(np.float32).ravel())
    for ray in ("shadow", "diffuse", "glossy"):
        setattr(beam, f"visible_{ray}", False)
    return beam


def _suns(
    scene: Any, collection: Any, heading: float, cues: Cues, beat: np.ndarray, frame_start: int
) -> None:
    """Light from outside: the dancer is seen from the front and edged with colour on the beats."""
    turn = Matrix.Rotation(heading, 3, "Z")
    for name, source, color, rest, more in _SUNS:
        direction = turn @ Vector(source)
        light: Any = bpy.data.lights.new(name, "SUN")
        light.color, light.angle = color, math.radians(10)
        light.energy = rest + more * beat[0]
        key(light, "energy", rest + more * beat[:, None], frame_start)
        lamp = bpy.data.objects.new(name, light)
        lamp.location = direction * 5
        lamp.rotation_euler = direction.to_track_quat("Z", "Y").to_euler()
        collection.objects.link(lamp)
    toward: Any = (turn @ Vector((-0.5, -0.7, 1.1))).normalized()
    # Workbench counts this one direction Y up.
    scene.display.light_direction = (toward.x, toward.z, -toward.y)


def _darkness(scene: Any) -> None:
    world: Any = bpy.data.worlds.new("Club")
    world.color = BACKDROP
    for node in compat.give_nodes(world).nodes:
        if node.type == "BACKGROUND":
            node.inputs["Color"].default_value = (*BACKDROP, 1.0)
    scene.world = world


def _object(
    name: str, points: np.ndarray, faces: np.ndarray | Sequence[tuple[int, ...]], material: Any
) -> Any:
    mesh: Any = bpy.data.meshes.new(name)
    if isinstance(faces, np.ndarray):
        _fill(mesh, points, faces)
    else:
        mesh.from_pydata(points.tolist(), [], faces)
    mesh.materials.append(material)
    mesh.update()
    thing = bpy.data.objects.new(name, mesh)
    # Workbench would draw a shadow for every edge, and there is nothing under them.
    thing.display.show_shadows = False
    return thing


def _fill(mesh: Any, points: np.ndarray, faces: np.ndarray) -> None:
    """Points (n, 3) and faces (m, 4) of an empty mesh, in bulk: a long wall has thousands."""
    mesh.vertices.add(len(points))
    mesh.vertices.foreach_set("co", points.astype(np.float32).ravel())
    mesh.loops.add(faces.size)
    mesh.loops.foreach_set("vertex_index", faces.astype(np.int32).ravel())
    mesh.polygons.add(len(faces))
    mesh.polygons.foreach_set("loop_start", np.arange(0, faces.size, 4, dtype=np.int32))
    mesh.update(calc_edges=True)
    mesh.shade_flat()
