"""A dance onto a rig in one call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import OptionError, RigError
from ..motion import Motion
from .feet import plant_feet
from .hands import spare_body
from .plan import Plan
from .pose import Body, Pose, dance_body, dancer_of, pose_of

HIPS, ROOT, OBJECT, IN_PLACE = "HIPS", "ROOT", "OBJECT", "IN_PLACE"
ROOT_MOTION = (HIPS, ROOT, OBJECT, IN_PLACE)
"""What travels over the floor: the hips, the root bone, the object, or nothing."""


@dataclass(frozen=True)
class Follow:
    """How a rig is to follow a dance.

    Attributes
    ----------
    root_motion : str
        One of ``ROOT_MOTION``.
    ik_legs : bool
        Legs dance on their IK controls where the rig has some.
    plant_feet : bool
        Planted feet hold still on the rig's own legs.
    spare_body : bool
        Hands that would enter the body are kept out of it.
    fingers : float
        How much fingers do, 0 (they are not keyed) to 1.
    """

    root_motion: str = HIPS
    ik_legs: bool = False
    plant_feet: bool = True
    spare_body: bool = True
    fingers: float = 1.0

    def __post_init__(self) -> None:
        if self.root_motion not in ROOT_MOTION:
            raise OptionError(
                f"root motion is one of {', '.join(ROOT_MOTION)}, not {self.root_motion!r}"
            )


def follow(plan: Plan, motion: Motion, how: Follow | None = None) -> Pose:
    """The poses of a rig that dances ``motion``, one a frame of it.

    Raises RigError where the root bone is to travel and there is none.
    """
    return posed(plan, placed(plan, motion, how), how)


def placed(plan: Plan, motion: Motion, how: Follow | None = None) -> Body:
    """The rig's bones in the armature's space: turned, its feet planted, its hands outside."""
    how = how or Follow()
    dancer = dancer_of(motion)
    body = dance_body(plan, dancer)
    if how.plant_feet:
        body = plant_feet(plan, body, dancer)
    if how.spare_body:
        body = spare_body(plan, body, dancer)
    return body


def posed(plan: Plan, body: Body, how: Follow | None = None) -> Pose:
    """What the pose bones are given, the way over the floor on whatever travels."""
    how = how or Follow()
    if how.root_motion == HIPS:
        return pose_of(plan, body)
    if how.root_motion == ROOT and not plan.map.bones.get("root"):
        raise RigError(
            "it has no root bone that could travel; let the hips or the object travel, or name "
            "a root bone in the Character panel"
        )
    hips = (plan.place("left_hip") + plan.place("right_hip")) / 2
    travel = (body.hips - hips) * np.array([1.0, 0.0, 1.0])
    return pose_of(plan, body, travel)
