"""Generate: one dance from the settings of a scene to keys on an armature.

begin    checks everything, reads the song, makes the job    nothing changes
jobs     run in the worker process: the dance and its keys    nothing changes
advance  for rigs that are not ours: from motion to channels, whose keys a second job reduces
finish   writes armature, action and result, or nothing at all
"""

from __future__ import annotations

import dataclasses
import random
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..core import dance_base, errors, figure_mesh, motion as core_motion
from ..edit import anchors as pose_anchors, user_edits
from ..figure import mannequin, placement
from ..jobs import blender_python
from ..jobs.params import WHOLE_SONG
from ..keys import reduction, writer as key_writer
from ..moves import asset
from ..rig import active, retarget as rig_retarget
from ..rig.channel import Channel, Curve
from ..settings import properties
from ..song import beat_grid, beats, placing, source as song_source
from ..steps import Steps, run
from ..takes import metadata as take_metadata, store as take_store
from ..takes.rollback import Snapshot
from . import dance_task, direction, lead_in, rough as rough_dance, scene_params
from .dance_task import DanceTask, OnDance, SongPart


@dataclass
class Generation(OnDance):
    """A whole dance in the making, for one armature or for a dancer that is not there yet.

    Attributes
    ----------
    dance : DanceTask
    marked : the beats that a person marked, to be drawn on the new action.
    made_from : what it was made from, in words; "" is nothing but the song.
    file : the song, where it is a file that no strip plays; None where one does.
    spot : where a new dancer has to stand, because its front or path was reckoned from there.
    aside : metres to the left and right of a new dancer that copies of it will take.
    is_new : whether the dancer was added with its dance.
    same : the take that is this very dance already, "" where there is none.
    done : what was done to the scene beside the dance, after ``finish``.
    anchors : the keys that were on the armature before it danced, None for none.
    """

    dance: DanceTask
    marked: beat_grid.StoredBeats | None = None
    made_from: str = ""
    file: Path | None = None
    anchors: pose_anchors.Anchors | None = None
    spot: tuple[float, float, float] | None = None
    aside: float = 0.0
    is_new: bool = False
    same: str = ""
    done: list[str] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)

    def advance(self) -> bool:
        """After the dance is made: start to reduce its keys where that is still to be done."""
        return run(self.advance_steps())

    def advance_steps(self) -> Steps[bool]:
        """The same in small steps."""
        dance = self.dance
        if dance.motion is not None:
            return False
        armature = dance.armature
        dance.take_answer()
        if dance.keys is not None or armature is None:
            return False
        frames = dance.frames
        self.channels = yield from dance.channels_steps(armature, frames)
        ends = np.zeros(0)
        if self.met is not None:
            ends = self.met.frames
            self.channels = pose_anchors.met(self.channels, frames, self.met, dance.song.time.fps)
        if not dance.params.reduces_keys:
            return False
        yield
        contacts = dance.sampled(frames).contacts
        yield
        yield from dance.reduce_steps(
            reduction.of_rig(
                armature,
                self.channels,
                frames,
                dance.params.key_error_metres,
                contacts,
                dance.beat_frames,
                np.concatenate([np.floor(ends), np.ceil(ends)]),
                together=dance.params.keys_poses,
            )
        )
        return True

    @property
    def met(self) -> pose_anchors.Anchors | None:
        """The anchors, where the dance goes through them."""
        anchors = self.anchors
        return None if anchors is None or anchors.constraint is None else anchors

    @property
    def early(self) -> core_motion.Motion | None:
        """What can be looked at by now, or None."""
        return self.dance.early

    def rough(self) -> rough_dance.Rough | None:
        """The same in its place in the scene."""
        return rough_dance.of(self.dance, self.spot, self.aside)

    def finish(self) -> Any:
        """Write the finished dance at once; see ``write``."""
        return run(self.write())

    def write(self) -> Steps[Any]:
        """Write the finished dance, in small steps; the armature that dances.

        Raises Audio2PoseError, with nothing written, where the scene or the
        armature is gone or cannot take the dance any more.
        """
        scene, armature = self.dance.scene, self.dance.armature
        before = Snapshot(armature)
        made = None
        try:
            if armature is None:
                yield from figure_mesh.body_steps()
                # Before it is there, or it would stand in its own way.
                room = placement.room_of(self.dance.motion, self.aside)
                spot = self.spot or placement.free_spot(scene, room)
                with _in_scene(scene):
                    armature = mannequin.create_dancer("Dancer", scene.collection)
                armature.location = spot
                made = armature
            yield
            curves = self._curves(armature)
            yield
            name = f"Dance {Path(self.name).stem}"
            action = yield from key_writer.action_steps(armature, curves, name)
            yield from self._remember(action, curves)
            same = self._same_take(armature, action)
            if same is None:
                dance_task.take_over(armature, action)
        except BaseException:  # a cancel between two steps as well
            before.restore()
            raise
        if same is not None:
            before.restore()
            take_store.play(armature, same)
            self.same, action = same.name, same.action
        else:
            beats.show_on(scene, action, self.marked)
        self._note(scene.audio2pose, armature, action)
        self.is_new = made is not None
        self._make_room(scene)
        if made is not None and scene == bpy.context.scene and bpy.context.mode == "OBJECT":
            _show(made)
        return armature

    def with_seed(self, seed: int) -> Generation:
        """The same dance with another seed, its job not yet started."""
        return dataclasses.replace(
            self, dance=self.dance.with_seed(seed), channels=[], done=[], is_new=False, same=""
        )

    def _curves(self, armature: Any) -> list[Curve]:
        """The keys to be written: few, or one a frame."""
        dance, frames = self.dance, self.dance.frames
        if dance.keys is not None:
            if not rig_retarget.is_our_dancer(armature):
                raise errors.RigError(
                    f"armature {armature.name!r} was changed while the dance was made, so nothing "
                    "was written; generate it again"
                )
            return reduction.for_dancer(armature, frames, dance.keys)
        if dance.key_reduction is not None:
            return dance.key_reduction.curves(dance.job.result)
        channels = self.channels or dance.channels(armature, frames)
        return [Curve.of(channel, frames, channel.values) for channel in channels]

    def _remember(self, action: Any, curves: list[Curve]) -> Steps[None]:
        """Note on the action what it was made of, and its keys as they are."""
        columns = {f"{c.data_path}\t{c.index}": list(c.columns) for c in curves if c.columns}
        record = take_metadata.TakeMetadata(
            **self.dance.facts(), columns=columns, made_from=self.made_from
        )
        take_metadata.write(action, record)
        yield from take_metadata.motion_steps(action, self.dance.motion)
        yield from user_edits.baseline_steps(action)
        if self.met is not None:
            pose_anchors.lock(action, self.met)

    def _same_take(self, armature: Any, action: Any) -> Any:
        """A take that nobody edited, of the same seed and the same keys, or None."""
        seed = self.dance.params.seed
        for take in take_store.of(armature):
            old = take.action
            if old is None or old.audio2pose.baseline != action.audio2pose.baseline:
                continue
            if take_metadata.read(old).params.seed == seed and not user_edits.of(old):
                return take
        return None

    def _make_room(self, scene: Any) -> None:
        """Let the song be heard, and the range hold the dance; in words what was done."""
        song, before = self.dance.song, scene.frame_end
        synced = placing.sync_to_sound(scene)
        laid = self.file is not None and not placing.lies_in(scene, self.file)
        if laid:
            strip = placing.lay(scene, self.file)
            self.done.append(f"{strip.name} is on channel {strip.channel} of the Sequencer")
        whole = self.dance.params.range == WHOLE_SONG
        if whole and (laid or placing.has_blenders_range(scene)):
            placing.fit_range(scene, song.time.start, song.seconds)
        if scene.frame_end != before:
            self.done.append(f"the scene ends at frame {scene.frame_end}")
        if synced:
            self.done.append("playback is synced to audio")
        if self.is_new:
            scene.frame_current = round(song.time.start)

    def _note(self, settings: Any, armature: Any, action: Any) -> None:
        report, result, seed = self.dance.report, settings.result, self.dance.params.seed
        settings.target = armature
        properties.note_seed(settings, seed)
        result.style, result.seed = report["style"], seed
        result.tempo_bpm, result.beats = report["tempo_bpm"], report["beats"]
        result.seconds, result.action = report["seconds"], action.name
        result.told = "\n".join(self.told)

    @property
    def told(self) -> list[str]:
        """What came of what was asked for, a line each."""
        met = [] if self.met is None else [self.met.words]
        return [*self.dance.report.get("told", []), *met]

    @property
    def warnings(self) -> list[str]:
        """What the worker warns of, and keys that were not danced through."""
        left = [] if self.anchors is None or self.met is not None else [self.anchors.words]
        return [*self.dance.warnings, *left]


def begin(
    context: Any,
    seed: int | None = None,
    *,
    base: dance_base.DanceBase | None = None,
    made_from: str = "",
) -> Generation:
    """Check the settings of ``context.scene`` and make the job, not yet started.

    ``seed`` None is what the settings say: the one that is set, or a new one. ``base`` is a clip
    that the dance begins with.
    Raises Audio2PoseError with one clear line; changes nothing.
    """
    scene = context.scene
    target = active.chosen_dancer(scene)
    if target is not None:
        dance_task.check_target(target, scene)
    python = blender_python.worker_python()
    song = song_source.danced(context)
    params = scene_params.of_scene(scene)
    if seed is None and scene.audio2pose.randomise_seed:
        # The system's own generator: Python's shared one may be seeded by others.
        seed = random.SystemRandom().randint(0, properties.MAX_SEED)
    if seed is not None:
        params = dataclasses.replace(params, seed=seed)
    found = beats.for_song(scene, song)
    params = direction.directed(context, params, song, target, found)
    part = SongPart.of(song, compat.scene_fps(scene))
    # A clip that the dance begins with leaves no room for other poses.
    anchors = pose_anchors.read(target, part.time, part.seconds) if base is None else None
    begins = None
    if params.lead_in and base is None and anchors is None:
        begins = lead_in.standing(part.seconds)
    dance = dance_task.begin(
        scene,
        target,
        song,
        params,
        python,
        beats=found,
        base=base,
        anchors=None if anchors is None else anchors.constraint,
        lead_in=begins,
        moves=[] if params.moves is None else asset.catalogue_of(params.moves),
    )
    settings = scene.audio2pose
    file = Path(bpy.path.abspath(settings.file)) if settings.source == "FILE" else None
    bound = target is None and direction.is_bound(settings.choreography)
    return Generation(
        dance,
        marked=beats.marked(scene, song),
        made_from=made_from,
        file=file,
        anchors=anchors,
        spot=tuple(scene.cursor.location) if bound else None,
    )


def _show(armature: Any) -> None:
    """Make a new dancer the active, selected object, so that the timeline shows its keys."""
    view_layer = bpy.context.view_layer
    for other in view_layer.objects.selected:
        other.select_set(False)
    armature.select_set(True)
    view_layer.objects.active = armature


def _in_scene(scene: Any) -> Any:
    """The scene as the context's own; the user may look at another one by now."""
    if bpy.context.scene == scene:
        return nullcontext()
    return bpy.context.temp_override(scene=scene, view_layer=scene.view_layers[0])
