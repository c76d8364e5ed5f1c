"""How long Blender's main thread is held at a time by each button.

What the panel does between two drawings of the window is done here one after the other, without
a window: what a button does at once, the start of its job, what comes between two jobs, and each
step of writing. Seconds are processor time of the main thread, so that a busy machine does not
count; the worker's time is not among them. ``scripts/bench_ticks.py`` prints them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import bpy

from blender_addon import compat
from blender_addon.jobs.manager import MANAGER
from blender_addon.steps import Ticks
from blender_addon.ui import rough_overlay
from blender_addon.ui.operators import (
    beats,
    choreography,
    crew,
    edit,
    export,
    generate,
    moves,
    running,
    shot,
    takes,
)

Row = tuple[str, str, float, int]
"""Button, part, seconds of the longest tick, number of ticks."""


class Watched:
    """An operator that works as in the window, and notes its longest ticks."""

    def __init__(self, name: str, operator: Any) -> None:
        self.name = name
        self.rows: dict[str, float] = {}
        self.ticks: dict[str, int] = {}
        self.operator = operator

    def timed(self, part: str, work: Callable[[], Any]) -> Any:
        """Do it, and note how long it held the main thread."""
        began = time.thread_time()
        try:
            return work()
        finally:
            took = time.thread_time() - began
            self.rows[part] = max(self.rows.get(part, 0.0), took)
            self.ticks[part] = self.ticks.get(part, 0) + 1

    def run(self) -> list[Row]:
        """The whole way from the button to the dance."""
        operator = self.operator
        if isinstance(operator, running.RunsSteps):
            operator._working = Ticks(operator.work_steps(bpy.context))
            while (outcome := self.timed("work", operator._work)) is None:
                continue
            assert outcome == {"FINISHED"}, (self.name, operator.said)
            return self._told()
        operator._beginning = Ticks(operator._begin_steps(bpy.context))
        while operator._beginning is not None:
            assert not self.timed("begin", operator._begin_on), operator.said
        while self.timed("poll", MANAGER.poll):
            self.timed("show early", lambda: operator._show_early(MANAGER.task))
            if not MANAGER.is_between_jobs:
                time.sleep(0.01)
        rough_overlay.show(None)
        writing = Ticks(MANAGER.write())
        while self.timed("write", writing.tick):
            continue
        task = operator._task
        self.timed("shown", lambda: operator.shown(task, writing.outcome))
        self.timed("told", lambda: operator.told(task, writing.outcome))
        return self._told()

    def _told(self) -> list[Row]:
        return [(self.name, part, took, self.ticks[part]) for part, took in self.rows.items()]


def operator_of(cls: Any) -> Any:
    """An operator's own Python part, without Blender's."""
    functions = {k: v for k, v in vars(cls).items() if callable(v) or isinstance(v, classmethod)}
    name = cls.bl_idname.partition(".")[2]
    own = getattr(bpy.ops.audio2pose, name).get_rna_type().properties
    given = {p.identifier: getattr(p, "default", ()) for p in own if p.identifier != "rna_type"}
    base = next(b for b in cls.__bases__ if issubclass(b, running.RunsTask | running.RunsSteps))
    made = type(cls.__name__, (base,), given | functions)()
    made.said = []
    made.report = lambda kinds, text: made.said.append(text)
    return made


def rows(scene: Any, song: Path, only: Sequence[str] = ()) -> list[Row]:
    """The buttons that take long, in an empty scene with the add-on registered.

    ``only`` those whose names begin so, where there are any.
    """
    add = operator_of(generate.AUDIO2POSE_OT_add_song)
    add.filepath = str(song)
    out = Watched("Add Song", add).run()
    scene.audio2pose.style = "house"
    chosen, part = scene.audio2pose_moves, scene.audio2pose_edit
    chosen.first_bar, chosen.last_bar = 3, 4
    part.use_bars, part.first_bar, part.last_bar = True, 3, 6
    scene.audio2pose_crew.count = 2
    settings = scene.audio2pose_shot

    def stage(kind: str) -> Callable[[], None]:
        return lambda: setattr(settings, "stage", kind)

    def camera(kind: str) -> Callable[[], None]:
        return lambda: setattr(settings, "camera", kind)

    def first_take() -> None:
        bpy.ops.audio2pose.take_play(take="Take 1")

    def edit_keys() -> None:
        first_take()
        armature = scene.audio2pose.target
        for curve in compat.fcurves_of(armature):
            if "elbow" in curve.data_path:
                key = curve.keyframe_points[len(curve.keyframe_points) // 2]
                key.co.y += 0.2
                curve.update()

    def other_beats() -> None:
        first_take()
        bpy.ops.audio2pose.shift_beats(amount=0.5)

    def on_a_beat() -> None:
        first_take()
        scene.frame_current = round(
            scene.audio2pose.target.animation_data.action.frame_range[1] / 2
        )

    def to_file(operator: Any, ending: str) -> None:
        operator.filename_ext, operator.filepath = ending, str(song.with_suffix(ending))

    for name, cls, prepare in (
        ("Analyse", beats.AUDIO2POSE_OT_analyse, None),
        ("From the Song", choreography.AUDIO2POSE_OT_dials_from_song, None),
        ("Generate Dance", generate.AUDIO2POSE_OT_generate, None),
        ("Regenerate", edit.AUDIO2POSE_OT_regenerate, None),
        ("Load Take Settings", takes.AUDIO2POSE_OT_take_settings, None),
        ("Try Three Seeds", generate.AUDIO2POSE_OT_try_seeds, None),
        ("Choose Take", takes.AUDIO2POSE_OT_take_choose, None),
        ("Make Loop", moves.AUDIO2POSE_OT_make_loop, first_take),
        ("Save as Move", moves.AUDIO2POSE_OT_save_move, first_take),
        ("Use Move Here", moves.AUDIO2POSE_OT_use_move, on_a_beat),
        ("Select My Keys", edit.AUDIO2POSE_OT_select_edited, edit_keys),
        ("Ease My Keys", edit.AUDIO2POSE_OT_ease_edits, None),
        ("Follow Tempo", takes.AUDIO2POSE_OT_follow_tempo, other_beats),
        ("Export BVH", export.AUDIO2POSE_OT_export_bvh, first_take),
        ("Export VRM", export.AUDIO2POSE_OT_export_vrma, None),
        ("Export VMD", export.AUDIO2POSE_OT_export_vmd, None),
        ("Export AIST++", export.AUDIO2POSE_OT_export_smpl, None),
        ("Make Crew", crew.AUDIO2POSE_OT_make_crew, first_take),
        ("Add Stage STUDIO", shot.AUDIO2POSE_OT_add_stage, stage("STUDIO")),
        ("Add Stage CLUB", shot.AUDIO2POSE_OT_add_stage, stage("CLUB")),
        ("Add Camera CUTS", shot.AUDIO2POSE_OT_add_dance_camera, camera("CUTS")),
        ("Add Camera ORBIT", shot.AUDIO2POSE_OT_add_dance_camera, camera("ORBIT")),
        ("Corrections", takes.AUDIO2POSE_OT_corrections, first_take),
        ("Bake to Controls", export.AUDIO2POSE_OT_bake, first_take),
    ):
        if only and not name.startswith(tuple(only)):
            continue
        if prepare is not None:
            prepare()
        operator = operator_of(cls)
        if hasattr(cls, "filename_ext"):
            to_file(operator, cls.filename_ext)
        out += Watched(name, operator).run()
    return out
