"""Moves of a person's own as the phrases that a dance returns to.

A phrase that comes back is danced for the first time somewhere: there a move of the catalogue takes
the place of what the network would dance, and the phrases that return to it bring the move back.
The network dances into it and out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .. import representation as rep
from ..audio.beats import Beats
from ..choreography.plan import Choreography, Phrase
from ..motion import Motion
from .planned import instants
from .structure import Repeat

MOST_STRETCH = 2.0
"""A move is played at up to so many times its tempo, and down to its inverse."""


@dataclass(frozen=True)
class CatalogueMove:
    """A move of the whole body.

    Attributes
    ----------
    name, style : str
        The style's name as the model has it.
    motion : Motion
    beats : sequence of float
        Seconds from its start, rising; the first is where it begins.
    """

    name: str
    style: str
    motion: Motion
    beats: Sequence[float]


def moves_in(
    plan: Choreography, beats: Beats, moves: Sequence[CatalogueMove], fps: float, seed: int
) -> tuple[list[Repeat], list[str]]:
    """What of a plan is danced by moves, in the order of time, and that in words.

    Each move is used once at most; which phrase gets which is the seed's choice among those of
    the phrase's style whose tempo is near enough.
    """
    random = np.random.Generator(np.random.PCG64([seed, 0x303E5]))
    left = [moves[int(k)] for k in random.permutation(len(moves))]
    returned_to = {phrase.returns_to for phrase in plan.phrases} - {None}
    found, words = [], []
    for number, phrase in enumerate(plan.phrases):
        if number not in returned_to or phrase.returns_to is not None:
            continue
        for move in left:
            repeat = _laid(move, phrase, beats, fps)
            if repeat is not None:
                left.remove(move)
                found.append(repeat)
                words.append(f"phrase {number + 1} is the move {move.name}")
                break
    return found, words


def _laid(move: CatalogueMove, phrase: Phrase, beats: Beats, fps: float) -> Repeat | None:
    """A move on the beats of a phrase; None where its style or its tempo is another one."""
    if move.style != max(phrase.style, key=lambda name: phrase.style[name]):
        return None
    own = np.asarray(move.beats, dtype=np.float64)
    if len(own) < 2:
        return None
    # Its last beat lasts as long as the others, or to its end.
    length = len(move.motion) / move.motion.fps
    own = np.append(own, min(length, own[-1] + float(np.median(np.diff(own)))))
    here = instants(phrase, beats)
    count = min(len(own), len(here))
    own, here = own[:count], here[:count]
    speed = np.diff(own) / np.diff(here)
    if count < 3 or speed.max() > MOST_STRETCH or speed.min() < 1.0 / MOST_STRETCH:
        return None
    return Repeat(here, own, source=rep.encode(move.motion.resample(fps))[0])
