"""What the user sets: preferences, scene settings, their defaults."""

from __future__ import annotations

from ..registration import in_order
from . import clip, preferences, properties, scene_defaults

register, unregister = in_order(preferences, properties, clip, scene_defaults)
