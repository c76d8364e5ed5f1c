"""Which bone a data path belongs to, whatever letters its name has."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from audio2pose_core.cleanup import bones
from blender_addon.edit import constraints, locks
from blender_addon.edit.locks import Lock
from blender_addon.edit.region import Region
from blender_addon.keys import reduction, sampling, writer as key_writer
from blender_addon.keys.data_path import bone_and_property, bone_of_path
from blender_addon.rig import own_armature
from blender_addon.rig.channel import Channel

pytestmark = pytest.mark.blender
NAMES = pytest.mark.parametrize(
    "name", ["hips", 'a "b"', "back\\slash", 'end"]', "ends\\", '\\"', "Hüfte.L", '["x"]', "a\tb"]
)


@pytest.fixture
def armature(registered):
    return own_armature.create_armature("Mine")


@NAMES
def test_the_bone_of_a_path(armature, name):
    armature.data.bones["head"].name = name
    pose_bone = armature.pose.bones[name]
    assert bone_and_property(pose_bone.path_from_id("location")) == (name, "location")
    assert bone_of_path(pose_bone.path_from_id()) == name
    pose_bone["odd"] = 1.0
    assert bone_and_property(f'{pose_bone.path_from_id()}["odd"]') == (name, "")
    influence = f"{pose_bone.constraints.new('COPY_ROTATION').path_from_id()}.influence"
    assert bone_and_property(influence) == (name, "")


@pytest.mark.parametrize("path", ["location", "", 'bones["x"].length', 'data.bones["x"]'])
def test_what_is_no_bones(path):
    assert bone_and_property(path) == ("", "")


@NAMES
def test_everything_that_asks_for_the_bone(armature, name):
    armature.data.bones["head"].name = name
    path = armature.pose.bones[name].path_from_id("rotation_quaternion")
    frames = np.arange(1, 31)
    channels = [Channel(path, i, name, np.full(30, 0.5), (16,)) for i in range(4)]
    action = key_writer.write_channels(armature, frames, channels, "Dance")
    # The group of a baked curve.
    sampled = sampling.sample(armature, bpy.context.scene, frames.astype(float))
    assert {s.group for s in sampled} == {name}
    # The bone that key reduction turns.
    reduced = reduction.of_rig(armature, channels, frames, 0.01)
    (track,) = reduced.request.tracks
    assert track.kind == bones.QUATERNION and track.bone >= 0
    # The bone that a lock is on.
    locks.write(action, [Lock(name, 10.0, 12.0)])
    region = Region(5, 20, frozenset([name]), "")
    stays = constraints.constrained_frames(action, region, {})
    assert {key: f.tolist() for key, f in stays.items()} == {
        (path, i): [10.0, 11.0, 12.0] for i in range(4)
    }
