"""How long Blender's main thread is held at a time by each button: `python scripts/bench_ticks.py`.

What the panel does between two drawings of the window is done here one after the other, without
a window, on a song of three minutes: what a button does at once, the start of its job, what comes
between two jobs, and each step of writing. Seconds are processor time of the main thread, so that a
busy machine does not count; the worker's time is not among them.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import bpy

import blender_addon
from audio2pose_core.audio.demo_song import write_demo_song
from blender_addon.jobs.manager import MANAGER
from blender_addon.jobs.steps import Ticks
from blender_addon.ui import rough_overlay
from blender_addon.ui.operators import running

MOST = 0.030
"""Seconds: what a person does not feel."""

Row = tuple[str, str, float]
"""Button, part, seconds of the longest tick."""


class Watched:
    """An operator that works as in the window, and notes its longest ticks."""

    def __init__(self, name: str, operator: Any) -> None:
        self.name, self.rows = name, {}
        self.operator = operator

    def timed(self, part: str, work: Callable[[], Any]) -> Any:
        """Do it, and note how long it held the main thread."""
        began = time.thread_time()
        try:
            return work()
        finally:
            took = time.thread_time() - began
            self.rows[part] = max(self.rows.get(part, 0.0), took)

    def run(self) -> list[Row]:
        """The whole way from the button to the dance."""
        operator = self.operator
        prepare = getattr(operator, "prepare", lambda _: None)(bpy.context)
        if prepare is not None:
            ticks = Ticks(prepare)
            while self.timed("read", ticks.tick):
                continue
        began = self.timed("begin", lambda: operator._begin(bpy.context))
        assert began, operator.said
        while self.timed("poll", MANAGER.poll):
            self.timed("show early", lambda: operator._show_early(MANAGER.task))
            time.sleep(0.02)
        rough_overlay.show(None)
        writing = Ticks(MANAGER.write())
        while self.timed("write", writing.tick):
            continue
        task = operator._task
        self.timed("shown", lambda: operator.shown(task, writing.outcome))
        self.timed("told", lambda: operator.told(task, writing.outcome))
        return [(self.name, part, took) for part, took in self.rows.items()]


def operator_of(cls: Any) -> Any:
    """An operator's own Python part, without Blender's."""
    functions = {k: v for k, v in vars(cls).items() if callable(v) or isinstance(v, classmethod)}
    name = cls.bl_idname.partition(".")[2]
    own = getattr(bpy.ops.audio2pose, name).get_rna_type().properties
    given = {p.identifier: p.default for p in own if p.identifier != "rna_type"}
    made = type(cls.__name__, (running.RunsTask,), given | functions)()
    made.said = []
    made.report = lambda kinds, text: made.said.append(text)
    return made


def simple(name: str, work: Callable[[], Any]) -> list[Row]:
    """A button that is done at once."""
    began = time.thread_time()
    work()
    return [(name, "all", time.thread_time() - began)]


def rows(seconds: float) -> list[Row]:
    """Every button that reads the song or writes a dance."""
    from blender_addon.ui.operators import beats, choreography, crew, edit, generate, moves

    with TemporaryDirectory() as folder:
        song = Path(folder) / "song.wav"
        write_demo_song(song, seconds=seconds, bpm=120.0)
        bpy.ops.wm.read_factory_settings(use_empty=True)
        blender_addon.register()
        out = simple("Add Song", lambda: bpy.ops.audio2pose.add_song(filepath=str(song)))
        scene = bpy.context.scene
        scene.audio2pose.style = "house"
        chosen, part = scene.audio2pose_moves, scene.audio2pose_edit
        chosen.first_bar, chosen.last_bar = 3, 4
        part.use_bars, part.first_bar, part.last_bar = True, 10, 13
        for name, cls in (
            ("Analyse", beats.AUDIO2POSE_OT_analyse),
            ("From the Song", choreography.AUDIO2POSE_OT_dials_from_song),
            ("Generate Dance", generate.AUDIO2POSE_OT_generate),
            ("Regenerate", edit.AUDIO2POSE_OT_regenerate),
            ("Make Loop", moves.AUDIO2POSE_OT_make_loop),
        ):
            out += Watched(name, operator_of(cls)).run()
        bpy.ops.audio2pose.take_play(take="Take 1")
        out += simple("Add Stage", lambda: bpy.ops.audio2pose.add_stage())
        out += simple("Add Dance Camera", lambda: bpy.ops.audio2pose.add_dance_camera())
        scene.audio2pose_crew.count = 2
        out += Watched("Make Crew", operator_of(crew.AUDIO2POSE_OT_make_crew)).run()
        blender_addon.unregister()
    return out


def main() -> int:
    """The command; its exit code says whether anything held Blender for longer than ``MOST``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=180.0, help="length of the song")
    found = rows(parser.parse_args().seconds)
    for name, part, took in found:
        mark = "  <-- more than 30" if took > MOST else ""
        print(f"{name:20s} {part:12s} {1000 * took:7.1f} ms{mark}", flush=True)
    return int(any(took > MOST for _, _, took in found))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # Some versions of bpy hang at the end of a process.
    os._exit(code)
