"""Cameras for a scene of one's own: ordinary objects with a handful of keys.

The shots are ``camera``'s, which keep every dancer whole in the picture; here they become keys
that a person would set: none for a camera that stands, two for one that goes round, one every
second or two for one that follows, and two a shot where it is cut.
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from mathutils import Euler, Matrix

from .. import compat
from ..core import bezier
from ..steps import Steps, aside
from .camera import LENS, Shot, orbit_headings, plan_shot
from .cuts import VIEWS, View
from .in_view import InView, emptied_steps

COLLECTION = "Dance Camera"
KINDS = ("STATIC", "FOLLOW", "ORBIT", "CUTS")
TOLERANCE = 0.04
"""Metres that few keys may be off the planned path."""
POSITIONS = "audio2pose_positions"
LEAST_SHOT_S = 1.2
FAR, FAR_PITCH = 7.0, 6.0
"""From so many metres on a camera of the cuts looks at least so many degrees down."""
_SENSOR = 36.0
_TALL_LENS = 42.0  # a tall picture of one dancer would be filmed from far away


def create_steps(
    scene: Any, kind: str, seen: InView, starts: np.ndarray, size: tuple[int, int]
) -> Steps[list[Any]]:
    """Add the camera, or those of the cuts, in place of what was added before; all of them.

    In small steps.

    Parameters
    ----------
    kind : one of ``KINDS``.
    starts : (n,) scene frames on which a shot begins; for cuts.
    size : width and height of the picture in pixels.
    """
    for marker in [m for m in scene.timeline_markers if _is_ours(scene, m)]:
        scene.timeline_markers.remove(marker)
    collection = yield from emptied_steps(scene, COLLECTION)
    lens = _TALL_LENS if size[1] > size[0] else LENS
    heading = seen.heading
    common: dict[str, Any] = {"body": seen.flesh + TOLERANCE, "centre": seen.centre, "lens": lens}
    if kind == "CUTS":
        made, places = yield from _cut(scene, collection, seen, starts, size)
    elif kind == "ORBIT":
        around = orbit_headings(heading, len(seen.frames), seen.fps)
        shot = yield from aside(
            lambda: plan_shot(seen.bodies, around, seen.fps, size, still=True, **common)
        )
        made, places = [_orbit(collection, seen, shot)], shot.positions
    elif kind == "FOLLOW":
        shot = yield from aside(lambda: plan_shot(seen.bodies, heading, seen.fps, size, **common))
        made, places = [_follow(collection, seen, shot)], shot.positions
    else:
        shot = yield from aside(
            lambda: plan_shot(seen.bodies, heading, seen.fps, size, still=True, **common)
        )
        made, places = [_camera(collection, "Dance Camera", shot)], shot.positions
    yield
    scene.camera = made[0]
    spread = places[:: max(1, len(places) // 40)]
    collection[POSITIONS] = [float(v) for v in spread.ravel()]
    return made


def positions(scene: Any) -> np.ndarray:
    """Where the scene's cameras will be, (n, 3): those of ours, else where its own stands."""
    ours = scene.collection.children.get(COLLECTION)
    if ours is not None and POSITIONS in ours:
        return np.array(list(ours[POSITIONS])).reshape(-1, 3)
    if scene.camera is None:
        return np.empty((0, 3))
    return np.array(scene.camera.matrix_world.translation)[None]


def others(scene: Any) -> list[str]:
    """Names of the markers that switch to cameras which are not ours."""
    bound = [m for m in scene.timeline_markers if m.camera is not None]
    return [m.name for m in bound if not _is_ours(scene, m)]


def _is_ours(scene: Any, marker: Any) -> bool:
    ours = scene.collection.children.get(COLLECTION)
    return ours is not None and marker.camera is not None and marker.camera.name in ours.objects


def cut_starts(bars: np.ndarray, sections: np.ndarray, every: int, seen: InView) -> np.ndarray:
    """Scene frames on which shots begin: ``every`` so many bars, and on every section.

    ``bars``, ``sections`` are seconds from the first frame. No shot is shorter than
    ``LEAST_SHOT_S``: then the section keeps its cut.
    """
    rate = seen.fps * float(np.median(np.diff(seen.frames))) if len(seen.frames) > 1 else seen.fps
    length = (seen.last - seen.first) / rate
    wanted = [(0.0, True)]
    since = -1
    for bar in bars:
        new = len(sections) > 0 and bool(np.abs(sections - bar).min() < 0.1)
        since = 0 if new else since + 1
        if bar > 0 and since % every == 0:
            wanted.append((float(bar), new))
    kept: list[tuple[float, bool]] = []
    for time, new in sorted(wanted):
        if length - time < LEAST_SHOT_S and kept:
            break
        if kept and time - kept[-1][0] < LEAST_SHOT_S:
            if new and not kept[-1][1]:
                kept[-1] = (time, new)
            continue
        kept.append((time, new))
    return seen.first + np.round(np.array([time for time, _ in kept]) * rate).astype(int)


def _camera(collection: Any, name: str, shot: Shot) -> Any:
    """A camera that stands where a shot begins."""
    data = bpy.data.cameras.new(name)
    data.lens, data.sensor_width = shot.lens, _SENSOR
    made = bpy.data.objects.new(name, data)
    collection.objects.link(made)
    made.location, made.rotation_euler = shot.positions[0], _euler(shot, 0)
    return made


def _euler(shot: Shot, k: int, before: Any = None) -> Any:
    """The rotation of a camera, which looks along its -Z, in frame ``k`` of a shot."""
    right, up, forward = shot.axes[k]
    matrix = Matrix(np.stack([right, up, -forward], axis=1).tolist())
    return matrix.to_euler("XYZ", before) if before is not None else matrix.to_euler("XYZ")


def _follow(collection: Any, seen: InView, shot: Shot) -> Any:
    made = _camera(collection, "Dance Camera", shot)
    index, places, slopes = few_keys(shot.positions, TOLERANCE)
    _, bag = compat.new_action(made, made.name)
    frames = seen.frames[index].astype(np.float64)
    # Of slopes a sample: frames lie so far apart.
    per_frame = slopes / float(np.median(np.diff(seen.frames))) if len(index) > 1 else slopes
    for c in range(3):
        values = places[:, c]
        around = bezier.handles(frames, values, per_frame[:, c])
        curve = compat.new_fcurve(bag, "location", c, "Location")
        for frame, value, sides in zip(frames, values, around, strict=True):
            key = curve.keyframe_points.insert(frame, value, options={"FAST"})
            key.interpolation = "BEZIER"
            key.handle_left_type = key.handle_right_type = "ALIGNED"
            key.handle_left, key.handle_right = sides[:2], sides[2:]
        curve.update()
    return made


def few_keys(path: np.ndarray, tolerance: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Keys (k,) of a path (n, c), values and slopes (k, c), whose cubics stay within ``tolerance``.

    The worst place gets the next key, until there is none.
    """
    frames = len(path)
    index, even = np.unique([0, frames - 1]), np.ones(frames)
    while True:
        # On the path at every key, so that the worst place is never one of them.
        pinned = np.ones(len(index), dtype=bool)
        values, slopes = bezier.least_squares_keys(path, index, even, pinned)
        off = np.linalg.norm(bezier.hermite(values, index, slopes, frames) - path, axis=1)
        if off.max() <= tolerance or len(index) == frames:
            return index, values, slopes
        index = np.unique(np.append(index, int(np.argmax(off))))


def _orbit(collection: Any, seen: InView, shot: Shot) -> Any:
    """A camera on an empty that turns round: two keys."""
    made = _camera(collection, "Dance Camera", shot)
    # The axis: where the lines of sight of two places meet over the floor.
    a, b = (shot.positions[k, :2] for k in (0, len(shot.positions) // 2))
    ways = np.stack([shot.axes[0, 2, :2], -shot.axes[len(shot.positions) // 2, 2, :2]], axis=1)
    share = np.linalg.lstsq(ways, b - a, rcond=None)[0]
    middle = a + share[0] * ways[:, 0]
    pivot = bpy.data.objects.new("Dance Camera Orbit", None)
    pivot.empty_display_type, pivot.empty_display_size = "CIRCLE", 0.5
    pivot.rotation_euler = (0.0, 0.0, 0.0)
    pivot.location = (float(middle[0]), float(middle[1]), 0.0)
    collection.objects.link(pivot)
    made.parent = pivot
    made.location = shot.positions[0] - np.array([*middle, 0.0])
    angle = orbit_headings(0.0, len(seen.frames), seen.fps)
    _, bag = compat.new_action(pivot, pivot.name)
    curve = compat.new_fcurve(bag, "rotation_euler", 2, "Rotation")
    for frame, value in ((seen.frames[0], angle[0]), (seen.frames[-1], angle[-1])):
        curve.keyframe_points.insert(float(frame), float(value)).interpolation = "LINEAR"
    curve.extrapolation = "LINEAR"
    curve.update()
    return made


def _cut(
    scene: Any, collection: Any, seen: InView, starts: np.ndarray, size: tuple[int, int]
) -> Steps[tuple[list[Any], np.ndarray]]:
    """A camera for each view, which stands anew for each of its shots; markers make the cuts."""
    own: dict[str, list[tuple[int, int, Shot]]] = {}
    order = []
    for number, start in enumerate(starts):
        stop = int(starts[number + 1]) if number + 1 < len(starts) else seen.last + 1
        inside = np.flatnonzero((seen.frames >= start - 3) & (seen.frames < stop + 3))
        view = VIEWS[number % len(VIEWS)]
        drift = np.deg2rad(view.heading + view.drift * (inside - inside[0]) / seen.fps)
        shot = _shot_of(view, seen, inside, seen.heading + drift, size, view.pitch)
        away = float(np.linalg.norm(shot.positions[0, :2] - seen.centre[inside[0], :2]))
        if away > FAR and view.pitch < FAR_PITCH:
            # From far away a low camera would see the edge of the floor, and nothing below it.
            shot = _shot_of(view, seen, inside, seen.heading + drift, size, FAR_PITCH)
        name = f"Camera {view.name}"
        own.setdefault(name, []).append((int(start), stop - 1, shot))
        order.append((int(start), name))
        yield
    made = {name: _camera(collection, name, shots[0][2]) for name, shots in own.items()}
    for name, shots in own.items():
        _stand(made[name], shots)
    for start, name in order:
        scene.timeline_markers.new(name, frame=start).camera = made[name]
    places = np.concatenate([shot.positions for shots in own.values() for _, _, shot in shots])
    first = order[0][1]
    return [made[first], *(m for n, m in made.items() if n != first)], places


def _shot_of(
    view: View,
    seen: InView,
    inside: np.ndarray,
    heading: np.ndarray,
    size: tuple[int, int],
    pitch: float,
) -> Shot:
    """A shot of the moments ``inside`` (n,) from a view, ``pitch`` degrees down, in one place."""
    tall = _TALL_LENS / LENS if size[1] > size[0] else 1.0
    return plan_shot(
        seen.bodies[inside],
        heading,
        seen.fps,
        size,
        lens=view.lens * tall,
        pitch=float(np.deg2rad(pitch)),
        body=seen.flesh + TOLERANCE,
        centre=seen.centre[inside],
        still=True,
    )


def _stand(thing: Any, shots: list[tuple[int, int, Shot]]) -> None:
    """Keys that hold a camera for each of its shots, or let it drift through it."""
    _, bag = compat.new_action(thing, thing.name)
    curves = [
        compat.new_fcurve(bag, path, i, group)
        for path, group in (("location", "Location"), ("rotation_euler", "Rotation"))
        for i in range(3)
    ]
    angle: Any = Euler(thing.rotation_euler)
    for first, last, shot in shots:
        still = bool(np.abs(shot.axes[-1] - shot.axes[0]).max() < 1e-9)
        for k, frame, way in ((0, first, "LINEAR"), (-1, last, "CONSTANT")):
            if still and k:
                break
            angle = _euler(shot, k, angle)
            values = (*shot.positions[k], *angle)
            for curve, value in zip(curves, values, strict=True):
                key = curve.keyframe_points.insert(float(frame), float(value))
                key.interpolation = "CONSTANT" if still else way
    for curve in curves:
        curve.update()
