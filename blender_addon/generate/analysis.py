"""Analyse: beats, sections and events of the song, found by the worker and drawn as markers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import bpy

from ..jobs import blender_python
from ..jobs.job import Job
from ..jobs.messages import AnalysisRequest
from ..song import (
    beat_grid,
    beat_markers,
    beats,
    form_markers,
    mark_record,
    marking,
    sections,
    source as song_source,
)
from . import dance_task


@dataclass
class Analysis:
    """Beats that are being looked for."""

    job: Job
    song: song_source.Song
    scene_id: int

    @property
    def name(self) -> str:
        """The song's."""
        return self.song.name

    @property
    def warnings(self) -> list[str]:
        """What the worker warns of, and a song without a pulse."""
        found = list(self.job.report["warnings"])
        if self.job.result.confidence == 0:
            found.append("No pulse was heard, so the beats are even at 120 BPM; edit them")
        return found

    def advance(self) -> bool:
        """There is one job only."""
        return False

    def finish(self) -> str:
        """Draw the markers; where they are. RigError, with nothing drawn, without the scene."""
        scene = dance_task.find(bpy.data.scenes, self.scene_id, "scene")
        before = beats.read(scene.audio2pose)
        beat_markers.erase(scene, () if before is None else before.others)
        if before is None:
            form_markers.remember_others(scene)
        found, place = self.job.result, self.song.placement
        assert place.seconds is not None
        form = sections.of_analysis(found.sections, found.events, place.seconds)
        # The worker heard the song from the strip's left handle on.
        form = sections.later(form, place.song_second)
        found = dataclasses.replace(found, times=found.times + place.song_second)
        store = beat_grid.StoredBeats(
            found,
            self.song.key,
            beats.clock_of(place, scene),
            beat_markers.others_on_timeline(scene),
        )
        where = show(scene, store, form)
        scene.audio2pose.marks_known = ""
        if scene == bpy.context.scene:
            mark_record.note_known(bpy.context)
        return where


def begin(context: Any) -> Analysis:
    """Read the song and make the job, not yet started; Audio2PoseError, changes nothing."""
    song = song_source.whole(context)
    request = AnalysisRequest(song.samples, song.rate, song.name)
    job = Job(request, blender_python.worker_python(), bpy.app.tempdir or None)
    return Analysis(job, song, context.scene.session_uid)


def show(scene: Any, store: beat_grid.StoredBeats, form: sections.SongForm | None = None) -> str:
    """Keep beats, and sections and events where given, in the scene; where the markers are."""
    return marking.show(scene, store, form)
