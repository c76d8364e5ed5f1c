"""What is marked of a scene's song, as a take keeps it: beats, sections and events, by hand or not.

``known`` on the scene tells edits from what Analyse found or a take brought back.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core import beat_file, errors
from . import beat_grid, beat_markers, beats, form_markers, marking, sections, source as song_source
from .sections import SongEvent, SongForm, SongSection


@dataclass(frozen=True)
class MarkRecord:
    """Beats of the song with this key, and its form where it has one; seconds of the song."""

    song: str
    beats: beat_file.Beats
    form: SongForm | None


def of_scene(context: Any, song: str | None = None) -> dict[str, Any] | None:
    """What the markers and the list show now, as plain values for JSON.

    None where nothing is stored, or where it is of another song than the one with key ``song``.
    """
    scene = context.scene
    before = beats.read(scene.audio2pose)
    if before is None or song not in (None, before.song):
        return None
    store, form = beats.edited(scene, beats.clock_now(context)), marking.form_now(context)
    assert store is not None
    return {
        "song": store.song,
        "beats": beats.record_of(store.beats),
        "form": None if form is None else dataclasses.asdict(form),
    }


def parse(record: Mapping[str, Any]) -> MarkRecord:
    """What ``of_scene`` gave; DataError for a record that cannot be read."""
    try:
        form = record["form"]
        return MarkRecord(
            str(record["song"]),
            beats.beats_of(record["beats"]),
            None
            if form is None
            else SongForm(
                tuple(SongSection(**section) for section in form["sections"]),
                float(form["end"]),
                tuple(SongEvent(**event) for event in form["events"]),
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise errors.DataError(
            f"the beats and sections of this take cannot be read ({error})"
        ) from error


def restore(context: Any, record: MarkRecord) -> str:
    """Draw what was kept in place of what is marked now; why not, "" where that was done."""
    scene, lies = context.scene, song_source.lies(context)
    if lies is None or lies[0] != record.song:
        return "The song is not there as it was, so its beats and sections are not brought back"
    before = beats.read(scene.audio2pose)
    beat_markers.erase(scene, () if before is None else before.others)
    if before is None:
        form_markers.remember_others(scene)
    if record.form is None:
        form_markers.erase(scene)
        sections.clear(scene.audio2pose)
    store = beat_grid.StoredBeats(
        record.beats,
        record.song,
        beats.clock_of(lies[1], scene),
        beat_markers.others_on_timeline(scene),
    )
    marking.show(scene, store, record.form)
    note_known(context)
    return ""


def note_known(context: Any) -> None:
    """What is marked now was found, or is kept by a take: it can be had again."""
    context.scene.audio2pose.marks_known = _fingerprint(of_scene(context))


def are_edited(context: Any) -> bool:
    """Whether a person changed beats, sections or events since ``note_known``."""
    settings = context.scene.audio2pose
    store = beats.read(settings)
    if store is None:
        return False
    if not settings.marks_known:  # a file from before this was noted
        return beat_markers.are_edited(context.scene, store)
    try:
        return _fingerprint(of_scene(context)) != settings.marks_known
    except errors.DataError:
        return True  # so few markers are left that they are no beats any more


def is_marked_so(context: Any, record: Mapping[str, Any]) -> bool:
    """Whether what is marked now is what ``of_scene`` told then."""
    return _fingerprint(of_scene(context)) == _fingerprint(record)


def _fingerprint(record: Mapping[str, Any] | None) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
