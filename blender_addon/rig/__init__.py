"""Armatures: bones, their channels, and how a dance is laid on them."""

from __future__ import annotations

from ..registration import in_order
from . import obstacles, overrides, settings

register, unregister = in_order(settings, obstacles, overrides)
