"""What exporters share: what they say of a file, cycles that close, other frame rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..motion import Motion


@dataclass(frozen=True)
class ExportReport:
    """One written file.

    Attributes
    ----------
    format : str
        As people call it: "BVH", "VRM Animation".
    frames : int
        Keys of each channel, the closing one of a loop with them.
    fps : float
        Keys a second.
    seconds : float
        How long a player that loops it plays before it begins again.
    up, front : str
        Axes of the file: "+Y", "+Z".
    unit : str
        Of the file's lengths: "m", "cm", "8 cm".
    loop : bool
        Whether the dance is a cycle: it ends as it begins.
    root : str
        What travels over the floor: "hips", "root bone", "in place".
    """

    format: str
    frames: int
    fps: float
    seconds: float
    up: str = "+Y"
    front: str = "+Z"
    unit: str = "m"
    loop: bool = False
    root: str = "hips"

    def line(self) -> str:
        """One line for a person."""
        length = f"{self.seconds:.2f} s" + (", a loop" if self.loop else "")
        return (
            f"{self.format}: {self.frames} frames at {self.fps:g} fps, {length}; "
            f"{self.up} up, {self.front} front, unit {self.unit}, travels by {self.root}"
        )

    def fields(self) -> Mapping[str, Any]:
        """The same for a report in JSON."""
        return asdict(self)


def closed(motion: Motion, way: np.ndarray) -> Motion:
    """A cycle with its first frame once more at its end, a period later and ``way`` (3,) further.

    A player that begins again at the last key then plays a cycle of N frames in exactly
    N / fps seconds, without a jump.
    """
    again = [*range(len(motion)), 0]
    root = motion.root[again]
    root[-1] += way
    contacts = None if motion.contacts is None else motion.contacts[again]
    hands = None if motion.hands is None else motion.hands[again]
    return Motion(motion.fps, root, motion.rotations[again], contacts, hands)


def at_rate(motion: Motion, fps: float, loop: np.ndarray | None) -> Motion:
    """The dance at another frame rate; a cycle stays one, of the nearest whole number of frames."""
    if motion.fps == fps:
        return motion
    if loop is None:
        return motion.resample(fps)
    count = max(1, round(motion.seconds * fps))
    return closed(motion, loop).sample(np.arange(count) * (motion.seconds / count), fps)
