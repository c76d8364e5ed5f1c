"""Dials: what is asked of the dance over time, on top of its phrases.

A dial is a curve over the song: how fast legs and arms move, how high the body stands, how much
more energy, how literally phrases return. Where it has no value it asks for nothing, and the
phrase decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import DataError
from ..json_fields import Fields

RANGES: dict[str, tuple[float, float]] = {
    "legs": (0.0, 3.0),
    "arms": (0.0, 6.0),
    "level": (-0.8, 0.4),
    "energy": (-3.0, 3.0),
    "literal": (0.0, 1.0),
}
"""What each dial may ask for, by its name."""
CHANNEL_OF = {"legs": "leg_speed", "arms": "arm_speed", "level": "level"}
"""The control channel, and the bank's column, of a dial."""
TELLS_APART = {"legs": 0.1, "arms": 0.2, "level": 0.04, "energy": 0.4}
"""Two phrases whose means of a dial are farther apart than this are not the same moves."""

Values = Sequence[float | None]


@dataclass(frozen=True)
class Dials:
    """Curves over the song; each has a value, or None, for each of ``times``, or is empty.

    Attributes
    ----------
    times : (n,)
        Seconds, rising. Between two the values lie on a straight line.
    legs, arms : (n,) or empty
        Mean speed of knees, ankles and feet in the pelvis' frame, and of elbows, wrists and
        hands in the chest's, m/s (``metrics.limbs``).
    level : (n,) or empty
        Height of the pelvis over that of standing, metres; below 0 is a crouch.
    energy : (n,) or empty
        Deviations of the style's energy, added to those of the phrases.
    literal : (n,) or empty
        How literally phrases return; its mean over a phrase takes the place of
        ``Phrase.literal``.
    """

    times: Sequence[float] = ()
    legs: Values = field(default=())
    arms: Values = field(default=())
    level: Values = field(default=())
    energy: Values = field(default=())
    literal: Values = field(default=())

    def asks(self, name: str) -> bool:
        """Whether a dial has a value anywhere."""
        return any(value is not None for value in getattr(self, name))

    def curve(self, name: str, at: np.ndarray) -> np.ndarray:
        """A dial at times (T,) in seconds, NaN where it asks for nothing: (T,).

        The first and the last value go on outside ``times``.
        """
        values = np.array(
            [np.nan if v is None else v for v in getattr(self, name)], dtype=np.float64
        )
        known = np.isfinite(values)
        if not known.any():
            return np.full(len(at), np.nan)
        times = np.asarray(self.times, dtype=np.float64)
        out = np.interp(at, times[known], values[known])
        # Open from the middle between the last time that asks and the first that does not.
        middles = (times[1:] + times[:-1]) / 2
        return np.where(known[np.searchsorted(middles, at)], out, np.nan)

    def mean(self, name: str, start: float, end: float) -> float:
        """Mean of a dial over a stretch in seconds; NaN where most of it is open."""
        values = self.curve(name, np.linspace(start, end, 33)[:-1] + (end - start) / 64)
        known = np.isfinite(values)
        return float(values[known].mean()) if 2 * known.sum() >= len(values) else float("nan")


def parse_dials(one: Fields) -> Dials:
    """Dials out of their JSON object; DataError that names the field that is wrong."""
    times = one.numbers("times", 0.0, 1e6)
    if any(b <= a for a, b in pairwise(times)):
        raise DataError(f"{one.where}: times must rise")
    values: dict[str, Any] = {}
    for name, (low, high) in RANGES.items():
        own = one.values.get(name) or []
        if not isinstance(own, list) or len(own) not in (0, len(times)):
            raise DataError(f"{one.where}: {name!r} has a value, or null, for each of times")
        parts = Fields({str(k): v for k, v in enumerate(own)}, f"{one.where}: {name}")
        values[name] = tuple(
            None if v is None else float(parts.number(str(k), low, high)) for k, v in enumerate(own)
        )
    return Dials(tuple(times), **values)
