"""What the user sets: preferences, scene settings, their defaults."""

from __future__ import annotations

from ..registration import in_order
from ..song import click
from . import (
    choreography,
    clip as dance_clip,
    crew,
    preferences,
    properties,
    scene_defaults,
    sections,
    shot,
)

register, unregister = in_order(
    preferences,
    sections,
    choreography,
    properties,
    dance_clip,
    crew,
    shot,
    scene_defaults,
    click,
)
