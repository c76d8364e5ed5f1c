"""Which bone is which by the rest pose alone: for rigs whose names no preset knows."""

from __future__ import annotations

from .rig import BoneMap, Rig


def map_by_shape(rig: Rig) -> BoneMap | None:
    """The map of a rig that stands like a body, None where it does not."""
    return None
