"""Dances on other people's rigs: where their limbs point, whether their feet stand still."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import foreign_rigs  # noqa: E402
from foreign_rigs import FAMILIES  # noqa: E402

from audio2pose_core import cleanup  # noqa: E402
from audio2pose_core import rotations as rot  # noqa: E402
from audio2pose_core.motion import Motion  # noqa: E402
from audio2pose_core.retarget import Follow  # noqa: E402
from audio2pose_core.skeleton import INDEX, JOINTS  # noqa: E402
from blender_addon import characters, compat, keyframes, rigs  # noqa: E402

pytestmark = pytest.mark.blender
FPS = 30.0
LIMBS = (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist"))
PLAIN = Follow(plant_feet=False, spare_body=False)


@pytest.fixture(autouse=True)
def empty_blender():
    bpy.ops.wm.read_factory_settings(use_empty=True)


@pytest.fixture(scope="module")
def dance() -> Motion:
    """Four seconds of a made-up dance on its feet."""
    t = np.arange(120) / FPS
    rng = np.random.default_rng(5)
    angles = np.zeros((len(t), len(JOINTS), 3))
    for j in range(len(JOINTS)):
        phase, speed = rng.uniform(0, 6, 3), rng.uniform(0.4, 1.0, 3)
        angles[:, j] = 0.1 * np.sin(2 * np.pi * speed * t[:, None] + phase)
    swing = np.sin(2 * np.pi * 0.8 * t)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        lifted = np.maximum(sign * swing, 0.0)
        angles[:, INDEX[f"{side}_hip"], 0] = -0.25 - 0.5 * lifted
        angles[:, INDEX[f"{side}_knee"], 0] = 0.5 + 0.8 * lifted
        angles[:, INDEX[f"{side}_ankle"], 0] = -0.25 - 0.3 * lifted
        angles[:, INDEX[f"{side}_shoulder"], 2] -= sign * 0.9
        angles[:, INDEX[f"{side}_elbow"], 1] -= sign * (0.8 + 0.4 * swing)
    root = np.stack([0.1 * np.sin(t), 0.9 + 0 * t, 0.1 * t], axis=1)
    motion = cleanup.clean(Motion(FPS, root, rot.from_axis_angle(angles)), smooth=False)
    assert (motion.contacts > 0.5).mean() > 0.3
    return motion


def put(armature, motion: Motion, how: Follow | None = None) -> np.ndarray:
    """Write the dance from frame 1 on; the frames."""
    frames = np.arange(1, len(motion) + 1)
    found = characters.channels(armature, motion, frames, 1.0, FPS, how)
    keyframes.write_channels(armature, frames, found, "Dance")
    return frames


def world_heads(armature, frames, bones: dict[str, str]) -> dict[str, np.ndarray]:
    """Where the heads of bones are in the world, as Blender evaluates the keys."""
    out = {part: np.empty((len(frames), 3)) for part in bones}
    for i, frame in enumerate(frames):
        bpy.context.scene.frame_set(int(frame))
        evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        for part, name in bones.items():
            head = evaluated.matrix_world @ evaluated.pose.bones[name].head
            out[part][i] = head
    return out


def limb_angles(heads: dict[str, np.ndarray], motion: Motion, frames) -> np.ndarray:
    """Degrees (limbs, frames) between the limbs of the rig and of the dance."""
    places = motion.joint_positions()[np.asarray(frames) - 1]
    out = []
    for side in ("left", "right"):
        for a, b in LIMBS:
            theirs = rot.normalize(heads[f"{side}_{b}"] - heads[f"{side}_{a}"])
            bone = places[:, INDEX[f"{side}_{b}"]] - places[:, INDEX[f"{side}_{a}"]]
            ours = rot.normalize(rigs.to_blender(bone))
            out.append(np.rad2deg(np.arccos(np.clip(np.sum(theirs * ours, axis=1), -1, 1))))
    return np.array(out)


def first_bones(family) -> dict[str, str]:
    """Core's joints to the family's bones, the first of several."""
    return {joint: name.split("+")[0] for joint, name in family.names.items()}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_known_by_its_names(name):
    family = FAMILIES[name]
    character = characters.detect(foreign_rigs.build(name, family))
    assert character.map.family == name
    assert character.problem is None
    assert character.found.confidence > 0.9
    for joint, bones in family.names.items():
        part = "spine" if joint.startswith("spine") else joint
        if not part.endswith("_hand"):
            assert set(bones.split("+")) <= set(character.map.bones[part]), joint


MODES = ("QUATERNION", "XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "AXIS_ANGLE")


@pytest.mark.parametrize("name", FAMILIES)
def test_limbs_point_where_the_dance_points_them(name, dance):
    """Whatever the rest pose, rolls, rotation modes, unit and axes of the armature."""
    family = FAMILIES[name]
    armature = foreign_rigs.build(name, family, seed=1, modes=MODES)
    put(armature, dance, PLAIN)
    frames = np.arange(1, len(dance), 9)
    heads = world_heads(armature, frames, first_bones(family))
    assert limb_angles(heads, dance, frames).max() < 0.1
    put(armature, dance)
    heads = world_heads(armature, frames, first_bones(family))
    angles = limb_angles(heads, dance, frames)
    assert angles.max() < 2.0, angles.max(axis=1)


def slide(points: np.ndarray, planted: np.ndarray) -> np.ndarray:
    """cm/s over the floor (Z up) of points (T, 3) in the steps between planted frames."""
    step = np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1) * FPS * 100
    return step[planted[1:] & planted[:-1]]


@pytest.mark.parametrize("name", FAMILIES)
def test_planted_feet_slide_no_more_than_they_did(name, dance):
    family = FAMILIES[name]
    armature = foreign_rigs.build(name, family)
    frames = put(armature, dance)
    bones = first_bones(family)
    heads = world_heads(
        armature, frames, {p: bones[p] for p in bones if p.endswith(("ankle", "foot"))}
    )
    places = rigs.to_blender(dance.joint_positions())
    before, after = [], []
    for k, part in enumerate(("left_ankle", "left_foot", "right_ankle", "right_foot")):
        planted = dance.contacts[:, k] > 0.5
        before.append(slide(places[:, INDEX[part]], planted))
        after.append(slide(heads[part], planted))
        # And stands on the floor: nothing sinks in.
        assert heads[part][planted, 2].min() > -0.005
    assert np.concatenate(after).mean() < np.concatenate(before).mean() + 0.5


# --- Rigify, made by Blender's own add-on ---

RIGIFY_BONES = {
    f"{side}_{part}": f"ORG-{bone}.{side[0].upper()}"
    for side in ("left", "right")
    for part, bone in {
        "hip": "thigh", "knee": "shin", "ankle": "foot", "foot": "toe", "shoulder": "upper_arm",
        "elbow": "forearm", "wrist": "hand",
    }.items()
}  # fmt: skip


MAKE_RIGIFY = """
import bpy, os, sys
import addon_utils
bpy.ops.wm.read_factory_settings(use_empty=True)
if addon_utils.enable("rigify", default_set=True) is None:
    print("no Rigify", flush=True)
    os._exit(1)
bpy.ops.object.armature_basic_human_metarig_add()
bpy.context.object.name = "Metarig"
bpy.ops.pose.rigify_generate()
bpy.context.object.name = "Rigify"
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[1])
sys.stdout.flush()
os._exit(0)
"""


@pytest.fixture(scope="module")
def rigify_file(tmp_path_factory):
    """A .blend with a metarig and the rig that Rigify generates from it."""
    path = str(tmp_path_factory.mktemp("rigify") / "rigify.blend")
    # In a process of its own: with Rigify loaded this Python would hang at its end.
    done = subprocess.run(
        [sys.executable, "-c", MAKE_RIGIFY, path], capture_output=True, text=True, timeout=300
    )
    if "no Rigify" in done.stdout:
        pytest.skip("this Blender has no Rigify")
    assert done.returncode == 0, done.stdout + done.stderr
    return path


@pytest.fixture
def rigify(rigify_file):
    """Appended objects by name: Metarig, Rigify."""
    with bpy.data.libraries.load(rigify_file) as (_, into):
        into.objects = ["Metarig", "Rigify"]
    for thing in into.objects:
        bpy.context.scene.collection.objects.link(thing)
    return {thing.name: thing for thing in into.objects}


@pytest.mark.parametrize("name", ["Metarig", "Rigify"])
def test_rigify_dances(rigify, name, dance):
    armature = rigify[name]
    character = characters.detect(armature)
    assert character.map.family == {"Metarig": "rigify", "Rigify": "rigify_rig"}[name]
    assert character.found.missing == ()
    used = [bone for bones in character.map.bones.values() for bone in bones]
    assert not [b for b in used if b.startswith(("DEF-", "ORG-", "MCH-"))]
    bones = RIGIFY_BONES
    if name == "Metarig":
        bones = {part: bone.removeprefix("ORG-") for part, bone in bones.items()}
    put(armature, dance, PLAIN)
    frames = np.arange(1, len(dance), 9)
    assert limb_angles(world_heads(armature, frames, bones), dance, frames).max() < 0.1
    frames = put(armature, dance)
    heads = world_heads(armature, frames, bones)
    angles = limb_angles(heads, dance, frames)
    assert np.percentile(angles, 95) < 2.0 and angles.max() < 5.0
    places = rigs.to_blender(dance.joint_positions())
    before, after = [], []
    for k, part in enumerate(("left_ankle", "left_foot", "right_ankle", "right_foot")):
        planted = dance.contacts[:, k] > 0.5
        before.append(slide(places[:, INDEX[part]], planted))
        after.append(slide(heads[part], planted))
    assert np.concatenate(after).mean() < np.concatenate(before).mean() + 0.5


def test_rigify_controls_are_switched_to_fk_and_what_lies_between_is_put_to_rest(rigify, dance):
    armature = rigify["Rigify"]
    chest = armature.pose.bones["chest"]
    chest.rotation_mode, chest.rotation_euler = "XYZ", (0.5, 0.0, 0.0)
    armature.pose.bones["upper_arm_parent.L"]["IK_FK"] = 0.0
    put(armature, dance, PLAIN)
    frames = np.array([1, 60])
    angles = limb_angles(world_heads(armature, frames, RIGIFY_BONES), dance, frames)
    assert angles.max() < 0.1
    assert armature.pose.bones["upper_arm_parent.L"]["IK_FK"] == 1.0
    assert chest.rotation_euler[0] == 0.0
    keyed = {curve.data_path for curve in compat.fcurves_of(armature)}
    assert 'pose.bones["thigh_parent.R"]["IK_FK"]' in keyed
