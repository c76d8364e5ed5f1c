"""A dance in the making: its job, its settings, and the armature that it is for.

Between the start and the end the user may undo, delete and rename, so what is
kept of Blender's data are session ids, never pointers.
"""

from __future__ import annotations

import dataclasses
import datetime
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..core import (
    beat_file,
    catalogue,
    constraints,
    dance_base,
    dance_keys,
    errors,
    key_rates as core_rates,
    motion as core_motion,
)
from ..edit import user_edits
from ..jobs.job import STAGES, Job, Python
from ..jobs.messages import DanceRequest, LoopRequest, TrackKeys
from ..jobs.params import GenerationParams
from ..keys import fcurves, writer as key_writer
from ..keys.reduction import KeyReduction
from ..rig import obstacles, retarget as rig_retarget
from ..rig.channel import Channel
from ..settings import preferences
from ..song import source as song_source
from ..steps import Steps, run
from ..takes import metadata as take_metadata, store as take_store

_AFTER_THE_DANCE = STAGES["reduce"][1]
"""Where the bar stands when the dance is made and its keys are to be reduced."""


@dataclass(frozen=True)
class SongPart:
    """The part of a song that is danced to.

    Attributes
    ----------
    name, key : str
        As of ``song.source.Song``.
    song_second, seconds : float
        Where the part begins in the song, and how long it is.
    time : SceneTime
        The scene's frame at which it begins, and the scene's frames per second.
    """

    name: str
    key: str
    song_second: float
    seconds: float
    time: dance_keys.SceneTime

    @classmethod
    def of(cls, song: song_source.Song, fps: float) -> SongPart:
        """The place of a song's samples in a scene of ``fps``."""
        place = song.placement
        assert place.seconds is not None
        time = dance_keys.SceneTime(place.frame_start, fps)
        return cls(song.name, song.key, place.song_second, place.seconds, time)


@dataclass
class DanceTask:
    """What Generate and Regenerate share while the worker runs.

    Attributes
    ----------
    job : Job
        What runs now: the dance; after it, where Blender had to make the channels, their
        key reduction.
    params : GenerationParams
    song : SongPart
    scene_id, target_id : int
        Session ids; ``target_id`` None is a dancer that is not there yet.
    motion, report
        The dance and what the worker told of it, after ``take_answer``.
    keys : list or None
        Keys of our own dancer, made in the same run as the dance.
    key_reduction : KeyReduction or None
        The second job's.
    """

    job: Job
    params: GenerationParams
    song: SongPart
    scene_id: int
    target_id: int | None
    motion: core_motion.Motion | None = None
    report: dict[str, Any] = field(default_factory=dict)
    keys: list[TrackKeys] | None = None
    key_reduction: KeyReduction | None = None

    @property
    def scene(self) -> Any:
        """The scene; RigError where it is gone."""
        return find(bpy.data.scenes, self.scene_id, "scene")

    @property
    def armature(self) -> Any:
        """The armature, checked again; None for a dancer that is not there yet."""
        if self.target_id is None:
            return None
        armature = find(bpy.data.objects, self.target_id, "armature")
        check_target(armature, self.scene)
        return armature

    @property
    def frames(self) -> np.ndarray:
        """The scene frames (n,) of the dance."""
        assert self.motion is not None
        return self.song.time.frames(self.motion.seconds)

    @property
    def beat_frames(self) -> np.ndarray:
        """The beats (m,) as scene frames, between two where they fall so."""
        return self.song.time.frames_at(self.report["beat_times"])

    @property
    def early(self) -> core_motion.Motion | None:
        """What can be looked at before the keys are there: the rough dance, or the finished one."""
        return self.job.rough if self.motion is None else self.motion

    @property
    def warnings(self) -> list[str]:
        """What the worker warns of, and what keeps the armature from showing the dance."""
        found = list(self.report["warnings"])
        if self.target_id is not None:
            armature = find(bpy.data.objects, self.target_id, "armature")
            found += obstacles.told(armature, rig_retarget.detect(armature).map)
        return found

    def take_answer(self) -> None:
        """Take over what the worker made of the dance."""
        answer = self.job.result
        self.motion, self.keys, self.report = answer.motion, answer.keys, self.job.report

    def sampled(self, frames: np.ndarray) -> core_motion.Motion:
        """The dance at frames (n,) of the scene."""
        assert self.motion is not None
        return self.song.time.sampled(self.motion, frames)

    def channels(self, armature: Any, frames: np.ndarray) -> list[Channel]:
        """The channels of an armature that dances it, at frames (n,)."""
        return run(self.channels_steps(armature, frames))

    def channels_steps(self, armature: Any, frames: np.ndarray) -> Steps[list[Channel]]:
        """The same in small steps."""
        time = self.song.time
        return (
            yield from rig_retarget.channels_steps(
                armature, self.motion, frames, time.start, time.fps
            )
        )

    def reduce_steps(self, key_reduction: KeyReduction) -> Steps[None]:
        """Start the job that reduces the keys of channels, in small steps."""
        self.key_reduction = key_reduction
        before = self.job
        self.job = Job(
            key_reduction.request, before.python, before.parent_folder, fraction=_AFTER_THE_DANCE
        )
        yield from self.job.start_steps()

    def with_seed(self, seed: int) -> DanceTask:
        """The same task with another seed, its job not yet started."""
        params = dataclasses.replace(self.params, seed=seed)
        assert isinstance(self.job.request, DanceRequest)
        request = dataclasses.replace(self.job.request, params=params)
        job = Job(request, self.job.python, self.job.parent_folder)
        return dataclasses.replace(self, job=job, params=params)

    def facts(self) -> dict[str, Any]:
        """The fields of a take's record that are the dance's."""
        assert self.motion is not None
        song, report = self.song, self.report
        return {
            "params": self.params,
            "style": report["style"],
            "song": song.name,
            "song_key": song.key,
            "frame_start": song.time.start,
            "fps": song.time.fps,
            "song_second": song.song_second,
            "song_seconds": song.seconds,
            "seconds": self.motion.seconds,
            "tempo_bpm": report["tempo_bpm"],
            "beats": report["beat_times"],
            "downbeats": report["downbeats"],
            "model": report["model"],
            "model_sha256": report["model_sha256"],
            "date": now(),
        }


class OnDance:
    """What a task that is composed on a ``DanceTask`` tells the job manager of it."""

    dance: DanceTask

    @property
    def name(self) -> str:
        """The song's."""
        return self.dance.song.name

    @property
    def job(self) -> Job:
        """What runs now."""
        return self.dance.job

    @property
    def warnings(self) -> list[str]:
        """What the worker warns of."""
        return self.dance.warnings


def begin(
    scene: Any,
    target: Any,
    song: song_source.Song,
    params: GenerationParams,
    python: Python,
    *,
    beats: beat_file.Beats | None = None,
    constraint: constraints.MotionConstraint | None = None,
    base: dance_base.DanceBase | None = None,
    loop: LoopRequest | None = None,
    anchors: constraints.MotionConstraint | None = None,
    lead_in: constraints.MotionConstraint | None = None,
    moves: Sequence[catalogue.CatalogueMove] = (),
) -> DanceTask:
    """The task with its job, not yet started.

    The keys of our own dancer, there or to be made, are reduced in the same run; channels of
    other rigs, and of a dance part of which stays, have to be made by Blender first. ``lead_in``
    is an anchor that nobody set: no key of a person has to be met.
    """
    part = SongPart.of(song, compat.scene_fps(scene))
    ours = target is None or rig_retarget.is_our_dancer(target)
    dense = constraint is not None or anchors is not None or loop is not None
    at_once = params.reduces_keys and not dense and ours
    request = request_of(
        song,
        params,
        beats=beats,
        constraint=constraint,
        base=base,
        anchors=lead_in if anchors is None else anchors,
        reduce_at=part.time if at_once else None,
        loop=loop,
        moves=moves,
        # Of a part that is danced again there is the dance so far to look at.
        rough=constraint is None and loop is None,
    )
    return DanceTask(
        job=Job(request, python, bpy.app.tempdir or None),
        params=params,
        song=part,
        scene_id=scene.session_uid,
        target_id=None if target is None else target.session_uid,
    )


def request_of(
    song: song_source.Song,
    params: GenerationParams,
    *,
    beats: beat_file.Beats | None = None,
    constraint: constraints.MotionConstraint | None = None,
    base: dance_base.DanceBase | None = None,
    anchors: constraints.MotionConstraint | None = None,
    reduce_at: dance_keys.SceneTime | None = None,
    loop: LoopRequest | None = None,
    moves: Sequence[catalogue.CatalogueMove] = (),
    rough: bool = False,
) -> DanceRequest:
    """What the worker is asked for a dance to ``song``, on this machine."""
    return DanceRequest(
        samples=song.samples,
        sample_rate=song.rate,
        name=song.name,
        params=params,
        beats=beats,
        constraint=constraint,
        base=base,
        anchors=anchors,
        reduce_at=reduce_at,
        loop=loop,
        moves=moves,
        rough=rough,
        # Preferences may come from a machine of more cores.
        threads=min(int(preferences.value("threads", 0)), os.cpu_count() or 1),
        device=str(preferences.value("device", "auto")).lower(),
    )


def check_target(armature: Any, scene: Any) -> None:
    """Raise RigError where ``armature`` cannot dance in ``scene``."""
    name = armature.name
    if not armature.is_editable:
        raise errors.RigError(
            f"armature {name!r} is linked from another file; make a library override of it first"
        )
    if armature.name not in scene.objects:
        raise errors.RigError(f"armature {name!r} is not in scene {scene.name!r}; choose another")
    if armature.hide_viewport or not any(
        armature.name in layer.objects and not armature.hide_get(view_layer=layer)
        for layer in scene.view_layers
    ):
        raise errors.RigError(f"armature {name!r} is hidden; show it or choose another")
    if armature.mode == "EDIT":
        raise errors.RigError(f"armature {name!r} is in edit mode; leave it (Tab) first")
    rig_retarget.check(armature)


def find(collection: Any, session_id: int, kind: str) -> Any:
    """The datablock of that session id; RigError where it is gone."""
    for thing in collection:
        if thing.session_uid == session_id:
            return thing
    raise errors.RigError(f"the {kind} is gone, so nothing was written; start again")


def take_over(armature: Any, action: Any) -> Any:
    """Let an armature play an action that was just built, as a new take; the take."""
    take_store.put_aside(armature)
    obstacles.put_aside(armature)
    key_writer.use_quaternions(armature, action)
    compat.play_action(armature, action)
    armature.update_tag()
    return take_store.add(armature, action)


def key_rates(action: Any) -> str:
    """How many frames a second of a take have keys, limb by limb, as a person reads it."""
    metadata = take_metadata.read(action)
    shown = [
        (metadata.columns.get(f"{path}\t{index}", ()), fcurves.frames_of(curve))
        for (path, index), curve in user_edits.curves_of(action).items()
    ]
    return core_rates.in_words(core_rates.key_rates(shown, metadata.seconds))


def now() -> str:
    """The computer's date and time, ISO 8601."""
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")
