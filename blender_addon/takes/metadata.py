"""What a take's action remembers: what it was made of, and the dance itself."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import errors, motion as core_motion, rotations as rot
from ..keys import serialize

VERSION = 1
_STEPS = 32767.0


@dataclass(frozen=True)
class Record:
    """What a take was made of; JSON on its action.

    Attributes
    ----------
    style, asked_style, seed, energy, quality, hits, structure
        As in ``generate_dance``; ``style`` is the one that was danced.
    song, song_key : the song's name, and what tells it from others (``songs.Song``).
    source, strip, file : where it came from, as in the scene's settings.
    frame_start, song_second, song_seconds : the part of the song, and where it lies.
    seconds : how long the dance is.
    fps : frames per second of the scene when the take was made.
    tempo_bpm, beats, downbeats : the beats; seconds from ``frame_start`` on.
    model, model_sha256 : the dancer's name and the hash of its file.
    keys, key_error : how keys were written.
    date : ISO 8601, of the computer's clock.
    made_from : the take that a part was made anew of, and which part, in words.
    columns : for each curve "path\\tindex" the columns of core's motion that it shows.
    """

    style: str
    asked_style: str
    seed: int
    energy: float
    quality: int
    hits: str
    structure: bool
    song: str
    song_key: str
    source: str
    strip: str
    file: str
    frame_start: float
    song_second: float
    song_seconds: float
    seconds: float
    fps: float
    tempo_bpm: float
    beats: Sequence[float]
    downbeats: Sequence[bool]
    model: str
    model_sha256: str
    keys: str
    key_error: float
    date: str
    made_from: str = ""
    columns: dict[str, Sequence[int]] = dataclasses.field(default_factory=dict)


def keep(action: Any, record: Record) -> None:
    """Write the record, and what a person may want to read as custom properties."""
    values = dataclasses.asdict(record)
    action.audio2pose.record = json.dumps({"version": VERSION} | values)
    shown = ("style", "energy", "quality", "hits", "structure", "keys", "key_error", "song", "date")
    action["audio2pose_seed"] = record.seed
    action["audio2pose_model_sha256"] = record.model_sha256
    action["audio2pose_settings"] = json.dumps({name: values[name] for name in shown})


def keep_motion(action: Any, motion: core_motion.Motion) -> None:
    """Keep the dance itself, quaternions to a 32,767th: a minute takes some 300 kB of the file."""
    contacts = motion.contacts
    quats = np.round(motion.rotations * _STEPS).astype(np.int16)
    # Steps from frame to frame are small numbers, which pack well; int16 comes round exactly.
    quats[1:] -= quats[:-1].copy()
    arrays = {
        "fps": np.array(motion.fps),
        "root": motion.root.astype(np.float32),
        "rotations": quats,
        "contacts": np.zeros((0, 4), np.uint8)
        if contacts is None
        else np.round(np.clip(contacts, 0, 1) * 255).astype(np.uint8),
    }
    action.audio2pose.motion = serialize.pack(arrays)


def motion_of(action: Any) -> core_motion.Motion:
    """What ``keep_motion`` wrote; DataError where there is none."""
    text = action.audio2pose.motion
    if not text:
        raise errors.DataError(
            f"the dance of {action.name!r} is not known any more; generate it again"
        )
    arrays = serialize.unpack(text)
    contacts = arrays["contacts"] / 255.0 if len(arrays["contacts"]) else None
    steps = np.cumsum(arrays["rotations"], axis=0, dtype=np.int16)
    quats = rot.normalize(steps.astype(np.float64) / _STEPS)
    return core_motion.Motion(
        float(arrays["fps"].item()), arrays["root"].astype(np.float64), quats, contacts
    )


def of(action: Any) -> Record:
    """What ``keep`` wrote; TakeError where there is nothing to be read."""
    if action is None or not action.audio2pose.record:
        raise errors.RigError("this action is no take of Audio2Pose; generate a dance first")
    try:
        values = json.loads(action.audio2pose.record)
        if values.pop("version") > VERSION:
            raise errors.DataError(
                f"take {action.name!r} was made by a newer Audio2Pose; install that version"
            )
        return Record(**values)
    except (ValueError, KeyError, TypeError) as error:
        raise errors.DataError(
            f"what take {action.name!r} was made of cannot be read ({error}); generate it again"
        ) from error
