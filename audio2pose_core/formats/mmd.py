"""A dance on MikuMikuDance's standard skeleton: bones by their Japanese names, legs with IK.

MMD's upper and lower body hang side by side below the centre, which moves and does not turn; its
models rest in an A-pose. Feet are placed by IK bones that stand in the world, knees turn about one
axis only. Here everything is in our axes (Y up, facing +Z) and MMD's units; ``vmd`` mirrors it.

The skeleton has our proportions: every model has its own, and MMD adds the way in units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .. import rotations as rot
from ..motion import Motion
from ..retarget import BoneMap, Follow, Plan, Rig, finger_joints, make_plan, placed
from ..skeleton import END_SITES, INDEX, OFFSETS, PARENTS, rest_positions
from .finger_bones import FINGERS, finger_places, finger_turns

UNITS = 11.75
"""MMD's units a metre of ours: legs of 9.4, a figure of 20, as its standard models have."""
ARMS = 38.0
"""Degrees that the arms hang below the T-pose at rest."""
ROOT, CENTRE = "全ての親", "センター"
LEG_IK, TOE_IK = "{}足ＩＫ", "{}つま先ＩＫ"
_CENTRE_HEIGHT = 8.0
_MIDDLE = (("下半身", "pelvis"), ("上半身", "spine1"), ("上半身2", "spine3"), ("首", "neck"),
           ("頭", "head"))  # fmt: skip
_SIDED = (("肩", "collar"), ("腕", "shoulder"), ("ひじ", "elbow"), ("手首", "wrist"),
          ("足", "hip"), ("ひざ", "knee"), ("足首", "ankle"), ("つま先", "foot"))  # fmt: skip
_SIDES = (("左", "left"), ("右", "right"))
_FINGERS = dict(zip(FINGERS, ("親指", "人指", "中指", "薬指", "小指"), strict=True))
_POLE = 0.01
"""Share of a leg by which a straight leg's knee is said to point forward."""


@dataclass(frozen=True)
class MmdKeys:
    """What each bone is given over T frames, since its rest pose, in its parent's frame.

    Attributes
    ----------
    rotations : dict of str to (T, 4)
    locations : dict of str to (T, 3)
        Our axes, MMD's units; bones that are not here are only turned.
    """

    rotations: dict[str, np.ndarray]
    locations: dict[str, np.ndarray]


def standard_skeleton() -> tuple[list[str], list[int], np.ndarray]:
    """Names, parents and rest places (B, 3) of the bones, parents first."""
    heads = _a_pose()
    names, parents, places = [ROOT, CENTRE], [-1, 0], [np.zeros(3), np.zeros(3)]
    places[1] = np.array([0.0, _CENTRE_HEIGHT, 0.0])

    def add(name: str, parent: str, place: np.ndarray) -> None:
        names.append(name)
        parents.append(names.index(parent))
        places.append(place)

    waist = heads[INDEX["spine1"]]
    for (name, joint), parent in zip(
        _MIDDLE, (CENTRE, CENTRE, "上半身", "上半身2", "首"), strict=True
    ):
        # Both halves turn about the waist.
        add(name, parent, waist if joint in ("pelvis", "spine1") else heads[INDEX[joint]])
    above = {"肩": "上半身2", "足": "下半身"}
    for mark, side in _SIDES:
        before = ""
        for name, part in _SIDED:
            parent = above.get(name, before)
            place = heads[INDEX[f"{side}_{part}"]]
            add(mark + name, parent if parent in above.values() else mark + parent, place)
            before = name
        wrist = heads[INDEX[f"{side}_wrist"]]
        for finger, points in zip(FINGERS, _hanging(side, finger_places(side)), strict=True):
            before = mark + "手首"
            for name, point in zip(_finger_names(mark, finger), points, strict=False):
                add(name, before, wrist + point)
                before = name
        add(LEG_IK.format(mark), ROOT, heads[INDEX[f"{side}_ankle"]])
        add(TOE_IK.format(mark), LEG_IK.format(mark), heads[INDEX[f"{side}_foot"]])
    return names, parents, np.array(places)


def _a_pose() -> np.ndarray:
    """Our joints (24, 3) with arms that hang, in MMD's units."""
    heads = rest_positions() * UNITS
    for side in ("left", "right"):
        for part in ("elbow", "wrist", "hand"):
            joint = INDEX[f"{side}_{part}"]
            heads[joint] = heads[PARENTS[joint]] + _hanging(side, OFFSETS[joint])
    return heads


def _hanging(side: str, ways: np.ndarray) -> np.ndarray:
    """Ways (..., 3) along an arm of the T-pose, in metres, along one that hangs, in units."""
    down = -np.deg2rad(ARMS) * (1.0 if side == "left" else -1.0)
    return rot.rotate(rot.from_axis_angle(np.array([0.0, 0.0, down])), ways) * UNITS


def _finger_names(mark: str, finger: str) -> list[str]:
    """The three bones of a finger; the thumb's begin with 0, which not every model has."""
    return [
        mark + _FINGERS[finger] + digit for digit in ("０１２" if finger == "thumb" else "１２３")
    ]


def standard_plan() -> Plan:
    """How the standard skeleton follows our joints."""
    names, parents, heads = standard_skeleton()
    tails = heads + np.array([0.0, 0.5, 0.0])
    for i, parent in enumerate(parents):
        if parent > 1:
            tails[parent] = heads[i]
    for mark, side in _SIDES:
        tip = END_SITES[INDEX[f"{side}_foot"]] * UNITS
        tails[names.index(mark + "つま先")] = heads[names.index(mark + "つま先")] + tip
        wrist = heads[names.index(mark + "手首")]
        for finger, points in zip(FINGERS, _hanging(side, finger_places(side)), strict=True):
            tails[names.index(_finger_names(mark, finger)[-1])] = wrist + points[-1]
    count = len(names)
    still, yes = np.tile(rot.IDENTITY, (count, 1)), np.ones(count, dtype=bool)
    rig = Rig(
        tuple(names), np.array(parents), still, heads, tails, still, yes, ~yes, yes
    )  # fmt: skip
    bones: dict[str, tuple[str, ...]] = {
        "root": (ROOT,),
        "carrier": (CENTRE,),
        "pelvis": ("下半身",),
        "spine": ("上半身", "上半身2"),
        "neck": ("首",),
        "head": ("頭",),
    }
    for mark, side in _SIDES:
        bones |= {f"{side}_{part}": (mark + name,) for name, part in _SIDED}
        bones[f"{side}_fingers"] = (mark + "中指１",)
    return make_plan(rig, BoneMap("mmd", bones))


def mmd_keys(motion: Motion, hands: Mapping[str, np.ndarray], fingers: float) -> MmdKeys:
    """The keys of a dance: the body by rotations, the legs by both rotations and IK.

    ``hands`` are what each side's hand does (``shape_weights``), ``fingers`` how much of it.

    Legs are turned so that the knee bends about its own X axis alone, as MMD's knees do, and
    the ankle is where the dance has it. So a model shows the same whether its IK is on or off.
    """
    plan = standard_plan()
    body = placed(plan, motion, Follow(spare_body=False))
    names = plan.rig.names
    turned = {names[c.bone]: body.turned[:, i] for i, c in enumerate(plan.controls)}
    lower = turned["下半身"]
    head = plan.rig.heads[plan.rig.index["下半身"]]
    hips = (plan.place("left_hip") + plan.place("right_hip")) / 2
    arm = rot.rotate(lower, np.broadcast_to(head - hips, body.hips.shape))
    shift = body.hips + arm - head
    rotations: dict[str, np.ndarray] = {}
    locations = {CENTRE: shift}
    for mark, _ in _SIDES:
        _leg(plan, mark, turned, shift, rotations, locations)
    for control in plan.controls:
        name = names[control.bone]
        if name in rotations:
            continue
        if control.frame < 0:
            rotations[name] = turned[name]
        else:
            above = turned[names[plan.controls[control.frame].bone]]
            rotations[name] = rot.multiply(rot.conjugate(above), turned[name])
    for _, side in _SIDES if fingers > 0 else ():
        joints = finger_joints(plan, side)
        turns = finger_turns(plan, joints, hands[side], fingers)
        rotations |= {names[bone]: values for bone, values in turns.items()}
    return MmdKeys(rotations, locations)


def _leg(
    plan: Plan,
    mark: str,
    turned: dict[str, np.ndarray],
    shift: np.ndarray,
    rotations: dict[str, np.ndarray],
    locations: dict[str, np.ndarray],
) -> None:
    """The keys of one leg. ``turned`` are turns since rest; the leg rests straight down."""
    rig = plan.rig
    at = {name: rig.heads[rig.index[name]] for name in ("下半身", mark + "足", mark + "ひざ",
                                                        mark + "足首")}  # fmt: skip
    thigh, shin = at[mark + "ひざ"] - at[mark + "足"], at[mark + "足首"] - at[mark + "ひざ"]
    lower, foot = turned["下半身"], turned[mark + "足首"]
    count = len(lower)
    way = np.broadcast_to(at[mark + "足"] - at["下半身"], (count, 3))
    hip = at["下半身"] + shift + rot.rotate(lower, way)
    knee = hip + rot.rotate(turned[mark + "足"], np.broadcast_to(thigh, (count, 3)))
    ankle = knee + rot.rotate(turned[mark + "ひざ"], np.broadcast_to(shin, (count, 3)))
    long, short = float(np.linalg.norm(thigh)), float(np.linalg.norm(shin))
    reach = ankle - hip
    distance = np.clip(np.linalg.norm(reach, axis=1), abs(long - short) + 1e-9, long + short)
    along = rot.normalize(reach)
    front = rot.rotate(turned[mark + "足"], np.broadcast_to([0.0, 0.0, 1.0], (count, 3)))
    # A straight leg's knee points where its thigh does, a bent one's where it is.
    pole = (knee - hip) + _POLE * (long + short) * front
    pole = rot.normalize(pole - np.sum(pole * along, axis=1, keepdims=True) * along)
    cosine = np.clip((long**2 + distance**2 - short**2) / (2 * long * distance), -1.0, 1.0)
    lean = np.arccos(cosine)[:, None]
    down = along * np.cos(lean) + pole * np.sin(lean)
    across = rot.normalize(np.cross(along, pole))
    # The thigh rests along -Y and its knee turns about X: across, up, front as columns.
    x_axis = -across
    frame = np.stack([x_axis, -down, np.cross(x_axis, -down)], axis=-1)
    upper = rot.from_matrix(frame)
    inner = np.clip((long**2 + short**2 - distance**2) / (2 * long * short), -1.0, 1.0)
    bend = np.pi - np.arccos(inner)
    hinge = rot.from_axis_angle(np.stack([bend, np.zeros(count), np.zeros(count)], axis=1))
    calf = rot.multiply(upper, hinge)
    rotations[mark + "足"] = rot.multiply(rot.conjugate(lower), upper)
    rotations[mark + "ひざ"] = hinge
    rotations[mark + "足首"] = rot.multiply(rot.conjugate(calf), foot)
    toes = turned.get(mark + "つま先")
    if toes is not None:
        rotations[mark + "つま先"] = rot.multiply(rot.conjugate(foot), toes)
    there = hip + rot.rotate(upper, np.broadcast_to(thigh, (count, 3)))
    there = there + rot.rotate(calf, np.broadcast_to(shin, (count, 3)))
    locations[LEG_IK.format(mark)] = there - at[mark + "足首"]
    rotations[LEG_IK.format(mark)] = foot
