"""Where a regenerated region meets the rest of a take: no jump, and planted feet stay."""

from __future__ import annotations

import foreign_rigs
import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from quick_jobs import QuickJob
from test_edits import ELBOW, action_of, pose_key, regenerate
from test_takes import dance, scene  # noqa: F401

from audio2pose_core import skeleton
from blender_addon.edit import region as regions, user_edits
from blender_addon.keys import fcurves, writer as key_writer
from blender_addon.rig import retarget as rig_retarget
from blender_addon.rig.channel import Curve
from blender_addon.takes import metadata as take_metadata

pytestmark = pytest.mark.blender
FIRST, LAST = 49, 96  # bar 2


@pytest.fixture(params=["ours", "mixamo"])
def dancer(request, scene):  # noqa: F811
    """Our own dancer, or a rig of another family; which bones its left foot has."""
    if request.param == "mixamo":
        family = foreign_rigs.FAMILIES["mixamo"]
        scene.audio2pose.target = foreign_rigs.build("Mine", family)
        return [family.names[n] for n in ("left_ankle", "left_foot")]
    return ["left_ankle", "left_foot"]


def heads(armature, bones: list[str], frames: np.ndarray) -> np.ndarray:
    """Where bones are in the world, (frames, bones, 3), as Blender evaluates them."""
    out = np.empty((len(frames), len(bones), 3))
    for i, frame in enumerate(frames):
        bpy.context.scene.frame_set(int(np.floor(frame)), subframe=float(frame % 1.0))
        evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        for j, bone in enumerate(bones):
            out[i, j] = evaluated.matrix_world @ evaluated.pose.bones[bone].head
    return out


def every_frame(armature, motion, frames: np.ndarray):
    """An action with the motion on every frame, as it is."""
    channels = rig_retarget.channels(armature, motion, frames, 1.0, 24.0)
    curves = [Curve.of(c, frames, c.values) for c in channels]
    return key_writer.build_action(armature, curves, "Every Frame")


def test_a_planted_foot_stays_where_it_is_at_both_ends(scene, dancer):  # noqa: F811
    """The left foot stands at both: what slides is off the motion that was generated."""
    scene.audio2pose.keys = "REDUCED"
    armature = dance(1)
    assert regenerate(2, 2) == {"FINISHED"}
    motion = take_metadata.read_motion(action_of(armature))
    whole = np.arange(FIRST - 4, LAST + 5)
    assert (motion.sample((whole - 1) / 24, 24.0).contacts[[4, 5, -6, -5], 0] > 0.5).all()
    frames = np.concatenate([FIRST + np.arange(-1, 3, 0.25), LAST + np.arange(-2, 1.1, 0.25)])
    shown = heads(armature, dancer, frames)
    armature.animation_data.action = every_frame(armature, motion, np.arange(1, 193))
    wanted = heads(armature, dancer, frames)
    assert np.linalg.norm(shown - wanted, axis=-1).max() < 0.003


def test_a_locked_run_of_frames_ends_without_a_slide(scene):  # noqa: F811
    """Its ends are seams as well: frames 100 to 110, where the right foot stands."""
    scene.audio2pose.keys = "REDUCED"
    armature = dance(1)
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = 100, 110
    bpy.ops.audio2pose.lock(what="RANGE")
    assert regenerate(2, 4) == {"FINISHED"}
    motion = take_metadata.read_motion(action_of(armature))
    frames = np.concatenate([np.arange(97, 101, 0.25), np.arange(110, 113, 0.25)])
    bones = ["right_ankle", "right_foot"]
    contacts = motion.sample((frames - 1) / 24, 24.0).contacts
    assert (contacts[:, skeleton.CONTACT_JOINTS.index(skeleton.INDEX["right_ankle"])] > 0.5).all()
    shown = heads(armature, bones, frames)
    armature.animation_data.action = every_frame(armature, motion, np.arange(1, 193))
    assert np.linalg.norm(shown - heads(armature, bones, frames), axis=-1).max() < 0.003


def test_a_persons_key_keeps_its_handles(scene):  # noqa: F811
    armature = dance(1)
    pose_key(armature, "left_elbow", 71)
    curve = user_edits.curves_of(action_of(armature))[ELBOW, 1]
    key = next(k for k in curve.keyframe_points if k.co.x == 71)
    key.handle_left_type = key.handle_right_type = "FREE"
    key.handle_right.y += 0.2
    curve.update()
    was = fcurves.read(curve)
    assert regenerate(2, 3) == {"FINISHED"}
    now = fcurves.read(user_edits.curves_of(action_of(armature))[ELBOW, 1])
    for name in ("left", "right"):
        (before,), (after,) = (getattr(p, name)[p.frames == 71] for p in (was, now))
        np.testing.assert_allclose(after, before, atol=1e-4)


def test_the_seams_themselves_are_constrained(scene):  # noqa: F811
    """The model goes on from the poses of the first and the last frame, which stay."""
    dance(1)
    assert regenerate(2, 2) == {"FINISHED"}
    (asked,) = [a for a in QuickJob.asked if getattr(a, "constraint", None) is not None]
    seconds = np.arange(len(asked.constraint.mask)) / 30.0
    is_open = ~asked.constraint.mask.all(axis=1)
    first, last = (FIRST - 1) / 24, (LAST - 1) / 24
    np.testing.assert_array_equal(is_open, (seconds > first) & (seconds < last))


def test_new_motion_is_bent_over_a_quarter_of_a_second():
    """Less would be seen as a jerk: it is half of it after an eighth."""
    frames = np.arange(0, 100)
    out = regions.meet_anchors(frames, np.zeros(100), {50: 1.0}, 40.0)
    assert out[50] == 1.0 and out[45] == out[55] == pytest.approx(0.5)
    assert np.flatnonzero(out).tolist() == list(range(41, 60))
