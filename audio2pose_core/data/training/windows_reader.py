"""Reading a windows file: one split, memory-mapped, its contract checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ... import representation as rep
from ...array_file import read_npy
from ...errors import DataError
from ...json_file import read_json
from .windows_writer import CONTRACT, FORMAT

LARGEST = 2**28
"""Bytes of a contract."""
MOST_ROWS = 2**45
"""Bytes of the rows: they stay on disk."""


@dataclass(frozen=True)
class WindowsFile:
    """One split of a windows file.

    Attributes
    ----------
    rows : (N, 152 + C) float16 memory map
    starts, frames : (n,) int64
        First row and length of each track.
    clips, sources, styles : tuple of str
        Of each track: the name of its clip, and where that comes from.
    weights : (n,) float64
        How much a second of each track counts: less where its clip hardly dances.
    speeds : (n,) float64
        Of each track: 1.1 plays its clip in 1 / 1.1 of its time.
    mirrored : (n,) bool
    mean, deviation : (152,) float64
        Of the features of the training split.
    fps : float
    conditions : tuple of str
        Names of the last C columns.
    """

    rows: np.ndarray
    starts: np.ndarray
    frames: np.ndarray
    clips: tuple[str, ...]
    sources: tuple[str, ...]
    styles: tuple[str, ...]
    weights: np.ndarray
    speeds: np.ndarray
    mirrored: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray
    fps: float
    conditions: tuple[str, ...]

    def __len__(self) -> int:
        """How many tracks."""
        return len(self.starts)

    def track(self, index: int) -> np.ndarray:
        """Rows (T, 152 + C) of one track."""
        return self.rows[self.starts[index] : self.starts[index] + self.frames[index]]

    def only(self, wanted: np.ndarray) -> WindowsFile:
        """The same file with some of its tracks: those where ``wanted`` (n,) is true."""
        places = np.flatnonzero(wanted)
        return replace(
            self,
            starts=self.starts[places],
            frames=self.frames[places],
            clips=tuple(self.clips[i] for i in places),
            sources=tuple(self.sources[i] for i in places),
            styles=tuple(self.styles[i] for i in places),
            weights=self.weights[places],
            speeds=self.speeds[places],
            mirrored=self.mirrored[places],
        )

    def plain(self) -> WindowsFile:
        """One track of each clip: as it was captured, or at the speed nearest to that."""
        best: dict[str, int] = {}
        unlike = np.abs(np.log(self.speeds)) + 10.0 * self.mirrored
        for i, clip in enumerate(self.clips):
            if clip not in best or unlike[i] < unlike[best[clip]]:
                best[clip] = i
        return self.only(np.isin(np.arange(len(self)), list(best.values())))


def is_windows(path: str | Path) -> bool:
    """Whether ``path`` is a windows file's folder (or its contract)."""
    return Path(path).is_dir() or Path(path).name == CONTRACT


def open_windows(path: str | Path, split: str = "train") -> WindowsFile:
    """Map one split; raises DataError where contract and file do not fit each other."""
    folder = Path(path) if Path(path).is_dir() else Path(path).parent
    contract = _contract(folder)
    try:
        part = contract["splits"][split]
        clips, tracks = part["clips"], part["tracks"]
        starts = np.array(tracks["start"], dtype=np.int64)
        frames = np.array(tracks["frames"], dtype=np.int64)
        if min(tracks["clip"], default=0) < 0:
            raise IndexError("a track of no clip")
        which = [clips[i] for i in tracks["clip"]]
        names = tuple(str(c["name"]) for c in which)
        speeds = np.array(tracks["speed"], dtype=np.float64)
        mirrored = np.array(tracks["mirrored"], dtype=bool)
        sources = tuple(str(c["source"]) for c in which)
        styles = tuple(str(c["style"]) for c in which)
        weights = np.array([float(c["weight"]) for c in which])
        mean = np.array(contract["mean"], dtype=np.float64)
        deviation = np.array(contract["deviation"], dtype=np.float64)
        total, fps = int(part["frames"]), float(contract["fps"])
        rows = read_npy(folder / f"{split}.npy", most=MOST_ROWS, mapped=True)
    except KeyError as error:
        raise DataError(f"{folder / CONTRACT}: lacks {error}; build the windows again") from error
    except (TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        raise DataError(f"{folder}: the split {split!r} cannot be read ({error})") from error
    whole = (
        rows.shape == (total, rep.WIDTH + len(contract["conditions"]))
        and rows.dtype == np.float16
        and starts.ndim == frames.ndim == speeds.ndim == mirrored.ndim == 1
        and len(starts) == len(frames) == len(which) == len(speeds) == len(mirrored) > 0
        and bool((speeds > 0).all() and (weights > 0).all())
        and bool(np.isfinite(speeds).all() and np.isfinite(weights).all() and 0 < fps < 1e4)
        and mean.shape == deviation.shape == (rep.WIDTH,)
        and bool((frames > 0).all() and (frames <= total).all() and (starts >= 0).all())
        and bool((starts <= total - frames).all())
        and bool(np.isfinite(mean).all() and (deviation > 0).all())
    )
    if not whole:
        raise DataError(f"{folder}: {split}.npy does not fit its contract; build the windows again")
    return WindowsFile(
        rows,
        starts,
        frames,
        names,
        sources,
        styles,
        weights,
        speeds,
        mirrored,
        mean,
        deviation,
        fps,
        tuple(contract["conditions"]),
    )


def _contract(folder: Path) -> dict[str, Any]:
    path = folder / CONTRACT
    contract = read_json(
        path, largest=LARGEST, missing="not found: an unfinished windows file; build it again"
    )
    if not isinstance(contract, dict) or contract.get("format") != FORMAT:
        raise DataError(f"{path}: not a windows file of format {FORMAT}")
    names = contract.get("conditions")
    known = isinstance(names, list) and all(
        isinstance(name, str) and name in rep.SUPPORTED_CONDITIONS for name in names
    )
    if not known or contract.get("features") != rep.WIDTH:
        raise DataError(f"{path}: made for another model's features; build the windows again")
    return contract
