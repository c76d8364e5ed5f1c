"""Ways in: an animation on any armature, or in a file, becomes the beginning of a take."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import foreign_rigs
import quick_jobs
from test_takes import names, scene  # noqa: F401

from audio2pose_core import rotations as rot
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.formats import save_motion
from audio2pose_core.generate import DanceBase
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.retarget import Follow
from audio2pose_core.skeleton import INDEX
from blender_addon import compat
from blender_addon.generate import from_clip
from blender_addon.jobs import worker
from blender_addon.jobs.messages import DanceRequest
from blender_addon.jobs.params import GenerationParams
from blender_addon.keys import writer as key_writer
from blender_addon.rig import own_armature, retarget as rig_retarget
from blender_addon.rig.channel import Curve
from blender_addon.takes import metadata as take_metadata, store as take_store

pytestmark = pytest.mark.blender
WRISTS = [INDEX["left_wrist"], INDEX["right_wrist"]]
EXACT = Follow(plant_feet=False, spare_body=False)


def clip_motion(seconds: float = 5.0) -> Motion:
    """A pulse of 0.6 s: the arms stop and turn back on it, the knees give."""
    motion = rest_motion(round(seconds * 30), 30.0)
    t = np.arange(len(motion)) / 30.0
    swing = np.sin(np.pi * t / 0.6)
    for name, size in (("left_shoulder", 0.7), ("right_shoulder", -0.7), ("spine2", 0.2)):
        turn = np.stack([0 * t, size * swing, 0.4 * size * swing], axis=1)
        motion.rotations[:, INDEX[name]] = rot.from_axis_angle(turn)
    motion.root[:, 0] += 0.1 * swing
    return motion


def dance_on(armature, motion: Motion, start: float = 1.0) -> None:
    """Keys of a motion on any rig, one a frame of the scene."""
    fps = compat.scene_fps(bpy.context.scene)
    frames = key_writer.key_frames(start, motion.seconds, fps)
    channels = rig_retarget.channels(armature, motion, frames, start, fps, EXACT)
    curves = [Curve.of(c, frames, c.values) for c in channels]
    key_writer.write_action(armature, curves, "Clip")


def source(family: str):
    if family == "own":
        return own_armature.create_armature("Source")
    return foreign_rigs.build("Source", foreign_rigs.FAMILIES[family], seed=1)


def take_of(scene, **chosen):  # noqa: F811
    for name, value in chosen.items():
        setattr(scene.audio2pose_clip, name, value)
    assert bpy.ops.audio2pose.from_clip("EXEC_DEFAULT", True) == {"FINISHED"}
    return take_store.current(scene.audio2pose.target)


def danced(armature, seconds: np.ndarray) -> Motion:
    """What its keys show at seconds of the dance."""
    record = take_metadata.read(armature.animation_data.action)
    frames = record.frame_start + seconds * record.fps
    return rig_retarget.read_motion(armature, frames, record.fps, how=EXACT)


@pytest.mark.parametrize("family", ["own", "mixamo", "unreal", "mmd", "rokoko"])
def test_a_clip_on_any_rig_becomes_a_take_that_goes_on(scene, family):  # noqa: F811
    scene.audio2pose.keys = "EVERY_FRAME"
    rig = source(family)
    dance_on(rig, clip_motion())
    take = take_of(scene, source=rig, retime=False)
    target = scene.audio2pose.target
    record = take_metadata.read(take.action)
    assert names(target) == ["Take 1"] and record.made_from == "the clip of Source"
    # The song is 8 s long and the clip 5: it goes on.
    assert record.seconds == pytest.approx(8.0, abs=0.05)
    seconds = np.arange(5, 110) / 24.0
    there, ours = danced(target, seconds), clip_motion().sample(seconds, 24.0)
    mine, theirs = (m.joint_positions()[:, WRISTS] - m.root[:, None] for m in (ours, there))
    assert np.abs(mine - theirs).max() < 0.03
    later = danced(target, np.arange(130, 180) / 24.0).joint_positions()
    assert np.abs(np.diff(later, axis=0)).max() > 1e-3


def test_onto_another_rig_and_its_bars_regenerated(scene):  # noqa: F811
    rig = source("own")
    dance_on(rig, clip_motion())
    target = foreign_rigs.build("Mixamo", foreign_rigs.FAMILIES["mixamo"])
    scene.audio2pose.target = target
    take_of(scene, source=rig, retime=False)
    seconds = np.arange(5, 90) / 24.0
    before = danced(target, seconds).joint_positions()[:, WRISTS]
    wanted = clip_motion().sample(seconds, 24.0).joint_positions()[:, WRISTS]
    assert np.abs(before - wanted).max() < 0.06
    chosen = scene.audio2pose_edit
    chosen.use_bars, chosen.first_bar, chosen.last_bar = True, 2, 2
    assert bpy.ops.audio2pose.regenerate("EXEC_DEFAULT", True, seed=5) == {"FINISHED"}
    assert names(target) == ["Take 1", "Take 2"]
    after = danced(target, seconds).joint_positions()[:, WRISTS]
    # Bar 2 is seconds 2 to 4.
    moved = np.abs(after - before).max(axis=(1, 2))
    assert moved[seconds < 1.9].max() < 0.01 < 0.05 < moved[(seconds > 2.3) & (seconds < 3.7)].max()


def test_the_dancers_own_animation_is_a_clip_too(scene):  # noqa: F811
    target = scene.audio2pose.target
    dance_on(target, clip_motion())
    take_of(scene, source=target, retime=False)
    assert [t.name for t in target.animation_data.nla_tracks] == ["Clip"]
    assert names(target) == ["Take 1"]


def test_on_the_beat_and_varied(scene):  # noqa: F811
    rig = source("own")
    dance_on(rig, clip_motion())
    take_of(scene, source=rig, retime=True, vary=4)
    base = quick_jobs.QuickJob.asked[0].base
    assert base.retime and base.vary == 4
    assert base.motion.fps == 24.0 and base.motion.seconds == pytest.approx(5.0, abs=0.1)


def test_what_is_no_clip(scene):  # noqa: F811
    with pytest.raises(RuntimeError, match="poll"):
        bpy.ops.audio2pose.from_clip("EXEC_DEFAULT", True)
    still = source("own")
    still.animation_data_create()
    scene.audio2pose_clip.source = still
    with pytest.raises(RuntimeError, match="has no animation"):
        bpy.ops.audio2pose.from_clip("EXEC_DEFAULT", True)
    assert names(scene.audio2pose.target) == []


def test_another_floor_and_place_are_not_the_dancers(scene):  # noqa: F811
    rig = source("own")
    high = clip_motion()
    high = Motion(30.0, high.root + (3.0, 0.4, -2.0), high.rotations)
    dance_on(rig, high)
    scene.audio2pose_clip.source = rig
    start = from_clip._at_home(from_clip.read(rig, scene)).root[0]
    assert start == pytest.approx([0.0, 0.93, 0.0], abs=0.02)


# --- files ---


@pytest.mark.parametrize("kind", ["bvh", "fbx", "glb"])
@pytest.mark.parametrize("base", [1.0, 1.001])
def test_a_file_becomes_a_clip(scene, tmp_path, kind, base):  # noqa: F811
    scene.render.fps_base = base
    path = tmp_path / f"clip.{kind}"
    if kind == "fbx":
        rig = source("mixamo")
        dance_on(rig, clip_motion())
        for thing in bpy.context.view_layer.objects:
            thing.select_set(thing == rig)
        scene.render.fps, scene.render.fps_base = 30, 1.0
        scene.frame_end = 120
        bpy.ops.export_scene.fbx(filepath=str(path), use_selection=True, add_leaf_bones=False)
        scene.render.fps, scene.render.fps_base = 24, base
        bpy.data.objects.remove(rig)
    else:
        save_motion(path, clip_motion())
    assert bpy.ops.audio2pose.import_clip(filepath=str(path)) == {"FINISHED"}
    assert (scene.render.fps, scene.render.fps_base) == (24, pytest.approx(base))
    clip = scene.audio2pose_clip.source
    motion = from_clip.read(clip, scene)
    seconds = 4.0 if kind == "fbx" else 5.0
    # The FBX was written at 30 fps from keys made at 24, so it is as much quicker.
    wanted = clip_motion().sample(
        np.arange(80) / compat.scene_fps(scene) * (1.25 / base if kind == "fbx" else 1.0), 24.0
    )
    assert motion.seconds == pytest.approx(seconds, abs=0.1)
    mine, theirs = (m.joint_positions()[:80, WRISTS] - m.root[:80, None] for m in (wanted, motion))
    assert np.abs(mine - theirs).max() < 0.03


def test_files_without_a_clip(scene, tmp_path):  # noqa: F811
    before = len(bpy.data.objects)
    (tmp_path / "a.bvh").write_text("nothing")
    (tmp_path / "a.txt").write_text("nothing")
    for name in ("a.bvh", "a.txt", "none.fbx"):
        with pytest.raises(RuntimeError):
            bpy.ops.audio2pose.import_clip(filepath=str(tmp_path / name))
    assert len(bpy.data.objects) == before


def test_the_worker_dances_on_from_a_clip(tmp_path):
    """The request as it is written, served by the real library."""
    samples, _ = compose(seconds=6.0, bpm=100, sample_rate=22050)
    clip = clip_motion(4.0)
    asked = DanceRequest(
        samples.astype(np.float32),
        22050,
        "song.wav",
        GenerationParams(style="house", seed=1),
        base=DanceBase(clip),
    )
    sent: list[dict] = []
    done = worker.generate(asked.write(tmp_path) | {"folder": str(tmp_path)}, sent.append)
    made = asked.read(done).motion
    assert made.seconds == pytest.approx(6.0, abs=0.05)
    off = made.joint_positions()[:115] - clip.joint_positions()[:115]
    assert np.abs(off).max() < 0.01
