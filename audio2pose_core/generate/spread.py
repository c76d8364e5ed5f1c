"""Spread: how far the poses of a dance lie from each other, brought to that of real dance.

A network trained on mean squares draws its poses in towards the middle pose of what it dances,
arms, legs and trunk each by another share. Undoing this is a change of units: features are
stretched about the style's own middle, after the network and, inversely, for what it is given.
So a kept pose stays the pose that it is, and what is danced beside it meets it. The shares are
found by ``evaluate.calibrate``. (Gains on a motion's deviation as a means of editing: A. Bruderlin
and L. Williams, "Motion Signal Processing", SIGGRAPH 1995.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import representation as rep
from ..skeleton import INDEX, NUM_JOINTS

_SIDES = ("left", "right")
PARTS: Mapping[str, tuple[int, ...]] = {
    "legs": tuple(INDEX[f"{s}_{n}"] for n in ("hip", "knee", "ankle", "foot") for s in _SIDES),
    "arms": tuple(
        INDEX[f"{s}_{n}"] for n in ("collar", "shoulder", "elbow", "wrist", "hand") for s in _SIDES
    ),
    "trunk": tuple(INDEX[n] for n in ("spine1", "spine2", "spine3", "neck", "head")),
    "pelvis": (INDEX["pelvis"],),
}
"""Joints whose turns are stretched together. The pelvis' height and its way over the floor go with
its tilt; how fast the heading turns stays, so that a whole turn is a whole turn."""
ENDS = tuple(INDEX[f"{s}_{n}"] for n in ("ankle", "foot", "wrist", "hand") for s in _SIDES)
"""Joints that are laid on the middle of the data, but not stretched: most captures hardly tell how
feet and hands turn, and what one tells wrongly would be made more of."""


def columns_of(part: str) -> np.ndarray:
    """Indices (n,) of the features of a part."""
    turns = _turns(PARTS[part])
    if part != "pelvis":
        return turns
    way = [np.arange(rep.WIDTH)[rep.HEIGHT], np.arange(rep.WIDTH)[rep.VELOCITY]]
    return np.concatenate([turns, *way])


def _turns(joints: Sequence[int]) -> np.ndarray:
    """Indices (n,) of the features that turn some joints."""
    return np.arange(rep.WIDTH)[rep.POSE].reshape(NUM_JOINTS, 6)[list(joints)].ravel()


@dataclass(frozen=True, eq=False)
class Spread:
    """``real = centre + gain * (of the network - middle)``, all (152,).

    ``centre`` is the middle of the style's data, ``middle`` that of what the network makes of it.
    """

    centre: np.ndarray
    gain: np.ndarray
    middle: np.ndarray

    def __eq__(self, other: object) -> bool:
        """Whether both stretch alike."""
        return isinstance(other, Spread) and bool(
            np.array_equal(self.centre, other.centre)
            and np.array_equal(self.gain, other.gain)
            and np.array_equal(self.middle, other.middle)
        )

    def __hash__(self) -> int:
        return hash((self.centre.tobytes(), self.gain.tobytes(), self.middle.tobytes()))

    @staticmethod
    def of(
        centre: np.ndarray, gains: Mapping[str, float], middle: np.ndarray | None = None
    ) -> Spread:
        """``gains`` are by part; what is not among them is left alone, ``ENDS`` are not stretched.

        Without a ``middle`` the network's is the data's. Of a ``middle`` only the parts' columns
        count: how fast the heading turns, and contacts, stay.
        """
        gain, shift = np.ones(rep.WIDTH), np.zeros(rep.WIDTH)
        own = np.asarray(centre, dtype=np.float64)
        for part, value in gains.items():
            columns = columns_of(part)
            gain[columns] = value
            if middle is not None:
                shift[columns] = np.asarray(middle)[columns] - own[columns]
        gain[_turns(ENDS)] = 1.0
        return Spread(own, gain, own + shift)

    @staticmethod
    def parse(values: Mapping[str, Any]) -> Spread:
        """From a contract; raises KeyError, TypeError or ValueError for what is none."""
        gains = {part: float(values[part]) for part in PARTS}
        return Spread.of(values["centre"], gains, values.get("middle"))

    def numbers(self) -> dict[str, Any]:
        """As a contract holds it."""
        gains = {part: round(float(self.gain[columns_of(part)[0]]), 4) for part in PARTS}
        return {
            **gains,
            "centre": [round(float(v), 4) for v in self.centre],
            "middle": [round(float(v), 4) for v in self.middle],
        }

    def stretched(self, features: np.ndarray) -> np.ndarray:
        """Features (..., 152) of the network as real ones."""
        return self.centre + self.gain * (features - self.middle)

    def drawn_in(self, features: np.ndarray) -> np.ndarray:
        """Real features (..., 152) as the network knows them."""
        return self.middle + (features - self.centre) / self.gain


def mix_spreads(spreads: Sequence[Spread | None], shares: np.ndarray) -> Spread | None:
    """That of a mix by shares (n,) that add up to 1; None where no style has one."""
    known = [(s, w) for s, w in zip(spreads, shares, strict=True) if s is not None and w > 0]
    if not known:
        return None
    total = sum(w for _, w in known)
    centre = np.asarray(sum(w * s.centre for s, w in known) / total)
    # A style without a spread is danced as the network has it.
    gain = np.asarray(1.0 + sum(w * (s.gain - 1.0) for s, w in known))
    off = np.asarray(sum(w * (s.middle - s.centre) for s, w in known))
    return Spread(centre, gain, centre + off)


@dataclass(frozen=True)
class NetworkUnits:
    """Features as a network is given them, and back: normalised, and drawn in as it draws in."""

    mean: np.ndarray
    deviation: np.ndarray
    spread: Spread | None

    def normalised(self, features: np.ndarray) -> np.ndarray:
        """Real features (..., 152) for the network."""
        own = features if self.spread is None else self.spread.drawn_in(features)
        return np.asarray((own - self.mean) / self.deviation)

    def real(self, values: np.ndarray) -> np.ndarray:
        """Values (..., 152) of the network as real features."""
        features = values * self.deviation + self.mean
        return features if self.spread is None else self.spread.stretched(features)
