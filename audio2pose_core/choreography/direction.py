"""What a person directs: laid over the plan that is made from the song.

The planner decides what the song alone can tell; a ``Direction`` says what shall be otherwise.
It is plain data, so that a panel, a script or a file can give it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..audio.form import EVENT_KINDS
from ..errors import DataError
from ..json_fields import Fields
from .dials import RANGES, Dials, parse_dials
from .hands import HandSpan, parse_hands
from .plan import (
    ENERGY_LIMIT,
    MOST_PHRASES,
    Choreography,
    Front,
    Held,
    Path,
    parse_front,
    parse_holds,
    parse_path,
)

EDGE_S = 0.25
"""A section's energy gives way to the next one's within so long on either side of its edge."""


@dataclass(frozen=True)
class DirectedSection:
    """A section of the song as a person wants it danced.

    Attributes
    ----------
    start, end : float
        Seconds.
    label : str
        Sections of one label have the same dance: the later returns to the first.
    style : str
        A style's name; empty is that of the dance.
    energy : float
        Deviations on top of what the song asks for, -3 to 3.
    """

    start: float
    end: float
    label: str
    style: str = ""
    energy: float = 0.0


@dataclass(frozen=True)
class DirectedEvent:
    """An event of the song that is to be answered; ``kind`` as in ``audio.form.Event``."""

    time: float
    kind: str


@dataclass(frozen=True)
class Direction:
    """What shall be otherwise than the song has it.

    Attributes
    ----------
    sections, events : sequences, or None
        None leaves them to what is heard; none at all is a song without any.
    dials : Dials or None
    front, path : Front, Path or None
        None leaves them to the planner.
    holds : sequence of Held
        Poses that are held besides those of the breaks.
    hold_breaks : bool
        Whether the breaks of the song are held poses.
    hands : sequence of HandSpan
        What the hands do.
    jumps : float
        How often the dance jumps, 1 as often as the style does, 0 to 4.
    turns : float
        How often it turns once around, likewise.
    """

    sections: Sequence[DirectedSection] | None = None
    events: Sequence[DirectedEvent] | None = None
    dials: Dials | None = None
    front: Front | None = None
    path: Path | None = None
    holds: Sequence[Held] = ()
    hold_breaks: bool = True
    hands: Sequence[HandSpan] = ()
    jumps: float = 1.0
    turns: float = 1.0

    def record(self) -> dict[str, Any]:
        """As a JSON object; ``parse_direction`` reads it."""
        return dataclasses.asdict(self)


def parse_direction(record: Any) -> Direction:
    """A direction out of its JSON object; DataError that names the field that is wrong."""
    top = Fields(record, "the direction")

    def given(name: str) -> bool:
        return top.values.get(name) is not None

    sections = events = None
    if given("sections"):
        entries = top.list("sections", MOST_PHRASES)
        sections = tuple(_section(entry, k) for k, entry in enumerate(entries))
    if given("events"):
        entries = top.list("events", MOST_PHRASES)
        events = tuple(_event(entry, k) for k, entry in enumerate(entries))
    return Direction(
        sections,
        events,
        parse_dials(top.object("dials")) if given("dials") else None,
        parse_front(top.object("front")) if given("front") else None,
        parse_path(top.object("path")) if given("path") else None,
        tuple(parse_holds(top, 1e6)),
        top.flag("hold_breaks", True),
        tuple(parse_hands(top, 1e6)),
        top.number("jumps", 0.0, 4.0, 1.0),
        top.number("turns", 0.0, 4.0, 1.0),
    )


def _section(entry: Any, number: int) -> DirectedSection:
    one = Fields(entry, f"section {number}")
    start, end = one.number("start", 0.0, 1e6), one.number("end", 0.0, 1e6)
    if end <= start:
        raise DataError(f"section {number} ends before it begins")
    energy = one.number("energy", -ENERGY_LIMIT, ENERGY_LIMIT, 0.0)
    return DirectedSection(start, end, one.text("label"), one.text("style", ""), energy)


def _event(entry: Any, number: int) -> DirectedEvent:
    one = Fields(entry, f"event {number}")
    kind = one.text("kind")
    if kind not in EVENT_KINDS:
        raise DataError(f"event {number}: kind {kind[:40]!r}; choose from {', '.join(EVENT_KINDS)}")
    return DirectedEvent(one.number("time", 0.0, 1e6), kind)


def directed(plan: Choreography, direction: Direction) -> Choreography:
    """The plan with what a person directs in it.

    The sections and events are the planner's own affair (``choreograph`` was given them); here
    their styles and energies come in, the dials, the front, the path and the holds.
    """
    out = replace(plan, dials=_with_sections(direction, plan.seconds))
    if direction.sections:
        out = replace(out, phrases=[_styled(p, direction.sections) for p in plan.phrases])
    if direction.front is not None:
        out = replace(out, front=direction.front)
    if direction.path is not None:
        out = replace(out, path=direction.path)
    holds = [*(plan.holds if direction.hold_breaks else ()), *direction.holds]
    return replace(
        out,
        holds=sorted(holds, key=lambda held: held.time),
        hands=[*out.hands, *direction.hands],
    )


def _styled(phrase: Any, sections: Sequence[DirectedSection]) -> Any:
    middle = (phrase.start + phrase.end) / 2
    style = next((s.style for s in sections if s.start <= middle < s.end), "")
    return replace(phrase, style={style: 1.0}) if style else phrase


def _with_sections(direction: Direction, seconds: float) -> Dials | None:
    """The dials with the energies of the sections in them."""
    dials = direction.dials or Dials()
    sections = [s for s in direction.sections or () if s.start < seconds]
    if not any(s.energy for s in sections):
        return direction.dials
    edges = np.array([s.start for s in sections[1:]])
    times = np.unique(np.round(np.concatenate([dials.times, edges - EDGE_S, edges + EDGE_S]), 4))
    times = times[times >= 0] if len(times) else np.zeros(1)
    energies = np.array([s.energy for s in sections])
    # Steps at the edges, read at the times on either side of them.
    extra = energies[np.searchsorted(edges, times, side="right")]
    low, high = RANGES["energy"]
    columns: Mapping[str, np.ndarray] = {name: dials.curve(name, times) for name in RANGES}
    values = dict(columns)
    values["energy"] = np.clip(np.nan_to_num(values["energy"]) + extra, low, high)
    return Dials(tuple(times.tolist()), **{name: _plain(own) for name, own in values.items()})


def _plain(values: np.ndarray) -> tuple[float | None, ...]:
    return tuple(float(v) if np.isfinite(v) else None for v in values)
