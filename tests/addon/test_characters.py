"""Dances on other people's rigs: where their limbs point, whether their feet stand still."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import foreign_rigs
from foreign_rigs import FAMILIES
from rig_kinds import TITLES

from audio2pose_core import (
    cleanup,
    rotations as rot,
)
from audio2pose_core.errors import RigError
from audio2pose_core.motion import Motion
from audio2pose_core.retarget import Follow
from audio2pose_core.skeleton import INDEX, JOINTS
from blender_addon import compat
from blender_addon.keys import writer as key_writer
from blender_addon.rig import own_armature, retarget as rig_retarget

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
    found = rig_retarget.channels(armature, motion, frames, 1.0, FPS, how)
    key_writer.write_channels(armature, frames, found, "Dance")
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
            ours = rot.normalize(own_armature.to_blender(bone))
            out.append(np.rad2deg(np.arccos(np.clip(np.sum(theirs * ours, axis=1), -1, 1))))
    return np.array(out)


def first_bones(family) -> dict[str, str]:
    """Core's joints to the family's bones, the first of several."""
    return {joint: name.split("+")[0] for joint, name in family.names.items()}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_known_by_its_names(name):
    family = FAMILIES[name]
    character = rig_retarget.detect(foreign_rigs.build(name, family))
    assert character.map.family == name
    assert character.problem is None
    assert character.found.confidence > 0.8
    assert character.found.title == TITLES[name]
    for joint, bones in family.names.items():
        part = "spine" if joint.startswith("spine") else joint
        row = bones.split("+")
        if part in ("spine", "neck"):
            resting = set(row) if family.on_spine and joint == "spine1" else set()
            assert set(row) - resting <= set(character.map.bones[part]), joint
        elif not part.endswith("_hand"):
            assert character.map.bones[part][0] == row[-1 if part == "pelvis" else 0], joint


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
    # On short legs far apart, what keeps the feet where they stand takes more.
    assert angles.max() < (6.0 if name == "unity" else 2.0), angles.max(axis=1)


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
    parts = [p for p in ("left_ankle", "left_foot", "right_ankle", "right_foot") if p in bones]
    places = own_armature.to_blender(dance.joint_positions())
    before, after = [], []
    for part in parts:
        k = ("left_ankle", "left_foot", "right_ankle", "right_foot").index(part)
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
    character = rig_retarget.detect(armature)
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
    places = own_armature.to_blender(dance.joint_positions())
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


def test_rigify_legs_dance_on_ik_as_they_do_on_fk(rigify, dance):
    armature = rigify["Rigify"]
    how = Follow(ik_legs=True)
    frames = put(armature, dance, how)
    some = np.arange(1, len(dance), 9)
    legs = {part: bone for part, bone in RIGIFY_BONES.items() if not part.endswith("wrist")}
    on_ik = world_heads(armature, some, legs)
    parent = armature.pose.bones["thigh_parent.L"]
    assert parent["IK_FK"] == 0.0 and parent["pole_vector"]
    back = rig_retarget.read_motion(armature, frames, FPS, how=how)
    put(armature, dance)
    on_fk = world_heads(armature, some, legs)
    assert parent["IK_FK"] == 1.0
    for part in legs:
        # Blender's solver lets Rigify's shins and thighs give by a per cent, which the knee shows.
        near = 0.03 if part.endswith("knee") else 0.003
        np.testing.assert_allclose(on_ik[part], on_fk[part], atol=near, err_msg=part)
    # What the feet and knees' targets show is the same dance.
    of_fk = rig_retarget.read_motion(armature, frames, FPS)
    joints = [INDEX[f"{side}_{p}"] for side in ("left", "right") for p in ("knee", "ankle", "foot")]
    apart = back.joint_positions()[:, joints] - of_fk.joint_positions()[:, joints]
    assert np.linalg.norm(apart, axis=-1).max() < 0.005


# --- rigs that nobody knows, and people who know better ---


def nameless(family: foreign_rigs.Family) -> foreign_rigs.Family:
    """The family with names that say nothing, as many bones as before."""
    count = iter(range(1000))
    names = {
        joint: "+".join(f"node{next(count)}" for _ in text.split("+"))
        for joint, text in family.names.items()
    }
    above = tuple(f"over{next(count)}" for _ in family.above)
    return dataclasses.replace(family, names=names, above=above)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_rig_without_names_is_known_by_its_shape(name, dance):
    family = nameless(FAMILIES[name])
    armature = foreign_rigs.build(name, family, seed=2)
    character = rig_retarget.detect(armature)
    assert character.map.family == "shape" and character.problem is None
    assert character.found.confidence <= 0.6
    for joint, bones in family.names.items():
        part = joint.split("_")[-1]
        # Of a foot of two bones, and of legs on the spine, nothing but names tells which is which.
        vague = (part == "foot" and "+" in family.names["left_ankle"]) or (
            part == "pelvis" and family.on_spine
        )
        if part not in ("hand", "neck", "head") and "spine" not in joint and not vague:
            assert character.map.bones[joint] == (bones.split("+")[0],), joint
    put(armature, dance, PLAIN)
    frames = np.array([1, 50, 100])
    heads = world_heads(armature, frames, first_bones(family))
    assert limb_angles(heads, dance, frames).max() < 0.1


def test_what_is_no_body_is_refused_with_what_is_missing():
    with pytest.raises(RigError, match="select an armature"):
        rig_retarget.check(None)
    data = bpy.data.armatures.new("Empty")
    empty = bpy.data.objects.new("Empty", data)
    bpy.context.scene.collection.objects.link(empty)
    with pytest.raises(RigError, match="'Empty' has no bones"):
        rig_retarget.check(empty)
    family = FAMILIES["mixamo"]
    lame = {j: n for j, n in family.names.items() if j != "left_knee"}
    armature = foreign_rigs.build("Lame", dataclasses.replace(family, names=lame))
    with pytest.raises(RigError, match="'Lame' shows no bone for left_knee"):
        rig_retarget.check(armature)


def test_missing_joints_are_folded_into_their_neighbours(dance):
    """Without collars, neck and two of three spine bones the limbs still point right."""
    family = FAMILIES["rokoko"]
    gone = ("spine1", "spine3", "neck", "left_collar", "right_collar", "left_foot", "right_foot")
    names = {j: n for j, n in family.names.items() if j not in gone}
    armature = foreign_rigs.build("Simple", dataclasses.replace(family, names=names))
    character = rig_retarget.detect(armature)
    assert set(character.found.missing) == {"neck", *gone[3:]}
    put(armature, dance, PLAIN)
    frames = np.array([1, 40, 80])
    heads = world_heads(armature, frames, first_bones(dataclasses.replace(family, names=names)))
    assert limb_angles(heads, dance, frames).max() < 0.1


@pytest.mark.parametrize("name", ["mixamo", "unreal", "mmd"])
def test_what_was_written_is_read_back(name, dance):
    armature = foreign_rigs.build(name, FAMILIES[name], seed=3, modes=MODES)
    frames = put(armature, dance, PLAIN)
    back = rig_retarget.read_motion(armature, frames, FPS)
    # What only our hands' ends do no foreign bone shows.
    seen = [j for j in range(len(JOINTS)) if not JOINTS[j].endswith("_hand")]
    ours, theirs = dance.global_rotations(), back.global_rotations()
    limbs = [j for j in seen if not JOINTS[j].startswith(("spine", "neck"))]
    assert np.rad2deg(rot.angle(ours[:, limbs], theirs[:, limbs])).max() < 0.05
    assert np.abs(back.root - dance.root).max() < 1e-4
    # Five spine bones, or two, show about what our three do.
    assert np.rad2deg(rot.angle(ours[:, seen], theirs[:, seen])).max() < 8.0


def test_a_hinge_bone_and_one_without_local_location_dance_all_the_same(dance):
    family = FAMILIES["unreal"]
    armature = foreign_rigs.build("Odd", family)
    armature.data.bones["calf_l"].use_inherit_rotation = False
    armature.data.bones["upperarm_r"].use_inherit_rotation = False
    armature.data.bones["pelvis"].use_local_location = False
    armature.pose.bones["clavicle_r"].rotation_quaternion = (0.9, 0.1, 0.2, 0.1)
    put(armature, dance, PLAIN)
    frames = np.array([1, 30, 90])
    heads = world_heads(armature, frames, first_bones(family))
    assert limb_angles(heads, dance, frames).max() < 0.1
    places = own_armature.to_blender(dance.joint_positions()[frames - 1])
    knees = heads["left_knee"] - heads["left_hip"]
    assert np.abs(np.diff(heads["left_hip"], axis=0)).max() > 0.001
    assert np.linalg.norm(knees, axis=1).std() < 1e-4
    assert np.isfinite(places).all()


def test_constraints_that_fight_the_keys_are_put_to_rest_by_keys(dance):
    """As MMD models have them: IK on the shins, limits on the knees."""
    family = FAMILIES["mmd"]
    armature = foreign_rigs.build("mmd", family)
    aim = bpy.data.objects.new("aim", None)
    aim.location = (0.5, -0.5, 0.2)
    bpy.context.scene.collection.objects.link(aim)
    ik = armature.pose.bones["左足首"].constraints.new("IK")
    ik.target, ik.chain_count = aim, 3
    limit = armature.pose.bones["右ひざ"].constraints.new("LIMIT_ROTATION")
    limit.use_limit_x = limit.use_limit_y = limit.use_limit_z = True
    elsewhere = armature.pose.bones["全ての親"].constraints.new("COPY_LOCATION")
    put(armature, dance, PLAIN)
    frames = np.array([1, 40, 80])
    heads = world_heads(armature, frames, first_bones(family))
    assert limb_angles(heads, dance, frames).max() < 0.1
    assert (ik.influence, limit.influence, elsewhere.influence) == (0.0, 0.0, 1.0)


def test_root_motion_goes_where_it_is_told(dance):
    family = FAMILIES["unreal"]
    tracks = {}
    for kind in ("HIPS", "ROOT", "OBJECT", "IN_PLACE"):
        armature = foreign_rigs.build(kind, family)
        armature.location = (1.0, 2.0, 0.5)
        put(armature, dance, Follow(kind))
        frames = np.array([1, 60, 110])
        bones = {"pelvis": "pelvis", "root": "root"}
        tracks[kind] = world_heads(armature, frames, bones)
        curves = {curve.data_path for curve in compat.fcurves_of(armature)}
        assert ("location" in curves) == (kind == "OBJECT")
        assert ('pose.bones["root"].location' in curves) == (kind == "ROOT")
        if kind == "OBJECT":
            # Told by its settings, the object's own place is known.
            continue
        back = rig_retarget.read_motion(armature, frames, FPS, how=Follow(kind))
        if kind != "IN_PLACE":
            np.testing.assert_allclose(back.root, dance.root[frames - 1], atol=0.02)
    for kind in ("ROOT", "OBJECT"):
        np.testing.assert_allclose(tracks[kind]["pelvis"], tracks["HIPS"]["pelvis"], atol=1e-4)
        assert np.ptp(tracks[kind]["root"][:, 0]) > 0.02
        assert np.ptp(tracks[kind]["root"][:, 2]) < 1e-5
    assert np.ptp(tracks["IN_PLACE"]["pelvis"][:, :2], axis=0).max() < 0.06
    mixamo = foreign_rigs.build("mixamo", FAMILIES["mixamo"])
    with pytest.raises(RigError, match="no root bone"):
        put(mixamo, dance, Follow("ROOT"))


# --- the panel's side: settings on the armature, presets, links ---


@pytest.fixture
def addon(monkeypatch, tmp_path):
    """The add-on registered, its presets in a folder of the test's own."""
    import blender_addon
    from blender_addon.rig import settings as rig_settings

    monkeypatch.setattr(rig_settings, "preset_folder", lambda: tmp_path / "rigs")
    blender_addon.register()
    yield rig_settings
    blender_addon.unregister()


def chosen(armature):
    bpy.context.scene.audio2pose.target = armature
    return armature.audio2pose_character


def test_a_map_is_edited_saved_and_found_again_on_a_like_rig(addon, dance):
    """Bones that nobody could guess, named once by a person."""
    family = nameless(FAMILIES["vrm"])
    short = {j: n for j, n in family.names.items() if not j.endswith(("knee", "elbow"))}
    scrambled = dataclasses.replace(
        family, names=short | {"left_knee": "thing", "right_knee": "bit"}
    )
    armature = foreign_rigs.build("Odd", scrambled)
    settings = chosen(armature)
    assert rig_retarget.detect(armature).problem is not None
    with pytest.raises(RuntimeError, match="shows no bone"):
        bpy.ops.audio2pose.character_preset_save(name="Odd rig")

    armature = foreign_rigs.build("Strange", family)
    settings = chosen(armature)
    bpy.ops.audio2pose.character_edit()
    assert settings.edited and rig_retarget.detect(armature).found.confidence > 0.5
    rows = {row.part: row for row in settings.rows}
    rows["left_collar"].bone = rows["right_collar"].bone = ""
    character = rig_retarget.detect(armature)
    assert "left_collar" in character.found.missing
    bpy.ops.audio2pose.character_preset_save(name="Strange: mine")
    assert list(addon.own_presets()) == ["Strange_ mine"]

    again = foreign_rigs.build("Again", family)
    found = rig_retarget.detect(again)
    assert found.found.title == "Strange: mine" and "left_collar" in found.found.missing
    chosen(again)
    bpy.ops.audio2pose.character_preset_apply(preset="Strange_ mine")
    assert again.audio2pose_character.edited
    bpy.ops.audio2pose.character_preset_remove(preset="Strange_ mine")
    assert not addon.own_presets()
    bpy.ops.audio2pose.character_detect()
    assert rig_retarget.detect(again).map.family == "shape"


def test_spine_rows_come_and_go(addon):
    armature = foreign_rigs.build("unreal", FAMILIES["unreal"])
    settings = chosen(armature)
    bpy.ops.audio2pose.character_edit()

    def spine():
        return [row.bone for row in settings.rows if row.part == "spine"]

    before = spine()
    assert len(before) == 5
    bpy.ops.audio2pose.character_row_add(part="spine")
    assert spine() == [*before, ""]
    bpy.ops.audio2pose.character_row_clear()
    assert spine() == before
    settings.row = next(i for i, row in enumerate(settings.rows) if row.part == "pelvis")
    bpy.ops.audio2pose.character_row_clear()
    with pytest.raises(RigError, match="no bone for pelvis"):
        rig_retarget.check(armature)


def test_presets_travel_as_files_and_a_bad_one_is_refused(addon, tmp_path):
    armature = foreign_rigs.build("mmd", FAMILIES["mmd"])
    settings = chosen(armature)
    path = tmp_path / "päth with spaces.json"
    bpy.ops.audio2pose.character_preset_export(filepath=str(path))
    before = rig_retarget.detect(armature).map
    bpy.ops.audio2pose.character_preset_import(filepath=str(path))
    assert settings.edited
    assert dict(rig_retarget.detect(armature).map.bones) == dict(before.bones)
    bad = tmp_path / "bad.json"
    for text, why in (
        ("{", "No bone preset"),
        ('{"parts": {"wing": []}}', "match"),
        ("[]", "parts"),
    ):
        bad.write_text(text)
        with pytest.raises(RuntimeError, match=why):
            bpy.ops.audio2pose.character_preset_import(filepath=str(bad))
    chosen(foreign_rigs.build("mixamo", FAMILIES["mixamo"]))
    with pytest.raises(RuntimeError, match="does not fit"):
        bpy.ops.audio2pose.character_preset_import(filepath=str(path))


def test_the_panel_says_what_was_found(addon):
    from blender_addon.ui.panels import character as character_panel

    armature = foreign_rigs.build("mixamo", FAMILIES["mixamo"])
    said = character_panel.summary(armature)
    assert (said.title, said.problem) == ("Mixamo", None)
    assert dict(said.pairs)["left_hip"] == "mixamorig:LeftUpLeg"
    assert character_panel.summary(armature) is said
    # One odd name is filled in by where the bone is; many are not.
    armature.data.bones["mixamorig:LeftUpLeg"].name = "Oops"
    said = character_panel.summary(armature)
    assert said.title == "Mixamo" and dict(said.pairs)["left_hip"] == "Oops"
    for bone in list(armature.data.bones):
        bone.name = f"b{len(bone.name)}"
    assert character_panel.summary(armature).title == "Unknown rig, by its shape"


def test_an_object_that_travels_starts_where_it_stood_however_often(addon, dance):
    armature = foreign_rigs.build("unreal", FAMILIES["unreal"])
    armature.location = (1.0, 2.0, 0.5)
    far = Motion(FPS, dance.root + np.array([0.4, 0.0, -0.3]), dance.rotations, dance.contacts)
    settings = chosen(armature)
    settings.root_motion = "OBJECT"
    for _ in range(2):
        frames = put(armature, far)
        bpy.context.scene.frame_set(30)
        first = {
            c.array_index: c.evaluate(1)
            for c in compat.fcurves_of(armature)
            if c.data_path == "location"
        }
        hips = (dance.joint_positions()[0, 1] + dance.joint_positions()[0, 2]) / 2
        assert first[0] == pytest.approx(1.0 + hips[0] + 0.4, abs=0.02)
        back = rig_retarget.read_motion(armature, frames, FPS)
        np.testing.assert_allclose(back.root, far.root, atol=0.02)
    settings.root_motion = "HIPS"
    assert tuple(armature.location) == pytest.approx((1.0, 2.0, 0.5))


class Layout:
    """A layout that writes down the texts and properties put on it."""

    def __init__(self, said: list[str]) -> None:
        self.said = said

    def __getattr__(self, name: str):
        if name in ("row", "column", "box", "split"):
            return lambda **_: Layout(self.said)
        raise AttributeError(name)

    def panel(self, _id, default_closed=False):
        return Layout(self.said), Layout(self.said)

    def label(self, text="", **_):
        self.said.append(text)

    def prop(self, data, name, **_):
        assert name in data.bl_rna.properties, name

    def prop_search(self, data, name, source, found, **_):
        assert name in data.bl_rna.properties and hasattr(source, found)
        self.said.append(getattr(data, name))

    def operator(self, name, **_):
        assert hasattr(bpy.types, "AUDIO2POSE_OT_" + name.removeprefix("audio2pose."))
        return SimpleNamespace()

    def template_list(self, kind, _id, data, listed, active, chosen, **_):
        from blender_addon.ui.panels import character as character_panel

        for item in getattr(data, listed):
            drawn = character_panel.AUDIO2POSE_UL_bones.draw_item
            drawn(None, bpy.context, self, data, item, 0, active, chosen)


def test_the_panel_draws_whatever_is_chosen(addon):
    from blender_addon.ui.panels import character as character_panel

    def drawn() -> list[str]:
        said: list[str] = []
        panel = SimpleNamespace(layout=Layout(said))
        character_panel.AUDIO2POSE_PT_character.draw(panel, bpy.context)
        return said

    assert "added" in drawn()[0]
    chosen(foreign_rigs.build("mixamo", FAMILIES["mixamo"]))
    assert "Mixamo (100% sure)" in drawn()
    bpy.ops.audio2pose.character_edit()
    said = drawn()
    assert "Mixamo (edited)" in said and "mixamorig:LeftFoot" in said
    stub = foreign_rigs.Family({"pelvis": "a", "spine1": "b"})
    chosen(foreign_rigs.build("stub", stub))
    said = drawn()
    assert said[0].startswith("Unknown rig (") and any("shows no bone" in line for line in said)


def test_a_linked_armature_needs_an_override_and_dances_with_one(addon, tmp_path, dance):
    original = foreign_rigs.build("Hero", FAMILIES["mixamo"])
    path = str(tmp_path / "hero.blend")
    bpy.data.libraries.write(path, {original})
    bpy.data.batch_remove([original, original.data])
    with bpy.data.libraries.load(path, link=True) as (_, into):
        into.objects = ["Hero"]
    linked = into.objects[0]
    bpy.context.scene.collection.objects.link(linked)
    bpy.context.view_layer.update()
    with pytest.raises(RigError, match="library override"):
        addon.writable(linked)
    hero = linked.override_create(remap_local_usages=True)
    bpy.context.view_layer.update()
    settings = addon.writable(hero)
    settings.root_motion = "OBJECT"
    addon.store_map(hero, rig_retarget.detect(hero).map, "Mine")
    assert rig_retarget.detect(hero).found.title == "Mine"
    frames = np.array([1, 60])
    put(hero, dance, PLAIN)
    heads = world_heads(hero, frames, first_bones(FAMILIES["mixamo"]))
    assert limb_angles(heads, dance, frames).max() < 0.1
