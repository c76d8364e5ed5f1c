"""The camera: the whole dancer in the picture, in every frame, without hurry."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

from audio2pose_core import (
    rotations as rot,
    skeleton,
)
from audio2pose_core.motion import Motion, rest_motion
from blender_addon.render import scene
from blender_addon.stage import camera, cuts

pytestmark = pytest.mark.blender


def fast_dance(seconds: float = 6.0, fps: float = 30.0) -> Motion:
    """Runs several metres to and fro, jumps, turns round and throws the limbs about."""
    t = np.arange(round(seconds * fps)) / fps
    root = np.stack(
        [
            1.6 * np.sin(1.5 * t),
            0.93 + 0.5 * np.maximum(0, np.sin(3.1 * t)),
            1.2 * np.sin(1.9 * t + 1),
        ],
        axis=-1,
    )
    quats = np.zeros((len(t), skeleton.NUM_JOINTS, 4))
    quats[..., 0] = 1.0
    quats[:, 0] = rot.from_yaw(2.0 * t)
    swing = np.stack([0 * t, 0 * t, 1.4 * np.sin(7 * t)], axis=-1)
    for name in ("left_shoulder", "right_shoulder", "left_hip", "right_hip"):
        quats[:, skeleton.INDEX[name]] = rot.from_axis_angle(swing)
    return Motion(fps, root, quats)


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (400, 400)])
def test_the_whole_dancer_is_in_every_picture(size):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    stage = bpy.context.scene
    stage.render.resolution_x, stage.render.resolution_y = size
    stage.render.fps = 30
    motion = fast_dance()
    show = scene.stage_dance(stage, motion, seconds=motion.seconds)
    figure = show.armature.children[0]
    filled = []
    for frame in range(show.frame_start, show.frame_end + 1, 7):
        stage.frame_set(frame)
        drawn = figure.evaluated_get(bpy.context.evaluated_depsgraph_get())
        mesh = drawn.to_mesh()
        # Every 20th vertex of the drawn body, fingertips and soles included.
        seen = np.array(
            [
                world_to_camera_view(stage, stage.camera, drawn.matrix_world @ v.co)
                for v in list(mesh.vertices)[::20]
            ]
        )
        drawn.to_mesh_clear()
        assert (seen[:, :2] > 0).all() and (seen[:, :2] < 1).all(), (
            frame,
            seen.min(0),
            seen.max(0),
        )
        assert (seen[:, 2] > 1.0).all()
        filled.append(np.ptp(seen[:, :2], axis=0).max())
    # ... and is not a dot in the distance.
    assert np.median(filled) > 0.25


SIZE = (640, 360)


def shots_of(kind: str, motion: Motion, size: tuple[int, int] = SIZE) -> list[camera.Shot]:
    points = camera.body_points(motion)
    downbeats = np.arange(0.3, motion.seconds, 2.0)
    return cuts.plan_camera(
        kind,
        points,
        points[:, 0],
        camera.facing(motion),
        motion.fps,
        size,
        camera.BODY,
        downbeats,
    )


@pytest.mark.parametrize("size", [(640, 360), (360, 640)])
@pytest.mark.parametrize("kind", cuts.CAMERAS)
def test_every_joint_and_tip_is_in_every_frame_of_every_camera(kind, size):
    motion = fast_dance(12.0)
    points = camera.body_points(motion)
    shots = shots_of(kind, motion, size)
    assert [shot.first for shot in shots[1:]] == list(np.cumsum([len(s) for s in shots])[:-1])
    assert sum(len(s) for s in shots) == len(motion)
    for shot in shots:
        part = points[shot.first : shot.first + len(shot)]
        seen = camera.seen(part, shot, size)
        assert np.abs(seen[..., :2]).max() < 1.0, shot.view
        assert seen[..., 2].min() > 1.0
        # No camera under the floor, none upside down, none with a dot for a dancer.
        assert shot.positions[:, 2].min() > 0.15
        assert (shot.axes[:, 1, 2] > 0.8).all()
        tall = np.ptp(seen[..., 1], axis=1)
        wide = np.ptp(seen[..., 0], axis=1)
        # One that stands still must see all of a run of several metres.
        least = 0.3 if kind == "front" else 0.5
        assert np.median(np.maximum(tall, wide)) > least, shot.view
        frames = np.einsum("tij,tkj->tik", shot.axes, shot.axes)
        np.testing.assert_allclose(frames, np.eye(3)[None].repeat(len(shot), 0), atol=1e-12)


def test_cuts_land_on_downbeats_and_shots_last():
    downbeats = np.arange(0.45, 60.0, 2.03)
    at = cuts.cut_frames(downbeats, 1800, 30.0)
    assert at[0] == 0 and len(at) > 10
    for frame in at[1:]:
        assert np.abs(downbeats - frame / 30.0).min() <= 0.5 / 30.0 + 1e-9
    assert np.diff([*at, 1800]).min() >= round(1.6 * 30) - 1
    assert np.diff(at).min() >= round(cuts.SHOT_SECONDS * 30) - 1
    # Neighbouring shots are not filmed by the same camera.
    views = [shot.view for shot in shots_of("cuts", fast_dance(30.0))]
    assert all(a != b for a, b in pairwise(views)) and len(set(views)) > 3


def test_orbit_goes_round_and_front_stands_still():
    motion = rest_motion(round(camera.ORBIT_SECONDS * 10), 10.0)
    (orbit,) = shots_of("orbit", motion)
    angle = np.unwrap(np.arctan2(orbit.positions[:, 1], orbit.positions[:, 0]))
    assert np.ptp(angle) == pytest.approx(2 * np.pi, rel=0.02)
    (front,) = shots_of("front", fast_dance())
    assert np.ptp(front.positions, axis=0).max() == 0.0


def test_the_camera_glides():
    motion = fast_dance(10.0)
    (shot,) = shots_of("follow", motion)
    velocity = np.diff(shot.positions, axis=0) * 30
    pelvis = np.diff(motion.root, axis=0) * 30
    assert np.linalg.norm(velocity, axis=1).max() < 0.6 * np.linalg.norm(pelvis, axis=1).max()
    # No jerks: at most half of gravity.
    assert np.linalg.norm(np.diff(velocity, axis=0), axis=1).max() * 30 < 4.9


def test_a_still_dancer_gets_a_still_camera_in_front():
    (shot,) = shots_of("follow", rest_motion(90, 30.0))
    np.testing.assert_allclose(shot.positions, shot.positions[:1].repeat(90, axis=0), atol=1e-9)
    x, y, z = shot.positions[0]
    assert abs(x) < 1e-9 and y < -3 and 0.5 < z < 3


def test_it_stands_in_front_of_a_dancer_that_faces_elsewhere():
    motion = rest_motion(30, 30.0).turned(np.pi / 2)  # faces core's +X, Blender's +X
    assert camera.facing(motion) == pytest.approx(np.pi / 2)
    assert shots_of("follow", motion)[0].positions[0, 0] > 3


def test_blenders_cameras_are_the_planned_ones_and_markers_make_the_cuts():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    stage = bpy.context.scene
    stage.timeline_markers.new("mine", frame=40)
    shots = shots_of("cuts", fast_dance(11.0))
    camera.create_cameras(stage, stage.collection, shots, 5)
    assert len(shots) == 3
    for shot in shots:
        for frame in (0, len(shot) - 1):
            stage.frame_set(5 + shot.first + frame)
            made = stage.camera
            assert made.name == shot.view and made.data.lens == shot.lens
            place = made.matrix_world.translation
            np.testing.assert_allclose(place, shot.positions[frame], atol=1e-5)
            looking = made.matrix_world.to_3x3() @ Vector((0, 0, -1))
            np.testing.assert_allclose(looking, shot.axes[frame, 2], atol=1e-5)
    assert stage.timeline_markers["mine"].camera is None


def test_the_floor_reaches_beyond_every_step():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    motion = fast_dance()
    scene.stage_dance(bpy.context.scene, motion, seconds=motion.seconds)
    floor = bpy.context.scene.objects["Stage"]
    centre = np.array(floor.location)[:2]
    radius = floor.dimensions.x / 2
    points = camera.body_points(motion)[..., :2].reshape(-1, 2)
    assert np.linalg.norm(points - centre, axis=1).max() < radius - 1.0
    assert floor.location.z == 0 and floor.bound_box[1][2] == pytest.approx(0, abs=1e-6)
