"""Retargeting: a dance on core's skeleton onto any rig, and what a rig shows back as a dance.

``detect`` says which bones of a rig play which part, ``make_plan`` works out
from the rest pose how they follow, ``follow`` turns a dance into poses, and
``body_of`` and ``motion_of`` turn poses into a dance.
"""

from __future__ import annotations

from . import modes
from .detect import Detection, detect, judge, map_of
from .fingers import SHAPES, Joint, bends, finger_joints
from .floor import placing
from .follow import HIPS, IN_PLACE, OBJECT, ROOT, ROOT_MOTION, Follow, follow, placed, posed
from .hand_shapes import hand_shapes
from .hands import by_shoulders
from .ik import ik_values, with_ik
from .labels import PART_LABELS
from .plan import Control, Girth, Plan, make_plan
from .pose import Body, Dancer, Pose, body_of, dance_body, dancer_of, motion_of, pose_of
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
    "PART_LABELS",
    "ROOT",
    "ROOT_MOTION",
    "SHAPES",
    "Body",
    "BoneMap",
    "Control",
    "Dancer",
    "Detection",
    "Follow",
    "Girth",
    "Joint",
    "Plan",
    "Pose",
    "Preset",
    "Rig",
    "Switch",
    "bends",
    "body_of",
    "by_shoulders",
    "complete",
    "dance_body",
    "dancer_of",
    "detect",
    "finger_joints",
    "follow",
    "hand_shapes",
    "ik_values",
    "judge",
    "make_plan",
    "map_of",
    "modes",
    "motion_of",
    "parse_preset",
    "placed",
    "placing",
    "pose_of",
    "posed",
    "preset_of",
    "read_preset",
    "shipped",
    "with_ik",
]
