"""What an F-curve's data path drives: which bone, and which of its properties."""

from __future__ import annotations

import re

import bpy

# Inside the quotes a quotation mark or a backslash of the name stands behind a backslash.
_BONE = re.compile(r'pose\.bones\["((?:[^"\\]|\\.)*)"\](?:\.(\w+)$)?')


def bone_of_path(path: str) -> str:
    """The name of the bone that a data path belongs to; "" where it is no bone's.

    ``pose.bones["x"]["y"]``, a custom property, belongs to bone x as well.
    """
    return bone_and_property(path)[0]


def bone_and_property(path: str) -> tuple[str, str]:
    """Bone and property, ("hips", "location") of ``pose.bones["hips"].location``.

    The property is "" for custom ones and for what lies deeper, such as a constraint's
    influence; both are "" where the path is no bone's.
    """
    found = _BONE.match(path)
    if found is None:
        return "", ""
    return bpy.utils.unescape_identifier(found[1]), found[2] or ""
