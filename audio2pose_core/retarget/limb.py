"""Two-bone IK for limbs of any length: the law of cosines, on all frames at once."""

from __future__ import annotations

import numpy as np

from .. import rotations as rot

LONGEST = 0.9995
"""Reach of a limb in its own length; a wholly straight one has no plane to bend in."""
SHORTEST = 0.15


def solve_limb(
    root: np.ndarray,
    hinge: np.ndarray,
    end: np.ndarray,
    target: np.ndarray,
    front: np.ndarray | None = None,
    bias: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Where hinge and end (T, 3) go for the end to come to ``target``, or as near as they reach.

    The hinge keeps the side to which it points. ``front`` (T, 3), unit vectors,
    is the side to which it may bend, e.g. a knee's; the hinge is drawn there by
    ``bias`` (a length) where the limb is too straight to tell.
    """
    upper = np.linalg.norm(hinge - root, axis=-1)
    lower = np.linalg.norm(end - hinge, axis=-1)
    reach = target - root
    asked = np.linalg.norm(reach, axis=-1)
    least = np.maximum(SHORTEST * (upper + lower), 1.001 * np.abs(upper - lower))
    distance = np.clip(asked, least, LONGEST * (upper + lower))
    along = rot.normalize(reach)
    old_along = rot.normalize(end - root)
    bend = _across(hinge - root, old_along)
    if front is not None:
        forward = rot.normalize(_across(front, old_along))
        ahead = np.sum(bend * forward, axis=-1, keepdims=True)
        bend = bend + (np.sqrt(ahead**2 + bias**2) - ahead) * forward
    pole = rot.normalize(_across(rot.rotate(rot.between(old_along, along), bend), along))
    beside = (upper**2 - lower**2 + distance**2) / (2 * distance)
    off = np.sqrt(np.maximum(upper**2 - beside**2, 0.0))
    new_hinge = root + along * beside[:, None] + pole * off[:, None]
    return new_hinge, root + along * distance[:, None]


def _across(v: np.ndarray, axis: np.ndarray) -> np.ndarray:
    return v - np.sum(v * axis, axis=-1, keepdims=True) * axis


def swung(turned: np.ndarray, old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """A bone's turn (T, 4) after its direction went from ``old`` to ``new``, twist kept."""
    return rot.multiply(rot.between(old, new), turned)
