"""The bars of a take as its markers count them, and the frames that a person means by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import errors
from ..keys import writer as key_writer
from ..song import beat_markers
from ..takes import metadata as take_metadata
from . import region as regions


@dataclass(frozen=True)
class Bars:
    """Bars in the order of their frames.

    Attributes
    ----------
    numbers : (n,) int
        What each is called, rising; where a marker was deleted a number is missing.
    edges : (n + 1,) int
        The first frame of each, and the one after the last.
    """

    numbers: np.ndarray
    edges: np.ndarray

    def span(self, first_bar: int, last_bar: int) -> tuple[int, int]:
        """First and last frame of bars; OptionError for bars that are not there."""
        if first_bar > last_bar:
            raise errors.OptionError(
                f"bar {first_bar} is not before bar {last_bar}; exchange From Bar and To Bar"
            )
        first = int(np.searchsorted(self.numbers, first_bar))
        stop = int(np.searchsorted(self.numbers, last_bar, side="right"))
        if first == len(self.numbers):
            raise errors.OptionError(
                f"this take has {self.numbers[-1]} bars, so there is no bar {first_bar}"
            )
        if stop <= first:
            raise errors.OptionError(f"bar {first_bar} has no marker any more; choose another bar")
        return int(self.edges[first]), int(self.edges[stop]) - 1

    def at(self, frame: float) -> int:
        """The number of the bar on a frame; of the nearest where none is there."""
        place = int(np.searchsorted(self.edges, frame, side="right")) - 1
        return int(self.numbers[min(max(place, 0), len(self.numbers) - 1)])


def shown(scene: Any, action: Any, metadata: take_metadata.TakeMetadata) -> Bars:
    """The bars of a take: by the numbers of its markers where there are any, else by its beats."""
    frames = key_writer.key_frames(metadata.frame_start, metadata.seconds, metadata.fps)
    first, stop = int(frames[0]), int(frames[-1]) + 1
    marks = beat_markers.bars(action.pose_markers) or beat_markers.bars(scene.timeline_markers)
    inside = [(frame, number) for frame, number in marks if first <= frame < stop]
    numbers = np.array([number for _, number in inside], dtype=int)
    if len(inside) < 2 or (np.diff(numbers) <= 0).any():
        edges = regions.bar_frames(
            metadata.beats, metadata.downbeats, metadata.frame_start, metadata.fps, stop
        )
        return Bars(1 + np.arange(len(edges) - 1), edges)
    # What comes before the first marker belongs to its bar.
    return Bars(numbers, np.array([first, *(frame for frame, _ in inside[1:]), stop]))


def picked(scene: Any, action: Any, bars: Bars, source: str) -> tuple[int, int]:
    """First and last bar by what is chosen in Blender; OptionError where nothing is.

    ``source`` is PLAYHEAD, ONWARDS (from the playhead to the end), MARKERS (the selected ones)
    or PREVIEW (the preview range).
    """
    here = bars.at(scene.frame_current)
    if source == "PLAYHEAD":
        return here, here
    if source == "ONWARDS":
        return here, int(bars.numbers[-1])
    if source == "MARKERS":
        chosen = [m.frame for m in scene.timeline_markers if m.select]
        chosen += [m.frame for m in action.pose_markers if m.select]
        if not chosen:
            raise errors.OptionError("no marker is selected; select some in the Timeline")
        return bars.at(min(chosen)), bars.at(max(chosen))
    if not scene.use_preview_range:
        raise errors.OptionError("no preview range is set; press P in the Timeline and drag")
    return bars.at(scene.frame_preview_start), bars.at(scene.frame_preview_end)
