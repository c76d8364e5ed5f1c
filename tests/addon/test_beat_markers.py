"""Beats as markers: drawn, edited by hand and by operators, danced to, kept in the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from strip_names import move, set_handles
from test_sound import NTSC_FILM, RATE, write_wav

from audio2pose_core.audio.beat_file import load_beats
from audio2pose_core.audio.demo_song import write_demo_song
from audio2pose_core.errors import DataError
from blender_addon import compat
from blender_addon.generate import session
from blender_addon.rig import own_armature
from blender_addon.song import beat_grid, beat_markers, beats, source as song_source

pytestmark = pytest.mark.blender


@pytest.fixture
def scene(film):
    return film


@pytest.fixture
def strip(scene, tmp_path):
    """Twenty seconds of silence at frame 37, heard from its 10th frame on."""
    strip = compat.add_sound(
        scene, str(write_wav(tmp_path / "song.wav", np.zeros(20 * RATE))), "song", 37
    )
    set_handles(strip, 10)
    return strip


def grid(count=16, first=0.13, step=0.5, bar=1, meter=4) -> beats.Beats:
    index = np.arange(count)
    return beats.Beats(first + step * index, index % meter == bar, 60 / step, meter, 0.8, "test")


def analysed(scene, found=None, where="TIMELINE") -> beat_grid.StoredBeats:
    """The scene as ``Analyse`` leaves it."""
    scene.audio2pose.markers = where
    place = song_source.whole(bpy.context).placement
    store = beat_grid.StoredBeats(found or grid(), "song.wav", beats.clock_of(place, scene))
    beats.write(scene.audio2pose, store)
    beat_markers.draw(scene, store)
    return store


def now(scene) -> beats.Beats:
    return beats.edited(
        scene, beats.clock_of(song_source.whole(bpy.context).placement, scene)
    ).beats


def names(markers) -> list[str]:
    return [m.name for m in sorted(markers, key=lambda m: m.frame)]


def dancer(scene, action="Dance"):
    armature = own_armature.create_armature("Dancer")
    armature.animation_data_create().action = bpy.data.actions.new(action)
    scene.audio2pose.target = armature
    return armature


# --- Analyse ---


def test_analyse_finds_the_beats_of_a_song_in_the_worker(scene, tmp_path):
    song = tmp_path / "song.wav"
    write_demo_song(song, seconds=12.0, bpm=120.0)
    bpy.ops.audio2pose.add_song(filepath=str(song))
    assert bpy.ops.audio2pose.analyse() == {"FINISHED"}
    settings = scene.audio2pose
    assert settings.beats.tempo_bpm == pytest.approx(120, rel=0.02)
    found = [n for n in names(scene.timeline_markers) if not n.startswith(("Section", "Event"))]
    assert settings.beats.count == len(found)
    assert settings.beats.song == "song.wav"
    assert len([n for n in found if n.startswith("beat ")]) > 12
    bars = [n for n in found if not n.startswith("beat ")]
    assert bars == [f"Bar {i + 1}" for i in range(len(bars))] and len(bars) >= 5
    drawn = sorted({m.frame for m in scene.timeline_markers if m.name.startswith(("B", "b"))})
    gaps = np.diff(drawn)
    assert set(gaps) <= {11, 12, 13}


def test_analyse_says_why_it_cannot(scene, strip):
    Path(bpy.path.abspath(strip.sound.filepath)).unlink()
    with pytest.raises(RuntimeError, match="Song not found"):
        bpy.ops.audio2pose.analyse()
    assert scene.audio2pose.beats.record == ""
    assert len(scene.timeline_markers) == 0
    scene.sequence_editor_clear()
    with pytest.raises(RuntimeError, match="poll"):
        bpy.ops.audio2pose.analyse()


# --- drawing ---


def test_markers_sit_where_the_beats_sound_and_bars_have_names(scene, strip):
    analysed(scene)
    markers = sorted(scene.timeline_markers, key=lambda m: m.frame)
    frames = [round(37 + t * NTSC_FILM) for t in grid().times]
    assert [m.frame for m in markers] == frames
    assert names(markers)[:6] == ["beat 8", "Bar 1", "beat 2", "beat 3", "beat 4", "Bar 2"]
    # As dancers count: to eight over two bars, then from one again.
    assert names(markers)[6:10] == ["beat 6", "beat 7", "beat 8", "Bar 3"]


@pytest.mark.parametrize("where", ["ACTION", "TIMELINE", "BOTH"])
def test_where_they_are_drawn(scene, strip, where):
    action = dancer(scene).animation_data.action
    scene.timeline_markers.new("Chorus", frame=20)
    analysed(scene, where=where)
    assert len(action.pose_markers) == (0 if where == "TIMELINE" else 16)
    assert len(scene.timeline_markers) == (1 if where == "ACTION" else 17)
    analysed(scene, where=where)
    assert len(action.pose_markers) + len(scene.timeline_markers) == (33 if where == "BOTH" else 17)


def test_without_an_action_they_come_to_the_timeline(scene, strip):
    analysed(scene, where="ACTION")
    assert len(scene.timeline_markers) == 16


# --- reading ---


def test_untouched_markers_lose_no_time(scene, strip):
    analysed(scene)
    read = now(scene)
    np.testing.assert_array_equal(read.times, grid().times)
    np.testing.assert_array_equal(read.downbeats, grid().downbeats)
    assert read.confidence == 0.8


@pytest.mark.parametrize("where", ["ACTION", "TIMELINE", "BOTH"])
def test_moved_added_and_deleted_by_hand(scene, strip, where):
    action = dancer(scene).animation_data.action
    analysed(scene, where=where)
    # With both, the edited ones count, whichever they are.
    markers = action.pose_markers if where == "ACTION" else scene.timeline_markers
    by_frame = sorted(markers, key=lambda m: m.frame)
    by_frame[3].frame += 4
    markers.remove(by_frame[10])
    added = markers.new("F_201")
    added.frame = 291
    named = markers.new("Bar")
    named.frame = 303
    read = now(scene)
    expected = grid().times
    expected[3] = (by_frame[3].frame - 37) / NTSC_FILM
    expected = np.delete(expected, 10)
    expected = np.append(expected, [(291 - 37) / NTSC_FILM, (303 - 37) / NTSC_FILM])
    np.testing.assert_allclose(read.times, expected, atol=1e-9)
    assert read.downbeats[-2:].tolist() == [False, True]
    assert read.tracker == "hand"


def test_markers_of_others_are_no_beats(scene, strip):
    scene.timeline_markers.new("F_44", frame=44)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    cut = scene.timeline_markers.new("Bar 3", frame=60)
    cut.camera = camera
    others = beat_markers.others_on_timeline(scene)
    assert others == (44,)
    place = song_source.whole(bpy.context).placement
    store = beat_grid.StoredBeats(grid(), "song.wav", beats.clock_of(place, scene), others)
    scene.audio2pose.markers = "TIMELINE"
    beats.write(scene.audio2pose, store)
    beat_markers.draw(scene, store)
    np.testing.assert_array_equal(now(scene).times, grid().times)
    assert bpy.ops.audio2pose.clear_beats() == {"FINISHED"}
    assert sorted(names(scene.timeline_markers)) == ["Bar 3", "F_44"]


def test_a_moved_strip_takes_its_beats_along(scene, strip):
    analysed(scene)
    move(strip, 100)
    np.testing.assert_allclose(now(scene).times, grid().times)
    # Drawn again they sit where they are heard; so they do when moved by hand.
    assert bpy.ops.audio2pose.draw_beats() == {"FINISHED"}
    assert min(m.frame for m in scene.timeline_markers) == round(137 + 0.13 * NTSC_FILM)
    move(strip, 10)
    for marker in scene.timeline_markers:
        marker.frame += 10
    np.testing.assert_allclose(now(scene).times, grid().times)


# --- changed as a whole ---


def test_shifted_by_a_beat_and_by_half_a_beat():
    whole = beats.shifted(grid(), 1.0)
    np.testing.assert_allclose(whole.times, grid().times + 0.5)
    np.testing.assert_array_equal(whole.downbeats, grid().downbeats)
    back = beats.shifted(whole, -1.0)
    np.testing.assert_allclose(back.times, grid().times)
    half = beats.shifted(grid(), -0.5)
    np.testing.assert_allclose(half.times, (grid().times - 0.25)[1:])


def test_bars_shifted_keep_the_beats():
    later = beats.bars_shifted(grid(), 1)
    np.testing.assert_array_equal(later.times, grid().times)
    np.testing.assert_array_equal(np.flatnonzero(later.downbeats), [2, 6, 10, 14])
    np.testing.assert_array_equal(np.flatnonzero(beats.bars_shifted(later, 2).downbeats)[0], 0)
    np.testing.assert_array_equal(beats.bars_shifted(later, -1).downbeats, grid().downbeats)


@pytest.mark.parametrize("meter", [3, 4])
def test_halved_and_doubled_are_each_others_inverse(meter):
    twice = beats.doubled(grid(count=25, bar=0, meter=meter))
    assert twice.tempo_bpm == pytest.approx(240)
    assert len(twice.times) == 49
    np.testing.assert_array_equal(np.flatnonzero(twice.downbeats), np.arange(0, 49, meter))
    once = beats.halved(twice)
    np.testing.assert_allclose(once.times, grid(count=25).times)
    np.testing.assert_array_equal(once.downbeats, grid(count=25, bar=0, meter=meter).downbeats)
    assert once.tempo_bpm == pytest.approx(120)


def test_halving_keeps_the_first_bars_beat():
    once = beats.halved(grid())
    np.testing.assert_allclose(once.times, grid().times[1::2])
    np.testing.assert_array_equal(np.flatnonzero(once.downbeats), [0, 4])


def test_the_operators_draw_what_they_changed_and_undo(scene, strip):
    analysed(scene)
    bpy.ops.ed.undo_push(message="analysed")
    assert bpy.ops.audio2pose.double_beats("EXEC_DEFAULT", True) == {"FINISHED"}
    assert len(scene.timeline_markers) == 31
    assert scene.audio2pose.beats.tempo_bpm == pytest.approx(240)
    bpy.ops.ed.undo()
    scene = bpy.context.scene
    assert len(scene.timeline_markers) == 16
    assert scene.audio2pose.beats.tempo_bpm == pytest.approx(120)
    assert bpy.ops.audio2pose.halve_beats() == {"FINISHED"}
    assert bpy.ops.audio2pose.shift_bars(count=1) == {"FINISHED"}
    assert names(scene.timeline_markers)[:3] == ["beat 8", "Bar 1", "beat 2"]
    assert bpy.ops.audio2pose.shift_beats(amount=1.0) == {"FINISHED"}
    assert now(scene).times[0] == pytest.approx(0.13 + 0.5 + 1.0, abs=1e-6)


def test_too_few_beats_are_told_and_nothing_is_changed(scene, strip):
    analysed(scene, grid(count=3))
    before = [(m.name, m.frame) for m in scene.timeline_markers]
    with pytest.raises(RuntimeError, match="Too few beats to halve"):
        bpy.ops.audio2pose.halve_beats()
    assert [(m.name, m.frame) for m in scene.timeline_markers] == before
    for marker in list(scene.timeline_markers)[1:]:
        scene.timeline_markers.remove(marker)
    with pytest.raises(RuntimeError, match=r"1 beat\(s\) are marked"):
        bpy.ops.audio2pose.double_beats()
    assert len(scene.timeline_markers) == 1


def test_without_beats_the_operators_are_off(scene):
    for name in ("shift_beats", "shift_bars", "halve_beats", "double_beats", "draw_beats"):
        with pytest.raises(RuntimeError, match="poll"):
            getattr(bpy.ops.audio2pose, name)()


# --- danced to ---


def test_the_dancer_gets_the_edited_beats_of_the_part(scene, strip):
    """Heard from its 10th frame on: seconds count from there."""
    analysed(scene)
    last = max(scene.timeline_markers, key=lambda m: m.frame)
    last.frame += 3
    found = beats.for_song(scene, song_source.whole(bpy.context))
    skipped = 10 / NTSC_FILM
    expected = grid().times
    expected[-1] = (last.frame - 37) / NTSC_FILM
    np.testing.assert_allclose(found.times, expected[expected > skipped] - skipped)
    assert found.downbeats[0]


def test_generate_hands_them_to_the_worker(scene, strip, tmp_path):
    analysed(scene)
    request = session.begin(bpy.context).job.request
    expected = beats.for_song(scene, song_source.whole(bpy.context)).times
    np.testing.assert_allclose(request.beats.times, expected)
    message = request.write(tmp_path)
    np.testing.assert_allclose(load_beats(tmp_path / message["beats"]).times, expected, atol=1e-6)
    bpy.ops.audio2pose.clear_beats()
    assert session.begin(bpy.context).job.request.beats is None


def test_beats_of_another_song_are_left_alone(scene, strip, tmp_path):
    analysed(scene)
    other = write_wav(tmp_path / "other.wav", np.zeros(5 * RATE))
    strip.select = False
    strip.mute = True
    added = compat.add_sound(scene, str(other), "other", 1)
    added.select = True
    assert beats.for_song(scene, song_source.whole(bpy.context)) is None


def test_a_part_without_beats(scene, strip):
    analysed(scene)
    scene.audio2pose.range = "SCENE"
    scene.frame_start, scene.frame_end = 300, 360
    with pytest.raises(DataError, match=r"0 beat\(s\) are marked in the part"):
        beats.for_song(scene, song_source.danced(bpy.context))


def test_a_new_dance_carries_them_as_they_were_edited(scene, strip):
    old = dancer(scene).animation_data.action
    analysed(scene, where="ACTION")
    moved = max(old.pose_markers, key=lambda m: m.frame)
    moved.frame += 5
    frame = moved.frame
    found = beats.marked(scene, song_source.whole(bpy.context))
    action = bpy.data.actions.new("Dance 2")
    scene.audio2pose.target.animation_data.action = action
    beats.show_on(scene, action, found)
    assert names(action.pose_markers)[1] == "Bar 1"
    assert max(m.frame for m in action.pose_markers) == frame
    assert now(scene).times[-1] == pytest.approx((frame - 37) / NTSC_FILM)
    # On the timeline only, where that is wanted.
    scene.audio2pose.markers = "TIMELINE"
    third = bpy.data.actions.new("Dance 3")
    beats.show_on(scene, third, found)
    assert len(third.pose_markers) == 0


def test_they_survive_saving_and_reopening(scene, strip, tmp_path):
    analysed(scene)
    path = str(tmp_path / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=path)
    np.testing.assert_allclose(now(bpy.context.scene).times, grid().times)
    assert compat.scene_fps(bpy.context.scene) == pytest.approx(NTSC_FILM)


@pytest.mark.parametrize(
    "name", ["Beat drop!", "Bar fight", "beats", "Barbara", "Beat 3 drop", "bar-b-q", "beat.it"]
)
def test_a_marker_of_the_user_is_never_taken_for_a_beat(scene, strip, name):
    """Not read as a beat, and not removed, on the timeline or the action."""
    armature = own_armature.create_armature("Mine")
    scene.audio2pose.target = armature
    armature.animation_data_create().action = action = bpy.data.actions.new("By hand")
    for markers in (scene.timeline_markers, action.pose_markers):
        markers.new(name).frame = 61
    store = analysed(scene, where="BOTH")
    np.testing.assert_allclose(now(scene).times, store.beats.times)
    assert bpy.ops.audio2pose.clear_beats() == {"FINISHED"}
    for markers in (scene.timeline_markers, action.pose_markers):
        assert [(m.name, m.frame) for m in markers] == [(name, 61)]


@pytest.mark.parametrize("name", ["Bar", "bar 7", "BAR12", "Beat", "beat 3", "beat.01", "Bar 2.1"])
def test_names_of_bars_and_beats(scene, strip, name):
    analysed(scene)
    scene.timeline_markers.new(name).frame = 61
    frames = beat_markers.read(scene, beats.read(scene.audio2pose))
    at = frames[0].tolist().index(61)
    assert frames[1][at] == name.lower().startswith("bar")
    assert bpy.ops.audio2pose.clear_beats() == {"FINISHED"}
    assert len(scene.timeline_markers) == 0
