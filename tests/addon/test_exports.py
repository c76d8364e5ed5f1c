"""The dance out of Blender: BVH, FBX, glTF, baked; what comes back in is the same dance."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from audio2pose_core import rotations as rot
from audio2pose_core.errors import OutputError
from audio2pose_core.formats import bvh
from audio2pose_core.motion import Motion, rest_motion
from blender_addon import compat
from blender_addon.export import blender_files, clips as export_clips
from blender_addon.figure import mannequin
from blender_addon.keys import sampling, writer as key_writer
from blender_addon.rig import own_armature

pytestmark = pytest.mark.blender
FPS = 30


@pytest.fixture
def scene(registered):
    scene = registered
    scene.render.fps, scene.render.fps_base = FPS, 1.0
    scene.frame_start, scene.frame_end = 3, 77
    return scene


def swing(seconds=2.0) -> Motion:
    """A dancer that walks sideways and swings an arm."""
    motion = rest_motion(round(seconds * FPS), float(FPS))
    t = np.arange(len(motion)) / FPS
    motion.root[:, 0] += 0.5 * t
    arm = 17  # right_shoulder
    turn = np.stack([np.zeros_like(t), np.zeros_like(t), np.sin(2 * np.pi * t)], axis=1)
    motion.rotations[:, arm] = rot.from_axis_angle(turn)
    return motion


@pytest.fixture
def dancer(scene):
    armature = mannequin.create_dancer("Dancer", scene.collection)
    key_writer.write_motion(
        armature, swing(), frame_start=10, scene_fps=float(FPS), action_name="Dance"
    )
    scene.audio2pose.target = armature
    bpy.context.view_layer.objects.active = armature
    return armature


def wrist(armature, frame) -> np.ndarray:
    """The right hand in the world."""
    bpy.context.scene.frame_set(frame)
    return np.array(armature.matrix_world @ armature.pose.bones["right_wrist"].head)


def state(scene) -> object:
    return (
        scene.frame_start,
        scene.frame_end,
        scene.frame_current,
        sorted(o.name for o in bpy.context.view_layer.objects.selected),
        bpy.context.mode,
        sorted(a.name for a in bpy.data.actions),
    )


@pytest.mark.parametrize("rate", ["SCENE", "24", "60"])
def test_bvh_has_the_dance_at_the_rate(scene, dancer, tmp_path, rate):
    path, before = tmp_path / "dance.bvh", state(scene)
    assert bpy.ops.audio2pose.export_bvh(filepath=str(path), rate=rate) == {"FINISHED"}
    read = bvh.load_bvh(path)
    wanted = FPS if rate == "SCENE" else float(rate)
    assert read.fps == pytest.approx(wanted, rel=1e-4)
    assert len(read) == pytest.approx(59 / FPS * wanted + 1, abs=1)
    original = swing().sample(np.arange(len(read)) / read.fps, read.fps)
    assert np.abs(read.joint_positions() - original.joint_positions()).max() < 0.005
    assert state(scene) == before


@pytest.mark.parametrize("kind", ["fbx", "gltf"])
def test_blenders_exporters_bake_the_dance(scene, dancer, tmp_path, kind):
    suffix = {"fbx": ".fbx", "gltf": ".glb"}[kind]
    path = tmp_path / "Größe ü.any"
    there = {frame: wrist(dancer, frame) for frame in (10, 18, 40, 69)}
    scene.frame_set(33)
    before = state(scene)
    operator = getattr(bpy.ops.audio2pose, f"export_{kind}")
    assert operator(filepath=str(path)) == {"FINISHED"}
    assert state(scene) == before
    made = path.with_suffix(suffix)
    assert made.stat().st_size > 10_000
    assert [p.name for p in tmp_path.iterdir()] == [made.name]
    bpy.data.objects.remove(dancer)
    getattr(bpy.ops.import_scene, kind)(filepath=str(made))
    (back,) = (o for o in bpy.data.objects if o.type == "ARMATURE")
    first = min(curve.range()[0] for curve in compat.fcurves_of(back))
    for frame, place in there.items():
        assert wrist(back, round(first + frame - 10)) == pytest.approx(place, abs=0.005)


def test_without_its_exporter_it_says_what_to_enable(scene, dancer, tmp_path, monkeypatch):
    clips = export_clips.clips(bpy.context, dancer)
    monkeypatch.setattr(blender_files.bpy, "types", object())
    with pytest.raises(OutputError, match="FBX exporter is off; enable FBX"):
        blender_files.write(bpy.context, dancer, tmp_path / "a.fbx", "fbx", clips)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("rate", "step"), [("SCENE", 1.0), ("24", 1.25), ("25", 1.2), ("60", 0.5)])
def test_bake_writes_keys_at_the_rate(scene, dancer, rate, step):
    old = dancer.animation_data.action
    values = {c.data_path: c.evaluate(33) for c in compat.fcurves_of(dancer) if c.array_index == 1}
    assert bpy.ops.audio2pose.bake(rate=rate) == {"FINISHED"}
    action = dancer.animation_data.action
    assert action != old and old.use_fake_user
    for curve in compat.fcurves_of(dancer):
        frames = [k.co[0] for k in curve.keyframe_points]
        np.testing.assert_allclose(np.diff(frames), step, atol=1e-4)
        assert frames[0] == 10
        if curve.array_index == 1:
            assert curve.evaluate(33) == pytest.approx(values[curve.data_path], abs=2e-3)


def test_bake_adds_nla_layers_in_and_mutes_them(scene, dancer):
    bone = dancer.pose.bones["pelvis"]
    path = bone.path_from_id("location")
    animation = dancer.animation_data
    dance = animation.action
    x = {f: wrist(dancer, f)[0] for f in (20, 50)}
    lift, bag = compat.new_action(dancer, "Lift")
    for frame in (10, 69):
        curve = bag.fcurves.find(path, index=0) or compat.new_fcurve(bag, path, 0, "pelvis")
        curve.keyframe_points.insert(frame, 0.25)
    slot = animation.action_slot
    track = animation.nla_tracks.new()
    strip = track.strips.new("Lift", 10, lift)
    strip.action_slot = slot
    animation.action = dance
    animation.action_slot = dance.slots[0]
    animation.action_blend_type = "COMBINE"
    shown = {f: wrist(dancer, f)[0] for f in (20, 50)}
    assert shown[20] == pytest.approx(x[20] + 0.25, abs=1e-3)
    frame = scene.frame_current
    assert bpy.ops.audio2pose.bake() == {"FINISHED"}
    assert scene.frame_current == frame
    assert track.mute
    for f in (20, 50):
        assert wrist(dancer, f)[0] == pytest.approx(shown[f], abs=1e-3)


# --- where it cannot ---

OPERATORS = ("export_bvh", "export_fbx", "export_gltf")


@pytest.mark.parametrize("name", OPERATORS)
def test_nobody_dances(scene, tmp_path, name):
    path = str(tmp_path / "a.out")
    with pytest.raises(RuntimeError, match="poll"):
        getattr(bpy.ops.audio2pose, name)(filepath=path)
    scene.audio2pose.target = own_armature.create_armature("Still")
    with pytest.raises(RuntimeError, match="does not dance yet"):
        getattr(bpy.ops.audio2pose, name)(filepath=path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", OPERATORS)
def test_edit_mode_no_bones_and_places_that_cannot_be_written(scene, dancer, tmp_path, name):
    operator = getattr(bpy.ops.audio2pose, name)
    (tmp_path / "file").write_text("")
    with pytest.raises(RuntimeError, match="Cannot write"):
        operator(filepath=str(tmp_path / "file" / "a.out"))
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(RuntimeError, match="Edit Mode"):
        operator(filepath=str(tmp_path / "a.out"))
    bpy.ops.object.mode_set(mode="OBJECT")
    data = bpy.data.armatures.new("Empty")
    empty = bpy.data.objects.new("Empty", data)
    scene.collection.objects.link(empty)
    empty.animation_data_create()
    scene.audio2pose.target = empty
    with pytest.raises(RuntimeError, match="has no bones"):
        operator(filepath=str(tmp_path / "a.out"))
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["export_fbx", "export_gltf"])
def test_a_hidden_dancer(scene, dancer, tmp_path, name):
    dancer.hide_set(True)
    bpy.context.view_layer.objects.active = None
    with pytest.raises(RuntimeError, match="is hidden; show it"):
        getattr(bpy.ops.audio2pose, name)(filepath=str(tmp_path / "a.out"))


def test_the_range_of_a_dance(dancer):
    assert sampling.frame_range(dancer) == (10, 69)
