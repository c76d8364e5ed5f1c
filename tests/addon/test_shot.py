"""Add Stage, Add Dance Camera, Preview Render: in a scene of one's own, with few keys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

av = pytest.importorskip("av")
bpy = pytest.importorskip("bpy")

from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector
from test_camera import fast_dance
from test_sound import write_wav

import blender_addon
from blender_addon import compat
from blender_addon.edit import user_edits
from blender_addon.figure import mannequin
from blender_addon.jobs.params import GenerationParams
from blender_addon.keys import writer as key_writer
from blender_addon.stage import dance_camera, dance_stage
from blender_addon.takes import metadata as take_metadata, store as take_store

pytestmark = pytest.mark.blender

SECONDS, FPS, FIRST = 12.0, 24.0, 11
BEATS = np.arange(0.0, SECONDS, 0.5)
SIZES = {"WIDE": (1920, 1080), "TALL": (1080, 1920), "SQUARE": (1080, 1080)}


def dancer_in(scene: Any, name: str = "Dancer", x: float = 0.0) -> Any:
    """A mannequin with a take of a fast dance."""
    armature = mannequin.create_dancer(name, scene.collection)
    armature.location.x = x
    motion = fast_dance(SECONDS)
    action = key_writer.write_motion(
        armature, motion, frame_start=FIRST, scene_fps=FPS, action_name=f"Dance {name}"
    )
    texts = ("style", "song", "song_key", "model", "model_sha256", "date")
    take_metadata.write(
        action,
        take_metadata.TakeMetadata(
            GenerationParams(),
            **dict.fromkeys(texts, ""),
            frame_start=float(FIRST),
            song_second=0.0,
            song_seconds=SECONDS,
            seconds=SECONDS,
            fps=FPS,
            tempo_bpm=120.0,
            beats=BEATS.tolist(),
            downbeats=[k % 4 == 0 for k in range(len(BEATS))],
        ),
    )
    take_metadata.write_motion(action, motion)
    user_edits.write_baseline(action)
    take_store.add(armature, action)
    return armature


@pytest.fixture
def scene():
    """Somebody's scene: a cube, a camera with a marker, a dancer from frame 11 on."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    blender_addon.register()
    made = bpy.context.scene
    made.render.fps = round(FPS)
    made.collection.objects.link(bpy.data.objects.new("Cube", bpy.data.meshes.new("Cube")))
    made.timeline_markers.new("mine", frame=20)
    bpy.context.view_layer.objects.active = dancer_in(made)
    bpy.context.view_layer.update()
    yield made
    blender_addon.unregister()


def body_in_picture(scene: Any, armatures: list[Any], every: int = 5) -> list[float]:
    """How far out the outermost point of any body is in each frame: 1 is the picture's edge."""
    out = []
    for frame in range(FIRST, FIRST + round(SECONDS * FPS), every):
        scene.frame_set(frame)
        camera = camera_at(scene, frame)
        worst = 0.0
        for armature in armatures:
            drawn = armature.children[0].evaluated_get(bpy.context.evaluated_depsgraph_get())
            mesh = drawn.to_mesh()
            for vertex in list(mesh.vertices)[::25]:
                spot = world_to_camera_view(scene, camera, drawn.matrix_world @ vertex.co)
                assert spot.z > 0.1
                worst = max(worst, abs(2 * spot.x - 1), abs(2 * spot.y - 1))
            drawn.to_mesh_clear()
        out.append(worst)
    return out


def camera_at(scene: Any, frame: int) -> Any:
    """What Blender films with: the last marker with a camera, else the scene's own."""
    bound = [m for m in scene.timeline_markers if m.camera is not None and m.frame <= frame]
    return max(bound, key=lambda m: m.frame).camera if bound else scene.camera


def keys_of(collection: str) -> int:
    objects = bpy.data.collections[collection].objects
    return sum(len(c.keyframe_points) for o in objects for c in compat.fcurves_of(o))


@pytest.mark.parametrize("picture", SIZES)
@pytest.mark.parametrize(
    ("kind", "most_keys"), [("STATIC", 0), ("ORBIT", 2), ("FOLLOW", 90), ("CUTS", 90)]
)
def test_the_camera_has_few_keys_and_everybody_whole_in_the_picture(
    scene, kind, most_keys, picture
):
    shot = scene.audio2pose_shot
    shot.camera, shot.format, shot.every = kind, picture, 1
    assert bpy.ops.audio2pose.add_dance_camera() == {"FINISHED"}
    assert (scene.render.resolution_x, scene.render.resolution_y) == SIZES[picture]
    assert keys_of(dance_camera.COLLECTION) <= most_keys
    filled = body_in_picture(scene, [bpy.data.objects["Dancer"]])
    assert max(filled) < 1.0 and max(filled) > 0.6


def test_cuts_come_on_bars_and_are_markers_that_can_be_moved(scene):
    shot = scene.audio2pose_shot
    shot.camera, shot.every = "CUTS", 2
    bpy.ops.audio2pose.add_dance_camera()
    bound = [m for m in scene.timeline_markers if m.camera is not None]
    # Every second bar of 2 s, from the dance's first frame on.
    assert sorted(m.frame for m in bound) == [11, 107, 203]
    assert len({m.camera.name for m in bound}) == 3
    assert scene.timeline_markers.get("mine") is not None
    shot.camera = "STATIC"
    bpy.ops.audio2pose.add_dance_camera()
    # In place of the one before: nothing of it is left.
    assert [m.name for m in scene.timeline_markers] == ["mine"]
    assert [o.name for o in bpy.data.objects if o.type == "CAMERA"] == ["Dance Camera"]


def test_sections_begin_with_a_cut_of_their_own():
    class Seen:
        first, last, fps, frames = 1, 961, 8.0, np.arange(1, 962, 3)

    bars = np.arange(0.0, 40.0, 2.0)
    starts = dance_camera.cut_starts(bars, np.array([0.0, 14.0]), 4, Seen())
    assert ((starts - 1) / 24.0).tolist() == [0.0, 8.0, 14.0, 22.0, 30.0, 38.0]


def test_a_marker_of_the_users_that_switches_cameras_is_told(scene):
    data = bpy.data.cameras.new("Mine")
    camera = bpy.data.objects.new("Mine", data)
    scene.collection.objects.link(camera)
    scene.timeline_markers["mine"].camera = camera
    assert dance_camera.others(scene) == ["mine"]
    bpy.ops.audio2pose.add_dance_camera()
    assert dance_camera.others(scene) == ["mine"] and scene.camera != camera
    assert bpy.data.objects.get("Mine") is not None


@pytest.mark.parametrize("kind", dance_stage.KINDS)
def test_a_stage_comes_in_a_collection_of_its_own_and_is_replaced(scene, kind):
    world = scene.world = bpy.data.worlds.new("Mine")
    before = {thing.name for thing in scene.objects}
    scene.audio2pose_shot.stage = kind
    assert bpy.ops.audio2pose.add_stage() == {"FINISHED"}
    added = {thing.name for thing in scene.objects} - before
    assert added == {o.name for o in bpy.data.collections[dance_stage.COLLECTION].objects}
    lamps = [bpy.data.objects[name] for name in added if bpy.data.objects[name].type == "LIGHT"]
    assert lamps
    keyed = [lamp for lamp in lamps if compat.fcurves_of(lamp.data)]
    assert bool(keyed) == (kind != "STUDIO")
    assert bpy.ops.audio2pose.add_stage() == {"FINISHED"}
    assert len({thing.name for thing in scene.objects} - before) == len(added)
    scene.audio2pose_shot.stage = "LIGHTS"
    bpy.ops.audio2pose.add_stage()
    assert scene.world == world


def test_lights_answer_the_music_on_the_scenes_frames(scene, tmp_path):
    rate = 22050
    t = np.arange(round(SECONDS * rate)) / rate
    tone = 0.5 * np.sin(2 * np.pi * 110 * t) * (t > SECONDS / 2)
    song = write_wav(tmp_path / "late.wav", tone, rate)
    strip = compat.add_sound(scene, str(song), "late", FIRST)
    scene.audio2pose.strip = strip.name
    scene.audio2pose_shot.stage = "CLUB"
    assert bpy.ops.audio2pose.add_stage() == {"FINISHED"}
    bars = bpy.data.objects["Club Bars 1"]
    (height,) = compat.fcurves_of(bars)
    quiet = [height.evaluate(FIRST + f) for f in range(10, 130, 10)]
    loud = [height.evaluate(FIRST + f) for f in range(160, 280, 10)]
    assert np.mean(loud) > np.mean(quiet) + 0.3


def test_a_crew_is_whole_in_the_picture(scene):
    others = [dancer_in(scene, f"Dancer {x}", x) for x in (-4.0, 4.0)]
    bpy.context.view_layer.update()
    scene.audio2pose.target = bpy.data.objects["Dancer"]
    scene.audio2pose_shot.camera = "FOLLOW"
    bpy.ops.audio2pose.add_dance_camera()
    filled = body_in_picture(scene, [bpy.data.objects["Dancer"], *others], every=20)
    assert max(filled) < 1.0


def test_without_a_dance_it_is_said_and_nothing_changes(scene):
    bpy.data.objects["Dancer"].animation_data_clear()
    before = sorted(thing.name for thing in bpy.data.objects)
    for operator in (bpy.ops.audio2pose.add_stage, bpy.ops.audio2pose.add_dance_camera):
        with pytest.raises(RuntimeError, match="Generate a dance first"):
            operator()
    assert sorted(thing.name for thing in bpy.data.objects) == before


def test_a_preview_of_two_bars_with_sound_leaves_the_scene_as_it_is(scene, tmp_path):
    rate = 22050
    tone = 0.5 * np.sin(2 * np.pi * 220 * np.arange(round(SECONDS * rate)) / rate)
    compat.add_sound(scene, str(write_wav(tmp_path / "song.wav", tone, rate)), "song", FIRST)
    shot = scene.audio2pose_shot
    shot.format, shot.file = "SQUARE", str(tmp_path / "bars.mp4")
    shot.first_bar, shot.last_bar = 2, 3
    with pytest.raises(RuntimeError, match="no camera"):
        bpy.ops.audio2pose.preview_render()
    bpy.ops.audio2pose.add_dance_camera()
    scene.render.resolution_x = scene.render.resolution_y = 130
    before = settings_of(scene)
    assert bpy.ops.audio2pose.preview_render() == {"FINISHED"}
    assert settings_of(scene) == before and len(bpy.data.scenes) == 1
    with av.open(shot.file) as video:
        # Two bars of 2 s at 24 frames a second, at half the size.
        frames = [frame.to_ndarray(format="gray") for frame in video.decode(video=0)]
    assert len(frames) == 96 and frames[0].shape == (64, 64)
    assert np.ptp(frames[0]) > 20
    with av.open(shot.file) as video:
        heard = np.concatenate([f.to_ndarray()[0] for f in video.decode(audio=0)])
    assert np.sqrt(np.mean(heard**2)) > 0.05


def settings_of(scene: Any) -> list[Any]:
    """What a render could have changed."""
    render = scene.render
    return [
        render.engine,
        render.filepath,
        render.resolution_percentage,
        render.image_settings.file_format,
        scene.frame_start,
        scene.frame_end,
        scene.use_preview_range,
        scene.view_settings.view_transform,
        sorted(thing.name for thing in bpy.data.objects),
    ]


def test_bars_that_are_not_there_are_told(scene):
    bpy.ops.audio2pose.add_dance_camera()
    scene.audio2pose_shot.first_bar = 40
    scene.audio2pose_shot.last_bar = 41
    with pytest.raises(RuntimeError, match="has 6 bars"):
        bpy.ops.audio2pose.preview_render()


def test_a_video_that_cannot_be_written_leaves_no_scene(scene, tmp_path):
    bpy.ops.audio2pose.add_dance_camera()
    scene.audio2pose_shot.file = str(tmp_path / "bars.gif")
    with pytest.raises(RuntimeError, match="mp4"):
        bpy.ops.audio2pose.preview_render()
    assert len(bpy.data.scenes) == 1


def test_the_orbit_looks_at_the_dance_from_all_sides(scene):
    scene.audio2pose_shot.camera = "ORBIT"
    bpy.ops.audio2pose.add_dance_camera()
    camera = scene.camera
    for frame in (FIRST, FIRST + 140, FIRST + 280):
        scene.frame_set(frame)
        ahead = camera.matrix_world.to_3x3() @ Vector((0, 0, -1))
        to_axis = camera.parent.location - camera.matrix_world.translation
        to_axis.z = ahead.z = 0.0
        assert ahead.angle(to_axis) < 0.01


def test_stage_and_camera_are_undone_in_one_step(scene):
    def names() -> list[list[str]]:
        kinds = ("objects", "collections", "worlds", "materials", "cameras", "lights")
        return [sorted(d.name for d in getattr(bpy.data, kind)) for kind in kinds]

    bpy.ops.ed.undo_push(message="before")
    before = names()
    scene.audio2pose_shot.stage = "CLUB"
    bpy.ops.audio2pose.add_stage()
    bpy.ops.ed.undo_push(message="Add Stage")
    bpy.ops.ed.undo()
    assert names() == before
    bpy.context.scene.audio2pose_shot.camera = "CUTS"
    bpy.ops.audio2pose.add_dance_camera()
    bpy.ops.ed.undo_push(message="Add Dance Camera")
    bpy.ops.ed.undo()
    assert names() == before
    assert [m.name for m in bpy.context.scene.timeline_markers] == ["mine"]
