"""What stage and cameras are made for: where the dancers of a scene are, and what is heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..core import errors, features, load, motion as core_motion
from ..rig import own_armature, retarget as rig_retarget
from ..song import source as song_source
from ..steps import Steps, aside
from ..takes import metadata as take_metadata, store as take_store
from . import appended, camera
from .cues import Cues, dance_cues, song_cues

LOOKED_AT = 10.0
"""So many times a second is looked where the dancers are: a camera needs no more."""


@dataclass(frozen=True)
class InView:
    """Dancers over a stretch of frames.

    Attributes
    ----------
    first, last : int
        Scene frames of the dance.
    frames : (n,)
        Those that were looked at, ``fps`` of them a second.
    bodies : (n, P, 3)
        Where all that they are made of is, metres in world space.
    centre : (n, 3)
        The middle of all pelvises.
    heading : float
        Where the audience is, radians from -Y towards +X.
    flesh : float
        Metres of body around each point.
    """

    first: int
    last: int
    frames: np.ndarray
    fps: float
    bodies: np.ndarray
    centre: np.ndarray
    heading: float
    flesh: float


def dancers(scene: Any, lead: Any) -> list[Any]:
    """The armatures of a scene that dance a take, the lead first."""
    others = [
        thing
        for thing in scene.objects
        if thing.type == "ARMATURE"
        and thing != lead
        and thing.visible_get()
        and take_store.current(thing) is not None
    ]
    return [lead, *others]


def look_steps(scene: Any, armatures: list[Any]) -> Steps[InView]:
    """Where the dancers are while the first of them dances; RigError where it does not."""
    lead = armatures[0]
    animation = None if lead is None else lead.animation_data
    if animation is None or animation.action is None or not compat.fcurves_of(lead):
        raise errors.RigError("generate a dance first: the stage and the cameras are made for it")
    first, last = (round(f) for f in animation.action.frame_range)
    rate = compat.scene_fps(scene)
    step = max(1, round(rate / LOOKED_AT))
    frames = np.unique(np.append(np.arange(first, last + 1, step), last))
    points, flesh, motions = [], camera.BODY, []
    for armature in armatures:
        motion = yield from rig_retarget.read_motion_steps(armature, frames, rate / step)
        size = rig_retarget.detect(armature).plan().size
        world = np.array(armature.matrix_world, dtype=np.float64)
        local = own_armature.to_blender(motion.body_points() * size)
        points.append(local @ world[:3, :3].T + world[:3, 3])
        motions.append(motion)
        yield
        if not rig_retarget.is_our_dancer(armature):
            flesh = max(flesh, appended.flesh(armature, list(scene.objects)))
    return InView(
        first,
        last,
        frames,
        rate / step,
        np.concatenate(points, axis=1),
        np.mean([p[:, 0] for p in points], axis=0),
        _front(lead, motions),
        flesh,
    )


def _front(lead: Any, motions: list[core_motion.Motion]) -> float:
    """The front that the dancers keep most, in world space."""
    world = np.array(lead.matrix_world)
    return camera.facing(*motions) + float(np.arctan2(world[1, 0], world[0, 0]))


def record_of(armature: Any) -> take_metadata.TakeMetadata | None:
    """What the take of an armature was made of, or None."""
    take = take_store.current(armature)
    if take is None or not take.action.audio2pose.record:
        return None
    return take_metadata.read(take.action)


def bars_of(record: take_metadata.TakeMetadata | None, seen: InView, rate: float) -> np.ndarray:
    """Seconds from the first frame at which bars begin, (n,); none without a take."""
    if record is None:
        return np.empty(0)
    times = np.asarray(record.beats)[np.asarray(record.downbeats, dtype=bool)]
    return times - (seen.first - record.frame_start) / rate


def hear_steps(
    context: Any, record: take_metadata.TakeMetadata | None, seen: InView
) -> Steps[Cues]:
    """What lights answer: the song where it is at hand, else the beats of the take alone."""
    rate = compat.scene_fps(context.scene)
    count = seen.last - seen.first + 1
    if record is None or len(record.beats) == 0:
        return dance_cues(np.empty(0), rate, count)
    late = (seen.first - record.frame_start) / rate
    beats = np.asarray(record.beats, dtype=np.float64) - late
    downbeats = np.asarray(record.downbeats, dtype=bool)
    try:
        yield from song_source.read_steps(song_source.files(context))
        song = song_source.whole(context)
    except errors.AudioError:
        # The song was moved away since: the beats are known all the same.
        made = dance_cues(beats, rate, count)
        return Cues(rate, beats, beats[downbeats], made.bands, made.loudness)

    def heard() -> Cues:
        audio = load.audio_from_samples(song.samples, song.rate, song.name)
        found = features.extract_features(audio, rate)
        at = np.arange(count) + round(seen.first - song.placement.frame_start)
        inside = (at >= 0) & (at < len(found))
        at = np.clip(at, 0, len(found) - 1)
        mel = np.where(inside[:, None], found.mel[at], found.mel.min(axis=0))
        loud = np.where(inside, found.loudness[at], 0.0)
        return song_cues(beats, downbeats, mel, loud, rate, count)

    return (yield from aside(heard))


def emptied_steps(scene: Any, name: str) -> Steps[Any]:
    """The collection of that name in a scene, with what we put there before taken away.

    In small steps: to remove data Blender looks at everything that may use them.
    """
    made = scene.collection.children.get(name)
    if made is None:
        made = bpy.data.collections.new(name)
        scene.collection.children.link(made)
        return made
    things = list(made.objects)
    data = [thing.data for thing in things if thing.data is not None]
    yield
    bpy.data.batch_remove(things)
    yield
    bpy.data.batch_remove([d for d in data if d.users == 0])
    yield
    return made
