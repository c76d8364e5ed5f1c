"""Dials as curves, front, path and held poses: from the scene's settings to the dance."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

# The reader of other programs' kind is the library's tests'.
sys.path.append(str(Path(__file__).parents[1] / "core"))
from gltf_reader import Glb

from audio2pose_core.audio.demo_song import write_demo_song
from audio2pose_core.choreography import direction as core_direction
from audio2pose_core.errors import DataError
from audio2pose_core.generate import stage
from audio2pose_core.metrics.facing import heading
from audio2pose_core.metrics.motion_beats import mean_joint_speed
from audio2pose_core.motion import HAND_SHAPES, Motion
from blender_addon import compat
from blender_addon.generate import direction, scene_params
from blender_addon.keys import scene_curves
from blender_addon.rig import floor, own_armature
from blender_addon.settings.choreography import PATH
from blender_addon.song import beats, source as song_source
from blender_addon.takes import metadata as take_metadata, store as take_store
from blender_addon.ui import floor_shapes

pytestmark = pytest.mark.blender
ENERGY = direction.ENERGY_PATH
FPS = 24.0
SECONDS = 16.0


@pytest.fixture(scope="module")
def song_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("songs") / "song.wav"
    write_demo_song(path, seconds=SECONDS, bpm=120.0)
    return path


@pytest.fixture
def scene(registered, song_file):
    """A scene of 24 fps with a song of sixteen seconds from frame 1 on."""
    registered.render.fps, registered.render.fps_base = 24, 1.0
    bpy.ops.audio2pose.add_song(filepath=str(song_file))
    registered.audio2pose.style = "salsa"
    return registered


@pytest.fixture
def chosen(scene):
    return scene.audio2pose.choreography


def asked(scene, armature=None):
    song = song_source.danced(bpy.context)
    return direction.of_scene(bpy.context, song, armature, beats.for_song(scene, song))


def key(scene, path, frames, values, how="LINEAR"):
    scene_curves.write(scene, path, "Choreography", frames, values, how)


def danced(scene) -> Motion:
    take = take_store.current(scene.audio2pose.target)
    return take_metadata.read_motion(take.action)


def camera_at(scene, *place):
    thing = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(thing)
    thing.location = place
    bpy.context.view_layer.update()
    return thing


def circle(scene, radius=1.2):
    """A curve from the origin round and back again, to the dancer's left first."""
    data = bpy.data.curves.new("Round", "CURVE")
    data.dimensions = "3D"
    spline = data.splines.new("POLY")
    spline.points.add(31)
    spline.use_cyclic_u = True
    for i, point in enumerate(spline.points):
        turn = 2 * math.pi * i / 32
        point.co = (radius * math.sin(turn), radius * (math.cos(turn) - 1), 0.0, 1.0)
    thing = bpy.data.objects.new("Round", data)
    scene.collection.objects.link(thing)
    bpy.context.view_layer.objects.active = thing
    thing.select_set(True)
    bpy.context.view_layer.update()
    return thing


# --- dials ---


def test_nothing_is_asked_until_it_is_switched_on(scene, chosen):
    assert asked(scene) == direction.core_direction.Direction()
    chosen.use_legs, chosen.legs = True, 0.3
    dials = asked(scene).dials
    assert len(dials.legs) > 20 and dials.legs == pytest.approx([0.3] * len(dials.legs))
    assert dials.arms == () and dials.energy == ()


def test_a_keyed_dial_is_read_on_beats_and_keys(scene, chosen):
    chosen.use_arms = True
    key(scene, f"{PATH}.arms", [1, 97, 193], [0.2, 1.2, 0.2])
    dials = asked(scene).dials
    at = np.array([0.0, 2.0, 4.0, 6.0, 10.0])
    assert dials.curve("arms", at) == pytest.approx([0.2, 0.7, 1.2, 0.7, 0.2], abs=0.01)
    # A switch that is keyed opens the dial; a constant key is a step.
    key(scene, f"{PATH}.use_arms", [1, 145], [1.0, 0.0], "CONSTANT")
    curve = asked(scene).dials.curve("arms", np.array([5.9, 6.1, 12.0]))
    assert np.isfinite(curve[0]) and np.isnan(curve[1:]).all()


def test_a_driven_dial_is_refused(scene, chosen):
    chosen.use_legs = True
    scene.driver_add(f"{PATH}.legs").driver.expression = "0.5"
    with pytest.raises(RuntimeError, match="driver sets 'legs'"):
        bpy.ops.audio2pose.generate()


def test_calmer_in_the_preview_range_and_from_the_playhead_on(scene):
    bpy.ops.audio2pose.analyse()
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = 100, 200
    assert bpy.ops.audio2pose.change_energy(amount=-1.0) == {"FINISHED"}
    frames = [60, 110, 150, 190, 240]
    assert scene_curves.values(scene, ENERGY, frames) == pytest.approx([0, -1, -1, -1, 0])
    assert bpy.ops.audio2pose.change_energy(amount=-1.0) == {"FINISHED"}
    assert scene_curves.values(scene, ENERGY, frames) == pytest.approx([0, -2, -2, -2, 0])
    scene.use_preview_range = False
    clock = beats.clock_now(bpy.context)
    store = beats.read(scene.audio2pose)
    bars = clock.frames(store.beats.times[store.beats.downbeats])
    scene.frame_current = int(bars[5]) + 9  # inside bar 6
    assert bpy.ops.audio2pose.change_energy(amount=1.0) == {"FINISHED"}
    at = [bars[5] - 12, bars[5] + 12, 380]
    assert scene_curves.values(scene, ENERGY, at) == pytest.approx([0, 1, 1], abs=0.01)
    scene.audio2pose.section_index = 0
    assert bpy.ops.audio2pose.change_energy(where="SECTION") == {"FINISHED"}


def test_without_a_preview_range_or_beats_it_says_so(scene):
    with pytest.raises(RuntimeError, match="No preview range"):
        bpy.ops.audio2pose.change_energy(where="PREVIEW")
    with pytest.raises(RuntimeError, match="Analyse first"):
        bpy.ops.audio2pose.change_energy(where="SECTION")
    scene.frame_current = 50
    assert bpy.ops.audio2pose.change_energy(where="PLAYHEAD") == {"FINISHED"}
    assert scene_curves.values(scene, ENERGY, [30, 70]) == pytest.approx([0, -1])


def test_frames_that_are_keyed_calmer_are_danced_calmer(scene):
    scene.audio2pose.seed = 3  # another seed is another dance
    assert not scene.audio2pose.randomise_seed
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    plain = danced(scene)
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = 150, 280
    bpy.ops.audio2pose.change_energy(amount=-2.0)
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    calm = danced(scene)
    inside, before = slice(205, 335), slice(40, 150)
    before_it, after = (mean_joint_speed(one) for one in (plain, calm))
    assert after[inside].mean() < 0.85 * before_it[inside].mean()
    assert after[before].mean() > 0.85 * before_it[before].mean()
    told = scene.audio2pose.result.told
    assert "energy asked -" in told and "elsewhere" in told
    record = take_metadata.read(take_store.current(scene.audio2pose.target).action)
    assert record.params.energy == 0.0 and record.params.direction["dials"]["energy"]


def test_from_the_song_fills_the_dials_and_reset_frees_them(scene, chosen):
    key(scene, ENERGY, [1, 50], [0.0, 1.0])
    assert bpy.ops.audio2pose.dials_from_song() == {"FINISHED"}
    assert chosen.use_legs and chosen.use_literal
    frames = scene_curves.key_frames(scene, f"{PATH}.legs")
    assert len(frames) >= 8 and frames[0] == pytest.approx(1, abs=4) and frames[-1] < 16 * 24
    values = scene_curves.values(scene, f"{PATH}.legs", frames)
    assert (values > 0.05).all() and (values < 2).all()
    assert bpy.ops.audio2pose.reset_dials() == {"FINISHED"}
    assert not chosen.use_legs and scene_curves.curve_of(scene, f"{PATH}.legs") is None
    assert scene_curves.curve_of(scene, ENERGY) is None and scene.audio2pose.energy == 0
    assert asked(scene) == direction.core_direction.Direction()


def test_the_report_says_what_a_dial_did(scene, chosen):
    chosen.use_legs, chosen.legs = True, 0.4
    chosen.path = "PLACE"
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    lines = scene.audio2pose.result.told.splitlines()
    assert any(line.startswith("legs asked 0.40, danced 0.") for line in lines)
    assert any(line.startswith("path: half of the time within") for line in lines)
    settled = danced(scene).root[:, [0, 2]]
    assert np.linalg.norm(settled - settled.mean(axis=0), axis=1).max() < 0.9


# --- hands ---


def test_hands_are_asked_for_key_by_key(scene, chosen, tmp_path):
    assert asked(scene).hands == ()
    chosen.hands, chosen.hands_when = "FIST", "ACCENTS"
    (whole,) = asked(scene).hands
    assert (whole.shape, whole.when, whole.start) == ("fist", "accents", 0.0)
    chosen.hands_when = "ALWAYS"
    for frame, shape in ((1, "AUTO"), (49, "OPEN"), (145, "POINT"), (241, "AUTO")):
        chosen.hands = shape
        scene.keyframe_insert(f"{PATH}.hands", frame=frame)
    spans = asked(scene).hands
    assert [(s.start, s.end, s.shape) for s in spans] == [(2.0, 6.0, "open"), (6.0, 10.0, "point")]
    bpy.ops.audio2pose.generate()
    hands = danced(scene).hands
    assert hands[4 * 30, :, HAND_SHAPES.index("open")].min() > 0.98
    assert hands[8 * 30, :, HAND_SHAPES.index("point")].min() > 0.98
    assert hands[12 * 30].max() < 0.02
    # The dancer has no fingers; a file for models that have some tells what theirs do.
    assert bpy.ops.audio2pose.export_vrma(filepath=str(tmp_path / "a.vrma")) == {"FINISHED"}
    file = Glb.read(tmp_path / "a.vrma")
    humans = file.document["extensions"]["VRMC_vrm_animation"]["humanoid"]["humanBones"]
    times, tracks = file.tracks()

    def turned(bone: str, second: float) -> float:
        """Degrees that a finger's bone is turned from straight."""
        w = tracks[humans[bone]["node"], "rotation"][np.argmin(np.abs(times - second)), 3]
        return float(np.rad2deg(2 * np.arccos(min(1.0, abs(w)))))

    assert turned("leftRingIntermediate", 4.0) < 10 < 80 < turned("leftRingIntermediate", 8.0)
    assert turned("leftIndexIntermediate", 8.0) < 10
    assert bpy.ops.audio2pose.reset_dials() == {"FINISHED"}
    assert chosen.hands == "AUTO" and asked(scene).hands == ()


# --- held poses ---


def test_a_pose_is_held_where_it_is_keyed(scene, chosen):
    bpy.ops.audio2pose.analyse()
    scene.frame_current = 145
    assert bpy.ops.audio2pose.hold_pose() == {"FINISHED"}
    (held,) = asked(scene).holds
    assert held.time == pytest.approx(6.0) and held.seconds == pytest.approx(1.0, abs=0.05)
    scene.frame_current = 241
    bpy.ops.audio2pose.hold_pose(beats=1.0)
    assert [round(h.time, 2) for h in asked(scene).holds] == [6.0, 10.0]
    bpy.ops.audio2pose.generate()
    speed = mean_joint_speed(danced(scene))
    assert speed[185:205].mean() < 0.15 * speed[60:160].mean()
    chosen.hold_breaks = False
    assert asked(scene).hold_breaks is False


def test_how_often_it_jumps_and_turns_goes_along(scene, chosen):
    assert asked(scene).jumps == asked(scene).turns == 1.0
    chosen.jumps, chosen.turns = 0.0, 2.0
    assert asked(scene).jumps == 0.0 and asked(scene).turns == 2.0


# --- front ---


def test_the_selected_camera_is_faced_with_one_click(scene, chosen):
    thing = camera_at(scene, 5.0, 0.0, 1.5)
    bpy.context.view_layer.objects.active = thing
    thing.select_set(True)
    chosen.front = "CAMERA"
    assert chosen.front_camera == thing
    chosen.path = "PLACE"
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    # The dancer looks along -Y; a camera at +X is to its left, 90 degrees.
    off = np.rad2deg(np.angle(np.exp(1j * (heading(danced(scene)) - np.pi / 2))))
    assert np.median(np.abs(off)) < 45


def test_a_moving_camera_is_a_track(scene, chosen):
    thing = camera_at(scene, 5.0, 0.0, 1.5)
    scene.camera = thing
    chosen.front = "CAMERA"
    assert asked(scene).front.kind == "point"
    assert asked(scene).front.point == pytest.approx((5.0, 0.0), abs=1e-4)
    _, bag = compat.new_action(thing, "Pan")
    curve = compat.new_fcurve(bag, "location", 0, "Location")
    for frame, x in ((1, 5.0), (241, -5.0)):
        curve.keyframe_points.insert(frame, x).interpolation = "LINEAR"
    curve.update()
    front = asked(scene).front
    xs = np.interp([0.0, 5.0, 10.0], front.times, np.transpose(front.points)[0])
    assert front.kind == "track" and xs == pytest.approx([5.0, 0.0, -5.0], abs=0.1)
    # The same through a parent, which is not simply keyed.
    child = camera_at(scene, 0.0, 0.0, 0.0)
    child.parent = thing
    chosen.front_camera = child
    scene.frame_current = 77
    through = asked(scene).front
    xs = np.interp([0.0, 5.0, 10.0], through.times, np.transpose(through.points)[0])
    assert xs == pytest.approx([5.0, 0.0, -5.0], abs=0.1) and scene.frame_current == 77


def test_a_keyed_front_faces_one_and_then_another(scene, chosen):
    """The audience, from frame 97 on a camera, from 193 on nobody: key by key, and brought back."""
    chosen.front_camera = camera_at(scene, 5.0, 0.0, 1.5)
    path = "audio2pose.choreography.front"
    items = list(chosen.bl_rna.properties["front"].enum_items.keys())
    for frame, front in ((1, "AUDIENCE"), (97, "CAMERA"), (193, "FREE")):
        chosen.front = front
        assert scene.keyframe_insert(path, frame=frame)
    scene.frame_set(97)
    assert chosen.front == "CAMERA"
    front = asked(scene).front
    assert front.kind == "track"
    assert [list(span) for span in front.free] == [[8.0, pytest.approx(17.0, abs=0.1)]]
    at = [2.0, 3.9, 4.0, 6.0]
    x, z = (np.interp(at, front.times, axis) for axis in np.transpose(front.points))
    off = np.rad2deg(np.arctan2(x, z))
    assert off == pytest.approx([0.0, 0.0, 90.0, 90.0], abs=1.0)
    assert direction.is_bound(chosen)
    # As JSON of a plan, and by Load Take Settings.
    record = json.loads(json.dumps(asked(scene).record()))
    assert core_direction.parse_direction(record).front.free
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    before = as_set(scene)
    bpy.ops.audio2pose.reset_dials()
    assert scene_curves.curve_of(scene, path) is None
    chosen.front = "FREE"
    assert bpy.ops.audio2pose.take_settings(take="Take 1") == {"FINISHED"}
    assert as_set(scene)[1] == before[1] and items[int(before[1][path][1][0][1])] == "CAMERA"
    assert chosen.front_camera == bpy.data.objects["Camera"]


def test_a_keyed_path_stays_in_place_for_a_while(scene, chosen):
    path = "audio2pose.choreography.path"
    for frame, where in ((1, "STAGE"), (97, "PLACE"), (193, "STAGE")):
        chosen.path = where
        assert scene.keyframe_insert(path, frame=frame)
    made = asked(scene).path
    assert list(made.points) == [] and [list(span) for span in made.stays] == [[4.0, 8.0]]
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    part = danced(scene).root[150:230, [0, 2]]
    assert np.ptp(part, axis=0).max() < 0.8
    chosen.path = "CURVE"
    assert scene.keyframe_insert(path, frame=241)
    with pytest.raises(RuntimeError, match="key its Evaluation Time instead"):
        bpy.ops.audio2pose.generate()
    bpy.ops.audio2pose.reset_dials()
    assert scene_curves.curve_of(scene, path) is None
    assert bpy.ops.audio2pose.take_settings(take="Take 1") == {"FINISHED"}
    assert [list(span) for span in asked(scene).path.stays] == [[4.0, 8.0]]


@pytest.mark.parametrize(
    ("front", "said"), [("CAMERA", "no camera to face"), ("OBJECT", "object to face")]
)
def test_nothing_to_face_is_told(scene, chosen, front, said):
    chosen.front = front
    with pytest.raises(RuntimeError, match=said):
        bpy.ops.audio2pose.generate()


def test_a_turned_and_scaled_dancer_sees_the_scene_from_its_own_place(scene):
    armature = own_armature.create_armature("Dancer")
    armature.location, armature.rotation_euler = (3.0, 1.0, 0.0), (0, 0, math.pi / 2)
    armature.scale = (2.0, 2.0, 2.0)
    bpy.context.view_layer.update()
    # Its front was -Y and is +X now; 4 m before it are two of its own.
    seen = floor.places(scene, armature, [(7.0, 1.0, 0.0), (3.0, 3.0, 0.0)])
    assert seen == pytest.approx(np.array([[0.0, 2.0], [1.0, 0.0]]), abs=1e-5)
    assert floor.places(scene, None, [(1.0, -2.0, 0.5)])[0] == pytest.approx([1.0, 2.0])
    scene.cursor.location = (1.0, 0.0, 0.0)
    assert floor.places(scene, None, [(1.0, -2.0, 0.5)])[0] == pytest.approx([0.0, 2.0])


# --- path ---


def test_the_selected_curve_is_followed(scene, chosen):
    thing = circle(scene)
    chosen.path = "CURVE"
    assert chosen.path_curve == thing
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    assert scene.audio2pose.target.location.length < 1e-6, "a new dancer begins at the cursor"
    root = danced(scene).root[:, [0, 2]]
    # A quarter of the way is at the circle's side, half of it behind... in the dance's own axes.
    at = [round(share * SECONDS * 30) for share in (0.25, 0.5, 0.75)]
    assert root[at] == pytest.approx(np.array([[1.2, 1.2], [0.0, 2.4], [-1.2, 1.2]]), abs=0.15)


def test_evaluation_time_says_when_the_dance_is_where(scene, chosen):
    thing = circle(scene)
    chosen.path = "CURVE"
    thing.data.path_duration = 100
    _, bag = compat.new_action(thing.data, "Way")
    curve = compat.new_fcurve(bag, "eval_time", 0, "")
    for frame, time in ((1, 0.0), (193, 50.0)):
        curve.keyframe_points.insert(frame, time).interpolation = "LINEAR"
    curve.update()
    path = asked(scene).path
    at = np.stack([np.interp([8.0, 15.0], path.times, a) for a in np.transpose(path.points)], 1)
    assert at == pytest.approx(np.array([[0.0, 2.4], [0.0, 2.4]]), abs=0.05)


def test_a_curve_that_is_too_long_or_no_line_is_refused(scene, chosen):
    thing = circle(scene, radius=20.0)
    chosen.path = "CURVE"
    with pytest.raises(RuntimeError, match="m/s"):
        bpy.ops.audio2pose.generate()
    thing.data.splines.clear()
    with pytest.raises(RuntimeError, match="no line"):
        bpy.ops.audio2pose.generate()
    chosen.path_curve = None
    with pytest.raises(RuntimeError, match="Choose the curve"):
        bpy.ops.audio2pose.generate()


# --- keys before there is a dance ---


def keyed_dancer(scene, frames=(145,)):
    """Our dancer with its left arm keyed, and nothing else."""
    armature = own_armature.create_armature("Dancer")
    scene.audio2pose.target = armature
    for frame in frames:
        for name, turn in (("left_shoulder", 1.2), ("left_elbow", -0.6)):
            bone = armature.pose.bones[name]
            bone.rotation_quaternion = (math.cos(turn / 2), math.sin(turn / 2), 0.0, 0.0)
            bone.keyframe_insert("rotation_quaternion", frame=frame)
    return armature


def turns(armature, name, frame):
    curves = {c.array_index: c for c in compat.fcurves_of(armature) if f'"{name}"' in c.data_path}
    return np.array([curves[i].evaluate(frame) for i in range(4)])


@pytest.mark.parametrize("keys", ["REDUCED", "EVERY_FRAME"])
def test_keys_on_an_empty_armature_are_danced_through(scene, keys):
    armature = keyed_dancer(scene)
    was = armature.animation_data.action
    scene.audio2pose.keys = keys
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    assert armature.animation_data.action != was and was.users > 0, "put aside"
    for name, turn in (("left_shoulder", 1.2), ("left_elbow", -0.6)):
        wanted = np.array([math.cos(turn / 2), math.sin(turn / 2), 0.0, 0.0])
        assert abs(turns(armature, name, 145) @ wanted) > 0.9999
        assert abs(turns(armature, name, 60) @ wanted) < 0.999, "danced elsewhere"
    assert "1 keyed pose" in scene.audio2pose.result.told
    action = armature.animation_data.action
    assert {lock.bone for lock in action.audio2pose.locks} == {"left_shoulder", "left_elbow"}
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}, "the second dance is free of them"
    assert "keyed pose" not in scene.audio2pose.result.told


def test_an_animation_is_no_row_of_poses(scene):
    armature = keyed_dancer(scene, frames=range(1, 380, 4))
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    assert "keyed pose" not in scene.audio2pose.result.told
    wanted = np.array([math.cos(0.6), math.sin(0.6), 0.0, 0.0])
    assert min(abs(turns(armature, "left_shoulder", f) @ wanted) for f in range(60, 300)) < 0.99


# --- drawn on the floor ---


def test_what_is_drawn_on_the_floor(scene, chosen):
    def kinds():
        return [(s.kind, s.color) for s in floor_shapes.shapes(bpy.context)]

    assert kinds() == [], "nobody is to dance yet"
    thing = circle(scene)
    chosen.path = "CURVE"
    assert [kind for kind, _ in kinds()] == ["LINE_STRIP"] * 3, "stage, front and curve"
    bpy.ops.audio2pose.analyse()
    found = floor_shapes.shapes(bpy.context)
    beats_, bars = (s.points[::18] for s in found if s.kind == "TRIS")
    assert len(bars) + len(beats_) == scene.audio2pose.beats.count
    center = np.array([0.0, -1.2])
    assert np.linalg.norm(bars[:, :2] - center, axis=1) == pytest.approx(1.2, abs=0.02)
    chosen.front = "FREE"
    assert floor_shapes.FRONT not in [color for _, color in kinds()]
    chosen.front, chosen.front_object = "OBJECT", thing
    thing.location.x = -50.0
    bpy.context.view_layer.update()
    (arrow,) = (s for s in floor_shapes.shapes(bpy.context) if s.color == floor_shapes.FRONT)
    assert arrow.points[:, 0].max() < -0.7 * stage.RADIUS, "towards the object"
    chosen.overlay = False
    assert kinds() == []


def test_the_way_of_the_take_is_drawn_where_it_goes(scene, chosen):
    chosen.path = "PLACE"
    bpy.ops.audio2pose.generate()
    armature = scene.audio2pose.target
    armature.location = (4.0, 0.0, 0.0)
    bpy.context.view_layer.update()
    found = floor_shapes.shapes(bpy.context)
    ring = next(s for s in found if s.color == floor_shapes.STAGE).points
    assert ring[:, :2].mean(axis=0) == pytest.approx([4.0, 0.0], abs=0.05)
    way = next(s for s in found if s.color == floor_shapes.PATH).points
    root = danced(scene).root
    assert way[0, :2] == pytest.approx([4.0 + root[0, 0], -root[0, 2]], abs=0.1)
    count = sum(len(s.points) for s in found if s.kind == "TRIS")
    assert count == 18 * scene.audio2pose.result.beats


def test_a_region_is_danced_again_by_the_dials_of_now(scene, chosen):
    """Front and path are those of the dance around it, even where they could not be obeyed."""
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    chosen.front = "CAMERA"  # and there is none
    key(scene, ENERGY, [1, 2], [-2.0, -2.0])
    scene.audio2pose_edit.use_bars = True
    scene.audio2pose_edit.first_bar, scene.audio2pose_edit.last_bar = 3, 5
    assert bpy.ops.audio2pose.regenerate() == {"FINISHED"}
    take = take_store.current(scene.audio2pose.target)
    params = take_metadata.read(take.action).params
    assert set(params.direction["dials"]["energy"]) == {-2.0} and params.energy == 0.0
    assert params.direction["front"] is None


def as_set(scene) -> tuple:
    """Dials, front and path as a person sees them: values, objects and every key."""
    settings = scene.audio2pose.choreography
    names = [p.identifier for p in settings.bl_rna.properties if p.identifier != "rna_type"]
    curves = {
        c.data_path: [
            (tuple(k.co), tuple(k.handle_left), tuple(k.handle_right), k.interpolation)
            for k in c.keyframe_points
        ]
        for c in compat.fcurves_of(scene)
    }
    return {name: getattr(settings, name) for name in names}, curves


def test_load_take_settings_brings_keyed_dials_back(scene, chosen):
    """Curves with their handles, front and path with their objects: the same dance again."""
    camera = bpy.data.objects.new("Watcher", bpy.data.cameras.new("Watcher"))
    scene.collection.objects.link(camera)
    chosen.front, chosen.front_camera = "CAMERA", camera
    chosen.path, chosen.hold_breaks = "PLACE", False
    chosen.use_legs = True
    key(scene, "audio2pose.choreography.legs", [1, 40, 90], [0.3, 1.2, 0.6])
    key(scene, ENERGY, [1, 60], [-1.0, 1.5])
    for curve in compat.fcurves_of(scene):
        point = curve.keyframe_points[0]
        point.interpolation, point.handle_right_type = "BEZIER", "FREE"
        point.handle_right = (20.0, 5.0)
        curve.update()
    chosen.hands_when = "HOLDS"
    key(scene, f"{PATH}.hands", [1, 30], [2, 3], "CONSTANT")
    scene.frame_set(40)
    assert chosen.hands == "FIST"
    asked = as_set(scene)
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    first = take_metadata.read(take_store.current(scene.audio2pose.target).action).params

    bpy.ops.audio2pose.reset_dials()
    chosen.front, chosen.path, chosen.hold_breaks = "FREE", "STAGE", True
    chosen.use_arms = True
    key(scene, "audio2pose.choreography.arms", [5, 9], [0.1, 2.0])
    # A new dancer goes back to the song's first frame, where keyed values are others.
    scene.frame_set(40)
    assert as_set(scene) != asked
    assert bpy.ops.audio2pose.take_settings(take="Take 1") == {"FINISHED"}
    assert as_set(scene) == asked
    scene.frame_set(40)
    assert as_set(scene) == asked
    again = scene_params.of_scene(scene)
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    second = take_metadata.read(take_store.current(scene.audio2pose.target).action).params
    assert second.direction == first.direction and again.seed == first.seed


def test_load_take_settings_says_which_object_is_gone(scene, chosen):
    thing = bpy.data.objects.new("Statue", None)
    scene.collection.objects.link(thing)
    chosen.front, chosen.front_object = "OBJECT", thing
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    take = take_metadata.read(take_store.current(scene.audio2pose.target).action)
    bpy.data.objects.remove(thing)
    assert "Statue" in scene_params.restore(bpy.context, take)
    broken = dataclasses.replace(take, params=dataclasses.replace(take.params, dials={}))
    chosen.front = "FREE"
    with pytest.raises(DataError, match="dials"):
        scene_params.restore(bpy.context, broken)
    assert chosen.front == "FREE"


def test_a_take_from_before_dials_were_kept_says_what_does_not_come_back(scene, chosen):
    chosen.front = "FREE"
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    free = take_metadata.read(take_store.current(scene.audio2pose.target).action)
    old = dataclasses.replace(free, params=dataclasses.replace(free.params, dials=None))
    assert "not brought back" in scene_params.restore(bpy.context, old)
