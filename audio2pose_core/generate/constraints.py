"""What is kept of a dance while the rest of it is made anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..cleanup.timing import sample_smooth
from ..errors import MotionError, OptionError
from ..motion import Motion
from ..skeleton import JOINTS, NUM_JOINTS

_ENDINGS = {
    "arm": ("collar", "shoulder", "elbow", "wrist", "hand"),
    "leg": ("hip", "knee", "ankle", "foot"),
}


def _limb(kind: str, *sides: str) -> tuple[int, ...]:
    names = [f"{side}_{part}" for side in sides for part in _ENDINGS[kind]]
    return tuple(j for j, name in enumerate(JOINTS) if name in names)


PARTS: dict[str, tuple[int, ...]] = {
    "arms": _limb("arm", "left", "right"),
    "left_arm": _limb("arm", "left"),
    "right_arm": _limb("arm", "right"),
    "legs": _limb("leg", "left", "right"),
    "left_leg": _limb("leg", "left"),
    "right_leg": _limb("leg", "right"),
    "trunk": tuple(JOINTS.index(n) for n in ("spine1", "spine2", "spine3")),
    "head": tuple(JOINTS.index(n) for n in ("neck", "head")),
}
"""Joints of the parts of a body that may be made anew by themselves."""

COLUMNS = 1 + NUM_JOINTS
"""Columns of a mask: the root's position, then the local rotation of each joint."""


@dataclass(frozen=True)
class Kept:
    """The dance so far, and which of it must stay.

    "Make bars 9 to 16 anew" is a mask that is True outside them, "only the
    arms" one that is False for the joints of the arms, and locked keys are
    single True frames.

    Attributes
    ----------
    motion : Motion
        The dance so far, at any frame rate; its second 0 is the song's second
        0. It may be shorter or longer than the song.
    mask : (frames of motion, 25) bool
        True where the result equals ``motion``: column 0 the position of the
        root, column 1 + j the local rotation of joint j.
    """

    motion: Motion
    mask: np.ndarray

    def __post_init__(self) -> None:
        if not isinstance(self.motion, Motion):
            kind = type(self.motion).__name__
            raise MotionError(f"what is kept is a Motion and a mask, not a {kind}")
        mask = np.asarray(self.mask)
        if mask.shape != (len(self.motion), COLUMNS) or mask.dtype != np.bool_:
            raise MotionError(
                f"the mask of what is kept is bool, ({len(self.motion)}, {COLUMNS}) for this "
                f"motion: the root and {NUM_JOINTS} joints in every frame; "
                f"this one is {mask.dtype}, {mask.shape}"
            )
        contacts = self.motion.contacts
        if contacts is not None and not np.isfinite(contacts).all():
            raise MotionError("the contacts of the kept motion hold a number that is not finite")

    def at(self, fps: float, frames: int) -> Kept:
        """The same at another frame rate and for ``frames`` frames.

        What lies past the end is cut; where the motion ends early its last pose
        goes on, free. A kept frame that falls between two frames of the new
        rate is shown, unchanged, in the nearer of the two.
        """
        mask = np.asarray(self.mask)
        if fps == self.motion.fps and frames == len(self.motion):
            return Kept(self.motion, mask)
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
        moved = Motion(fps, moved.root, moved.rotations, moved.contacts)
        return Kept(moved, between | alone)


def keep_all_but(
    motion: Motion,
    spans: Sequence[tuple[float, float]] = (),
    parts: Sequence[str] = (),
) -> Kept:
    """All of a dance but some parts of the body within some spans of time.

    ``spans`` are (start, stop) in seconds, the whole song if there are none;
    ``parts`` are of ``PARTS``, the whole body and its path if there are none.
    """
    for part in parts:
        if part not in PARTS:
            raise OptionError(f"no part {part!r}; choose from {', '.join(PARTS)}")
    columns = [1 + joint for part in parts for joint in PARTS[part]] or list(range(COLUMNS))
    mask = np.ones((len(motion), COLUMNS), dtype=bool)
    for start, stop in spans or [(0.0, motion.seconds)]:
        if not (np.isfinite(stop) and 0.0 <= start < stop):
            raise OptionError(f"from {start:g} s to {stop:g} s is no span of time")
        rows = slice(round(start * motion.fps), round(stop * motion.fps))
        mask[rows, columns] = False
    return Kept(motion, mask)
