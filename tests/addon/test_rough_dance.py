"""The rough dance in the view: where the dance will be, and no trace of it in the file."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import quick_jobs
from rig_kinds import KINDS
from test_takes import dance, scene  # noqa: F401

from blender_addon.generate import seeds, session
from blender_addon.jobs.job import State
from blender_addon.jobs.manager import MANAGER
from blender_addon.rig import own_armature
from blender_addon.takes import store as take_store
from blender_addon.ui import rough_figure, rough_overlay
from blender_addon.ui.operators import running

pytestmark = pytest.mark.blender


class SlowJob(quick_jobs.QuickJob):
    """Runs until it is let go; the rough dance is there at once."""

    def start(self) -> None:
        super().start()
        self.state = State.RUNNING
        self.rough = quick_jobs.sway(quick_jobs.SECONDS, 99)


@pytest.fixture
def slow(monkeypatch):
    monkeypatch.setattr(session.dance_task, "Job", SlowJob)


class Watch(running.RunsTask):
    """The operator's part of it, without a window."""

    def report(self, _kinds, _text) -> None:
        return

    def begin(self, context):
        return session.begin(context)


def watched() -> Watch:
    """An operator that has noticed the rough dance."""
    operator = Watch()
    assert operator._begin(bpy.context)
    for _ in range(100):
        operator._show_early(MANAGER.task)
    return operator


def data() -> list[str]:
    """Every data-block there is, and who points to it."""
    kinds = ("objects", "meshes", "armatures", "actions", "materials", "collections", "texts")
    return [f"{kind} {d.name} {d.users}" for kind in kinds for d in getattr(bpy.data, kind)]


def test_it_is_seen_while_the_dance_is_made_and_leaves_no_data(scene, slow):  # noqa: F811
    before = data()
    operator = watched()
    rough = rough_overlay.shown()
    assert rough is not None and rough.scene_id == scene.session_uid
    assert data() == before, "only drawn"
    operator._leave(SimpleNamespace(window_manager=None), "")
    assert rough_overlay.shown() is None and MANAGER.task is None
    assert data() == before


def test_it_stands_where_the_dance_will_be(scene, slow):  # noqa: F811
    """The figure's head is where the finished dance has the head of the armature."""
    armature = scene.audio2pose.target
    armature.location = (2.0, -1.0, 0.5)
    armature.rotation_euler[2] = 0.7
    bpy.context.view_layer.update()
    operator = watched()
    rough = rough_overlay.shown()
    assert rough.on_dancer
    frame = scene.frame_start + 60
    points, colors = rough_figure.posed(rough.at(frame), rough.place)
    job = MANAGER.job
    job.state, job.result = State.DONE, job.result._replace(motion=job.rough, keys=None)
    operator._task.dance.params = session.dataclasses.replace(
        operator._task.dance.params, keys="EVERY_FRAME"
    )
    while MANAGER.poll():
        pass
    written = MANAGER.end()
    operator._leave(SimpleNamespace(window_manager=None), "")
    scene.frame_set(frame)
    shown = written.evaluated_get(bpy.context.evaluated_depsgraph_get())
    world = np.array(shown.matrix_world @ shown.pose.bones["head"].head)
    skin = rough_figure.skin()
    head = [name for name in own_armature.skeleton.JOINTS].index("head")
    of_head = points[(skin.joints[:, 0] == head) & (skin.weights[:, 0] > 0.99)]
    assert np.linalg.norm(of_head.mean(axis=0) - world) < 0.2
    assert np.isfinite(points).all() and colors.min() >= 0.0 and colors.max() <= 1.0


def test_a_new_dancer_is_seen_on_a_free_spot(scene, slow):  # noqa: F811
    scene.audio2pose.target = None
    bpy.ops.mesh.primitive_cube_add(location=(0, 0, 1))
    operator = watched()
    rough = rough_overlay.shown()
    assert not rough.on_dancer
    assert np.linalg.norm(rough.place[:2, 3]) > 1.0, "not inside the cube"
    operator._leave(SimpleNamespace(window_manager=None), "")


def test_the_finished_dance_is_seen_while_its_keys_are_reduced(scene, slow):  # noqa: F811
    """On a rig that is not ours a second job reduces them."""
    scene.audio2pose.target = KINDS["unity"].build()
    operator = watched()
    first = rough_overlay.shown().motion
    MANAGER.job.state = State.DONE
    assert MANAGER.poll(), "the keys are being reduced"
    for _ in range(100):
        operator._show_early(MANAGER.task)
    assert rough_overlay.shown().motion is not first
    assert rough_overlay.shown().motion is MANAGER.task.dance.motion
    operator._leave(SimpleNamespace(window_manager=None), "")


def test_nothing_is_seen_of_an_armature_that_is_gone(scene, slow):  # noqa: F811
    operator = Watch()
    assert operator._begin(bpy.context)
    bpy.data.objects.remove(scene.audio2pose.target)
    for _ in range(100):
        operator._show_early(MANAGER.task)
    assert rough_overlay.shown() is None
    operator._leave(SimpleNamespace(window_manager=None), "")


def test_what_is_danced_again_shows_no_rough_dance_and_seeds_show_theirs(scene):  # noqa: F811
    dance(1)
    assert quick_jobs.QuickJob.asked[-1].rough
    chosen = scene.audio2pose_edit
    chosen.use_bars, chosen.first_bar, chosen.last_bar = True, 2, 3
    bpy.ops.audio2pose.regenerate()
    assert not any(getattr(asked, "rough", False) for asked in quick_jobs.QuickJob.asked[1:])
    trials = seeds.begin(bpy.context)
    trials.job.rough = quick_jobs.sway(quick_jobs.SECONDS, 5)
    assert trials.early is trials.job.rough and trials.rough().motion is trials.job.rough
    assert len(take_store.of(scene.audio2pose.target)) == 2
