"""Cycles: motions that go on with their own first frame after their last.

A cycle of T frames stands for the endless motion whose frame t is frame t mod T, moved over
the ground by ``offset`` for each time around.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import rotations as rot
from ..errors import MotionError
from ..motion import Motion
from .timing import sample_smooth

SURE = 0.02
"""So little of another motion moves no foot that can be seen."""


def repeat(cycle: Motion, times: int, offset: np.ndarray | None = None) -> Motion:
    """A cycle danced ``times`` times; ``offset`` (3,) metres is its way each time around."""
    step = np.zeros(3) if offset is None else np.asarray(offset, dtype=np.float64)
    root = np.concatenate([cycle.root + k * step for k in range(times)])
    quats = rot.continuous(np.tile(cycle.rotations, (times, 1, 1)))
    contacts = None if cycle.contacts is None else np.tile(cycle.contacts, (times, 1))
    hands = None if cycle.hands is None else np.tile(cycle.hands, (times, 1, 1))
    return Motion(cycle.fps, root, quats, contacts, hands)


def sample_cycle(cycle: Motion, frames: int, offset: np.ndarray | None = None) -> Motion:
    """The same cycle in ``frames`` frames, the first one the same; it lasts exactly as long.

    So the result has the frame rate ``frames / cycle.seconds``, in which the period is a
    whole number of frames.
    """
    if frames < 2:
        raise MotionError(f"a cycle has at least 2 frames, not {frames}")
    if frames == len(cycle):
        return cycle
    three = repeat(cycle, 3, offset)
    times = cycle.seconds * (1.0 + np.arange(frames) / frames)
    sampled = sample_smooth(three, times)
    contacts = (
        None if three.contacts is None else _planted_around(three.contacts, times * cycle.fps)
    )
    back = np.zeros(3) if offset is None else np.asarray(offset, dtype=np.float64)
    return Motion(
        frames / cycle.seconds,
        sampled.root - back,
        _from_the_first(cycle, sampled.rotations),
        contacts,
        sampled.hands,
    )


def seal(motion: Motion, frames: int, offset: np.ndarray) -> Motion:
    """The cycle (``frames``, frames) in the middle of a motion that all but repeats itself.

    ``motion`` has at least three times as many frames. What it misses from one time around
    to the next, millimetres, is spread over the whole cycle by easing from each time to the
    time before. ``offset`` (3,) is the way that it shall make each time around.
    """
    if len(motion) < 3 * frames:
        raise MotionError(f"{len(motion)} frames hold no three times {frames}")
    here, before = motion.slice(frames, 2 * frames), motion.slice(0, frames)
    s = np.arange(frames) / frames
    share = s**3 * (10.0 - 15.0 * s + 6.0 * s**2)
    root = here.root + share[:, None] * (before.root + offset - here.root)
    quats = rot.slerp(here.rotations, before.rotations, share[:, None])
    contacts = here.contacts
    if contacts is not None and before.contacts is not None:
        # A foot that stands one time and steps the other is not held in between.
        between = ((share > SURE) & (share < 1.0 - SURE))[:, None]
        eased = np.where(share[:, None] < 0.5, contacts, before.contacts)
        contacts = np.where(between, np.minimum(contacts, before.contacts), eased)
    return Motion(motion.fps, root, rot.continuous(quats), contacts)


def way_of(root: np.ndarray, frames: int) -> np.ndarray:
    """The way over the ground (3,) metres that a path of three cycles or more makes in one."""
    middle = (len(root) // frames) // 2
    way = root[(middle + 1) * frames - 1] - root[middle * frames - 1]
    return np.asarray(way * np.array([1.0, 0.0, 1.0]))


def without_way(root: np.ndarray, frames: int) -> np.ndarray:
    """A path (T, 3) that comes back after each cycle, around the origin; its way goes evenly.

    To be given to the foot lock, which holds planted feet against it.
    """
    way = way_of(root, frames)
    out = root - np.arange(len(root))[:, None] * (way / frames)
    middle = out[frames : 2 * frames].mean(axis=0)
    return np.asarray(out - middle * np.array([1.0, 0.0, 1.0]))


def with_first_frame(cycle: Motion, offset: np.ndarray | None = None) -> Motion:
    """A cycle and, after its last frame, its first one again: T + 1 frames."""
    return repeat(cycle, 2, offset).slice(0, len(cycle) + 1)


def _planted_around(contacts: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Contacts (n, 4) at fractional frames (n,): of all frames that the pose there is made of.

    A foot is not held between a frame in which it stands and one in which it moves.
    """
    whole = np.floor(place + 1e-6).astype(int)
    between = place - whole > 1e-6
    taps = [np.clip(whole + np.where(between, k, 0), 0, len(contacts) - 1) for k in (-1, 0, 1, 2)]
    return np.asarray(np.min([contacts[tap] for tap in taps], axis=0))


def _from_the_first(cycle: Motion, quats: np.ndarray) -> np.ndarray:
    """Quaternions (T, 24, 4) whose first has the sign of the cycle's first."""
    sign = np.where(np.sum(quats[0] * cycle.rotations[0], axis=-1) < 0, -1.0, 1.0)
    return quats * sign[None, :, None]


def shifted(motion: Motion, by: np.ndarray) -> Motion:
    """The motion moved by (3,) metres."""
    return replace(motion, root=motion.root + by)
