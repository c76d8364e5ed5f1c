"""What an armature remembers as a character, and the presets of the user's own.

The map on the armature counts only once a person has edited it (or taken it
from a preset); until then its bones are found again each time.
"""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    FloatVectorProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ..core import errors, files, retarget

_LOG = logging.getLogger(__name__)
OVERRIDABLE: Any = {"LIBRARY_OVERRIDABLE"}
_ROOT_ITEMS = (
    ("HIPS", "Hips", "The hips carry the body over the floor, as motion capture does"),
    ("ROOT", "Root Bone", "The root bone follows the body over the floor"),
    ("OBJECT", "Object", "The object itself moves over the floor"),
    ("IN_PLACE", "In Place", "The body stays where it is; the feet slide, as on a treadmill"),
)


def _changed_root_motion(settings: Any, _context: Any) -> None:
    """Note where an object stands before it travels, and put it back when it travels no more."""
    armature = settings.id_data
    if settings.root_motion == "OBJECT" and not settings.has_origin:
        settings.origin, settings.has_origin = armature.location, True
    elif settings.root_motion != "OBJECT" and settings.has_origin:
        armature.location, settings.has_origin = settings.origin, False


class Audio2PoseBone(bpy.types.PropertyGroup):
    """A part of the body and the bone that plays it."""

    part: StringProperty(name="Part", override=OVERRIDABLE)  # type: ignore[valid-type]
    bone: StringProperty(  # type: ignore[valid-type]
        name="Bone", description="The bone that plays this part", override=OVERRIDABLE
    )


class Audio2PoseCharacter(bpy.types.PropertyGroup):
    """``object.audio2pose_character`` of an armature object."""

    edited: BoolProperty(  # type: ignore[valid-type]
        name="Own Bone Map",
        description="The bones are those listed here, not those found by name or shape",
        override=OVERRIDABLE,
    )
    rows: CollectionProperty(  # type: ignore[valid-type]
        type=Audio2PoseBone, override={"LIBRARY_OVERRIDABLE", "USE_INSERTION"}
    )
    row: IntProperty(override=OVERRIDABLE)  # type: ignore[valid-type]
    family: StringProperty(override=OVERRIDABLE)  # type: ignore[valid-type]
    title: StringProperty(override=OVERRIDABLE)  # type: ignore[valid-type]
    rest: StringProperty(override=OVERRIDABLE)  # type: ignore[valid-type]
    root_motion: EnumProperty(  # type: ignore[valid-type]
        name="Root Motion",
        description="What carries the dance over the floor",
        items=_ROOT_ITEMS,
        update=_changed_root_motion,
        override=OVERRIDABLE,
    )
    origin: FloatVectorProperty(override=OVERRIDABLE)  # type: ignore[valid-type]
    has_origin: BoolProperty(override=OVERRIDABLE)  # type: ignore[valid-type]
    ik_legs: BoolProperty(  # type: ignore[valid-type]
        name="Use IK Legs",
        description="Key the feet and what the knees point at, and switch the legs to IK; "
        "for rigs that have such controls. The FK controls are keyed as well",
        override=OVERRIDABLE,
    )
    plant_feet: BoolProperty(  # type: ignore[valid-type]
        name="Plant Feet",
        description="Feet that stand hold still on this character's own legs",
        default=True,
        override=OVERRIDABLE,
    )
    spare_body: BoolProperty(  # type: ignore[valid-type]
        name="Avoid Body Collisions",
        description="Hands that would enter the trunk or the head are kept outside",
        default=True,
        override=OVERRIDABLE,
    )
    fingers: FloatProperty(  # type: ignore[valid-type]
        name="Fingers",
        description="How much the fingers do: relaxed, open, pointing where an arm is held out, "
        "fists on accents. At 0 they get no keys",
        default=1.0,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
        override=OVERRIDABLE,
    )


def settings_of(armature: Any) -> Any:
    """The armature's settings, None where the add-on is not registered."""
    return getattr(armature, "audio2pose_character", None)


def follow_of(armature: Any) -> retarget.Follow:
    """How the armature is to follow a dance."""
    settings = settings_of(armature)
    if settings is None:
        return retarget.Follow()
    return retarget.Follow(
        settings.root_motion,
        settings.ik_legs,
        settings.plant_feet,
        settings.spare_body,
        settings.fingers,
    )


def edited_map(armature: Any) -> tuple[retarget.BoneMap, str] | None:
    """The map that a person made, and its title; None where there is none."""
    settings = settings_of(armature)
    if settings is None or not settings.edited:
        return None
    bones: dict[str, tuple[str, ...]] = {}
    for row in settings.rows:
        if row.bone:
            bones[row.part] = (*bones.get(row.part, ()), row.bone)
    rest = json.loads(settings.rest or "{}")
    on_fk, on_ik = (
        tuple(retarget.Switch(*entry) for entry in rest.get(key, ()))
        for key in ("switches", "ik_switches")
    )
    still = tuple(rest.get("still", ()))
    made = retarget.BoneMap(
        settings.family, bones, rest.get("frames", {}), still, on_fk, rest.get("ik", {}), on_ik
    )
    return made, settings.title


def store_map(armature: Any, bone_map: retarget.BoneMap, title: str) -> None:
    """Write a map on the armature, to be edited there; parts without a bone get an empty row."""
    settings = writable(armature)
    settings.rows.clear()
    for part in retarget.PARTS:
        for bone in bone_map.bones.get(part, ()) or ("",):
            row = settings.rows.add()
            row.part, row.bone = part, bone
    settings.family, settings.title = bone_map.family, title
    settings.rest = json.dumps(
        {
            "frames": dict(bone_map.frames),
            "still": list(bone_map.still),
            "switches": [[s.bone, s.name, s.value] for s in bone_map.switches],
            "ik": dict(bone_map.ik),
            "ik_switches": [[s.bone, s.name, s.value] for s in bone_map.ik_switches],
        }
    )
    settings.row, settings.edited = 0, True


def writable(armature: Any) -> Any:
    """The armature's settings to write on; RigError where they would be lost."""
    settings = settings_of(armature)
    if settings is None:
        raise errors.RigError("the Audio2Pose add-on is not registered")
    if not armature.is_editable:
        raise errors.RigError(
            f"armature {armature.name!r} is linked from another file; make a library override "
            "of it first"
        )
    return settings


# --- the user's own presets: one JSON file each in Blender's configuration folder ---


def preset_folder() -> Path:
    """Where the user's presets lie; it may not be there yet."""
    return Path(bpy.utils.user_resource("CONFIG", path="audio2pose")) / "rigs"


def own_presets() -> dict[str, Path]:
    """Title -> file of the user's presets, in alphabetical order of the files."""
    return {path.stem: path for path in sorted(preset_folder().glob("*.json"))}


def read_own() -> list[retarget.Preset]:
    """The user's presets that can be read; choosing a damaged one tells what is wrong."""
    out = []
    for path in own_presets().values():
        try:
            out.append(retarget.read_preset(path))
        except errors.RigError as error:
            # One damaged file must not keep every other character from dancing.
            _LOG.warning("%s", error)
    return out


def write_preset(path: Path, bone_map: retarget.BoneMap, title: str) -> None:
    """Save a map as a preset file, whole or not at all."""
    preset = retarget.preset_of(bone_map, file_name(title), title)
    files.write_text(path, json.dumps(preset, indent=2, ensure_ascii=False) + "\n")


def file_name(title: str) -> str:
    """A title as the name of a file, on any system; RigError where nothing is left of it."""
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f]+', "_", title).strip(" .")[:80]
    if not name:
        raise errors.RigError("give the preset a name")
    return name


_CLASSES = (Audio2PoseBone, Audio2PoseCharacter)


def register() -> None:
    """Add ``object.audio2pose_character``."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Object.audio2pose_character = PointerProperty(  # type: ignore[attr-defined]
        type=Audio2PoseCharacter, override=OVERRIDABLE
    )


def unregister() -> None:
    """Take it away."""
    del bpy.types.Object.audio2pose_character  # type: ignore[attr-defined]
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
