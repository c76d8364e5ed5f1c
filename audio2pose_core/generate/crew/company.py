"""A crew out of one dance or of several: roles, formations, and room for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...audio.beat_file import Beats
from ...errors import OptionError
from ...motion import Motion
from .formations import MOST, place_names, places
from .moves import Change, Moves, plan_moves
from .room import CLEARANCE, main_heading, outline, touching
from .timing import call_and_answer, in_canon
from .travel import drift, travel

_WIDER = 1.05  # by this the spacing grows until nobody touches anybody
_WIDEST = 6.0  # metres: dances that need more than this have no formation
_SPARE = 0.03  # metres that planting the feet anew may bring two dancers nearer
_ATTEMPTS = 5


@dataclass(frozen=True)
class Crew:
    """Dancers who dance together.

    Attributes
    ----------
    dances : list of Motion
        The first dancer's first; all of one length and frame rate.
    names : list of str
        What each is called by its place in the first formation: "Front", "Left 1" ...
    asked, spacing : float
        Metres between neighbours: as asked, and as it takes for nobody to touch anybody.
    walking : tuple of (float, float)
        When they go from one formation to the next, seconds.
    """

    dances: list[Motion]
    names: list[str]
    asked: float
    spacing: float
    walking: tuple[tuple[float, float], ...] = ()

    @property
    def widened(self) -> bool:
        """Whether they stand further apart than was asked."""
        return self.spacing > self.asked * (1 + 1e-6)


def make_crew(
    motion: Motion,
    beats: Beats,
    count: int,
    *,
    canon_beats: float = 0.0,
    answer: bool = False,
    mirror: bool = True,
    spacing: float = 1.4,
    formation: str = "v",
    changes: Sequence[Change] = (),
    heading: float = 0.0,
    curve: np.ndarray | None = None,
) -> Crew:
    """``count`` dancers who dance one dance together.

    Parameters
    ----------
    motion : the dance of the first, whose second 0 is the song's. It stays as it is, but for
        the phrases in which it waits for an answer.
    beats : of the song.
    canon_beats : each dancer is so many beats behind the one before. Those who have not begun
        wait in a standing pose of the dance and nod to the beat.
    answer : call and answer: the first calls with every other dancer, and the rest answer a
        phrase of eight beats later; who has not the word waits. ``canon_beats`` must be 0.
    mirror : those on the right dance the mirror image; of call and answer all who answer.
    spacing : metres between neighbours; wider where they would touch each other.
    formation, changes : one of ``FORMATIONS``, and others later on.
    heading : where the front is, radians about +Y from +Z towards +X.
    curve : (n, 2) metres, x to the left of the front and z towards it, from the first dancer
        on; for the formation "curve".

    Raises OptionError.
    """
    _check(count, spacing)
    if not (np.isfinite(canon_beats) and canon_beats >= 0):
        raise OptionError(f"a canon of {canon_beats} beats cannot be danced; use 0 or more")
    if answer and canon_beats:
        raise OptionError("a crew dances either in canon or in call and answer; choose one")
    first = places(formation, count, spacing=spacing, curve=curve)
    faced = motion.turned(-heading)
    image = faced.mirrored() if mirror else faced
    dances = []
    for k in range(count):
        answers = answer and k % 2 == 1
        flipped = answers if answer else first[k, 0] < -1e-6
        own = image if flipped else faced
        if answer:
            own = call_and_answer(own, beats, answers)
            own = travel(own, drift(own.root, own.fps), beats)
        dances.append(in_canon(own, beats, k * canon_beats))
    return _placed(dances, beats, first, spacing, formation, changes, heading, curve)


def own_dances(
    dances: Sequence[Motion],
    beats: Beats,
    *,
    spacing: float = 1.4,
    formation: str = "v",
    changes: Sequence[Change] = (),
    heading: float = 0.0,
    curve: np.ndarray | None = None,
) -> Crew:
    """Dances of their own, e.g. of other styles and seeds, as one crew that faces the front.

    Parameters and errors are those of ``make_crew``.
    """
    _check(len(dances), spacing)
    frames = min(map(len, dances))
    faced = [d.slice(0, frames).turned(-main_heading(d)) for d in dances]
    # The first stays as it is: the others are turned.
    faced[0] = dances[0].slice(0, frames).turned(-heading)
    first = places(formation, len(dances), spacing=spacing, curve=curve)
    return _placed(faced, beats, first, spacing, formation, changes, heading, curve)


def _check(count: int, spacing: float) -> None:
    if not 1 <= count <= MOST:
        raise OptionError(f"a crew has 1 to {MOST} dancers, not {count}")
    if not (np.isfinite(spacing) and spacing > 0):
        raise OptionError(f"a spacing of {spacing} m makes no formation")


def _placed(
    dances: list[Motion],
    beats: Beats,
    first: np.ndarray,
    asked: float,
    formation: str,
    changes: Sequence[Change],
    heading: float,
    curve: np.ndarray | None,
) -> Crew:
    """The dances, whose front is +Z, in their formations, turned back to ``heading``."""
    count, seconds = len(dances), dances[0].seconds
    where = [places(c.formation, count, spacing=asked, curve=curve) for c in changes]
    lead = drift(dances[0].root, dances[0].fps)
    # Around its own slow path; the formation as a whole goes where the first goes.
    bodies = [_around(outline(d), drift(d.root, d.fps)) for d in dances]
    spacing, times = asked, np.arange(len(dances[0])) / dances[0].fps
    made: list[Motion] = []
    for _ in range(_ATTEMPTS):
        moves = plan_moves(first, changes, where, beats, seconds, spacing)
        spacing = _wide_enough(bodies, moves, times, spacing)
        # Further apart, the way to the next formation is longer.
        moves = plan_moves(first, changes, where, beats, seconds, spacing)
        ways = [lead + spacing * moves.at(k, times) for k in range(count)]
        made = [dances[0]]
        for k in range(1, count):
            made.append(_led(dances[k], dances[0], ways[k], moves, k, beats))
        outlines = [outline(d) for d in made]
        if touching(outlines, [np.zeros(2)] * count, CLEARANCE) is None:
            break
        # Planting the feet anew moves a body a little: go on from what came of it.
        bodies = [_around(o, way) for o, way in zip(outlines, ways, strict=True)]
    else:
        raise _no_room()
    names = place_names(formation, first)
    back = [d.turned(heading) for d in made]
    return Crew(back, names, asked, spacing, moves.walking)


def _around(body: np.ndarray, slow: np.ndarray) -> np.ndarray:
    """An outline (T, P, 3) as seen from its slow path (T, 2)."""
    out = body.copy()
    out[..., [0, 2]] -= slow[:, None]
    return out


def _wide_enough(
    bodies: list[np.ndarray], moves: Moves, times: np.ndarray, spacing: float
) -> float:
    """The least spacing from ``spacing`` on that keeps the bodies apart on their ways."""
    own = [moves.at(k, times) for k in range(len(bodies))]
    limit, near = CLEARANCE + _SPARE, None
    while near := touching(bodies, [spacing * way for way in own], limit, near):
        spacing *= _WIDER
        if spacing > _WIDEST:
            raise _no_room()
    return spacing


def _no_room() -> OptionError:
    return OptionError(
        "these dances touch each other however wide the crew stands; take fewer dancers, "
        "other seeds, or fewer formations"
    )


def _led(
    dance: Motion, first: Motion, way: np.ndarray, moves: Moves, number: int, beats: Beats
) -> Motion:
    """A dance on its way; one that goes as the first goes is only set beside it."""
    if moves.stays(number) and dance.rotations is first.rotations:
        off = way[0] - drift(first.root, first.fps)[0]
        return dance.turned(0.0, np.array([off[0], 0.0, off[1]]))
    return travel(dance, way, beats)
