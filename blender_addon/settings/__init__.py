"""What the user sets: preferences, scene settings, their defaults."""

from __future__ import annotations

from ..registration import in_order
from . import clip, crew, preferences, properties, scene_defaults, shot

register, unregister = in_order(preferences, properties, clip, crew, shot, scene_defaults)
