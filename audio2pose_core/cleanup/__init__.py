"""Cleanup: what turns a network's raw motion into a dance that stands on its feet.

``clean`` runs, in this order: smooth (jitter) -> timing (hits) -> contacts ->
floor -> foot lock. ``seams.join`` joins windows before that.
"""

from __future__ import annotations

import numpy as np

from ..motion import Motion
from .contacts import label_contacts
from .floor import estimate_floor, level_feet, lift_out_of_floor, put_on_floor
from .foot_lock import Path, lock_feet
from .seams import join
from .smooth import smooth_motion
from .timing import time_map, time_warp

__all__ = [
    "clean",
    "estimate_floor",
    "join",
    "label_contacts",
    "level_feet",
    "lift_out_of_floor",
    "lock_feet",
    "put_on_floor",
    "smooth_motion",
    "time_map",
    "time_warp",
]


def clean(
    motion: Motion,
    hits: np.ndarray | None = None,
    *,
    timing: bool = True,
    feet: bool = True,
    smooth: bool = True,
    path: Path | None = None,
) -> Motion:
    """The dance on time, on the floor and on its feet; same frame rate and frame count.

    Parameters
    ----------
    motion : Motion
        Its ``contacts`` (probabilities from the network) say which feet are
        planted; without them they are labelled from height and speed.
    hits : (n,) array, optional
        Seconds at which moves should land, e.g. the song's beats; ``timing``
        does nothing without them.
    timing, feet, smooth : bool
        Which steps to take. Without ``feet`` the floor is left alone too.
    path : callable((T, 3), fps) -> (T, 3), optional
        Bends the path over the ground, see ``lock_feet``.
    """
    if smooth:
        motion = smooth_motion(motion)
    if timing and hits is not None:
        motion = time_warp(motion, hits)
    if not feet:
        return motion
    contacts = motion.contacts
    if contacts is None:
        contacts = label_contacts(motion, estimate_floor(motion), drifting=True)
        motion = motion.with_contacts(contacts)
    motion = put_on_floor(level_feet(motion, contacts), contacts)
    motion = lock_feet(lift_out_of_floor(motion), path=path)
    return lift_out_of_floor(motion, feet=True)
