"""What the VRM add-on notes on an armature: which bone is which of VRM's humanoid.

VRM Add-on for Blender (saturday06) keeps it in ``armature.vrm_addon_extension``, for VRM 0 as a
list of bones and for VRM 1 as one field a bone.
"""

from __future__ import annotations

from typing import Any

from ..core import retarget

PARTS = {
    "hips": "pelvis", "neck": "neck", "head": "head", "shoulder": "collar",
    "upperarm": "shoulder", "lowerarm": "elbow", "hand": "wrist", "upperleg": "hip",
    "lowerleg": "knee", "foot": "ankle", "toes": "foot", "middleproximal": "fingers",
}  # fmt: skip
"""VRM's names, in small letters and without a side, to parts of ours."""


def vrm_detection(armature: Any, rig: retarget.Rig) -> retarget.Detection | None:
    """The map that the VRM add-on's data give, None where there are none or too few."""
    extension = _field(armature.data, "vrm_addon_extension")
    if extension is None:
        return None
    one = str(_field(extension, "spec_version") or "").startswith("1")
    for version in ("vrm1", "vrm0") if one else ("vrm0", "vrm1"):
        names = _bones(_field(_field(_field(extension, version), "humanoid"), "human_bones"))
        joints = {
            part: rig.index[name]
            for human, name in names.items()
            if (part := _part(human)) is not None and name in rig.index
        }
        if "pelvis" not in joints:
            continue
        title = f"VRM {version[-1]}"
        found = retarget.judge(rig, retarget.complete(rig, joints, "vrm"), title)
        if not found.lacks:
            return found
    return None


def _bones(human_bones: Any) -> dict[str, str]:
    """VRM's name of each bone ("left_upper_arm", "leftUpperArm") to the armature's."""
    if human_bones is None:
        return {}
    found: dict[str, str] = {}
    listed = isinstance(human_bones, list) or type(human_bones).__name__ in (
        "bpy_prop_collection",
        "bpy_prop_collection_idprop",
    )
    if listed:
        pairs = [(str(_field(entry, "bone") or ""), entry) for entry in human_bones]
    elif hasattr(human_bones, "bl_rna"):
        found_keys = (prop.identifier for prop in human_bones.bl_rna.properties)
        pairs = [(key, getattr(human_bones, key)) for key in found_keys if key != "rna_type"]
    else:
        pairs = list(human_bones.items())
    for human, entry in pairs:
        node = _field(entry, "node")
        # "value" is what older versions call it.
        name = _field(node, "bone_name") or _field(node, "value")
        if human and isinstance(name, str) and name:
            found[human] = name
    return found


def _part(human: str) -> str | None:
    plain = human.replace("_", "").lower()
    for side in ("left", "right"):
        if plain.startswith(side):
            part = PARTS.get(plain.removeprefix(side))
            return None if part is None else f"{side}_{part}"
    return PARTS.get(plain)


def _field(thing: Any, name: str) -> Any:
    """A property of Blender's or of a group of custom ones; None where there is none."""
    if thing is None:
        return None
    if hasattr(thing, name):
        return getattr(thing, name)
    return thing.get(name) if hasattr(thing, "get") else None
