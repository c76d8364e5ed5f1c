"""Dials: filled from the song, freed, made calmer or livelier over a range, a pose held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from bpy.props import EnumProperty, FloatProperty

from ... import compat
from ...core import dials as core_dials, errors
from ...generate import dance_task, direction, scene_params
from ...jobs import blender_python
from ...jobs.job import Job
from ...jobs.messages import PlanRequest
from ...keys import scene_curves
from ...settings.choreography import DIALS, PATH
from ...song import beats, marking, sections, source as song_source
from . import reports, running

Outcome = set[Any]
GROUP = "Choreography"
CALM, LIVELY = -1.0, 1.0
HOLD_BEATS = 2
RAMP_S = 0.25
"""Half of a change's length where the beats are not known, seconds."""


@dataclass
class Filling:
    """The dials of a song that are being asked for."""

    job: Job
    song: song_source.Song
    scene_id: int

    @property
    def name(self) -> str:
        """The song's."""
        return self.song.name

    @property
    def warnings(self) -> list[str]:
        """None of its own."""
        return list(self.job.report["warnings"])

    def advance(self) -> bool:
        """There is one job only."""
        return False

    def finish(self) -> core_dials.Dials:
        """Key the dials in the scene; what was found. RigError without the scene."""
        scene = dance_task.find(bpy.data.scenes, self.scene_id, "scene")
        found = self.job.result
        place, fps = self.song.placement, compat.scene_fps(scene)
        settings = scene.audio2pose.choreography
        for name in DIALS:
            known = [
                (place.frame_start + time * fps, value)
                for time, value in zip(found.times, getattr(found, name), strict=False)
                if value is not None
            ]
            scene_curves.free(scene, f"{PATH}.{name}")
            scene_curves.free(scene, f"{PATH}.use_{name}")
            setattr(settings, f"use_{name}", bool(known))
            if known:
                frames, values = zip(*known, strict=True)
                scene_curves.write(scene, f"{PATH}.{name}", GROUP, frames, values, "LINEAR")
        return found


class AUDIO2POSE_OT_dials_from_song(running.RunsTask, bpy.types.Operator):
    """Key the dials with what the song asks of legs, arms, level and returns, to begin with"""

    bl_idname = "audio2pose.dials_from_song"
    bl_label = "From the Song"
    bl_options = {"UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        """One job at a time, and not without a song."""
        return running.is_free(cls) and running.has_song(cls, context)

    def begin(self, context: Any) -> Filling:
        """The plan of the scene's song, not yet started."""
        scene = context.scene
        song = song_source.danced(context)
        found = beats.for_song(scene, song)
        params = direction.sectioned(context, scene_params.of_scene(scene), song)
        request = PlanRequest(song.samples, song.rate, song.name, params, found)
        job = Job(request, blender_python.worker_python(), bpy.app.tempdir or None)
        return Filling(job, song, scene.session_uid)

    def told(self, task: Filling, written: core_dials.Dials) -> str:
        """Which dials were keyed."""
        keyed = [name for name in DIALS if written.asks(name)]
        return f"Keyed {', '.join(keyed)} at {len(written.times)} times of {task.name}"


class AUDIO2POSE_OT_reset_dials(bpy.types.Operator):
    """Free the dials: their keys go, and the song decides again"""

    bl_idname = "audio2pose.reset_dials"
    bl_label = "Reset Dials"
    bl_options = {"UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> Outcome:
        """Free them all."""
        scene, settings = context.scene, context.scene.audio2pose.choreography
        for name in DIALS:
            for path in (name, f"use_{name}"):
                scene_curves.free(scene, f"{PATH}.{path}")
                settings.property_unset(path)
        for path in (
            f"{PATH}.hold",
            f"{PATH}.hands",
            direction.FRONT_PATH,
            direction.PATH_PATH,
            direction.ENERGY_PATH,
        ):
            scene_curves.free(scene, path)
        for name in ("hold", "hands", "hands_when"):
            settings.property_unset(name)
        scene.audio2pose.property_unset("energy")
        running.redraw()
        return {"FINISHED"}


WHERE = (
    ("AUTO", "Preview Range or Playhead", "The preview range; without one from the playhead on"),
    ("PREVIEW", "Preview Range", "The frames of the preview range"),
    ("SECTION", "Active Section", "The section that is active in the list"),
    ("PLAYHEAD", "From the Playhead's Bar On", "From the bar at the playhead to the song's end"),
)


class _OverRange:
    """What changes something over a range of frames."""

    report: Any

    def range_of(self, context: Any, where: str) -> tuple[float, float, float]:
        """First and last frame of a range, and the frames of a beat there.

        OptionError where it cannot be told; the last is infinite to the song's end.
        """
        scene, fps = context.scene, compat.scene_fps(context.scene)
        if where == "AUTO":
            where = "PREVIEW" if scene.use_preview_range else "PLAYHEAD"
        if where == "PREVIEW":
            if not scene.use_preview_range:
                raise errors.OptionError(
                    "no preview range is set; press P in the Timeline and drag over it"
                )
            first, last = float(scene.frame_preview_start), float(scene.frame_preview_end)
            return first, last, _beat(scene) * fps
        if where == "SECTION":
            form, clock = marking.form_now(context), beats.clock_now(context)
            if form is None:
                raise errors.OptionError(sections.NO_SECTIONS)
            start, end = form.span(scene.audio2pose.section_index)
            first, last = (float(f) for f in clock.frames(np.array([start, end])))
            return first, last, _beat(scene) * fps
        return _bar_at_playhead(context), np.inf, _beat(scene) * fps


def _beat(scene: Any) -> float:
    """Seconds of a beat; twice ``RAMP_S`` where they are not known."""
    stored = beats.read(scene.audio2pose)
    return 2 * RAMP_S if stored is None else 60.0 / max(stored.beats.tempo_bpm, 1.0)


def _bar_at_playhead(context: Any) -> float:
    """The frame of the bar line at or before the playhead; the playhead where none is known."""
    scene = context.scene
    now = float(scene.frame_current)
    try:
        clock = beats.clock_now(context)
        store = beats.edited(scene, clock)
    except errors.DataError:
        return now
    assert store is not None
    lines = clock.frames(store.beats.times[store.beats.downbeats])
    before = lines[lines <= now + 0.5]
    return float(before[-1]) if len(before) else now


class AUDIO2POSE_OT_change_energy(_OverRange, bpy.types.Operator):
    """Key the energy lower, or higher, over a range; Generate or Regenerate obeys it"""

    bl_idname = "audio2pose.change_energy"
    bl_label = "Calmer or Livelier"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012
    menu_entries: Any = (("Calmer", {"amount": CALM}), ("Livelier", {"amount": LIVELY}))

    where: EnumProperty(name="Where", description="Over which frames", items=WHERE)  # type: ignore[valid-type]
    amount: FloatProperty(  # type: ignore[valid-type]
        name="Amount",
        description="How much is added to the energy; below 0 is calmer",
        default=CALM,
        min=-3.0,
        max=3.0,
        step=10,
        precision=1,
    )

    def execute(self, context: Any) -> Outcome:
        """Add to the curve, easing in and out over a beat."""
        scene, path = context.scene, direction.ENERGY_PATH
        try:
            first, last, beat = self.range_of(context, self.where)
            curve = scene_curves.curve_of(scene, path)
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        ramp = min(beat / 2, (last - first) / 4)
        frames = [first - ramp, first + ramp]
        frames += [last - ramp, last + ramp] if np.isfinite(last) else []
        inside = [] if curve is None else [float(p.co[0]) for p in curve.keyframe_points]
        frames += [f for f in inside if first + ramp < f < last - ramp]
        frames.sort()
        low, high = -2.0, 2.0  # the property's own
        was = scene_curves.values(scene, path, frames)
        added = [self.amount if first < f < last else 0.0 for f in frames]
        values = np.clip(was + np.array(added), low, high)
        scene_curves.write(scene, path, GROUP, frames, values.tolist(), "LINEAR")
        end = "the end" if not np.isfinite(last) else f"frame {last:.0f}"
        word = "calmer" if self.amount < 0 else "livelier"
        reports.tell(self, f"{word} from frame {first:.0f} to {end}; generate or regenerate it")
        running.redraw()
        return {"FINISHED"}


class AUDIO2POSE_OT_hold_pose(_OverRange, bpy.types.Operator):
    """Key a held pose: over the preview range, or for two beats from the playhead on"""

    bl_idname = "audio2pose.hold_pose"
    bl_label = "Hold Pose Here"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    beats: FloatProperty(  # type: ignore[valid-type]
        name="Beats", description="How many beats it is held", default=HOLD_BEATS, min=0.5, max=32
    )

    def execute(self, context: Any) -> Outcome:
        """Key it on and off."""
        scene = context.scene
        if scene.use_preview_range:
            first, last = float(scene.frame_preview_start), float(scene.frame_preview_end)
        else:
            first = float(scene.frame_current)
            last = first + round(self.beats * _beat(scene) * compat.scene_fps(scene))
        path = f"{PATH}.hold"
        frames, values = [first, last], [1.0, 0.0]
        if scene_curves.curve_of(scene, path) is None:
            frames, values = [first - 1, *frames], [0.0, *values]
        scene_curves.write(scene, path, GROUP, frames, values, "CONSTANT")
        reports.tell(self, f"a pose is held from frame {first:.0f} to {last:.0f}")
        running.redraw()
        return {"FINISHED"}


_CLASSES = (
    AUDIO2POSE_OT_dials_from_song,
    AUDIO2POSE_OT_reset_dials,
    AUDIO2POSE_OT_change_energy,
    AUDIO2POSE_OT_hold_pose,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
