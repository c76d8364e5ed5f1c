"""What an exporter says of a file that it wrote: rate, length, axes, unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


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
