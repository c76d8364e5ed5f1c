"""Where a plan jumps: as often as the dancers of its styles do, on the beats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..audio.beat_file import Beats
from ..choreography.plan import Choreography, Jump, Phrase
from ..cleanup.leaps import CROUCH_S, TAKEN_S, flight_s
from .model import DanceModel, Style
from .planned import beats_of, phrase_styles

SERIES, CYCLE_BEATS = 4, 2
"""Hops come in series of so many, so many beats apart: they bounce to the music."""
LEAP = 0.15
"""Metres from which on a jump is a leap, which comes alone."""
APART_S = 0.8
"""Two jumps come down so far apart at least; faster songs have hops every fourth beat."""
PLANNED = 0.75
"""Of a style's jumps; the network dances some by itself."""
LOUDER = 0.5
"""A phrase of an energy of 1 has so much more of them than one of 0."""


def with_jumps(
    plan: Choreography, model: DanceModel, fallback: Style, beats: Beats, amount: float = 1.0
) -> Choreography:
    """The plan with its jumps; one that says them itself, be it none at all, stays as it is.

    ``amount`` is how many there are, 1 as many as the style has. A phrase that returns jumps
    where the one it returns to does.
    """
    if plan.jumps is not None:
        return plan
    random = np.random.Generator(np.random.PCG64([plan.seed, 0x1EA9]))
    styles = phrase_styles(plan, model, fallback)
    found: list[Jump] = []
    # Of each phrase: the beats of it on which a jump comes down, and how high it is.
    own: list[list[tuple[int, float]]] = []
    for phrase, style in zip(plan.phrases, styles, strict=True):
        # Drawn for every phrase, so that an edit of one leaves the others.
        draws, lively = random.random(2), livelier(phrase, plan)
        if phrase.returns_to is not None and phrase.returns_to < len(own):
            own.append(own[phrase.returns_to])
        else:
            own.append(_places(phrase, style, beats, draws, amount * lively))
        landings = beats_of(phrase, beats) if lively > 0 else ()
        for place, height in own[-1]:
            if place < len(landings) and _fits(landings[place], height, plan, found):
                found.append(Jump(round(float(landings[place]), 4), height))
    return replace(plan, jumps=sorted(found, key=lambda jump: jump.time))


def livelier(phrase: Phrase, plan: Choreography) -> float:
    """How much more often than usually a phrase jumps or turns, by its energy and the dial's."""
    dialled = plan.dials.mean("energy", phrase.start, phrase.end) if plan.dials else 0.0
    return max(0.0, 1.0 + LOUDER * (phrase.energy + float(np.nan_to_num(dialled))))


def is_danced(plan: Choreography, first: float, last: float) -> bool:
    """Whether all of a stretch, seconds, lies between the ends and beside the held poses."""
    if first < plan.opening_s or last > plan.seconds - plan.ending_s:
        return False
    return not any(first < held.time + held.seconds and held.time < last for held in plan.holds)


def _places(
    phrase: Phrase, style: Style, beats: Beats, draws: np.ndarray, amount: float
) -> list[tuple[int, float]]:
    """On which beats of a phrase its style jumps, and how high; ``draws`` (2,) are 0 to 1."""
    times = beats_of(phrase, beats)
    if len(times) < 2:
        return []
    height = round(style.jump_height, 3)
    step = CYCLE_BEATS
    while step * float(np.median(np.diff(times))) < APART_S:
        step *= 2
    most = max(1, len(times) // step)
    series = 1 if height >= LEAP else min(SERIES, most)
    wanted = PLANNED * amount * style.jumps_per_min * (phrase.end - phrase.start) / 60.0
    if draws[0] >= wanted / series:
        return []
    # Where one series is too little there are as many jumps as fit.
    count = min(most, max(series, round(wanted)))
    first = int(draws[1] * (len(times) - (count - 1) * step))
    return [(first + k * step, height) for k in range(count)]


def _fits(time: float, height: float, plan: Choreography, others: list[Jump]) -> bool:
    """Whether there is time for a jump: between the ends, the held poses and other jumps."""
    first, last = time - TAKEN_S - flight_s(height) - CROUCH_S, time + CROUCH_S
    return is_danced(plan, first, last) and all(
        abs(time - other.time) >= APART_S for other in others
    )
