"""Takes: every dance of an armature, what it was made of, and how to go back."""

from __future__ import annotations

from ..registration import in_order
from . import properties

register, unregister = in_order(properties)
