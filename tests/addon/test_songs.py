"""Which song a scene dances to: several strips, meta strips, retimed strips, ranges."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from strip_names import move, set_handles, set_length
from test_sound import NTSC_FILM, RATE, heard_frame, write_wav

from audio2pose_core.errors import Audio2PoseError, AudioError, OptionError
from blender_addon import compat
from blender_addon.song import source as song_source

pytestmark = pytest.mark.blender


@pytest.fixture
def scene(film):
    film.frame_start, film.frame_end = 1, 400
    return film


@pytest.fixture
def click(tmp_path):
    """Six seconds of silence with one click at 2.5 s."""
    samples = np.zeros(6 * RATE)
    samples[round(2.5 * RATE) : round(2.5 * RATE) + 20] = 0.9
    return write_wav(tmp_path / "click.wav", samples)


def add(scene, path, frame=37, name="song"):
    strip = compat.add_sound(scene, str(path), name, frame)
    strip.select = False
    return strip


def click_frames(song, scene) -> list[float]:
    """The scene frames on which the samples that the worker gets have clicks."""
    loud = np.flatnonzero(np.abs(song.samples) > 0.3)
    starts = loud[np.insert(np.diff(loud) > song.rate // 10, 0, True)]
    return [song.placement.frame_start + s / song.rate * compat.scene_fps(scene) for s in starts]


@contextmanager
def in_sequencer(scene):
    """The context of Blender's own sequencer operators."""
    window = bpy.context.window_manager.windows[0]
    if hasattr(window.workspace, "sequencer_scene"):
        window.workspace.sequencer_scene = scene
    area = window.screen.areas[0]
    kind, area.type = area.type, "SEQUENCE_EDITOR"
    try:
        with bpy.context.temp_override(window=window, area=area, region=area.regions[-1]):
            yield
    finally:
        area.type = kind


def make_meta(scene, path, frame):
    """A meta strip around one sound strip."""
    add(scene, path, frame, "inner").select = True
    with in_sequencer(scene):
        bpy.ops.sequencer.meta_make()
    (meta,) = compat.strips(scene)
    meta.select = False
    return meta


def half_speed_from(strip, scene, frame: int) -> None:
    """The song at half its speed from a frame on, as a hand would retime it.

    Not by ``retiming_keys.add`` in general: it ends Blender 4.5 and 5.0.
    """
    if compat.BLENDER_5_1:
        end = round(strip.right_handle)
        strip.retiming_keys.add(timeline_frame=frame)
        strip.retiming_keys[-1].timeline_frame = frame + 2 * (end - frame)
        return
    strip.select, scene.sequence_editor.active_strip = True, strip
    with in_sequencer(scene):
        bpy.ops.sequencer.retiming_key_add("EXEC_DEFAULT", timeline_frame=frame)
        bpy.ops.sequencer.retiming_segment_speed_set("EXEC_DEFAULT", speed=50)
    strip.select = False


# --- which strips ---


def test_what_is_selected_else_active_else_all_pieces_of_the_first_song(scene, click, tmp_path):
    other = write_wav(tmp_path / "other.wav", np.zeros(RATE))
    first = add(scene, click, 10)
    piece = add(scene, click, 300)
    piece.sound = first.sound
    last = add(scene, other, 200)
    settings = scene.audio2pose

    def chosen():
        return {f.strip.name for f in song_source.chosen_strips(bpy.context, settings)}

    scene.sequence_editor.active_strip = None
    assert chosen() == {first.name, piece.name}
    scene.sequence_editor.active_strip = last
    assert chosen() == {last.name}
    piece.select = True
    assert chosen() == {piece.name}
    piece.mute = True
    assert chosen() == {last.name}
    settings.strip = first.name
    assert chosen() == {first.name}


def test_two_strips_are_added_up_where_they_are_heard(scene, click, tmp_path):
    """The second at another sample rate, and half as loud."""
    samples = np.zeros(3 * 22050)
    samples[22050 : 22050 + 20] = 0.9
    one, two = add(scene, click, 37), add(scene, write_wav(tmp_path / "b.wav", samples, 22050), 137)
    one.select = two.select = True
    two.volume = 0.5
    song = song_source.whole(bpy.context)
    expected = [37 + 2.5 * NTSC_FILM, 137 + NTSC_FILM]
    assert click_frames(song, scene) == pytest.approx(expected, abs=0.05)
    assert song.key == "b.wav + click.wav"
    assert song.name == "song + 1"
    assert song.placement.seconds == pytest.approx(max(6, 100 / NTSC_FILM + 3), abs=0.05)


def test_strips_a_night_apart(scene, click):
    one, two = add(scene, click, 0), add(scene, click, 400000)
    one.select = two.select = True
    with pytest.raises(AudioError, match="hours apart; choose one"):
        song_source.whole(bpy.context)


def test_a_lost_sound_and_a_lost_file(scene, click):
    strip = add(scene, click)
    click.unlink()
    with pytest.raises(AudioError, match="song not found"):
        song_source.whole(bpy.context)
    strip.sound = None
    with pytest.raises(AudioError, match="lost its sound"):
        song_source.whole(bpy.context)


# --- meta strips ---


@pytest.mark.parametrize("moved", [0, 25])
def test_a_strip_in_a_meta_strip_lies_where_blender_plays_it(scene, click, tmp_path, moved):
    move(make_meta(scene, click, 37), moved)
    song = song_source.whole(bpy.context)
    assert click_frames(song, scene) == pytest.approx([heard_frame(scene, tmp_path)], abs=0.05)


def test_handles_of_the_meta_strip_cut_it(scene, click, tmp_path):
    meta = make_meta(scene, click, 37)
    set_handles(meta, 20, 30)
    _, left, right = compat.strip_frames(meta)
    song = song_source.whole(bpy.context)
    assert song.placement.frame_start == left
    assert song.placement.seconds == pytest.approx((right - left) / NTSC_FILM, abs=1e-3)
    assert click_frames(song, scene) == pytest.approx([heard_frame(scene, tmp_path)], abs=0.05)


def test_a_muted_meta_strip_counts_only_alone(scene, click):
    meta = make_meta(scene, click, 37)
    meta.mute = True
    assert [f.strip.name for f in song_source.chosen_strips(bpy.context, scene.audio2pose)] == [
        "inner"
    ]
    add(scene, click, 10, "open")
    scene.sequence_editor.active_strip = None
    assert song_source.chosen_strips(bpy.context, scene.audio2pose)[0].strip.name == "open"


# --- retimed ---


def test_a_retimed_strip_is_heard_as_blender_plays_it(scene, click, tmp_path):
    """40 frames at full speed, then half: the click's 59.94 frames become 79.88."""
    strip = add(scene, click, 10)
    half_speed_from(strip, scene, 50)
    loud = add(scene, click, 20, "not this one")
    loud.mute, scene.frame_end = False, 400
    scene.audio2pose.strip = strip.name
    before = [(s.name, s.mute) for s in compat.all_strips(scene)]
    song = song_source.whole(bpy.context)
    assert click_frames(song, scene) == pytest.approx([10 + 40 + 2 * (2.5 * NTSC_FILM - 40)], abs=2)
    assert [(s.name, s.mute) for s in compat.all_strips(scene)] == before
    assert (scene.frame_start, scene.frame_end) == (1, 400)
    assert song.placement.frame_start == 10


# --- ranges ---


@pytest.mark.parametrize("kind", ["SCENE", "PREVIEW"])
def test_a_range_cuts_the_song(scene, click, kind):
    add(scene, click, 37)
    scene.audio2pose.range = kind
    if kind == "PREVIEW":
        scene.use_preview_range = True
        scene.frame_preview_start, scene.frame_preview_end = 50, 110
    else:
        scene.frame_start, scene.frame_end = 50, 110
    song = song_source.danced(bpy.context)
    assert song.placement.frame_start == 50
    assert song.placement.song_second == pytest.approx(13 / NTSC_FILM)
    assert len(song.samples) / song.rate == pytest.approx(61 / NTSC_FILM, abs=1e-3)
    assert click_frames(song, scene) == pytest.approx([37 + 2.5 * NTSC_FILM], abs=0.05)


def test_a_range_wider_than_the_song_is_the_song(scene, click):
    add(scene, click, 37)
    scene.audio2pose.range = "SCENE"
    song, whole = song_source.danced(bpy.context), song_source.whole(bpy.context)
    assert song.placement.frame_start == whole.placement.frame_start == 37
    assert len(song.samples) == len(whole.samples)


def test_useless_ranges(scene, click):
    add(scene, click, 37)
    scene.audio2pose.range = "PREVIEW"
    with pytest.raises(OptionError, match="no preview range is set"):
        song_source.danced(bpy.context)
    scene.audio2pose.range = "SCENE"
    scene.frame_start, scene.frame_end = 300, 350
    with pytest.raises(AudioError, match="nothing of song is heard from frame 300 to 350"):
        song_source.danced(bpy.context)
    # Blender itself turns a reversed range into one frame.
    scene.frame_end = 200
    with pytest.raises(OptionError, match="no later than it begins"):
        song_source.danced(bpy.context)


@pytest.mark.parametrize("fps", [1, 240])
def test_at_one_frame_a_second_and_at_240(scene, click, fps):
    scene.render.fps, scene.render.fps_base = fps, 1.0
    add(scene, click, 37)
    song = song_source.danced(bpy.context)
    assert len(song.samples) == pytest.approx(6 * RATE, rel=0.01)
    assert click_frames(song, scene) == pytest.approx([37 + 2.5 * fps], abs=0.05)


def test_a_strip_of_no_length(scene, click):
    strip = add(scene, click, 37)
    set_length(strip, 1)
    with pytest.raises(Audio2PoseError, match="nothing of strip"):
        strip.sound_offset = 1.0
        song_source.danced(bpy.context)
