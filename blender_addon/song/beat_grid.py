"""The beats that a scene stores, and the clock that lays them on its frames."""

from __future__ import annotations

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

    def frames(self, times: np.ndarray) -> np.ndarray:
        """Frames (n,) float of song seconds (n,)."""
        return self.zero + np.asarray(times, float) * self.fps

    def times(self, frames: np.ndarray) -> np.ndarray:
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
