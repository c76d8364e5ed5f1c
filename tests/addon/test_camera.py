"""The camera: the whole dancer in the picture, in every frame, without hurry."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from bpy_extras.object_utils import world_to_camera_view  # noqa: E402
from mathutils import Vector  # noqa: E402

from audio2pose_core import rotations as rot  # noqa: E402
from audio2pose_core import skeleton  # noqa: E402
from audio2pose_core.motion import Motion, rest_motion  # noqa: E402
from blender_addon import camera, scene  # noqa: E402

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
    assert np.median(filled) > 0.3


def test_every_joint_is_where_the_plan_says():
    motion = fast_dance(2.0)
    points = camera.body_points(motion)
    slopes = camera.view_slopes(640, 360)
    shot = camera.plan_shot(points, camera.facing(motion), 30.0, slopes)
    seen = (points - shot.positions[:, None]) @ shot.axes.T
    assert (np.abs(seen[..., :2]) < seen[..., 2:] * slopes).all()
    np.testing.assert_allclose(shot.axes @ shot.axes.T, np.eye(3), atol=1e-12)


def test_the_camera_glides():
    motion = fast_dance(10.0)
    shot = camera.plan_shot(
        camera.body_points(motion), camera.facing(motion), 30.0, camera.view_slopes(640, 360)
    )
    velocity = np.diff(shot.positions, axis=0) * 30
    pelvis = np.diff(motion.root, axis=0) * 30
    assert np.linalg.norm(velocity, axis=1).max() < 0.6 * np.linalg.norm(pelvis, axis=1).max()
    # No jerks: at most half of gravity.
    assert np.linalg.norm(np.diff(velocity, axis=0), axis=1).max() * 30 < 4.9


def test_a_still_dancer_gets_a_still_camera_in_front():
    motion = rest_motion(90, 30.0)
    shot = camera.plan_shot(
        camera.body_points(motion), camera.facing(motion), 30.0, camera.view_slopes(640, 360)
    )
    np.testing.assert_allclose(shot.positions, shot.positions[:1].repeat(90, axis=0), atol=1e-9)
    x, y, z = shot.positions[0]
    assert abs(x) < 1e-9 and y < -3 and 0.5 < z < 3


def test_it_stands_in_front_of_a_dancer_that_faces_elsewhere():
    motion = rest_motion(30, 30.0).turned(np.pi / 2)  # faces core's +X, Blender's +X
    assert camera.facing(motion) == pytest.approx(np.pi / 2)
    shot = camera.plan_shot(
        camera.body_points(motion), camera.facing(motion), 30.0, camera.view_slopes(640, 360)
    )
    assert shot.positions[0, 0] > 3


def test_blenders_camera_is_the_planned_one():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    motion = fast_dance(1.0)
    points = camera.body_points(motion)
    shot = camera.plan_shot(points, 0.3, 30.0, camera.view_slopes(640, 360))
    stage = bpy.context.scene
    made = camera.create_camera(stage, stage.collection, shot, 5)
    assert stage.camera == made
    stage.frame_set(5 + 20)
    np.testing.assert_allclose(made.matrix_world.translation, shot.positions[20], atol=1e-5)
    looking = made.matrix_world.to_3x3() @ Vector((0, 0, -1))
    np.testing.assert_allclose(looking, shot.axes[2], atol=1e-5)


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
