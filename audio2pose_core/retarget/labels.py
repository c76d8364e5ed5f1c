"""What people call the parts of a body: bones by what they move, as animators name them.

Core names its joints after SMPL, by the joint at which a bone begins; a rig's bone that begins
at the hip joint is a thigh to everyone who rigs or animates.
"""

from __future__ import annotations

from .rig import PARTS

_BODY = {
    "root": "Root",
    "carrier": "Torso Control",
    "pelvis": "Hips",
    "spine": "Spine",
    "neck": "Neck",
    "head": "Head",
}
_LIMBS = {
    "collar": "Clavicle",
    "shoulder": "Upper Arm",
    "elbow": "Forearm",
    "wrist": "Hand",
    "hip": "Thigh",
    "knee": "Shin",
    "ankle": "Foot",
    "foot": "Toes",
    "hand": "Knuckles",
    "fingers": "Fingers",
}


def _label(part: str) -> str:
    side, _, name = part.partition("_")
    return f"{side.title()} {_LIMBS[name]}" if name else _BODY[part]


PART_LABELS: dict[str, str] = {part: _label(part) for part in PARTS}
"""From each of ``PARTS`` to its name on the screen: "left_hip" is "Left Thigh"."""
