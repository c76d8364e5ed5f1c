"""Constraints in the network's terms, and the way back to them.

The network's numbers know neither place nor direction. So the free spans come
out relative to themselves: ``meet_heading`` turns them until they face where
the constrained parts face; the path over the ground is bent likewise by the cleanup,
once the feet have settled it (``cleanup.constraint``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import representation as rep, rotations as rot
from ..cleanup import label_contacts
from ..cleanup.constraints import MotionConstraint
from ..cleanup.curves import bridge_gaps
from ..motion import Motion
from ..signals import runs
from ..skeleton import LEFT_LEG, NUM_JOINTS, RIGHT_LEG

KEY_REACH, LONGEST_KEY = 2, 2
"""Frames by which the network sees a locked key on either side, if it is no longer than so."""
SETTLE_S = 0.5
"""Within this time a free span gives up the rate of turn that a kept one leaves it with."""


@dataclass(frozen=True)
class ConstraintFeatures:
    """The constrained parts of a dance of T frames, as features.

    ``features`` (T, 152) hold in each group of ``mask`` (T, 28) what is kept,
    elsewhere what bridges it; ``heading`` (T,) radians is theirs, and ``faces``
    (T,) bool says where it is kept.
    """

    features: np.ndarray
    mask: np.ndarray
    heading: np.ndarray
    faces: np.ndarray

    @property
    def free(self) -> np.ndarray:
        """Frames (T,) with anything left to make."""
        return ~np.logical_and.reduce(self.mask, axis=1)


def constraint_features(constraint: MotionConstraint) -> ConstraintFeatures:
    """The features of a constraint that is at the model's rate and length."""
    mask, motion = constraint.mask, constraint.motion
    if motion.contacts is None:
        motion = motion.with_contacts(label_contacts(motion))
    root, pelvis = mask[:, 0], mask[:, 1]
    # Nothing of what is to go may show in the heading and the velocities beside it.
    quats = motion.rotations.copy()
    quats[:, 0] = _bridge_rotations(quats[:, 0], pelvis)
    bridged = Motion(motion.fps, _bridge(motion.root, root), quats, motion.contacts)
    features, _ = rep.encode(bridged)

    following = np.append(mask[1:], mask[-1:], axis=0)
    groups = np.zeros((len(mask), rep.GROUPS), dtype=bool)
    groups[:, 0] = root
    # A velocity is that to the next frame.
    groups[:, 1] = root & following[:, 0] & pelvis
    groups[:, 2] = pelvis & following[:, 1]
    groups[:, 3 : 3 + NUM_JOINTS] = mask[:, 1:]
    legs = [1 + joint for joint in LEFT_LEG + RIGHT_LEG]
    groups[:, 3 + NUM_JOINTS] = mask[:, [0, 1, *legs]].all(axis=1)
    whole = mask.all(axis=1)
    ends = whole & ~following.all(axis=1)
    # In the last frame of a kept stretch nothing but the step out of it is open.
    groups[whole & ~ends] = True
    return ConstraintFeatures(*_spread_keys(features, groups), rep.heading(bridged), pelvis)


def meet_heading(
    features: np.ndarray, fixed: ConstraintFeatures, fps: float
) -> tuple[np.ndarray, np.ndarray]:
    """Features (T, 152) whose free spans face, at their ends, where the kept ones do.

    Returns them and the heading (T,) that they then have in the world. The
    correction is spread over each free span, so that it is a slow turn.
    """
    heading = np.concatenate([[0.0], np.cumsum(features[:-1, rep.TURN][:, 0]) / fps])
    if not fixed.faces.any():
        return features, heading + fixed.heading[0]
    off = np.zeros(len(heading))
    # A half turn too much is met by going on or by going back, whichever is less.
    off[fixed.faces] = np.unwrap((fixed.heading - heading)[fixed.faces])
    heading = heading + bridge_gaps(off[:, None], fixed.faces, fps, SETTLE_S, np.inf)[:, 0]
    out = features.copy()
    if len(out) > 1:
        out[:-1, rep.TURN] = (np.diff(heading) * fps)[:, None]
        out[-1, rep.TURN] = out[-2, rep.TURN]
    return out, heading


def _spread_keys(features: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features (T, 152) and mask (T, 28) in which locked keys last ``KEY_REACH`` frames more.

    A single frame is a faint hint to a network that sees four at a time; this
    halves how far it stays from the key.
    """
    out, mask = features.copy(), groups.copy()
    for group in (0, *range(3, 3 + NUM_JOINTS)):
        own = groups[:, group]
        columns = group == rep.GROUP_OF_FEATURE
        starts, stops = runs(own)
        alone = stops - starts <= LONGEST_KEY
        for start, stop in zip(starts[alone], stops[alone], strict=True):
            for step in range(1, KEY_REACH + 1):
                for at, source in ((start - step, start), (stop - 1 + step, stop - 1)):
                    if 0 <= at < len(own) and not mask[at, group]:
                        out[at, columns] = features[source, columns]
                        mask[at, group] = True
    return out, mask


def _neighbours(known: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each frame (T,) the known ones before and after it, and its share of the way."""
    at = np.flatnonzero(known)
    frames = np.arange(len(known))
    place = np.searchsorted(at, frames, side="right")
    before, after = at[np.maximum(place - 1, 0)], at[np.minimum(place, len(at) - 1)]
    share = np.clip((frames - before) / np.maximum(after - before, 1), 0.0, 1.0)
    return before, after, share


def _bridge(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    if not known.any():
        return values
    before, after, share = _neighbours(known)
    between = values[before] * (1 - share[:, None]) + values[after] * share[:, None]
    return np.where(known[:, None], values, between)


def _bridge_rotations(quats: np.ndarray, known: np.ndarray) -> np.ndarray:
    if not known.any():
        return quats
    before, after, share = _neighbours(known)
    return np.where(known[:, None], quats, rot.slerp(quats[before], quats[after], share))
