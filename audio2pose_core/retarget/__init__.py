"""Retargeting: a dance on core's skeleton onto any rig, and what a rig shows back as a dance.

``detect`` says which bones of a rig play which part, ``make_plan`` works out
from the rest pose how they follow, ``follow`` turns a dance into poses, and
``body_of`` and ``motion_of`` turn poses into a dance.
"""

from __future__ import annotations

from . import modes
from .detect import Detection, detect, judge, map_of
from .follow import HIPS, IN_PLACE, OBJECT, ROOT, ROOT_MOTION, Follow, follow, placed, posed
from .hands import by_shoulders
from .ik import ik_values, with_ik
from .plan import Control, Girth, Plan, make_plan
from .pose import Body, Pose, body_of, dance_body, dancer_of, motion_of, pose_of
from .presets import Preset, parse_preset, preset_of, read_preset, shipped
from .rig import NEEDED, OPTIONAL, PARTS, BoneMap, Rig, Switch
from .tree import complete

__all__ = [
    "HIPS",
    "IN_PLACE",
    "NEEDED",
    "OBJECT",
    "OPTIONAL",
    "PARTS",
    "ROOT",
    "ROOT_MOTION",
    "Body",
    "BoneMap",
    "Control",
    "Detection",
    "Follow",
    "Girth",
    "Plan",
    "Pose",
    "Preset",
    "Rig",
    "Switch",
    "body_of",
    "by_shoulders",
    "complete",
    "dance_body",
    "dancer_of",
    "detect",
    "follow",
    "ik_values",
    "judge",
    "make_plan",
    "map_of",
    "modes",
    "motion_of",
    "parse_preset",
    "placed",
    "pose_of",
    "posed",
    "preset_of",
    "read_preset",
    "shipped",
    "with_ik",
]
