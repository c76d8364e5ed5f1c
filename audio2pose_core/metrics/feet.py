"""Feet: slide, penetration, and the published physical foot contact score.

Slide is the norm of the horizontal velocity. (Published code takes the mean of
the x and z components, so that a slide along -x and one along +z cancel.)
The floor lies at y = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import MotionError
from ..motion import Motion
from ..skeleton import CONTACT_JOINTS

ANKLE_HEIGHT = 0.08
TOE_HEIGHT = 0.05
VERTICAL_SPEED = 0.15
"""The geometric contact: both joints of the foot lower than this (m), and level (m/s)."""
VISIBLE_SLIDE = 0.30
"""1 cm in a frame at 30 fps, m/s."""
PFC_FPS = 30.0


@dataclass(frozen=True)
class Slide:
    """Foot slide over some set of contacts."""

    speed_cm_s: float
    """Mean horizontal speed in contact; NaN without contact."""
    visible: float
    """Share of contact frames with more than 1 cm a frame at 30 fps."""
    contact: float
    """Share of joint-frames in contact."""


def _summary(speed: np.ndarray, contact: np.ndarray) -> Slide:
    if not contact.any():
        return Slide(float("nan"), float("nan"), 0.0)
    chosen = speed[contact]
    return Slide(
        float(100 * chosen.mean()), float((chosen > VISIBLE_SLIDE).mean()), float(contact.mean())
    )


def foot_slide(motion: Motion) -> Slide:
    """Slide where the geometry says contact: ankle < 8 cm, toe < 5 cm, little vertical speed.

    Real dance slides by this definition as well (pivots, glides).
    """
    if len(motion) < 2:
        return Slide(float("nan"), float("nan"), 0.0)
    position = motion.joint_positions()[:, list(CONTACT_JOINTS)]
    velocity = np.gradient(position, axis=0) * motion.fps
    limit = np.array([ANKLE_HEIGHT, TOE_HEIGHT] * 2)
    low = (position[..., 1] < limit).reshape(-1, 2, 2).all(axis=2)
    contact = np.repeat(low, 2, axis=1) & (np.abs(velocity[..., 1]) < VERTICAL_SPEED)
    return _summary(np.linalg.norm(velocity[..., [0, 2]], axis=-1), contact)


def planted_slide(motion: Motion, contacts: np.ndarray | None = None) -> Slide:
    """Slide in the frames that the dance itself labels as planted (> 0.5).

    A step from one frame to the next counts if the joint is planted in both.
    ``contacts`` (T, 4) defaults to the motion's own; MotionError if it has none.
    """
    labels = motion.contacts if contacts is None else contacts
    if labels is None:
        raise MotionError("this motion has no contact labels; label it with cleanup.contacts first")
    if len(motion) < 2:
        return Slide(float("nan"), float("nan"), 0.0)
    position = motion.joint_positions()[:, list(CONTACT_JOINTS)]
    step = np.diff(position[..., [0, 2]], axis=0) * motion.fps
    planted = labels > 0.5
    return _summary(np.linalg.norm(step, axis=-1), planted[1:] & planted[:-1])


def lowest_points(motion: Motion) -> np.ndarray:
    """Height (T,) in metres of the lowest joint or bone tip in each frame."""
    return motion.body_points()[..., 1].min(axis=1)


def penetration_cm(motion: Motion) -> tuple[float, float]:
    """Deepest and mean penetration of joints and bone tips below the floor, cm (0 if none)."""
    depth = np.maximum(-lowest_points(motion), 0.0) * 100
    return float(depth.max()), float(depth.mean())


def physical_foot_contact(motion: Motion) -> float:
    """PFC of EDGE (Tseng et al., CVPR 2023), x 1e4; lower is better, a frozen body is best.

    Mean over frames of (slower of ankle and toe, left) x (same, right) x
    |root acceleration, upward part only|, the last divided by its maximum. The
    foot terms are horizontal displacements a frame at 30 fps, in metres.
    """
    motion = motion.resample(PFC_FPS)
    if len(motion) < 3:
        return float("nan")
    position = motion.joint_positions()[:, list(CONTACT_JOINTS)]
    acceleration = np.diff(motion.root, n=2, axis=0) * PFC_FPS**2
    acceleration[:, 1] = np.maximum(acceleration[:, 1], 0.0)
    force = np.linalg.norm(acceleration, axis=-1)
    force = force / max(float(force.max()), 1e-9)
    step = np.linalg.norm(np.diff(position[..., [0, 2]], axis=0), axis=-1)[:-1]
    left, right = step[:, :2].min(axis=1), step[:, 2:].min(axis=1)
    return float((left * right * force).mean() * 1e4)
