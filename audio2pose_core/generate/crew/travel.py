"""A dance led along a way over the floor, its feet planted anew so that they do not slide."""

from __future__ import annotations

import numpy as np

from ...audio.beat_file import Beats
from ...cleanup import Gait, estimate_floor, label_contacts, lock_feet
from ...cleanup.plants import plants
from ...motion import Motion
from ...signals import gaussian_smooth, runs
from ..stage import PATH_SMOOTHING_S

WALKING = 0.1
"""Metres a second from which on a dance travels: feet that stand for long have to step."""
LONG_PLANT_S = 0.7
STEP_S = 0.3
"""A step: the foot is free for so long and lands on the beat."""
WALK = Gait(most_shift=0.30, clearance=0.05)
"""The body passes far over a planted foot, and a foot that steps is lifted."""


def drift(root: np.ndarray, fps: float) -> np.ndarray:
    """The slow part (T, 2) of a path (T, 3) over the ground: what is no step and no sway."""
    ground, sigma = root[:, [0, 2]], PATH_SMOOTHING_S * fps
    reach = min(len(ground) - 1, int(4 * sigma) + 1)
    # Past its ends it goes on as it went: a path that leads somewhere is not bent back there.
    before = 2 * ground[:1] - ground[1 : 1 + reach][::-1]
    after = 2 * ground[-1:] - ground[len(ground) - 1 - reach : -1][::-1]
    longer = np.concatenate([before, ground, after])
    return gaussian_smooth(longer, sigma)[reach : reach + len(ground)]


def travel(motion: Motion, way: np.ndarray, beats: Beats) -> Motion:
    """The dance whose slow part is ``way`` (T, 2) metres, x and z; steps and sways stay on top.

    A foot that would stand through a stretch of the way takes a step on a beat, the left and
    the right in turn.
    """
    contacts = motion.contacts
    if contacts is None:
        contacts = label_contacts(motion, estimate_floor(motion), drifting=True)
    speed = np.linalg.norm(np.gradient(way, axis=0), axis=1) * motion.fps
    walking = speed > WALKING
    contacts = _with_steps(contacts, walking, beats, motion.fps)

    def path(root: np.ndarray, fps: float) -> np.ndarray:
        out = root.copy()
        out[:, [0, 2]] += way - drift(root, fps)
        return out

    return lock_feet(motion, contacts, path, gait=WALK if walking.any() else None)


def _with_steps(contacts: np.ndarray, walking: np.ndarray, beats: Beats, fps: float) -> np.ndarray:
    """Contacts (T, 4) in which long plants are interrupted by steps where ``walking`` (T,)."""
    out = contacts.copy()
    if not walking.any():
        return out
    planted = plants(contacts, fps)
    length = round(STEP_S * fps)
    for side in (0, 1):
        columns = [2 * side, 2 * side + 1]
        lasting = np.zeros(len(out), dtype=bool)
        stands = np.asarray(planted[:, columns].any(axis=1))
        for start, stop in zip(*runs(stands), strict=True):
            lasting[start:stop] = stop - start > LONG_PLANT_S * fps
        for beat in beats.times[side::2]:
            land = round(float(beat) * fps)
            if 0 < land < len(out) and walking[land] and lasting[land]:
                out[max(0, land - length) : land, columns] = 0.0
    return out
