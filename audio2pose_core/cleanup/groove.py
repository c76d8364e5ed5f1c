"""Groove: the bounce of the hips in time with the music, made as clear as dancers make it.

What the height of the pelvis repeats every two beats is found by demodulation at the first
harmonics of that cycle: each one's amplitude, as it is over some beats around an instant (as in
complex demodulation, P. Bloomfield, "Fourier Analysis of Time Series", 2000, chapter 7). Only the
part counts that turns round on the beats, deepest or highest there: what passes through them at
full speed would blur them. It is multiplied, what the hips do beside the cycle is calmed, so that
it is seen, and the feet stay where they are: the knees do the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..metrics.beat_lock import beat_positions
from ..signals import gaussian_smooth

CYCLE_BEATS = 2.0
HARMONICS = (1, 2, 3, 4)
"""Of the cycle: up to two bounces a beat."""
WINDOW_BEATS, DRIFT_BEATS = 4.0, 1.0
"""Deviations of the windows over which the bounce may change, and over which height drifts."""
CALM = 0.25
"""Share that is taken off what is quick and does not come back every two beats."""
EASE_S = 0.2
"""How long the bounce takes to come to rest in a held pose, and to come back."""
MOST = 0.05
"""Metres that are added or taken at most."""


@dataclass(frozen=True)
class Groove:
    """``beats`` (b,) seconds; ``gain`` is what the bounce is multiplied by, 1 for as it is.

    In ``rests`` (n, 2), seconds from and to, a pose is held and nothing bounces.
    """

    beats: np.ndarray
    gain: float
    rests: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))

    def starting(self, seconds: float) -> Groove:
        """The same for a motion that begins later by so much."""
        return Groove(self.beats - seconds, self.gain, self.rests - seconds)

    def resting(self, rests: Sequence[tuple[float, float]]) -> Groove:
        """The same with these rests."""
        return Groove(self.beats, self.gain, np.array(rests, dtype=np.float64).reshape(-1, 2))

    def rise(self, height: np.ndarray, fps: float) -> np.ndarray:
        """What (T,) to add to the pelvis' height (T,), metres."""
        if self.gain == 1.0 or len(self.beats) < 2:
            return np.zeros(len(height))
        on_beats, beside = bounce(height, self.beats, fps)
        more = (self.gain - 1.0) * on_beats - CALM * beside
        at, awake = np.arange(len(height)) / fps, np.ones(len(height))
        for start, stop in self.rests:
            awake *= np.clip(np.maximum(start - at, at - stop) / EASE_S, 0.0, 1.0)
        return np.asarray(awake * MOST * np.tanh(more / MOST))


def bounce(height: np.ndarray, beats: np.ndarray, fps: float) -> tuple[np.ndarray, np.ndarray]:
    """What of a height (T,) comes back every two beats and turns on them, (T,), and what of its
    quick part does not come back, (T,); metres, mean 0.
    """
    period = float(np.median(np.diff(beats))) * fps
    place = beat_positions(np.arange(len(height)) / fps, beats) / CYCLE_BEATS
    moving = height - gaussian_smooth(height, DRIFT_BEATS * period)
    on_beats, across = np.zeros(len(height)), np.zeros(len(height))
    for harmonic in HARMONICS:
        for out, wave in ((on_beats, np.cos), (across, np.sin)):
            turn = wave(2 * np.pi * harmonic * place)
            out += 2.0 * gaussian_smooth(moving * turn, WINDOW_BEATS * period) * turn
    return on_beats, moving - on_beats - across
