"""Writing in small steps: in the window Blender is given back after each moment of work."""

from __future__ import annotations

import time

import pytest

bpy = pytest.importorskip("bpy")

import quick_jobs
import rig_kinds
from test_takes import dance, names, scene  # noqa: F401

from blender_addon import steps
from blender_addon.generate import regenerate, session
from blender_addon.jobs.job import State
from blender_addon.jobs.manager import MANAGER
from blender_addon.takes import store as take_store

pytestmark = pytest.mark.blender


def counting(count: int, seen: list[int]):
    """A step each, a second on the clock below; what was done is undone where it is broken off."""
    try:
        for k in range(count):
            seen.append(k)
            yield
    except GeneratorExit:
        seen.clear()
        raise
    return count


def test_a_tick_ends_when_its_time_is_used():
    seen, now = [], [0.0]

    def clock() -> float:
        now[0] += steps.BUDGET / 4
        return now[0]

    ticks = steps.Ticks(counting(10, seen), clock)
    sizes = []
    while True:
        before = len(seen)
        more = ticks.tick()
        sizes.append(len(seen) - before)
        if not more:
            break
    assert max(sizes) <= 4 and sum(sizes) == 10 and len(sizes) >= 3
    assert ticks.outcome == 10
    assert steps.run(counting(3, [])) == 3


def test_what_is_broken_off_is_undone():
    seen: list[int] = []
    ticks = steps.Ticks(counting(1000000, seen))
    ticks.tick()
    ticks.close()
    assert seen == []


def prepared() -> session.Generation:
    task = session.begin(bpy.context)
    MANAGER.start(task)
    while MANAGER.poll():
        pass
    return task


def test_a_dance_that_is_broken_off_at_any_step_leaves_nothing(scene):  # noqa: F811
    """Blender ends an operator when another file is opened, or Cancel is pressed."""
    armature = dance(1)
    before = names(armature), sorted(a.name for a in bpy.data.actions)
    count = 0
    scene.audio2pose.seed = 2
    task = prepared()
    for _ in task.write():
        count += 1
    assert count > 30, "small steps"
    take_store.delete(armature, take_store.find(armature, "Take 2"))
    MANAGER.cancel()
    for broken in (1, count // 2, count):
        scene.audio2pose.seed = 2
        prepared()
        writing = MANAGER.write()
        for _ in range(broken):
            next(writing)
        assert MANAGER.task is not None, "no other job may begin meanwhile"
        writing.close()
        assert MANAGER.task is None
        assert (names(armature), sorted(a.name for a in bpy.data.actions)) == before


def test_three_dances_are_written_in_steps_too(scene):  # noqa: F811
    quick_jobs.QuickJob.asked.clear()
    bpy.ops.audio2pose.try_seeds()
    assert len(quick_jobs.QuickJob.asked) == 3
    assert MANAGER.task is None


def test_a_regeneration_that_is_broken_off_leaves_nothing(scene):  # noqa: F811
    armature = dance(1)
    chosen = scene.audio2pose_edit
    chosen.use_bars, chosen.first_bar, chosen.last_bar = True, 2, 3
    before = names(armature), sorted(a.name for a in bpy.data.actions)
    played = take_store.current(armature).name
    for broken in (2, 40):
        MANAGER.start(regenerate.begin(bpy.context))
        while MANAGER.poll():
            pass
        writing = MANAGER.write()
        for _ in range(broken):
            next(writing)
        writing.close()
        assert (names(armature), sorted(a.name for a in bpy.data.actions)) == before
        assert take_store.current(armature).name == played
    assert bpy.ops.audio2pose.regenerate() == {"FINISHED"}
    assert len(names(armature)) == 2


def test_what_is_done_aside_has_ended_when_its_steps_have():
    """Also where it is broken off; what it raises comes through."""
    done: list[int] = []

    def slow() -> int:
        time.sleep(0.05)
        done.append(1)
        return 7

    assert steps.run(steps.aside(slow)) == 7
    broken = steps.aside(slow)
    next(broken)
    broken.close()
    assert done == [1, 1]
    with pytest.raises(ZeroDivisionError):
        steps.run(steps.aside(lambda: 1 // 0))


def test_two_jobs_follow_each_other_step_by_step(scene, monkeypatch):  # noqa: F811
    """The second one's files take their time; the operator waits for it all the same."""
    calls: list[str] = []

    class Slow(quick_jobs.QuickJob):
        def start_steps(self):
            self.state = State.RUNNING
            calls.append("starts")
            end = time.monotonic() + 0.1
            while time.monotonic() < end:
                yield
            self.start()

        def wait(self, interval: float = 0.05) -> State:
            assert self.state is not State.RUNNING, "nobody would ever go on"
            return self.state

    monkeypatch.setattr(quick_jobs.dance_task, "Job", Slow)
    scene.audio2pose.target = rig_kinds.KINDS["unity"].build()
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    assert len(calls) == 2


def counted_steps(count: int, *, by: int = 1):
    """Some numbers."""
    out = []
    for number in range(count):
        yield
        out.append(number * by)
    return out


def test_at_once_is_the_same_function_without_steps():
    counted = steps.at_once(counted_steps)
    assert counted(3, by=2) == [0, 2, 4]
    assert counted.__name__ == "counted" and counted.__doc__ == "Some numbers."
