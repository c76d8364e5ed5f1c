"""Hand edits are known by value, and survive when the rest of a take is regenerated."""

from __future__ import annotations

import json

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import quick_jobs
from test_takes import dance, hand, names, scene  # noqa: F401

from audio2pose_core.errors import OptionError
from blender_addon import compat
from blender_addon.edit import locks, region as regions, user_edits
from blender_addon.edit.locks import Lock
from blender_addon.keys import fcurves
from blender_addon.takes import metadata as take_metadata, store as take_store

pytestmark = pytest.mark.blender
ELBOW = 'pose.bones["left_elbow"].rotation_quaternion'
BOTH = pytest.mark.parametrize("keys", ["REDUCED", "EVERY_FRAME"])


def action_of(armature):
    return take_store.current(armature).action


def values(action, frames) -> dict:
    """Of every curve the values at some frames."""
    return {
        key: np.array([curve.evaluate(f) for f in frames])
        for key, curve in user_edits.curves_of(action).items()
    }


def raise_key(action, path: str, index: int, near: float, by: float = 0.2) -> float:
    """Move the key nearest to a frame as a person does in the Graph Editor; its frame."""
    curve = user_edits.curves_of(action)[path, index]
    key = min(curve.keyframe_points, key=lambda k: abs(k.co.x - near))
    for point in (key.co, key.handle_left, key.handle_right):
        point.y += by
    curve.update()
    return float(key.co.x)


def pose_key(armature, bone: str, frame: int, turn=(0.8, 0.3, 0.5, 0.1)) -> None:
    """Pose a bone by hand and key it."""
    pose_bone = armature.pose.bones[bone]
    pose_bone.rotation_quaternion = turn
    assert pose_bone.keyframe_insert("rotation_quaternion", frame=frame)


def regenerate(first: int, last: int, seed: int = 50, bones: bool = False, lock: bool = True):
    chosen = bpy.context.scene.audio2pose_edit
    chosen.use_bars, chosen.first_bar, chosen.last_bar = True, first, last
    chosen.use_bones, chosen.lock_edits = bones, lock
    return bpy.ops.audio2pose.regenerate("EXEC_DEFAULT", True, seed=seed)


def fails(match: str, call, **arguments) -> None:
    """One clear line, nothing changed."""
    armature = bpy.data.objects["Mine"]
    before = (len(bpy.data.actions), names(armature), values(action_of(armature), [5, 90]).keys())
    with pytest.raises(RuntimeError, match=match) as caught:
        call(**arguments)
    assert str(caught.value).strip().count("\n") == 0
    now = (len(bpy.data.actions), names(armature), values(action_of(armature), [5, 90]).keys())
    assert now == before


# --- which keys were touched ---


@BOTH
def test_changed_added_and_deleted_keys_are_known_by_value(scene, keys):  # noqa: F811
    scene.audio2pose.keys = keys
    action = action_of(dance(1))
    assert user_edits.of(action) == {}
    frame = raise_key(action, ELBOW, 1, 40)
    curve = user_edits.curves_of(action)[ELBOW, 2]
    kept = [k.co.x for k in curve.keyframe_points]
    gone = kept[len(kept) // 2]
    curve.keyframe_points.remove(curve.keyframe_points[len(kept) // 2])
    free = next(f + 0.5 for f in kept)
    curve.keyframe_points.insert(free, 0.7)
    found = user_edits.of(action)
    assert found.keys() == {(ELBOW, 1), (ELBOW, 2)}
    assert found[ELBOW, 1].changed.tolist() == [frame]
    assert found[ELBOW, 2].deleted.tolist() == [gone]
    assert found[ELBOW, 2].added.tolist() == [free]
    raise_key(action, ELBOW, 1, frame, by=-0.2)
    assert (ELBOW, 1) not in user_edits.of(action), "put back where it was, it is no edit"


def test_a_turned_handle_and_another_interpolation_are_edits(scene):  # noqa: F811
    action = action_of(dance(1))
    curve = user_edits.curves_of(action)[ELBOW, 1]
    curve.keyframe_points[3].handle_right_type = "FREE"
    curve.keyframe_points[3].handle_right.y += 0.1
    curve.keyframe_points[6].interpolation = "CONSTANT"
    curve.update()
    found = user_edits.of(action)[ELBOW, 1]
    frames = [curve.keyframe_points[i].co.x for i in (3, 6)]
    assert set(frames) <= set(found.changed.tolist())


def test_selecting_my_keys(scene):  # noqa: F811
    action = action_of(dance(1))
    frame = raise_key(action, ELBOW, 3, 60)
    assert bpy.ops.audio2pose.select_edited() == {"FINISHED"}
    chosen = [
        (key, k.co.x)
        for key, curve in user_edits.curves_of(action).items()
        for k in curve.keyframe_points
        if k.select_control_point
    ]
    assert chosen == [((ELBOW, 3), frame)]


# --- regenerated ---


@BOTH
def test_outside_the_bars_every_key_stays_as_it_is(scene, keys):  # noqa: F811
    """Bars 2 and 3 of four: frames 49 to 144 at 24 frames a second."""
    scene.audio2pose.keys = keys
    armature = dance(1)
    old = action_of(armature)
    raise_key(old, ELBOW, 1, 20)
    assert regenerate(2, 3) == {"FINISHED"}
    new = action_of(armature)
    assert new != old and names(armature) == ["Take 1", "Take 2"]
    frames = np.array([1.0, 13.5, 20.0, 48.0, 145.0, 170.25, 192.0])
    was, now = values(old, frames), values(new, frames)
    assert was.keys() == now.keys()
    for key in was:
        np.testing.assert_allclose(now[key], was[key], atol=1e-5)
    inside = np.arange(70, 120)
    was, now = values(old, inside), values(new, inside)
    assert min(np.abs(now[k] - was[k]).max() for k in was if "elbow" in k[0]) > 0.01
    assert take_metadata.read(new).made_from == "bars 2 to 3 of Take 1"
    assert take_metadata.read(new).params.seed == 50


@BOTH
def test_the_seams_do_not_jump(scene, keys):  # noqa: F811
    scene.audio2pose.keys = keys
    armature = dance(1)
    bpy.context.scene.audio2pose_edit.use_bones = False
    regenerate(2, 2)
    for frame in (48.0, 49.0, 96.0, 97.0):
        for curve in user_edits.curves_of(action_of(armature)).values():
            step = abs(curve.evaluate(frame + 0.01) - curve.evaluate(frame - 0.01))
            assert step < 0.02, (curve.data_path, frame)


@BOTH
def test_a_changed_key_inside_the_bars_is_passed_through(scene, keys):  # noqa: F811
    scene.audio2pose.keys = keys
    armature = dance(1)
    pose_key(armature, "left_elbow", 71)
    turn = np.array(
        [user_edits.curves_of(action_of(armature))[ELBOW, i].evaluate(71) for i in range(4)]
    )
    quick_jobs.QuickJob.asked.clear()
    assert regenerate(2, 3) == {"FINISHED"}
    now = [user_edits.curves_of(action_of(armature))[ELBOW, i].evaluate(71) for i in range(4)]
    np.testing.assert_allclose(now, turn, atol=1e-5)
    # The model was asked for it: that joint, that frame, and nothing else inside.
    asked = quick_jobs.QuickJob.asked[0]
    frame = round(70 / 24 * 30)
    assert asked.constraint.mask[frame].nonzero()[0].tolist() == [1 + 18]
    assert not asked.constraint.mask[frame + 3].any() and not asked.constraint.mask[frame - 3].any()
    assert asked.constraint.mask[:60].all() and asked.constraint.mask[181:].all()
    from audio2pose_core import rotations as rot
    from blender_addon.rig import own_armature

    pose = asked.constraint.motion.rotations[frame]
    turned = own_armature.bone_frames(armature).rotations(pose[None])[0, 18]
    assert rot.angle(turned, rot.normalize(turn)) < 0.01
    # What was edited is still known as edited, in the next round as well.
    edited = user_edits.of(action_of(armature))
    assert {key for key in edited} == {(ELBOW, i) for i in range(4)}
    assert all(71 in e.frames for e in edited.values())
    regenerate(2, 3, seed=51)
    again = [user_edits.curves_of(action_of(armature))[ELBOW, i].evaluate(71) for i in range(4)]
    np.testing.assert_allclose(again, turn, atol=1e-5)


@BOTH
def test_unlocked_edits_are_regenerated_too(scene, keys):  # noqa: F811
    scene.audio2pose.keys = keys
    armature = dance(1)
    pose_key(armature, "left_elbow", 71)
    regenerate(2, 3, lock=False)
    now = user_edits.curves_of(action_of(armature))[ELBOW, 1].evaluate(71)
    assert abs(now - 0.3) > 0.02
    assert user_edits.of(action_of(armature)) == {}


@BOTH
def test_only_the_selected_bones(scene, keys):  # noqa: F811
    scene.audio2pose.keys = keys
    armature = dance(1)
    old = action_of(armature)
    for bone in armature.pose.bones:
        compat.select_pose_bone(bone, bone.name in ("left_shoulder", "left_elbow"))
    assert regenerate(2, 3, bones=True) == {"FINISHED"}
    new = action_of(armature)
    frames = np.arange(1, 193)
    was, now = values(old, frames), values(new, frames)
    for key in was:
        if "left_shoulder" in key[0] or "left_elbow" in key[0]:
            assert np.abs(now[key] - was[key])[60:130].max() > 0.01
            np.testing.assert_allclose(now[key][:48], was[key][:48], atol=1e-5)
        else:
            np.testing.assert_allclose(now[key], was[key], atol=1e-6)
    asked = [a for a in quick_jobs.QuickJob.asked if getattr(a, "constraint", None) is not None][-1]
    assert asked.constraint.mask[90].sum() == 23


def test_all_of_a_take_is_regenerated(scene):  # noqa: F811
    armature = dance(1)
    assert regenerate(1, 99) == {"FINISHED"}
    place = hand(armature, 100)
    bpy.ops.audio2pose.take_play(take="Take 1")
    assert hand(armature, 100) != place


def test_the_style_that_was_danced_stays(scene):  # noqa: F811
    """Asked for "auto" and danced as salsa: another seed does not choose again."""
    dance(1)
    regenerate(1, 2)
    asked = [a for a in quick_jobs.QuickJob.asked if getattr(a, "constraint", None) is not None][-1]
    assert asked.params.style == "salsa"
    np.testing.assert_allclose(asked.beats.times, np.arange(0, 8, 0.5))


def test_the_record_tells_what_the_part_was_made_with(scene):  # noqa: F811
    """A part is always made once, whatever the quality of the take."""
    scene.audio2pose.quality = 4
    armature = dance(1)
    assert regenerate(1, 2) == {"FINISHED"}
    asked = [a for a in quick_jobs.QuickJob.asked if getattr(a, "constraint", None) is not None][-1]
    new = action_of(armature)
    assert asked.params.quality == 1
    assert take_metadata.read(new).params == asked.params
    assert json.loads(new["audio2pose_settings"])["quality"] == 1
    assert take_metadata.read(take_store.of(armature)[0].action).params.quality == 4


def test_undo_of_regenerate(scene):  # noqa: F811
    armature = dance(1)
    raise_key(action_of(armature), ELBOW, 1, 60)
    bpy.ops.ed.undo_push(message="edited")
    regenerate(1, 2)
    bpy.ops.ed.undo()
    armature = bpy.data.objects["Mine"]
    assert names(armature) == ["Take 1"]
    assert user_edits.of(action_of(armature)).keys() == {(ELBOW, 1)}
    bpy.ops.ed.redo()
    assert names(bpy.data.objects["Mine"]) == ["Take 1", "Take 2"]


# --- locks ---


def test_locked_bars_keep_every_frame(scene):  # noqa: F811
    armature = dance(1)
    old = action_of(armature)
    chosen = scene.audio2pose_edit
    chosen.first_bar, chosen.last_bar = 2, 2
    bpy.ops.audio2pose.lock(what="BARS")
    assert locks.read(old) == [Lock("", 49.0, 96.0)]
    regenerate(1, 3)
    frames = np.arange(49, 97)
    was, now = values(old, frames), values(action_of(armature), frames)
    for key in was:
        np.testing.assert_allclose(now[key], was[key], atol=2e-3)
    assert locks.read(action_of(armature)) == [Lock("", 49.0, 96.0)], "locks go along"


def test_locking_keys_bones_and_ranges(scene):  # noqa: F811
    armature = dance(1)
    action = action_of(armature)
    for curve in user_edits.curves_of(action).values():
        for key in curve.keyframe_points:
            key.select_control_point = False
    for index in range(4):
        key = user_edits.curves_of(action)[ELBOW, index].keyframe_points[0]
        key.select_control_point = True
    bpy.ops.audio2pose.lock(what="KEYS")
    assert locks.read(action) == [Lock("left_elbow", 1.0, 1.0)]
    for bone in armature.pose.bones:
        compat.select_pose_bone(bone, bone.name == "head")
    bpy.ops.audio2pose.lock(what="BONES")
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = 100, 120
    bpy.ops.audio2pose.lock(what="RANGE")
    assert locks.read(action) == [
        Lock("", 100.0, 120.0),
        Lock("head", 1.0, 192.0),
        Lock("left_elbow", 1.0, 1.0),
    ]
    bpy.ops.audio2pose.unlock(what="BONES")
    assert Lock("head", 1.0, 192.0) not in locks.read(action)
    bpy.ops.audio2pose.unlock(what="ALL")
    assert locks.read(action) == []


def test_everything_locked_is_said(scene):  # noqa: F811
    dance(1)
    chosen = scene.audio2pose_edit
    chosen.first_bar, chosen.last_bar = 1, 9
    bpy.ops.audio2pose.lock(what="BARS")
    fails("all of it is locked", regenerate, first=1, last=2)


def test_locks_as_sums():
    a, b = Lock("x", 1, 10), Lock("x", 11, 20)
    assert locks.added([a], [b]) == [Lock("x", 1, 20)]
    assert locks.added([a], [Lock("y", 5, 6)]) == [a, Lock("y", 5, 6)]
    assert locks.removed([Lock("x", 1, 20)], [Lock("x", 5, 8)], ["x", "y"]) == [
        Lock("x", 1, 4),
        Lock("x", 9, 20),
    ]
    assert locks.removed([Lock("", 1, 9)], [Lock("x", 1, 4)], ["x", "y"]) == [
        Lock("x", 5, 9),
        Lock("y", 1, 9),
    ]
    assert locks.removed([Lock("x", 1, 9)], [Lock("", 0, 99)], ["x"]) == []
    assert locks.of_frames("x", np.array([4, 5, 6, 9])) == [Lock("x", 4, 6), Lock("x", 9, 9)]


# --- what cannot be done is said, and changes nothing ---


def test_bars_that_are_not_there(scene):  # noqa: F811
    dance(1)
    fails("Bar 3 is not before bar 2", regenerate, first=3, last=2)
    fails("has 4 bars, so there is no bar 7", regenerate, first=7, last=8)


def test_no_bone_selected(scene):  # noqa: F811
    armature = dance(1)
    for bone in armature.pose.bones:
        compat.select_pose_bone(bone, False)
    fails("No bone is selected", regenerate, first=1, last=2, bones=True)
    fails("No bone is selected", bpy.ops.audio2pose.lock, what="BONES")


def test_another_frame_rate_song_or_strip(scene, tmp_path):  # noqa: F811
    dance(1)
    scene.render.fps = 30
    fails("was made at 24 frames a second", regenerate, first=1, last=2)
    scene.render.fps = 24
    quick_jobs.song(tmp_path, 3.0)
    fails("no longer holds all", regenerate, first=1, last=2)
    (tmp_path / "song.wav").unlink()
    fails("Song not found", regenerate, first=1, last=2)


def test_hidden_in_edit_mode_linked_or_without_takes(scene, tmp_path):  # noqa: F811
    armature = dance(1)
    everything = (
        (bpy.ops.audio2pose.generate, {}),
        (regenerate, {"first": 1, "last": 2}),
        (bpy.ops.audio2pose.take_play, {"take": "Take 1"}),
        (bpy.ops.audio2pose.take_delete, {"take": "Take 1"}),
        (bpy.ops.audio2pose.take_settings, {"take": "Take 1"}),
        (bpy.ops.audio2pose.corrections, {"take": "Take 1"}),
        (bpy.ops.audio2pose.lock, {"what": "BARS"}),
        (bpy.ops.audio2pose.unlock, {"what": "ALL"}),
        (bpy.ops.audio2pose.select_edited, {}),
    )
    armature.hide_set(True)
    for call, arguments in everything:
        fails("'Mine' is hidden", call, **arguments)
    armature.hide_set(False)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    for call, arguments in everything:
        fails("edit mode", call, **arguments)
    bpy.ops.object.mode_set(mode="OBJECT")
    scene.audio2pose.target = None
    bpy.context.view_layer.objects.active = None
    for operator in ("take_play", "take_compare", "regenerate", "lock", "corrections"):
        assert not getattr(bpy.ops.audio2pose, operator).poll()


def test_a_linked_armature_says_so_and_an_override_dances(scene, tmp_path):  # noqa: F811
    library = tmp_path / "library.blend"
    mine = scene.audio2pose.target
    bpy.data.libraries.write(str(library), {mine})
    scene.audio2pose.target = None
    bpy.data.objects.remove(mine)
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.objects = ["Mine"]
    scene.collection.objects.link(wanted.objects[0])
    linked = wanted.objects[0]
    scene.audio2pose.target = linked
    with pytest.raises(RuntimeError, match="linked from another file"):
        bpy.ops.audio2pose.generate()
    assert len(bpy.data.actions) == 0
    mine = linked.override_create(remap_local_usages=True)
    scene.audio2pose.target = mine
    dance(1)
    dance(2)
    assert names(mine) == ["Take 1", "Take 2"]
    place = hand(mine, 60)
    file = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.open_mainfile(filepath=file)
    mine = bpy.context.scene.audio2pose.target
    assert mine.override_library is not None
    assert names(mine) == ["Take 1", "Take 2"]
    assert hand(mine, 60) == place
    bpy.ops.audio2pose.take_play(take="Take 1")
    assert take_store.current(mine).name == "Take 1"
    assert hand(mine, 60) != place


def test_a_take_that_is_no_take(scene):  # noqa: F811
    armature = dance(1)
    action = action_of(armature)
    action.audio2pose.record = "{"
    fails("cannot be read", regenerate, first=1, last=2)
    action.audio2pose.record = ""
    fails("is no take", regenerate, first=1, last=2)


def test_an_action_deleted_by_hand(scene):  # noqa: F811
    armature = dance(1)
    dance(2)
    bpy.data.actions.remove(take_store.of(armature)[0].action)
    fails("has no take 'Take 1'", bpy.ops.audio2pose.take_play, take="Take 1")
    armature.audio2pose_takes.index = 0
    assert bpy.ops.audio2pose.take_delete() == {"FINISHED"}
    assert names(armature) == ["Take 2"]


# --- the sums ---


def test_bars_of_a_take():
    beats = [0.4, 0.9, 1.4, 1.9, 2.4, 2.9]
    down = [False, True, False, False, True, False]
    edges = regions.bar_frames(beats, down, 10.0, 24.0, 100)
    assert edges.tolist() == [10, 68, 100]
    assert regions.bars(edges, 1, 1) == (10, 67)
    assert regions.bars(edges, 2, 9) == (68, 99)
    with pytest.raises(OptionError):
        regions.bars(edges, 3, 3)
    fours = regions.bar_frames(np.arange(8) * 0.5, [False] * 8, 1.0, 10.0, 41)
    assert fours.tolist() == [1, 21, 41]


def test_new_values_meet_the_anchors_and_are_left_alone_elsewhere():
    frames = np.arange(10, 60)
    values_ = np.sin(frames / 7.0)
    out = regions.meet_anchors(
        frames,
        values_,
        {10: values_[0] - 0.05, 30: values_[20] + 0.05, 33: values_[23] - 0.05},
        24.0,
    )
    assert out[0] == pytest.approx(values_[0] - 0.05)
    assert out[20] == pytest.approx(values_[20] + 0.05)
    assert out[23] == pytest.approx(values_[23] - 0.05)
    np.testing.assert_array_equal(out[30:] - values_[30:], 0.0)
    assert np.abs(np.diff(out - values_)).max() < 0.06
    np.testing.assert_array_equal(regions.meet_anchors(frames, values_, {}, 24.0), values_)


def test_keys_of_two_curves_joined():
    co = np.array([[1.0, 0], [2, 0], [3, 0]], dtype=np.float32)
    kinds, numbers = np.zeros((3, 5), np.int32), np.zeros((3, 3), np.float32)
    a = fcurves.Points(co, co, co, kinds, numbers)
    other = co + np.array([0.9, 5.0], dtype=np.float32)
    other[0, 0] = 2.0
    b = fcurves.Points(other, other, other, kinds, numbers)
    joined = fcurves.join([a, b])
    np.testing.assert_allclose(joined.frames, [1, 2, 2.9, 3, 3.9], atol=1e-6)
    np.testing.assert_allclose(joined.values, [0, 0, 5, 0, 5])


@BOTH
def test_a_quaternion_that_comes_back_the_other_way_round_does_not_jump(
    scene,  # noqa: F811
    keys,
    monkeypatch,
):
    """The new motion turns the elbow once about itself: it ends where it began, as -q."""
    from audio2pose_core import rotations as rot
    from audio2pose_core.motion import Motion

    scene.audio2pose.keys = keys
    armature = dance(1)
    raise_key(action_of(armature), ELBOW, 1, 170)
    edited = user_edits.of(action_of(armature))
    plain = quick_jobs.inpainted

    def turning(new, constraint):
        out = plain(new, constraint)
        free = ~constraint.mask[:, 1 + 18]
        angle = np.cumsum(free) / free.sum() * 2 * np.pi
        spin = rot.from_axis_angle(angle[:, None] * np.array([1.0, 0, 0]))
        quats = out.rotations.copy()
        quats[:, 18] = rot.multiply(constraint.motion.rotations[:, 18], spin)
        return Motion(out.fps, out.root, quats, out.contacts)

    monkeypatch.setattr(quick_jobs, "inpainted", turning)
    old = action_of(armature)
    assert regenerate(2, 3) == {"FINISHED"}
    frames = np.arange(40.0, 192.0, 0.25)
    now, was = values(action_of(armature), frames), values(old, frames)
    q = np.stack([now[ELBOW, i] for i in range(4)], axis=1)
    before = np.stack([was[ELBOW, i] for i in range(4)], axis=1)
    assert np.abs(np.diff(q, axis=0)).max() < 0.06
    after = frames > 145
    np.testing.assert_allclose(q[after], -before[after], atol=1e-5)
    assert user_edits.of(action_of(armature)).keys() == edited.keys(), (
        "known as edited all the same"
    )
