"""Takes: every dance is kept, can be played, compared, renamed, repeated and deleted."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import quick_jobs

from audio2pose_core.errors import DataError, OptionError, RigError
from audio2pose_core.motion import Motion
from blender_addon import compat
from blender_addon.edit import user_edits
from blender_addon.generate import dance_task, scene_params, session
from blender_addon.jobs.params import GenerationParams
from blender_addon.keys import serialize, writer as key_writer
from blender_addon.rig import own_armature, retarget as rig_retarget
from blender_addon.settings import model_cards, preferences
from blender_addon.takes import ghost, metadata as take_metadata, store as take_store

pytestmark = pytest.mark.blender


@pytest.fixture
def scene(registered, tmp_path, monkeypatch):
    quick_jobs.install(monkeypatch)
    scene = registered
    scene.render.fps = 24
    scene.audio2pose.source = "FILE"
    scene.audio2pose.file = str(quick_jobs.song(tmp_path))
    scene.audio2pose.target = own_armature.create_armature("Mine")
    return scene


def dance(seed: int):
    """Generate; the armature."""
    bpy.context.scene.audio2pose.seed = seed
    assert bpy.ops.audio2pose.generate("EXEC_DEFAULT", True) == {"FINISHED"}
    return bpy.context.scene.audio2pose.target


def names(armature) -> list[str]:
    return [t.name for t in take_store.of(armature)]


def tracks(armature) -> list[tuple[str, bool]]:
    return [(t.name, t.mute) for t in armature.animation_data.nla_tracks]


def hand(armature, frame: int) -> tuple[float, ...]:
    """Where the left hand is, as Blender evaluates it."""
    bpy.context.scene.frame_set(frame)
    evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return tuple(round(x, 5) for x in evaluated.pose.bones["left_hand"].tail)


# --- the history ---


def test_every_dance_is_a_take_and_the_ones_before_lie_on_muted_tracks(scene):
    places = []
    for seed in (1, 2, 3):
        armature = dance(seed)
        places.append(hand(armature, 50))
    assert names(armature) == ["Take 1", "Take 2", "Take 3"]
    assert tracks(armature) == [("Take 1", True), ("Take 2", True)]
    assert take_store.current(armature).name == "Take 3"
    assert len(set(places)) == 3
    assert not any(a.use_fake_user for a in bpy.data.actions)
    strip = armature.animation_data.nla_tracks[0].strips[0]
    assert strip.action_slot is not None
    assert tuple(
        strip.action_frame_range if hasattr(strip, "action_frame_range") else (1, 192)
    ) == (
        1,
        192,
    )


def test_playing_brings_the_very_same_poses_back(scene):
    armature = dance(1)
    first = hand(armature, 77)
    dance(2)
    assert hand(armature, 77) != first
    assert bpy.ops.audio2pose.take_play(take="Take 1") == {"FINISHED"}
    assert hand(armature, 77) == first
    assert tracks(armature) == [("Take 2", True)]
    assert armature.audio2pose_takes.index == 0


def test_unmuting_a_track_by_hand_shows_the_take_too(scene):
    """The history works without the add-on: it is Blender's own NLA."""
    armature = dance(1)
    first = hand(armature, 60)
    dance(2)
    armature.animation_data.action = None
    armature.animation_data.nla_tracks["Take 1"].mute = False
    np.testing.assert_allclose(hand(armature, 60), first, atol=1e-4)


def test_compare_goes_back_and_forth(scene):
    armature = dance(1)
    dance(2)
    dance(3)
    bpy.ops.audio2pose.take_play(take="Take 1")
    shown = []
    for _ in range(3):
        assert bpy.ops.audio2pose.take_compare() == {"FINISHED"}
        shown.append(take_store.current(armature).name)
    assert shown == ["Take 3", "Take 1", "Take 3"]


def test_a_copy_beside_dances_the_other_take_and_goes_again(scene):
    armature = dance(1)
    first = hand(armature, 40)
    dance(2)
    before = {o.name for o in bpy.data.objects}
    assert bpy.ops.audio2pose.take_beside(take="Take 1") == {"FINISHED"}
    (ghost,) = [o for o in bpy.data.objects if o.name not in before and o.type == "ARMATURE"]
    assert hand(ghost, 40) == first
    assert take_store.current(armature).name == "Take 2"
    assert bpy.ops.audio2pose.take_beside() == {"FINISHED"}
    assert {o.name for o in bpy.data.objects} == before


def copies(armature) -> list:
    return [o for o in bpy.data.objects if o.name != armature.name and o.get(ghost.MARK)]


def test_the_copy_goes_again_after_a_rename(scene):
    armature = dance(1)
    dance(2)
    before = len(bpy.data.objects)
    bpy.ops.audio2pose.take_beside(take="Take 1")
    armature.name = "Carmen"
    assert ghost.find(armature) is not None
    assert bpy.ops.audio2pose.take_beside() == {"FINISHED"}
    assert len(bpy.data.objects) == before, "it is the copy that was taken away"


def test_the_copy_comes_with_all_that_the_dancer_wears_and_is_not_rendered(scene):
    armature = dance(1)
    dance(2)
    body = bpy.data.objects.new("Body", bpy.data.meshes.new("Body"))
    hat = bpy.data.objects.new("Hat", bpy.data.meshes.new("Hat"))
    stranger = bpy.data.objects.new("Stranger", bpy.data.meshes.new("Stranger"))
    for thing in (body, hat, stranger):
        scene.collection.objects.link(thing)
    body.modifiers.new("Armature", "ARMATURE").object = armature
    body.parent, hat.parent = armature, body
    bpy.ops.audio2pose.take_beside(take="Take 1")
    found = copies(armature)
    assert len(found) == 3 and all(o.hide_render and o.hide_select for o in found)
    assert not armature.hide_render and not body.hide_render
    copy = ghost.find(armature)
    bpy.context.view_layer.update()
    assert copy.matrix_world.translation.x == pytest.approx(1.5)
    (worn,) = [o for o in found if o.data == body.data]
    assert worn.parent == copy and worn.modifiers[0].object == copy
    (above,) = [o for o in found if o.data == hat.data]
    assert above.parent == worn
    bpy.ops.audio2pose.take_beside()
    assert copies(armature) == [] and body.name in bpy.data.objects


def test_what_is_played_is_not_shown_beside_itself(scene):
    """After Generate the chosen row is the take that plays: the one before stands beside it."""
    armature = dance(1)
    with pytest.raises(RuntimeError, match="one take only"):
        bpy.ops.audio2pose.take_beside()
    dance(2)
    assert armature.audio2pose_takes.index == 1
    bpy.ops.audio2pose.take_beside()
    beside = ghost.find(armature).animation_data.action
    assert beside == take_store.of(armature)[0].action
    assert take_store.current(armature).name == "Take 2"


def test_a_copy_that_version_0_1_made_is_still_the_dancers(scene, tmp_path):
    """It was marked with the dancer's name."""
    armature = dance(1)
    dance(2)
    before = len(bpy.data.objects)
    bpy.ops.audio2pose.take_beside(take="Take 1")
    for copy in copies(armature):
        copy[ghost.MARK] = armature.name
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "old.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "old.blend"))
    armature = bpy.data.objects["Mine"]
    armature.name = "Carmen"
    assert bpy.ops.audio2pose.take_beside() == {"FINISHED"}
    assert len(bpy.data.objects) == before


@pytest.mark.parametrize("by_script", [True, False])
def test_a_copy_whose_dancer_was_deleted_goes_with_the_next_one(scene, by_script):
    armature = dance(1)
    dance(2)
    bpy.ops.audio2pose.take_beside(take="Take 1")
    if by_script:
        bpy.data.objects.remove(armature)
    else:
        armature.select_set(True)
        bpy.ops.object.delete()
    scene.audio2pose.target = own_armature.create_armature("Other")
    other = dance(3)
    dance(4)
    bpy.ops.audio2pose.take_beside(take="Take 1")
    assert {o.name for o in scene.objects} == {"Other", "Other (Take 1)"}
    assert ghost.find(other) is not None


def test_compare_knows_a_take_that_was_renamed(scene):
    armature = dance(1)
    dance(2)
    dance(3)
    bpy.ops.audio2pose.take_play(take="Take 1")
    bpy.ops.audio2pose.take_play(take="Take 2")
    take_store.find(armature, "Take 1").name = "Calm"
    bpy.ops.audio2pose.take_compare()
    assert take_store.current(armature).name == "Calm"


# --- a failure halfway leaves everything as it was ---


@pytest.mark.parametrize("made", ["generate", "regenerate"])
def test_a_failure_at_the_very_end_leaves_tracks_and_mutes_as_they_were(scene, monkeypatch, made):
    armature = dance(1)
    dance(2)
    dance(3)
    animation = armature.animation_data
    animation.nla_tracks["Take 1"].mute = False

    def state():
        store, now = armature.audio2pose_takes, armature.animation_data
        stored = (store.index, store.count, store.before)
        return tracks(armature), now.action, names(armature), len(bpy.data.actions), stored

    was = state()

    def fails(*_arguments):
        raise RigError("no place for this take")

    monkeypatch.setattr(take_store, "add", fails)
    with pytest.raises(RuntimeError, match="No place for this take"):
        if made == "generate":
            dance(4)
        else:
            bpy.ops.audio2pose.regenerate("EXEC_DEFAULT", True, seed=5)
    assert state() == was
    assert ("Take 1", False) in tracks(armature)


def test_a_failure_while_corrections_are_open_opens_them_again(scene, monkeypatch):
    armature = dance(1)
    bpy.ops.audio2pose.corrections()
    was = tracks(armature)

    def fails(*_arguments):
        raise RigError("no place for this take")

    monkeypatch.setattr(take_store, "add", fails)
    with pytest.raises(RuntimeError, match="No place for this take"):
        dance(2)
    assert tracks(armature) == was
    assert armature.animation_data.use_tweak_mode
    assert armature.animation_data.action.name == "Take 1 Corrections"


def test_a_take_whose_corrections_are_open_is_baked_with_them(scene):
    """Blender lets nobody set an action while an NLA strip is tweaked."""
    armature = dance(1)
    bpy.ops.audio2pose.corrections()
    assert armature.animation_data.use_tweak_mode
    assert bpy.ops.audio2pose.bake() == {"FINISHED"}
    animation = armature.animation_data
    assert not animation.use_tweak_mode
    assert animation.action.name == "Take 1 Baked"
    assert all(track.mute for track in animation.nla_tracks)


def test_deleting_takes_action_and_track_away(scene):
    armature = dance(1)
    dance(2)
    dance(3)
    bpy.ops.audio2pose.take_delete(take="Take 1")
    assert (names(armature), tracks(armature)) == (["Take 2", "Take 3"], [("Take 2", True)])
    assert len(bpy.data.actions) == 2
    bpy.ops.audio2pose.take_delete(take="Take 3")
    assert take_store.current(armature).name == "Take 2", "another one is played"
    assert (tracks(armature), len(bpy.data.actions)) == ([], 1)


def test_delete_others_leaves_the_kept_ones(scene):
    armature = dance(1)
    for seed in (2, 3, 4):
        dance(seed)
    take_store.of(armature)[1].keep = True
    bpy.ops.audio2pose.take_delete(take="Take 4", others=True)
    assert names(armature) == ["Take 2", "Take 4"]
    assert len(bpy.data.actions) == 2


def test_a_new_take_after_a_deleted_one_has_a_name_of_its_own(scene):
    armature = dance(1)
    dance(2)
    bpy.ops.audio2pose.take_delete(take="Take 1")
    dance(3)
    assert names(armature) == ["Take 2", "Take 3"]


def test_renaming_renames_the_track_and_never_twice_the_same(scene):
    armature = dance(1)
    dance(2)
    take_store.of(armature)[0].name = "Calm"
    assert tracks(armature) == [("Calm", True)]
    take_store.of(armature)[1].name = "Calm"
    assert names(armature) == ["Calm", "Calm 2"]
    bpy.ops.audio2pose.take_play(take="Calm")
    assert tracks(armature) == [("Calm 2", True)]


def test_an_action_made_by_hand_goes_to_a_track_as_well(scene):
    armature = scene.audio2pose.target
    armature.animation_data_create().action = bpy.data.actions.new("By hand")
    dance(1)
    assert tracks(armature) == [("By hand", True)]


# --- what a take remembers ---


def test_the_same_settings_make_the_same_take_again(scene):
    settings = scene.audio2pose
    settings.energy, settings.quality, settings.hits, settings.structure = 1.5, 2, "HALF", True
    settings.key_error = 2.0
    armature = dance(7)
    first = [tuple(hand(armature, f)) for f in (10, 90)]
    settings.energy, settings.quality, settings.hits, settings.structure = 0.0, 1, "AUTO", False
    settings.randomise_seed, settings.key_error = True, 0.5
    dance(8)
    assert bpy.ops.audio2pose.take_settings(take="Take 1") == {"FINISHED"}
    assert (settings.seed, settings.randomise_seed, settings.quality) == (7, False, 2)
    assert (settings.energy, settings.hits, settings.structure) == (1.5, "HALF", True)
    assert settings.key_error == 2.0
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    assert names(armature) == ["Take 1", "Take 2"], "the same dance is not listed twice"
    assert take_store.current(armature).name == "Take 1", "it is played"
    assert [tuple(hand(armature, f)) for f in (10, 90)] == first
    bpy.ops.audio2pose.take_delete(take="Take 1")
    bpy.ops.audio2pose.generate()
    assert names(armature) == ["Take 2", "Take 3"]
    assert [tuple(hand(armature, f)) for f in (10, 90)] == first


def test_an_edited_take_can_be_had_fresh(scene):
    armature = dance(7)
    curve = compat.fcurves_of(armature)[5]
    curve.keyframe_points[3].co[1] += 0.3
    curve.update()
    bpy.ops.audio2pose.generate()
    assert names(armature) == ["Take 1", "Take 2"]


def test_a_seed_that_is_set_is_used_and_else_each_dance_is_another(scene):
    settings = scene.audio2pose
    assert settings.randomise_seed, "by default a second Generate makes a new dance"
    armature = dance(7)
    assert not settings.randomise_seed and settings.seed == 7
    settings.randomise_seed = True
    bpy.ops.audio2pose.generate()
    assert settings.randomise_seed and settings.seed != 7
    assert len(names(armature)) == 2


# --- three seeds side by side ---


def test_three_seeds_stand_side_by_side_and_one_is_chosen(scene):
    scene.audio2pose.seed = 4
    assert bpy.ops.audio2pose.try_seeds() == {"FINISHED"}
    armature = scene.audio2pose.target
    takes = list(take_store.of(armature))
    assert [take_metadata.read(t.action).params.seed for t in takes] == [4, 5, 6]
    assert take_store.current(armature).name == "Take 1"
    shown = ghost.shown(armature)
    assert sorted(name for name, _ in shown) == ["Take 1", "Take 2", "Take 3"]
    assert np.diff([x for _, x in shown]).min() > 1, "apart, from left to right"
    beside = [o for o in copies(armature) if o.type == "ARMATURE"]
    assert all(copy.hide_render for copy in beside) and len(beside) == 2
    assert bpy.ops.audio2pose.take_choose(take="Take 3") == {"FINISHED"}
    assert take_store.current(armature).name == "Take 3"
    assert not copies(armature) and len(takes) == 3, "the others stay in the list"


def test_three_drawn_seeds_differ_and_a_new_dancer_is_made_for_them(scene):
    scene.audio2pose.target = None
    assert bpy.ops.audio2pose.try_seeds() == {"FINISHED"}
    armature = scene.audio2pose.target
    seeds = [take_metadata.read(t.action).params.seed for t in take_store.of(armature)]
    assert len(set(seeds)) == 3
    assert scene.audio2pose.randomise_seed


def test_where_one_of_three_fails_none_is_written(scene, monkeypatch):
    made = []

    def failing(armature, action):
        made.append(action)
        if len(made) == 2:
            raise RigError("gone")
        return taken(armature, action)

    taken = dance_task.take_over
    monkeypatch.setattr(dance_task, "take_over", failing)
    before = names(scene.audio2pose.target), len(bpy.data.actions), len(bpy.data.objects)
    with pytest.raises(RuntimeError, match="Gone"):
        bpy.ops.audio2pose.try_seeds()
    assert before == (
        names(scene.audio2pose.target),
        len(bpy.data.actions),
        len(bpy.data.objects),
    )


def test_a_copy_of_a_take_that_is_deleted_goes_with_it(scene):
    dance(1)
    armature = dance(2)
    bpy.ops.audio2pose.take_beside(take="Take 1")
    bpy.ops.audio2pose.take_delete(take="Take 1")
    assert ghost.find(armature) is None


def frames_of(armature) -> tuple[int, int]:
    return tuple(int(f) for f in armature.animation_data.action.frame_range)


@pytest.mark.parametrize("kind", ["PREVIEW", "SCENE"])
def test_the_settings_of_a_take_bring_its_range_back(scene, kind):
    """The same frames again, though the ranges were changed meanwhile."""
    first, last = 25, 96
    settings, scene.use_preview_range = scene.audio2pose, True
    if kind == "SCENE":
        scene.frame_start, scene.frame_end = 1, last
        first = 1
    scene.frame_preview_start, scene.frame_preview_end = first, last
    settings.range = kind
    armature = dance(1)
    assert frames_of(armature) == (first, last)
    scene.frame_end, scene.use_preview_range, settings.range = 251, False, "STRIP"
    dance(2)
    assert frames_of(armature) == (1, 192)
    assert bpy.ops.audio2pose.take_settings(take="Take 1") == {"FINISHED"}
    dance(1)
    assert frames_of(armature) == (first, last)
    assert scene.frame_end == 251, "the scene's own range is left alone"
    assert bpy.ops.audio2pose.take_settings(take="Take 2") == {"FINISHED"}
    assert settings.range == "STRIP"


@pytest.fixture
def models(scene, tmp_path, monkeypatch):
    """Preferences as an enabled add-on has them, and two models; what they hold is their hash."""
    mine = SimpleNamespace(model="", models_folder=str(tmp_path), threads=0, device="auto")
    monkeypatch.setattr(preferences, "entry", lambda: mine)
    paths = []
    for name, style in (("one", "salsa"), ("two", "waltz")):
        paths.append(tmp_path / f"{name}.onnx")
        paths[-1].write_bytes(name.encode())
        paths[-1].with_suffix(".json").write_text(json.dumps({"styles": {style: {}}}))
    monkeypatch.setitem(quick_jobs.REPORT, "model_sha256", model_cards.sha256(paths[0]))
    mine.model = str(paths[0])
    return mine, paths


def test_the_settings_of_a_take_bring_its_model_back(scene, models):
    mine, (one, two) = models
    scene.audio2pose.style = "salsa"
    armature = dance(1)
    assert take_metadata.read(armature.animation_data.action).params.model == str(one)
    mine.model = str(two)
    assert bpy.ops.audio2pose.take_settings(take="Take 1") == {"FINISHED"}
    assert (mine.model, scene.audio2pose.style) == (str(one), "salsa")
    # Moved elsewhere it is still known by what it holds.
    moved = one.parent / "three.onnx"
    one.rename(moved)
    one.with_suffix(".json").rename(moved.with_suffix(".json"))
    mine.model = str(two)
    assert bpy.ops.audio2pose.take_settings(take="Take 1") == {"FINISHED"}
    assert mine.model == str(moved)


def test_a_model_that_is_gone_is_told(scene, models):
    """Where the model in use knows the style it dances; the take says that it is another."""
    mine, (one, two) = models
    dance(1)
    mine.model = str(two)
    one.unlink()
    assert bpy.ops.audio2pose.take_settings(take="Take 1") == {"FINISHED"}
    assert mine.model == str(two)
    record = take_metadata.read(scene.audio2pose.target.animation_data.action)
    assert "is not among yours" in scene_params.restore(bpy.context, record)
    record = dataclasses.replace(record, params=dataclasses.replace(record.params, style="salsa"))
    settings = scene.audio2pose
    settings.seed = 99
    with pytest.raises(OptionError, match="knows no style 'salsa'"):
        scene_params.restore(bpy.context, record)
    assert settings.seed == 99


def test_params_come_round_as_json():
    params = GenerationParams("salsa", 3, 0.5, 2, "half", True, "m.onnx", range_frames=(5, 90))
    text = json.dumps(params.to_json())
    assert GenerationParams.from_json(json.loads(text)) == params
    for wrong in ({"more": 1}, {"seed": "x"}, {"range_frames": [1]}):
        with pytest.raises(DataError, match="settings of a dance"):
            GenerationParams.from_json(params.to_json() | wrong)


def test_every_setting_of_a_dance_is_brought_back(scene):
    """What a scene asks for, changed in each point, comes back from a take."""
    settings = scene.audio2pose
    before = scene_params.of_scene(scene)
    dance(5)
    settings.energy, settings.quality, settings.hits, settings.structure = 1.5, 3, "BEAT", True
    settings.seed, settings.keys, settings.key_error, settings.strip = 9, "EVERY_FRAME", 3.0, "x"
    settings.source, settings.file, settings.range = "STRIP", "", "SCENE"
    bpy.ops.audio2pose.take_settings(take="Take 1")
    assert scene_params.of_scene(scene) == dataclasses.replace(before, seed=5)


def test_seed_model_and_settings_are_custom_properties_of_the_action(scene):
    action = dance(11).animation_data.action
    assert action["audio2pose_seed"] == 11
    assert action["audio2pose_model_sha256"] == "ab" * 32
    settings = json.loads(action["audio2pose_settings"])
    assert (settings["style"], settings["song"], settings["keys"]) == (
        "salsa",
        "song.wav",
        "REDUCED",
    )
    record = take_metadata.read(action)
    assert (record.frame_start, record.seconds, record.fps) == (1.0, 8.0, 24.0)
    assert record.downbeats[:5] == [True, False, False, False, True]


def test_a_take_of_a_newer_version_is_not_read_as_one_of_ours(scene):
    action = dance(1).animation_data.action
    values = json.loads(action.audio2pose.record)
    assert values["version"] == take_metadata.VERSION
    action.audio2pose.record = json.dumps(values | {"version": take_metadata.VERSION + 1})
    with pytest.raises(DataError, match="made by a newer Audio2Pose"):
        take_metadata.read(action)


def test_the_dance_itself_is_kept_closely(scene):
    action = dance(4).animation_data.action
    kept, made = take_metadata.read_motion(action), quick_jobs.sway(8.0, 4)
    np.testing.assert_allclose(kept.root, made.root, atol=1e-6)
    np.testing.assert_allclose(kept.rotations, made.rotations, atol=1e-4)
    assert len(action.audio2pose.motion) < 150_000


def test_undo_and_redo_of_a_take(scene):
    armature = dance(1)
    bpy.ops.ed.undo_push(message="before")
    dance(2)
    bpy.ops.ed.undo()
    armature = bpy.data.objects["Mine"]
    assert (names(armature), len(bpy.data.actions)) == (["Take 1"], 1)
    assert take_store.current(armature).name == "Take 1"
    bpy.ops.ed.redo()
    armature = bpy.data.objects["Mine"]
    assert names(armature) == ["Take 1", "Take 2"]
    assert take_store.current(armature).name == "Take 2"
    assert user_edits.of(take_store.current(armature).action) == {}


def test_saving_and_opening_loses_nothing(scene, tmp_path):
    armature = dance(1)
    dance(2)
    take_store.of(armature)[0].name = "Calm"
    bpy.ops.audio2pose.lock(what="BARS")
    place = hand(armature, 33)
    record = take_metadata.read(take_store.current(armature).action)
    file = str(tmp_path / "file.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=file)
    armature = bpy.data.objects["Mine"]
    assert names(armature) == ["Calm", "Take 2"]
    assert hand(armature, 33) == place
    now = take_store.current(armature).action
    assert take_metadata.read(now) == record
    assert user_edits.of(now) == {}
    assert len(now.audio2pose.locks) == 1
    bpy.ops.audio2pose.take_play(take="Calm")
    assert take_store.current(armature).name == "Calm"


# --- corrections ---


def test_corrections_are_added_on_top(scene):
    armature = dance(1)
    plain = hand(armature, 48)
    assert bpy.ops.audio2pose.corrections() == {"FINISHED"}
    animation = armature.animation_data
    assert animation.use_tweak_mode
    assert animation.action.name == "Take 1 Corrections"
    assert take_store.current(armature).name == "Take 1"
    assert hand(armature, 48) == plain, "an empty layer changes nothing"
    at_60 = hand(armature, 60)
    bone = armature.pose.bones["left_shoulder"]
    others = {frame: hand(armature, frame) for frame in (1, 110, 190)}
    bpy.context.scene.frame_set(60)
    bone.rotation_quaternion = (0.9, 0.1, 0.3, 0.0)
    # As auto-key does in the factory settings of 5.2: on curves that are there.
    assert bone.keyframe_insert("rotation_quaternion", frame=60, options={"INSERTKEY_AVAILABLE"})
    assert hand(armature, 60) != at_60
    assert {frame: hand(armature, frame) for frame in others} == others, "it eases out by the bar"
    assert user_edits.of(take_store.current(armature).action) == {}, "the take below is untouched"
    dance(2)
    assert not animation.use_tweak_mode
    bpy.ops.audio2pose.take_play(take="Take 1")
    assert animation.use_tweak_mode and animation.action.name == "Take 1 Corrections"
    bpy.ops.audio2pose.take_delete(take="Take 1")
    assert (names(armature), tracks(armature)) == (["Take 2"], [])
    assert len(bpy.data.actions) == 1


@pytest.mark.parametrize("bars", [(2, 2), (3, 4)])
def test_corrections_survive_regeneration(scene, bars):
    """Keyed in bar 2; that bar or others are regenerated, twice."""
    armature = dance(1)
    bpy.ops.audio2pose.corrections()
    plain = hand(armature, 60)
    bone = armature.pose.bones["left_shoulder"]
    bpy.context.scene.frame_set(60)
    bone.rotation_quaternion = (0.9, 0.1, 0.3, 0.0)
    assert bone.keyframe_insert("rotation_quaternion", frame=60)
    corrected = hand(armature, 60)
    assert corrected != plain
    edit = scene.audio2pose_edit
    edit.first_bar, edit.last_bar = bars
    for number in (2, 3):
        assert bpy.ops.audio2pose.regenerate("EXEC_DEFAULT", True, seed=number) == {"FINISHED"}
        animation = armature.animation_data
        assert animation.use_tweak_mode
        assert animation.action.name == f"Take {number} Corrections"
        path = 'pose.bones["left_shoulder"].rotation_quaternion'
        curve = next(c for c in compat.fcurves_of(armature) if c.data_path == path)
        assert 60 in [key.co.x for key in curve.keyframe_points]
        if bars == (3, 4):
            np.testing.assert_allclose(hand(armature, 60), corrected, atol=1e-4)
    bpy.ops.audio2pose.take_play(take="Take 1")
    assert armature.animation_data.action.name == "Take 1 Corrections"
    np.testing.assert_allclose(hand(armature, 60), corrected, atol=1e-4)


# --- keys ---


def world_strays(armature, motion, error_bones, frames) -> float:
    worst = 0.0
    expected = own_armature.to_blender(motion.sample((frames - 1) / 24, 24.0).joint_positions())
    for i, frame in enumerate(frames):
        bpy.context.scene.frame_set(int(frame))
        evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        for joint, name in error_bones:
            head = np.array(evaluated.pose.bones[name].head)
            worst = max(worst, float(np.linalg.norm(head - expected[i, joint])))
    return worst


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("centimetres", [0.5, 3.0])
def test_sparse_keys_hold_their_error_in_blender(scene, centimetres, own):
    """On a chosen armature and on a new one, whose keys are reduced before it exists."""
    settings = scene.audio2pose
    settings.key_error = centimetres
    if not own:
        settings.target = None
    armature = dance(3)
    ends = [
        (i, n) for i, n in ((22, "left_hand"), (23, "right_hand"), (10, "left_foot"), (15, "head"))
    ]
    strayed = world_strays(armature, quick_jobs.sway(8.0, 3), ends, np.arange(1, 193, 3))
    assert strayed <= centimetres / 100 + 1e-4
    curves = compat.fcurves_of(armature)
    count = sum(len(c.keyframe_points) for c in curves)
    assert count < 0.5 * len(curves) * 192
    assert {k.interpolation for c in curves for k in c.keyframe_points} == {"BEZIER"}
    assert {k.handle_left_type for c in curves for k in c.keyframe_points} == {"ALIGNED"}
    assert {c.color_mode for c in curves} == {"AUTO_RGB", "AUTO_YRGB"}
    assert all(c.group.name == c.data_path.split('"')[1] for c in curves)


def test_our_dancer_takes_one_run_of_the_worker_and_other_rigs_two(scene):
    """Also our own armature, once a person has changed it."""
    asked = quick_jobs.QuickJob.asked
    kinds = []
    for change in ("none", "none", "euler", "back", "constraint"):
        armature = scene.audio2pose.target
        head = armature.pose.bones["head"]
        head.rotation_mode = "XYZ" if change == "euler" else "QUATERNION"
        if change == "constraint":
            head.constraints.new("COPY_ROTATION")
        asked.clear()
        dance(1)
        kinds.append([type(request).__name__ for request in asked])
    one, two = ["DanceRequest"], ["DanceRequest", "KeyReductionRequest"]
    assert kinds == [one, one, two, one, two]


def test_on_our_dancer_channels_are_the_dance_itself(scene):
    """Planted feet and hands off the body are what they are: so the worker may key it alone."""
    armature = scene.audio2pose.target
    assert rig_retarget.is_our_dancer(armature)
    swaying = quick_jobs.sway(3.0, 5)
    motion = Motion(swaying.fps, swaying.root, swaying.rotations, np.ones((len(swaying), 4)))
    frames = np.arange(1, 70)
    made = rig_retarget.channels(armature, motion, frames, 1.0, 24.0)
    plain = key_writer.motion_channels(armature, motion, frames, 1.0, 24.0)
    plain_values = {(c.data_path, c.index): c.values for c in plain}
    assert len(made) == len(plain_values)
    for channel in made:
        expected = plain_values[channel.data_path, channel.index]
        np.testing.assert_allclose(channel.values, expected, atol=1e-5)
    armature.scale = (2.0, 2.0, 2.0)
    bpy.context.view_layer.update()
    assert not rig_retarget.is_our_dancer(armature)


def test_an_armature_that_is_changed_meanwhile_is_told(scene):
    """The keys were made for our dancer as it was."""
    made = session.begin(bpy.context)
    made.job.start()
    assert not made.advance()
    armature = scene.audio2pose.target
    armature.pose.bones["head"].rotation_mode = "XYZ"
    with pytest.raises(RigError, match="was changed while the dance was made"):
        made.finish()
    assert len(bpy.data.actions) == 0


@pytest.mark.parametrize("fps", [1, 25, 30, 60, 240])
def test_any_frame_rate(scene, fps):
    scene.render.fps = fps
    armature = dance(2)
    frames = armature.animation_data.action.frame_range
    assert tuple(frames) == (1, max(1, round(8 * fps)))
    assert user_edits.of(armature.animation_data.action) == {}


# --- packing ---


def test_packing_is_exact():
    rng = np.random.default_rng(0)
    arrays = {
        "a": rng.normal(size=(7, 3)).astype(np.float32),
        "b": np.arange(5, dtype=np.int16),
        "none": np.zeros((0, 4), np.uint8),
        "flag": np.array([True, False]),
        "one": np.array(29.97),
    }
    out = serialize.unpack(serialize.pack(arrays))
    assert out.keys() == arrays.keys()
    for name, value in arrays.items():
        assert out[name].dtype == value.dtype and out[name].shape == value.shape
        np.testing.assert_array_equal(out[name], value)


@pytest.mark.parametrize("text", ["", "garbage!", "AAAA", serialize.pack({"a": np.ones(9)})[:-8]])
def test_what_cannot_be_unpacked_is_one_line(text):
    with pytest.raises(DataError, match="cannot be read"):
        serialize.unpack(text)
