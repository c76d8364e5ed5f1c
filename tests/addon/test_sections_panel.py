"""Sections and events: found, drawn as markers of their own, edited, obeyed by the dance."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import quick_jobs
from test_sound import RATE, write_wav

from audio2pose_core.audio import form as core_form
from audio2pose_core.audio.demo_song import write_demo_song
from audio2pose_core.choreography import direction as core_direction
from audio2pose_core.errors import DataError
from blender_addon import compat
from blender_addon.generate import direction, scene_params
from blender_addon.jobs.params import GenerationParams
from blender_addon.song import (
    beat_grid,
    beats,
    click,
    mark_record,
    marking,
    sections,
    source as song_source,
    strips as song_strips,
)
from blender_addon.takes import metadata as take_metadata, store as take_store

pytestmark = pytest.mark.blender
FPS = 24.0


@pytest.fixture
def scene(registered):
    registered.render.fps, registered.render.fps_base = 24, 1.0
    return registered


def grid(count=40, first=0.0, step=0.5) -> beats.Beats:
    index = np.arange(count)
    return beats.Beats(first + step * index, index % 4 == 0, 60 / step, 4, 0.8, "test")


def heard() -> sections.SongForm:
    """Twenty seconds: verse A, chorus B, verse A again."""
    parts = [(0.0, 8.0, "A", "verse"), (8.0, 14.0, "B", "chorus"), (14.0, 20.0, "A", "verse")]
    return sections.of_analysis(
        [core_form.Section(start, end, label, name, 0.5) for start, end, label, name in parts],
        [core_form.Event(8.0, "drop", 1.0), core_form.Event(12.0, "break", 0.5)],
        20.0,
    )


@pytest.fixture
def analysed(scene, tmp_path):
    """The scene as Analyse leaves it: a song of twenty seconds from frame 1 on."""
    path = write_wav(tmp_path / "song.wav", np.zeros(20 * RATE))
    compat.add_sound(scene, str(path), "song", 1)
    place = song_source.whole(bpy.context).placement
    store = beat_grid.StoredBeats(grid(), "song.wav", beats.clock_of(place, scene))
    scene.audio2pose.markers = "TIMELINE"
    marking.show(scene, store, heard())
    return scene


def marker(scene, name: str):
    return next(m for m in scene.timeline_markers if m.name.startswith(name))


def shown(scene) -> list[tuple[str, int]]:
    own = [m for m in scene.timeline_markers if m.name.startswith(("Section", "Event"))]
    return sorted(((m.name, m.frame) for m in own), key=lambda one: (one[1], one[0]))


def now() -> sections.SongForm:
    found = marking.form_now(bpy.context)
    assert found is not None
    return found


def starts() -> list[float]:
    return [round(s.start, 3) for s in now().sections]


# --- found and drawn ---


def test_analyse_finds_sections_and_events_in_the_worker(scene, tmp_path):
    write_demo_song(tmp_path / "song.wav", seconds=20.0, bpm=120.0)
    bpy.ops.audio2pose.add_song(filepath=str(tmp_path / "song.wav"))
    assert bpy.ops.audio2pose.analyse() == {"FINISHED"}
    form = now()
    assert len(form.sections) >= 1 and form.end == pytest.approx(20.0, abs=0.1)
    assert next(n for n, _ in shown(scene)) == f"Section 1: {form.sections[0].name}"
    assert len(shown(scene)) == len(form.sections) + len(form.events)


def test_a_strip_that_begins_later_in_its_song_is_analysed_where_it_is_heard(scene, tmp_path):
    write_demo_song(tmp_path / "song.wav", seconds=20.0, bpm=120.0)
    bpy.ops.audio2pose.add_song(filepath=str(tmp_path / "song.wav"))
    bpy.ops.audio2pose.analyse()
    before = {m.frame for m in scene.timeline_markers if m.name.startswith(("Bar", "beat"))}
    scene.sequence_editor.strips[0].frame_offset_start = 100
    bpy.ops.audio2pose.analyse()
    after = {m.frame for m in scene.timeline_markers if m.name.startswith(("Bar", "beat"))}
    assert min(after) >= 100
    near = [min(abs(frame - one) for one in before) for frame in after]
    assert np.mean(np.array(near) <= 1) > 0.9, "the same beats, where the same sound is heard"


def test_beats_are_counted_to_eight_from_where_a_section_begins(analysed):
    at = {m.frame: m.name for m in analysed.timeline_markers if m.name[0] in "Bb"}
    # Bars of two seconds: the second section begins with bar 5, the third with bar 8.
    assert [at[1 + 12 * k] for k in range(9)] == [
        "Bar 1", "beat 2", "beat 3", "beat 4", "Bar 2", "beat 6", "beat 7", "beat 8", "Bar 3"
    ]  # fmt: skip
    assert at[1 + 24 * 14] == "Bar 8" and at[1 + 24 * 14 + 12] == "beat 2"


def test_three_kinds_can_be_hidden_and_the_users_markers_stay(analysed):
    scene, settings = analysed, analysed.audio2pose
    scene.timeline_markers.new("Event horizon", frame=5)
    scene.timeline_markers.new("drop", frame=6)
    settings.marker_kinds = {"EVENTS"}
    names = sorted(m.name for m in scene.timeline_markers)
    assert names == ["Event horizon", "Event: break", "Event: drop", "drop"]
    settings.marker_kinds = set()
    assert sorted(m.name for m in scene.timeline_markers) == ["Event horizon", "drop"]
    settings.marker_kinds = {"SECTIONS", "BEATS"}
    assert [n for n, _ in shown(scene) if n.startswith("Section")] == [
        "Section 1: Verse A",
        "Section 2: Chorus B",
        "Section 3: Verse A",
    ]
    assert len(beats.edited(scene, beats.clock_now(bpy.context)).beats.times) == 40
    settings.marker_kinds = {"SECTIONS", "BEATS", "EVENTS"}
    assert [e.kind for e in now().events] == ["drop", "break"], "hidden, not forgotten"
    assert bpy.ops.audio2pose.clear_beats() == {"FINISHED"}
    assert sorted(m.name for m in scene.timeline_markers) == ["Event horizon", "drop"]
    assert len(settings.sections) == 0


def test_markers_of_our_names_that_were_there_before_are_the_users(scene, tmp_path):
    write_demo_song(tmp_path / "song.wav", seconds=12.0, bpm=120.0)
    bpy.ops.audio2pose.add_song(filepath=str(tmp_path / "song.wav"))
    scene.timeline_markers.new("Section 1: mine", frame=70)
    scene.timeline_markers.new("Event: drop", frame=71)
    bpy.ops.audio2pose.analyse()
    bpy.ops.audio2pose.draw_beats()
    assert now().sections[0].name != "mine" and all(e.time != 70 / FPS for e in now().events)
    bpy.ops.audio2pose.clear_beats()
    left = sorted((m.name, m.frame) for m in scene.timeline_markers)
    assert left == [("Event: drop", 71), ("Section 1: mine", 70)]


# --- edited by markers ---


def test_a_moved_marker_moves_its_section_and_a_deleted_one_joins(analysed):
    marker(analysed, "Section 2").frame = 1 + 24 * 6
    assert starts() == [0.0, 6.0, 14.0]
    analysed.timeline_markers.remove(marker(analysed, "Section 3"))
    assert starts() == [0.0, 6.0]
    assert bpy.ops.audio2pose.draw_beats() == {"FINISHED"}
    assert [s.start for s in analysed.audio2pose.sections] == [0.0, 6.0]
    assert shown(analysed)[1] == ("Section 2: Chorus B", 145)


def test_a_copied_marker_splits_and_its_text_renames(analysed):
    analysed.timeline_markers.new("Section 1: Verse A", frame=1 + 24 * 4)
    marker(analysed, "Section 2").name = "Section 2: Big one"
    form = now()
    assert [(s.start, s.name) for s in form.sections] == [
        (0.0, "Verse A"),
        (4.0, "Verse A"),
        (8.0, "Big one"),
        (14.0, "Verse A"),
    ]
    assert len({s.uid for s in form.sections}) == 4
    assert form.sections[3].source == form.sections[0].uid


def test_events_are_what_the_markers_say(analysed):
    analysed.timeline_markers.remove(marker(analysed, "Event: break"))
    marker(analysed, "Event: drop").frame = 1 + 24 * 9
    analysed.timeline_markers.new("Event: fill", frame=1 + 24 * 13)
    assert [(e.kind, e.time) for e in now().events] == [("drop", 9.0), ("fill", 13.0)]


def test_a_moved_strip_takes_its_sections_along(analysed):
    strip = analysed.sequence_editor.strips[0]
    strip.frame_start += 48
    assert starts() == [0.0, 8.0, 14.0]
    bpy.ops.audio2pose.draw_beats()
    assert shown(analysed)[0] == ("Section 1: Verse A", 49)


# --- edited in the list ---


def test_a_rename_in_the_list_renames_the_marker(analysed):
    analysed.audio2pose.sections[1].name = "Hook"
    assert [n for n, _ in shown(analysed) if "2" in n] == ["Section 2: Hook"]
    assert now().sections[1].name == "Hook"


def test_split_join_and_move_at_the_playhead(analysed):
    settings = analysed.audio2pose
    analysed.frame_current = 1 + 24 * 4 + 3  # near the bar line at 4 s
    settings.sections[0].style, settings.sections[0].energy = "salsa", 1.0
    assert bpy.ops.audio2pose.split_section() == {"FINISHED"}
    assert starts() == [0.0, 4.0, 8.0, 14.0] and settings.section_index == 1
    assert settings.sections[1].style == "salsa" and settings.sections[1].energy == 1.0
    assert settings.sections[3].returns_to == str(settings.sections[0].uid)
    analysed.frame_current = 1 + 24 * 6
    assert bpy.ops.audio2pose.move_section() == {"FINISHED"}
    assert starts() == [0.0, 6.0, 8.0, 14.0]
    settings.section_index = 0
    assert bpy.ops.audio2pose.join_section() == {"FINISHED"}
    assert starts() == [0.0, 8.0, 14.0]
    settings.section_index = 2
    assert bpy.ops.audio2pose.go_to_section() == {"FINISHED"}
    assert analysed.frame_current == 1 + 24 * 14
    with pytest.raises(RuntimeError, match="no section after"):
        bpy.ops.audio2pose.join_section()
    settings.section_index = 0
    with pytest.raises(RuntimeError, match="begins with the song"):
        bpy.ops.audio2pose.move_section()


def test_what_a_section_returns_to_is_an_earlier_one(analysed):
    rows = analysed.audio2pose.sections
    assert rows[2].returns_to == str(rows[0].uid) and rows[1].returns_to == "NEW"
    rows[2].returns_to = str(rows[1].uid)
    assert now().labels() == ["A", "B", "B"]
    rows[2].returns_to = "NEW"
    assert now().labels() == ["A", "B", "C"]
    with pytest.raises(TypeError):
        rows[1].returns_to = str(rows[2].uid)


# --- obeyed ---


def asked(scene) -> core_direction.Direction:
    song = song_source.danced(bpy.context)
    return direction.of_scene(bpy.context, song, None, beats.for_song(scene, song))


def test_the_dance_is_asked_for_what_the_list_says(analysed):
    rows = analysed.audio2pose.sections
    rows[1].style, rows[1].energy = "salsa", -1.5
    found = asked(analysed).sections
    assert [(s.start, s.end, s.label, s.style, s.energy) for s in found] == [
        (0.0, 8.0, "A", "", 0.0),
        (8.0, 14.0, "B", "salsa", -1.5),
        (14.0, 20.0, "A", "", 0.0),
    ]
    assert [(e.time, e.kind) for e in asked(analysed).events] == [(8.0, "drop"), (12.0, "break")]


def test_a_part_of_the_song_has_its_sections_from_its_own_beginning(analysed):
    analysed.use_preview_range = True
    analysed.frame_preview_start, analysed.frame_preview_end = 1 + 24 * 10, 24 * 16
    analysed.audio2pose.range = "PREVIEW"
    found = asked(analysed)
    assert [(s.start, round(s.end, 2), s.label) for s in found.sections] == [
        (0.0, 4.0, "B"),
        (4.0, 6.0, "A"),
    ]
    assert [(round(e.time, 2), e.kind) for e in found.events] == [(2.0, "break")]


def test_sections_of_another_song_are_left_out(analysed, tmp_path):
    analysed.audio2pose.source = "FILE"
    analysed.audio2pose.file = str(write_wav(tmp_path / "other.wav", np.ones(RATE * 3) * 0.1))
    assert asked(analysed).sections is None


def test_takes_of_version_0_2_are_read_without_a_direction():
    values = GenerationParams(direction={"hold_breaks": True}).to_json()
    assert GenerationParams.from_json(values).direction == {"hold_breaks": True}
    del values["direction"]
    assert GenerationParams.from_json(values).direction is None
    assert "direction" not in GenerationParams().options()


# --- the click track ---


def test_clicks_lie_on_the_beats_and_are_never_danced_to(analysed):
    scene = analysed
    scene.audio2pose.click = True
    (strip,) = click.strips_of(scene)
    assert strip.sound.packed_file is not None
    assert [f.strip.name for f in song_strips.sound_strips(bpy.context)] == ["song"]
    samples, rate = song_strips.read_strip(strip)
    start = compat.strip_frames(strip)[0]
    loud = np.flatnonzero(np.abs(samples) > 0.05) / rate
    onsets = loud[np.concatenate([[True], np.diff(loud) > 0.2])]
    frames = 1 + grid().times * FPS
    assert start + onsets * FPS == pytest.approx(frames, abs=0.1)
    bpy.ops.audio2pose.shift_beats(amount=1.0)
    (moved,) = click.strips_of(scene)
    assert compat.strip_frames(moved)[0] == pytest.approx(start + 12)
    scene.audio2pose.click = False
    assert click.strips_of(scene) == [] and len(bpy.data.sounds) == 1


def test_clicks_are_not_rendered_nor_saved_to_be_heard(analysed, tmp_path):
    import aud

    scene = analysed
    scene.audio2pose.click = True
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    scene.camera, scene.frame_start, scene.frame_end = camera, 1, 24
    scene.render.resolution_x = scene.render.resolution_y = 32
    scene.render.engine = "BLENDER_WORKBENCH"
    compat.set_video_output(scene, str(tmp_path / "film.mp4"))
    bpy.ops.render.render(animation=True)
    (film,) = tmp_path.glob("film*.mp4")
    assert np.abs(aud.Sound(str(film)).rechannel(1).data()).max() < 1e-3
    assert not click.strips_of(scene)[0].mute, "heard again"
    path = tmp_path / "saved.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    assert not click.strips_of(scene)[0].mute
    with bpy.data.libraries.load(str(path)) as (_, to):
        to.scenes = ["Scene"]
    (copy,) = [s for s in bpy.data.scenes if s != scene]
    assert [s.mute for s in click.strips_of(copy)] == [True], "silent without the add-on"


# --- what a take was danced by ---


def edit_marks(scene) -> None:
    """A section gets a name, a style, an energy and moves of its own; a beat is moved."""
    row = scene.audio2pose.sections[2]
    row.name, row.style, row.energy, row.returns_to = "Finale", "disco", 1.5, "NEW"
    marker(scene, "Bar 3").frame += 2


def marks() -> object:
    return mark_record.of_scene(bpy.context)


def test_load_take_settings_brings_back_the_sections_and_beats_of_a_take(analysed, monkeypatch):
    quick_jobs.install(monkeypatch)
    mark_record.note_known(bpy.context)
    edit_marks(analysed)
    danced = marks()
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    bpy.ops.audio2pose.take_settings(take="Take 1")
    assert marks() == danced, "nothing was changed since"

    bpy.ops.audio2pose.shift_beats(amount=1.0)
    analysed.audio2pose.sections[1].name = "Hook"
    marker(analysed, "Event: drop").frame += 24
    analysed.audio2pose.section_index = 0
    bpy.ops.audio2pose.join_section()
    later = marks()
    assert later != danced
    assert bpy.ops.audio2pose.take_settings(take="Take 1", marks=False) == {"FINISHED"}
    assert marks() == later
    assert bpy.ops.audio2pose.take_settings(take="Take 1") == {"FINISHED"}
    assert marks() == danced
    last = analysed.audio2pose.sections[2]
    assert (last.name, last.style, last.energy, last.returns_to) == ("Finale", "disco", 1.5, "NEW")
    assert marker(analysed, "Section 3").name == "Section 3: Finale"
    assert not mark_record.are_edited(bpy.context)
    # What was loaded is what is danced by: the same dance, which is there already.
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    assert len(analysed.audio2pose.target.audio2pose_takes.takes) == 1


def test_newer_edits_are_asked_about_before_they_go(analysed, monkeypatch):
    quick_jobs.install(monkeypatch)
    mark_record.note_known(bpy.context)
    assert not mark_record.are_edited(bpy.context)
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    taken = take_store.current(analysed.audio2pose.target).action
    record = take_metadata.read(taken).params.marks
    assert mark_record.is_marked_so(bpy.context, record)
    # Each of them is an edit, the list's as well as the markers'.
    for change in (
        lambda: setattr(analysed.audio2pose.sections[1], "energy", 0.5),
        lambda: setattr(marker(analysed, "Section 2"), "frame", 250),
        lambda: setattr(marker(analysed, "Bar 2"), "frame", 50),
        lambda: bpy.ops.audio2pose.halve_beats(),
    ):
        change()
        assert mark_record.are_edited(bpy.context)
        assert not mark_record.is_marked_so(bpy.context, record)
        bpy.ops.audio2pose.take_settings(take="Take 1")
        assert not mark_record.are_edited(bpy.context)


def test_marks_of_another_song_stay_away_and_broken_ones_change_nothing(
    analysed, tmp_path, monkeypatch
):
    quick_jobs.install(monkeypatch)
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    record = take_metadata.read(take_store.current(analysed.audio2pose.target).action)
    edit_marks(analysed)
    now_marked = marks()
    analysed.sequence_editor.strips.remove(analysed.sequence_editor.strips["song"])
    other = write_wav(tmp_path / "other.wav", np.zeros(20 * RATE))
    compat.add_sound(analysed, str(other), "other", 1)
    assert "not brought back" in scene_params.restore(bpy.context, record)
    assert marks() == now_marked
    broken = dataclasses.replace(
        record, params=dataclasses.replace(record.params, marks={"song": 1})
    )
    with pytest.raises(DataError, match="beats and sections of this take"):
        scene_params.restore(bpy.context, broken)


def made_from(scene) -> str:
    take = take_store.current(scene.audio2pose.target)
    return take_metadata.read(take.action).made_from


def test_what_was_made_calmer_is_danced_again_there_with_one_click(analysed, monkeypatch):
    """Calmer, and Regenerate beside it: the rest of the take stays."""
    quick_jobs.install(monkeypatch)
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    edit, regenerate = analysed.audio2pose_edit, bpy.ops.audio2pose.regenerate
    edit.use_bars, edit.unit = False, "FRAMES"
    analysed.audio2pose.section_index = 1  # seconds 8 to 14, bars of two seconds
    assert bpy.ops.audio2pose.change_energy(where="SECTION", amount=-1.0) == {"FINISHED"}
    assert regenerate(part="SECTION") == {"FINISHED"}
    assert (edit.use_bars, edit.unit, edit.first_bar, edit.last_bar) == (True, "BARS", 5, 7)
    assert made_from(analysed) == "bars 5 to 7 of Take 1"
    analysed.use_preview_range = True
    analysed.frame_preview_start, analysed.frame_preview_end = 100, 200
    assert regenerate(part="AUTO") == {"FINISHED"}
    assert made_from(analysed) == "bars 3 to 5 of Take 2"
    analysed.use_preview_range = False
    analysed.frame_set(1 + 24 * 16)
    assert regenerate(part="AUTO") == {"FINISHED"}
    assert made_from(analysed) == "bars 9 to 10 of Take 3"
    assert bpy.ops.audio2pose.pick_bars(source="SECTION") == {"FINISHED"}
    assert (edit.first_bar, edit.last_bar) == (5, 7)


def test_a_part_that_cannot_be_regenerated_leaves_the_panel_as_it_was(analysed, monkeypatch):
    quick_jobs.install(monkeypatch)
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    edit = analysed.audio2pose_edit
    edit.first_bar, edit.last_bar, edit.use_bones = 1, 2, True
    analysed.frame_set(200)
    with pytest.raises(RuntimeError, match="No bone is selected"):
        bpy.ops.audio2pose.regenerate(part="AUTO")
    assert (edit.first_bar, edit.last_bar) == (1, 2)
    analysed.audio2pose.sections.clear()
    with pytest.raises(RuntimeError, match="No sections yet"):
        bpy.ops.audio2pose.regenerate(part="SECTION")
