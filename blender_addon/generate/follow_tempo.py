"""Follow Tempo: a take stretched beat to beat to its song, whose tempo or beats changed.

Every key goes along with the beat before and after it, so what a person changed stays, and
feet that stand go on standing. It becomes a new take; nothing is generated.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from ..core import errors, motion as core_motion
from ..edit import locks, tempo, user_edits
from ..edit.tempo import Warp
from ..keys import fcurves
from ..song import beat_grid, beats, source as song_source
from ..steps import Steps, aside
from ..takes import metadata as take_metadata
from ..takes.metadata import TakeMetadata
from ..takes.rollback import Snapshot
from . import dance_task

_SAME = 0.5
"""Frames: beats that are nearer than this to where they were have not changed."""


def follow_steps(context: Any, armature: Any, take: Any) -> Steps[tuple[Any, float]]:
    """Stretch a take to the beats that the song has now; the new take, and its tempo in BPM.

    In small steps. Raises Audio2PoseError with one clear line, with nothing changed.
    """
    scene = context.scene
    dance_task.check_target(armature, scene)
    record, source = take_metadata.read(take.action), take.action
    stored = _beats_now(context)
    warp = _warp(record, stored)
    before = Snapshot(armature)
    try:
        action = source.copy()
        action.use_fake_user = False
        was = yield from user_edits.baseline_of_steps(source)
        baseline = yield from aside(lambda: tempo.warped(was, warp))
        now = yield from user_edits.read_steps(action)
        keys = yield from aside(lambda: tempo.warped(now, warp))
        curves = user_edits.curves_of(action)
        for key, points in keys.items():
            yield
            fcurves.write(curves[key], points)
        new = _record(record, stored, warp, take.name)
        take_metadata.write(action, new)
        motion = yield from take_metadata.read_motion_steps(source)
        stretched = yield from aside(lambda: _motion(motion, record, new, warp))
        yield from take_metadata.motion_steps(action, stretched)
        yield from user_edits.baseline_steps(action, baseline)
        locks.write(action, (_lock(lock, warp) for lock in locks.read(source)))
        made = dance_task.take_over(armature, action)
    except BaseException:  # a cancel between two steps as well
        before.restore()
        raise
    beats.show_on(scene, action, stored)
    return made, new.tempo_bpm


def _beats_now(context: Any) -> beat_grid.StoredBeats:
    """The beats of the scene's song as they are marked and lie now; DataError for none."""
    song = song_source.lies(context)
    before = beats.read(context.scene.audio2pose)
    if song is None or before is None or before.song != song[0]:
        raise errors.DataError("the beats of this song are not known; press Analyse Beats first")
    stored = beats.edited(context.scene, beats.clock_of(song[1], context.scene))
    assert stored is not None
    return stored


def _warp(record: TakeMetadata, stored: beat_grid.StoredBeats) -> Warp:
    """From the frames of a take to those of the song now."""
    old = record.frame_start + np.asarray(record.beats, dtype=np.float64) * record.fps
    warp = tempo.pair(
        old,
        np.asarray(record.downbeats, dtype=bool),
        stored.clock.frames(stored.beats.times),
        stored.beats.downbeats,
        record.frame_start - record.song_second * record.fps,
        stored.clock.zero,
    )
    if np.abs(warp.at(old) - old).max() < _SAME:
        raise errors.OptionError("this dance is on the song's beats already; nothing would change")
    return warp


def _record(
    record: TakeMetadata, stored: beat_grid.StoredBeats, warp: Warp, name: str
) -> TakeMetadata:
    """What the stretched take was made of."""
    fps, start = stored.clock.fps, record.frame_start

    def seconds(times: np.ndarray) -> np.ndarray:
        """From seconds of the old take to seconds of the new one."""
        frames = warp.at(start + np.asarray(times) * record.fps)
        return (frames - warp.at(np.array([start]))[0]) / fps

    first = float(warp.at(np.array([start]))[0])
    times = seconds(np.asarray(record.beats))
    return dataclasses.replace(
        record,
        song=stored.song,
        song_key=stored.song,
        frame_start=first,
        fps=fps,
        song_second=max(0.0, float(stored.clock.times(np.array([first]))[0])),
        song_seconds=float(seconds(np.array([record.song_seconds]))[0]),
        seconds=float(seconds(np.array([record.seconds]))[0]),
        beats=[round(float(t), 5) for t in times],
        tempo_bpm=60.0 / float(np.median(np.diff(times))),
        date=dance_task.now(),
        made_from=f"{name}, following the tempo",
    )


def _motion(
    motion: core_motion.Motion, old: TakeMetadata, new: TakeMetadata, warp: Warp
) -> core_motion.Motion:
    """The dance itself, stretched."""
    count = max(1, round(new.seconds * motion.fps))
    frames = warp.back(new.frame_start + np.arange(count) / motion.fps * new.fps)
    return motion.sample((frames - old.frame_start) / old.fps, motion.fps)


def _lock(lock: locks.Lock, warp: Warp) -> locks.Lock:
    first, last = warp.at(np.array([lock.first, lock.last]))
    return dataclasses.replace(lock, first=float(first), last=float(last))
