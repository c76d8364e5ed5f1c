"""A rough dance: the first pass, hardly cleaned, to look at while the finished one is made."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from ..choreography.plan import Choreography
from ..cleanup import put_on_floor, smooth_motion
from ..motion import Motion
from .finish import on_path, staged

PATIENCE_S = 3.0
"""A dance that is finished sooner is waited for."""
CLEANING, REDUCING = 1.2, 3.2
"""How long cleanup and key reduction take, in passes of the network: the machine's speed is out
of it (60 s and 180 s of house on one core)."""


@dataclass
class RoughDance:
    """Shows the first pass of a dance where the rest takes longer than one likes to wait.

    Attributes
    ----------
    show : callable(Motion)
        Gets the rough dance, at most once.
    reduces : bool
        Whether keys are reduced afterwards, which is a part of the waiting.
    begun : float
        When the waiting began, on ``clock``.
    offered, shown : bool
        Whether there was a first pass, and whether it was shown.
    """

    show: Callable[[Motion], None]
    reduces: bool = False
    begun: float = field(default_factory=time.monotonic)
    clock: Callable[[], float] = time.monotonic
    offered: bool = False
    shown: bool = False

    def offer(
        self, raw: np.ndarray, fps: float, plan: Choreography | None, took: float, passes: int
    ) -> None:
        """Show features (T, 152) of a first pass that took so many seconds.

        ``passes`` of the network are still to come, those of other seeds among them.
        """
        if self.offered:
            return
        self.offered = True
        after = CLEANING + (REDUCING if self.reduces else 0.0)
        if self.clock() - self.begun + took * (passes + after) > PATIENCE_S:
            self.shown = True
            self.show(rough_motion(raw, fps, plan))


def rough_motion(raw: np.ndarray, fps: float, plan: Choreography | None) -> Motion:
    """Features (T, 152) as a motion: without jitter, on the floor and in its place.

    Feet are not locked, nothing is brought onto the accents, and no phrase returns yet.
    """
    motion = put_on_floor(smooth_motion(staged(raw, fps, plan)))
    return replace(motion, root=on_path(plan)(motion.root, fps))
