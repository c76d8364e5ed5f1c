"""Save as Move and Use Move Here: bars of a take as an asset, and a move in a take."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import compat
from ..core import constraints, errors, timing
from ..edit import bars as edit_bars, constraints as edit_constraints, user_edits
from ..edit.region import COLUMNS, Region
from ..edit.user_edits import Edits, Key
from ..jobs import blender_python
from ..keys import writer as key_writer
from ..keys.data_path import bone_of_path
from ..moves import asset, placing
from ..moves.asset import Move
from ..settings import enums, preferences, properties
from ..steps import Steps, aside, run
from ..takes import metadata as take_metadata
from . import dance_task, playing, regenerate
from .regenerate import Regeneration

NEAR = 0.5
"""A move begins on the beat that is nearest to the playhead, within so many beats."""


def save_steps(context: Any) -> Steps[Any]:
    """The bars that ``scene.audio2pose_moves`` asks for, as an action asset, in small steps; the
    action."""
    chosen = context.scene.audio2pose_moves
    armature, take, metadata = playing.played(context)
    motion = yield from playing.as_edited_steps(armature, take, metadata)
    frames = key_writer.key_frames(metadata.frame_start, motion.seconds, metadata.fps)
    last_frame = int(frames[-1])
    there = edit_bars.shown(context.scene, take.action, metadata)
    first, last = there.span(chosen.first_bar, chosen.last_bar)
    taken = there.numbers[(there.numbers >= chosen.first_bar) & (there.numbers <= chosen.last_bar)]
    bones = _bones(armature, metadata) if chosen.use_bones else None
    columns = _columns(metadata, bones)
    # To the first frame of the bar after, where there is one: so the move ends on its beat.
    stop = min(last + 1, last_frame)
    span = (np.array([first, stop]) - metadata.frame_start) / metadata.fps
    count = max(2, round((span[1] - span[0]) * motion.fps) + 1)
    at = span[0] + np.arange(count) / motion.fps
    shown = timing.sample_smooth(motion, at)
    inside = [
        (t - span[0], d)
        for t, d in zip(metadata.beats, metadata.downbeats, strict=True)
        # A bar begins on the first whole frame after its downbeat.
        if span[0] - 0.999 / metadata.fps <= t < span[1] - 0.999 / metadata.fps
    ]
    move = Move(
        style=metadata.style,
        bars=len(taken),
        tempo_bpm=metadata.tempo_bpm,
        seconds=float(span[1] - span[0]),
        beats=[round(float(t), 5) for t, _ in inside],
        downbeats=[bool(d) for _, d in inside],
        columns=columns,
        song=metadata.song,
    )
    part = enums.style_label(metadata.style)
    name = chosen.name.strip() or f"{part} {taken[0]}-{taken[-1]}"
    return (
        yield from asset.save_steps(
            name, take.action, move, shown, bones, float(first), float(stop)
        )
    )


def begin(context: Any, action: Any, seed: int | None = None) -> Regeneration:
    """Lay a move into the take that is played, from the beat at the playhead on.

    The job is not yet started. Raises Audio2PoseError with one clear line; changes nothing.
    """
    return run(begin_steps(context, action, seed))


def begin_steps(context: Any, action: Any, seed: int | None = None) -> Steps[Regeneration]:
    """The same in small steps."""
    scene, chosen = context.scene, context.scene.audio2pose_moves
    move = asset.read(action)
    armature, take, metadata = playing.played(context)
    playing.check_ends(take.name, metadata)
    python = blender_python.worker_python()
    motion = yield from playing.as_edited_steps(armature, take, metadata)
    given = playing.beats_of(metadata)
    if given is None:
        raise errors.OptionError(f"{take.name} has no beats; press Analyse and generate it again")
    beat = _beat_here(scene, metadata, given.times)
    times, own = placing.move_times(move.beats, move.seconds, beat, given.times, chosen.on_beats)
    period = float(np.median(np.diff(given.times)))
    own_motion = yield from take_metadata.read_motion_steps(action)
    way, mirrored = chosen.way_beats * period, chosen.mirrored
    placed = yield from aside(
        lambda: placing.place(motion, own_motion, move.columns, times, own, way, mirrored)
    )
    region = _region(metadata, motion.seconds, placed, move, mirrored, action.name)
    locked = scene.audio2pose_edit.lock_edits
    edited = (yield from user_edits.of_steps(take.action)) if locked else {}
    stays = _staying(edited, take, metadata, region, times)
    _constrain(placed.mask, stays, metadata, motion.fps)
    if seed is None:
        seed = random.SystemRandom().randint(0, properties.MAX_SEED)
    model = preferences.model_file()
    params = dataclasses.replace(
        metadata.params,
        style=playing.style_of(metadata),
        seed=seed,
        quality=1,
        model="" if model is None else str(model),
    )
    song = yield from regenerate.song_steps(context, metadata)
    dance = dance_task.begin(
        scene,
        armature,
        song,
        params,
        python,
        beats=given,
        constraint=constraints.MotionConstraint(placed.motion, placed.mask),
    )
    return Regeneration(dance, take.action.session_uid, take.name, region, stays)


def _staying(
    edited: Mapping[Key, Edits], take: Any, metadata: Any, region: Region, times: np.ndarray
) -> dict[Key, np.ndarray]:
    """Locked and edited frames on the ways in and out; within the move the move counts."""
    begins, ends = (metadata.frame_start + times[[0, -1]] * metadata.fps).tolist()
    found = edit_constraints.constrained_frames(take.action, region, edited)
    outside = {key: own[(own < begins - 0.5) | (own > ends + 0.5)] for key, own in found.items()}
    return {key: own for key, own in outside.items() if len(own)}


def _constrain(mask: np.ndarray, stays: dict[Key, np.ndarray], metadata: Any, fps: float) -> None:
    """Frames of curves that stay, in a mask (T, 25) of the dance at ``fps``."""
    for (path, index), frames in stays.items():
        columns = list(metadata.columns.get(f"{path}\t{index}", ()))
        at = np.round((frames - metadata.frame_start) / metadata.fps * fps).astype(int)
        at = at[(at >= 0) & (at < len(mask))]
        mask[np.ix_(at, columns)] = True


def _beat_here(scene: Any, metadata: take_metadata.TakeMetadata, beats: np.ndarray) -> int:
    """The number of the beat nearest to the playhead; OptionError outside the dance."""
    now = (scene.frame_current_final - metadata.frame_start) / metadata.fps
    period = float(np.median(np.diff(beats)))
    number = int(np.argmin(np.abs(beats - now)))
    if abs(float(beats[number]) - now) > NEAR * period + 1e-6:
        raise errors.OptionError(
            "no beat of this dance is at the playhead; move it to where the move shall begin"
        )
    return number


def _bones(armature: Any, metadata: take_metadata.TakeMetadata) -> frozenset[str]:
    """The selected bones that dance; OptionError for none."""
    selected = {b.name for b in armature.pose.bones if compat.pose_bone_selected(b)}
    shown = {bone_of_path(name.partition("\t")[0]) for name in metadata.columns}
    if not selected & shown:
        raise errors.OptionError(
            "none of the selected bones is danced by; select some in pose mode, "
            "or switch Selected Bones off"
        )
    return frozenset(selected & shown)


def _columns(metadata: take_metadata.TakeMetadata, bones: frozenset[str] | None) -> list[int]:
    """Columns of a mask that bones show; all for the whole body."""
    if bones is None:
        return list(range(COLUMNS))
    found = {
        column
        for name, shown in metadata.columns.items()
        if bone_of_path(name.partition("\t")[0]) in bones
        for column in shown
    }
    return sorted(found)


def _region(
    metadata: take_metadata.TakeMetadata,
    seconds: float,
    placed: placing.Placed,
    move: Move,
    mirrored: bool,
    name: str,
) -> Region:
    """The frames and bones that get new keys."""
    frames = key_writer.key_frames(metadata.frame_start, seconds, metadata.fps)
    first = int(np.ceil(metadata.frame_start + placed.start * metadata.fps - 1e-4))
    last = int(np.floor(metadata.frame_start + placed.stop * metadata.fps + 1e-4))
    first, last = max(first, int(frames[0])), min(last, int(frames[-1]))
    words = f"the move {name} at frame {first}"
    if len(move.columns) == COLUMNS:
        return Region(first, last, None, words)
    columns = set(placing.mirrored_columns(move.columns) if mirrored else move.columns)
    bones = {
        bone_of_path(curve.partition("\t")[0])
        for curve, shown in metadata.columns.items()
        if shown and set(shown) <= columns
    }
    if not bones:
        raise errors.OptionError("no bone of this rig shows what the move moves")
    return Region(first, last, frozenset(bones), words)
