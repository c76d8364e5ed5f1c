"""Follow Tempo: an existing dance stretched beat to beat; a retimed strip that cannot be mixed."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import quick_jobs
from test_takes import dance, hand, scene  # noqa: F401

from audio2pose_core.errors import OptionError
from blender_addon import compat
from blender_addon.edit import tempo, user_edits
from blender_addon.song import beat_grid, beats, source as song_source
from blender_addon.takes import metadata as take_metadata, store as take_store

pytestmark = pytest.mark.blender
FPS = 24
BEAT = quick_jobs.BEAT


def know(times: np.ndarray, zero: float = 1.0, first_bar: int = 0) -> None:
    """These are the beats of the scene's song."""
    settings = bpy.context.scene.audio2pose
    downbeats = (np.arange(len(times)) - first_bar) % 4 == 0
    found = beats.Beats(times, downbeats, 60 / float(np.median(np.diff(times))), 4, 1.0, "test")
    song, _ = song_source.lies(bpy.context)
    beats.write(settings, beat_grid.StoredBeats(found, song, beat_grid.Clock(zero, FPS)))


def old_frame(beat: float) -> float:
    return 1 + beat * BEAT * FPS


def test_each_beat_of_the_dance_comes_to_lie_on_the_songs(scene):  # noqa: F811
    """At 100 BPM: what was danced on a beat is danced on it, and between two in between."""
    armature = dance(3)
    seconds = 60 / 100
    know(np.arange(16) * seconds)
    before = {beat: hand(armature, round(old_frame(beat))) for beat in (0, 2, 5, 10)}
    assert bpy.ops.audio2pose.follow_tempo() == {"FINISHED"}
    take = take_store.current(armature)
    assert take.name == "Take 2" and len(take_store.of(armature)) == 2
    for beat, place in before.items():
        frame = 1 + beat * seconds * FPS
        # Keys come to lie on whole frames, up to half a frame away; the hand is quick.
        assert np.abs(np.subtract(hand(armature, round(frame)), place)).max() < 0.04
        assert np.abs(np.subtract(hand(armature, round(frame) + 4), place)).max() > 0.04
    record = take_metadata.read(take.action)
    assert record.tempo_bpm == pytest.approx(100, abs=0.1)
    np.testing.assert_allclose(record.beats, np.arange(16) * seconds, atol=1e-4)
    assert record.seconds == pytest.approx(8 * 1.2, abs=0.05)
    motion = take_metadata.read_motion(take.action)
    assert motion.seconds == pytest.approx(record.seconds, abs=0.05)
    assert record.made_from == "Take 1, following the tempo"


def test_what_was_changed_by_hand_goes_along(scene):  # noqa: F811
    armature = dance(3)
    curve = compat.fcurves_of(armature)[8]
    key = curve.keyframe_points[4]
    was, path = key.co[0], (curve.data_path, curve.array_index)
    key.co[1] += 0.4
    curve.update()
    value = key.co[1]
    know(np.arange(16) * 0.6)
    bpy.ops.audio2pose.follow_tempo()
    action = take_store.current(armature).action
    edits = user_edits.of(action)
    assert list(edits) == [path], "one curve was changed, before and after"
    (frame,) = edits[path].changed
    assert frame == pytest.approx(1 + (was - 1) * 1.2, abs=0.51)
    keys = {k.co[0]: k.co[1] for k in user_edits.curves_of(action)[path].keyframe_points}
    assert keys[frame] == pytest.approx(value, abs=1e-5)


def test_a_moved_strip_takes_the_dance_along_and_unchanged_beats_change_nothing(scene):  # noqa: F811
    armature = dance(3)
    know(np.arange(16) * BEAT)
    with pytest.raises(RuntimeError, match="on the song's beats already"):
        bpy.ops.audio2pose.follow_tempo()
    first = [hand(armature, frame) for frame in (13, 60)]
    scene.frame_start = 25
    assert bpy.ops.audio2pose.follow_tempo() == {"FINISHED"}
    assert [hand(armature, frame + 24) for frame in (13, 60)] == first


def test_without_known_beats_it_is_told_what_to_do(scene):  # noqa: F811
    dance(3)
    with pytest.raises(RuntimeError, match="press Analyse Beats first"):
        bpy.ops.audio2pose.follow_tempo()


def test_half_the_tempo_is_no_other_tempo():
    old = np.arange(20) * 12.0
    none = np.zeros(20, dtype=bool)
    with pytest.raises(OptionError, match="press Double Tempo first"):
        tempo.pair(old, none, 2 * old, none, 0, 0)
    with pytest.raises(OptionError, match="press Half Tempo first"):
        tempo.pair(old, none, old / 2, none, 0, 0)


def test_bars_meet_bars():
    """The tracker heard one beat more in front of the first bar: the bars are the same."""
    old, bars = 100 + np.arange(20) * 12.0, np.arange(20) % 4 == 0
    new, new_bars = 85.2 + np.arange(24) * 13.2, np.arange(24) % 4 == 1
    warp = tempo.pair(old, bars, new, new_bars, 100.0, 98.4)
    assert warp.at(np.array([old[0], old[4]])).tolist() == pytest.approx([new[1], new[5]])
    assert warp.back(warp.at(np.array([90.0, 133.0, 400.0]))) == pytest.approx([90, 133, 400])


def test_keys_never_share_a_frame(scene):  # noqa: F811
    """Also where the song became quicker and there is a key on every frame."""
    scene.audio2pose.keys = "EVERY_FRAME"
    armature = dance(3)
    know(np.arange(16) * 0.4)
    bpy.ops.audio2pose.follow_tempo()
    for curve in user_edits.curves_of(take_store.current(armature).action).values():
        frames = [key.co[0] for key in curve.keyframe_points]
        assert np.diff(frames).min() > 0.1 and len(frames) > 100


def test_a_mixdown_that_writes_nothing_is_told_as_such(registered, tmp_path, monkeypatch):
    """Blender 5.2 of some distributions says FINISHED; the song itself is there."""
    path = quick_jobs.song(tmp_path)
    strip = compat.add_sound(registered, str(path), "song", 1)
    found = song_source.Found(registered, strip, retimed=True)
    monkeypatch.setattr(
        song_source.bpy, "ops", type("Ops", (), {"sound": type("S", (), {"mixdown": _nothing})})
    )
    with pytest.raises(Exception, match="mixed nothing of the retimed strip 'song' down"):
        song_source.mixdown(found)


def _nothing(**_):
    return {"FINISHED"}
