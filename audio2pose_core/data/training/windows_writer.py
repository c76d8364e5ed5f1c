"""The windows file: training tracks ready to be drawn from, memory-mapped.

    OUT/train.npy, val.npy, test.npy   float16 (frames, 152 features + conditions)
    OUT/windows.json                   the contract: layout, statistics, tracks, hashes

A track is a run of rows: one clip at one speed, mirrored or not. Any stretch of
a track is a window. Building it streams: one clip's rows are written before the
next clip's come, so memory does not grow with the dataset but for the table of
tracks.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ... import representation as rep
from ...errors import DataError, MotionError
from ...files import whole_file, write_text
from ...metrics.smoothness import dance_weight, motion_magnitude
from .clip import Clip
from .cluster import Failure, WorkerPool
from .sources import ClipSource, load_clip
from .statistics import RunningStatistics
from .tracks import make_tracks

FORMAT = 2
CONTRACT = "windows.json"
SPLITS = ("train", "val", "test")
CONDITIONS = rep.HIT_CONDITIONS + rep.ENERGY_CONDITIONS
_HEADER_ROOM = 10**15
"""Rows that the file's first header claims, so that the true one fits in its place."""


@dataclass(frozen=True)
class WindowOptions:
    """How clips are multiplied; ``speeds`` of 1.1 play them in 1 / 1.1 of their time.

    ``conditions`` are groups of ``representation.CONDITION_GROUPS``; those of the music
    make the clips' songs be read.
    """

    fps: float = 30.0
    speeds: tuple[float, ...] = (1.0,)
    mirror: bool = True
    conditions: tuple[str, ...] = ("hits", "energy")


@dataclass(frozen=True)
class Rows:
    """One track of a clip: float16 (T, 152 + conditions).

    ``weight`` is how much a second of the clip counts, see ``metrics.smoothness.dance_weight``.
    """

    values: np.ndarray
    speed: float
    mirrored: bool
    weight: float


def make_rows(source: ClipSource | Clip, options: WindowOptions) -> list[Rows]:
    """All tracks of one clip; what the workers do."""
    music = any(group in rep.MUSIC_GROUPS for group in options.conditions)
    clip = source if isinstance(source, Clip) else load_clip(source, options.fps if music else None)
    names = rep.condition_names(options.conditions)
    weight = dance_weight(motion_magnitude(clip.motion))
    out = []
    for speed in options.speeds:
        # The style is told by name in the contract, so that any config can read the file.
        anonymous = replace(clip, style="")
        tracks = make_tracks(anonymous, options.fps, names, (), (speed,), options.mirror)
        for mirrored, track in enumerate(tracks):
            with np.errstate(over="ignore"):
                values = np.concatenate([track.features, track.conditions], axis=1)
                half = values.astype(np.float16)
            if not np.isfinite(half).all():
                raise MotionError(f"{clip.name}: moves too fast for half floats; it is damaged")
            out.append(Rows(half, speed, bool(mirrored), weight))
    return out


class _SplitFile:
    """One .npy that grows by rows; its header is made true at the end."""

    def __init__(self, file: BinaryIO, width: int) -> None:
        self.file, self.rows, self.width = file, 0, width
        self.tracks: dict[str, list[Any]] = {k: [] for k in ("clip", "start", "frames")}
        self.tracks |= {"speed": [], "mirrored": []}
        self.clips: list[dict[str, Any]] = []
        self._write_header(_HEADER_ROOM)
        self.header_bytes = file.tell()

    def _write_header(self, rows: int) -> None:
        header = {"descr": "<f2", "fortran_order": False, "shape": (rows, self.width)}
        np.lib.format.write_array_header_1_0(self.file, header)

    def add(self, source: ClipSource | Clip, tracks: list[Rows]) -> None:
        """Append a clip's tracks."""
        record = {"name": source.name, "source": source.source, "style": source.style}
        # A clip that cannot be used has no tracks.
        weight = tracks[0].weight if tracks else 1.0
        self.clips.append({**record, "weight": round(weight, 4)})
        for track in tracks:
            self.file.write(np.ascontiguousarray(track.values, dtype="<f2").tobytes())
            values = (len(self.clips) - 1, self.rows, len(track.values))
            for key, value in zip(self.tracks, (*values, track.speed, track.mirrored), strict=True):
                self.tracks[key].append(value)
            self.rows += len(track.values)

    def close(self) -> None:
        """Put the true length into the header."""
        self.file.seek(0)
        self._write_header(self.rows)
        if self.file.tell() != self.header_bytes:
            raise DataError("the .npy header changed its size; use another numpy")


def build_windows(
    sources: list[ClipSource] | list[Clip],
    output: Path,
    options: WindowOptions,
    pool: WorkerPool[Any, Any],
    *,
    progress: Callable[[str, float], None] | None = None,
) -> dict[str, Any]:
    """Write the windows file of all clips and return its contract.

    Clips that cannot be used are named in the contract's "failed" and the rest
    goes on; raises DataError where nothing is left to train on. The contract is
    written last: a folder without it is unfinished.
    """
    if not any(s.split == "train" for s in sources):
        raise DataError("no clip belongs to the split 'train'; nothing can be trained")
    names = rep.condition_names(options.conditions)
    (output / CONTRACT).unlink(missing_ok=True)
    statistics, failed = RunningStatistics(), []
    with ExitStack() as stack:
        files: dict[str, _SplitFile] = {}
        for split in SPLITS:
            if any(s.split == split for s in sources):
                temporary = stack.enter_context(whole_file(output / f"{split}.npy"))
                files[split] = _SplitFile(
                    stack.enter_context(open(temporary, "wb")), rep.WIDTH + len(names)
                )
            else:
                (output / f"{split}.npy").unlink(missing_ok=True)
        wanted = [s for s in sources if s.split in files]
        work = functools.partial(make_rows, options=options)
        for done, (source, result) in enumerate(pool.run(work, wanted), 1):
            if isinstance(result, Failure):
                failed.append({"name": source.name, "reason": result.reason})
            else:
                files[source.split].add(source, result)
                if source.split == "train":
                    for track in result:
                        statistics.add(track.values)
            if progress is not None:
                progress("windows", done / len(wanted))
        if not statistics.count:
            raise DataError(f"no training clip could be used: {failed[0]['reason']}")
        for part in files.values():
            part.close()
    contract = {
        "format": FORMAT,
        **asdict(options),
        "features": rep.WIDTH,
        "conditions": list(names),
        "layout": "float16 (frames, features + conditions), tracks one after the other",
        "mean": [float(f"{v:.9g}") for v in statistics.mean],
        "deviation": [float(f"{v:.9g}") for v in statistics.deviation()],
        "splits": {name: _split_record(output, name, part) for name, part in files.items()},
        "unused": sorted(s.name for s in sources if s.split not in files),
        "failed": failed,
    }
    write_text(output / CONTRACT, json.dumps(contract) + "\n")
    return contract


def _split_record(output: Path, name: str, part: _SplitFile) -> dict[str, Any]:
    path = output / f"{name}.npy"
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "file": path.name,
        "frames": part.rows,
        "bytes": path.stat().st_size,
        "sha256": digest,
        "clips": part.clips,
        "tracks": part.tracks,
    }
