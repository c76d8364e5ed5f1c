"""Limbs from points: a hinge axis for elbow and knee, and frames that carry it.

A bone's direction says nothing about its turn about itself. For an upper arm or
a thigh the plane of the bent limb does: the elbow and the knee are hinges, and
their axis is the normal of that plane. Where the limb is nearly straight the
axis is taken from the moments around it and from how a relaxed limb hangs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import rotations as rot
from ...signals import gaussian_smooth
from ...skeleton import INDEX, OFFSETS

NEIGHBOUR_S = 0.2
"""Width (standard deviation) over which a bent moment lends its axis to straight ones."""
NEIGHBOUR_WEIGHT = 0.5
PRIOR_WEIGHT = 0.03
"""Weight of the relaxed axis; equals the measured one at a bend of 10 degrees (sin² = 0.03)."""

CALM_S = 0.08
FREE_BEND, FIRM_BEND = np.sin(np.deg2rad((12.0, 40.0)))
"""Below the first (sine of the) bend the hinge's axis is smoothed, above the second it is not."""


@dataclass(frozen=True)
class Limb:
    """Two bones with a hinge between them.

    ``joints`` are the indices of root, hinge and end; ``along`` (3,) is the rest
    direction of both bones and ``axis`` (3,) that of the hinge, about which a
    positive turn bends the limb. ``carry`` is the cosine between the axis and
    the lower bone: knock-kneed thighs and the carrying angle of the elbow make
    it differ from zero in bodies, and would turn the plane of a slightly bent
    limb by tens of degrees if they were not minded.
    """

    joints: tuple[int, int, int]
    along: np.ndarray
    axis: np.ndarray
    carry: float


def _limb(
    names: tuple[str, str, str], along: tuple[int, int, int], bend: np.ndarray, carry: float
) -> Limb:
    direction = np.array(along, dtype=np.float64)
    a, b, c = (INDEX[n] for n in names)
    return Limb((a, b, c), direction, np.cross(direction, bend), carry)


# A forearm bends to the front (+Z), a shin to the back.
_FRONT = np.array([0.0, 0.0, 1.0])
LEFT_ARM = _limb(("left_shoulder", "left_elbow", "left_wrist"), (1, 0, 0), _FRONT, -0.08)
RIGHT_ARM = _limb(("right_shoulder", "right_elbow", "right_wrist"), (-1, 0, 0), _FRONT, 0.08)
LEFT_LEG = _limb(("left_hip", "left_knee", "left_ankle"), (0, -1, 0), -_FRONT, -0.12)
RIGHT_LEG = _limb(("right_hip", "right_knee", "right_ankle"), (0, -1, 0), -_FRONT, 0.12)
ARMS = (LEFT_ARM, RIGHT_ARM)
LEGS = (LEFT_LEG, RIGHT_LEG)
OUR_LEG = float(-OFFSETS[INDEX["left_knee"], 1] - OFFSETS[INDEX["left_ankle"], 1])
"""Thigh and shin of our figure together, metres; sizes are compared by it."""


def frame(
    along: np.ndarray, axis: np.ndarray, world_along: np.ndarray, world_axis: np.ndarray
) -> np.ndarray:
    """Rotations (T, 4) that take ``along`` to ``world_along`` and ``axis`` near to ``world_axis``.

    ``along`` and ``axis`` (3,) are at right angles; of ``world_axis`` (T, 3) the
    part at right angles to ``world_along`` (T, 3) counts. Where nothing of it is
    left the shortest turn is taken.
    """
    x = rot.normalize(world_along)
    shortest = rot.between(np.broadcast_to(along, x.shape), x)
    y = world_axis - np.sum(world_axis * x, axis=-1, keepdims=True) * x
    lost = np.linalg.norm(y, axis=-1, keepdims=True) < 1e-6
    y = rot.normalize(np.where(lost, rot.rotate(shortest, np.broadcast_to(axis, x.shape)), y))
    world = np.stack([x, y, np.cross(x, y)], axis=-1)
    local = np.stack([along, axis, np.cross(along, axis)], axis=-1)
    return rot.from_matrix(world @ local.T)


def hinge_axis(limb: Limb, parent: np.ndarray, points: np.ndarray, fps: float) -> np.ndarray:
    """World direction (T, 3) of the hinge of a limb.

    Parameters
    ----------
    parent : (T, 4)
        World rotation of the body part that the limb hangs on.
    points : (T, 3, 3)
        World positions of the limb's root, hinge and end.
    """
    back = rot.conjugate(parent)
    upper = rot.rotate(back, rot.normalize(points[:, 1] - points[:, 0]))
    lower = rot.rotate(back, rot.normalize(points[:, 2] - points[:, 1]))
    normal = np.cross(upper, lower)
    bend = np.linalg.norm(normal, axis=-1, keepdims=True)
    side = rot.normalize(lower - np.sum(lower * upper, axis=-1, keepdims=True) * upper)
    lean = np.clip(limb.carry / np.maximum(bend, 1e-6), -0.95, 0.95)
    measured = np.sqrt(1 - lean**2) * rot.normalize(normal) + lean * side
    # Length sin² of the bend: a straight limb's normal is noise.
    measured = measured * np.maximum(bend**2 - limb.carry**2, 0.0)
    around = gaussian_smooth(measured, NEIGHBOUR_S * fps)
    swing = rot.between(np.broadcast_to(limb.along, upper.shape), upper)
    relaxed = rot.rotate(swing, np.broadcast_to(limb.axis, upper.shape))
    axis = measured + NEIGHBOUR_WEIGHT * around + PRIOR_WEIGHT * relaxed
    # A straight limb that passes the pole of the relaxed axis would spin in a frame
    # or two: there the turn is spread over the moments around it.
    turn = frame(limb.along, limb.axis, upper, axis)
    calm = rot.rotate(smooth_rotations(turn, CALM_S * fps), np.broadcast_to(limb.axis, upper.shape))
    trust = np.clip((bend - FREE_BEND) / (FIRM_BEND - FREE_BEND), 0.0, 1.0)
    own = rot.rotate(turn, np.broadcast_to(limb.axis, upper.shape))
    return rot.rotate(parent, trust * own + (1 - trust) * calm)


def smooth_rotations(quats: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian mean of rotations (T, 4) over ``sigma`` frames: the normalised mean quaternion."""
    return rot.normalize(gaussian_smooth(rot.continuous(quats), sigma))


def limb_rotations(
    limb: Limb, parent: np.ndarray, points: np.ndarray, fps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """World rotations (T, 4) of the upper and the lower bone, and the hinge's axis (T, 3)."""
    axis = hinge_axis(limb, parent, points, fps)
    upper = frame(limb.along, limb.axis, points[:, 1] - points[:, 0], axis)
    lower = frame(limb.along, limb.axis, points[:, 2] - points[:, 1], axis)
    return upper, lower, axis
