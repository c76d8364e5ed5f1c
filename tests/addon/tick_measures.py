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

from blender_addon.jobs.manager import MANAGER
from blender_addon.steps import Ticks
from blender_addon.ui import rough_overlay
from blender_addon.ui.operators import (
    beats,
    choreography,
    crew,
    edit,
    generate,
    moves,
    running,
    shot,
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
            while self.timed("work", operator._work) is None:
                continue
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
    given = {p.identifier: p.default for p in own if p.identifier != "rna_type"}
    base = next(b for b in cls.__bases__ if b in (running.RunsTask, running.RunsSteps))
    made = type(cls.__name__, (base,), given | functions)()
    made.said = []
    made.report = lambda kinds, text: made.said.append(text)
    return made


def simple(name: str, work: Callable[[], Any]) -> list[Row]:
    """A button that is done at once."""
    began = time.thread_time()
    work()
    return [(name, "all", time.thread_time() - began, 1)]


def rows(scene: Any, song: Path, only: Sequence[str] = ()) -> list[Row]:
    """The buttons that read the song or write a dance, in a scene with the add-on registered.

    ``only`` those whose names begin so, where there are any.
    """
    out = simple("Add Song", lambda: bpy.ops.audio2pose.add_song(filepath=str(song)))
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

    for name, cls, prepare in (
        ("Analyse", beats.AUDIO2POSE_OT_analyse, None),
        ("From the Song", choreography.AUDIO2POSE_OT_dials_from_song, None),
        ("Generate Dance", generate.AUDIO2POSE_OT_generate, None),
        ("Regenerate", edit.AUDIO2POSE_OT_regenerate, None),
        ("Make Loop", moves.AUDIO2POSE_OT_make_loop, None),
        ("Make Crew", crew.AUDIO2POSE_OT_make_crew, first_take),
        ("Add Stage STUDIO", shot.AUDIO2POSE_OT_add_stage, stage("STUDIO")),
        ("Add Stage CLUB", shot.AUDIO2POSE_OT_add_stage, stage("CLUB")),
        ("Add Camera CUTS", shot.AUDIO2POSE_OT_add_dance_camera, camera("CUTS")),
        ("Add Camera ORBIT", shot.AUDIO2POSE_OT_add_dance_camera, camera("ORBIT")),
    ):
        if only and not name.startswith(tuple(only)):
            continue
        if prepare is not None:
            prepare()
        out += Watched(name, operator_of(cls)).run()
    return out
