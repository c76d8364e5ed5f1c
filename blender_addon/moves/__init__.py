"""Loops and moves: their settings, and moves as assets."""

from __future__ import annotations

from ..registration import in_order
from . import properties

register, unregister = in_order(properties)
