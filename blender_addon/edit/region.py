"""Which part of a take is made anew, what of it stays, and how the two are joined. No bpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..core import errors, motion as core_motion, skeleton

COLUMNS = 1 + skeleton.NUM_JOINTS
_FADE_SECONDS = 0.25
"""How far from a kept key the new motion is bent to meet it to the last digit."""


@dataclass(frozen=True)
class Part:
    """Frames ``first`` to ``last``, both included, and names of bones; None is all of them."""

    first: int
    last: int
    bones: frozenset[str] | None
    words: str

    def has(self, bone: str) -> bool:
        """Whether a bone is made anew."""
        return self.bones is None or bone in self.bones


def bar_frames(
    beats: Sequence[float], downbeats: Sequence[bool], frame_start: float, fps: float, stop: int
) -> np.ndarray:
    """The first frame of every bar and the one after the last, (bars + 1,) int.

    What comes before the first downbeat belongs to bar 1; ``stop`` is the frame after
    the take's last. Without a downbeat every fourth beat begins a bar.
    """
    times = np.asarray(beats, dtype=np.float64)
    starts = times[np.asarray(downbeats, dtype=bool)]
    if len(starts) == 0:
        starts = times[::4]
    first = int(np.ceil(frame_start - 1e-4))
    inner = np.ceil(frame_start + starts[1:] * fps - 1e-4).astype(int)
    return np.unique(np.concatenate([[first], inner[(inner > first) & (inner < stop)], [stop]]))


def bars(edges: np.ndarray, first_bar: int, last_bar: int) -> tuple[int, int]:
    """First and last frame of bars, counted from 1; OptionError for bars that are not there."""
    count = len(edges) - 1
    if first_bar > last_bar:
        raise errors.OptionError(
            f"bar {first_bar} is not before bar {last_bar}; exchange From Bar and To Bar"
        )
    if first_bar > count:
        raise errors.OptionError(f"this take has {count} bars, so there is no bar {first_bar}")
    return int(edges[first_bar - 1]), int(edges[min(last_bar, count)]) - 1


def runs(frames: np.ndarray) -> list[tuple[int, int]]:
    """First and last of every stretch of frames (n,) that follow one another."""
    rising = np.unique(np.round(frames).astype(int))
    parts = np.split(rising, np.flatnonzero(np.diff(rising) > 1) + 1)
    return [(int(part[0]), int(part[-1])) for part in parts if len(part)]


@dataclass(frozen=True)
class Held:
    """What a person set in a take: poses that the new motion has to pass.

    Attributes
    ----------
    seconds : (n,)
        When, from the dance's start.
    columns : (n, 25) bool
        Which parts of the pose, as in ``MotionConstraint.mask``.
    pose : Motion or None
        The n poses; None for none.
    """

    seconds: np.ndarray
    columns: np.ndarray
    pose: core_motion.Motion | None


def kept(
    motion: core_motion.Motion,
    open_frames: np.ndarray,
    open_columns: np.ndarray,
    shown: Held,
    locked: Held,
) -> tuple[core_motion.Motion, np.ndarray]:
    """The dance so far with a person's edits, and the mask of a ``MotionConstraint``.

    ``open_frames`` (T,) and ``open_columns`` (25,) bool are made anew, but for ``locked``.
    ``shown`` are poses that differ from the motion and are put into it without being held.
    Raises OptionError where nothing is left to be made.
    """
    root, rotations = motion.root.copy(), motion.rotations.copy()
    mask = ~(open_frames[:, None] & open_columns[None, :])
    for held, stays in ((shown, False), (locked, True)):
        if held.pose is None:
            continue
        nearest = np.round(held.seconds * motion.fps).astype(int)
        for i in np.flatnonzero((nearest >= 0) & (nearest < len(motion))):
            k, columns = nearest[i], held.columns[i]
            if columns[0]:
                root[k] = held.pose.root[i]
            rotations[k, columns[1:]] = held.pose.rotations[i, columns[1:]]
            if stays:
                mask[k, columns] = True
    if mask.all():
        raise errors.OptionError(
            "nothing is left to be made anew: all of it is locked; unlock some of it, "
            "or choose more bars or bones"
        )
    return core_motion.Motion(motion.fps, root, rotations, motion.contacts), mask


def met(
    frames: np.ndarray, values: np.ndarray, anchors: Mapping[int, float], fps: float
) -> np.ndarray:
    """``values`` (n,) bent so that they meet the ``anchors``, frame -> value, exactly.

    The new motion comes within a centimetre of what is kept; the little that is missing
    fades out over a quarter of a second, or runs from one anchor to the next.
    """
    at = np.array(sorted(f for f in anchors if frames[0] <= f <= frames[-1]), dtype=np.int64)
    if len(at) == 0:
        return values
    misses = np.array([anchors[int(f)] for f in at]) - values[at - int(frames[0])]
    reach = max(2.0, _FADE_SECONDS * fps)
    knots, heights = [], []
    for i, f in enumerate(at):
        if i == 0 or f - at[i - 1] > 2 * reach:
            knots.append(f - reach)
            heights.append(0.0)
        knots.append(float(f))
        heights.append(misses[i])
        if i == len(at) - 1 or at[i + 1] - f > 2 * reach:
            knots.append(f + reach)
            heights.append(0.0)
    return values + _eased(frames, np.array(knots), np.array(heights))


def _eased(x: np.ndarray, knots: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """From knot to knot by a cubic that is level at each of them; 0 outside."""
    place = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(knots) - 2)
    t = np.clip((x - knots[place]) / (knots[place + 1] - knots[place]), 0.0, 1.0)
    rise = t * t * (3.0 - 2.0 * t)
    inside = (x >= knots[0]) & (x <= knots[-1])
    return np.where(inside, heights[place] + (heights[place + 1] - heights[place]) * rise, 0.0)
