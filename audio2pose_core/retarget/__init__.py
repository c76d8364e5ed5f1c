"""Retargeting: a dance on core's skeleton onto any rig, and what a rig shows back as a dance.

``detect`` says which bones of a rig play which part, ``make_plan`` works out
from the rest pose how they follow, ``dance_body`` and ``pose_of`` turn a dance
into poses, ``body_of`` and ``motion_of`` poses into a dance.
"""

from __future__ import annotations

from . import modes
from .detect import Detection, detect, judge
from .plan import Control, Plan, make_plan
from .pose import Body, Pose, body_of, dance_body, motion_of, pose_of
from .presets import Preset, parse_preset, preset_of, read_preset, shipped
from .rig import NEEDED, OPTIONAL, PARTS, BoneMap, Rig, Switch

__all__ = [
    "NEEDED",
    "OPTIONAL",
    "PARTS",
    "Body",
    "BoneMap",
    "Control",
    "Detection",
    "Plan",
    "Pose",
    "Preset",
    "Rig",
    "Switch",
    "body_of",
    "dance_body",
    "detect",
    "judge",
    "make_plan",
    "modes",
    "motion_of",
    "parse_preset",
    "pose_of",
    "preset_of",
    "read_preset",
    "shipped",
]
