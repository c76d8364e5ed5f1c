"""The best of several dances: what a viewer sees, and for how much it counts.

A score of beat lock and small slides alone chose the dullest of the dances: who hardly steps
slides least. So legs, arms and steps that fall short of what the plan asks for cost, poses that
vary and phrases that return pay, and a back to the audience and limbs in the body cost.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields

import numpy as np

from ..errors import OptionError
from ..metrics import beat_lock, freeze_rate, planted_slide
from ..metrics.collisions import collisions
from ..metrics.facing import facing
from ..metrics.footwork import lifts_per_s
from ..metrics.limbs import arm_speeds, leg_speeds
from ..metrics.phrases import phrase_return
from ..metrics.poses import pose_variety
from ..motion import Motion
from ..representation import energy

MOST = 16
"""Dances that may be made to choose from."""
WORST_SLIDE = 4.0
"""Slide in cm/s beyond which it costs no more."""
LEAST = 0.1
"""Speeds (m/s) and lifts a second under this are as good as none."""
ENOUGH_FACING = 0.85
PRICES = {
    "beat_lock_lift": 1.0,
    "planted_slide_cm_s": -0.05,
    "legs_off": -0.4,
    "arms_off": -0.2,
    "steps_off": -0.2,
    "energy_off": -0.1,
    "freeze_rate": -1.0,
    "turned_away": -1.0,
    "variety_cm": 0.015,
    "phrase_return": 0.5,
    "limbs_inside": -2.0,
}
"""What one unit of each figure adds to the total, in units of beat lock."""


@dataclass(frozen=True)
class Wanted:
    """What a plan asks for: mean speed of legs and of arms (m/s), lifts of the feet a second.

    None is left open. ``energy`` is the mean that was asked for, and the style's deviation.
    ``front`` is whether the dance is to face the audience.
    """

    energy: float
    deviation: float
    legs: float | None = None
    arms: float | None = None
    steps: float | None = None
    front: bool = False


@dataclass(frozen=True)
class Score:
    """How good a dance is; ``total`` is in units of beat lock."""

    beat_lock_lift: float
    planted_slide_cm_s: float
    legs_off: float
    arms_off: float
    steps_off: float
    """How far below or above what was asked for, as natural logarithms; 0 where nothing was."""
    energy_off: float
    """The same of the mean energy, in deviations of the style, where legs and arms are open."""
    freeze_rate: float
    turned_away: float
    """Share of the time that lacks to ``ENOUGH_FACING``."""
    variety_cm: float
    phrase_return: float
    limbs_inside: float

    @property
    def total(self) -> float:
        """More is better."""
        return sum(price * getattr(self, name) for name, price in PRICES.items())


assert set(PRICES) == {field.name for field in fields(Score)}


def score(motion: Motion, beat_times: np.ndarray, per_bar: int, wanted: Wanted) -> Score:
    """The score of a dance to beats (b,) s, ``per_bar`` of them in a bar."""
    slide = planted_slide(motion).speed_cm_s
    off = abs(float(energy(motion).mean()) - wanted.energy) / max(wanted.deviation, 0.1)
    return Score(
        _or(beat_lock(motion, beat_times).lift, 0.0),
        min(_or(slide, WORST_SLIDE), WORST_SLIDE),
        _off(float(leg_speeds(motion).mean()), wanted.legs),
        _off(float(arm_speeds(motion).mean()), wanted.arms),
        _off(lifts_per_s(motion), wanted.steps),
        min(off, 2.0) if wanted.legs is None else 0.0,
        freeze_rate(motion),
        max(0.0, ENOUGH_FACING - facing(motion).share) if wanted.front else 0.0,
        _or(pose_variety(motion), 0.0),
        _or(phrase_return(motion, beat_times, per_bar), 0.0),
        collisions(motion).share,
    )


def _off(found: float, asked: float | None) -> float:
    return 0.0 if asked is None else abs(math.log(max(found, LEAST) / max(asked, LEAST)))


def _or(value: float, otherwise: float) -> float:
    """What cannot be measured of so short a dance counts as ``otherwise``."""
    return float(value) if math.isfinite(value) else otherwise


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
