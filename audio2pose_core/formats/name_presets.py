"""Our joints by other programs' names, and how their bodies rest: for BVH and FBX.

Bone lengths stay ours, so a dance written with another family's names and rest pose puts every
joint where it was. ``retarget/presets`` goes the other way: it finds parts on rigs of any names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .. import rotations as rot
from ..errors import OptionError
from ..skeleton import INDEX, JOINTS, NUM_JOINTS, PARENTS

_CENTRE = ("pelvis", "spine1", "spine2", "spine3", "neck", "head")
_SIDED = ("hip", "knee", "ankle", "foot", "collar", "shoulder", "elbow", "wrist", "hand")


@dataclass(frozen=True)
class NamePreset:
    """One family's names and rest pose.

    Attributes
    ----------
    key, title : str
        For options, and as people call it.
    names : dict of str to str
        Our joints -> theirs.
    root : str
        A bone on the floor above the hips; empty where the family has none.
    inserted : dict of str to str
        Joint -> a bone without length between its parent and it.
    arms : float
        Degrees that the arms hang below the T-pose at rest.
    """

    key: str
    title: str
    names: dict[str, str]
    root: str = ""
    inserted: dict[str, str] = field(default_factory=dict)
    arms: float = 0.0

    @cached_property
    def rest(self) -> np.ndarray:
        """World rotations (24, 4) from our T-pose to the family's rest pose."""
        out = np.tile(rot.IDENTITY, (NUM_JOINTS, 1))
        for side, sign in (("left", 1.0), ("right", -1.0)):
            angle = np.array([0.0, 0.0, -sign * np.deg2rad(self.arms)])
            for part in ("shoulder", "elbow", "wrist", "hand"):
                out[INDEX[f"{side}_{part}"]] = rot.from_axis_angle(angle)
        return out

    def local(self, world: np.ndarray) -> np.ndarray:
        """Rotations (T, 24, 4) relative to parent and rest pose of our world rotations."""
        turned = rot.multiply(world, rot.conjugate(self.rest))
        out = turned.copy()
        for j in range(1, NUM_JOINTS):
            out[:, j] = rot.multiply(rot.conjugate(turned[:, PARENTS[j]]), turned[:, j])
        return rot.continuous(rot.normalize(out))

    def offset(self, joint: int, vector: np.ndarray) -> np.ndarray:
        """What rests at ``vector`` (3,) from a joint of ours, in the family's rest pose."""
        return np.asarray(rot.rotate(self.rest[joint], np.asarray(vector, dtype=np.float64)))


def _names(centre: str, sided: str, left: str, right: str) -> dict[str, str]:
    """Our joints -> their names: ``centre`` for pelvis .. head, patterns with {s} for the rest."""
    out = dict(zip(_CENTRE, centre.split(), strict=True))
    for part, pattern in zip(_SIDED, sided.split(), strict=True):
        out[f"left_{part}"] = pattern.format(s=left)
        out[f"right_{part}"] = pattern.format(s=right)
    return {joint: out[joint] for joint in JOINTS}


PRESETS: dict[str, NamePreset] = {
    preset.key: preset
    for preset in (
        NamePreset("audio2pose", "Audio2Pose", {name: name for name in JOINTS}),
        NamePreset(
            "mixamo",
            "Mixamo",
            _names(
                "mixamorig:Hips mixamorig:Spine mixamorig:Spine1 mixamorig:Spine2 mixamorig:Neck "
                "mixamorig:Head",
                "mixamorig:{s}UpLeg mixamorig:{s}Leg mixamorig:{s}Foot mixamorig:{s}ToeBase "
                "mixamorig:{s}Shoulder mixamorig:{s}Arm mixamorig:{s}ForeArm mixamorig:{s}Hand "
                "mixamorig:{s}HandMiddle1",
                "Left",
                "Right",
            ),
        ),
        NamePreset(
            "unreal",
            "Unreal",
            _names(
                "pelvis spine_01 spine_02 spine_03 neck_01 head",
                "thigh_{s} calf_{s} foot_{s} ball_{s} clavicle_{s} upperarm_{s} lowerarm_{s} "
                "hand_{s} middle_01_{s}",
                "l",
                "r",
            ),
            root="root",
            arms=45.0,
        ),
        NamePreset(
            "unity",
            "Unity",
            _names(
                "Hips Spine Chest UpperChest Neck Head",
                "{s}UpperLeg {s}LowerLeg {s}Foot {s}Toes {s}Shoulder {s}UpperArm {s}LowerArm "
                "{s}Hand {s}MiddleProximal",
                "Left",
                "Right",
            ),
            root="Root",
        ),
        NamePreset(
            "cmu",
            "CMU",
            _names(
                "Hips LowerBack Spine Spine1 Neck Head",
                "{s}UpLeg {s}Leg {s}Foot {s}ToeBase {s}Shoulder {s}Arm {s}ForeArm {s}Hand "
                "{s}FingerBase",
                "Left",
                "Right",
            ),
            inserted={"left_hip": "LHipJoint", "right_hip": "RHipJoint", "head": "Neck1"},
        ),
    )
}
"""Preset by key; the first is ours."""


def preset_named(key: str) -> NamePreset:
    """The preset of that key; OptionError with the keys where there is none."""
    if key not in PRESETS:
        raise OptionError(f"no names {key!r}; choose from {', '.join(PRESETS)}")
    return PRESETS[key]
