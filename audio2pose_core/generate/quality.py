"""The best of several dances: what counts, and for how much."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from ..errors import OptionError
from ..metrics import beat_lock, freeze_rate, planted_slide
from ..motion import Motion
from ..representation import energy

MOST = 16
"""Dances that may be made to choose from."""
SLIDE_PRICE, WORST_SLIDE = 0.05, 4.0
"""Beat lock that a slide of 1 cm/s costs, and the slide (cm/s) beyond which it costs no more."""
PLANTED, PLANTED_PRICE = 0.2, 1.0
"""Share of frames in which a dance should stand, and the price of each part that lacks."""
ENERGY_PRICE, WORST_ENERGY = 0.2, 2.0
"""Beat lock that a deviation of energy off what was asked costs, and how many may count."""
FREEZE_PRICE = 1.0


@dataclass(frozen=True)
class Score:
    """How good a dance is; ``total`` is in units of beat lock."""

    beat_lock_lift: float
    planted_slide_cm_s: float
    planted_share: float
    energy_off: float
    """How far its mean energy is from that asked for, in deviations of the style."""
    freeze_rate: float

    @property
    def total(self) -> float:
        """More is better."""
        return (
            self.beat_lock_lift
            - SLIDE_PRICE * min(self.planted_slide_cm_s, WORST_SLIDE)
            - PLANTED_PRICE * max(0.0, PLANTED - self.planted_share)
            - ENERGY_PRICE * min(self.energy_off, WORST_ENERGY)
            - FREEZE_PRICE * self.freeze_rate
        )


def score(motion: Motion, beat_times: np.ndarray, wanted: float, deviation: float) -> Score:
    """The score of a dance to beats (b,) s, asked for a mean energy of ``wanted``."""
    lock = beat_lock(motion, beat_times).lift
    slide = planted_slide(motion)
    off = abs(float(energy(motion).mean()) - wanted) / max(deviation, 0.1)
    return Score(
        lock if np.isfinite(lock) else 0.0,
        slide.speed_cm_s if np.isfinite(slide.speed_cm_s) else WORST_SLIDE,
        slide.contact,
        off,
        freeze_rate(motion),
    )


def seeds_of(seed: int, count: int) -> list[int]:
    """``count`` seeds, the first of which is ``seed`` itself."""
    if not 1 <= count <= MOST:
        raise OptionError(f"a quality of {count}; it is the dances to choose from, 1 to {MOST}")
    others = [np.random.SeedSequence([seed, k]).generate_state(1)[0] for k in range(1, count)]
    return [seed, *(int(s) for s in others)]


def quality_table(seeds: list[int], scores: list[Score]) -> list[dict[str, float]]:
    """A line for each dance: its seed, its total and what it is made of."""
    return [
        {"seed": seed, "score": round(own.total, 4)}
        | {name: round(value, 4) for name, value in asdict(own).items()}
        for seed, own in zip(seeds, scores, strict=True)
    ]
