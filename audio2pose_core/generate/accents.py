"""Which instants of the song the body answers (accents), from the song's beats and the style."""

from __future__ import annotations

import numpy as np

from ..audio.beats import Beats
from ..errors import OptionError
from ..representation import ENERGY_SMOOTHING_S
from ..signals import gaussian_smooth
from .model import Style

OFF_BEAT_STRENGTH = 0.7
DOWNBEAT_STRENGTH = 1.15
HITS_A_BEAT = {"second": 0.5, "beat": 1.0, "half": 2.0}
HIT_CHOICES = ("auto", "beat", "second", "half")
"""Let the style decide, or: every beat, every second beat, the half beats too."""
LEAST_SWING = 0.12
"""Of the loudness, by its deviation: a song of less dances evenly."""
CALMEST, LIVELIEST = -1.0, 1.5
"""What quiet and loud parts of a song ask for at most, in deviations of the style's energy. Less
on the calm side: the lowest energies of captures are pauses, and an intro should be danced."""


def choose_accents(
    beats: Beats,
    style: Style,
    seconds: float,
    which: str = "auto",
    downbeat: float = DOWNBEAT_STRENGTH,
) -> tuple[np.ndarray, np.ndarray]:
    """Times (n,) in seconds and strengths (n,) in 0..1 of the accents.

    Every beat, every second beat or the half-beats, whichever comes nearest to
    the style's natural rate unless ``which`` says it. The grid is carried on
    before the first and after the last beat, so that an intro and an ending
    are danced too. ``downbeat`` is the weight of downbeats over other beats.
    OptionError if ``which`` is none of ``HIT_CHOICES``.
    """
    if which not in HIT_CHOICES:
        raise OptionError(f"no accents {which!r}; choose from {', '.join(HIT_CHOICES)}")
    times, down = _cover(beats, seconds)
    rate = 1.0 / np.median(np.diff(times))
    factor = HITS_A_BEAT.get(which) or min(
        HITS_A_BEAT.values(), key=lambda f: abs(np.log2(rate * f / style.hit_rate))
    )
    strength = np.where(down, downbeat, 1.0)
    if factor == 0.5:
        # Keep the beats that share their parity with most downbeats: the 1 and 3 of a bar.
        odd = int(np.sum(down[1::2]) > np.sum(down[::2]))
        times, strength = times[odd::2], strength[odd::2]
    elif factor == 2.0:
        middles = (times[:-1] + times[1:]) / 2
        times = np.insert(times, np.arange(1, len(times)), middles)
        strength = np.insert(strength, np.arange(1, len(strength)), OFF_BEAT_STRENGTH)
    return times, np.clip(strength * style.hit_strength, 0.0, 1.0)


def _cover(beats: Beats, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Beats carried on past both ends of the song by two intervals; times and downbeats."""
    times, down = np.asarray(beats.times, dtype=np.float64), np.asarray(beats.downbeats, dtype=bool)
    first, last = times[1] - times[0], times[-1] - times[-2]
    before = np.arange(1, int(np.ceil(times[0] / first)) + 2)
    after = np.arange(1, max(0, int(np.ceil((seconds - times[-1]) / last))) + 2)
    no_before, no_after = np.zeros(len(before), bool), np.zeros(len(after), bool)
    return (
        np.concatenate([times[0] - before[::-1] * first, times, times[-1] + after * last]),
        np.concatenate([no_before, down, no_after]),
    )


def song_energy(
    loudness: np.ndarray,
    fps: float,
    style: Style,
    liveliness: float = 0.0,
    dial: float | np.ndarray = 0.0,
    most: float = np.inf,
) -> np.ndarray:
    """The energy condition (T,) of a song's loudness (T,): louder than its mean, livelier.

    The song's swings are mapped to those of the style and held within ``CALMEST`` and
    ``LIVELIEST``; a song of even loudness dances at the style's mean.
    ``liveliness`` deviations are added throughout, then those of the ``dial``,
    which alone takes nothing above ``most``: beyond what it has seen a network
    moves less again.
    """
    # As smooth as what the network learnt from: it never saw an energy that changes on a beat.
    loudness = gaussian_smooth(np.asarray(loudness, dtype=np.float64), ENERGY_SMOOTHING_S * fps)
    # A floor on the divisor keeps the noise of an even song from becoming drama.
    relative = (loudness - loudness.mean()) / max(float(loudness.std()), LEAST_SWING)
    swing = style.energy_deviation * (np.clip(relative, CALMEST, LIVELIEST) + liveliness)
    energy = style.energy_mean + style.energy_offset + swing
    dialled = energy + dial * style.energy_deviation
    return np.minimum(dialled, np.maximum(energy, most))
