"""Keys between two frames are a person's keys like any other: locked, kept, selected."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from quick_jobs import QuickJob
from test_edits import BOTH, ELBOW, action_of, regenerate
from test_takes import dance, scene  # noqa: F401

from blender_addon.edit import locks, user_edits
from blender_addon.edit.locks import Lock
from blender_addon.keys import fcurves

pytestmark = pytest.mark.blender
AT = 70.5


def elbow(action) -> list:
    return [user_edits.curves_of(action)[ELBOW, i] for i in range(4)]


def add_keys(curves, frames, by: float = 0.1) -> None:
    """Insert keys where they differ from the curve."""
    for curve in curves:
        for frame in frames:
            curve.keyframe_points.insert(frame, curve.evaluate(frame) + by)
        curve.update()


def select_only(action, frame: float) -> None:
    for key, curve in user_edits.curves_of(action).items():
        for point in curve.keyframe_points:
            point.select_control_point = key == (ELBOW, 1) and abs(point.co.x - frame) < 1e-3


@BOTH
@pytest.mark.parametrize("locked", [True, False])
def test_a_key_between_two_frames_stays(scene, keys, locked):  # noqa: F811
    """Locked, or edited with Keep My Edits: one number of a rotation, and the others with it."""
    scene.audio2pose.keys = keys
    armature = dance(1)
    old = action_of(armature)
    add_keys(elbow(old)[1:2], [AT])
    if locked:
        select_only(old, AT)
        assert bpy.ops.audio2pose.lock(what="KEYS") == {"FINISHED"}
        assert locks.read(old) == [Lock("left_elbow", AT, AT)]
    was = [curve.evaluate(AT) for curve in elbow(old)]
    QuickJob.asked.clear()
    assert regenerate(2, 3, lock=not locked) == {"FINISHED"}
    new = elbow(action_of(armature))
    np.testing.assert_allclose([curve.evaluate(AT) for curve in new], was, atol=1e-5)
    assert all(AT in fcurves.read(curve).frames for curve in new)
    # The model was asked for that pose, in the motion's frame that is nearest.
    mask = QuickJob.asked[0].constraint.mask
    assert mask[round((AT - 1) / 24 * 30)].nonzero()[0].tolist() == [1 + 18]
    # No jerk beside it: the curve comes and goes as it does elsewhere.
    around = np.arange(AT - 3, AT + 3, 0.1)
    for curve, value in zip(new, was, strict=True):
        near = np.array([curve.evaluate(f) for f in around])
        assert np.abs(np.diff(near)).max() < 0.06 and np.abs(near - value).max() < 0.5


@BOTH
def test_a_lock_that_ends_between_two_frames(scene, keys):  # noqa: F811
    scene.audio2pose.keys = keys
    armature = dance(1)
    old = action_of(armature)
    locks.write(old, [Lock("left_elbow", 70.5, 80.25)])
    frames = np.arange(70.5, 80.26, 0.25)
    was = [[curve.evaluate(f) for f in frames] for curve in elbow(old)]
    assert regenerate(2, 3) == {"FINISHED"}
    now = [[curve.evaluate(f) for f in frames] for curve in elbow(action_of(armature))]
    np.testing.assert_allclose(now, was, atol=1e-3)


@pytest.mark.parametrize("count", [1, 40])
def test_selecting_my_keys_finds_them_between_frames(scene, count):  # noqa: F811
    """Blender has 70.3 as 70.30000305: single precision."""
    action = action_of(dance(1))
    frames = [40.3 + 3 * i for i in range(count)]
    add_keys(elbow(action)[1:2], frames)
    assert bpy.ops.audio2pose.select_edited() == {"FINISHED"}
    chosen = [
        (key, round(k.co.x, 3))
        for key, curve in user_edits.curves_of(action).items()
        for k in curve.keyframe_points
        if k.select_control_point
    ]
    assert chosen == [((ELBOW, 1), round(f, 3)) for f in frames]


def test_frames_are_compared_in_either_precision():
    exact = np.array([70.3, 71.0, 72.125, 99999.7])
    single = exact.astype(np.float32)
    assert fcurves.on_frames(single, exact).all() and fcurves.on_frames(exact, single).all()
    assert fcurves.on_frames(single, [70.3]).tolist() == [True, False, False, False]
    assert not fcurves.on_frames(single, exact + 0.01).any()


# --- an inserted key, and its neighbours ---


@pytest.mark.parametrize("by", [0.0, 0.1])
def test_an_inserted_key_is_no_edit_of_its_neighbours(scene, by):  # noqa: F811
    """Blender shortens their handles, so that the curve keeps its shape."""
    action = action_of(dance(1))
    curve = elbow(action)[1]
    frames = fcurves.read(curve).frames
    k = int(np.argmax(np.diff(frames[4:-4]))) + 4
    added = float(np.floor((frames[k] + frames[k + 1]) / 2))
    before = fcurves.read(curve).right[k] - fcurves.read(curve).co[k]
    add_keys([curve], [added], by)
    after = fcurves.read(curve).right[k] - fcurves.read(curve).co[k]
    assert np.abs(after - before).max() > 0.1, "the handle is another one now"
    found = user_edits.of(action)
    assert found.keys() == {(ELBOW, 1)}
    assert found[ELBOW, 1].added.tolist() == [added]
    assert found[ELBOW, 1].changed.tolist() == []


def test_a_handle_turned_beside_an_inserted_key_is_an_edit(scene):  # noqa: F811
    action = action_of(dance(1))
    curve = elbow(action)[1]
    frames = fcurves.read(curve).frames
    k = int(np.argmax(np.diff(frames[4:-4]))) + 4
    add_keys([curve], [float(np.floor((frames[k] + frames[k + 1]) / 2))])
    curve.keyframe_points[k].handle_right_type = "FREE"
    curve.keyframe_points[k].handle_right.y += 0.1
    curve.update()
    assert user_edits.of(action)[ELBOW, 1].changed.tolist() == [frames[k]]


def test_neighbours_of_an_inserted_key_are_regenerated(scene):  # noqa: F811
    """They were taken for a person's, and so were locked."""
    armature = dance(1)
    curve = elbow(action_of(armature))[1]
    frames = fcurves.read(curve).frames
    k = int(np.argmin(np.abs(frames - 80)))
    added = float(np.floor((frames[k] + frames[k + 1]) / 2))
    add_keys([curve], [added])
    QuickJob.asked.clear()
    assert regenerate(2, 3) == {"FINISHED"}
    seconds = np.arange(len(QuickJob.asked[0].constraint.mask)) / 30
    inside = (seconds > 50 / 24) & (seconds < 142 / 24)
    held = np.flatnonzero(QuickJob.asked[0].constraint.mask[:, 1 + 18] & inside)
    assert held.tolist() == [round((added - 1) / 24 * 30)]
