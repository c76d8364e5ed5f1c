"""The sections and events of a scene's song: stored on the scene, changed as a whole.

Times are seconds of the song itself, as those of its beats. Sections follow each other without
a gap: each lasts to where the next one begins. What people move on the timeline are markers
(``form_markers``), which are read back before anything is done.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..core import errors, form

NO_SECTIONS = "no sections yet; press Analyse first"
NONE = -1
"""``SongSection.source`` of a section that returns to no other."""
AUTO = "auto"
SHORTEST_S = 0.5


@dataclass(frozen=True)
class SongSection:
    """A section of the song.

    Attributes
    ----------
    uid : int
        Its number for life; others return to it by that.
    name : str
    start : float
        Second of the song; that of the first one is 0.
    style : str
        Of the model's styles; "auto" is that of the dance.
    energy : float
        Deviations on top of what the song asks for.
    source : int
        ``uid`` of the section whose dance comes back here, or NONE.
    loud : float
        How full it sounds, 0..1.
    """

    uid: int
    name: str
    start: float
    style: str = AUTO
    energy: float = 0.0
    source: int = NONE
    loud: float = 0.0


@dataclass(frozen=True)
class SongEvent:
    """An event of the song; ``kind`` as in core's ``audio.form``."""

    time: float
    kind: str


@dataclass(frozen=True)
class SongForm:
    """All sections in their order, where the last one ends, and the events."""

    sections: tuple[SongSection, ...]
    end: float
    events: tuple[SongEvent, ...] = ()

    def span(self, index: int) -> tuple[float, float]:
        """Start and end of a section, seconds."""
        starts = [s.start for s in self.sections] + [self.end]
        return starts[index], starts[index + 1]

    def at(self, time: float) -> int:
        """The index of the section that holds a time; the first or last one outside."""
        return max(sum(s.start <= time + 1e-6 for s in self.sections) - 1, 0)

    def labels(self) -> list[str]:
        """A letter for each section; those that return have the one that they return to."""
        out: dict[int, str] = {}
        for section in self.sections:
            out[section.uid] = out.get(section.source) or _letter(len(set(out.values())))
        return [out[section.uid] for section in self.sections]


def _letter(count: int) -> str:
    return chr(ord("A") + count % 26) + ("" if count < 26 else str(count // 26))


def of_analysis(
    sections: Sequence[form.Section], events: Sequence[form.Event], seconds: float
) -> SongForm:
    """What was heard, as a person may edit it."""
    first: dict[str, int] = {}
    out = []
    for uid, heard in enumerate(sections):
        source = first.setdefault(heard.label, uid)
        name = f"{heard.name.capitalize() or 'Part'} {heard.label}"
        out.append(
            SongSection(
                uid, name, heard.start, source=NONE if source == uid else source, loud=heard.energy
            )
        )
    return SongForm(tuple(out), seconds, tuple(SongEvent(e.time, e.kind) for e in events))


def later(found: SongForm, seconds: float) -> SongForm:
    """Everything so much later, but the first section, which begins with the song."""
    rows = [replace(s, start=s.start + seconds if s.start > 0 else 0.0) for s in found.sections]
    events = tuple(replace(e, time=e.time + seconds) for e in found.events)
    return SongForm(tuple(rows), found.end + seconds, events)


# --- stored on the scene ---


def write(settings: Any, found: SongForm) -> None:
    """Write to ``scene.audio2pose``."""
    index, rows = settings.section_index, settings.sections
    rows.clear()
    for section in found.sections:
        row = rows.add()
        row.uid, row.start, row.loud = section.uid, section.start, section.loud
        row.source, row.energy, row.style_name = section.source, section.energy, section.style
        # The name last: one that is not the drawn one is a person's.
        row.drawn = section.name
        row.name = section.name
    settings.section_index = max(0, min(index, len(rows) - 1))
    settings.sections_end = found.end
    settings.events = json.dumps([[e.time, e.kind] for e in found.events])


def read(settings: Any) -> SongForm | None:
    """What ``write`` wrote, with what was changed in the list since; None for nothing."""
    if len(settings.sections) == 0:
        return None
    rows = [
        SongSection(
            row.uid,
            row.name,
            row.start,
            row.style_name or AUTO,
            row.energy,
            row.source,
            row.loud,
        )
        for row in settings.sections
    ]
    try:
        events = [SongEvent(float(t), str(kind)) for t, kind in json.loads(settings.events or "[]")]
    except (ValueError, TypeError) as error:
        raise errors.DataError(f"the song's events cannot be read ({error}); analyse again") from (
            error
        )
    return SongForm(tuple(rows), settings.sections_end, tuple(events))


def clear(settings: Any) -> None:
    """Forget them."""
    for name in (
        "sections",
        "section_index",
        "sections_end",
        "events",
        "form_others",
        "drawn_kinds",
    ):
        settings.property_unset(name)


# --- changed as a whole ---


def split(found: SongForm, time: float) -> SongForm:
    """A new section from ``time`` on, like the one that it is cut from."""
    index = found.at(time)
    start, end = found.span(index)
    if not start + SHORTEST_S <= time <= end - SHORTEST_S:
        raise errors.OptionError(
            "put the playhead inside a section, at least half a second from its ends"
        )
    old = found.sections[index]
    uid = 1 + max(s.uid for s in found.sections)
    # Its second half has a dance of its own: what the first half returns to is as long as both.
    new = replace(old, uid=uid, name=f"{old.name} 2", start=time, source=NONE)
    sections = list(found.sections)
    return replace(found, sections=(*sections[: index + 1], new, *sections[index + 1 :]))


def join(found: SongForm, index: int) -> SongForm:
    """A section and the one after it as one; those that returned to it return to the first."""
    if not 0 <= index < len(found.sections) - 1:
        raise errors.OptionError("there is no section after this one to join it with")
    kept, gone = found.sections[index], found.sections[index + 1]
    sections = [
        replace(s, source=kept.uid if s.source == gone.uid else s.source)
        for s in found.sections
        if s.uid != gone.uid
    ]
    return _in_order(replace(found, sections=tuple(sections)))


def moved(found: SongForm, index: int, time: float) -> SongForm:
    """A section that begins at another time, between its neighbours."""
    if index == 0:
        raise errors.OptionError("the first section begins with the song")
    low = found.sections[index - 1].start + SHORTEST_S
    high = found.span(index)[1] - SHORTEST_S
    if not low <= time <= high:
        raise errors.OptionError(
            f"a section begins between its neighbours: from {low:.1f} to {high:.1f} s of the song"
        )
    sections = list(found.sections)
    sections[index] = replace(sections[index], start=time)
    return replace(found, sections=tuple(sections))


def _in_order(found: SongForm) -> SongForm:
    """Without returns to a section that is gone, or that comes no earlier."""
    seen: set[int] = set()
    out = []
    for section in found.sections:
        out.append(section if section.source in seen else replace(section, source=NONE))
        seen.add(section.uid)
    return replace(found, sections=tuple(out))


def in_order(sections: Sequence[SongSection], end: float, events: Sequence[SongEvent]) -> SongForm:
    """A form of sections in any order; the first one begins with the song."""
    rising = sorted(sections, key=lambda s: s.start)
    rising[0] = replace(rising[0], start=0.0)
    return _in_order(SongForm(tuple(rising), end, tuple(sorted(events, key=lambda e: e.time))))
