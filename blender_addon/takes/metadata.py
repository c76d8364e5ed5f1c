"""What a take's action remembers: what it was made of, and the dance itself."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import errors, json_file, motion as core_motion, rotations as rot
from ..jobs.params import GenerationParams
from ..keys import serialize
from ..steps import Steps, aside, run

VERSION = 2
_SHOWN = ("energy", "quality", "structure", "keys", "key_error")
_IN_VERSION_1 = (*_SHOWN, "seed", "source", "strip", "file")
_STEPS = 32767.0


@dataclass(frozen=True)
class TakeMetadata:
    """What a take was made of; JSON on its action.

    Attributes
    ----------
    params : what it was asked with; of a take part of which was regenerated, that part.
    style : the one that was danced.
    song, song_key : the song's name, and what tells it from others (``song.source.Song``).
    frame_start, song_second, song_seconds : the part of the song, and where it lies.
    seconds : how long the dance is.
    fps : frames per second of the scene when the take was made.
    tempo_bpm, beats, downbeats : the beats; seconds from ``frame_start`` on.
    model, model_sha256 : the dancer's name and the hash of its file.
    date : ISO 8601, of the computer's clock.
    made_from : the take of which a part was regenerated, and which part, in words.
    loop : of a take that goes round for ever ``period_frames`` (float), from ``frame_start`` on,
        ``offset`` (3,) metres of the root each time around in core's axes, and ``first_bar``
        and ``last_bar`` of what it was made of; empty of any other.
    columns : for each curve "path\\tindex" the columns of core's motion that it shows.
    """

    params: GenerationParams
    style: str
    song: str
    song_key: str
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
    date: str
    made_from: str = ""
    columns: Mapping[str, Sequence[int]] = dataclasses.field(default_factory=dict)
    loop: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def write(action: Any, metadata: TakeMetadata) -> None:
    """Write the metadata, and what a person may want to read as custom properties."""
    values = dataclasses.asdict(metadata) | {"params": metadata.params.to_json()}
    action.audio2pose.record = json.dumps({"version": VERSION} | values)
    shown = {name: values["params"][name] for name in _SHOWN}
    shown |= {"style": metadata.style, "hits": metadata.params.accents}
    shown |= {"song": metadata.song, "date": metadata.date}
    action["audio2pose_seed"] = metadata.params.seed
    action["audio2pose_model_sha256"] = metadata.model_sha256
    action["audio2pose_settings"] = json.dumps(shown)


def write_motion(action: Any, motion: core_motion.Motion) -> None:
    """Keep the dance itself, quaternions to a 32,767th: a minute takes some 300 kB of the file."""
    run(motion_steps(action, motion))


def motion_steps(action: Any, motion: core_motion.Motion) -> Steps[None]:
    """The same in small steps."""
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
    if motion.hands is not None:
        arrays["hands"] = np.round(np.clip(motion.hands, 0, 1) * 255).astype(np.uint8)
    action.audio2pose.motion = yield from serialize.pack_steps(arrays)


def read_motion(action: Any) -> core_motion.Motion:
    """What ``write_motion`` wrote; DataError where there is none."""
    return run(read_motion_steps(action))


def read_motion_steps(action: Any) -> Steps[core_motion.Motion]:
    """The same in small steps."""
    text = action.audio2pose.motion
    if not text:
        raise errors.DataError(
            f"the dance of {action.name!r} is not known any more; generate it again"
        )
    return (yield from aside(lambda: _motion_of(text)))


def _motion_of(text: str) -> core_motion.Motion:
    arrays = serialize.unpack(text)
    contacts = arrays["contacts"] / 255.0 if len(arrays["contacts"]) else None
    hands = arrays["hands"] / 255.0 if "hands" in arrays else None
    steps = np.cumsum(arrays["rotations"], axis=0, dtype=np.int16)
    quats = rot.normalize(steps.astype(np.float64) / _STEPS)
    return core_motion.Motion(
        float(arrays["fps"].item()), arrays["root"].astype(np.float64), quats, contacts, hands
    )


def read(action: Any) -> TakeMetadata:
    """What ``write`` wrote; RigError where there is nothing, DataError where it cannot be read."""
    if action is None or not action.audio2pose.record:
        raise errors.RigError("this action is no take of Audio2Pose; generate a dance first")
    try:
        values = json_file.parse_object(action.audio2pose.record, "its record")
        version = values.pop("version")
        if version <= VERSION:
            values = _of_version_1(values) if version == 1 else values
            return TakeMetadata(**values | {"params": GenerationParams.from_json(values["params"])})
    except (ValueError, KeyError, TypeError, errors.DataError) as error:
        raise errors.DataError(
            f"what take {action.name!r} was made of cannot be read ({error}); generate it again"
        ) from error
    raise errors.DataError(
        f"take {action.name!r} was made by a newer Audio2Pose; install that version"
    )


def _of_version_1(values: dict[str, Any]) -> dict[str, Any]:
    """Metadata of Audio2Pose 0.1, which had neither the range nor the file of the model."""
    params = {name: values.pop(name) for name in _IN_VERSION_1}
    params |= {"style": values.pop("asked_style"), "accents": values.pop("hits")}
    params |= {"model": None, "range": "", "range_frames": None}
    return values | {"params": params}
