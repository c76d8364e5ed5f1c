"""Constraints: parts of a dance that must stay, and smooth ways from them to the rest.

Where a motion is constrained the result is exactly that. Beside it the rest is
displaced to meet it, in value and velocity, and the displacement dies out along
a quintic (inertialisation, see ``seams``); only the path over the ground, whose
error grows with every step, is spread over the whole of a free span.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .. import rotations as rot
from ..errors import MotionError
from ..motion import Motion
from ..skeleton import LEFT_LEG, NUM_JOINTS, RIGHT_LEG
from .curves import bridge_gaps
from .seams import quintic_decay
from .timing import sample_smooth

BLEND_S = 0.3
LONGEST_BLEND_S = 0.6
BENT = 0.15
"""A displacement above this, radians, takes longer than ``BLEND_S``; its acceleration stays."""
RAISED = 0.05
"""The same for the height of the pelvis, metres."""
PATH_SETTLE_S = 0.6


COLUMNS = 1 + NUM_JOINTS
"""Columns of a mask: the root's position, then the local rotation of each joint."""


@dataclass(frozen=True)
class MotionConstraint:
    """A motion, and where the dance must equal it.

    "Regenerate bars 9 to 16" is a mask that is True outside them, "only the
    arms" one that is False for the joints of the arms, and locked keys are
    single True frames.

    Attributes
    ----------
    motion : Motion
        T frames at any frame rate; its second 0 is the song's second 0. It may
        be shorter or longer than the song. Cleanup wants it at the rate and
        length of the dance that is cleaned (``at``).
    mask : (T, 25) bool
        True where the result equals ``motion``: column 0 the position of the
        root, column 1 + j the local rotation of joint j.
    """

    motion: Motion
    mask: np.ndarray

    def __post_init__(self) -> None:
        if not isinstance(self.motion, Motion):
            kind = type(self.motion).__name__
            raise MotionError(f"a motion constraint is a Motion and a mask, not a {kind}")
        mask = np.asarray(self.mask)
        if mask.shape != (len(self.motion), COLUMNS) or mask.dtype != np.bool_:
            raise MotionError(
                f"the mask of a motion constraint is bool, "
                f"({len(self.motion)}, {COLUMNS}) for this "
                f"motion: the root and {NUM_JOINTS} joints in every frame; "
                f"this one is {mask.dtype}, {mask.shape}"
            )
        contacts = self.motion.contacts
        if contacts is not None and not np.isfinite(contacts).all():
            raise MotionError(
                "the contacts of the constraint's motion hold a number that is not finite"
            )

    def at(self, fps: float, frames: int) -> MotionConstraint:
        """The same at another frame rate and for ``frames`` frames.

        What lies past the end is cut; where the motion ends early its last pose
        goes on, free. A constrained frame that falls between two frames of the new
        rate is shown, unchanged, in the nearer of the two.
        """
        mask = np.asarray(self.mask)
        if fps == self.motion.fps and frames == len(self.motion):
            return MotionConstraint(self.motion, mask)
        count = len(self.motion)
        position = np.arange(frames) * (self.motion.fps / fps)
        shown_there = position <= count - 1 + 1e-9
        low = np.clip(np.floor(position + 1e-9).astype(int), 0, count - 1)
        high = np.clip(np.ceil(position - 1e-9).astype(int), 0, count - 1)
        between = mask[low] & mask[high] & shown_there[:, None]

        source = np.flatnonzero(mask.any(axis=1))
        place = source * (fps / self.motion.fps)
        nearest = np.round(place).astype(int)
        inside = nearest < frames
        source, place, nearest = source[inside], place[inside], nearest[inside]
        # A frame of a longer stretch is there already, between its neighbours.
        sides = [np.clip(f(place).astype(int), 0, frames - 1) for f in (np.floor, np.ceil)]
        lone = mask[source] & ~between[sides[0]] & ~between[sides[1]]
        alone = np.zeros((frames, COLUMNS), dtype=bool)
        np.logical_or.at(alone, nearest, lone)
        snap = (alone & ~between).any(axis=1)
        # Of several source frames that fall on one, the nearest in time is shown.
        order = np.argsort(-np.abs(place - nearest) - 1e9 * ~lone.any(axis=1), kind="stable")
        shown = position.copy()
        shown[nearest[order]] = source[order]
        position = np.where(snap, shown, position)

        moved = sample_smooth(self.motion, np.minimum(position, count - 1) / self.motion.fps)
        moved = replace(moved, fps=fps)
        return MotionConstraint(moved, between | alone)

    @property
    def frames(self) -> np.ndarray:
        """Frames (T,) in which anything is constrained."""
        return np.logical_or.reduce(self.mask, axis=1)

    @property
    def root(self) -> np.ndarray:
        """Frames (T,) in which the place of the root is constrained."""
        return self.mask[:, 0]

    def foot(self, side: int) -> np.ndarray:
        """Frames (T,) in which the whole leg is constrained; side 0 left, 1 right."""
        leg = (LEFT_LEG, RIGHT_LEG)[side]
        columns = [0, 1, *(1 + joint for joint in leg)]
        return np.logical_and.reduce(self.mask[:, columns], axis=1)

    def feet(self) -> np.ndarray:
        """``foot`` for each of the contact joints, (T, 4)."""
        return np.stack([self.foot(0), self.foot(0), self.foot(1), self.foot(1)], axis=1)

    def path(self, root: np.ndarray) -> np.ndarray:
        """Root (T, 3) led to where it is constrained, slowly over each free span."""
        if not self.root.any():
            return root
        off = np.where(self.root[:, None], self.motion.root - root, 0.0)[:, [0, 2]]
        out = root.copy()
        out[:, [0, 2]] += bridge_gaps(off, self.root, self.motion.fps, PATH_SETTLE_S, np.inf)
        return out

    def height(self, root: np.ndarray) -> np.ndarray:
        """Root (T, 3) at the height at which it is constrained."""
        off = np.where(self.root, self.motion.root[:, 1] - root[:, 1], 0.0)
        out = root.copy()
        out[:, 1] += die_out(off[:, None], self.root, self.motion.fps, RAISED)[:, 0]
        return out

    def pose(self, rotations: np.ndarray) -> np.ndarray:
        """Rotations (T, 24, 4) with the joints where they are constrained."""
        out = rotations.copy()
        for joint in np.flatnonzero(self.mask[:, 1:].any(axis=0)):
            constrained, own = self.mask[:, 1 + joint], rotations[:, joint]
            turn = rot.multiply(self.motion.rotations[:, joint], rot.conjugate(own))
            off = np.where(constrained[:, None], rot.to_axis_angle(turn), 0.0)
            moved = rot.from_axis_angle(die_out(off, constrained, self.motion.fps, BENT))
            out[:, joint] = rot.normalize(rot.multiply(moved, own))
            out[constrained, joint] = self.motion.rotations[constrained, joint]
        return rot.continuous(out)

    def apply(self, motion: Motion) -> Motion:
        """The motion with all that is constrained; its contacts too where the feet are."""
        root = self.height(self.path(motion.root))
        root[self.root] = self.motion.root[self.root]
        contacts = motion.contacts
        if contacts is not None and self.motion.contacts is not None:
            # A lone key says nothing of how long a foot stands.
            feet = self.feet()
            around = np.pad(feet, ((1, 1), (0, 0)), mode="edge")
            feet = feet & (around[:-2] | around[2:])
            contacts = np.where(feet, self.motion.contacts, contacts)
        return replace(motion, root=root, rotations=self.pose(motion.rotations), contacts=contacts)


def die_out(values: np.ndarray, known: np.ndarray, fps: float, small: float) -> np.ndarray:
    """Displacements (T, C) in known frames (T,), dying out on both sides of these.

    Value and velocity go on past the last known frame, the acceleration is zero
    there, and all three are zero after ``BLEND_S``; larger displacements than
    ``small`` take longer, up to ``LONGEST_BLEND_S``, and none more than its gap.
    A lone known frame has no velocity of its own.
    """
    out = np.where(known[:, None], values, 0.0)
    if known.all() or not known.any():
        return out
    ahead = _one_way(out, known, fps, small)
    back = _one_way(out[::-1], known[::-1], fps, small)[::-1]
    return np.where(known[:, None], out, ahead + back)


def _one_way(values: np.ndarray, known: np.ndarray, fps: float, small: float) -> np.ndarray:
    """What known frames leave behind them in the free ones after, (T, C)."""
    frames = np.arange(len(known))
    before = np.maximum.accumulate(np.where(known, frames, -1))
    after = np.minimum.accumulate(np.where(known, frames, len(known))[::-1])[::-1]
    free = np.flatnonzero(~known & (before >= 0))
    start = before[free]
    step = np.diff(values, axis=0, prepend=values[:1])
    step[1:] *= (known[1:] & known[:-1])[:, None]
    step[0] = 0.0
    # The peak acceleration of a displacement goes with its size over the time squared.
    size = np.linalg.norm(values[start], axis=1)
    length = BLEND_S * np.clip(np.sqrt(size / small), 1.0, LONGEST_BLEND_S / BLEND_S)
    gap = np.where(after[free] < len(known), (after[free] - start) / fps, np.inf)
    place, speed = quintic_decay((free - start) / fps, np.minimum(length, gap))
    out = np.zeros_like(values)
    out[free] = place[:, None] * values[start] + speed[:, None] * step[start] * fps
    return out
