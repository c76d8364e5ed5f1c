"""Make Crew: dancers around the active one, each with an armature and an action of its own."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import blender_addon
from audio2pose_core import rotations as rot
from audio2pose_core.audio.demo_song import write_demo_song
from audio2pose_core.errors import RigError
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX
from blender_addon import compat
from blender_addon.edit import user_edits
from blender_addon.figure import mannequin
from blender_addon.generate import crew as dance_crew, crew_members
from blender_addon.jobs import worker
from blender_addon.jobs.job import State
from blender_addon.jobs.params import GenerationParams
from blender_addon.keys import writer as key_writer
from blender_addon.takes import metadata as take_metadata, store as take_store

pytestmark = pytest.mark.blender
SECONDS = 24.0
BEATS = tuple(np.arange(0.0, SECONDS, 0.5))


class WorkerHere:
    """Takes the place of ``jobs.Job``: the worker's own functions, in this process."""

    def __init__(self, request: Any, python: Any, parent_folder: Any = None, fraction: float = 0.0):
        self.request, self.python, self.parent_folder = request, python, parent_folder
        self.fraction, self.stage, self.seconds_left, self.error = fraction, "", None, ""
        self.state, self.result, self.report = State.READY, None, {}

    def start_steps(self):
        yield
        self.start()

    def start(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            message = self.request.write(Path(name)) | {"folder": name}
            done = worker.TASKS[message["task"]](message, lambda _: None)
            self.result, self.report = self.request.read(done), done["report"]
        self.state = State.DONE

    def poll(self) -> State:
        return self.state

    def wait(self, interval: float = 0.05) -> State:
        return self.state

    def cancel(self) -> None:
        self.state = State.CANCELLED


def dance() -> Motion:
    """Steps and swinging arms, at 30 fps, with arms that hang."""
    frames = round(30 * SECONDS)
    still = rest_motion(frames, 30.0)
    t = np.arange(frames) / 30.0
    on = np.clip((t - 0.3) / 0.3, 0, 1)
    root = still.root + 0.1 * (on * np.sin(3 * t))[:, None] * np.array([1.0, 0.0, 0.6])
    quats = still.rotations.copy()
    for name, hang in (("left_shoulder", -1.2), ("right_shoulder", 1.2)):
        swing = rot.from_axis_angle((on * np.sin(5 * t))[:, None] * np.array([0.8, 0.0, 0.0]))
        rest = rot.from_axis_angle(np.array([0.0, 0.0, hang]))
        quats[:, INDEX[name]] = rot.multiply(swing, rest)
    return Motion(30.0, root, quats)


@pytest.fixture
def dancer(monkeypatch):
    """The mannequin with a take from frame 11 on, at the scene's 24 fps."""
    monkeypatch.setattr(dance_crew, "Job", WorkerHere)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    blender_addon.register()
    bpy.context.scene.render.fps = 24
    armature = mannequin.create_dancer("Dancer", bpy.context.scene.collection)
    bpy.context.view_layer.objects.active = armature
    action = key_writer.write_motion(
        armature, dance(), frame_start=11, scene_fps=24.0, action_name="Dance"
    )
    texts = ("style", "song", "song_key", "model", "model_sha256", "date")
    times = {"frame_start": 11.0, "song_second": 0.0, "song_seconds": SECONDS, "seconds": SECONDS}
    beats = {"tempo_bpm": 120.0, "beats": BEATS, "downbeats": [True, False, False, False] * 12}
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


def make(**settings: Any) -> set[str]:
    """Make Crew with these settings of the scene."""
    for name, value in settings.items():
        setattr(bpy.context.scene.audio2pose_crew, name, value)
    return bpy.ops.audio2pose.make_crew()


def crowd_of() -> list[Any]:
    """All armatures, in the order of their making."""
    return [o for o in bpy.data.objects if o.type == "ARMATURE"]


def by_place(place: str) -> Any:
    return bpy.data.objects[f"Dancer {place}"]


def test_each_dancer_has_an_armature_an_action_and_a_take_of_its_own(dancer):
    before = [tuple(k.co) for k in compat.fcurves_of(dancer)[0].keyframe_points]
    assert make(count=3) == {"FINISHED"}
    crowd = crowd_of()
    assert len(crowd) == 3 and len({o.animation_data.action.name for o in crowd}) == 3
    assert len({o.data.name for o in crowd}) == 3
    shells = {o.children[0].material_slots[0].material.name for o in crowd}
    assert len(shells) == 3
    # The first keeps its keys to the last bit.
    assert [tuple(k.co) for k in compat.fcurves_of(dancer)[0].keyframe_points] == before
    for other in (by_place("Left 1"), by_place("Right 1")):
        assert [t.name for t in take_store.of(other)] == ["Take 1"]
        record = take_metadata.read(other.animation_data.action)
        assert record.params.seed == 3 and "crew of Dancer" in record.made_from and record.columns
        edited = user_edits.of(other.animation_data.action)
        assert not any(len(e.frames) for e in edited.values())
        # Few keys, as Generate writes them.
        most = max(len(c.keyframe_points) for c in compat.fcurves_of(other))
        assert most < 0.6 * 24 * SECONDS


def test_a_v_is_a_v_and_its_dancers_are_named_by_their_place(dancer):
    assert make(count=3, spacing=1.6) == {"FINISHED"}
    frames = range(35, 500, 60)
    places = {n: where(by_place(n), "pelvis", frames) for n in ("Left 1", "Right 1")}
    lead = where(dancer, "pelvis", frames)
    left, right = ((p - lead).mean(axis=0) for p in places.values())
    # Core's +X, the dancer's left, is Blender's +X too; the front is -Y.
    assert left[0] == pytest.approx(-right[0], abs=0.1) and left[0] > 1.2
    assert left[1] == pytest.approx(right[1], abs=0.1) and left[1] > 0.8


def test_what_was_widened_is_said(dancer):
    task = begun(count=3, spacing=0.5)
    (said,) = task.warnings
    assert "instead of 0.50 m" in said
    assert not begun(count=3, spacing=2.0).warnings


def begun(**settings: Any) -> Any:
    """The task of a crew whose dances are there."""
    for name, value in settings.items():
        setattr(bpy.context.scene.audio2pose_crew, name, value)
    task = dance_crew.begin(bpy.context, bpy.data.objects["Dancer"])
    task.job.start()
    task.advance()
    return task


def where(armature: Any, bone: str, frames: range) -> np.ndarray:
    """Where a bone's head is at each frame, (n, 3) metres in world space."""
    out = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        out.append(tuple(armature.matrix_world @ armature.pose.bones[bone].head))
    return np.array(out)


def test_a_canon_of_two_beats_is_a_second_late(dancer):
    make(count=2, way="CANON", canon_beats=2, mirror=False)
    other = by_place("Left 1")
    early, late = range(35, 75), range(59, 99)
    first = where(dancer, "left_wrist", early) - where(dancer, "pelvis", early)
    second = where(other, "left_wrist", late) - where(other, "pelvis", late)
    np.testing.assert_allclose(first, second, atol=0.03)


def test_formations_change_at_their_bars(dancer):
    row = bpy.context.scene.audio2pose_crew.changes.add()
    row.bar, row.formation = 7, "line"
    assert make(count=3, spacing=1.8) == {"FINISHED"}
    # Bar 7 begins at 12 s: frame 11 + 288.
    before, after = range(40, 60), range(330, 380, 5)
    for place, side in (("Left 1", 1.0), ("Right 1", -1.0)):
        lead, other = (where(a, "pelvis", before) for a in (dancer, by_place(place)))
        assert (other - lead).mean(axis=0)[1] > 0.8
        lead, other = (where(a, "pelvis", after) for a in (dancer, by_place(place)))
        x, y, _ = (other - lead).mean(axis=0)
        assert abs(y) < 0.15 and x * side == pytest.approx(1.8, abs=0.2)


def test_call_and_answer_gives_the_first_dancer_a_new_take_too(dancer):
    assert make(count=2, way="ANSWER") == {"FINISHED"}
    assert [t.name for t in take_store.of(dancer)] == ["Take 1", "Take 2"]
    assert take_store.current(dancer).name == "Take 2"
    assert len(take_store.of(by_place("Left 1"))) == 1


def test_along_a_curve(dancer):
    curve = bpy.data.curves.new("Way", "CURVE")
    curve.dimensions = "3D"
    line = curve.splines.new("POLY")
    line.points.add(2)
    for point, place in zip(line.points, ((-6, 6, 0), (0, 0, 0), (6, 6, 0)), strict=True):
        point.co = (*place, 1.0)
    thing = bpy.data.objects.new("Way", curve)
    bpy.context.scene.collection.objects.link(thing)
    bpy.context.view_layer.update()
    assert make(count=3, formation="curve", curve=thing, spacing=2.0) == {"FINISHED"}
    lead = where(dancer, "pelvis", range(40, 50)).mean(axis=0)
    for place, side in (("Curve 2", -1.0), ("Curve 3", 1.0)):
        x, y, _ = where(by_place(place), "pelvis", range(40, 50)).mean(axis=0) - lead
        assert x * side == pytest.approx(1.41, abs=0.3) and y == pytest.approx(1.41, abs=0.3)
    bpy.context.scene.audio2pose_crew.curve = None
    with pytest.raises(RuntimeError, match="Choose a curve"):
        make(count=3)


def test_any_rig_is_copied_with_what_it_wears_and_gets_few_keys(dancer):
    body = dancer.children[0]
    body.material_slots[0].material = bpy.data.materials.new("Somebody's own")
    dancer.pose.bones["pelvis"].rotation_mode = "XYZ"
    key_writer.write_motion(dancer, dance(), frame_start=11, scene_fps=24.0, action_name="Dance")
    assert make(count=2) == {"FINISHED"}
    other = by_place("Left 1")
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

    before, write, written = names(), dance_crew.CrewTask._write, []

    def breaks(self, armature, *arguments):
        if len(written) == 2:
            raise RigError("the disk is full")
        written.append(armature.name)
        yield from write(self, armature, *arguments)

    monkeypatch.setattr(dance_crew.CrewTask, "_write", breaks)
    with pytest.raises(RuntimeError, match="The disk is full"):
        make(count=4)
    assert len(written) == 2 and names() == before
    assert [t.name for t in take_store.of(dancer)] == ["Take 1"]
    assert dancer.animation_data.action.name == "Dance"


def test_a_crowd_shows_its_dancers_without_keys_of_its_own(dancer):
    make(count=3, crowd=200)
    actions = len(bpy.data.actions)
    for armature in crowd_of():
        armature.select_set(True)
    assert bpy.ops.audio2pose.make_crowd() == {"FINISHED"}
    crowd = bpy.data.collections[crew_members.CROWD].objects
    assert len(crowd) == 197 and len(bpy.data.actions) == actions
    assert {thing.instance_collection.name for thing in crowd} == {
        f"Crowd {armature.name}" for armature in crowd_of()
    }
    spots = np.array([tuple(thing.matrix_world.translation) for thing in crowd])
    homes = np.array([where(armature, "pelvis", range(11, 12))[0] for armature in crowd_of()])
    flat = np.concatenate([spots, homes])[:, :2]
    gap = np.linalg.norm(flat[:, None] - flat[None], axis=2) + 9 * np.eye(len(flat))
    assert gap.min() > 0.9
    # Behind the first dancer: nobody stands between it and the audience, which is at -Y.
    assert (spots[:, 1] > homes[0, 1] - 0.5).all()
    with pytest.raises(RuntimeError, match="needs no more"):
        bpy.context.scene.audio2pose_crew.crowd = 3
        bpy.ops.audio2pose.make_crowd()


def test_the_list_of_formations_grows_and_shrinks(dancer):
    rows = bpy.context.scene.audio2pose_crew.changes
    bpy.ops.audio2pose.add_formation()
    bpy.ops.audio2pose.add_formation()
    assert [(row.bar, row.formation) for row in rows] == [(9, "line"), (17, "v")]
    bpy.ops.audio2pose.remove_formation()
    assert len(rows) == 1
    with pytest.raises(RuntimeError, match="No sections yet"):
        bpy.ops.audio2pose.formations_from_song()


def test_mistakes_are_told_and_change_nothing(dancer):
    def count() -> int:
        return len(bpy.data.objects) + len(bpy.data.actions)

    before = count()
    row = bpy.context.scene.audio2pose_crew.changes.add()
    row.bar = 40
    with pytest.raises(RuntimeError, match="has 12 bars"):
        make(count=2)
    bpy.context.scene.audio2pose_crew.changes.clear()
    dancer.animation_data.action.audio2pose.record = ""
    with pytest.raises(RuntimeError, match="canon"):
        make(count=2, way="CANON")
    dancer.animation_data.action = None
    with pytest.raises(RuntimeError, match="does not dance yet"):
        make(count=2, way="TOGETHER")
    bpy.context.view_layer.objects.active = None
    with pytest.raises(RuntimeError, match="Select the dancer"):
        make(count=2)
    assert count() == before


def test_each_may_have_a_dance_of_its_own_to_the_same_song(dancer, tmp_path):
    song = tmp_path / "song.wav"
    write_demo_song(song, seconds=SECONDS, bpm=120.0)
    compat.add_sound(bpy.context.scene, str(song), "song", 11)
    with pytest.raises(RuntimeError, match="choose that song again"):
        make(count=3, way="OWN")
    action = dancer.animation_data.action
    record = take_metadata.read(action)
    take_metadata.write(action, dataclasses.replace(record, song_key="song.wav", style="house"))
    assert make(count=3, spacing=1.8) == {"FINISHED"}
    frames = range(60, 200, 20)
    wrists = [
        where(armature, "left_wrist", frames) - where(armature, "pelvis", frames)
        for armature in crowd_of()
    ]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(wrists[a] - wrists[b]).max() > 0.1


def test_sections_of_the_song_get_formations_and_returning_ones_theirs_again(dancer):
    for name, start in (("Verse A", 0.0), ("Chorus B", 8.0), ("Verse A", 16.0)):
        row = bpy.context.scene.audio2pose.sections.add()
        row.name, row.start = name, start
    assert bpy.ops.audio2pose.formations_from_song() == {"FINISHED"}
    rows = bpy.context.scene.audio2pose_crew.changes
    # Bars of 2 s: the sections begin in bars 1, 5 and 9.
    assert [(row.bar, row.formation) for row in rows] == [(5, "rows"), (9, "v")]
