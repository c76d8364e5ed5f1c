"""The beats that a scene stores, and the clock that lays them on its frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core import beat_file

Beats = beat_file.Beats


@dataclass(frozen=True)
class Clock:
    """Which scene frame a second of the song falls on.

    Attributes
    ----------
    zero : float
        The frame on which the song's second 0 sounds, or would.
    fps : float
        Frames per second of the scene.
    """

    zero: float
    fps: float

    def frames(self, times: np.ndarray | Sequence[float]) -> np.ndarray:
        """Frames (n,) float of song seconds (n,)."""
        return self.zero + np.asarray(times, float) * self.fps

    def times(self, frames: np.ndarray | Sequence[float] | float) -> np.ndarray:
        """Song seconds (n,) of frames (n,)."""
        return (np.asarray(frames, float) - self.zero) / self.fps


@dataclass(frozen=True)
class StoredBeats:
    """What a scene stores: the beats, whose song it is, and where its markers were drawn.

    ``others`` are the frames of markers with Blender's own names that were there before.
    """

    beats: Beats
    song: str
    clock: Clock
    others: tuple[int, ...] = ()


def counts(beats: Beats, starts: Sequence[float] = ()) -> list[int]:
    """How a dancer counts each beat (n,): 1 to 8 over two bars of four, anew in each section.

    ``starts`` are the seconds at which sections begin. Beats before the first bar count
    towards its 1.
    """
    bars = np.flatnonzero(beats.downbeats)
    if len(bars) == 0:
        return [k % 8 + 1 for k in range(len(beats.times))]
    lines = beats.times[bars]
    fresh = {int(np.argmin(np.abs(lines - start))) for start in starts}
    out, second = [], False
    period = 2 * max(1, beats.beats_per_bar)
    out += [(period - int(bars[0]) + k) % period + 1 for k in range(int(bars[0]))]
    before = 0
    for k, first in enumerate(bars.tolist()):
        second = not second if k not in fresh and k else False
        stop = int(bars[k + 1]) if k + 1 < len(bars) else len(beats.times)
        out += [(before if second else 0) + i + 1 for i in range(stop - first)]
        before = stop - first
    return out
