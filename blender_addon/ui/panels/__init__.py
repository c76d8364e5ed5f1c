"""The sidebar and the preferences."""

from __future__ import annotations

from ...registration import in_order
from . import character, clip, crew, edit, export, main, moves, preferences, shot, takes

register, unregister = in_order(
    preferences, main, character, takes, edit, clip, moves, crew, shot, export
)
