"""What would keep an armature from showing a dance as it is: told, and put aside where agreed.

Drivers win over keys without a word; an armature in Rest Position shows no pose at all; an
object that is stretched along one axis bends every limb.
"""

from __future__ import annotations

import json
from typing import Any

import bpy
from bpy.props import BoolProperty, PointerProperty, StringProperty

from ..core import errors, retarget
from . import retarget as rig_retarget
from .paths import bone_and_property

UNEVEN = 0.01
"""Scales of an object that differ by more than this, relative to the largest, stretch it."""
OVERRIDABLE: Any = {"LIBRARY_OVERRIDABLE"}
_DANCED = ("location", "rotation_quaternion", "rotation_euler", "rotation_axis_angle", "scale")
_SHOWN = 3


def _agreed(settings: Any, _context: Any) -> None:
    """Mute the drivers in the way, or let those drive again that were muted."""
    armature = settings.id_data
    if not settings.mute:
        unmute(armature)
        return
    try:
        mute(armature, rig_retarget.detect(armature).map)
    except errors.RigError:
        # Of what is no dancer nothing is in the way.
        return


class Audio2PoseDrivers(bpy.types.PropertyGroup):
    """``object.audio2pose_drivers`` of an armature object."""

    mute: BoolProperty(  # type: ignore[valid-type]
        name="Mute Drivers",
        description="Drivers on bones that dance are muted, so that the dance is seen; "
        "switched off, they drive again",
        update=_agreed,
        override=OVERRIDABLE,
    )
    muted: StringProperty(options={"HIDDEN"}, override=OVERRIDABLE)  # type: ignore[valid-type]


def told(armature: Any, bone_map: retarget.BoneMap) -> list[str]:
    """One sentence for each thing in the way."""
    out = []
    names = sorted({bone_and_property(d.data_path)[0] for d in drivers(armature, bone_map)})
    if names:
        shown = ", ".join(names[:_SHOWN]) + (" ..." if len(names) > _SHOWN else "")
        out.append(
            f"drivers move {shown} of {armature.name!r} whatever the dance says; switch Mute "
            "Drivers on in the Character panel"
        )
    if armature.data.pose_position == "REST":
        out.append(
            f"armature {armature.name!r} is shown in Rest Position, so the dance cannot be seen; "
            "switch to Pose Position in its data properties"
        )
    scale = [abs(s) for s in armature.matrix_world.to_scale()]
    if max(scale) - min(scale) > UNEVEN * max(scale):
        sizes = " x ".join(f"{s:.3g}" for s in scale)
        out.append(
            f"object {armature.name!r} has a scale of {sizes}, which bends its limbs; apply the "
            "scale (Ctrl A) before it dances"
        )
    return out


def drivers(armature: Any, bone_map: retarget.BoneMap) -> list[Any]:
    """Drivers that are not muted and win over what a dance keys."""
    animation = armature.animation_data
    if animation is None:
        return []
    parts = [p for p in bone_map.bones if p != "root" and not p.endswith("_fingers")]
    danced = {name for part in parts for name in bone_map.bones[part]}
    switches = {(s.bone, s.name) for s in (*bone_map.switches, *bone_map.ik_switches)}
    danced |= set(bone_map.still)
    out = []
    for driver in animation.drivers:
        bone, prop = bone_and_property(driver.data_path)
        wins = bone in danced and prop in _DANCED
        if bone in danced and not bone_map.switches:
            # Keys put constraints to rest; of a control rig the switches do, by drivers of its own.
            wins = wins or driver.data_path.endswith("].influence")
        wins = wins or any(b == bone and f'["{n}"]' in driver.data_path for b, n in switches)
        if wins and not driver.mute:
            out.append(driver)
    return out


def mute(armature: Any, bone_map: retarget.BoneMap) -> int:
    """Mute the drivers that win over the dance and note which; how many they were."""
    found = drivers(armature, bone_map)
    noted = _noted(armature)
    for driver in found:
        driver.mute = True
        noted.add((driver.data_path, driver.array_index))
    armature.audio2pose_drivers.muted = json.dumps(sorted(noted)) if noted else ""
    return len(found)


def unmute(armature: Any) -> int:
    """Let the drivers drive again that ``mute`` muted; how many they were."""
    noted, animation = _noted(armature), armature.animation_data
    every = [] if animation is None else animation.drivers
    found = [d for d in every if (d.data_path, d.array_index) in noted]
    for driver in found:
        driver.mute = False
    armature.audio2pose_drivers.muted = ""
    return len(found)


def put_aside(armature: Any) -> None:
    """What a person agreed to, for a dance that is about to play."""
    settings = getattr(armature, "audio2pose_drivers", None)
    if settings is not None and settings.mute:
        mute(armature, rig_retarget.detect(armature).map)


def _noted(armature: Any) -> set[tuple[str, int]]:
    text = armature.audio2pose_drivers.muted
    return {(path, index) for path, index in json.loads(text or "[]")}


def register() -> None:
    """Add ``object.audio2pose_drivers``."""
    bpy.utils.register_class(Audio2PoseDrivers)
    bpy.types.Object.audio2pose_drivers = PointerProperty(  # type: ignore[attr-defined]
        type=Audio2PoseDrivers, override=OVERRIDABLE
    )


def unregister() -> None:
    """Take it away."""
    del bpy.types.Object.audio2pose_drivers  # type: ignore[attr-defined]
    bpy.utils.unregister_class(Audio2PoseDrivers)
