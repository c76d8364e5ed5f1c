"""Hips that stand further apart than a dancer's, for the length of the legs.

Turned as core's pelvis is, such hips carry the legs' upper ends further than the legs can
follow with their feet on the floor: up and down as the pelvis tilts, to and fro as it twists.
So the tilt is made less (``tilted``, wherever the rig dances), and the twist over feet that
stand (``calm_twist``, where feet are planted).
"""

from __future__ import annotations

import numpy as np

from .. import rotations as rot
from ..cleanup.curves import bridge_gaps
from ..cleanup.foot_lock import FADE_S, SETTLE_S
from ..cleanup.plants import run_means
from ..signals import gaussian_smooth

TILT, LYING = 0.3, 0.8
"""How high the left side of a dancer points who dances on wide hips less tilted, and lies."""
TWIST_S = 0.5
"""Turns that go back and forth within about so many seconds are a twist."""


def tilted(q: np.ndarray, width: float, back: bool = False) -> np.ndarray:
    """Turns (T, 4) of a pelvis with one hip less high over the other.

    ``width`` is how many times further apart the hips stand than core's. A body that lies on
    its side does so on any hips: from ``TILT`` on the difference fades. ``back`` undoes it.
    """
    if width == 1.0:
        return q
    left = rot.rotate(q, np.broadcast_to(np.array([1.0, 0.0, 0.0]), (*q.shape[:-1], 3)))
    theirs = np.array([0.0, TILT / width, LYING, 1.0])
    ours = np.array([0.0, TILT, LYING, 1.0])
    steps = (theirs, ours) if back else (ours, theirs)
    high = np.sign(left[..., 1:2]) * np.interp(np.abs(left[..., 1:2]), *steps)
    level = left * np.array([1.0, 0.0, 1.0])
    new = rot.normalize(level) * np.sqrt(1.0 - high**2) + high * np.array([0.0, 1.0, 0.0])
    return rot.multiply(rot.between(left, rot.normalize(new)), q)


def calm_twist(q: np.ndarray, width: float, both: np.ndarray, fps: float) -> np.ndarray:
    """Turns (T, 4) of a pelvis that twists about the vertical less than it did.

    ``both`` (T,) says where both feet stand: over them it twists about one direction, and goes
    over to the next as a foot comes off the floor.
    """
    if width == 1.0:
        return q
    even = rot.continuous(q)
    slow = rot.normalize(gaussian_smooth(even, TWIST_S * fps))
    twist = rot.to_axis_angle(rot.multiply(even, rot.conjugate(slow)))[:, 1]
    heading = np.unwrap(rot.yaw(slow))[:, None]
    mean = run_means(both, heading)
    stray = np.where(both[:, None], heading - mean, 0.0)
    twist = twist + bridge_gaps(stray, both, fps, SETTLE_S, FADE_S)[:, 0]
    return rot.multiply(rot.from_yaw(-(1.0 - 1.0 / width) * twist), q)
