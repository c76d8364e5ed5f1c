"""What a scene directs, as core's ``Direction``: sections, dials, front, path, held poses.

Dials are read from their F-curves on every beat and on every key, so that a step stays a step.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .. import compat
from ..core import beat_file, dials as core_dials, direction as core_direction, errors, hands, plan
from ..jobs.params import GenerationParams
from ..keys import scene_curves
from ..rig import floor
from ..settings import choreography
from ..song import beats as song_beats, mark_record, marking, sections, source as song_source
from . import dial_record

ENERGY_PATH = dial_record.ENERGY
FRONT_PATH, PATH_PATH = (f"{choreography.PATH}.{name}" for name in ("front", "path"))
AUDIENCE_AT = (0.0, 1000.0)
"""Metres on the dancer's floor: so far that its direction is the front wherever one dances."""
STEP_S = 0.5
"""How often a dial is read where the beats are not known."""
MOST_TIMES = 4000
"""Times at which dials are read in a song of hours."""
MOST_LOOKS = 120
"""How often the scene is looked at to see where something moves that is not simply keyed."""


def directed(
    context: Any,
    params: GenerationParams,
    song: song_source.Song,
    armature: Any,
    beats: beat_file.Beats | None,
    whole: bool = True,
) -> GenerationParams:
    """The settings of a dance with what the scene directs.

    Of a region that is danced again (not ``whole``) these are sections and dials: it faces and
    goes where the dance around it does. Raises Audio2PoseError for what cannot be obeyed; changes
    nothing.
    """
    found = of_scene(context, song, armature, beats, whole)
    params = dataclasses.replace(
        params,
        dials=dial_record.of_scene(context.scene),
        marks=mark_record.of_scene(context, song.key),
    )
    if scene_curves.curve_of(context.scene, ENERGY_PATH) is not None:
        params = dataclasses.replace(params, energy=0.0)
    if found == core_direction.Direction():
        return dataclasses.replace(params, direction=None)
    return dataclasses.replace(params, direction=found.record())


def sectioned(context: Any, params: GenerationParams, song: song_source.Song) -> GenerationParams:
    """The settings of a dance with the sections alone that the scene directs."""
    own = core_direction.Direction(sections=_sections(context, song)[0])
    return dataclasses.replace(params, direction=own.record())


def of_scene(
    context: Any,
    song: song_source.Song,
    armature: Any,
    beats: beat_file.Beats | None,
    whole: bool = True,
) -> core_direction.Direction:
    """What a scene directs, in seconds from the song's first sample here; see ``directed``."""
    scene, place = context.scene, song.placement
    assert place.seconds is not None
    settings, fps = scene.audio2pose.choreography, compat.scene_fps(scene)
    seconds = _seconds(place.seconds, beats)
    own, dials = _sections(context, song), _dials(scene, place, seconds, fps)
    if not whole:
        hands = _hands(scene, settings, place, fps)
        return core_direction.Direction(own[0], own[1], dials, hands=hands)
    return core_direction.Direction(
        sections=own[0],
        events=own[1],
        dials=dials,
        front=_front(context, settings, armature, place, seconds, fps),
        path=_path(context, settings, armature, place, fps),
        holds=_holds(scene, place, fps),
        hold_breaks=settings.hold_breaks,
        hands=_hands(scene, settings, place, fps),
        jumps=settings.jumps,
        turns=settings.turns,
    )


def _seconds(length: float, beats: beat_file.Beats | None) -> np.ndarray:
    """The instants (n,) at which dials are read."""
    times = np.arange(0.0, length, STEP_S) if beats is None else np.asarray(beats.times)
    times = np.unique(np.round(np.concatenate([[0.0], times[times < length], [length]]), 4))
    if len(times) > MOST_TIMES:
        times = times[np.linspace(0, len(times) - 1, MOST_TIMES).astype(int)]
    return times


# --- sections and events ---


def _sections(
    context: Any, song: song_source.Song
) -> tuple[
    tuple[core_direction.DirectedSection, ...] | None,
    tuple[core_direction.DirectedEvent, ...] | None,
]:
    """Those of this song, as list and markers show them; None where it was not analysed."""
    store = song_beats.read(context.scene.audio2pose)
    if store is None or store.song != song.key:
        return None, None
    form = marking.form_now(context)
    if form is None:
        return None, None
    place = song.placement
    assert place.seconds is not None
    parts = []
    for i, (section, label) in enumerate(zip(form.sections, form.labels(), strict=True)):
        start, end = (t - place.song_second for t in form.span(i))
        start, end = max(0.0, start), min(end, place.seconds)
        if end - start < 0.05:
            continue  # not heard in the part that is danced
        style = "" if section.style == sections.AUTO else section.style
        parts.append(core_direction.DirectedSection(start, end, label, style, section.energy))
    times = [(e.time - place.song_second, e.kind) for e in form.events]
    return tuple(parts), tuple(
        core_direction.DirectedEvent(t, kind) for t, kind in times if 0 <= t < place.seconds
    )


# --- dials ---


def _dials(scene: Any, place: Any, seconds: np.ndarray, fps: float) -> core_dials.Dials | None:
    """The dials that are on, at every beat and every key; None where none is."""
    settings = scene.audio2pose.choreography
    paths = {name: f"{choreography.PATH}.{name}" for name in choreography.DIALS}
    used = {name: f"{choreography.PATH}.use_{name}" for name in choreography.DIALS}
    keyed = scene_curves.curve_of(scene, ENERGY_PATH) is not None
    asked = [
        n
        for n in choreography.DIALS
        if getattr(settings, f"use_{n}") or scene_curves.curve_of(scene, used[n]) is not None
    ]
    if not asked and not keyed:
        return None
    read = [p for n in asked for p in (paths[n], used[n])] + ([ENERGY_PATH] if keyed else [])
    keys = np.concatenate([np.zeros(0), *(scene_curves.key_frames(scene, p) for p in read)])
    at = (keys - place.frame_start) / fps
    inside = at[(at > 0) & (at < seconds[-1])]
    # The frame before a key as well: a constant key is a step.
    times = np.unique(np.round(np.concatenate([seconds, inside, inside - 1.0 / fps]), 4))
    times = times[times >= 0]
    frames = place.frame_start + times * fps
    columns: dict[str, Any] = {}
    for name in asked:
        low, high = core_dials.RANGES[name]
        own = np.clip(scene_curves.values(scene, paths[name], frames), low, high)
        on = scene_curves.values(scene, used[name], frames) >= 0.5
        columns[name] = tuple(float(v) if yes else None for v, yes in zip(own, on, strict=True))
    if keyed:
        low, high = core_dials.RANGES["energy"]
        own = np.clip(scene_curves.values(scene, ENERGY_PATH, frames), low, high)
        columns["energy"] = tuple(own.tolist())
    return core_dials.Dials(tuple(times.tolist()), **columns)


def _holds(scene: Any, place: Any, fps: float) -> tuple[plan.Held, ...]:
    """Where *Hold Pose* is keyed on."""
    path = f"{choreography.PATH}.hold"
    if scene_curves.curve_of(scene, path) is None:
        return ()
    count = int(place.seconds * fps)
    frames = place.frame_start + np.arange(count)
    on = scene_curves.values(scene, path, frames) >= 0.5
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(int)))
    runs = edges.reshape(-1, 2) / fps
    return tuple(plan.Held(float(a), float(min(b - a, 30.0))) for a, b in runs if a > 0)


def _hands(scene: Any, settings: Any, place: Any, fps: float) -> tuple[hands.HandSpan, ...]:
    """What *Hands* asks for, over the song or key by key."""
    path, when = f"{choreography.PATH}.hands", settings.hands_when.lower()
    known = [item.identifier for item in settings.bl_rna.properties["hands"].enum_items]
    frames = place.frame_start + np.arange(max(1, int(place.seconds * fps)))
    if scene_curves.curve_of(scene, path) is None:
        chosen = np.full(len(frames), known.index(settings.hands))
    else:
        # Values of an enumeration are whole numbers, also between two keys.
        chosen = np.floor(scene_curves.values(scene, path, frames) + 1e-3).astype(int)
        chosen = np.clip(chosen, 0, len(known) - 1)
    edges = [0, *(np.flatnonzero(np.diff(chosen)) + 1).tolist(), len(chosen)]
    return tuple(
        hands.HandSpan(a / fps, b / fps, known[chosen[a]].lower(), when=when)
        for a, b in pairwise(edges)
        if known[chosen[a]] != "AUTO"
    )


# --- front and path ---


def _front(
    context: Any, settings: Any, armature: Any, place: Any, seconds: np.ndarray, fps: float
) -> plan.Front | None:
    if scene_curves.curve_of(context.scene, FRONT_PATH) is not None:
        return _keyed_front(context, settings, armature, place, seconds, fps)
    if settings.front == "AUDIENCE":
        return None
    if settings.front == "FREE":
        return plan.Front("free")
    faced = _faced(context, settings, armature, settings.front)
    if not _moves(faced):
        (point,) = floor.places(context.scene, armature, [faced.matrix_world.translation])
        return plan.Front("point", point=tuple(point.tolist()))
    times = seconds
    if not _only_keyed(faced) and len(times) > MOST_LOOKS:
        times = times[np.linspace(0, len(times) - 1, MOST_LOOKS).astype(int)]
    points = _seen(context, armature, faced, place.frame_start + times * fps)
    return plan.Front("track", times=tuple(times.tolist()), points=_pairs(points))


def _faced(context: Any, settings: Any, armature: Any, front: str) -> Any:
    """The camera or object that a front means; OptionError where there is none."""
    if front == "CAMERA":
        faced = settings.front_camera or context.scene.camera
        if faced is None:
            raise errors.OptionError("there is no camera to face; add one or choose another front")
        return faced
    faced = settings.front_object
    if faced is None:
        raise errors.OptionError("choose the object to face, or another front")
    if faced == armature:
        raise errors.OptionError("a dancer cannot face itself; choose another object")
    return faced


def _keyed_front(
    context: Any, settings: Any, armature: Any, place: Any, seconds: np.ndarray, fps: float
) -> plan.Front | None:
    """A front that is keyed: now the audience, now a camera, now free."""
    scene = context.scene
    keys = (scene_curves.key_frames(scene, FRONT_PATH) - place.frame_start) / fps
    inside = keys[(keys > 0) & (keys < seconds[-1])]
    # It changes from one frame to the next.
    times = np.unique(np.round(np.concatenate([seconds, inside, inside - 1.0 / fps]), 4))
    times = times[times >= 0]
    chosen = _chosen_at(scene, FRONT_PATH, place.frame_start + times * fps)
    points = np.tile(AUDIENCE_AT, (len(times), 1))
    for front in ("CAMERA", "OBJECT"):
        now = chosen == front
        if now.any():
            faced = _faced(context, settings, armature, front)
            some = np.flatnonzero(now)
            if not _only_keyed(faced) and _moves(faced) and len(some) > MOST_LOOKS:
                some = some[np.linspace(0, len(some) - 1, MOST_LOOKS).astype(int)]
            seen = _seen(context, armature, faced, place.frame_start + times[some] * fps)
            for axis in range(2):
                points[now, axis] = np.interp(times[now], times[some], seen[:, axis])
    is_free = np.concatenate([[False], chosen == "FREE", [False]]).astype(int)
    starts, ends = np.flatnonzero(np.diff(is_free) > 0), np.flatnonzero(np.diff(is_free) < 0)
    stops = np.append(times, place.seconds + 1.0)
    free = tuple((float(times[a]), float(stops[b])) for a, b in zip(starts, ends, strict=True))
    return plan.Front("track", times=tuple(times.tolist()), points=_pairs(points), free=free)


def _chosen_at(scene: Any, path: str, frames: np.ndarray) -> np.ndarray:
    """What of a keyed choice holds at frames (n,), (n,) str."""
    name = path.rpartition(".")[2]
    items = scene.audio2pose.choreography.bl_rna.properties[name].enum_items
    numbers = np.floor(scene_curves.values(scene, path, frames) + 1e-3).astype(int)
    return np.array([item.identifier for item in items])[np.clip(numbers, 0, len(items) - 1)]


def _seen(context: Any, armature: Any, thing: Any, frames: np.ndarray) -> np.ndarray:
    """Where an object is on the dancer's floor at frames (n,), (n, 2)."""
    at: Any = [thing.matrix_world.translation] * len(frames)
    if _moves(thing):
        at = _track(context, thing, frames)
    return np.asarray(floor.places(context.scene, armature, at))


def _moves(thing: Any) -> bool:
    """Whether an object may be elsewhere at another frame."""
    while thing is not None:
        animated = thing.animation_data is not None and (
            thing.animation_data.action is not None
            or len(thing.animation_data.nla_tracks) > 0
            or len(thing.animation_data.drivers) > 0
        )
        if animated or len(thing.constraints) > 0:
            return True
        thing = thing.parent
    return False


def _only_keyed(thing: Any) -> bool:
    """Whether its location's curves alone tell where it is."""
    animation = thing.animation_data
    return (
        thing.parent is None
        and len(thing.constraints) == 0
        and animation is not None
        and len(animation.nla_tracks) == 0
        and len(animation.drivers) == 0
        and not any(thing.delta_location)
    )


def _track(context: Any, thing: Any, frames: np.ndarray) -> np.ndarray:
    """Where an object is at frames (n,), (n, 3) in the scene."""
    if _only_keyed(thing):
        curves = {c.array_index: c for c in compat.fcurves_of(thing) if c.data_path == "location"}
        now = thing.location
        return np.array(
            [
                [curves[i].evaluate(f) if i in curves else now[i] for i in range(3)]
                for f in frames.tolist()
            ]
        )
    scene = context.scene
    before = scene.frame_current, scene.frame_subframe
    out = []
    try:
        for frame in frames.tolist():
            scene.frame_set(int(np.floor(frame)), subframe=frame % 1.0)
            seen = thing.evaluated_get(context.evaluated_depsgraph_get())
            out.append(tuple(seen.matrix_world.translation))
    finally:
        scene.frame_set(before[0], subframe=before[1])
    return np.array(out)


def _path(context: Any, settings: Any, armature: Any, place: Any, fps: float) -> plan.Path | None:
    if scene_curves.curve_of(context.scene, PATH_PATH) is not None:
        return _keyed_path(context.scene, place, fps)
    if settings.path == "STAGE":
        return None
    if settings.path == "PLACE":
        return plan.Path(((0.0, 0.0),))
    curve = settings.path_curve
    if curve is None:
        raise errors.OptionError("choose the curve to follow, or another path")
    graph = context.evaluated_depsgraph_get()
    line = floor.places(context.scene, armature, curve_points(graph, curve))
    if np.linalg.norm(np.diff(line, axis=0), axis=1).sum() < 0.05:
        raise errors.OptionError(f"the curve {curve.name!r} has no length; choose another path")
    # Close enough to be passed without slowing down, see core's ``generate.stage``.
    seconds = _seconds(place.seconds, None)
    share = shares(curve.data, place.frame_start + seconds * fps, seconds / seconds[-1])
    return plan.Path(_pairs(along(line, share)), tuple(seconds.tolist()))


def _keyed_path(scene: Any, place: Any, fps: float) -> plan.Path | None:
    """A path that is keyed: now on stage, now in place where it is by then."""
    chosen = _chosen_at(scene, PATH_PATH, place.frame_start + np.arange(int(place.seconds * fps)))
    if (chosen == "CURVE").any():
        raise errors.OptionError(
            "a curve cannot be keyed in turn with other paths; key its Evaluation Time instead"
        )
    stays = np.concatenate([[False], chosen == "PLACE", [False]]).astype(int)
    edges = np.flatnonzero(np.diff(stays)).reshape(-1, 2) / fps
    if len(edges) == 0:
        return None
    return plan.Path(stays=tuple((float(a), float(b)) for a, b in edges))


def along(line: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Points (n, d) at shares (n,) of the length of a line (m, d)."""
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    return np.stack([np.interp(share * lengths[-1], lengths, axis) for axis in line.T], axis=1)


def shares(data: Any, frames: np.ndarray, even: np.ndarray) -> np.ndarray:
    """How far along a curve (n,) the dance is: by its keyed Evaluation Time, else evenly."""
    for curve in compat.fcurves_of(data):
        if curve.data_path == "eval_time":
            times = np.array([curve.evaluate(float(f)) for f in frames])
            return np.clip(times / max(float(data.path_duration), 1.0), 0.0, 1.0)
    return even


def curve_points(graph: Any, curve: Any) -> np.ndarray:
    """Points (n, 3) of a curve object's first spline in the scene, as a depsgraph has it."""
    seen = curve.evaluated_get(graph)
    nothing = errors.OptionError(f"the curve {curve.name!r} has no line; give it two points")
    mesh = seen.to_mesh()
    if mesh is None:
        raise nothing
    try:
        local = np.array([tuple(v.co) for v in mesh.vertices], dtype=np.float64).reshape(-1, 3)
        edges = np.array([tuple(e.vertices) for e in mesh.edges], dtype=int).reshape(-1, 2)
    finally:
        seen.to_mesh_clear()
    if len(edges) == 0:
        raise nothing
    # A plain curve's vertices follow each other; a closed one ends where it began.
    order = _along(edges)
    matrix = np.array(seen.matrix_world, dtype=np.float64)
    return local[order] @ matrix[:3, :3].T + matrix[:3, 3]


def _along(edges: np.ndarray) -> Sequence[int]:
    """Vertices in the order of the first line of edges (n, 2)."""
    order = [int(edges[0, 0])]
    for a, b in edges.tolist():
        if a != order[-1]:
            if b == order[0] and a == order[-1]:
                continue
            break
        order.append(b)
    if [order[-1], order[0]] in edges.tolist() and order[-1] != order[0]:
        order.append(order[0])
    return order


def _pairs(points: np.ndarray) -> tuple[tuple[float, float], ...]:
    return tuple((round(float(x), 4), round(float(z), 4)) for x, z in points)


def is_bound(settings: Any) -> bool:
    """Whether a choreography names a place of the scene, so that the dancer may not be moved."""
    scene, faces = settings.id_data, {settings.front}
    if scene_curves.curve_of(scene, FRONT_PATH) is not None:
        keys = scene_curves.key_frames(scene, FRONT_PATH)
        faces = set(_chosen_at(scene, FRONT_PATH, keys).tolist())
    return bool(faces & {"CAMERA", "OBJECT"}) or settings.path == "CURVE"


def look_at(context: Any) -> Any:
    """The camera or object that the front means now, or None."""
    settings = context.scene.audio2pose.choreography
    if settings.front == "CAMERA":
        return settings.front_camera or context.scene.camera
    return settings.front_object if settings.front == "OBJECT" else None
