"""How the dials of a plan are obeyed: returns that agree with them, energy, rows of the bank."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..choreography.bank import COLUMNS, Bank
from ..choreography.dials import CHANNEL_OF, TELLS_APART, Dials
from ..choreography.plan import Choreography, Phrase
from ..errors import OptionError


def resolved(plan: Choreography) -> tuple[Choreography, list[str]]:
    """A plan whose phrases return as its dials say, and lines about those that cannot.

    Moves that come back bring their legs, arms, level, energy and style with them. A phrase of
    which something else is asked than of its source therefore does not return to it: it returns
    to another one that it is like, or is danced anew.
    """
    dials = plan.dials or Dials()
    phrases: list[Phrase] = []
    anew: dict[int, list[int]] = {}
    apart: list[int] = []
    for number, phrase in enumerate(plan.phrases):
        literal = dials.mean("literal", phrase.start, phrase.end)
        if math.isfinite(literal):
            phrase = replace(phrase, literal=literal)
        source = phrase.returns_to
        if source is not None:
            like = [source, *anew.get(source, [])]
            found = next((k for k in like if _alike(phrase, phrases[k], dials)), None)
            if found is None:
                anew.setdefault(source, []).append(number)
                apart.append(number + 1)
            # Mirrored against another source, it is that one as it is or its mirror image.
            phrase = replace(phrase, returns_to=found)
        phrases.append(phrase)
    if not apart:
        return replace(plan, phrases=phrases), []
    shown = ", ".join(map(str, apart[:8])) + (", ..." if len(apart) > 8 else "")
    line = (
        f"phrase {shown} does not return: something else is asked of it than the first time"
        if len(apart) == 1
        else f"phrases {shown} do not return: something else is asked of them than the first time"
    )
    return replace(plan, phrases=phrases), [line]


def _alike(phrase: Phrase, source: Phrase, dials: Dials) -> bool:
    if dict(phrase.style) != dict(source.style):
        return False
    for name, tells_apart in TELLS_APART.items():
        here = dials.mean(name, phrase.start, phrase.end)
        there = dials.mean(name, source.start, source.end)
        if name == "energy":
            here, there = np.nan_to_num(here), np.nan_to_num(there)
        if math.isnan(here) != math.isnan(there) or abs(here - there) > tells_apart:
            return False
    return True


def dial_energy(plan: Choreography, bank: Bank | None, frames: int, fps: float) -> np.ndarray:
    """Deviations of energy (T,) that the dials ask for on top of the phrases.

    The network is told of energy and of legs and arms: the two must not contradict each other.
    Where legs or arms are asked for, the energy is that of their speeds in the style's own
    deviations, and not what the phrase would have.
    """
    at = np.arange(frames) / fps
    dials = plan.dials or Dials()
    out = np.nan_to_num(dials.curve("energy", at))
    if bank is None:
        return out
    for phrase in plan.phrases:
        style = style_of(phrase, plan)
        if style not in bank.rows:
            continue
        part = slice(round(phrase.start * fps), round(phrase.end * fps))
        mean, deviation = bank.usual(style)
        asked = []
        for name in ("legs", "arms"):
            column = COLUMNS.index(CHANNEL_OF[name])
            curve = dials.curve(name, at[part])
            asked.append((curve - mean[column]) / max(float(deviation[column]), 1e-6))
        rows = np.stack(asked)
        known = np.isfinite(rows)
        count = known.sum(axis=0)
        speed = np.where(known, rows, 0.0).sum(axis=0) / np.maximum(count, 1)
        # Half of it where only legs, or only arms, are asked for.
        instead = speed * count / 2 - phrase.energy * (count > 0)
        out[part] += instead
    return np.clip(out, -3.0, 3.0)


def style_of(phrase: Phrase, plan: Choreography) -> str:
    """The style that has most of a phrase."""
    if not phrase.style:
        return plan.style
    if not all(weight >= 0 for weight in phrase.style.values()):
        raise OptionError("the weights of a phrase's styles are not below 0")
    return max(phrase.style, key=lambda name: phrase.style[name])


def wanted_of(phrase: Phrase, dials: Dials) -> dict[str, float]:
    """What the dials ask of a phrase, by the bank's columns."""
    means = {c: dials.mean(n, phrase.start, phrase.end) for n, c in CHANNEL_OF.items()}
    return {column: mean for column, mean in means.items() if math.isfinite(mean)}
