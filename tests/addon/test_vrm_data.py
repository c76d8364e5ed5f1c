"""The bones that the VRM add-on notes on an armature count, whatever they are called."""

from __future__ import annotations

import dataclasses

import pytest

bpy = pytest.importorskip("bpy")

import foreign_rigs
from foreign_rigs import FAMILIES, names

from blender_addon.rig import retarget as rig_retarget

pytestmark = pytest.mark.blender

HUMAN = {
    "pelvis": "hips", "head": "head", "hip": "UpperLeg", "knee": "LowerLeg", "ankle": "Foot",
    "foot": "Toes", "shoulder": "UpperArm", "elbow": "LowerArm", "wrist": "Hand",
}  # fmt: skip


def figure():
    """Names of a VRM that was made from an MMD model."""
    family = dataclasses.replace(
        FAMILIES["vrm"],
        names=names(
            "腰 上半身 上半身2 上半身3 首 頭",
            "{s}足 {s}ひざ {s}足首 {s}つま先 {s}肩 {s}腕 {s}ひじ {s}手首 {s}中指１", "左", "右",
        ),
    )  # fmt: skip
    return foreign_rigs.build("Figure", family), family


def humans(family) -> dict[str, str]:
    out = {}
    for joint, bone in family.names.items():
        side, _, part = joint.rpartition("_")
        if part in HUMAN:
            out[side + HUMAN[part] if side else HUMAN[part]] = bone
    return out


@pytest.fixture(autouse=True)
def empty_blender():
    bpy.ops.wm.read_factory_settings(use_empty=True)


@pytest.mark.parametrize("version", ["0", "1"])
def test_custom_properties_of_the_vrm_add_on_are_read(version):
    armature, family = figure()
    assert rig_retarget.detect(armature).found.title == "MMD"
    noted = humans(family)
    if version == "0":
        bones = [{"bone": human, "node": {"bone_name": bone}} for human, bone in noted.items()]
    else:
        bones = {human: {"node": {"bone_name": bone}} for human, bone in noted.items()}
    armature.data["vrm_addon_extension"] = {
        "spec_version": f"{version}.0",
        f"vrm{version}": {"humanoid": {"human_bones": bones}},
    }
    found = rig_retarget.detect(armature).found
    assert found.title == f"VRM {version}" and not found.missing
    assert found.map.bone("left_hip") == "左足" and found.map.family == "vrm"
    assert found.map.bone("right_collar") == "右肩"


def test_an_armature_whose_humanoid_is_empty_is_known_by_its_names():
    armature, _ = figure()
    armature.data["vrm_addon_extension"] = {"spec_version": "1.0", "vrm1": {}}
    assert rig_retarget.detect(armature).found.title == "MMD"


def group(name: str, **properties) -> type:
    """A registered property group."""
    made = type(name, (bpy.types.PropertyGroup,), {"__annotations__": properties})
    bpy.utils.register_class(made)
    return made


def test_the_properties_that_the_add_on_registers_are_read():
    text, pointer = bpy.props.StringProperty, bpy.props.PointerProperty
    armature, family = figure()
    snakes = {
        "".join("_" + c.lower() if c.isupper() else c for c in human): bone
        for human, bone in humans(family).items()
    }
    node = group("TestNode", bone_name=text())
    human = group("TestHuman", node=pointer(type=node))
    bones = group("TestBones", **{snake: pointer(type=human) for snake in snakes})
    humanoid = group("TestHumanoid", human_bones=pointer(type=bones))
    one = group("TestVrm1", humanoid=pointer(type=humanoid))
    extension = group("TestExtension", spec_version=text(), vrm1=pointer(type=one))
    bpy.types.Armature.vrm_addon_extension = pointer(type=extension)
    try:
        # The add-on gives every armature the property; only some have bones noted.
        assert rig_retarget.detect(armature).found.title == "MMD"
        noted = armature.data.vrm_addon_extension
        noted.spec_version = "1.0"
        for snake, bone in snakes.items():
            getattr(noted.vrm1.humanoid.human_bones, snake).node.bone_name = bone
        found = rig_retarget.detect(armature).found
        assert found.title == "VRM 1" and found.map.bone("right_wrist") == "右手首"
    finally:
        del bpy.types.Armature.vrm_addon_extension
        for cls in (extension, one, humanoid, bones, human, node):
            bpy.utils.unregister_class(cls)
