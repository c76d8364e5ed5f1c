"""Settings of library overrides outlive their file, whatever the library was saved with.

Blender keeps an override's change of a property only where the linked original has the
property too. A library that was saved without this add-on has none of ours, so that settings
and bone map would be lost with the next load. They are noted in the scene as well, and put
back where the override came without them or with others.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import bpy
from bpy.app.handlers import persistent
from bpy.props import StringProperty

_LOG = logging.getLogger(__name__)
GROUPS = ("audio2pose_character", "audio2pose_drivers")
"""Our property groups on an armature object."""
_NOTED = "audio2pose_overrides"
"""The scene's property that they are noted in."""
_FIRST = ("origin", "has_origin", "muted")
"""These are put back first: a change of the others looks at them."""


def note() -> None:
    """Write down what the overrides of this file have, in its first scene of its own."""
    home = next((scene for scene in bpy.data.scenes if scene.library is None), None)
    if home is None:
        return
    found = {
        armature.name: {name: values(getattr(armature, name)) for name in GROUPS}
        for armature in _overrides()
    }
    text = json.dumps(found) if found else ""
    if getattr(home, _NOTED) != text:
        setattr(home, _NOTED, text)


def put_back() -> int:
    """Give overrides whose settings came back other than noted those again; how many they were.

    Blender 4.5 brings back a part of a list, say.
    """
    noted: dict[str, dict[str, Any]] = {}
    for scene in bpy.data.scenes:
        if scene.library is None and getattr(scene, _NOTED):
            noted |= _read(scene)
    count = 0
    for armature in _overrides():
        for name, fields in noted.get(armature.name, {}).items():
            group = getattr(armature, name, None)
            if group is None or values(group) == fields:
                continue
            fill(group, fields)
            count += 1
    return count


def values(group: Any) -> dict[str, Any]:
    """What of a property group differs from its defaults, as JSON can say it."""
    out: dict[str, Any] = {}
    for prop in _own(group):
        name, value = prop.identifier, getattr(group, prop.identifier)
        if not group.is_property_set(name):
            continue
        if prop.type == "COLLECTION":
            out[name] = [values(entry) for entry in value]
        elif getattr(prop, "is_array", False):
            out[name] = list(value)
        else:
            out[name] = value
    return out


def fill(group: Any, fields: dict[str, Any]) -> None:
    """Set a property group to what ``values`` gave; fields that it has no more are left out."""
    kinds = {prop.identifier: prop.type for prop in _own(group)}
    for name in sorted(fields, key=lambda name: name not in _FIRST):
        if name not in kinds:
            continue
        if kinds[name] == "COLLECTION":
            entries = getattr(group, name)
            entries.clear()
            for entry in fields[name]:
                fill(entries.add(), entry)
            continue
        try:
            setattr(group, name, fields[name])
        except (TypeError, ValueError) as error:
            # An item of a list that this version does not have.
            _LOG.warning("%s of a library override cannot be put back: %s", name, error)


def _own(group: Any) -> Iterator[Any]:
    for prop in group.bl_rna.properties:
        if prop.identifier not in ("rna_type", "name") and prop.type != "POINTER":
            yield prop


def _overrides() -> list[Any]:
    return [o for o in bpy.data.objects if o.type == "ARMATURE" and o.override_library is not None]


def _read(scene: Any) -> dict[str, Any]:
    try:
        noted = json.loads(getattr(scene, _NOTED))
    except ValueError as error:
        _LOG.warning(
            "scene %s: settings of library overrides cannot be read: %s", scene.name, error
        )
        return {}
    return noted if isinstance(noted, dict) else {}


@persistent
def _before_save(*_arguments: Any) -> None:
    note()


@persistent
def _after_load(*_arguments: Any) -> None:
    put_back()


def register() -> None:
    """Note from now on with every save, and put back with every load."""
    bpy.types.Scene.audio2pose_overrides = StringProperty(  # type: ignore[attr-defined]
        options={"HIDDEN"}
    )
    bpy.app.handlers.save_pre.append(_before_save)
    bpy.app.handlers.load_post.append(_after_load)


def unregister() -> None:
    """No longer; what was noted stays in the file."""
    bpy.app.handlers.save_pre.remove(_before_save)
    bpy.app.handlers.load_post.remove(_after_load)
    del bpy.types.Scene.audio2pose_overrides  # type: ignore[attr-defined]
