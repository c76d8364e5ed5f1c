"""What the scene's dials, front and path were for a take, keys and all: kept, and brought back.

A take's ``direction`` tells core what was asked for on the song's clock; this is how a person had
set it up in the scene.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ..core import errors
from ..keys import fcurves, scene_curves, serialize
from ..settings.choreography import DIALS, PATH

ENERGY = "audio2pose.energy"
_NOT_OF_THE_DANCE = ("rna_type", "name", "overlay")
KEYED = (
    ENERGY,
    f"{PATH}.front",
    f"{PATH}.path",
    f"{PATH}.hold",
    f"{PATH}.hands",
    *(f"{PATH}.{use}{name}" for name in DIALS for use in ("", "use_")),
)
"""Paths, from the scene, of all that may be keyed."""
GROUP = "Choreography"


@dataclass(frozen=True)
class DialRecord:
    """Settings by name, objects by name, and the keys of each path that is keyed."""

    values: Mapping[str, Any]
    things: Mapping[str, str]
    curves: Mapping[str, fcurves.Points]


def of_scene(scene: Any) -> dict[str, Any]:
    """The settings and curves as plain values, for JSON.

    Raises OptionError where a driver sets one of them.
    """
    values: dict[str, Any] = {}
    things: dict[str, str] = {}
    for name, kind in _properties(scene):
        value = getattr(scene.audio2pose.choreography, name)
        if kind == "POINTER":
            things[name] = "" if value is None else value.name
        else:
            values[name] = value
    curves = {}
    for path in KEYED:
        curve = scene_curves.curve_of(scene, path)
        if curve is not None:
            points = fcurves.read(curve)
            curves[path] = serialize.pack(
                {f.name: getattr(points, f.name) for f in dataclasses.fields(points)}
            )
    return {"values": values, "things": things, "curves": curves}


def parse(record: Mapping[str, Any]) -> DialRecord:
    """What ``of_scene`` gave; DataError for a record that cannot be read."""
    try:
        curves = {
            path: fcurves.Points(**serialize.unpack(text))
            for path, text in record["curves"].items()
            if path in KEYED
        }
        return DialRecord(dict(record["values"]), dict(record["things"]), curves)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise errors.DataError(f"the dials of this take cannot be read ({error})") from error


def restore(scene: Any, record: DialRecord) -> str:
    """Bring back what was kept; what could not be brought back, "" for nothing."""
    values, things, curves = record.values, record.things, record.curves
    settings, gone = scene.audio2pose.choreography, []
    for name, kind in _properties(scene):
        if kind != "POINTER":
            settings.property_unset(name)
            if name in values:
                setattr(settings, name, values[name])
    for path in KEYED:
        scene_curves.free(scene, path)
        if path in curves:
            fcurves.write(scene_curves.ensure(scene, path, GROUP), curves[path])
    # What is keyed shows its value at this frame at once.
    for path, points in curves.items():
        if len(points):
            owner, name = _owner(scene, path)
            now = scene_curves.values(scene, path, np.array([scene.frame_current_final]))[0]
            kind = owner.bl_rna.properties[name]
            if kind.type == "ENUM":
                at = int(np.clip(np.floor(now + 1e-3), 0, len(kind.enum_items) - 1))
                setattr(owner, name, kind.enum_items[at].identifier)
                continue
            setattr(owner, name, bool(now >= 0.5) if kind.type == "BOOLEAN" else float(now))
    for name, kind in _properties(scene):
        # Last: a front that is chosen takes what is selected.
        if kind == "POINTER":
            thing: Any = bpy.data.objects.get(things.get(name, ""))
            setattr(settings, name, thing)
            if thing is None and things.get(name):
                gone.append(things[name])
    if not gone:
        return ""
    return f"What it faced or followed is not there any more: {', '.join(gone)}"


def _owner(scene: Any, path: str) -> tuple[Any, str]:
    """The group that has a property, and the property's name."""
    group, _, name = path.rpartition(".")
    return scene.path_resolve(group), name


def _properties(scene: Any) -> list[tuple[str, str]]:
    """Names and kinds of what is kept."""
    found = scene.audio2pose.choreography.bl_rna.properties
    return [(p.identifier, p.type) for p in found if p.identifier not in _NOT_OF_THE_DANCE]
