"""A .blend that version 0.1 saved opens with its takes, beats, locks and settings.

``files/version_0_1.blend`` was written by that version (commit fb80524) in bpy 4.5.15: two takes
of an 8 s song, a hand-moved key and a lock on the second, beats on the timeline and the action.
"""

from __future__ import annotations

from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy")

from blender_addon import compat
from blender_addon.edit import locks, user_edits
from blender_addon.song import beats
from blender_addon.takes import metadata as take_metadata, store as take_store

pytestmark = pytest.mark.blender
FILE = Path(__file__).parent / "files" / "version_0_1.blend"
# What that version showed of the file before it saved it: the left hand's tip, frame by frame.
HAND = {
    10: (0.13687, -0.3222, 1.19552),
    50: (-0.22552, -0.66524, 1.29474),
    100: (-0.1447, -0.28285, 1.35466),
    150: (-0.49634, -0.56582, 1.48337),
}


@pytest.fixture
def armature(registered):
    bpy.ops.wm.open_mainfile(filepath=str(FILE))
    return bpy.data.objects["Dancer"]


def test_the_settings_are_there(armature):
    settings = bpy.context.scene.audio2pose
    assert (settings.source, settings.style, settings.seed) == ("FILE", "salsa", 6)
    assert (settings.keys, settings.hits, settings.markers) == ("REDUCED", "SECOND", "BOTH")
    assert settings.energy == pytest.approx(0.5) and settings.key_error == pytest.approx(2.0)
    assert settings.target == armature
    chosen = bpy.context.scene.audio2pose_edit
    assert (chosen.first_bar, chosen.last_bar, chosen.use_bones) == (2, 3, True)


def test_the_takes_play_what_they_played(armature):
    assert [take.name for take in take_store.of(armature)] == ["Take 1", "Second try"]
    take = take_store.current(armature)
    assert take.name == "Second try"
    record = take_metadata.read(take.action)
    assert (record.style, record.params.seed, len(record.beats)) == ("salsa", 6, 16)
    assert (record.params.accents, record.params.keys) == ("second", "REDUCED")
    # That version kept neither of these.
    assert (record.params.model, record.params.range) == (None, "")
    scene = bpy.context.scene
    for frame, where in HAND.items():
        scene.frame_set(frame)
        evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        assert tuple(evaluated.pose.bones["left_hand"].tail) == pytest.approx(where, abs=1e-4)


def test_the_beats_are_there(armature):
    settings = bpy.context.scene.audio2pose
    kept = beats.read(settings)
    assert kept is not None and len(kept.beats.times) == settings.beats.count == 16
    assert kept.beats.tempo_bpm == pytest.approx(119.85, abs=0.01)
    assert len(bpy.context.scene.timeline_markers) == 16
    assert len(take_store.current(armature).action.pose_markers) == 16


def test_the_lock_and_the_edited_key_are_known(armature):
    action = take_store.current(armature).action
    assert [(k.bone, k.first, k.last) for k in locks.read(action)] == [("right_wrist", 20.0, 60.0)]
    edited = user_edits.of(action)
    assert 'pose.bones["left_elbow"].rotation_quaternion' in {path for path, _ in edited}
    assert compat.fcurves_of(armature)


def test_it_can_be_danced_on(armature, monkeypatch, tmp_path):
    import quick_jobs

    quick_jobs.install(monkeypatch)
    bpy.context.scene.audio2pose.file = str(quick_jobs.song(tmp_path))
    assert bpy.ops.audio2pose.generate("EXEC_DEFAULT", True) == {"FINISHED"}
    assert len(take_store.of(armature)) == 3
