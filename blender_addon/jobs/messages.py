"""What the worker is asked for: a dance, fewer keys, beats, a plan. Plain data and files, no bpy.

A request writes what is large into the job's folder (``write``: the message
that goes to the worker) and reads its answer back from there (``read``).
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..core import (
    beat_file,
    bones,
    catalogue,
    constraints,
    dance_base,
    dance_keys,
    dials,
    errors,
    json_fields,
    motion as core_motion,
    npz,
    skeleton,
)
from .params import GenerationParams

SAMPLES_FILE = "song.npy"
BEATS_FILE = "beats.json"
CONSTRAINT_FILE = "constraint.npz"
MASK_FILE = "mask.npy"
BASE_FILE = "base.npz"
ANCHORS_FILE = "anchors.npz"
ANCHORS_MASK_FILE = "anchors_mask.npy"
TRACKS_FILE = "tracks.npz"

TrackKeys = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Keys of one track: indices of frames (k,), values and slopes a frame (k, c), reaches (k, 2).

These are as in ``cleanup.reduce.Keys``.
"""


class Request(Protocol):
    """What a job can run."""

    def write(self, folder: Path) -> dict[str, Any]:
        """What is large into ``folder``; the message to the worker."""

    def read(self, message: Mapping[str, Any]) -> Any:
        """The answer that a "done" message names; Audio2PoseError if it cannot be read.

        A request whose worker sends "rough" messages has ``read_rough``, which does the same
        for these.
        """


class DanceAnswer(NamedTuple):
    """The worker's answer to a ``DanceRequest``.

    ``keys`` are those of ``dance_keys.reduce_dance``, where they were asked for.
    """

    motion: core_motion.Motion
    keys: list[TrackKeys] | None


@dataclass(frozen=True)
class LoopRequest:
    """That the dance shall be a cycle; the fields are those of ``generate_loop``."""

    bars: int
    first_bar: int
    root_motion: bool = False
    base: core_motion.Motion | None = None

    def write(self, folder: Path) -> dict[str, Any]:
        """The base into ``folder``; this part of the message."""
        if self.base is not None:
            npz.save_npz(folder / BASE_FILE, self.base)
        return {
            "bars": int(self.bars),
            "first_bar": int(self.first_bar),
            "root_motion": bool(self.root_motion),
            "base": None if self.base is None else BASE_FILE,
        }


@dataclass(frozen=True)
class DanceRequest:
    """A dance, and its keys where it is for our own dancer.

    Attributes
    ----------
    samples : (N,) or (N, C) float32
        The song from the second on where the dance begins.
    sample_rate : int
        Samples per second.
    name : str
        The song, for messages.
    params : GenerationParams
    beats : Beats or None
        Seconds from the first sample; None lets the worker find them.
    constraint : MotionConstraint or None
        What stays of the dance so far.
    base : DanceBase or None
        A clip that the dance begins with, in place of a constraint; without spans and parts.
    anchors : MotionConstraint or None
        Poses that a person set before there was a dance.
    reduce_at : SceneTime or None
        Where the dance lies in the scene, for its keys to be reduced in the same run; None
        is a dance whose channels Blender has to make first.
    loop : LoopRequest or None
        Which bars the dance is a cycle of; None is a dance from start to end.
    moves : sequence of CatalogueMove
        A person's own moves, for phrases to return to.
    rough : bool
        Whether a rough dance is wanted beforehand, where the finished one takes long.
    threads, device : as in ``generate.model.load_model``; 0 and "auto" leave them to it.
    """

    samples: np.ndarray
    sample_rate: int
    name: str
    params: GenerationParams = field(default_factory=GenerationParams)
    beats: beat_file.Beats | None = None
    constraint: constraints.MotionConstraint | None = None
    base: dance_base.DanceBase | None = None
    anchors: constraints.MotionConstraint | None = None
    reduce_at: dance_keys.SceneTime | None = None
    loop: LoopRequest | None = None
    moves: Sequence[catalogue.CatalogueMove] = ()
    rough: bool = False
    threads: int = 0
    device: str = "auto"

    def write(self, folder: Path) -> dict[str, Any]:
        """Samples, beats and constraint into ``folder``; the message."""
        reduction = None
        constraint = _constraint_message(self.constraint, folder, CONSTRAINT_FILE, MASK_FILE)
        anchors = _constraint_message(self.anchors, folder, ANCHORS_FILE, ANCHORS_MASK_FILE)
        base = None
        if self.base is not None:
            base = {"motion": BASE_FILE, "retime": self.base.retime, "vary": self.base.vary}
            npz.save_npz(folder / BASE_FILE, self.base.motion)
        if self.beats is not None:
            beat_file.save_beats(folder / BEATS_FILE, self.beats)
        if self.reduce_at is not None:
            reduction = {
                "start": float(self.reduce_at.start),
                "fps": float(self.reduce_at.fps),
                "error": self.params.key_error_metres,
                "together": self.params.keys_poses,
            }
        return _song_message("dance", folder, self) | {
            "options": self.params.options(),
            "model": self.params.model or None,
            "beats": None if self.beats is None else BEATS_FILE,
            "constraint": constraint,
            "base": base,
            "anchors": anchors,
            "reduction": reduction,
            "loop": None if self.loop is None else self.loop.write(folder),
            "moves": [_move_message(move, folder, k) for k, move in enumerate(self.moves)],
            "rough": {"reduces": self.params.reduces_keys} if self.rough else None,
            "threads": int(self.threads),
            "device": self.device,
        }

    def read(self, message: Mapping[str, Any]) -> DanceAnswer:
        """The dance that a "done" message names; MotionError if it cannot be read."""
        count = 1 + skeleton.NUM_JOINTS
        keys = None if self.reduce_at is None else read_keys(message["keys"], count)
        return DanceAnswer(npz.load_npz(message["motion"]), keys)

    def read_rough(self, message: Mapping[str, Any]) -> core_motion.Motion:
        """The rough dance of a "rough" message; MotionError if it cannot be read."""
        return npz.load_npz(message["motion"])


@dataclass(frozen=True)
class KeyReductionRequest:
    """Few keys for dense channels; the fields are those of ``cleanup.reduce.reduce_keys``."""

    chain: bones.Chain
    tracks: Sequence[bones.Track]
    error: float
    planted: np.ndarray | None = None
    preferred: np.ndarray | None = None
    held: np.ndarray | None = None
    exact: np.ndarray | None = None
    limb_names: Sequence[str] = ()
    together: bool = False

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
        return {
            "task": "reduce",
            "arrays": TRACKS_FILE,
            "tracks": tracks,
            "error": self.error,
            "limb_names": list(self.limb_names),
            "together": self.together,
        }

    def read(self, message: Mapping[str, Any]) -> list[TrackKeys]:
        """Of each track its keys."""
        return read_keys(message["keys"], len(self.tracks))


@dataclass(frozen=True)
class AnalysisRequest:
    """Beats, sections and events to find in a song; the fields are those of ``DanceRequest``."""

    samples: np.ndarray
    sample_rate: int
    name: str

    def write(self, folder: Path) -> dict[str, Any]:
        """The samples into ``folder``; the message."""
        return _song_message("beats", folder, self)

    def read(self, message: Mapping[str, Any]) -> beat_file.Beats:
        """The beats that a "done" message names; DataError if they cannot be read."""
        return beat_file.load_beats(message["beats"])


@dataclass(frozen=True)
class PlanRequest:
    """What the song alone asks of the dance, as dials; the fields are ``DanceRequest``'s."""

    samples: np.ndarray
    sample_rate: int
    name: str
    params: GenerationParams = field(default_factory=GenerationParams)
    beats: beat_file.Beats | None = None

    def write(self, folder: Path) -> dict[str, Any]:
        """Samples and beats into ``folder``; the message."""
        if self.beats is not None:
            beat_file.save_beats(folder / BEATS_FILE, self.beats)
        return _song_message("plan", folder, self) | {
            "options": self.params.options(),
            "model": self.params.model or None,
            "beats": None if self.beats is None else BEATS_FILE,
        }

    def read(self, message: Mapping[str, Any]) -> dials.Dials:
        """The dials of a "done" message; DataError if they cannot be read."""
        return dials.parse_dials(json_fields.Fields(message["dials"], "dials"))


def _constraint_message(
    given: constraints.MotionConstraint | None, folder: Path, motion: str, mask: str
) -> dict[str, str] | None:
    if given is None:
        return None
    npz.save_npz(folder / motion, given.motion)
    np.save(folder / mask, given.mask)
    return {"motion": motion, "mask": mask}


def _move_message(
    move: catalogue.CatalogueMove, folder: Path, number: int
) -> dict[str, str | list[float]]:
    file = f"move_{number}.npz"
    npz.save_npz(folder / file, move.motion)
    return {
        "motion": file,
        "name": move.name,
        "style": move.style,
        "beats": [float(t) for t in move.beats],
    }


def _song_message(
    task: str, folder: Path, request: DanceRequest | AnalysisRequest | PlanRequest
) -> dict[str, Any]:
    np.save(folder / SAMPLES_FILE, request.samples)
    return {
        "task": task,
        "samples": SAMPLES_FILE,
        "sample_rate": int(request.sample_rate),
        "name": request.name,
    }


def read_keys(path: str, count: int) -> list[TrackKeys]:
    """The keys of ``count`` tracks as the worker wrote them; MotionError if it did not."""
    try:
        with np.load(path, allow_pickle=False) as data:
            return [
                (
                    data[f"index_{i}"],
                    data[f"values_{i}"],
                    data[f"slopes_{i}"],
                    data[f"reach_{i}"],
                )
                for i in range(count)
            ]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise errors.MotionError(f"its keys: {error}") from error
