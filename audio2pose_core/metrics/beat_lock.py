"""Beat lock and beat power: does the body keep the beat that it hears?

Real dancers move at a constant phase to the beat: on it, before it, or on the
off-beat, as the choreography has it. So both figures accept any constant phase
and ask only whether it is held. Each has a *lift*: the figure on the song's own
beats minus its mean on grids that run 7-19 % too slow or too fast. A dance that
does not hear its song has lift 0, whatever its style.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..motion import Motion
from .motion_beats import joint_speeds, motion_beats

METRES = (0.5, 1.0, 2.0)
"""Beats from one accent to the next that count: eighths, quarters, halves (in 4/4)."""
STRETCHES = (0.83, 0.89, 0.93, 1.08, 1.13, 1.19)
"""Periods of the wrong grids over the right one."""
POWER_BAND_HZ = (0.3, 8.0)
POWER_HALF_WIDTH = 0.75
"""Half width of a spectral line, in 1 / T: the main lobe of a motion of length T."""


@dataclass(frozen=True)
class Lift:
    """A figure on the song's own beats and on wrong grids."""

    own: float
    wrong: float

    @property
    def lift(self) -> float:
        """What the right beats explain."""
        return self.own - self.wrong


def beat_positions(times: np.ndarray, beat_times: np.ndarray) -> np.ndarray:
    """Position (n,) in beats of times (n,) on a grid of beat_times (b,), b >= 2.

    Between two beats the position is linear; before the first and after the
    last beat the grid goes on with its median interval.
    """
    beat_times = np.asarray(beat_times, dtype=np.float64)
    times = np.asarray(times, dtype=np.float64)
    last = len(beat_times) - 1
    period = float(np.median(np.diff(beat_times)))
    inner = np.interp(times, beat_times, np.arange(last + 1))
    before = np.minimum(times - beat_times[0], 0.0) / period
    after = np.maximum(times - beat_times[-1], 0.0) / period
    return inner + before + after


def phase_consistency(positions: np.ndarray, metre: float) -> float:
    """Pairwise phase consistency of positions (n,) in beats, modulo ``metre`` beats.

    (|sum exp(2 pi i phi)|^2 - n) / (n (n - 1)): the mean cosine of the phase
    difference over all pairs, unbiased in n (Vinck et al., NeuroImage 2010).
    1 is a machine, 0 is chance; slightly negative figures are chance too. Fewer
    than two accents hold no phase: 0.
    """
    n = len(positions)
    if n < 2:
        return 0.0
    total = np.abs(np.exp(2j * np.pi * positions / metre).sum()) ** 2
    return float((total - n) / (n * (n - 1)))


def beat_lock(motion: Motion, beat_times: np.ndarray) -> Lift:
    """Beat lock of a motion on beats (b,) in seconds; the largest over ``METRES``.

    NaN for fewer than two beats.
    """
    return lock_of_accents(motion_beats(motion)[0], beat_times)


def lock_of_accents(
    hit_times: np.ndarray, beat_times: np.ndarray, metres: tuple[float, ...] = METRES
) -> Lift:
    """Beat lock of motion beats (n,) that are already known, both in seconds."""
    if len(beat_times) < 2:
        return Lift(float("nan"), float("nan"))
    positions = beat_positions(hit_times, beat_times)

    def lock(stretch: float) -> float:
        return max(phase_consistency(positions / stretch, m) for m in metres)

    return Lift(lock(1.0), float(np.mean([lock(s) for s in STRETCHES])))


def beat_power(motion: Motion, beat_times: np.ndarray) -> Lift:
    """Share of the power of the joint speeds at 1/2, 1 and 2 cycles a beat.

    The speed of every joint is laid over the beats (so that a tempo that
    wanders stays one line), its mean taken off, and the power of all joints
    added; only 0.3-8 Hz counts. NaN for fewer than two beats, under two seconds
    of motion, or none at all.
    """
    nothing = Lift(float("nan"), float("nan"))
    if len(beat_times) < 2 or motion.seconds < 2.0:
        return nothing
    speeds = joint_speeds(motion)
    frames = len(speeds)
    positions = beat_positions(np.arange(frames) / motion.fps, beat_times)
    span = positions[-1] - positions[0]
    even = np.linspace(positions[0], positions[-1], frames)
    over_beats = np.stack([np.interp(even, positions, s) for s in speeds.T], axis=1)
    power = np.abs(np.fft.rfft(over_beats - over_beats.mean(axis=0), axis=0)) ** 2
    power = power.sum(axis=1)
    cycles = np.fft.rfftfreq(frames, d=span / (frames - 1))
    hertz = cycles * span / ((frames - 1) / motion.fps)
    band = (hertz >= POWER_BAND_HZ[0]) & (hertz <= POWER_BAND_HZ[1])
    total = power[band].sum()
    if total < 1e-12:
        return nothing
    width = POWER_HALF_WIDTH / span

    def share(stretch: float) -> float:
        near = np.zeros(len(cycles), dtype=bool)
        for metre in METRES:
            near |= np.abs(cycles - 1.0 / (metre * stretch)) <= width
        return float(power[band & near].sum() / total)

    return Lift(share(1.0), float(np.mean([share(s) for s in STRETCHES])))
