"""What takes long is done in steps; ``scripts/bench_ticks.py`` measures how long each one is."""

from __future__ import annotations

import itertools

import pytest

bpy = pytest.importorskip("bpy")

import quick_jobs
import tick_measures

from blender_addon import steps
from blender_addon.generate import dance_task

pytestmark = [pytest.mark.blender, pytest.mark.slow]


class JobAside(quick_jobs.QuickJob):
    """Its work is the worker's, so it is not the main thread's."""

    def start_steps(self):
        yield from steps.aside(self.start)


def test_what_takes_long_is_done_in_steps(registered, tmp_path, monkeypatch):
    quick_jobs.install(monkeypatch)
    monkeypatch.setattr(dance_task, "Job", JobAside)
    # With this clock a tick is one step, on any machine.
    told = itertools.count()
    monkeypatch.setattr(
        steps.Ticks.__init__, "__defaults__", (lambda: 0.6 * steps.BUDGET * next(told),)
    )
    song = quick_jobs.song(tmp_path, 20.0)
    at_work = ("Add Stage STUDIO", "Add Stage CLUB", "Add Camera CUTS", "Add Camera ORBIT")
    at_work += ("Save as Move", "Select My Keys", "Ease My Keys", "Follow Tempo", "Export BVH")
    at_work += ("Bake to Controls",)
    known = ("Analyse", "Generate Dance", "Regenerate", "Make Loop", *at_work)
    rows = tick_measures.rows(registered, song, known)
    ticks = {(name, part): count for name, part, _, count in rows}
    for name in ("Generate Dance", "Regenerate"):
        assert ticks[name, "write"] > 20
    for name in ("Regenerate", "Make Loop"):
        assert ticks[name, "begin"] > 5
    for name in at_work:
        assert ticks[name, "work"] > 5, name
    assert ticks["Add Song", "work"] > 1
