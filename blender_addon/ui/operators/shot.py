"""Add Stage, Add Dance Camera, Preview Render."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ... import compat
from ...core import errors
from ...generate import crew
from ...render import preview
from ...rig import active
from ...settings import shot as shot_settings
from ...stage import dance_camera, dance_stage, in_view
from ...steps import Steps
from . import reports, running

Outcome = set[Any]


class AUDIO2POSE_OT_add_stage(running.RunsSteps, bpy.types.Operator):
    """Put a stage with lights around the dancers, in a collection of its own"""

    bl_idname = "audio2pose.add_stage"
    bl_label = "Add Stage"
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender's own way

    def work_steps(self, context: Any) -> Steps[str]:
        """Add it in place of the one before."""
        scene = context.scene
        _in_object_mode(context)
        lead = active.active_dancer(context)
        seen = yield from in_view.look_steps(scene, in_view.dancers(scene, lead))
        cues = yield from in_view.hear_steps(context, in_view.record_of(lead), seen)
        made = yield from dance_stage.create_steps(scene, scene.audio2pose_shot.stage, seen, cues)
        return f"The stage is in the collection {made.name}"


class AUDIO2POSE_OT_add_dance_camera(running.RunsSteps, bpy.types.Operator):
    """Add a camera, or several with cuts, that keeps every dancer whole in the picture"""

    bl_idname = "audio2pose.add_dance_camera"
    bl_label = "Add Dance Camera"
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender's own way

    def work_steps(self, context: Any) -> Steps[str]:
        """Add it in place of the one before."""
        scene, settings = context.scene, context.scene.audio2pose_shot
        _in_object_mode(context)
        lead = active.active_dancer(context)
        seen = yield from in_view.look_steps(scene, in_view.dancers(scene, lead))
        record = in_view.record_of(lead)
        starts = np.array([seen.first])
        if settings.camera == "CUTS":
            rate = compat.scene_fps(scene)
            bars = in_view.bars_of(record, seen, rate)
            if len(bars) == 0:
                raise errors.OptionError("cuts count bars, and this dance has none: generate one")
            sections = _sections(scene, record, seen, rate)
            starts = dance_camera.cut_starts(bars, sections, settings.every, seen)
        orbits_club = settings.camera == "ORBIT" and dance_stage.kind_of(scene) == "CLUB"
        cues = (yield from in_view.hear_steps(context, record, seen)) if orbits_club else None
        if settings.format != shot_settings.AS_SCENE:
            size = shot_settings.SIZES[settings.format]
            scene.render.resolution_x, scene.render.resolution_y = size
        size = (scene.render.resolution_x, scene.render.resolution_y)
        made = yield from dance_camera.create_steps(scene, settings.camera, seen, starts, size)
        if cues is not None:
            # Its wall has to stand behind a camera that goes all round.
            yield from dance_stage.create_steps(scene, "CLUB", seen, cues)
        if others := dance_camera.others(scene):
            reports.warn(
                self,
                f"Markers of yours switch cameras too ({', '.join(others[:3])}); unbind them where "
                "the dance camera shall film",
            )
        keys = sum(
            len(curve.keyframe_points) for thing in made for curve in compat.fcurves_of(thing)
        )
        return f"{len(made)} cameras, {keys} keys, {len(starts)} shots"


class AUDIO2POSE_OT_preview_render(bpy.types.Operator):
    """Render the chosen bars, or the preview range, as a small video with sound"""

    bl_idname = "audio2pose.preview_render"
    bl_label = "Preview Render"
    bl_options: Any = set()  # noqa: RUF012 - nothing of the scene is changed

    _preview: preview.Preview | None = None
    _outcome = ""
    _timer: Any = None

    def execute(self, context: Any) -> Outcome:
        """Render and wait: from a script, or in the background."""
        try:
            made = _preview(context)
            preview.render_now(made)
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        reports.tell(self, f"{made.output} is done")
        return {"FINISHED"}

    def invoke(self, context: Any, _event: Any) -> Outcome:
        """From a button: Blender shows the frames as they come, ESC in that window stops it."""
        if bpy.app.background:
            return self.execute(context)
        try:
            self._preview = _preview(context)
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        bpy.app.handlers.render_complete.append(self._completed)
        bpy.app.handlers.render_cancel.append(self._cancelled)
        bpy.ops.render.render("INVOKE_DEFAULT", animation=True, scene=self._preview.scene_name)
        self._timer = context.window_manager.event_timer_add(0.2, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def _completed(self, *_: Any) -> None:
        self._outcome = "done"

    def _cancelled(self, *_: Any) -> None:
        self._outcome = "cancelled"

    def modal(self, context: Any, event: Any) -> Outcome:
        """Wait for Blender's render to end; then take the copy of the scene away."""
        if event.type != "TIMER" or not self._outcome:
            return {"PASS_THROUGH"}
        self.cancel(context)
        if self._outcome != "done":
            reports.tell(self, "Cancelled; the video is not whole")
            return {"CANCELLED"}
        assert self._preview is not None
        reports.tell(self, f"{self._preview.output} is done")
        try:
            bpy.ops.wm.path_open(filepath=str(self._preview.output))
        except RuntimeError as error:
            # A system without a program for videos; the video is there all the same.
            reports.warn(self, f"It could not be opened: {str(error).splitlines()[-1]}")
        return {"FINISHED"}

    def cancel(self, context: Any) -> None:
        """Nothing of it stays in the file."""
        bpy.app.handlers.render_complete.remove(self._completed)
        bpy.app.handlers.render_cancel.remove(self._cancelled)
        context.window_manager.event_timer_remove(self._timer)
        assert self._preview is not None
        self._preview.finish()


def _preview(context: Any) -> preview.Preview:
    """The copy of the scene that renders what the settings ask for."""
    scene, settings = context.scene, context.scene.audio2pose_shot
    first, last = _frames(context)
    output = Path(bpy.path.abspath(settings.file)) if settings.file else None
    return preview.prepare(scene, first, last, output, settings.look == "FAST")


def _frames(context: Any) -> tuple[int, int]:
    """The preview range where one is set, else the bars of the dance that are asked for."""
    scene, settings = context.scene, context.scene.audio2pose_shot
    if scene.use_preview_range:
        return scene.frame_preview_start, scene.frame_preview_end
    record = None
    lead = active.active_dancer(context)
    if lead is not None:
        record = in_view.record_of(lead)
    if record is None:
        raise errors.OptionError(
            "bars are those of a take, and there is none: generate a dance, or set a preview range"
        )
    return crew.bar_frames(record, settings.first_bar, settings.last_bar)


def _sections(scene: Any, record: Any, seen: in_view.InView, rate: float) -> np.ndarray:
    """Seconds from the first frame at which the song's sections begin, (n,)."""
    rows = scene.audio2pose.sections
    late = record.song_second + (seen.first - record.frame_start) / rate
    return np.array([row.start - late for row in rows])


def _in_object_mode(context: Any) -> None:
    if context.mode != "OBJECT":
        raise errors.RigError("go to Object Mode first")


_CLASSES = (
    AUDIO2POSE_OT_add_stage,
    AUDIO2POSE_OT_add_dance_camera,
    AUDIO2POSE_OT_preview_render,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
