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

from ..core import dance_base, errors
from ..edit import user_edits
from ..figure import mannequin
from ..jobs import blender_python
from ..keys import reduction, writer as key_writer
from ..rig import active, retarget as rig_retarget
from ..rig.channel import Channel, Curve
from ..settings import properties
from ..song import beat_grid, beats, source as song_source
from ..takes import metadata as take_metadata
from ..takes.rollback import Snapshot
from . import dance_task, scene_params
from .dance_task import DanceTask, OnDance


@dataclass
class Generation(OnDance):
    """A whole dance in the making, for one armature or for a dancer that is not there yet.

    ``marked`` are the beats that a person marked, to be drawn on the new action; ``made_from``
    is what it was made from, in words.
    """

    dance: DanceTask
    marked: beat_grid.StoredBeats | None = None
    made_from: str = ""
    channels: list[Channel] = field(default_factory=list)

    def advance(self) -> bool:
        """After the dance is made: start to reduce its keys where that is still to be done."""
        dance = self.dance
        if dance.motion is not None:
            return False
        armature = dance.armature
        dance.take_answer()
        if dance.keys is not None or armature is None:
            return False
        frames = dance.frames
        self.channels = dance.channels(armature, frames)
        if not dance.params.reduces_keys:
            return False
        dance.reduce(
            reduction.of_rig(
                armature,
                self.channels,
                frames,
                dance.params.key_error_metres,
                dance.sampled(frames).contacts,
                dance.beat_frames,
            )
        )
        return True

    def finish(self) -> Any:
        """Write the finished dance; the armature that dances.

        Raises Audio2PoseError, with nothing written, where the scene or the
        armature is gone or cannot take the dance any more.
        """
        scene, armature = self.dance.scene, self.dance.armature
        before = Snapshot(armature)
        made = None
        try:
            if armature is None:
                with _in_scene(scene):
                    armature = mannequin.create_dancer("Dancer", scene.collection)
                made = armature
            curves = self._curves(armature)
            action = key_writer.build_action(armature, curves, f"Dance {Path(self.name).stem}")
            self._remember(action, curves)
            dance_task.take_over(armature, action)
        except Exception:
            before.restore()
            raise
        beats.show_on(scene, action, self.marked)
        self._note(scene.audio2pose, armature, action)
        if made is not None and scene == bpy.context.scene and bpy.context.mode == "OBJECT":
            _show(made)
        return armature

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

    def _remember(self, action: Any, curves: list[Curve]) -> None:
        """Note on the action what it was made of, and its keys as they are."""
        columns = {f"{c.data_path}\t{c.index}": list(c.columns) for c in curves if c.columns}
        record = take_metadata.TakeMetadata(
            **self.dance.facts(), columns=columns, made_from=self.made_from
        )
        take_metadata.write(action, record)
        take_metadata.write_motion(action, self.dance.motion)
        user_edits.write_baseline(action)

    def _note(self, settings: Any, armature: Any, action: Any) -> None:
        report, result, seed = self.dance.report, settings.result, self.dance.params.seed
        settings.target, settings.seed = armature, seed
        result.style, result.seed = report["style"], seed
        result.tempo_bpm, result.beats = report["tempo_bpm"], report["beats"]
        result.seconds, result.action = report["seconds"], action.name


def begin(
    context: Any, *, base: dance_base.DanceBase | None = None, made_from: str = ""
) -> Generation:
    """Check the settings of ``context.scene`` and make the job, not yet started.

    ``base`` is a clip that the dance begins with.

    Raises Audio2PoseError with one clear line; changes nothing.
    """
    scene = context.scene
    target = active.chosen_dancer(scene)
    if target is not None:
        dance_task.check_target(target, scene)
    python = blender_python.worker_python()
    song = song_source.danced(context)
    params = scene_params.of_scene(scene)
    if scene.audio2pose.randomise_seed:
        # The system's own generator: Python's shared one may be seeded by others.
        seed = random.SystemRandom().randint(0, properties.MAX_SEED)
        params = dataclasses.replace(params, seed=seed)
    dance = dance_task.begin(
        scene, target, song, params, python, beats=beats.for_song(scene, song), base=base
    )
    return Generation(dance, marked=beats.marked(scene, song), made_from=made_from)


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
