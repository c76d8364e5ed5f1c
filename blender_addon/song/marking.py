"""Beats, sections and events of a scene's song together: read as marked, written, drawn."""

from __future__ import annotations

from typing import Any

import bpy

from . import beat_markers, beats, click, form_markers, sections
from .beat_grid import StoredBeats
from .sections import SongForm


def form_now(context: Any) -> SongForm | None:
    """The sections and events as list and markers show them now; None where there are none.

    DataError where what is stored cannot be read.
    """
    settings = context.scene.audio2pose
    before, store = sections.read(settings), beats.read(settings)
    if before is None or store is None:
        return before
    return form_markers.read(context.scene, before, store.clock, beats.clock_now(context))


def show(scene: Any, store: StoredBeats, form: SongForm | None) -> str:
    """Keep beats and form in the scene and draw them; in words where the beats are drawn."""
    if form is not None:
        # First: beats are counted from where sections begin.
        sections.write(scene.audio2pose, form)
        form_markers.draw(scene, form, store.clock)
    beats.write(scene.audio2pose, store)
    if scene.audio2pose.click and scene == bpy.context.scene:
        click.refresh(bpy.context)
    return beat_markers.draw(scene, store)


def redraw(context: Any) -> str:
    """Read all markers and draw what the settings want to see; where the beats are drawn.

    DataError where nothing is stored.
    """
    form, clock = form_now(context), beats.clock_now(context)
    store = beats.edited(context.scene, clock)
    assert store is not None  # clock_now would have refused
    return show(context.scene, store, form)
