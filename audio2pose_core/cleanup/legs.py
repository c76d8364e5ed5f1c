"""Two-bone IK for the legs: put the ankles where they are asked to be.

Analytic (law of cosines), for all frames at once. The knee keeps the side to
which it points, and never bends backwards: where a leg is so straight that its
plane cannot be told, the front of the thigh decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import rotations as rot
from ..skeleton import INDEX, LEFT_LEG, OFFSETS, PARENTS, RIGHT_LEG

SOFT_REACH = 0.985
MAX_REACH = 0.9997
"""Reach in leg lengths: free up to the first, then easing towards the second.

The knee angle changes without bound as a leg comes to its full length, which
shows as a pop; beyond ``SOFT_REACH`` (20 degrees of bend) each centimetre asked
for gives less and less. A leg that was straighter by itself stays as straight."""
LEAST_EASE = 0.0005
"""Metres below ``MAX_REACH`` within which even a straight leg's reach eases out."""
_FORWARD_BIAS = 0.015
"""Knee forward of the hip-ankle line that outweighs noise in the plane of a straight leg, m."""

PELVIS = INDEX["pelvis"]


@dataclass(frozen=True)
class LegPose:
    """One leg in world space: hip, knee, ankle, ball (T, 3), rotations (T, 4)."""

    hip: np.ndarray
    knee: np.ndarray
    ankle: np.ndarray
    ball: np.ndarray
    thigh: np.ndarray
    shin: np.ndarray
    foot: np.ndarray
    toes: np.ndarray


LEGS = (LEFT_LEG, RIGHT_LEG)
THIGH_LENGTH = float(np.linalg.norm(OFFSETS[LEFT_LEG[1]]))
SHIN_LENGTH = float(np.linalg.norm(OFFSETS[LEFT_LEG[2]]))
FOOT_LENGTH = float(np.linalg.norm(OFFSETS[LEFT_LEG[3]]))
LEG_LENGTH = THIGH_LENGTH + SHIN_LENGTH


def leg_pose(root: np.ndarray, rotations: np.ndarray, leg: tuple[int, ...]) -> LegPose:
    """Forward kinematics of one leg alone, from root (T, 3) and rotations (T, 24, 4)."""
    hip_j, knee_j, ankle_j, ball_j = leg
    assert PARENTS[hip_j] == PELVIS
    pelvis = rotations[:, PELVIS]
    thigh = rot.multiply(pelvis, rotations[:, hip_j])
    shin = rot.multiply(thigh, rotations[:, knee_j])
    foot = rot.multiply(shin, rotations[:, ankle_j])
    toes = rot.multiply(foot, rotations[:, ball_j])
    hip = root + rot.rotate(pelvis, OFFSETS[hip_j])
    knee = hip + rot.rotate(thigh, OFFSETS[knee_j])
    ankle = knee + rot.rotate(shin, OFFSETS[ankle_j])
    ball = ankle + rot.rotate(foot, OFFSETS[ball_j])
    return LegPose(hip, knee, ankle, ball, thigh, shin, foot, toes)


def write_leg(
    rotations: np.ndarray,
    leg: tuple[int, ...],
    thigh: np.ndarray,
    shin: np.ndarray,
    foot: np.ndarray,
    toes: np.ndarray,
) -> None:
    """Store world rotations (T, 4) of a leg as local ones in rotations (T, 24, 4), in place."""
    chain = (rotations[:, PELVIS], thigh, shin, foot, toes)
    for joint, parent, own in zip(leg, chain[:-1], chain[1:], strict=True):
        rotations[:, joint] = rot.normalize(rot.multiply(rot.conjugate(parent), own))


def soft_reach(distance: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Hip-ankle distance (T,) metres that the leg gives when asked for ``distance``.

    ``own`` (T,) is what it had: where it was straight it may be so again.
    """
    most = MAX_REACH * LEG_LENGTH
    # Some way must be left to ease out over.
    soft = np.clip(own, SOFT_REACH * LEG_LENGTH, most - LEAST_EASE)
    span = most - soft
    beyond = np.maximum(distance - soft, 0.0)
    return np.minimum(distance, soft) + span * -np.expm1(-beyond / span)


def solve_leg(pose: LegPose, ankle: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """World rotations of thigh and shin (T, 4), and the ankle (T, 3) that they reach.

    ``ankle`` (T, 3) is where the ankle should be. Thigh and shin turn by the
    shortest arc from their old direction, which keeps their twist.
    """
    reach = ankle - pose.hip
    asked = np.linalg.norm(reach, axis=-1)
    shortest = 0.25 * LEG_LENGTH
    own = np.linalg.norm(pose.ankle - pose.hip, axis=-1)
    distance = np.maximum(soft_reach(asked, own), shortest)
    along = rot.normalize(reach)

    # Where the knee points now, and where that is after the leg has swung over.
    old_along = rot.normalize(pose.ankle - pose.hip)
    forward = _across(rot.rotate(pose.thigh, np.array([0.0, 0.0, 1.0])), old_along)
    bend = _across(pose.knee - pose.hip, old_along, unit=False)
    ahead = np.sum(bend * forward, axis=-1, keepdims=True)
    bend = bend + (np.sqrt(ahead**2 + _FORWARD_BIAS**2) - ahead) * forward
    pole = _across(rot.rotate(rot.between(old_along, along), bend), along)

    knee_along = (THIGH_LENGTH**2 - SHIN_LENGTH**2 + distance**2) / (2 * distance)
    knee_off = np.sqrt(np.maximum(THIGH_LENGTH**2 - knee_along**2, 0.0))
    thigh_to = along * knee_along[:, None] + pole * knee_off[:, None]
    reached = pose.hip + along * distance[:, None]
    shin_to = reached - (pose.hip + thigh_to)
    thigh = rot.multiply(rot.between(pose.knee - pose.hip, thigh_to), pose.thigh)
    shin = rot.multiply(rot.between(pose.ankle - pose.knee, shin_to), pose.shin)
    return thigh, shin, reached


def _across(v: np.ndarray, axis: np.ndarray, unit: bool = True) -> np.ndarray:
    """Part of v (T, 3) at a right angle to unit axis (T, 3)."""
    side = v - np.sum(v * axis, axis=-1, keepdims=True) * axis
    return rot.normalize(side) if unit else side
