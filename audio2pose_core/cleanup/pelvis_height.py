"""How high a dancer stands: a generated crouch straightened to what the style's data does.

A network that is asked for energy answers with deep knees, all the time. Its
pelvis heights are brought to those of real motion by matching quantiles, the
feet staying where they are: the same dance on straighter legs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

QUANTILES = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
MOST_RISE = 0.15
FLOOR_WORK = (0.45, 0.65)
"""Below the first height (m) nothing is raised, above the second all of it: hands may be down."""


@dataclass(frozen=True)
class PelvisHeightPrior:
    """``QUANTILES`` of the pelvis height, metres: as made, and as real."""

    made: tuple[float, ...]
    real: tuple[float, ...]

    @staticmethod
    def of(made: np.ndarray, real: np.ndarray) -> PelvisHeightPrior:
        """From heights (n,) and (m,)."""
        return PelvisHeightPrior(
            _floats(np.quantile(made, QUANTILES)), _floats(np.quantile(real, QUANTILES))
        )

    @staticmethod
    def parse(values: Mapping[str, Sequence[float]]) -> PelvisHeightPrior:
        """From the numbers in a contract; raises ValueError or KeyError where they are none."""
        made, real = (_floats(values[name]) for name in ("made", "real"))
        if not len(made) == len(real) == len(QUANTILES):
            raise ValueError(
                f"a pelvis height prior has {len(QUANTILES)} heights each, made and real"
            )
        if any(b < a for heights in (made, real) for a, b in pairwise(heights)):
            raise ValueError("the heights of a pelvis height prior do not rise")
        return PelvisHeightPrior(made, real)

    def numbers(self) -> dict[str, list[float]]:
        """As a contract holds it."""
        return {
            "made": [round(v, 4) for v in self.made],
            "real": [round(v, 4) for v in self.real],
        }

    def rise(self, height: np.ndarray) -> np.ndarray:
        """How far (T,) a pelvis at ``height`` (T,) should go up; never down."""
        up = np.interp(height, self.made, np.subtract(self.real, self.made))
        low, high = FLOOR_WORK
        return np.clip(up, 0.0, MOST_RISE) * np.clip((height - low) / (high - low), 0.0, 1.0)


def mix_height_priors(
    priors: Sequence[PelvisHeightPrior | None], shares: np.ndarray
) -> PelvisHeightPrior | None:
    """The prior of a mix of styles: quantiles averaged. None if any of them has none."""
    known = [s for s in priors if s is not None]
    if not known or len(known) < len(priors):
        return None
    return PelvisHeightPrior(
        _floats(np.tensordot(shares, [s.made for s in known], 1)),
        _floats(np.tensordot(shares, [s.real for s in known], 1)),
    )


def _floats(values: Iterable[Any]) -> tuple[float, ...]:
    return tuple(float(v) for v in values)
