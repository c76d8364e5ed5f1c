"""One answer to 'which armature?': with two of them, every operator and panel means the same."""

from __future__ import annotations

import pytest

bpy = pytest.importorskip("bpy")

import quick_jobs

from audio2pose_core.errors import RigError
from blender_addon.export import clips as export_clips
from blender_addon.figure import mannequin
from blender_addon.jobs.manager import MANAGER
from blender_addon.rig import active
from blender_addon.takes import store as take_store
from blender_addon.ui import follow_selection
from blender_addon.ui.panels import base as panel_base

pytestmark = pytest.mark.blender


@pytest.fixture
def two(registered, tmp_path, monkeypatch):
    """Two mannequins that dance; the first is chosen as Dancer, the second is active."""
    quick_jobs.install(monkeypatch)
    scene = registered
    scene.audio2pose.source, scene.audio2pose.keys = "FILE", "EVERY_FRAME"
    scene.audio2pose.file = str(quick_jobs.song(tmp_path))
    made = []
    for name in ("First", "Second"):
        made.append(mannequin.create_dancer(name, scene.collection))
        scene.audio2pose.target = made[-1]
        assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    scene.audio2pose.target = made[0]
    activate(made[1])
    return made


def activate(thing) -> None:
    bpy.context.view_layer.objects.active = thing


def takes(armatures) -> list[int]:
    return [len(take_store.of(a)) for a in armatures]


def test_all_operators_mean_the_chosen_one(two, tmp_path):
    first, second = two
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    assert takes(two) == [2, 1]
    scene = bpy.context.scene
    scene.audio2pose_edit.last_bar = 2
    assert bpy.ops.audio2pose.regenerate("EXEC_DEFAULT", True, seed=5) == {"FINISHED"}
    assert takes(two) == [3, 1]
    assert bpy.ops.audio2pose.lock(what="BARS") == {"FINISHED"}
    assert len(first.animation_data.action.audio2pose.locks) == 1
    assert len(second.animation_data.action.audio2pose.locks) == 0
    assert bpy.ops.audio2pose.take_delete() == {"FINISHED"}
    assert takes(two) == [2, 1]
    assert bpy.ops.audio2pose.character_edit() == {"FINISHED"}
    assert first.audio2pose_character.edited and not second.audio2pose_character.edited
    assert export_clips.dancer(bpy.context) == first
    assert bpy.ops.audio2pose.bake() == {"FINISHED"}
    assert "Baked" in first.animation_data.action.name
    assert "Baked" not in second.animation_data.action.name


def test_a_crew_follows_the_chosen_one(two):
    first, _ = two
    first.location.x = 5.0
    before = set(bpy.data.objects)
    bpy.context.scene.audio2pose_crew.count = 2
    assert bpy.ops.audio2pose.make_crew() == {"FINISHED"}
    (made,) = (o for o in set(bpy.data.objects) - before if o.type == "ARMATURE")
    assert made.location.x == pytest.approx(5.0)


def test_panels_show_the_chosen_one(two):
    first, second = two
    take_store.of(first).clear()
    assert not panel_base.TakePanel.poll(bpy.context), "the chosen dancer has no take"
    bpy.context.scene.audio2pose.target = second
    assert panel_base.TakePanel.poll(bpy.context)


def test_without_a_choice_it_is_the_active_one_or_who_wears_the_active_mesh(two):
    first, second = two
    bpy.context.scene.audio2pose.target = None
    assert active.active_dancer(bpy.context) == second
    activate(first.children[0])
    assert active.active_dancer(bpy.context) == first
    first.children[0].parent = None
    assert active.active_dancer(bpy.context) == first, "its modifier tells"
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
    assert active.armature_of(lamp) is None
    activate(None)
    assert active.active_dancer(bpy.context) is None
    for name in ("regenerate", "export_bvh", "bake", "character_edit", "take_delete"):
        assert not getattr(bpy.ops.audio2pose, name).poll(), name


def test_generate_adds_a_dancer_where_none_is_chosen(two):
    bpy.context.scene.audio2pose.target = None
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    assert takes(two) == [1, 1]
    made = bpy.context.scene.audio2pose.target
    assert made not in two and active.active_dancer(bpy.context) == made


def test_a_click_on_another_dancer_chooses_it(two):
    """What Blender calls where the active object changes; the field shows who is meant."""
    first, second = two
    settings = bpy.context.scene.audio2pose
    follow_selection.follow(bpy.context)
    assert settings.target == second
    activate(first.children[0])
    follow_selection.follow(bpy.context)
    assert settings.target == first
    # Neither a rig that never danced nor nothing at all takes the place of a dancer.
    plain = bpy.data.objects.new("Plain", bpy.data.armatures.new("Plain"))
    bpy.context.scene.collection.objects.link(plain)
    for thing in (plain, None):
        activate(thing)
        follow_selection.follow(bpy.context)
        assert settings.target == first
    # An empty field is a choice too: the next dance gets a dancer of its own.
    settings.target = None
    activate(second)
    follow_selection.follow(bpy.context)
    assert settings.target is None


def test_the_choice_stays_while_a_job_runs(two, monkeypatch):
    first, _ = two
    monkeypatch.setattr(MANAGER, "_task", object())
    follow_selection.follow(bpy.context)
    assert bpy.context.scene.audio2pose.target == first
    monkeypatch.undo()


def test_a_chosen_one_that_is_gone_from_the_scene_is_told(two):
    first, _ = two
    elsewhere = bpy.data.scenes.new("Elsewhere")
    elsewhere.collection.objects.link(first)
    for collection in [c for c in first.users_collection if c != elsewhere.collection]:
        collection.objects.unlink(first)
    with pytest.raises(RigError, match="is not in scene"):
        export_clips.dancer(bpy.context)
