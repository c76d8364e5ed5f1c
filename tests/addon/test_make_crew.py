"""Make Crew: dancers around the active one, each with an armature and an action of its own."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import blender_addon
from audio2pose_core import rotations as rot
from audio2pose_core.errors import OptionError, RigError
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX
from blender_addon import compat
from blender_addon.edit import user_edits
from blender_addon.figure import mannequin
from blender_addon.generate import crew as dance_crew
from blender_addon.jobs.params import GenerationParams
from blender_addon.keys import writer as key_writer
from blender_addon.takes import metadata as take_metadata, store as take_store

pytestmark = pytest.mark.blender
BEATS = tuple(np.arange(0.0, 4.0, 0.5))


def dance() -> Motion:
    """Four seconds of steps and swinging arms, at 30 fps, with arms that hang."""
    still = rest_motion(120, 30.0)
    t = np.arange(120) / 30.0
    on = np.clip((t - 0.3) / 0.3, 0, 1)
    root = still.root + 0.1 * (on * np.sin(3 * t))[:, None] * np.array([1.0, 0.0, 0.6])
    quats = still.rotations.copy()
    for name, hang in (("left_shoulder", -1.2), ("right_shoulder", 1.2)):
        swing = rot.from_axis_angle((on * np.sin(5 * t))[:, None] * np.array([0.8, 0.0, 0.0]))
        rest = rot.from_axis_angle(np.array([0.0, 0.0, hang]))
        quats[:, INDEX[name]] = rot.multiply(swing, rest)
    return Motion(30.0, root, quats)


@pytest.fixture
def dancer():
    """The mannequin with a take from frame 11 on, at the scene's 24 fps."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    blender_addon.register()
    bpy.context.scene.render.fps = 24
    armature = mannequin.create_dancer("Dancer", bpy.context.scene.collection)
    bpy.context.view_layer.objects.active = armature
    action = key_writer.write_motion(
        armature, dance(), frame_start=11, scene_fps=24.0, action_name="Dance"
    )
    texts = ("style", "song", "song_key", "model", "model_sha256", "date")
    times = {"frame_start": 11.0, "song_second": 0.0, "song_seconds": 4.0, "seconds": 4.0}
    beats = {"tempo_bpm": 120.0, "beats": BEATS, "downbeats": [True, False] * 4}
    take_metadata.write(
        action,
        take_metadata.TakeMetadata(
            GenerationParams(seed=3), **dict.fromkeys(texts, ""), **times, **beats, fps=24.0
        ),
    )
    take_metadata.write_motion(action, dance())
    user_edits.write_baseline(action)
    take_store.add(armature, action)
    yield armature
    blender_addon.unregister()


def places(armature, bone: str, frames: range) -> np.ndarray:
    """Where a bone's head is at each frame, (n, 3) metres in world space."""
    out = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        out.append(tuple(armature.matrix_world @ armature.pose.bones[bone].head))
    return np.array(out)


def test_each_dancer_has_an_armature_an_action_and_a_take_of_its_own(dancer):
    before = [tuple(k.co) for k in compat.fcurves_of(dancer)[0].keyframe_points]
    assert bpy.ops.audio2pose.make_crew(count=3) == {"FINISHED"}
    crowd = [o for o in bpy.context.scene.objects if o.type == "ARMATURE"]
    assert len(crowd) == 3 and len({o.animation_data.action.name for o in crowd}) == 3
    assert len({o.data.name for o in crowd}) == 3
    shells = {o.children[0].material_slots[0].material.name for o in crowd}
    assert len(shells) == 3
    # The first keeps its keys to the last bit.
    assert [tuple(k.co) for k in compat.fcurves_of(dancer)[0].keyframe_points] == before
    for other in crowd[1:]:
        assert [t.name for t in take_store.of(other)] == ["Take 1"]
        record = take_metadata.read(other.animation_data.action)
        assert record.params.seed == 3 and "Dancer" in record.made_from and record.columns
        edited = user_edits.of(other.animation_data.action)
        assert not any(len(e.frames) for e in edited.values())


def test_left_and_right_mirror_each_other_and_nobody_touches(dancer):
    _, left, right = dance_crew.make_crew(bpy.context, dancer, 3)
    frames = range(11, 107, 8)
    hands = [places(left, "left_wrist", frames), places(right, "right_wrist", frames)]
    # Core's +X, the dancer's left, is Blender's +X too; the dancer stands at x = 0.
    np.testing.assert_allclose(hands[0] * [-1, 1, 1], hands[1], atol=2e-4)
    gap = [np.linalg.norm(places(dancer, "left_wrist", frames) - hand, axis=1) for hand in hands]
    assert min(g.min() for g in gap) > 0.25


def test_a_canon_of_two_beats_is_a_second_late(dancer):
    first, second = dance_crew.make_crew(bpy.context, dancer, 2, canon_beats=2, mirror=False)
    early = places(first, "left_wrist", range(35, 75)) - places(first, "pelvis", range(35, 75))
    late = places(second, "left_wrist", range(59, 99)) - places(second, "pelvis", range(59, 99))
    np.testing.assert_allclose(early, late, atol=0.02)


def test_any_rig_is_copied_with_what_it_wears(dancer):
    body = dancer.children[0]
    body.material_slots[0].material = bpy.data.materials.new("Somebody's own")
    _, other = dance_crew.make_crew(bpy.context, dancer, 2)
    (worn,) = other.children
    assert worn != body and worn.modifiers[0].object == other
    assert worn.material_slots[0].material.name == "Somebody's own"
    assert bpy.context.view_layer.objects.active == dancer


@pytest.mark.parametrize("whose", ["ours", "somebody's"])
def test_a_crew_that_fails_at_the_third_dancer_leaves_none(dancer, monkeypatch, whose):
    """Objects, meshes, materials and actions are as before; nobody is left without a dance."""
    if whose != "ours":
        dancer.children[0].material_slots[0].material = bpy.data.materials.new("Somebody's own")
    kinds = ("objects", "armatures", "meshes", "materials", "actions")

    def names() -> list[list[str]]:
        return [sorted(d.name for d in getattr(bpy.data, kind)) for kind in kinds]

    before, write, written = names(), dance_crew._write, []

    def breaks(armature, *arguments):
        if len(written) == 2:
            raise RigError("the disk is full")
        written.append(armature.name)
        write(armature, *arguments)

    monkeypatch.setattr(dance_crew, "_write", breaks)
    with pytest.raises(RuntimeError, match="The disk is full"):
        bpy.ops.audio2pose.make_crew(count=4)
    assert len(written) == 2 and names() == before
    assert [t.name for t in take_store.of(dancer)] == ["Take 1"]
    assert dancer.animation_data.action.name == "Dance"


def test_mistakes_are_told_and_change_nothing(dancer):
    def count() -> int:
        return len(bpy.data.objects) + len(bpy.data.actions)

    before = count()
    dancer.animation_data.action.audio2pose.record = ""
    with pytest.raises(OptionError, match="canon"):
        dance_crew.make_crew(bpy.context, dancer, 2, canon_beats=1)
    dancer.animation_data.action = None
    with pytest.raises(RigError, match="does not dance yet"):
        dance_crew.make_crew(bpy.context, dancer, 2)
    bpy.context.view_layer.objects.active = None
    with pytest.raises(RuntimeError, match="Select the dancer"):
        bpy.ops.audio2pose.make_crew(count=2)
    assert count() == before
