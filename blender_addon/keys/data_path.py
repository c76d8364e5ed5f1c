"""What an F-curve's data path drives; it is told where armatures are read (``rig.paths``)."""

from __future__ import annotations

from ..rig.paths import bone_and_property, bone_of_path

__all__ = ["bone_and_property", "bone_of_path"]
