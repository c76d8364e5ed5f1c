"""Leaps: jumps that the network hardly dances, laid under it where they are asked for.

Little of the training motion tells its flight, so a network that is asked to jump lifts its heels.
Here the body leaves the floor as a thrown one does and falls at 9.81 m/s²; before it the knees
bend and push, after it they give way. In the air the feet are drawn up, and what is danced is
danced on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..motion import Motion
from ..skeleton import CONTACT_JOINTS, INDEX

GRAVITY = 9.81
CROUCH_S = 0.3
TAKEN_S = CROUCH_S / 3
"""How long the knees bend before a leap and after it, and when they are deepest then: what is
heard on the beat is the landing, what is seen on it is where the body stops."""
TUCKED = 0.09
"""Metres by which the feet are drawn up at the top: dancers who hop clear the floor by what their
knees bend as much as by how far the body goes up."""
UPRIGHT = 0.5
"""Height of the pelvis, m, under which nobody leaps: floor work, lunges, splits."""
LEAST_KNEE, LEAST_TRUNK = 0.15, 0.25
"""Metres that everything but the feet is over the floor, and the neck over the pelvis."""
FEET_DOWN = 0.15
"""Metres over the lower ball that the higher one may be: who kicks does not leap."""


@dataclass(frozen=True)
class Leaps:
    """``landings`` (n,) seconds at which the knees have taken a landing, deepest; ``heights`` (n,)
    of the body over what it would be without, metres."""

    landings: np.ndarray = field(default_factory=lambda: np.zeros(0))
    heights: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def starting(self, seconds: float) -> Leaps:
        """The same for a motion that begins later by so much."""
        return Leaps(self.landings - seconds, self.heights)

    def fitting(self, motion: Motion, free: np.ndarray) -> Leaps:
        """Those that a motion, floor at y = 0, can leap.

        From both feet, with the body upright, and all of it, crouches included, within it and
        in frames that are ``free`` (T,).
        """
        able = _able(motion) & free
        kept = []
        for k, (landing, height) in enumerate(zip(self.landings, self.heights, strict=True)):
            landing -= TAKEN_S
            first = landing - flight_s(height) - CROUCH_S
            a, b = round(first * motion.fps), round((landing + CROUCH_S) * motion.fps)
            if a >= 0 and b < len(motion) and able[a : b + 1].all():
                kept.append(k)
        return Leaps(self.landings[kept], self.heights[kept])

    def rise(self, frames: int, fps: float) -> np.ndarray:
        """What (T,) to add to the pelvis' height, metres: below 0 while the knees bend."""
        at, out = np.arange(frames) / fps, np.zeros(frames)
        for landing, height in zip(self.landings, self.heights, strict=True):
            flight = flight_s(height)
            since = at - (landing - TAKEN_S - flight)
            air = (since > 0) & (since < flight)
            out[air] += GRAVITY / 2 * since[air] * (flight - since[air])
            push = GRAVITY / 2 * flight
            for left in (1 + since / CROUCH_S, 1 - (since - flight) / CROUCH_S):
                # A cubic that comes to the floor's height with the speed of the flight.
                u = np.where((left > 0) & (left <= 1), left, 0.0)
                out += CROUCH_S * push * (u**3 - u**2)
        return out

    def flying(self, frames: int, fps: float) -> np.ndarray:
        """Share (T,) of the way from the floor (0) to the top of a leap (1)."""
        at, out = np.arange(frames) / fps, np.zeros(frames)
        for landing, height in zip(self.landings, self.heights, strict=True):
            u = np.clip((at - landing + TAKEN_S) / flight_s(height) + 1.0, 0.0, 1.0)
            out += 4.0 * u * (1.0 - u)
        return np.minimum(out, 1.0)


def flight_s(height: float) -> float:
    """Seconds of a flight whose top is so many metres up: free fall, twice."""
    return float(2.0 * np.sqrt(2.0 * height / GRAVITY))


def _able(motion: Motion) -> np.ndarray:
    """Frames (T,) in which a body stands so that it could leap."""
    position = motion.joint_positions()
    height = position[..., 1]
    others = [j for j in range(height.shape[1]) if j not in CONTACT_JOINTS]
    balls = height[:, [INDEX["left_foot"], INDEX["right_foot"]]]
    return np.asarray(
        (height[:, 0] > UPRIGHT)
        & (height[:, others].min(axis=1) > LEAST_KNEE)
        & (height[:, INDEX["neck"]] - height[:, 0] > LEAST_TRUNK)
        & (balls.min(axis=1) < FEET_DOWN)
    )
