"""Regenerate a region of a take as a new take: what a person set stays, the rest is danced again.

Keys outside the region, and locked ones inside it, are copied as they are; only where new
motion begins beside one, its handle on that side is the new motion's. The worker gets the
dance so far and a mask (``cleanup.constraints.MotionConstraint``), so that the model dances
from one constrained frame to the next.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..core import constraints, errors, motion as core_motion
from ..edit import bars as edit_bars, constraints as edit_constraints, region as regions, user_edits
from ..edit.region import Region
from ..edit.splice import splice
from ..edit.user_edits import Edits, Key
from ..jobs import blender_python
from ..keys import fcurves, reduction, writer as key_writer
from ..keys.data_path import bone_of_path
from ..keys.fcurves import Points
from ..rig.channel import Channel, Curve
from ..settings import enums, preferences, properties
from ..song import source as song_source, strips as song_strips
from ..steps import Steps, run
from ..takes import metadata as take_metadata, store as take_store
from ..takes.rollback import Snapshot
from . import dance_task, direction, playing
from .dance_task import DanceTask, OnDance


@dataclass
class Regeneration(OnDance):
    """A region of a take in the making.

    Attributes
    ----------
    dance : DanceTask
    action_id : int
        Session id of the take's action.
    take : str
        The take's name.
    region : Region
        The frames and bones that are danced again.
    stays : dict
        Of each curve the frames that stay as they are, besides those outside the region.
    signs : dict
        Of each path of quaternions: -1 for frames that stay and are -q where the new motion is q.
    """

    dance: DanceTask
    action_id: int
    take: str
    region: Region
    stays: dict[Key, np.ndarray]
    signs: dict[str, dict[float, float]] = field(default_factory=dict)
    channels: list[Channel] = field(default_factory=list)

    @property
    def source(self) -> Any:
        """The action of the take of which a region is regenerated."""
        return dance_task.find(bpy.data.actions, self.action_id, "take")

    def advance(self) -> bool:
        """After the dance is made: fit it to what stays, and start to reduce its keys if asked."""
        return run(self.advance_steps())

    def advance_steps(self) -> Steps[bool]:
        """The same in small steps."""
        dance = self.dance
        if dance.motion is not None:
            return False
        armature, source = dance.armature, self.source
        dance.take_answer()
        frames = np.arange(self.region.first, self.region.last + 1)
        fresh = yield from dance.channels_steps(armature, frames)
        curves = user_edits.curves_of(source)
        reduces = dance.params.reduces_keys
        whole = self._same_signs(fresh, curves)
        self.channels = []
        for channel in whole:
            yield
            if reduces or self.region.has(channel.group):
                values = self._fitted(channel, curves, frames)
                self.channels.append(dataclasses.replace(channel, values=values))
        if not reduces:
            return False
        contacts = dance.sampled(frames).contacts
        yield
        ends = [float(seam) for seam in self._seams()]
        for key, stays in self.stays.items():
            if key in curves:
                ends += [end for run in regions.runs(stays) for end in run]
        yield from dance.reduce_steps(
            reduction.of_rig(
                armature,
                self.channels,
                frames,
                dance.params.key_error_metres,
                contacts,
                dance.beat_frames,
                # Around one between two frames both get a key.
                np.concatenate([np.floor(ends), np.ceil(ends)]),
                [(c.data_path, c.index) for c in self.channels if not self.region.has(c.group)],
                dance.params.keys_poses,
            )
        )
        return True

    def finish(self) -> Any:
        """Write the new take at once; see ``write``."""
        return run(self.write())

    def write(self) -> Steps[Any]:
        """Write the new take, in small steps; the armature.

        Raises Audio2PoseError, with nothing written, where the armature or the
        take is gone or cannot be changed any more.
        """
        armature, source = self.dance.armature, self.source
        before = Snapshot(armature)
        try:
            was = yield from user_edits.baseline_of_steps(source)
            found = yield from user_edits.between_steps(
                was, (yield from user_edits.read_steps(source))
            )
            was = {key: self._signed(key[0], p) for key, p in was.items()}
            yield
            action = source.copy()
            action.use_fake_user = False
            for curve in user_edits.curves_of(action).values():
                fcurves.deselect(curve)
            yield
            new_keys = yield from self._splice(action, found)
            baseline = {}
            for key, points in (yield from user_edits.read_steps(action)).items():
                baseline[key] = was.get(key, points)
                if key in new_keys:
                    edits = found.get(key)
                    baseline[key] = user_edits.rebased(was.get(key), points, edits, new_keys[key])
                    yield
            yield from self._remember(action, source, baseline)
            take = dance_task.take_over(armature, action)
            take_store.carry_corrections(armature, source, take)
        except BaseException:  # a cancel between two steps as well
            before.restore()
            raise
        told = self.dance.report.get("told", [])
        self.dance.scene.audio2pose.result.told = "\n".join(told)
        return armature

    # --- the new keys ---

    def _splice(self, action: Any, edits: Mapping[Key, Edits]) -> Steps[dict[Key, np.ndarray]]:
        """Put the new keys into a copy of the take; of each changed curve which keys are new."""
        made = {
            c.key: c for c in self._new_curves() if self.region.has(c.group) and len(c.frames) > 0
        }
        none, new_keys = np.zeros(0), {}
        for key, curve in user_edits.curves_of(action).items():
            if key not in made:
                continue
            yield
            new_keys[key] = splice(
                curve,
                key_writer.points_of(made[key]),
                self.region,
                self._seams(),
                self.stays.get(key, none),
                np.concatenate([edits[key].changed, edits[key].added]) if key in edits else none,
                partial(self._signed, key[0]),
            )
        return new_keys

    def _new_curves(self) -> list[Curve]:
        if self.dance.key_reduction is not None:
            return self.dance.key_reduction.curves(self.job.result)
        frames = np.arange(self.region.first, self.region.last + 1)
        return [Curve.of(c, frames, c.values) for c in self.channels]

    def _seams(self) -> list[int]:
        """The ends of the region beyond which the take goes on."""
        frames = self.dance.frames
        ends = (self.region.first, self.region.last)
        return [end for end in ends if end not in (frames[0], frames[-1])]

    def _same_signs(self, channels: list[Channel], curves: dict[Key, Any]) -> list[Channel]:
        """Quaternions of the sign that the take has: q and -q turn alike, but not halfway."""
        out: list[Channel] = []
        groups: dict[str, list[Channel]] = {}
        for channel in channels:
            groups.setdefault(channel.data_path, []).append(channel)
        seams = self._seams()
        frames = np.arange(self.region.first, self.region.last + 1)
        for path, group in groups.items():
            old = [curves.get((path, c.index)) for c in group]
            anchors = sorted({*map(float, seams), *map(float, self.stays.get((path, 0), ()))})
            if not path.endswith("quaternion") or None in old or not anchors:
                out += group
                continue
            new = np.stack([c.values for c in group], axis=1)
            was = np.array([[curve.evaluate(f) for curve in old] for f in anchors])
            beside = np.stack([np.interp(anchors, frames, v) for v in new.T], axis=1)
            dots = np.sum(was * beside, axis=1)
            signs = np.where(dots < 0, -1.0, 1.0)
            # Keys in front of the region stay as they are. What comes later is turned over
            # where the new motion got there by the other way round.
            out += [dataclasses.replace(c, values=signs[0] * c.values) for c in group]
            if self.region.has(group[0].group):
                self.signs[path] = dict(zip(anchors, signs[0] * signs, strict=True))
        return out

    def _signed(self, path: str, keys: Points) -> Points:
        """Keys that stay, of a quaternion, with the sign that the new motion has beside them."""
        signs = self.signs.get(path)
        if not signs:
            return keys
        known = np.array(sorted(signs))
        nearest = known[np.clip(np.searchsorted(known, keys.frames + 0.5) - 1, 0, None)]
        factor = np.array([signs[f] for f in nearest.tolist()])
        factor[keys.frames < self.region.first] = 1.0
        return keys.scaled(factor)

    def _fitted(self, channel: Channel, curves: dict[Key, Any], frames: np.ndarray) -> np.ndarray:
        """New values that meet their constraints; of a bone that stays, those that it has."""
        curve = curves.get((channel.data_path, channel.index))
        if curve is None:
            return channel.values
        if not self.region.has(channel.group):
            return np.array([curve.evaluate(f) for f in frames])
        wanted = {float(f) for f in self.stays.get((channel.data_path, channel.index), ())}
        wanted |= {float(seam) for seam in self._seams()}
        signs = self.signs.get(channel.data_path, {})
        anchors = {f: signs.get(f, 1.0) * float(curve.evaluate(f)) for f in wanted}
        return regions.meet_anchors(frames, channel.values, anchors, self.dance.song.time.fps)

    def _remember(self, action: Any, source: Any, baseline: dict[Key, Points]) -> Steps[None]:
        dance = self.dance
        assert dance.motion is not None
        metadata = dataclasses.replace(
            take_metadata.read(source),
            params=dance.params,
            model=dance.report["model"],
            model_sha256=dance.report["model_sha256"],
            date=dance_task.now(),
            made_from=f"{self.region.words} of {self.take}",
        )
        take_metadata.write(action, metadata)
        yield from take_metadata.motion_steps(action, dance.motion)
        yield from user_edits.baseline_steps(action, baseline)


# --- beginning ---


def begin(context: Any, seed: int | None = None) -> Regeneration:
    """Check what is asked for in ``scene.audio2pose_edit`` and make the job, not yet started.

    ``seed`` None draws a new one. Raises Audio2PoseError with one clear line; changes nothing.
    """
    return run(begin_steps(context, seed))


def begin_steps(context: Any, seed: int | None = None) -> Steps[Regeneration]:
    """The same in small steps."""
    scene = context.scene
    armature, take, metadata = playing.played(context)
    playing.check_ends(take.name, metadata)
    python = blender_python.worker_python()
    motion = yield from take_metadata.read_motion_steps(take.action)
    region = region_of(context, armature, metadata, motion)
    song = yield from song_steps(context, metadata)
    edited = yield from user_edits.of_steps(take.action)
    locked = edited if scene.audio2pose_edit.lock_edits else {}
    stays = edit_constraints.constrained_frames(take.action, region, locked)
    yield
    so_far, mask = yield from edit_constraints.motion_constraint_steps(
        armature, take.action, metadata, motion, region, stays, edited
    )
    if seed is None:
        seed = random.SystemRandom().randint(0, properties.MAX_SEED)
    model, dials = preferences.model_file(), scene.audio2pose
    params = dataclasses.replace(
        metadata.params,
        # Auto is what was danced: another seed must not change the style by itself.
        style=dials.style if dials.style not in ("", enums.AUTO) else playing.style_of(metadata),
        energy=dials.energy,
        accents=dials.hits.lower(),
        difference=scene.audio2pose_edit.difference,
        seed=seed,
        quality=1,
        model="" if model is None else str(model),
    )
    # What the dials ask for now, for the region that is danced again.
    given = playing.beats_of(metadata)
    params = direction.directed(context, params, song, armature, given, whole=False)
    dance = dance_task.begin(
        scene,
        armature,
        song,
        params,
        python,
        beats=given,
        constraint=constraints.MotionConstraint(so_far, mask),
    )
    return Regeneration(dance, take.action.session_uid, take.name, region, stays)


def region_of(
    context: Any, armature: Any, metadata: take_metadata.TakeMetadata, motion: core_motion.Motion
) -> Region:
    """The bars and the bones that the scene's settings ask for."""
    chosen = context.scene.audio2pose_edit
    frames = key_writer.key_frames(metadata.frame_start, motion.seconds, metadata.fps)
    first, last, words = int(frames[0]), int(frames[-1]), "all bars"
    if chosen.use_bars:
        action = take_store.current(armature).action
        first, last, words = span_of(context.scene, action, metadata, (first, last))
    if not chosen.use_bones:
        return Region(first, last, None, words)
    bones = {b.name for b in armature.pose.bones if compat.pose_bone_selected(b)}
    shown = {bone_of_path(name.partition("\t")[0]) for name in metadata.columns}
    if not bones:
        raise errors.OptionError(
            "no bone is selected; select some in pose mode, or switch Selected Bones off"
        )
    if not bones & shown:
        raise errors.OptionError(
            "none of the selected bones is danced by; select others, or switch Selected Bones off"
        )
    return Region(first, last, frozenset(bones), f"{words}, {len(bones & shown)} bones")


def span_of(
    scene: Any, action: Any, metadata: take_metadata.TakeMetadata, whole: tuple[int, int]
) -> tuple[int, int, str]:
    """First and last frame of what is chosen of a take, and that in words."""
    chosen = scene.audio2pose_edit
    if chosen.unit == "BARS":
        bars = edit_bars.shown(scene, action, metadata)
        first, last = bars.span(chosen.first_bar, chosen.last_bar)
        return first, last, f"bars {chosen.first_bar} to {min(chosen.last_bar, bars.numbers[-1])}"
    if chosen.unit == "FRAMES":
        first, last = max(whole[0], chosen.first_frame), min(whole[1], chosen.last_frame)
        if first >= last:
            raise errors.OptionError(
                f"frames {chosen.first_frame} to {chosen.last_frame} are not a part of this take, "
                f"which has frames {whole[0]} to {whole[1]}"
            )
        return first, last, f"frames {first} to {last}"
    every = np.ones(len(metadata.beats), dtype=bool)
    beats = regions.bar_frames(
        metadata.beats, every.tolist(), metadata.frame_start, metadata.fps, whole[1] + 1
    )
    if chosen.first_beat > chosen.last_beat or chosen.first_beat > len(beats) - 1:
        raise errors.OptionError(
            f"beats {chosen.first_beat} to {chosen.last_beat} are not a part of this take, "
            f"which has {len(beats) - 1} beats"
        )
    last_beat = min(chosen.last_beat, len(beats) - 1)
    first, last = int(beats[chosen.first_beat - 1]), int(beats[last_beat]) - 1
    return first, last, f"beats {chosen.first_beat} to {last_beat}"


def song_steps(context: Any, metadata: take_metadata.TakeMetadata) -> Steps[song_source.Song]:
    """The part of the song that a take dances to, as it was then; read in small steps."""
    with _source(context.scene.audio2pose, metadata):
        files = song_source.files(context)
    yield from song_source.read_steps(files)
    with _source(context.scene.audio2pose, metadata):
        song = song_source.whole(context)
    if song.key != metadata.song_key:
        raise errors.AudioError(
            f"this take dances to {metadata.song}, and the song there is now {song.name}; "
            "choose its song again"
        )
    skipped = metadata.song_second - song.placement.song_second
    place = song.placement
    assert place.seconds is not None
    if skipped < -0.02 or skipped + metadata.song_seconds > place.seconds + 0.02:
        raise errors.AudioError(
            f"the strip of {song.name} no longer holds all that this take dances to; "
            "move its handles back, or generate the dance again"
        )
    part = song_strips.Placement(metadata.frame_start, max(0.0, skipped), metadata.song_seconds)
    return dataclasses.replace(song, samples=part.cut(song.samples, song.rate), placement=part)


@contextmanager
def _source(settings: Any, metadata: take_metadata.TakeMetadata) -> Iterator[None]:
    """The scene's song settings as they were for a take, for the time being."""
    names = ("source", "strip", "file")
    now = {name: getattr(settings, name) for name in names}
    try:
        for name in names:
            setattr(settings, name, getattr(metadata.params, name))
        yield
    finally:
        for name in names:
            setattr(settings, name, now[name])
