"""Retargeting's maths, on rigs that are arrays."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from audio2pose_core import retarget, rotations as rot
from audio2pose_core.errors import OptionError, RigError
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.retarget import hands, limb, modes, pose as retarget_pose
from audio2pose_core.retarget.names import canonical
from audio2pose_core.skeleton import INDEX, JOINTS, PARENTS, rest_positions

RNG = np.random.default_rng(7)


def own_rig(scale: float = 1.0, seed: int | None = None) -> retarget.Rig:
    """Core's skeleton as a rig in core's axes; with a seed its bones are rolled and turned."""
    count = len(JOINTS)
    heads = rest_positions() * scale
    rest = np.tile(rot.IDENTITY, (count, 1))
    if seed is not None:
        rest = rot.normalize(np.random.default_rng(seed).normal(size=(count, 4)))
    return retarget.Rig(
        JOINTS,
        np.array(PARENTS),
        rest,
        heads,
        heads + np.array([0.0, 0.1, 0.0]) * scale,
        np.tile(rot.IDENTITY, (count, 1)),
        np.ones(count, bool),
        np.zeros(count, bool),
        np.ones(count, bool),
    )


def wild(frames: int = 40) -> Motion:
    t = np.linspace(0, 2, frames)[:, None, None]
    angles = np.sin(2 * t * RNG.uniform(0.5, 2, (1, 24, 3)) + RNG.uniform(0, 6, (1, 24, 3)))
    root = np.concatenate([np.sin(t[:, 0]), 0.9 + 0 * t[:, 0], t[:, 0]], axis=1)
    return Motion(30.0, root, rot.from_axis_angle(0.8 * angles))


@pytest.mark.parametrize(("scale", "seed"), [(1.0, None), (1.0, 3), (100.0, 4)])
def test_a_dance_comes_back_from_the_poses_it_was_made_into(scale, seed):
    rig = own_rig(scale, seed)
    found = retarget.detect(rig)
    assert found.map.family == "audio2pose" and found.confidence == 1.0
    plan = retarget.make_plan(rig, found.map)
    motion = wild()
    how = retarget.Follow(plant_feet=False, spare_body=False)
    pose = retarget.follow(plan, motion, how)
    back = retarget.motion_of(plan, retarget.body_of(plan, pose), 30.0)
    assert rot.angle(back.rotations, motion.rotations).max() < 1e-5
    np.testing.assert_allclose(back.root, motion.root, atol=1e-6)


def test_our_own_skeleton_needs_no_help_at_feet_and_hands():
    rig = own_rig()
    plan = retarget.make_plan(rig, retarget.detect(rig).map)
    motion = wild()
    with_help = retarget.follow(plan, motion)
    plain = retarget.follow(plan, motion, retarget.Follow(plant_feet=False, spare_body=False))
    assert rot.angle(with_help.rotations, plain.rotations).max() < 1e-4
    np.testing.assert_allclose(with_help.location, plain.location, atol=1e-6)


MODES = ("XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "QUATERNION", "AXIS_ANGLE")


@pytest.mark.parametrize("mode", MODES)
def test_rotation_modes_mean_the_same_rotation_and_never_jump(mode):
    t = np.linspace(0, 8, 400)[:, None]
    # Through gimbal lock, through no turn at all, and several times around.
    turn = rot.from_axis_angle(np.concatenate([1.7 * np.sin(t), 2 * t, np.sin(3 * t)], axis=1))
    values = modes.to_values(turn, mode)
    assert values.shape == (400, modes.width(mode))
    back = modes.from_values(values, mode)
    assert rot.angle(back, turn).max() < 1e-6
    step = np.abs(np.diff(values, axis=0))
    # Near gimbal lock the two outer angles turn against each other, fast but not by a jump.
    assert step.max() < (1.6 if len(mode) == 3 else 0.4)
    assert step.max() < np.pi


def test_euler_order_is_blenders():
    """ "XYZ" turns about X first: the matrix is Z Y X."""
    angles = np.array([[0.3, -0.5, 1.1]])
    quats = modes.from_values(angles, "XYZ")

    def about(axis: int) -> np.ndarray:
        v = np.zeros((1, 3))
        v[0, axis] = angles[0, axis]
        return rot.from_axis_angle(v)

    wanted = rot.multiply(about(2), rot.multiply(about(1), about(0)))
    np.testing.assert_allclose(np.abs(np.sum(quats * wanted, axis=1)), 1.0, atol=1e-12)


def test_two_bone_ik_reaches_what_can_be_reached():
    root = np.zeros((50, 3))
    hinge = root + np.array([0.1, -0.4, 0.2])
    end = hinge + np.array([0.0, -0.4, -0.1])
    target = RNG.uniform(-0.6, 0.6, (50, 3))
    new_hinge, new_end = limb.solve_limb(root, hinge, end, target)
    upper, lower = np.linalg.norm(hinge[0]), np.linalg.norm(end[0] - hinge[0])
    np.testing.assert_allclose(np.linalg.norm(new_hinge, axis=1), upper, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(new_end - new_hinge, axis=1), lower, atol=1e-9)
    far = np.linalg.norm(target, axis=1)
    near = (far < 0.99 * (upper + lower)) & (far > 0.2 * (upper + lower))
    assert near.sum() > 20
    np.testing.assert_allclose(new_end[near], target[near], atol=1e-9)
    # What is too far is pointed at.
    np.testing.assert_allclose(rot.normalize(new_end), rot.normalize(target), atol=1e-9)


def folded_arms() -> Motion:
    """Hands that sweep past the belly."""
    motion = rest_motion(60, 30.0)
    quats = motion.rotations.copy()
    t = np.linspace(0, 1, 60)
    sweep, nothing = np.sin(np.pi * t), 0 * t
    for side, sign in (("left", 1.0), ("right", -1.0)):
        down = rot.from_axis_angle(np.stack([nothing, nothing, nothing - sign * 0.7], axis=1))
        ahead = rot.from_axis_angle(np.stack([nothing, -sign * 1.4 * sweep, nothing], axis=1))
        fold = np.stack([nothing, -sign * 2.5 * sweep, nothing], axis=1)
        quats[:, INDEX[f"{side}_shoulder"]] = rot.multiply(down, ahead)
        quats[:, INDEX[f"{side}_elbow"]] = rot.from_axis_angle(fold)
    return Motion(30.0, motion.root, quats)


def test_hands_stay_out_of_a_stouter_body():
    rig = own_rig()
    heads = rig.heads.copy()
    for side, sign in (("left", 1.0), ("right", -1.0)):
        # Shoulders farther apart make a stouter trunk; the forearms are longer too.
        for part in ("shoulder", "elbow", "wrist", "hand"):
            longer = 0.28 if part in ("wrist", "hand") else 0.12
            heads[INDEX[f"{side}_{part}"], 0] += sign * longer
    stout = retarget.Rig(
        rig.names, rig.parents, rig.rest, heads, heads + 0.1, rig.basis,
        rig.inherits, rig.connected, rig.local_location,
    )  # fmt: skip
    plan = retarget.make_plan(stout, retarget.detect(stout).map)
    motion = folded_arms()

    def deepest(spare: bool) -> float:
        how = retarget.Follow(plant_feet=False, spare_body=spare)
        body = retarget.placed(plan, motion, how)
        places = hands.control_heads(plan, body)
        trunk = hands._trunk(plan, body, places)
        wrists = [plan.control(f"{side}_wrist") for side in ("left", "right")]
        return max(float(trunk.depth(places[:, w])[0].max()) for w in wrists)

    ours = hands._core_trunk(retarget.dancer_of(motion))
    own = max(
        float(ours.depth(motion.joint_positions()[:, INDEX[f"{s}_wrist"]])[0].max())
        for s in ("left", "right")
    )
    assert deepest(spare=False) > max(own, 0.0) + 0.01
    assert deepest(spare=True) < max(own, 0.0) + 0.01


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("mixamorig:LeftUpLeg", "left_upleg"),
        ("mixamorig1:RightHandMiddle1", "right_handmiddle1"),
        ("J_Bip_L_UpperLeg", "left_upperleg"),
        ("J_Bip_C_Hips", "hips"),
        ("左足首", "left_足首"),
        ("足首.L", "left_足首"),
        ("上半身2", "上半身2"),
        ("upper_arm.R", "right_upperarm"),
    ],
)
def test_names_are_brought_to_one_spelling(theirs, ours):
    assert canonical(theirs) == ours


def test_presets_are_checked():
    assert {p.family for p in retarget.shipped()} >= {
        "audio2pose", "auto_rig_pro", "cmu", "mixamo", "mmd", "rigify", "rigify_rig", "rokoko",
        "unreal", "vrm",
    }  # fmt: skip
    good = {"family": "a", "title": "A", "match": "names", "parts": {"pelvis": ["hip"]}}
    assert retarget.parse_preset(good, "x").parts == {"pelvis": ("hip",)}
    for change, why in (
        ({"parts": {"tail": ["t"]}}, "no part 'tail'"),
        ({"match": "regex"}, "match"),
        ({"title": ""}, "title"),
        ({"colour": 1}, "unknown entry 'colour'"),
        ({"switches": [["a", "b"]]}, "switch"),
        ({"parts": {"pelvis": "hip"}}, "list of names"),
    ):
        with pytest.raises(RigError, match=why):
            retarget.parse_preset(good | change, "x")


def test_a_map_saved_and_read_is_the_same_map():
    rig = own_rig()
    switch = retarget.Switch("pelvis", "IK_FK", 1.0)
    found = retarget.detect(rig).map
    made = retarget.BoneMap(
        "mine", found.bones, {"left_shoulder": "left_collar"}, ("spine1",), (switch,)
    )
    text = json.dumps(retarget.preset_of(made, "mine", "Mine"))
    back = retarget.map_of(retarget.parse_preset(json.loads(text), "x"), rig)
    assert dict(back.bones) == dict(made.bones)
    assert (dict(back.frames), back.still, back.switches) == (
        dict(made.frames), made.still, made.switches,
    )  # fmt: skip


def test_a_rest_pose_that_does_not_stand_and_odd_options_are_refused():
    rig = own_rig()
    flat = retarget.Rig(
        rig.names, rig.parents, rig.rest, rig.heads * np.array([0.0, 0.0, 0.0]), rig.tails,
        rig.basis, rig.inherits, rig.connected, rig.local_location,
    )  # fmt: skip
    with pytest.raises(RigError, match="rest pose"):
        retarget.make_plan(flat, retarget.detect(rig).map)
    with pytest.raises(OptionError, match="root motion"):
        retarget.Follow("FEET")
    circle = retarget.BoneMap("x", retarget.detect(rig).map.bones, {"pelvis": "left_knee"})
    with pytest.raises(RigError, match="each other"):
        retarget.make_plan(rig, circle)


def test_a_planted_leg_that_does_not_reach_makes_the_pelvis_sink():
    """Nothing of a rig's leg is longer than the leg: what is missing comes from the pelvis."""
    from audio2pose_core.retarget import feet

    frames, length = 60, 0.8
    hip = np.tile([0.0, 0.8, 0.0], (frames, 1))
    ankle = hip - [0.0, 0.995 * length, 0.0]
    leg = feet.Leg((0, 1, 2), hip, (hip + ankle) / 2, ankle, ankle, length, 0.0, 0.0)
    asked = np.zeros((frames, 3))
    asked[20:40, 1] = -0.02  # two centimetres lower than it stands: beyond its reach
    stands = np.ones(frames, dtype=bool)
    down = feet._sink(None, [leg], [asked], [stands], 30.0)
    assert down[20:40].min() > 0.01
    left = np.linalg.norm(ankle + asked - (hip - down[:, None] * [0, 1, 0]), axis=1)
    assert left[20:40].max() < length, "the leg reaches now"
    assert not feet._sink(None, [leg], [0 * asked], [stands], 30.0).any(), "nothing was missing"


def wide_rig() -> retarget.Rig:
    """Our skeleton with hips far apart on short legs, its shins longer than its thighs."""
    rig = own_rig()
    heads = rig.heads.copy()
    for side, sign in (("left", 1.0), ("right", -1.0)):
        at = {p: INDEX[f"{side}_{p}"] for p in ("hip", "knee", "ankle", "foot")}
        heads[list(at.values()), 0] = sign * 0.25
        for part, up in (("hip", 0.5), ("knee", 0.33), ("ankle", 0.08), ("foot", 0.02)):
            heads[at[part], 1] = up
    return retarget.Rig(
        rig.names, rig.parents, rig.rest, heads, heads + 0.05, rig.basis,
        rig.inherits, rig.connected, rig.local_location,
    )  # fmt: skip


def crouching() -> Motion:
    """Feet that stand while the body sways, twists, tilts and goes down into a deep crouch."""
    t = np.linspace(0, 1, 120)
    motion = rest_motion(120, 30.0)
    quats, nothing = motion.rotations.copy(), 0 * t
    deep = 0.5 - 0.5 * np.cos(2 * np.pi * t)
    sway = np.sin(6 * np.pi * t)
    quats[:, 0] = rot.from_axis_angle(np.stack([0.2 * deep, 0.3 * sway, 0.12 * sway], axis=1))
    for side in ("left", "right"):
        for part, most in (("hip", -2.0), ("knee", 2.4), ("ankle", -0.4)):
            turn = np.stack([most * deep, nothing, nothing], axis=1)
            quats[:, INDEX[f"{side}_{part}"]] = rot.from_axis_angle(turn)
    contacts = np.ones((120, 4))
    return Motion(30.0, motion.root - np.array([0, 0.5, 0]) * deep[:, None], quats, contacts)


def test_knees_stay_in_front_in_a_deep_crouch_on_long_shins():
    rig = wide_rig()
    plan = retarget.make_plan(rig, retarget.detect(rig).map)
    motion = crouching()
    loose = retarget.placed(plan, motion, retarget.Follow(plant_feet=False, spare_body=False))
    body = retarget.placed(plan, motion, retarget.Follow(spare_body=False))
    for part in ("left_hip", "right_hip", "left_knee", "right_knee"):
        control = plan.control(part)
        turned = np.rad2deg(rot.angle(loose.turned[:, control], body.turned[:, control]))
        assert turned.max() < 45.0, part


def test_hips_far_apart_tilt_less_and_the_dance_is_read_back_all_the_same():
    rig = wide_rig()
    plan = retarget.make_plan(rig, retarget.detect(rig).map)
    assert plan.width > 2.0
    motion = wild()
    body = retarget.dance_body(plan, retarget.dancer_of(motion))
    back = retarget.motion_of(plan, body, motion.fps)
    turned = rot.angle(motion.global_rotations()[:, 0], back.global_rotations()[:, 0])
    assert np.rad2deg(turned).max() < 0.01
    assert np.abs(back.root - motion.root).max() < 1e-6


def test_a_hand_is_kept_out_of_a_trunk_as_wide_as_the_mesh_says():
    rig = own_rig()
    plan = retarget.make_plan(rig, retarget.detect(rig).map)
    wide = dataclasses.replace(plan, girth=retarget.Girth(0.3, 0.22, 0.2, 0.1, 0.1))
    motion = folded_arms()

    def depth(plan: retarget.Plan, spare: bool) -> float:
        how = retarget.Follow(plant_feet=False, spare_body=spare)
        body = retarget.placed(plan, motion, how)
        heads = retarget_pose.control_heads(plan, body)
        trunk = hands._trunk(wide, body, heads)
        wrist = plan.control("left_wrist")
        return float(trunk.depth(heads[:, wrist])[0].max())

    assert depth(wide, spare=False) > 0.03
    assert depth(plan, spare=True) > 0.03
    assert depth(wide, spare=True) < 0.005
