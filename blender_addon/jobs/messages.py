"""What the worker is asked for: a dance, fewer keys, or beats. Plain data and files, no bpy.

A request writes what is large into the job's folder (``write``: the message
that goes to the worker) and reads its answer back from there (``read``).
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from ..core import beat_file, bones, errors, motion as core_motion, npz

SAMPLES_FILE = "song.npy"
BEATS_FILE = "beats.json"
KEPT_FILE = "kept.npz"
MASK_FILE = "mask.npy"
TRACKS_FILE = "tracks.npz"
KEYS_FILE = "keys.npz"


@dataclass(frozen=True)
class Request:
    """What to dance.

    Attributes
    ----------
    samples : (N,) or (N, C) float32
        The song from the second on where the dance begins.
    sample_rate : int
        Samples per second.
    name : str
        The song, for messages.
    style, seed, energy, quality, hits, structure : as in ``generate_dance``.
    beats : Beats or None
        Seconds from the first sample; None lets the worker find them.
    kept, mask : Motion and (frames, 25) bool, or None
        The dance so far and what stays of it, see ``cleanup.constraints.MotionConstraint``.
    model : str or None
        A model file; None is the shipped one.
    threads, device : as in ``generate.model.load_model``; 0 and "auto" leave them to it.
    """

    samples: np.ndarray
    sample_rate: int
    name: str
    style: str | Mapping[str, float] = "auto"
    seed: int = 0
    model: str | None = None
    energy: float = 0.0
    quality: int = 1
    hits: str = "auto"
    structure: bool = False
    beats: beat_file.Beats | None = None
    kept: core_motion.Motion | None = None
    mask: np.ndarray | None = None
    threads: int = 0
    device: str = "auto"

    def write(self, folder: Path) -> dict[str, Any]:
        """Samples and kept motion into ``folder``; the message."""
        np.save(folder / SAMPLES_FILE, self.samples)
        kept = None
        if self.kept is not None and self.mask is not None:
            kept = {"motion": KEPT_FILE, "mask": MASK_FILE}
            npz.save_npz(folder / KEPT_FILE, self.kept)
            np.save(folder / MASK_FILE, self.mask)
        if self.beats is not None:
            beat_file.save_beats(folder / BEATS_FILE, self.beats)
        return {
            "task": "dance",
            "samples": SAMPLES_FILE,
            "sample_rate": int(self.sample_rate),
            "name": self.name,
            "style": self.style if isinstance(self.style, str) else dict(self.style),
            "seed": int(self.seed),
            "model": self.model,
            "energy": float(self.energy),
            "quality": int(self.quality),
            "hits": self.hits,
            "structure": bool(self.structure),
            "beats": None if self.beats is None else BEATS_FILE,
            "kept": kept,
            "threads": int(self.threads),
            "device": self.device,
        }

    def read(self, message: Mapping[str, Any]) -> core_motion.Motion:
        """The motion that a "done" message names; MotionError if it cannot be read."""
        return npz.load_npz(message["motion"])


@dataclass(frozen=True)
class Reduction:
    """Keys to thin out; the fields are those of ``cleanup.reduce.reduce_keys``."""

    chain: bones.Chain
    tracks: Sequence[bones.Track]
    error: float
    planted: np.ndarray | None = None
    preferred: np.ndarray | None = None
    held: np.ndarray | None = None
    exact: np.ndarray | None = None

    def write(self, folder: Path) -> dict[str, Any]:
        """All arrays into ``folder``; the message."""
        arrays = {f"chain_{f.name}": getattr(self.chain, f.name) for f in fields(self.chain)}
        for i, track in enumerate(self.tracks):
            arrays[f"track_{i}"] = track.values
        for name in ("planted", "preferred", "held", "exact"):
            if getattr(self, name) is not None:
                arrays[name] = getattr(self, name)
        np.savez(folder / TRACKS_FILE, **arrays)
        tracks = [{"bone": int(t.bone), "kind": t.kind} for t in self.tracks]
        return {"task": "reduce", "arrays": TRACKS_FILE, "tracks": tracks, "error": self.error}

    def read(self, message: Mapping[str, Any]) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Of each track the indices (k,), values and slopes (k, c) of its keys."""
        try:
            with np.load(message["keys"], allow_pickle=False) as data:
                return [
                    (data[f"index_{i}"], data[f"values_{i}"], data[f"slopes_{i}"])
                    for i in range(len(self.tracks))
                ]
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise errors.MotionError(f"its keys: {error}") from error


@dataclass(frozen=True)
class Analysis:
    """Beats to find in a song; the fields are those of ``Request``."""

    samples: np.ndarray
    sample_rate: int
    name: str

    def write(self, folder: Path) -> dict[str, Any]:
        """The samples into ``folder``; the message."""
        np.save(folder / SAMPLES_FILE, self.samples)
        return {
            "task": "beats",
            "samples": SAMPLES_FILE,
            "sample_rate": int(self.sample_rate),
            "name": self.name,
        }

    def read(self, message: Mapping[str, Any]) -> beat_file.Beats:
        """The beats that a "done" message names; DataError if they cannot be read."""
        return beat_file.load_beats(message["beats"])
