"""Part of a real dance regenerated on the rig that Rigify generates, with FK and with IK legs."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from test_characters import RIGIFY_BONES, rigify, rigify_file, world_heads  # noqa: F401
from test_edits import action_of, pose_key, regenerate, values
from test_sound import write_wav
from test_takes import dance, names

from audio2pose_core.audio.demo_song import compose
from blender_addon.edit import region as regions, snap_ik, user_edits
from blender_addon.takes import metadata as take_metadata

pytestmark = pytest.mark.blender
RATE = 22050
FOREARM, TURN = "forearm_fk.L", (0.8, 0.6, 0.0, 0.0)


@pytest.fixture
def scene(registered, rigify, tmp_path):  # noqa: F811
    samples, _ = compose(seconds=10.0, bpm=120, sample_rate=RATE)
    registered.render.fps = 30
    registered.audio2pose.source = "FILE"
    registered.audio2pose.file = str(write_wav(tmp_path / "song.wav", samples, RATE))
    registered.audio2pose.style = "salsa"
    registered.audio2pose.target = rigify["Rigify"]
    return registered


@pytest.mark.parametrize("ik_legs", [False, True])
def test_bars_are_regenerated(scene, ik_legs):
    armature = scene.audio2pose.target
    armature.audio2pose_character.ik_legs = ik_legs
    dance(1)
    old = action_of(armature)
    record = take_metadata.read(old)
    edges = regions.bar_frames(record.beats, record.downbeats, 1.0, 30.0, 301)
    first, last = regions.bars(edges, 2, 3)
    by_hand = (first + last) // 2
    armature.pose.bones[FOREARM].rotation_mode = "QUATERNION"
    pose_key(armature, FOREARM, by_hand, TURN)
    outside = np.array([*range(1, first, 7), *range(last + 1, 300, 7)])
    before, heads = values(old, outside), world_heads(armature, outside, RIGIFY_BONES)
    middle = np.arange(first + 15, last - 15, 5)
    was = world_heads(armature, middle, RIGIFY_BONES)

    assert regenerate(2, 3) == {"FINISHED"}
    new = action_of(armature)
    assert new != old and names(armature) == ["Take 1", "Take 2"]
    assert take_metadata.read(new).made_from == "bars 2 to 3 of Take 1"
    after, now = values(new, outside), world_heads(armature, outside, RIGIFY_BONES)
    assert after.keys() == before.keys()
    for key in before:
        np.testing.assert_allclose(after[key], before[key], atol=1e-5, err_msg=str(key))
    for part in RIGIFY_BONES:
        np.testing.assert_allclose(now[part], heads[part], atol=1e-3, err_msg=part)
    fresh = world_heads(armature, middle, RIGIFY_BONES)
    for part in ("left_ankle", "right_ankle", "right_wrist"):
        assert np.abs(fresh[part] - was[part]).max() > 0.03, part

    path = f'pose.bones["{FOREARM}"].rotation_quaternion'
    key = np.array([values(new, [by_hand])[path, i][0] for i in range(4)])
    assert abs(key @ TURN) == pytest.approx(1.0, abs=1e-4)

    # Nothing jumps where the new meets the old. (The left arm does, to the key set by hand.)
    every = np.arange(1, 300)
    heads = world_heads(armature, every, RIGIFY_BONES)
    for part in ("left_ankle", "right_ankle", "right_wrist"):
        steps = np.linalg.norm(np.diff(heads[part], axis=0), axis=1)
        seams = np.array([end + k for end in (first, last) for k in range(-4, 3)])
        assert steps[seams].max() < 1.2 * np.delete(steps, seams).max(), part


def test_ik_controls_are_snapped_along_and_switching_to_ik_moves_no_foot(scene):
    armature = scene.audio2pose.target
    dance(1)
    action = action_of(armature)
    frames = snap_ik._frames(take_metadata.read(action))[::3]
    before = world_heads(armature, frames, RIGIFY_BONES)
    control = armature.pose.bones["foot_ik.L"]
    assert control.location.length < 1e-6, "on FK it rests where it was"
    assert bpy.ops.audio2pose.snap_ik() == {"FINISHED"}
    assert not user_edits.of(action), "these keys are nobody's edits"
    switches = [c for c in user_edits.curves_of(action).values() if "IK_FK" in c.data_path]
    assert switches
    for curve in switches:
        if any(leg in curve.data_path for leg in ("thigh", "shin", "foot")):
            for key in curve.keyframe_points:
                key.co[1] = 0.0  # IK
            curve.update()
    now = world_heads(armature, frames, RIGIFY_BONES)
    for part in RIGIFY_BONES:
        if part.endswith(("ankle", "hip")):
            assert np.linalg.norm(now[part] - before[part], axis=-1).max() < 0.03, part
    count = len(user_edits.curves_of(action))
    bpy.ops.audio2pose.snap_ik()
    assert len(user_edits.curves_of(action)) == count, "again replaces them"
    armature.audio2pose_character.ik_legs = True
    with pytest.raises(RuntimeError, match="dance on IK already"):
        bpy.ops.audio2pose.snap_ik()
