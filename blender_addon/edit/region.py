"""The region of a take that is regenerated, the constraints in it, and how the two meet. No bpy."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..core import errors, motion as core_motion, skeleton

COLUMNS = 1 + skeleton.NUM_JOINTS
_FADE_SECONDS = 0.25
"""How far from a constrained frame the new motion is bent to meet it to the last digit."""
_SAME_FRAME = 1e-3
"""Frames nearer than this are one; Blender's own single precision moves a key's frame a little."""


@dataclass(frozen=True)
class Region:
    """The frames and bones of a take that are regenerated.

    Attributes
    ----------
    first, last : int
        Frames, both included.
    bones : frozenset of str or None
        Names of bones; None is all of them.
    words : str
        The region as a person reads it, e.g. "bars 2 to 3".
    """

    first: int
    last: int
    bones: frozenset[str] | None
    words: str

    def has(self, bone: str) -> bool:
        """Whether a bone is regenerated."""
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


def runs(frames: np.ndarray) -> list[tuple[float, float]]:
    """First and last of every run of frames (n,) that are at most one frame apart."""
    rising = np.unique(np.asarray(frames, dtype=np.float64))
    parts = np.split(rising, np.flatnonzero(np.diff(rising) > 1.0 + _SAME_FRAME) + 1)
    return [(float(part[0]), float(part[-1])) for part in parts if len(part)]


def on_whole_frames(frames: np.ndarray) -> np.ndarray:
    """Rising frames, each once: what is all but on a whole frame is put on it."""
    whole = np.round(frames)
    near = np.abs(frames - whole) < _SAME_FRAME
    return np.unique(np.where(near, whole, np.asarray(frames, dtype=np.float64)))


@dataclass(frozen=True)
class PoseConstraints:
    """Poses that a person set in a take.

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


def constrained(
    motion: core_motion.Motion,
    open_frames: np.ndarray,
    open_columns: np.ndarray,
    shown: PoseConstraints,
    locked: PoseConstraints,
) -> tuple[core_motion.Motion, np.ndarray]:
    """Motion and mask of a ``MotionConstraint``: the dance so far with a person's edits.

    Parameters
    ----------
    motion : the take's dance, T frames.
    open_frames, open_columns : (T,) and (25,) bool
        What is regenerated, but for ``locked``.
    shown : poses that differ from the motion and are put into it without constraining it.
    locked : poses that are put into it and constrain it.

    Raises OptionError where nothing is left to be regenerated.
    """
    root, rotations = motion.root.copy(), motion.rotations.copy()
    mask = ~(open_frames[:, None] & open_columns[None, :])
    for poses, constrains in ((shown, False), (locked, True)):
        if poses.pose is None:
            continue
        nearest = np.round(poses.seconds * motion.fps).astype(int)
        for i in np.flatnonzero((nearest >= 0) & (nearest < len(motion))):
            k, columns = nearest[i], poses.columns[i]
            if columns[0]:
                root[k] = poses.pose.root[i]
            rotations[k, columns[1:]] = poses.pose.rotations[i, columns[1:]]
            if constrains:
                mask[k, columns] = True
    if mask.all():
        raise errors.OptionError(
            "nothing is left to be regenerated: all of it is locked; unlock some of it, "
            "or choose more bars or bones"
        )
    return dataclasses.replace(motion, root=root, rotations=rotations), mask


def meet_anchors(
    frames: np.ndarray, values: np.ndarray, anchors: Mapping[float, float], fps: float
) -> np.ndarray:
    """``values`` (n,) bent so that they meet the ``anchors``, frame -> value.

    ``frames`` (n,) are whole and follow one another. An anchor on one of them is met
    exactly; of one between two, both are displaced by what is missing there. The new motion
    comes within a centimetre of its constraints; that little fades out over a quarter of a
    second, or runs from one anchor to the next.
    """
    at = np.array(sorted(f for f in anchors if frames[0] <= f <= frames[-1]), dtype=np.float64)
    if len(at) == 0:
        return values
    misses = np.array([anchors[f] for f in at.tolist()]) - np.interp(at, frames, values)
    reach = max(2.0, _FADE_SECONDS * fps)
    return values + eased(frames, at, misses[:, None], reach)[:, 0]


def eased(x: np.ndarray, at: np.ndarray, heights: np.ndarray, reach: float) -> np.ndarray:
    """Curves (m, c) over frames x (m,) that are ``heights`` (n, c) on frames ``at`` (n,).

    They ease to 0 within ``reach`` frames, or from one to the next where these are nearer.
    """
    knots: list[float] = []
    rows: list[np.ndarray] = []
    none = np.zeros(heights.shape[1])
    for i, f in enumerate(at):
        if i == 0 or f - at[i - 1] > 2 * reach:
            knots.append(f - reach)
            rows.append(none)
        knots.append(float(f))
        rows.append(heights[i])
        if i == len(at) - 1 or at[i + 1] - f > 2 * reach:
            knots.append(f + reach)
            rows.append(none)
    columns = np.array(rows).T
    places = np.asarray(x, dtype=np.float64)
    return np.stack([_eased(places, np.array(knots), column) for column in columns], axis=1)


def _eased(x: np.ndarray, knots: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """From knot to knot by a cubic that is level at each of them; 0 outside."""
    place = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(knots) - 2)
    t = np.clip((x - knots[place]) / (knots[place + 1] - knots[place]), 0.0, 1.0)
    rise = t * t * (3.0 - 2.0 * t)
    inside = (x >= knots[0]) & (x <= knots[-1])
    return np.where(inside, heights[place] + (heights[place + 1] - heights[place]) * rise, 0.0)
