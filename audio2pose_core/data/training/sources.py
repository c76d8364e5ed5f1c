"""Where the clips of a windows file come from, and which split each belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...array_file import read_npy
from ...audio.beats import load_beats
from ...audio.features import extract_features
from ...audio.load import load_audio
from ...errors import DataError
from ...formats import load_motion
from ...json_file import read_json
from ..aistpp.manifest import FORMAT as AISTPP_FORMAT, load_manifest
from ..aistpp.names import FPS as AISTPP_FPS, GENRES, parse_name
from ..bvh import dataset as bvh_dataset
from ..fitting.coco import fit_keypoints
from .clip import Clip, Music

HELD_OUT = 0.05
"""Share of the seconds that validation and test take each, at least."""
MIN_GROUPS = 5
"""With fewer songs or sources there is no telling apart; single clips are split then."""


@dataclass(frozen=True)
class ClipSource:
    """A clip by its files: what a worker needs to load it.

    ``kind`` is "motion" (npz on our skeleton) or "keypoints" (npy, COCO-17);
    ``group`` what must not be torn apart by a split (a song, or a source).
    """

    name: str
    source: str
    style: str
    split: str
    group: str
    seconds: float
    kind: str
    path: Path
    beats: Path | None = None
    audio: Path | None = None
    audio_start: float = 0.0
    """Second of the sound at the motion's time 0."""


def load_clip(source: ClipSource, music_fps: float | None = None) -> Clip:
    """Read a clip's motion, fitting the skeleton to keypoints where need be.

    With ``music_fps`` its music comes with it, analysed at that rate, where there is some.
    """
    if source.kind == "keypoints":
        points = read_npy(source.path)
        motion = fit_keypoints(points, AISTPP_FPS).motion
    else:
        motion = load_motion(source.path)
    beats = load_beats(source.beats) if source.beats is not None else None
    music = None
    if music_fps is not None and source.audio is not None and beats is not None:
        features = extract_features(load_audio(source.audio), music_fps)
        music = Music(beats, features, source.audio_start)
    times = beats.times if beats is not None else np.zeros(0)
    return Clip(source.name, source.source, source.style, source.split, motion, times, music)


def sources_of(roots: Sequence[Path], only: str | None = None) -> list[ClipSource]:
    """The clips of preprocessed data roots, of ``preprocess aistpp`` or ``preprocess bvh``.

    AIST++ keeps its official split. The rest is split by song where there is
    music, by source otherwise, by clip where these are too few.
    """
    out: list[ClipSource] = []
    for root in roots:
        out += _aistpp(root) if _format(root) == AISTPP_FORMAT else _motions(root)
    names = [s.name for s in out]
    double = next((n for n in names if names.count(n) > 1), None) if len(roots) > 1 else None
    if double is not None:
        raise DataError(f"{double} is in more than one data root; give each clip once")
    free = [s for s in out if not s.split]
    groups: dict[str, float] = {}
    for source in free:
        groups[source.group] = groups.get(source.group, 0.0) + source.seconds
    if len(groups) < MIN_GROUPS:
        free = [replace(s, group=s.name) for s in free]
        groups = {s.name: s.seconds for s in free}
    split = assign_splits(groups)
    placed = iter(replace(s, split=split[s.group]) for s in free)
    return [s if s.split else next(placed) for s in out]


def assign_splits(groups: dict[str, float]) -> dict[str, str]:
    """Split of each group by its seconds: in the order of their hashes, test, val, then train.

    Test and validation take groups until each has its share. The order depends
    on the names alone, so a dataset that grows keeps most of its split.
    """
    total = sum(groups.values())
    order = sorted(groups, key=lambda g: hashlib.sha256(g.encode()).hexdigest())
    out: dict[str, str] = {}
    taken = {"test": 0.0, "val": 0.0}
    for group in order:
        # The last groups are for training, however few there are.
        room = len(groups) - len(out) > max(1, len(groups) // 2)
        split = next((s for s in taken if taken[s] < HELD_OUT * total), "train")
        if split == "train" or not room or groups[group] > 0.25 * total:
            out[group] = "train"
        else:
            out[group] = split
            taken[split] += groups[group]
    return out


def _format(root: Path) -> Any:
    manifest = read_json(
        root / bvh_dataset.MANIFEST,
        largest=bvh_dataset.LARGEST_MANIFEST,
        missing="not found; run audio2pose preprocess first",
    )
    return manifest.get("format") if isinstance(manifest, dict) else None


def _aistpp(root: Path) -> list[ClipSource]:
    out = []
    for row in load_manifest(root)["clips"]:
        if "pose" not in row["files"]:
            continue
        name = parse_name(row["name"])
        beats = root / row["files"]["beats"]["path"] if "beats" in row["files"] else None
        audio = root / row["files"]["audio"]["path"] if "audio" in row["files"] else None
        style = GENRES.get(name.genre, "")
        pose, seconds = root / row["files"]["pose"]["path"], row["frames"] / AISTPP_FPS
        out.append(
            ClipSource(
                name.motion, "aistpp", style, name.split, name.music, seconds, "keypoints", pose,
                beats, audio,
            )
        )  # fmt: skip
    return out


def _motions(root: Path) -> list[ClipSource]:
    path = root / bvh_dataset.MANIFEST
    manifest = read_json(path, largest=bvh_dataset.LARGEST_MANIFEST)
    rows = manifest.get("clips") if isinstance(manifest, dict) else None
    if not isinstance(rows, list) or manifest.get("format") != bvh_dataset.FORMAT:
        raise DataError(f"{path} is not a manifest of audio2pose preprocess; run it again")
    out = []
    for row in rows:
        if not isinstance(row, dict) or not all(
            isinstance(row.get(k), str) for k in ("name", "source", "style", "motion", "beats")
        ):
            raise DataError(f"{path}: a row is damaged; run preprocess again")
        seconds = row.get("seconds")
        if not isinstance(seconds, int | float) or Path(row["name"]).name != row["name"]:
            raise DataError(f"{path}: the row of {row['name']} is damaged; run preprocess again")
        # Paths follow from the name, so that a strange manifest cannot point elsewhere.
        motion, beats = (
            root / "motions" / f"{row['name']}.npz",
            root / "beats" / f"{row['name']}.json",
        )
        song = row.get("song")
        audio, start = row.get("audio"), row.get("audio_start_s", 0.0)
        if not isinstance(audio, str | None) or not isinstance(start, int | float):
            raise DataError(f"{path}: the row of {row['name']} is damaged; run preprocess again")
        group = f"song:{song}" if isinstance(song, str) else f"source:{row['source']}"
        out.append(
            ClipSource(
                row["name"], row["source"], row["style"], "", group, float(seconds), "motion",
                motion, beats, None if audio is None else Path(audio), float(start),
            )
        )  # fmt: skip
    return out
