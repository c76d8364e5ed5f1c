"""The plan of a dance: phrases, front, path, holds; as JSON that can be edited by hand.

All times are seconds from the first sample of the song, angles degrees about the vertical
(0 faces the audience, +Z; positive turns to the dancer's left, towards +X), places metres.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Any

from ..errors import DataError
from ..files import write_text
from ..json_fields import Fields
from ..json_file import read_json
from .dials import Dials, parse_dials
from .hands import HandSpan, parse_hands

FORMAT = 1
MOST_PHRASES = 10_000
LARGEST_FILE = 16 * 1024 * 1024
ENERGY_LIMIT = 3.0
LOWEST_JUMP, HIGHEST_JUMP = 0.02, 1.0
"""Metres."""
SHORTEST_TURN_S, MOST_DEGREES = 0.2, 3600.0
FRONT_KINDS = ("heading", "point", "track", "curve", "free")


@dataclass(frozen=True)
class Phrase:
    """Some bars of the dance, usually eight counts.

    Attributes
    ----------
    start, end : float
        Seconds.
    bars, counts : int
        How many bars and beats of the song it spans.
    section : str
        The letter of the section of the song it lies in: A, B ...
    style : dict of str to float
        Weights of the styles by name.
    energy : float
        Deviations of the style's energy on top of what the song asks for, -3 to 3.
    returns_to : int or None
        The phrase, by its number in the list, whose moves come back here; an earlier one. One of
        fewer bars is the beginning of it.
    mirrored : bool
        Whether they come back as their mirror image.
    literal : float
        How literally they come back, 0 to 1: from .75 on every move, from .25 on the poses
        on the beats with new ways between them, below that not at all.
    """

    start: float
    end: float
    bars: int
    counts: int
    section: str = "A"
    style: Mapping[str, float] = field(default_factory=dict)
    energy: float = 0.0
    returns_to: int | None = None
    mirrored: bool = False
    literal: float = 0.8


@dataclass(frozen=True)
class Front:
    """Where the dance faces.

    Attributes
    ----------
    kind : str
        "heading": ``degrees`` throughout; "point": towards ``point``; "track": towards
        ``points`` at ``times``, a point that moves; "curve": ``degrees`` at ``times``,
        straight between them; "free": wherever the moves lead.
    degrees : list of float
    times : list of float
        Seconds, rising; for a curve and a track.
    point : (float, float)
        x and z on the floor, metres.
    points : list of (float, float)
        The same at each of ``times``.
    back_within_s : float
        The longest that the dance may show its back, seconds.
    free : list of (float, float)
        From when to when, seconds, it is free all the same.
    """

    kind: str = "heading"
    degrees: Sequence[float] = (0.0,)
    times: Sequence[float] = ()
    point: Sequence[float] = (0.0, 5.0)
    back_within_s: float = 6.0
    points: Sequence[Sequence[float]] = ()
    free: Sequence[Sequence[float]] = ()


@dataclass(frozen=True)
class Path:
    """Where the dance goes on the floor: ``points`` [[x, z], ...] in metres at ``times``.

    One point is a dance in place; ``times`` may be left out for it. Without points it keeps to
    the stage, and dances in place from when to when ``stays`` says, [[start, end], ...] in seconds.
    """

    points: Sequence[Sequence[float]] = ()
    times: Sequence[float] = ()
    stays: Sequence[Sequence[float]] = ()


@dataclass(frozen=True)
class Held:
    """A held pose: from ``time`` the body stands still for ``seconds``."""

    time: float
    seconds: float


@dataclass(frozen=True)
class Jump:
    """A jump that is taken by the knees, deepest, at ``time``; the body goes up ``height`` metres.

    It is left out where the body could not leap: on the floor, on one leg, in a held pose.
    """

    time: float
    height: float = 0.12


@dataclass(frozen=True)
class Turn:
    """A turn that ends at ``time`` and takes ``seconds``, by ``degrees``, to the left above 0."""

    time: float
    seconds: float
    degrees: float = 360.0


@dataclass(frozen=True)
class Choreography:
    """What shall be danced to a song; see the classes above for its parts.

    ``opening_s`` and ``ending_s`` are how long the dance takes to come out of its first
    pose, and into its last one, in seconds; 0 begins and ends in the middle of a move.
    ``downbeat`` is the weight of accents on downbeats over the others, 1 is alike.
    ``dials`` ask for more over time than the phrases do, ``hands`` what the hands do.
    ``jumps`` and ``turns`` None leaves them to the dancer, who jumps and turns as its style does.
    """

    seconds: float
    style: str
    seed: int
    phrases: Sequence[Phrase]
    front: Front = Front()
    path: Path | None = None
    holds: Sequence[Held] = ()
    opening_s: float = 1.2
    ending_s: float = 1.2
    downbeat: float = 1.3
    song: str = ""
    dials: Dials | None = None
    hands: Sequence[HandSpan] = ()
    jumps: Sequence[Jump] | None = None
    turns: Sequence[Turn] | None = None


def as_record(plan: Choreography) -> dict[str, Any]:
    """The plan as the object of its JSON file."""
    return {"format": FORMAT, **dataclasses.asdict(plan)}


def save_plan(plan: Choreography, path: str | os.PathLike[str]) -> None:
    """Write a plan as JSON, whole or not at all; OutputError if it cannot be written."""
    write_text(path, json.dumps(as_record(plan), indent=1) + "\n")


def load_plan(path: str | os.PathLike[str]) -> Choreography:
    """Read a plan; DataError with one line that names the file and the field that is wrong."""
    file = FilePath(path)
    record = read_json(file, largest=LARGEST_FILE)
    try:
        return parse_plan(record)
    except DataError as error:
        raise DataError(f"{file}: {error}") from error


def parse_plan(record: Any) -> Choreography:
    """A plan out of its JSON object; DataError where a field is missing, of another kind or out
    of its range."""
    top = Fields(record, "the plan")
    if top.number("format", 1, FORMAT, whole=True) != FORMAT:
        raise DataError(f"the plan has another format than {FORMAT}")
    seconds = top.number("seconds", 0.1, 3 * 3600.0)
    phrases = [
        _phrase(entry, k, seconds) for k, entry in enumerate(top.list("phrases", MOST_PHRASES))
    ]
    for k, (now, later) in enumerate(pairwise(phrases)):
        if later.start < now.end - 1e-3:
            raise DataError(f"phrase {k + 1} begins before phrase {k} ends")
    front = parse_front(top.object("front")) if "front" in top.values else Front()
    path = parse_path(top.object("path")) if top.values.get("path") is not None else None
    return Choreography(
        seconds=seconds,
        style=top.text("style"),
        seed=int(top.number("seed", 0, 2**63 - 1, whole=True)),
        phrases=phrases,
        front=front,
        path=path,
        holds=parse_holds(top, seconds),
        opening_s=top.number("opening_s", 0.0, 30.0, 1.2),
        ending_s=top.number("ending_s", 0.0, 30.0, 1.2),
        downbeat=top.number("downbeat", 0.1, 10.0, 1.3),
        song=top.text("song", ""),
        dials=parse_dials(top.object("dials")) if top.values.get("dials") is not None else None,
        hands=parse_hands(top, seconds),
        jumps=_jumps(top, seconds) if top.values.get("jumps") is not None else None,
        turns=_turns(top, seconds) if top.values.get("turns") is not None else None,
    )


def _phrase(entry: Any, number: int, seconds: float) -> Phrase:
    one = Fields(entry, f"phrase {number}")
    start = one.number("start", 0.0, seconds)
    end = one.number("end", 0.0, seconds + 1.0)
    if end <= start:
        raise DataError(f"phrase {number} ends before it begins")
    source = one.values.get("returns_to")
    if source is not None:
        source = int(one.number("returns_to", 0, max(number - 1, 0), whole=True))
        if number == 0:
            raise DataError("phrase 0 can return to nothing: it is the first")
    style = one.object("style").values if "style" in one.values else {}
    weights = Fields(style, f"phrase {number}: style")
    return Phrase(
        start=start,
        end=end,
        bars=int(one.number("bars", 0, 1000, 2, whole=True)),
        counts=int(one.number("counts", 0, 10000, 8, whole=True)),
        section=one.text("section", "A"),
        style={name: weights.number(name, 0.0, 1e6) for name in style},
        energy=one.number("energy", -ENERGY_LIMIT, ENERGY_LIMIT, 0.0),
        returns_to=source,
        mirrored=one.flag("mirrored", False),
        literal=one.number("literal", 0.0, 1.0, 0.8),
    )


def parse_holds(top: Fields, seconds: float) -> list[Held]:
    """The "holds" of a JSON object, none where it has none; DataError for a wrong one."""
    holds = []
    for k, entry in enumerate(top.list("holds", MOST_PHRASES) if "holds" in top.values else []):
        one = Fields(entry, f"hold {k}")
        holds.append(Held(one.number("time", 0.0, seconds), one.number("seconds", 0.0, 30.0)))
    return holds


def _jumps(top: Fields, seconds: float) -> list[Jump]:
    jumps = []
    for k, entry in enumerate(top.list("jumps", MOST_PHRASES)):
        one = Fields(entry, f"jump {k}")
        height = one.number("height", LOWEST_JUMP, HIGHEST_JUMP, Jump.height)
        jumps.append(Jump(one.number("time", 0.0, seconds), height))
    return jumps


def _turns(top: Fields, seconds: float) -> list[Turn]:
    turns = []
    for k, entry in enumerate(top.list("turns", MOST_PHRASES)):
        one = Fields(entry, f"turn {k}")
        lasts = one.number("seconds", SHORTEST_TURN_S, 60.0)
        degrees = one.number("degrees", -MOST_DEGREES, MOST_DEGREES, Turn.degrees)
        turns.append(Turn(one.number("time", 0.0, seconds), lasts, degrees))
    return turns


def parse_front(one: Fields) -> Front:
    """A front out of its JSON object; DataError for a wrong one."""
    kind = one.text("kind", "heading")
    if kind not in FRONT_KINDS:
        raise DataError(f"front: kind {kind!r}; choose from {', '.join(FRONT_KINDS)}")
    front = Front(
        kind,
        one.numbers("degrees", -1e6, 1e6, (0.0,)),
        one.numbers("times", 0.0, 1e6, ()),
        one.numbers("point", -1e4, 1e4, (0.0, 5.0)),
        one.number("back_within_s", 0.5, 1e6, 6.0),
        _points(one, "front") if "points" in one.values else (),
        _spans(one, "free") if "free" in one.values else (),
    )
    if kind == "heading" and len(front.degrees) != 1:
        raise DataError("front: a heading is one number of degrees")
    if kind == "point" and len(front.point) != 2:
        raise DataError("front: a point is two numbers, x and z")
    if kind == "curve":
        _rising(front.times, "front")
        if len(front.times) != len(front.degrees) or not front.times:
            raise DataError("front: a curve has as many times as degrees, at least one")
    if kind == "track":
        _rising(front.times, "front")
        if len(front.times) != len(front.points) or not front.times:
            raise DataError("front: a track has as many times as points, at least one")
    return front


def parse_path(one: Fields) -> Path:
    """A path out of its JSON object; DataError for a wrong one."""
    points = _points(one, "path") if "points" in one.values else []
    stays = _spans(one, "stays") if "stays" in one.values else []
    if bool(points) == bool(stays):
        raise DataError("path: points are pairs of x and z, at least one; or else stays, without")
    times = one.numbers("times", 0.0, 1e6, ())
    if len(points) > 1 and len(times) != len(points):
        raise DataError("path: as many times as points")
    _rising(times, "path")
    return Path(points, times, stays)


def _points(one: Fields, where: str) -> list[list[float]]:
    points = [
        Fields({"at": point}, f"{where} point {k}").numbers("at", -1e4, 1e4)
        for k, point in enumerate(one.list("points", MOST_PHRASES))
    ]
    if any(len(point) != 2 for point in points):
        raise DataError(f"{where}: points are pairs of x and z")
    return points


def _spans(one: Fields, name: str) -> list[list[float]]:
    spans = [
        Fields({name: span}, f"{name} {k}").numbers(name, 0.0, 1e6)
        for k, span in enumerate(one.list(name, MOST_PHRASES))
    ]
    if any(len(span) != 2 or span[1] <= span[0] for span in spans):
        raise DataError(f"{name}: spans are pairs of seconds, the end after the start")
    return spans


def _rising(times: Sequence[float], where: str) -> None:
    if any(b <= a for a, b in pairwise(times)):
        raise DataError(f"{where}: times must rise")
