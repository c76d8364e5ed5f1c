"""What the buttons do."""

from __future__ import annotations

from ...registration import in_order
from . import beats, character, crew, edit, export, fingers, generate, running, takes

register, unregister = in_order(
    running, generate, beats, export, character, fingers, takes, edit, crew
)
