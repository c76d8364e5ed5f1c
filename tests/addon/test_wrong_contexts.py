"""Beats and export where they cannot work, and at odd frame rates: told, and nothing changed."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from test_exports import FPS, swing
from test_sound import RATE, write_wav

from audio2pose_core.audio.demo_song import write_demo_song
from audio2pose_core.formats import bvh
from blender_addon import compat
from blender_addon.figure import mannequin
from blender_addon.keys import writer as key_writer

pytestmark = pytest.mark.blender


@pytest.fixture
def scene(registered):
    scene = registered
    scene.render.fps, scene.render.fps_base = FPS, 1.0
    return scene


def dance(scene, name="Dancer"):
    armature = mannequin.create_dancer(name, scene.collection)
    fps = scene.render.fps / scene.render.fps_base
    key_writer.write_motion(armature, swing(), frame_start=10, scene_fps=fps, action_name="Dance")
    scene.audio2pose.target = armature
    bpy.context.view_layer.objects.active = armature
    return armature


def everything(scene) -> object:
    return (
        sorted((a.name, len(a.pose_markers)) for a in bpy.data.actions),
        sorted((m.name, m.frame) for m in scene.timeline_markers),
        scene.audio2pose.beats.record,
        (scene.frame_start, scene.frame_end, scene.frame_current),
        [(o.name, o.animation_data and o.animation_data.action) for o in bpy.data.objects],
    )


def refused(scene, call, pattern: str) -> None:
    before = everything(scene)
    with pytest.raises(RuntimeError, match=pattern) as caught:
        call()
    assert str(caught.value).strip().count("\n") == 0
    assert everything(scene) == before


@pytest.mark.parametrize("name", ["analyse", "bake", "export_bvh", "export_fbx", "export_gltf"])
def test_an_empty_scene(scene, name):
    refused(scene, getattr(bpy.ops.audio2pose, name), "poll")


def test_analyse_a_song_too_short_and_a_strip_of_no_sound(scene, tmp_path):
    strip = compat.add_sound(scene, str(write_wav(tmp_path / "a.wav", np.zeros(RATE // 4))), "a", 5)
    refused(scene, bpy.ops.audio2pose.analyse, "at least 1 s")
    strip.sound_offset = 10.0
    refused(scene, bpy.ops.audio2pose.analyse, "Nothing of strip 'a' is heard")
    scene.audio2pose.source = "FILE"
    refused(scene, bpy.ops.audio2pose.analyse, "choose a song file")
    scene.audio2pose.file = str(tmp_path / "gone.wav")
    refused(scene, bpy.ops.audio2pose.analyse, "Song not found")


@pytest.mark.parametrize("fps", [1, 240])
def test_beats_at_one_frame_a_second_and_at_240(scene, tmp_path, fps):
    """At 1 fps two beats share a frame, and none is lost."""
    scene.render.fps = fps
    write_demo_song(tmp_path / "song.wav", seconds=8.0, bpm=120.0)
    bpy.ops.audio2pose.add_song(filepath=str(tmp_path / "song.wav"))
    assert bpy.ops.audio2pose.analyse() == {"FINISHED"}
    count, tempo = scene.audio2pose.beats.count, scene.audio2pose.beats.tempo_bpm
    assert count == pytest.approx(16, abs=1)
    assert bpy.ops.audio2pose.shift_bars(count=1) == {"FINISHED"}
    assert bpy.ops.audio2pose.shift_bars(count=-1) == {"FINISHED"}
    assert (scene.audio2pose.beats.count, scene.audio2pose.beats.tempo_bpm) == (count, tempo)
    assert bpy.ops.audio2pose.double_beats() == {"FINISHED"}
    assert scene.audio2pose.beats.count == 2 * count - 1


@pytest.mark.parametrize("fps", [1, 240])
def test_out_at_one_frame_a_second_and_at_240(scene, tmp_path, fps):
    scene.render.fps = fps
    dance(scene)
    assert bpy.ops.audio2pose.export_bvh(filepath=str(tmp_path / "a.bvh")) == {"FINISHED"}
    read = bvh.load_bvh(tmp_path / "a.bvh")
    assert read.fps == pytest.approx(fps, rel=1e-3)
    assert len(read) == pytest.approx(2 * fps, abs=1)
    assert bpy.ops.audio2pose.bake(rate="30") == {"FINISHED"}


def test_bake_in_edit_mode_without_bones_and_without_a_dance(scene):
    armature = dance(scene)
    bpy.ops.object.mode_set(mode="EDIT")
    refused(scene, bpy.ops.audio2pose.bake, "Edit Mode")
    bpy.ops.object.mode_set(mode="OBJECT")
    armature.animation_data_clear()
    refused(scene, bpy.ops.audio2pose.bake, "does not dance yet")
    empty = bpy.data.objects.new("Empty", bpy.data.armatures.new("Empty"))
    scene.collection.objects.link(empty)
    scene.audio2pose.target = empty
    bpy.context.view_layer.objects.active = empty
    refused(scene, bpy.ops.audio2pose.bake, "has no bones")


def test_bake_on_a_linked_dancer(scene, tmp_path):
    dance(scene)
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    with bpy.data.libraries.load(path, link=True) as (_, to):
        to.objects = ["Dancer"]
    (armature,) = to.objects
    scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    refused(scene, bpy.ops.audio2pose.bake, "linked from another file")


def test_beats_on_a_linked_dancer_come_to_the_timeline(scene, tmp_path):
    """Its action cannot be marked."""
    dance(scene)
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    with bpy.data.libraries.load(path, link=True) as (_, to):
        to.objects = ["Dancer"]
    scene.collection.objects.link(to.objects[0])
    scene.audio2pose.target = to.objects[0]
    write_demo_song(tmp_path / "song.wav", seconds=5.0, bpm=120.0)
    bpy.ops.audio2pose.add_song(filepath=str(tmp_path / "song.wav"))
    assert bpy.ops.audio2pose.analyse() == {"FINISHED"}
    beats = [m for m in scene.timeline_markers if not m.name.startswith(("Section", "Event"))]
    assert len(beats) == scene.audio2pose.beats.count > 5


def test_add_song_twice_lays_the_second_on_a_free_channel(scene, tmp_path):
    write_demo_song(tmp_path / "song.wav", seconds=2.0, bpm=120.0)
    for _ in range(2):
        assert bpy.ops.audio2pose.add_song(filepath=str(tmp_path / "song.wav")) == {"FINISHED"}
    assert len({strip.channel for strip in compat.strips(scene)}) == 2
