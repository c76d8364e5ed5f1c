"""What is drawn on the floor, as plain shapes: the stage, the front, the path with its beats.

No drawing here, so it works without a window; ``floor_overlay`` draws it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..core import errors, stage
from ..generate import direction
from ..rig import active, floor, settings as rig_settings
from ..song import beats as song_beats
from ..takes import metadata as take_metadata, store as take_store

STAGE = (0.85, 0.85, 0.85, 0.45)
FRONT = (1.0, 0.72, 0.2, 0.9)
PATH = (0.3, 0.75, 1.0, 0.9)
BEAT, BAR = (0.3, 0.75, 1.0, 1.0), (1.0, 1.0, 1.0, 1.0)
BEAT_M, BAR_M = 0.025, 0.045
ABOVE_M = 0.01
"""So far above the floor, or it flickers in it."""
MOST_POINTS = 2000
SMOOTH_S = 0.25
"""Half of what the way of a take is a mean over: it shows where the dance goes, not each sway."""
_ARROW = np.array([[0.0, 0.75], [0.0, 1.25], [-0.1, 1.12], [0.0, 1.25], [0.1, 1.12]])
"""Along +z, times the stage's radius."""


Kind = Literal["LINE_STRIP", "TRIS"]


@dataclass(frozen=True)
class Shape:
    """Points (n, 3) of the scene: "LINE_STRIP" of a width in pixels, or "TRIS", and a colour."""

    kind: Kind
    points: np.ndarray
    color: tuple[float, float, float, float]
    width: float


@dataclass(frozen=True)
class _Trail:
    """Where a take goes, (n, 2) m; where its beats are, (m, 2) m; which begin a bar, (m,) bool."""

    line: np.ndarray
    beats: np.ndarray
    bars: np.ndarray


_FRAMES: dict[tuple[int, int, str], np.ndarray] = {}
_TRAILS: dict[tuple[int, int, str], _Trail] = {}


def forget() -> None:
    """Drop what was read of dancers and takes."""
    _FRAMES.clear()
    _TRAILS.clear()


def shapes(context: Any) -> list[Shape]:
    """What is to be drawn now; nothing where it is switched off or nobody is to dance."""
    settings = context.scene.audio2pose
    chosen = settings.choreography
    armature = active.active_dancer(context)
    directed = chosen.front != "AUDIENCE" or chosen.path != "STAGE"
    if not chosen.overlay or (armature is None and not settings.beats.record and not directed):
        return []
    place = floor.frame_of(context.scene, armature, _core_frame(armature))
    out = [_on_floor("LINE_STRIP", _circle(stage.RADIUS), STAGE, 1.5, place)]
    toward = _front(context, place)
    if toward is not None:
        turned = (
            _ARROW
            * stage.RADIUS
            @ np.array([[np.cos(toward), -np.sin(toward)], [np.sin(toward), np.cos(toward)]])
        )
        out.append(_on_floor("LINE_STRIP", turned, FRONT, 3.0, place))
    return out + _path(context, chosen, armature, place)


def _core_frame(armature: Any) -> np.ndarray:
    """``floor.core_frame``, remembered: it looks at every bone."""
    if armature is None:
        return floor.core_frame(None)
    edited = str(rig_settings.edited_map(armature))
    key = (int(armature.session_uid), len(armature.data.bones), edited)
    if key not in _FRAMES:
        _FRAMES.clear()
        _FRAMES[key] = floor.core_frame(armature)
    return _FRAMES[key]


def _circle(radius: float) -> np.ndarray:
    turn = np.linspace(0.0, 2 * np.pi, 65)
    return radius * np.stack([np.sin(turn), np.cos(turn)], axis=1)


def _front(context: Any, place: np.ndarray) -> float | None:
    """Where the front lies, radians from +z to the dancer's left; None where it is free."""
    kind = context.scene.audio2pose.choreography.front
    if kind == "FREE":
        return None
    thing = direction.look_at(context)
    if kind == "AUDIENCE" or thing is None:
        return 0.0 if kind == "AUDIENCE" else None
    back = np.linalg.inv(place)
    local = back[:3, :3] @ np.array(thing.matrix_world.translation) + back[:3, 3]
    return float(np.arctan2(local[0], local[2]))


def _path(context: Any, chosen: Any, armature: Any, place: np.ndarray) -> list[Shape]:
    """The way of the take that is played; before there is one, the curve that is to be followed."""
    trail = _trail(armature)
    if trail is None and chosen.path == "CURVE" and chosen.path_curve is not None:
        trail = _planned(context, chosen.path_curve, place)
    if trail is None:
        return []
    out = [_on_floor("LINE_STRIP", trail.line, PATH, 2.0, place)]
    for of_bar, color, size in ((False, BEAT, BEAT_M), (True, BAR, BAR_M)):
        points = trail.beats[trail.bars == of_bar]
        if len(points):
            out.append(_on_floor("TRIS", dots(points, size), color, 1.0, place))
    return out


def dots(places: np.ndarray, radius: float) -> np.ndarray:
    """Hexagons of a radius round places (n, 2), as the corners of their triangles (18 n, 2).

    Points have no size on every graphics card; triangles have.
    """
    turn = np.arange(7) * np.pi / 3
    rim = radius * np.stack([np.sin(turn), np.cos(turn)], axis=1)
    corners = np.stack([np.zeros((6, 2)), rim[:-1], rim[1:]], axis=1).reshape(18, 2)
    return np.asarray((places[:, None] + corners).reshape(-1, 2))


def _trail(armature: Any) -> _Trail | None:
    take = None if armature is None else take_store.current(armature)
    if take is None or take.action is None:
        return None
    data = take.action.audio2pose
    key = (int(take.action.session_uid), len(data.motion), data.record[-80:])
    if key not in _TRAILS:
        _TRAILS.clear()
        try:
            motion = take_metadata.read_motion(take.action)
            record = take_metadata.read(take.action)
        except errors.Audio2PoseError:
            return None  # an old or broken take; every button that needs it says so
        ground = _calm(motion.root[:, [0, 2]], round(SMOOTH_S * motion.fps))
        times = np.asarray(record.beats, dtype=np.float64).reshape(-1)
        at = np.clip(np.round(times * motion.fps), 0, len(motion) - 1).astype(int)
        step = max(1, len(ground) // MOST_POINTS)
        _TRAILS[key] = _Trail(ground[::step], ground[at], np.asarray(record.downbeats, dtype=bool))
    return _TRAILS[key]


def _calm(ground: np.ndarray, reach: int) -> np.ndarray:
    """Means of places (n, 2) over ``reach`` frames on either side."""
    size = 2 * reach + 1
    padded = np.pad(ground, ((reach, reach), (0, 0)), mode="edge")
    total = np.concatenate([np.zeros((1, 2)), np.cumsum(padded, axis=0)])
    return np.asarray((total[size:] - total[:-size]) / size)


def _planned(context: Any, curve: Any, place: np.ndarray) -> _Trail | None:
    """A curve with the beats of the analysed song on it."""
    scene = context.scene
    try:
        # Of the view layer's own graph: while it is drawn nothing may be evaluated.
        line = direction.curve_points(context.view_layer.depsgraph, curve)
        store = song_beats.read(scene.audio2pose)
    except errors.Audio2PoseError:
        return None
    back = np.linalg.inv(place)
    ground = (line @ back[:3, :3].T + back[:3, 3])[:, [0, 2]]
    if store is None:
        return _Trail(ground, np.zeros((0, 2)), np.zeros(0, dtype=bool))
    frames = store.clock.frames(store.beats.times)
    even = store.beats.times / max(float(store.beats.times[-1]), 1e-6)
    share = direction.shares(curve.data, frames, even)
    return _Trail(ground, direction.along(ground, share), np.asarray(store.beats.downbeats))


def _on_floor(
    kind: Kind, ground: np.ndarray, color: tuple[float, float, float, float], width: float,
    place: np.ndarray,
) -> Shape:  # fmt: skip
    """A shape of points (n, 2) on the dance's floor."""
    local = np.stack([ground[:, 0], np.full(len(ground), ABOVE_M), ground[:, 1]], axis=1)
    return Shape(kind, local @ place[:3, :3].T + place[:3, 3], color, width)
