"""The sidebar and the preferences."""

from __future__ import annotations

from ...registration import in_order
from . import character, crew, edit, export, main, moves, preferences, takes

register, unregister = in_order(preferences, main, character, takes, edit, moves, crew, export)
