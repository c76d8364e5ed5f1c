"""What the buttons do."""

from __future__ import annotations

from ...registration import in_order
from . import beats, character, clip, crew, edit, export, generate, running, takes

register, unregister = in_order(
    running, generate, beats, export, character, takes, edit, crew, clip
)
