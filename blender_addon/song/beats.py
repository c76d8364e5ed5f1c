"""The beats of a scene's song: stored on the scene, changed as a whole, handed to the dancer.

Times are seconds of the song itself, so a moved or trimmed strip keeps its beats. What
people edit are markers (``beat_markers``), which are read back before anything is done.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from .. import compat
from ..core import beat_file, errors, json_file
from . import beat_markers, source as song_source, strips as song_strips
from .beat_grid import Clock, StoredBeats

NO_BEATS = "no beats yet; press Analyse first"
HAND = "hand"
Beats = beat_file.Beats


def clock_of(placement: song_strips.Placement, scene: Any) -> Clock:
    """The clock of a song as it lies in a scene now."""
    fps = compat.scene_fps(scene)
    return Clock(placement.frame_start - placement.song_second * fps, fps)


def clock_now(context: Any) -> Clock:
    """The clock of the scene's song; as it was when the beats were found, where it is another song.

    DataError where no beats are stored.
    """
    store = read(context.scene.audio2pose)
    if store is None:
        raise errors.DataError(NO_BEATS)
    song = song_source.lies(context)
    if song is None or song[0] != store.song:
        return store.clock
    return clock_of(song[1], context.scene)


# --- stored on the scene ---


def write(settings: Any, stored: StoredBeats) -> None:
    """Write to ``scene.audio2pose.beats``."""
    beats = stored.beats
    record = {
        **record_of(beats),
        "song": stored.song,
        "zero": stored.clock.zero,
        "fps": stored.clock.fps,
        "others": list(stored.others),
    }
    settings.beats.record = json.dumps(record)
    settings.beats.song = stored.song
    settings.beats.tempo_bpm = beats.tempo_bpm
    settings.beats.count = len(beats.times)
    settings.beats.confidence = beats.confidence
    settings.beats.alternatives = " / ".join(f"{t:.0f}" for t in beats.tempo_alternatives[:2])


def read(settings: Any) -> StoredBeats | None:
    """What ``write`` wrote, or None."""
    text = settings.beats.record
    if not text:
        return None
    try:
        record = json_file.parse_object(text, "their record")
        return StoredBeats(
            beats_of(record),
            str(record["song"]),
            Clock(float(record["zero"]), float(record["fps"])),
            tuple(int(frame) for frame in record["others"]),
        )
    except (ValueError, KeyError, TypeError, errors.DataError) as error:
        raise errors.DataError(f"the scene's beats cannot be read ({error}); analyse again") from (
            error
        )


def record_of(beats: Beats) -> dict[str, Any]:
    """Beats as the object of a beats.json."""
    return {
        "tempo_bpm": float(beats.tempo_bpm),
        "beats_per_bar": int(beats.beats_per_bar),
        "beat_times": [float(t) for t in beats.times],
        "downbeat_times": [float(t) for t in beats.times[beats.downbeats]],
        "confidence": float(beats.confidence),
        "tracker": beats.tracker,
        "tempo_alternatives": [float(t) for t in beats.tempo_alternatives],
    }


def beats_of(record: Mapping[str, Any]) -> Beats:
    """The inverse of ``record_of``."""
    times = np.asarray(record["beat_times"], float)
    starts = np.asarray(record["downbeat_times"], float)
    return Beats(
        times,
        np.isin(times, starts),
        float(record["tempo_bpm"]),
        int(record["beats_per_bar"]),
        float(record["confidence"]),
        str(record["tracker"]),
        tempo_alternatives=tuple(float(t) for t in record.get("tempo_alternatives", ())),
    )


# --- as edited ---


def edited(scene: Any, clock: Clock) -> StoredBeats | None:
    """The beats as the markers show them now; those that are stored where there are none.

    A marker that was not moved has the time of its beat, to more than a frame.
    A strip that was moved since takes its beats along, whether its markers were
    moved too or not: the clock counts that makes more markers meet their beats.
    """
    before = read(scene.audio2pose)
    if before is None:
        return None
    found = beat_markers.read(scene, before)
    if found is None:
        return replace(before, clock=clock)
    marks, bars = found
    drawn, now = _by_frame(before, before.clock), _by_frame(before, clock)
    matches = [sum(int(f) in known for f in marks) for known in (now, drawn)]
    known, used = (drawn, before.clock) if matches[1] > matches[0] else (now, clock)
    old, moments = before.beats, []
    for frame, bar in zip(marks, bars, strict=True):
        same = known.get(int(frame), [])
        if len(same) > 1:  # so few frames a second that one marker stands for several beats
            moments += [(old.times[i], bool(old.downbeats[i])) for i in same]
        else:
            time = old.times[same[0]] if same else float(used.times(frame))
            moments.append((time, bool(bar)))
    times = np.array([time for time, _ in moments], float)
    downbeats = np.array([bar for _, bar in moments], bool)
    inside = times >= 0
    times, downbeats = times[inside], downbeats[inside]
    if len(times) < 2:
        raise errors.DataError(
            f"{len(times)} beat(s) are marked; add markers, or press Analyse to begin again"
        )
    if len(times) == len(old.times) and np.array_equal(times, old.times):
        beats = replace(old, downbeats=downbeats)
    else:
        beats = _made(times, downbeats, old)
    return replace(before, beats=beats, clock=clock)


def _by_frame(store: StoredBeats, clock: Clock) -> dict[int, list[int]]:
    """Which beats the marker on a frame stands for."""
    found: dict[int, list[int]] = {}
    for i, frame in enumerate(beat_markers.marker_frames(clock.frames(store.beats.times))):
        found.setdefault(int(frame), []).append(i)
    return found


def _made(times: np.ndarray, downbeats: np.ndarray, old: Beats) -> Beats:
    """Beats that a person changed."""
    tempo = 60.0 / float(np.median(np.diff(times)))
    bars = np.diff(np.flatnonzero(downbeats))
    meter = round(float(np.median(bars))) if len(bars) else old.beats_per_bar
    return Beats(times, downbeats, tempo, meter, 1.0, HAND)


def marked(scene: Any, song: song_source.Song) -> StoredBeats | None:
    """The beats of this song as the markers show them; None where it was not analysed."""
    store = read(scene.audio2pose)
    if store is None or store.song != song.key:
        return None
    return edited(scene, clock_of(song.placement, scene))


def for_song(scene: Any, song: song_source.Song) -> Beats | None:
    """The beats to dance to, in seconds from the song's first sample here.

    None where this song was not analysed: the dancer then finds them itself.
    Raises DataError where fewer than two beats are marked in the part.
    """
    store = marked(scene, song)
    if store is None:
        return None
    assert song.placement.seconds is not None
    times = store.beats.times - song.placement.song_second
    inside = (times >= 0) & (times < song.placement.seconds)
    if int(inside.sum()) < 2:
        raise errors.DataError(
            f"{int(inside.sum())} beat(s) are marked in the part to dance; mark at least two, "
            "or clear the beats"
        )
    return replace(store.beats, times=times[inside], downbeats=store.beats.downbeats[inside])


def show_on(scene: Any, action: Any, store: StoredBeats | None) -> None:
    """Draw the beats that were danced to on a new action, where the settings want them there.

    They are stored as well: what a person moved on the action before is not lost with it.
    """
    if store is None:
        return
    write(scene.audio2pose, store)
    if scene.audio2pose.markers != "TIMELINE":
        beat_markers.draw_on_action(scene, action, store)


# --- changed as a whole ---


def shifted(beats: Beats, amount: float) -> Beats:
    """Every beat ``amount`` beats later: whole beats, or parts of one."""
    index = np.arange(len(beats.times)) + amount
    times = _at(beats.times, index)
    inside = times >= 0
    return _made(times[inside], beats.downbeats[inside], beats)


def _at(times: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Times at positions between beats; the first and last interval go on outside."""
    last = len(times) - 1
    inner = np.interp(index, np.arange(len(times)), times)
    inner += np.minimum(index, 0) * (times[1] - times[0])
    inner += np.maximum(index - last, 0) * (times[-1] - times[-2])
    return inner


def bars_shifted(beats: Beats, count: int) -> Beats:
    """The same beats with the bars beginning ``count`` beats later."""
    starts = np.flatnonzero(beats.downbeats)
    downbeats = np.zeros(len(beats.times), bool)
    moved = starts + count
    meter = max(1, beats.beats_per_bar)
    # The bar that comes in at an end of the song.
    if len(starts):
        moved = np.concatenate([[moved[0] - meter], moved, [moved[-1] + meter]])
    moved = moved[(moved >= 0) & (moved < len(downbeats))]
    downbeats[moved] = True
    return replace(beats, downbeats=downbeats, tracker=HAND)


def halved(beats: Beats) -> Beats:
    """Every second beat, and every second bar: the tempo that is half as quick."""
    if len(beats.times) < 4:
        raise errors.DataError("too few beats to halve them")
    starts = np.flatnonzero(beats.downbeats)
    first = int(starts[0]) if len(starts) else 0
    kept_bars = np.isin(np.arange(len(beats.times)), starts[::2])
    chosen = slice(first % 2, None, 2)
    halves = _made(beats.times[chosen], kept_bars[chosen], beats)
    return replace(halves, beats_per_bar=beats.beats_per_bar)


def doubled(beats: Beats) -> Beats:
    """A beat between every two, and twice as many bars: the tempo that is twice as quick."""
    count = len(beats.times)
    times = _at(beats.times, np.arange(2 * count - 1) / 2)
    downbeats = np.zeros(len(times), bool)
    starts = np.flatnonzero(beats.downbeats)
    for start, stop in zip(starts, [*starts[1:], math.inf], strict=True):
        downbeats[2 * start] = True
        middle = 2 * start + beats.beats_per_bar
        if middle < min(2 * stop, len(times)):
            downbeats[middle] = True
    twice = _made(times, downbeats, beats)
    return replace(twice, beats_per_bar=beats.beats_per_bar)
