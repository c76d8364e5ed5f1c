"""The compact training file: every clip of a dataset in one .npz, a few tens of MB.

Roots stay float32 (a half float at 4 m moves in steps of 4 mm, which would read
as shaking); rotations are float16 quaternions, exact to about 0.03 degrees.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...array_file import read_npz
from ...audio.beats import Beats
from ...audio.features import AudioFeatures
from ...control import Counts
from ...errors import DataError, MotionError
from ...files import whole_file
from ...formats.npz import check_pose
from ...motion import Motion
from ...rotations import normalize

FORMAT = 1
BEATS_PER_BAR = 4
COUNTS = 2 * BEATS_PER_BAR
"""Beats in a phrase of two bars."""
_NAMES = (
    "format", "names", "sources", "styles", "splits", "fps", "frames", "root", "rotations",
    "first_counts", "beat_counts", "beats",
)  # fmt: skip


@dataclass(frozen=True)
class Music:
    """What a clip was danced to: beats in the clip's time, and what is heard.

    ``start`` is the second of the song, whose features these are, at the clip's time 0.
    """

    beats: Beats
    features: AudioFeatures
    start: float = 0.0


@dataclass(frozen=True)
class Clip:
    """One stretch of motion capture.

    ``style`` may be empty (unlabelled); ``split`` is "train" or "held_out";
    ``source`` names the collection, for credits and for sampling weights;
    ``beats`` (n,) are the music's beats in seconds where they are known;
    ``music`` is there where conditions are made of it. A pack does not keep it.
    ``first_count`` is which beat of its phrase of two bars in 4/4 (0 to 7) the first of
    ``beats`` is.
    """

    name: str
    source: str
    style: str
    split: str
    motion: Motion
    beats: np.ndarray
    music: Music | None = None
    first_count: int = 0

    def counts(self) -> Counts | None:
        """Its beats, bars of four beats and phrases of two bars; None where they are unknown.

        Where the music is there, its own bars hold, whatever their length.
        """
        if self.music is not None:
            return Counts.of(self.music.beats.times, self.music.beats.downbeats)
        if len(self.beats) < 2:
            return None
        phrases = (self.first_count + np.arange(len(self.beats))) % COUNTS == 0
        return Counts(self.beats, self.beats[self.downbeats()], self.beats[phrases])

    def downbeats(self) -> np.ndarray:
        """Which of the beats begin a bar of four, (n,) bool."""
        return (self.first_count + np.arange(len(self.beats))) % BEATS_PER_BAR == 0


def save_pack(path: str | os.PathLike[str], clips: list[Clip]) -> None:
    """Write the clips as one compressed .npz, whole or not at all."""
    arrays = {
        "format": np.array(FORMAT),
        "names": np.array([c.name for c in clips]),
        "sources": np.array([c.source for c in clips]),
        "styles": np.array([c.style for c in clips]),
        "splits": np.array([c.split for c in clips]),
        "fps": np.array([c.motion.fps for c in clips]),
        "frames": np.array([len(c.motion) for c in clips]),
        "root": np.concatenate([c.motion.root for c in clips]).astype(np.float32),
        "rotations": np.concatenate([c.motion.rotations for c in clips]).astype(np.float16),
        "first_counts": np.array([c.first_count for c in clips]),
        "beat_counts": np.array([len(c.beats) for c in clips]),
        "beats": np.concatenate([c.beats for c in clips]).astype(np.float64),
    }
    with whole_file(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def load_pack(path: str | os.PathLike[str]) -> list[Clip]:
    """Read what ``save_pack`` wrote; raises DataError for anything else."""
    if not Path(path).is_file():
        raise DataError(f"{path}: no such training file; `python training/prepare.py` makes one")
    arrays = read_npz(path, _NAMES)
    if (found := arrays.number("format", 0, 1e9)) != FORMAT:
        raise DataError(f"{path}: format {found:g}, this reads {FORMAT}")
    names, sources = arrays.texts("names"), arrays.texts("sources")
    styles, splits = arrays.texts("styles"), arrays.texts("splits")
    fps, frames = arrays.numbers("fps", 1), arrays.counts("frames")
    root, rotations = arrays.numbers("root", 2), arrays.numbers("rotations", 3)
    beats, beat_counts = arrays.numbers("beats", 1), arrays.counts("beat_counts")
    # Packs of before have no bars.
    none = np.zeros(len(names), np.int64)
    first_counts = arrays.counts("first_counts") if "first_counts" in arrays else none
    each = (sources, styles, splits, fps, frames, beat_counts, first_counts)
    if any(len(one) != len(names) for one in each):
        raise DataError(f"{path}: its arrays do not tell of the same number of clips")
    if not frames.sum() == len(root) == len(rotations) or beat_counts.sum() != len(beats):
        raise DataError(f"{path}: its clips are not as long as its frames and beats")
    ends, beat_ends = np.cumsum(frames), np.cumsum(beat_counts)
    clips = []
    for i, name in enumerate(names):
        start, stop = ends[i] - frames[i], ends[i]
        times = beats[beat_ends[i] - beat_counts[i] : beat_ends[i]].astype(np.float64)
        if (np.diff(times) <= 0).any():
            raise DataError(f"{path}: clip {name[:80]!r} has beats out of order")
        try:
            check_pose(path, root[start:stop], rotations[start:stop])
            motion = Motion(
                float(fps[i]),
                root[start:stop].astype(np.float64),
                normalize(rotations[start:stop].astype(np.float64)),
            )
        except MotionError as error:
            raise DataError(f"{path}: clip {name[:80]!r}: {error}") from error
        first = int(first_counts[i])
        clips.append(Clip(name, sources[i], styles[i], splits[i], motion, times, first_count=first))
    return clips
