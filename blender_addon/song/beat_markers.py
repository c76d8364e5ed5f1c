"""Beats as markers: drawn on the dancer's action, on the timeline, or on both, and read back.

A bar's first beat is named "Bar 5", any other by its count: "beat 2" to "beat 8", over two bars,
as dancers count. When they are read, a marker
with such a name counts, with or without a number, and so does a new one that still has
the name which Blender gave it; it may be renamed to "Bar" to begin a bar. Any other name
("Beat drop!", "Bar fight") is the user's own: such markers are never read or removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .beat_grid import StoredBeats, counts

BAR, BEAT = "Bar", "beat"
# A number of the bar or beat, and the one that Blender gives a copy.
_BAR = re.compile(r"bar(\s*\d+)?(\.\d+)?$", re.IGNORECASE)
_BEAT = re.compile(r"beat(\s*\d+)?(\.\d+)?$", re.IGNORECASE)
_NEW = re.compile(r"(F_\d+|Marker(\.\d+)?)$")

Marks = tuple[np.ndarray, np.ndarray]
"""Frames (n,) int, rising, and downbeats (n,) bool."""


def marker_frames(frames: np.ndarray | Sequence[float]) -> np.ndarray:
    """Markers sit on whole frames: (n,) int64 of frames (n,) float."""
    return np.floor(np.asarray(frames, float) + 0.5).astype(np.int64)


def dancers_action(scene: Any) -> Any:
    """The action that the chosen dancer plays, or None."""
    target = scene.audio2pose.target
    # One that was deleted is in no scene, and marks on it would not be seen.
    gone = target is None or not target.users_scene
    animation = None if gone else target.animation_data
    return None if animation is None else animation.action


def can_mark(action: Any) -> bool:
    """Whether pose markers can be put on an action."""
    return action is not None and bool(action.is_editable)


# --- drawing ---


def draw(scene: Any, store: StoredBeats) -> str:
    """Draw the beats where the settings want them; in words where that is, "" for nowhere.

    Those that were drawn before go away. Without an action to mark they come
    to the timeline, so that they are seen at all.
    """
    where = scene.audio2pose.markers
    action = dancers_action(scene)
    on_action = where != "TIMELINE" and can_mark(action)
    on_timeline = where != "ACTION" or not on_action
    erase(scene, store.others)
    if "BEATS" not in scene.audio2pose.marker_kinds:
        return ""
    if on_action:
        draw_on_action(scene, action, store)
    if on_timeline:
        _draw(scene, scene.timeline_markers, store)
    places = [action.name] if on_action else []
    return " and ".join([*places, *(["the timeline"] if on_timeline else [])])


def draw_on_action(scene: Any, action: Any, store: StoredBeats) -> None:
    """The beats as pose markers of an action, in place of those that it has."""
    _erase(action.pose_markers, lambda marker: _is_ours(marker, None))
    if "BEATS" in scene.audio2pose.marker_kinds:
        _draw(scene, action.pose_markers, store)


def _draw(scene: Any, markers: Any, store: StoredBeats) -> None:
    bar = 0
    frames = marker_frames(store.clock.frames(store.beats.times))
    counted = counts(store.beats, [section.start for section in scene.audio2pose.sections])
    for frame, starts, count in zip(frames, store.beats.downbeats, counted, strict=True):
        bar += bool(starts)
        marker = markers.new(f"{BAR} {bar}" if starts else f"{BEAT} {count}")
        marker.frame = int(frame)
        marker.select = False


def erase(scene: Any, others: Iterable[int] = ()) -> None:
    """Take our markers away, from the timeline and the dancer's action."""
    before = set(others)
    _erase(scene.timeline_markers, lambda marker: _is_ours(marker, before))
    action = dancers_action(scene)
    if can_mark(action) and _has_beats(action.pose_markers):
        _erase(action.pose_markers, lambda marker: _is_ours(marker, None))


def _erase(markers: Any, ours: Any) -> None:
    for marker in [m for m in markers if ours(m)]:
        markers.remove(marker)


def others_on_timeline(scene: Any) -> tuple[int, ...]:
    """Frames of the timeline's markers that have Blender's names already."""
    return tuple(sorted({int(m.frame) for m in scene.timeline_markers if _NEW.match(m.name)}))


# --- reading ---


def read(scene: Any, store: StoredBeats) -> Marks | None:
    """The beats that markers show, or None where none are drawn.

    Where both the action and the timeline show some, those count that differ
    from what was drawn: these were edited. The action's go first.
    """
    action = dancers_action(scene)
    found = [
        _read(action.pose_markers, None) if action is not None else None,
        _read(scene.timeline_markers, set(store.others)),
    ]
    shown = [marks for marks in found if marks is not None]
    drawn = _merged(
        zip(
            marker_frames(store.clock.frames(store.beats.times)), store.beats.downbeats, strict=True
        )
    )
    changed = [m for m in shown if not all(map(np.array_equal, m, drawn))]
    return next(iter([*changed, *shown]), None)


def _read(markers: Any, others: set[int] | None) -> Marks | None:
    if not _has_beats(markers):
        return None
    ours = (marker for marker in markers if _is_ours(marker, others))
    return _merged((marker.frame, _BAR.match(marker.name) is not None) for marker in ours)


def bars(markers: Any) -> list[tuple[int, int]]:
    """Frame and number of every bar that markers name with one, by frame."""
    found = [(int(m.frame), re.search(r"\d+", m.name)) for m in markers if _BAR.match(m.name)]
    return sorted((frame, int(number[0])) for frame, number in found if number is not None)


def are_edited(scene: Any, store: StoredBeats) -> bool:
    """Whether a person moved, added, renamed or deleted markers since they were drawn."""
    found = read(scene, store)
    if found is None:
        return False
    drawn = _merged(
        zip(
            marker_frames(store.clock.frames(store.beats.times)), store.beats.downbeats, strict=True
        )
    )
    return not all(map(np.array_equal, found, drawn))


def _merged(marks: Iterable[tuple[int, bool]]) -> Marks:
    """One mark a frame; a bar among several makes it one."""
    bars: dict[int, bool] = {}
    for frame, bar in marks:
        bars[int(frame)] = bars.get(int(frame), False) or bool(bar)
    frames = sorted(bars)
    return np.array(frames, np.int64), np.array([bars[f] for f in frames], bool)


def _has_beats(markers: Any) -> bool:
    return any(_BAR.match(m.name) or _BEAT.match(m.name) for m in markers)


def _is_ours(marker: Any, others: set[int] | None) -> bool:
    """``others`` None: pose markers, which have no names of another meaning."""
    # A marker that switches cameras is never a beat.
    if getattr(marker, "camera", None) is not None:
        return False
    if _BAR.match(marker.name) or _BEAT.match(marker.name):
        return True
    return bool(_NEW.match(marker.name)) and (others is None or int(marker.frame) not in others)
