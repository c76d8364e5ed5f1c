"""Sections and events as markers of the scene: drawn, and read back as a person left them.

A section's is named "Section 3: Chorus B", an event's "Event: drop". A section's marker that
was moved moves the section, one that was deleted joins it to the one before, a copy splits it,
and what stands behind the colon renames it. A moved, deleted or copied event is as it stands.
Markers of such names that were there before the first analysis are a person's own and left alone.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from ..core import form
from . import sections as song_sections
from .beat_grid import Clock
from .beat_markers import marker_frames
from .sections import SongEvent, SongForm, SongSection

_SECTION = re.compile(r"Section (\d+): ?(.*?)(\.\d{3})?$")
_EVENT = re.compile(r"Event: (.+?)( \d+)?(\.\d{3})?$")


def _names(settings: Any) -> set[str]:
    """Names that belong to a person's own markers."""
    return set(json.loads(settings.form_others or "[]"))


def remember_others(scene: Any) -> None:
    """Before the first drawing: markers that have names like ours stay a person's own."""
    found = {m.name for m in scene.timeline_markers if _is_form(m.name)}
    scene.audio2pose.form_others = json.dumps(sorted(found))


def _is_form(name: str) -> bool:
    return bool(_SECTION.match(name)) or _kind(name) is not None


def _kind(name: str) -> str | None:
    """The kind of event that a marker's name tells."""
    match = _EVENT.match(name)
    return match.group(1) if match and match.group(1) in form.EVENT_KINDS else None


# --- drawing ---


def draw(scene: Any, found: SongForm, clock: Clock) -> None:
    """Draw what the settings want to see, in place of what was drawn before."""
    settings = scene.audio2pose
    erase(scene)
    taken = _names(settings)
    settings.drawn_kinds = ",".join(sorted(settings.marker_kinds))
    if "SECTIONS" in settings.marker_kinds:
        for i, section in enumerate(found.sections, 1):
            _add(scene, f"Section {i}: {section.name}", section.start, clock, taken)
    if "EVENTS" in settings.marker_kinds:
        for event in found.events:
            _add(scene, f"Event: {event.kind}", event.time, clock, taken)


def _add(scene: Any, name: str, time: float, clock: Clock, taken: set[str]) -> None:
    free, count = name, 1
    while free in taken:
        count += 1
        free = f"{name} {count}"
    marker = scene.timeline_markers.new(free[:63])
    marker.frame = int(marker_frames([time * clock.fps + clock.zero])[0])
    marker.select = False


def rename(scene: Any, row: Any) -> None:
    """Give a section's marker the name that the list has now."""
    if row.name == row.drawn:
        return
    number = next(i for i, other in enumerate(scene.audio2pose.sections, 1) if other.uid == row.uid)
    for marker in scene.timeline_markers:
        if marker.name == f"Section {number}: {row.drawn}":
            marker.name = f"Section {number}: {row.name}"
    row.drawn = row.name


def erase(scene: Any) -> None:
    """Take our markers of sections and events away."""
    own = _names(scene.audio2pose)
    for marker in [m for m in scene.timeline_markers if _is_form(m.name) and m.name not in own]:
        if marker.camera is None:
            scene.timeline_markers.remove(marker)


# --- reading ---


def read(scene: Any, before: SongForm, drawn: Clock, clock: Clock) -> SongForm:
    """The sections and events as the markers show them; stored ones where none are drawn.

    ``drawn`` is the clock with which they were drawn, ``clock`` that of the song as it lies now.
    """
    own = _names(scene.audio2pose)
    markers = [
        (m.name, int(m.frame))
        for m in scene.timeline_markers
        if m.name not in own and getattr(m, "camera", None) is None
    ]
    marked = [(m, f) for m, f in ((_SECTION.match(n), f) for n, f in markers) if m is not None]
    events = [(k, f) for k, f in ((_kind(n), f) for n, f in markers) if k is not None]
    times = [s.start for s in before.sections] + [e.time for e in before.events]
    used = _used_clock(times, [f for _, f in (*marked, *events)], drawn, clock)
    sections = _sections(before, marked, used) if marked else list(before.sections)
    heard = before.events
    if "EVENTS" in scene.audio2pose.drawn_kinds.split(","):
        known = {(e.kind, int(marker_frames([used.frames([e.time])[0]])[0])): e for e in heard}
        heard = tuple(
            known.get((kind, frame)) or SongEvent(max(0.0, float(used.times(frame))), kind)
            for kind, frame in events
        )
    return song_sections.in_order(sections, before.end, heard)


def _used_clock(times: list[float], frames: list[int], drawn: Clock, clock: Clock) -> Clock:
    """The one with which more markers lie where they were put."""

    def matches(one: Clock) -> int:
        known = set(marker_frames(one.frames(times)).tolist())
        return sum(frame in known for frame in frames)

    return drawn if matches(drawn) > matches(clock) else clock


def _sections(
    before: SongForm, marked: list[tuple[re.Match[str], int]], clock: Clock
) -> list[SongSection]:
    """Each marker's section; the nearest of several with one number is the section itself."""
    out: list[SongSection] = []
    uid = 1 + max(s.uid for s in before.sections)
    was = marker_frames(clock.frames([s.start for s in before.sections]))
    by_number: dict[int, list[tuple[str, int]]] = {}
    for match, frame in marked:
        number = int(match.group(1)) - 1
        # A number that no section has, written by hand, is a new section.
        by_number.setdefault(number, []).append((match.group(2).strip(), frame))
    for number, found in by_number.items():
        exists = 0 <= number < len(before.sections)
        base = before.sections[number if exists else 0]
        found.sort(key=lambda one: abs(one[1] - was[number]) if exists else one[1])
        for k, (name, frame) in enumerate(found):
            time = max(0.0, float(clock.times(frame)))
            if exists and k == 0:
                start = base.start if frame == was[number] else time
                out.append(replace(base, name=name or base.name, start=start))
                continue
            source = song_sections.NONE
            style, energy = (base.style, base.energy) if exists else (song_sections.AUTO, 0.0)
            out.append(SongSection(uid, name or base.name, time, style, energy, source))
            uid += 1
    return [s for s in out if s.start < before.end]
