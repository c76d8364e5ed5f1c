"""Whole turns of a dance: planned as often as the dancers of a style turn, and danced in full.

A network that is asked to face its front never turns round. A turn is added to whatever is danced
meanwhile: the heading runs once around and comes to rest on a beat, the steps go with it, and a
foot that stands turns on its ball.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..audio.beat_file import Beats
from ..choreography.plan import Choreography, Phrase, Turn
from .jumps import is_danced, livelier, with_jumps
from .model import DanceModel, Style
from .planned import beats_of, phrase_styles

LASTS_S = (1.2, 2.6)
"""How long a turn may last: real ones take .8 to 3.8 s, most of them 1.7 s."""
BEATS = (2, 3, 4, 6, 8)
FAST = float(np.deg2rad(45.0))
"""Radians a second from which on a standing foot turns on its ball."""


def with_jumps_and_turns(
    plan: Choreography,
    model: DanceModel,
    fallback: Style,
    beats: Beats,
    jumps: float = 1.0,
    turns: float = 1.0,
) -> Choreography:
    """The plan with both; ``jumps`` and ``turns`` are the amounts of ``with_jumps`` and here."""
    jumping = with_jumps(plan, model, fallback, beats, jumps)
    return with_turns(jumping, model, fallback, beats, turns)


def with_turns(
    plan: Choreography, model: DanceModel, fallback: Style, beats: Beats, amount: float = 1.0
) -> Choreography:
    """The plan with its turns; one that says them itself, be it none at all, stays as it is.

    ``amount`` is how many there are, 1 as many as the style has. A phrase that returns turns
    where the one it returns to does, the other way round where it is mirrored.
    """
    if plan.turns is not None:
        return plan
    random = np.random.Generator(np.random.PCG64([plan.seed, 0x7042]))
    found: list[Turn] = []
    # Of each phrase: the beat on which a turn ends, how many beats it lasts, and which way.
    own: list[tuple[int, int, int] | None] = []
    for phrase, style in zip(plan.phrases, phrase_styles(plan, model, fallback), strict=True):
        # Drawn for every phrase, so that an edit of one leaves the others.
        draws, lively = random.random(3), livelier(phrase, plan)
        if phrase.returns_to is not None and phrase.returns_to < len(own):
            own.append(own[phrase.returns_to])
        else:
            own.append(_place(phrase, beats, draws, amount * lively * style.turns_per_min))
        # A phrase that returns may have to be calm.
        turn = _turn_of(phrase, beats, own[-1]) if own[-1] and lively > 0 else None
        if turn and _fits(turn, plan, found):
            found.append(turn)
    return replace(plan, turns=found)


def _place(
    phrase: Phrase, beats: Beats, draws: np.ndarray, per_min: float
) -> tuple[int, int, int] | None:
    times = beats_of(phrase, beats)
    if len(times) < 3 or draws[0] >= per_min * (phrase.end - phrase.start) / 60.0:
        return None
    beat = float(np.median(np.diff(times)))
    lengths = [n for n in BEATS if LASTS_S[0] <= n * beat <= LASTS_S[1] and n < len(times)]
    if not lengths:
        return None
    length = lengths[0]
    end = length + int(draws[1] * (len(times) - length))
    return end, length, 1 if draws[2] < 0.5 else -1


def _turn_of(phrase: Phrase, beats: Beats, place: tuple[int, int, int]) -> Turn | None:
    end, length, way = place
    times = beats_of(phrase, beats)
    if end >= len(times):
        return None
    way = -way if phrase.mirrored else way
    seconds = float(times[end] - times[end - length])
    return Turn(round(float(times[end]), 4), round(seconds, 4), 360.0 * way)


def _fits(turn: Turn, plan: Choreography, others: Sequence[Turn]) -> bool:
    """Whether there is time for a turn: between the ends, the held poses and other turns."""
    first = turn.time - turn.seconds
    return is_danced(plan, first, turn.time) and all(first >= other.time for other in others)


def turn_rates(turns: Sequence[Turn] | None, frames: int, fps: float) -> np.ndarray:
    """What (T,) the turns add to the speed of the heading, radians a second.

    Each begins and ends softly (a cubic step of the heading) and adds up to the whole of it.
    """
    at, out = np.arange(frames) / fps, np.zeros(frames)
    for turn in turns or ():
        share = np.clip((at - turn.time) / turn.seconds + 1.0, 0.0, 1.0)
        out += np.deg2rad(turn.degrees) / turn.seconds * 6.0 * share * (1.0 - share)
    return out


def turning(turns: Sequence[Turn] | None, frames: int, fps: float) -> np.ndarray:
    """Frames (T,) bool in which a standing foot turns on its ball."""
    return np.abs(turn_rates(turns, frames, fps)) > FAST
