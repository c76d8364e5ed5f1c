"""Fingers: relaxed by default, fists, open hands and pointing; keys of their own; toes together."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import foreign_rigs
import quick_jobs
import rig_measures
from foreign_rigs import FAMILIES
from mathutils import Vector
from test_takes import dance, scene  # noqa: F401

from audio2pose_core import retarget, rotations as rot
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.retarget import Follow
from audio2pose_core.skeleton import INDEX
from blender_addon import compat
from blender_addon.rig import own_armature, retarget as rig_retarget

pytestmark = pytest.mark.blender
FINGERS = ("thumb", "index", "middle", "ring", "pinky")


def with_fingers(name: str = "rokoko", palm: bool = False, named: bool = True):
    """An armature of a family with five fingers of three bones a hand, toes, and palms if asked."""
    family = FAMILIES[name]
    armature = foreign_rigs.build(name, family, seed=4)
    with own_armature.context_restored() as layer:
        layer.objects.active = armature
        bpy.ops.object.mode_set(mode="EDIT")
        bones = armature.data.edit_bones
        for side in ("left", "right"):
            hand = bones[family.names[f"{side}_wrist"]]
            elbow = bones[family.names[f"{side}_elbow"]]
            along = (hand.head - elbow.head).normalized()
            size = (hand.head - elbow.head).length
            for k, finger in enumerate(FINGERS):
                parent, start = hand, hand.head + along * 0.35 * size
                # The thumb is in front, the little finger at the back; -Y is ahead.
                start.y += (-0.09 + 0.045 * k) * size
                if finger == "thumb":
                    start -= along * 0.25 * size
                if palm and finger != "thumb":
                    bone = bones.new(f"Palm{k}_{side}")
                    bone.head, bone.tail = hand.head + along * 0.05 * size, start
                    bone.parent, parent = hand, bone
                for joint in range(3):
                    label = finger if named else f"digit{k}"
                    bone = bones.new(f"{label}{joint + 1}_{side}")
                    bone.head = start + along * (0.12 * joint * size)
                    bone.tail = start + along * (0.12 * (joint + 1) * size)
                    bone.roll = 0.7 * k
                    bone.parent, parent = parent, bone
        bpy.ops.object.mode_set(mode="OBJECT")
    return armature


@pytest.fixture
def empty_blender():
    bpy.ops.wm.read_factory_settings(use_empty=True)


def tips(armature, frames, names) -> dict[str, np.ndarray]:
    return rig_measures.heads(armature, frames, {name: f"{name}>" for name in names})


@pytest.mark.parametrize("palm", [False, True])
@pytest.mark.parametrize("named", [False, True])
def test_hands_that_rest_are_relaxed_on_the_palms_side(empty_blender, palm, named):
    armature = with_fingers(palm=palm, named=named)
    rig_measures.dance_on(armature, rest_motion(30, 30.0))
    # In the T-pose palms look down; arms held out straight would point, so elbows bend.
    labels = FINGERS if named else tuple(f"digit{k}" for k in range(5))
    bent = rest_motion(60, 30.0)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        turn = np.tile([0.0, -sign * 1.2, 0.0], (60, 1))
        bent.rotations[:, INDEX[f"{side}_elbow"]] = rot.from_axis_angle(turn)
    rig_measures.dance_on(armature, bent)
    frames = np.array([30])
    for side in ("left", "right"):
        wanted = [f"{label}3_{side}" for label in labels[1:]]
        at = tips(armature, frames, wanted)
        wrist = rig_measures.heads(armature, frames, {"w": f"{side.title()}Hand"})["w"]
        drops = [float(wrist[0, 2] - at[name][0, 2]) for name in wanted]
        # The little finger bends most.
        assert min(drops) > 0.02 and drops == sorted(drops), drops


def test_fists_on_stops_pointing_where_held_open_where_flying():
    """From the arms alone: weights of each shape."""
    t = np.arange(150) / 30.0
    still = rest_motion(150, 30.0)
    weights = retarget.hand_shapes(retarget.dancer_of(still), "left")
    assert weights[75].argmax() == retarget.SHAPES.index("point")
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    hit = rest_motion(150, 30.0)
    bend = np.where(t < 2.0, 0.4, np.minimum(0.4 + 12.0 * (t - 2.0), 2.0))
    turn = np.stack([0 * t, -bend, 0 * t], axis=1)
    hit.rotations[:, INDEX["left_elbow"]] = rot.from_axis_angle(turn)
    weights = retarget.hand_shapes(retarget.dancer_of(hit), "left")
    assert weights[66].argmax() == retarget.SHAPES.index("fist")
    assert weights[120].argmax() == retarget.SHAPES.index("relaxed")
    raised = rest_motion(150, 30.0)
    up = np.tile([0.0, 0.0, 1.2], (150, 1))
    raised.rotations[:, INDEX["left_shoulder"]] = rot.from_axis_angle(up)
    weights = retarget.hand_shapes(retarget.dancer_of(raised), "left")
    assert weights[75].argmax() == retarget.SHAPES.index("open")


def test_a_fist_is_closed_and_a_pointing_finger_straight(empty_blender):
    armature = with_fingers()
    plan = rig_retarget.detect(armature).plan()
    joints = retarget.finger_joints(plan, "left")
    assert len(joints) == 15
    index = [j for j in joints if armature.data.bones[j.bone].name.startswith("index")]
    fist, point = retarget.SHAPES.index("fist"), retarget.SHAPES.index("point")
    total = np.rad2deg(sum(j.angles for j in index))
    assert total[fist] > 180 and abs(total[point]) < 20


def test_the_dial_lessens_and_nothing_is_keyed_at_zero(empty_blender):
    armature = with_fingers()
    motion = quick_jobs.sway(2.0, 3)
    frames = np.arange(1, 61)

    def fingers(amount: float) -> dict:
        how = Follow(fingers=amount)
        found = rig_retarget.channels(armature, motion, frames, 1.0, 30.0, how)
        return {c.data_path: c for c in found if c.group.startswith(FINGERS)}

    assert not fingers(0.0)
    whole, half = fingers(1.0), fingers(0.5)
    assert len(whole) == 30 and all(c.columns == () for c in whole.values())
    path = next(path for path in whole if "pinky1_left" in path)
    assert abs(half[path].values).mean() != pytest.approx(abs(whole[path].values).mean(), rel=0.05)


def test_what_a_plan_asks_of_the_hands_is_seen_on_the_rig(empty_blender):
    armature = with_fingers()
    hands = np.zeros((90, 2, 4))
    hands[:30, 0, retarget.SHAPES.index("fist")] = 1.0
    hands[30:60, 0, retarget.SHAPES.index("open")] = 1.0
    hands[60:, 0, retarget.SHAPES.index("point")] = 1.0
    hands[:, 1, retarget.SHAPES.index("fist")] = 1.0
    motion = rest_motion(90, 30.0).with_hands(hands)
    rig_measures.dance_on(armature, motion)
    frames = np.array([15, 45, 75])

    def bent(finger: str, side: str) -> np.ndarray:
        """Degrees (3,) between the first and the last bone of a finger."""
        names = {k: f"{finger}{k}_{side}" for k in (1, 3)} | {9: f"{finger}3_{side}>"}
        names |= {2: f"{finger}2_{side}"}
        at = rig_measures.heads(armature, frames, {str(k): name for k, name in names.items()})
        one, last = at["2"] - at["1"], at["9"] - at["3"]
        cosine = np.sum(rot.normalize(one) * rot.normalize(last), axis=1)
        return np.rad2deg(np.arccos(np.clip(cosine, -1.0, 1.0)))

    index, ring = bent("index", "left"), bent("ring", "left")
    assert index[0] > 100 and ring[0] > 100
    assert index[1] < 20 and ring[1] < 20
    assert index[2] < 20 and ring[2] > 100
    assert min(bent("index", "right")) > 100


def test_finger_keys_can_be_removed_and_the_dance_stays(scene):  # noqa: F811
    bpy.data.objects.remove(bpy.data.objects["Mine"])
    scene.audio2pose.target = with_fingers()
    armature = dance(1)
    before = {c.data_path for c in compat.fcurves_of(armature)}
    assert any("index1_left" in path for path in before)
    assert bpy.ops.audio2pose.fingers_remove() == {"FINISHED"}
    after = {c.data_path for c in compat.fcurves_of(armature)}
    assert not any(name in path for path in after for name in FINGERS)
    assert {p for p in before if not any(f in p for f in FINGERS)} == after
    with pytest.raises(RuntimeError, match="no keys of fingers"):
        bpy.ops.audio2pose.fingers_remove()


def test_all_toes_bend_as_the_ball_does(empty_blender):
    family = FAMILIES["makehuman"]
    armature = foreign_rigs.build("makehuman", family)
    with own_armature.context_restored() as layer:
        layer.objects.active = armature
        bpy.ops.object.mode_set(mode="EDIT")
        bones = armature.data.edit_bones
        for k in (1, 5):
            toe, middle = bones.new(f"toe{k}-1.L"), bones["toe3-1.L"]
            toe.head = middle.head + Vector((0.01 * (3 - k), 0.0, 0.0))
            toe.tail = toe.head + (middle.tail - middle.head)
            toe.parent = bones["foot.L"]
        bpy.ops.object.mode_set(mode="OBJECT")
    motion = rest_motion(30, 30.0)
    bend = np.tile([-0.5, 0.0, 0.0], (30, 1))
    motion.rotations[:, INDEX["left_foot"]] = rot.from_axis_angle(bend)
    flat = Motion(30.0, motion.root, motion.rotations, np.zeros((30, 4)))
    rig_measures.dance_on(armature, flat)
    ways = [
        rig_measures.pointing(armature, np.array([15]), f"toe{k}-1.L", np.array([0.0, -1.0, 0.0]))[
            0
        ]
        for k in (1, 3, 5)
    ]
    assert ways[1][2] > 0.3
    np.testing.assert_allclose(ways[0], ways[1], atol=1e-3)
    np.testing.assert_allclose(ways[2], ways[1], atol=1e-3)
