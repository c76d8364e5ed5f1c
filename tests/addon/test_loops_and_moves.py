"""Loops as takes that go round, and moves as assets that are used again."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import foreign_rigs
import quick_jobs
from test_characters import MODES, world_heads
from test_takes import dance, names, scene  # noqa: F401

from audio2pose_core.errors import DataError, OptionError
from audio2pose_core.metrics.loops import measure_loop
from audio2pose_core.motion import Motion
from blender_addon import compat
from blender_addon.edit import user_edits
from blender_addon.moves import asset, picture, placing, start_set
from blender_addon.rig import retarget as rig_retarget
from blender_addon.takes import metadata as take_metadata, store as take_store

pytestmark = pytest.mark.blender
RATES = [(24, 1.0), (25, 1.0), (30, 1.001), (30, 1.0), (60, 1.0)]


def loop(first: int, last: int, root_motion: bool = False, whole: bool = False, of: str = "TAKE"):
    chosen = bpy.context.scene.audio2pose_moves
    chosen.first_bar, chosen.last_bar, chosen.loop_of = first, last, of
    chosen.root_motion, chosen.whole_frames = root_motion, whole
    assert bpy.ops.audio2pose.make_loop("EXEC_DEFAULT", True, seed=4) == {"FINISHED"}
    armature = bpy.context.scene.audio2pose.target
    return armature, take_store.current(armature).action


def shown(armature, action, frames) -> Motion:
    """The dance that the curves show, modifiers and all."""
    curves = user_edits.curves_of(action).values()
    return rig_retarget.read_motion(armature, frames, compat.scene_fps(bpy.context.scene), curves)


def set_rate(scene, rate) -> None:  # noqa: F811
    scene.render.fps, scene.render.fps_base = rate


# --- loops ---


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("keys", ["REDUCED", "EVERY_FRAME"])
def test_a_loop_is_a_new_take_that_goes_round_exactly(scene, rate, keys):  # noqa: F811
    set_rate(scene, rate)
    scene.audio2pose.keys = keys
    dance(1)
    armature, action = loop(2, 3)
    assert names(armature) == ["Take 1", "Take 2"]
    fps = compat.scene_fps(scene)
    metadata = take_metadata.read(action)
    period = 4.0 * fps
    assert metadata.loop["period_frames"] == pytest.approx(period, abs=1e-6)
    assert action["audio2pose_loop_frames"] == pytest.approx(period)
    assert metadata.frame_start == round(1 + 2.0 * fps), "in time with the song"
    begins = metadata.frame_start
    inner = begins + np.linspace(0.0, period, 37, endpoint=False)
    here = shown(armature, action, inner)
    for k in (1, 8, -3):
        there = shown(armature, action, inner + k * period)
        apart = np.abs(here.joint_positions() - there.joint_positions()).max()
        assert apart < 2e-4, "metres; Blender's curves have single precision"
    for curve in user_edits.curves_of(action).values():
        assert [m.type for m in curve.modifiers] == ["CYCLES"]
        ends = [curve.keyframe_points[0].co.x, curve.keyframe_points[-1].co.x]
        assert ends == pytest.approx([begins, begins + period], abs=1e-3)
        inside = [k.co.x for k in curve.keyframe_points][:-1]
        assert np.allclose(inside, np.round(inside)), "an animator's keys are on whole frames"
    assert action.use_cyclic and action.frame_range[1] == pytest.approx(begins + period)


def test_the_seam_of_the_curves_cannot_be_seen(scene):  # noqa: F811
    dance(1)
    armature, action = loop(2, 3)
    metadata = take_metadata.read(action)
    count = round(metadata.loop["period_frames"])
    beats = np.array(metadata.beats)
    keyed = shown(armature, action, metadata.frame_start + np.arange(count))
    dense = take_metadata.read_motion(action).sample(np.arange(count) / 24, 24)
    found, was = (measure_loop(m.with_contacts(None), beats) for m in (keyed, dense))
    assert found.seam_step <= max(0.7, 1.25 * was.seam_step), "few keys show it no more"
    assert found.seam_move <= 0.7


def test_root_motion_goes_on_by_the_same_way(scene):  # noqa: F811
    dance(1)
    armature, action = loop(1, 2, root_motion=True)
    metadata = take_metadata.read(action)
    assert metadata.loop["offset"] == pytest.approx([0, 0, 0.3])
    period, start = metadata.loop["period_frames"], metadata.frame_start
    at = start + period * np.array([0.3, 1.3, 8.3])
    root = shown(armature, action, at).root
    assert np.allclose(root[1] - root[0], [0, 0, 0.3], atol=1e-4)
    assert np.allclose(root[2] - root[0], [0, 0, 2.4], atol=1e-3)


def test_whole_frames_round_the_period(scene):  # noqa: F811
    set_rate(scene, (24, 1.001))
    dance(1)
    armature, action = loop(1, 1, whole=True)
    metadata = take_metadata.read(action)
    assert metadata.loop["period_frames"] == 48
    start = metadata.frame_start
    poses = [shown(armature, action, [f]).joint_positions() for f in (start + 7, start + 55)]
    assert np.abs(poses[0] - poses[1]).max() < 2e-4


def test_a_new_dance_can_be_a_loop(scene):  # noqa: F811
    dance(1)
    request_count = len(quick_jobs.QuickJob.asked)
    _, action = loop(2, 3, of="SONG")
    asked = quick_jobs.QuickJob.asked[request_count].loop
    assert (asked.bars, asked.first_bar, asked.base) == (2, 2, None)
    assert take_metadata.read(action).params.seed == 4


def test_a_persons_keys_are_in_the_loop(scene):  # noqa: F811
    armature = dance(1)
    bone = armature.pose.bones["left_elbow"]
    bone.rotation_quaternion = (0.8, 0.3, 0.5, 0.1)
    bone.keyframe_insert("rotation_quaternion", frame=40)
    hand = shown(armature, take_store.current(armature).action, [40]).rotations[0, 18]
    loop(1, 2)
    base = quick_jobs.QuickJob.asked[-2].loop.base
    frame = round((40 - 1) / 24 * base.fps)
    assert abs(base.rotations[frame, 18] @ hand) > 0.99


def test_what_cannot_go_round_is_one_line(scene):  # noqa: F811
    with pytest.raises(RuntimeError, match=r"No takes yet|poll"):
        loop(1, 2)
    dance(1)
    with pytest.raises(RuntimeError, match="exchange"):
        loop(3, 2)
    with pytest.raises(RuntimeError, match="no bar 40"):
        loop(40, 41)
    loop(1, 2)
    with pytest.raises(RuntimeError, match="goes round"):
        loop(1, 2)
    assert names(bpy.context.scene.audio2pose.target) == ["Take 1", "Take 2"]


@pytest.mark.parametrize("root", ["HIPS", "ROOT", "OBJECT"])
@pytest.mark.parametrize("travels", [False, True])
def test_any_rig_goes_round(scene, root, travels):  # noqa: F811
    family = foreign_rigs.FAMILIES["auto_rig_pro"]
    armature = foreign_rigs.build("Arp", family, seed=1, modes=MODES)
    scene.audio2pose.target = armature
    armature.audio2pose_character.root_motion = root
    scene.audio2pose.keys = "EVERY_FRAME"
    dance(1)
    _, action = loop(2, 3, root_motion=travels)
    metadata = take_metadata.read(action)
    assert metadata.loop["period_frames"] == 96
    start = int(metadata.frame_start)
    frames = start + np.array([0, 1, 13, 50, 95])
    bones = {name: name for name in family.names.values()}
    first, eighth = (world_heads(armature, frames + k * 96, bones) for k in (0, 7))
    # Ahead is -Y in Blender.
    way = np.array([0.0, -0.3 * 7, 0.0]) if travels else np.zeros(3)
    size = np.ptp(np.stack(list(first.values()))[:, 0, 2]) / 1.6
    apart = max(np.abs(eighth[b] - first[b] - way * size).max() for b in bones)
    assert apart < (0.12 * size if travels else 1e-3), "metres"
    if travels:
        steps = [eighth[b] - first[b] for b in bones]
        assert np.ptp(np.concatenate(steps), axis=0).max() < 2e-3, "all of it by the same way"


def test_a_loop_is_not_regenerated(scene):  # noqa: F811
    dance(1)
    loop(1, 2)
    with pytest.raises(RuntimeError, match="goes round"):
        bpy.ops.audio2pose.regenerate("EXEC_DEFAULT", True, seed=5)
    save(1, 1)
    with pytest.raises(RuntimeError, match="goes round"):
        use(40)


# --- moves ---


def save(first: int, last: int, name: str = "", bones: bool = False):
    chosen = bpy.context.scene.audio2pose_moves
    chosen.first_bar, chosen.last_bar, chosen.name, chosen.use_bones = first, last, name, bones
    assert bpy.ops.audio2pose.save_move() == {"FINISHED"}
    return chosen.move


def use(frame: int, **how):
    chosen = bpy.context.scene.audio2pose_moves
    chosen.mirrored = how.pop("mirrored", False)
    chosen.on_beats = how.pop("on_beats", True)
    chosen.way_beats = 1
    bpy.context.scene.frame_set(frame)
    assert bpy.ops.audio2pose.use_move("EXEC_DEFAULT", True, seed=9) == {"FINISHED"}
    armature = bpy.context.scene.audio2pose.target
    return armature, take_store.current(armature).action


def pelvis_free(motion: Motion) -> np.ndarray:
    """Poses whatever way they face and wherever they are."""
    return motion.rotations[:, 1:]


def test_a_move_is_an_asset_with_a_picture_and_tags(scene):  # noqa: F811
    armature = dance(1)
    action = save(2, 2, "Kick")
    assert action.name == "Kick" and action.asset_data is not None
    tags = {tag.name for tag in action.asset_data.tags}
    assert {"salsa", "1 bars", "120 BPM"} <= tags
    pixels = np.empty(picture.SIZE**2 * 4, dtype=np.float32)
    action.preview.image_pixels_float.foreach_get(pixels)
    assert len(np.unique(pixels.reshape(-1, 4)[:, 0].round(2))) > 4, "a figure is drawn"
    move = asset.read(action)
    assert (move.style, move.bars, len(move.beats)) == ("salsa", 1, 4)
    assert move.seconds == pytest.approx(2.0, abs=0.05)
    take = take_store.current(armature).action
    first, last = action.frame_range
    assert (first, last) == (1, 1 + 48)
    here = shown(armature, action, [1, 20, 49]).joint_positions()
    there = shown(armature, take, [49, 68, 97]).joint_positions()
    assert np.abs(here - there).max() < 1e-3, "the keys show what the take does"


def test_saving_a_move_leaves_the_take_alone(scene):  # noqa: F811
    armature = dance(1)
    take = take_store.current(armature).action
    counts = [len(c.keyframe_points) for c in user_edits.curves_of(take).values()]
    save(2, 2)
    assert [len(c.keyframe_points) for c in user_edits.curves_of(take).values()] == counts
    assert user_edits.of(take) == {}


def test_a_move_is_used_at_the_playhead_and_the_dance_leads_into_it(scene):  # noqa: F811
    armature = dance(1)
    action = save(1, 1, "Kick")
    armature, taken = use(1 + 96)
    assert names(armature) == ["Take 1", "Take 2"]
    move = take_metadata.read_motion(action)
    frames = np.arange(2, 44)
    here = shown(armature, taken, 97 + frames)
    there = move.sample(frames / 24, 24)
    dots = np.abs(np.sum(pelvis_free(here) * pelvis_free(there), axis=-1))
    assert np.rad2deg(2 * np.arccos(np.minimum(dots, 1))).max() < 8, "it is the move, of few keys"
    was = take_store.find(armature, "Take 1").action
    for frame in (20, 60, 180):
        a, b = (shown(armature, x, [frame]).joint_positions() for x in (was, taken))
        assert np.abs(a - b).max() < 1e-4, "elsewhere the take stays"
    asked = quick_jobs.QuickJob.asked[-2].constraint
    fps = asked.motion.fps
    assert not asked.mask[round(3.75 * fps)].any() and asked.mask[round(5 * fps)].all()


def test_a_mirrored_move_is_its_mirror_image(scene):  # noqa: F811
    dance(1)
    action = save(1, 1)
    armature, taken = use(1 + 96, mirrored=True)
    there = take_metadata.read_motion(action).mirrored().sample(np.arange(4, 40) / 24, 24)
    here = shown(armature, taken, 97 + np.arange(4, 40))
    dots = np.abs(np.sum(pelvis_free(here) * pelvis_free(there), axis=-1))
    assert np.rad2deg(2 * np.arccos(np.minimum(dots, 1))).max() < 8


def test_a_move_of_some_bones_moves_only_these(scene):  # noqa: F811
    armature = dance(1)
    for pose_bone in armature.pose.bones:
        compat.select_pose_bone(pose_bone, pose_bone.name in ("left_elbow", "left_shoulder"))
    action = save(1, 1, bones=True)
    assert asset.read(action).columns == [1 + 16, 1 + 18]
    assert {curve.group.name for curve in user_edits.curves_of(action).values()} == {
        "left_elbow",
        "left_shoulder",
    }
    armature, taken = use(1 + 96)
    was = take_store.find(armature, "Take 1").action
    a, b = (shown(armature, x, np.arange(90, 150)).rotations for x in (was, taken))
    turned = np.abs(a - b).max(axis=(0, 2)) > 1e-3
    assert set(np.flatnonzero(turned)) == {16, 18}


def test_locked_keys_on_the_way_in_stay(scene):  # noqa: F811
    armature = dance(1)
    save(1, 1)
    bone = armature.pose.bones["left_elbow"]
    bone.rotation_quaternion = (0.8, 0.3, 0.5, 0.1)
    bone.keyframe_insert("rotation_quaternion", frame=90)
    was = take_store.current(armature).action
    pose = shown(armature, was, [90]).rotations[0, 18]
    armature, taken = use(1 + 96)
    assert np.allclose(shown(armature, taken, [90]).rotations[0, 18], pose, atol=1e-4)


def test_a_move_goes_into_a_library_and_comes_back(scene, tmp_path):  # noqa: F811
    dance(1)
    action = save(1, 1, "Kick/Right")
    file = asset.write(action, tmp_path / "moves")
    assert file.name == "Kick_Right.blend"
    bpy.data.actions.remove(action)
    found = asset.appended(file, "Kick/Right")
    assert asset.read(found).bars == 1 and len(take_metadata.read_motion(found)) > 30
    assert asset.appended(file, "Kick/Right") == found, "once is enough"
    with pytest.raises(DataError, match="no move"):
        asset.appended(file, "Other")
    local = SimpleNamespace(id_type="ACTION", local_id=found)
    assert asset.of_asset(local) == found
    with pytest.raises(DataError, match="Asset Browser"):
        asset.of_asset(None)


def test_what_cannot_be_used_is_one_line(scene):  # noqa: F811
    dance(1)
    with pytest.raises(RuntimeError, match="Choose a move first"):
        use(40)
    save(1, 2)
    with pytest.raises(RuntimeError, match="use it earlier"):
        use(1 + 24 * 6)
    with pytest.raises(RuntimeError, match="No beat"):
        use(900)
    with pytest.raises(DataError, match="no move"):
        asset.read(take_store.current(bpy.context.scene.audio2pose.target).action)


def test_a_move_follows_the_beats_of_another_tempo():
    song = 1.0 + 0.6 * np.arange(20)
    times, own = placing.move_times([0.0, 0.5, 1.0, 1.5], 2.0, 3, song, True)
    assert times.tolist() == pytest.approx([2.8, 3.4, 4.0, 4.6, 5.2])
    assert own.tolist() == pytest.approx([0, 0.5, 1.0, 1.5, 2.0])
    times, own = placing.move_times([0.0, 0.5, 1.0, 1.5], 2.0, 3, song, False)
    assert times.tolist() == pytest.approx([2.8, 4.8]) and own.tolist() == [0.0, 2.0]
    with pytest.raises(OptionError, match="too far"):
        placing.move_times([0.0, 0.2, 0.4, 0.6], 0.8, 3, song, True)


# --- the moves that come along ---


def test_the_start_set_opens_and_every_move_can_be_used(registered):
    with bpy.data.libraries.load(str(start_set.FILE), link=False) as (there, here):
        here.actions = there.actions
    assert len(here.actions) >= 20
    catalogs = start_set.FILE.with_name("blender_assets.cats.txt").read_text()
    for action in here.actions:
        move, motion = asset.read(action), take_metadata.read_motion(action)
        assert move.bars == 2 and len(move.beats) == 8 and len(move.columns) == 25
        assert motion.seconds == pytest.approx(move.seconds, abs=0.1)
        assert f"{action.asset_data.catalog_id}:Dance moves/" in catalogs
        assert move.style in {tag.name for tag in action.asset_data.tags}
        assert tuple(action.preview.image_size) == (picture.SIZE, picture.SIZE)


def test_the_start_set_is_added_to_the_asset_libraries_once(registered):
    libraries = bpy.context.preferences.filepaths.asset_libraries
    before = len(libraries)
    assert bpy.ops.audio2pose.add_start_moves() == {"FINISHED"}
    assert bpy.ops.audio2pose.add_start_moves() == {"FINISHED"}
    assert len(libraries) == before + 1
    libraries.remove(libraries[start_set.NAME])
