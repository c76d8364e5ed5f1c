"""German: from the English text to its translation, a module for each part of the panels."""

from __future__ import annotations

from . import (
    beats,
    character,
    crew,
    edit,
    export,
    fingers,
    panel,
    preferences,
    settings,
    song,
    takes,
)

PARTS = (beats, character, crew, edit, export, fingers, panel, preferences, settings, song, takes)
TEXTS: dict[str, str] = {}
for part in PARTS:
    TEXTS |= part.TEXTS
