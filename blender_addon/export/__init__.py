"""The dance out of Blender: what is exported, by our own writers or by Blender's."""

from __future__ import annotations

from ..registration import in_order
from . import settings

register, unregister = in_order(settings)
