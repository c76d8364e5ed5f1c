"""What a plan asks of the body, phrase by phrase, as control channels for the network.

Each phrase takes a row of the model's bank (``choreography.bank``): how dancers of its style
dance eight counts of such an energy. A phrase that returns has the row of the one it returns to.
What the row does not tell, and what a style does in its own way, stays open.
"""

from __future__ import annotations

import numpy as np

from ..audio.beat_file import Beats
from ..choreography.bank import Bank
from ..choreography.plan import Choreography, Phrase
from ..control import ControlChannels, Counts, asked_channels
from ..errors import OptionError
from ..signals import gaussian_smooth

ASKED = ("leg_speed", "arm_speed", "level", "step_rate")
"""Columns of the bank that are asked for throughout a phrase."""
FACES = 0.8
"""A row whose mean cosine of the heading is above this keeps to the front; others turn freely."""
EASE_S = 0.3
CHOICES = 5
"""Rows of about the wanted energy, of which the seed takes one."""


def counts_of_song(beats: Beats) -> Counts | None:
    """Beats, bars and phrases of a song whose beats were heard; None where none were."""
    if beats.confidence <= 0 or np.count_nonzero(beats.downbeats) < 2:
        return None
    return Counts.of(beats.times, beats.downbeats)


def phrase_channels(
    plan: Choreography, bank: Bank, beats: Beats, frames: int, fps: float, energy: float = 0.0
) -> ControlChannels:
    """Channels of ``frames`` frames for a plan; ``energy`` is added to that of each phrase.

    Phrases of a style that the bank does not have ask for nothing but the counts.
    """
    rows = phrase_rows(plan, bank, energy)
    values = {name: np.full(frames, np.nan) for name in ASKED}
    faces = np.zeros(frames, dtype=bool)
    for phrase, row in zip(plan.phrases, rows, strict=True):
        first, last = round(phrase.start * fps), round(phrase.end * fps)
        for name in ASKED:
            if name in row:
                values[name][first:last] = row[name]
        faces[first:last] = row.get("facing", -1.0) > FACES
    asked: dict[str, float | np.ndarray] = {
        name: _eased(curve, EASE_S * fps) for name, curve in values.items()
    }
    front = np.where(faces, 1.0, np.nan)
    asked |= {"heading_sin": 0.0 * front, "heading_cos": front}
    return asked_channels(frames, fps, asked, counts_of_song(beats))


def phrase_rows(plan: Choreography, bank: Bank, energy: float = 0.0) -> list[dict[str, float]]:
    """The row of the bank that each phrase of a plan has, empty where it has none."""
    random = np.random.Generator(np.random.PCG64([plan.seed, 0xBA27]))
    rows: list[dict[str, float]] = []
    for phrase in plan.phrases:
        # Drawn for every phrase, so that an edit of one leaves the choice of the others.
        draw = int(random.integers(CHOICES))
        style = _style_of(phrase, plan)
        if phrase.returns_to is not None and phrase.returns_to < len(rows):
            rows.append(rows[phrase.returns_to])
        elif style in bank.rows:
            rows.append(bank.pick(style, phrase.energy + energy, draw, CHOICES))
        else:
            rows.append({})
    return rows


def _style_of(phrase: Phrase, plan: Choreography) -> str:
    """The style that has most of a phrase."""
    if not phrase.style:
        return plan.style
    if not all(weight >= 0 for weight in phrase.style.values()):
        raise OptionError("the weights of a phrase's styles are not below 0")
    return max(phrase.style, key=lambda name: phrase.style[name])


def _eased(values: np.ndarray, sigma: float) -> np.ndarray:
    """Smooth steps (T,), leaving NaN where nothing is asked."""
    known = np.isfinite(values)
    if not known.any():
        return values
    weight = gaussian_smooth(known.astype(np.float64), sigma)
    smooth = gaussian_smooth(np.where(known, values, 0.0), sigma)
    return np.where(known, smooth / np.maximum(weight, 1e-9), np.nan)
