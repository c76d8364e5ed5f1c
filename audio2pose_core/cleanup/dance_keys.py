"""The few Bézier keys of a whole dance on our own skeleton, at the frames of a scene.

What the add-on's worker does at the end of a dance on our own dancer. Other rigs reduce
the channels of their own bones by ``reduce.reduce_keys``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .. import rotations as rot, skeleton
from ..motion import Motion
from .bones import LOCATION, QUATERNION, Chain, Track
from .key_rates import limb_of
from .reduce import Keys, reduce_keys

PLANTED = 0.5
"""A foot stands on the floor from this contact probability on."""


@dataclass(frozen=True)
class SceneTime:
    """The frames of a scene: ``start`` is the frame, possibly fractional, of the motion's second 0.

    ``fps`` is frames per second of the scene.
    """

    start: float
    fps: float

    def frames(self, seconds: float) -> np.ndarray:
        """The whole frames (n,) on which a dance of ``seconds`` gets keys."""
        return key_frames(self.start, seconds, self.fps)

    def frames_at(self, seconds: Sequence[float] | np.ndarray) -> np.ndarray:
        """Frames (m,), possibly between two, of seconds (m,) of the motion."""
        return self.start + np.asarray(seconds, dtype=np.float64) * self.fps

    def sampled(self, motion: Motion, frames: np.ndarray) -> Motion:
        """The motion at frames (n,), at the scene's rate."""
        return motion.sample((np.asarray(frames) - self.start) / self.fps, self.fps)


def key_frames(frame_start: float, seconds: float, fps: float) -> np.ndarray:
    """The whole scene frames (n,) on which a dance of ``seconds`` gets keys.

    ``frame_start`` may fall between two frames (songs seldom start on one); the
    first key then is on the next whole frame. There is always one key.
    """
    # The slack keeps a start such as 12.0000001, a rounding error, on frame 12.
    first = math.ceil(frame_start - 1e-4)
    stop = max(first + 1, round(frame_start + seconds * fps))
    return np.arange(first, stop)


def reduce_dance(
    motion: Motion,
    time: SceneTime,
    error: float,
    beats: Sequence[float] | np.ndarray = (),
    *,
    together: bool = False,
    progress: Callable[[float], None] | None = None,
) -> list[Keys]:
    """The keys of a dance: first the pelvis' location, then the 24 joints' rotations.

    Parameters
    ----------
    motion : at any frame rate.
    time : where it lies in the scene; indices of keys count from its first whole frame.
    error : metres that hands, feet and head may stray; planted feet less.
    beats : (m,) seconds of the motion, to which keys move where one is near.
    together : the whole body is keyed on the same frames, as poses.
    progress : callable(fraction), optional

    Locations are core's, metres; rotations are quaternions relative to the parent.
    """
    frames = time.frames(motion.seconds)
    sampled = time.sampled(motion, frames)
    chain = dance_chain()
    quats = rot.continuous(sampled.rotations)
    tracks = [Track(0, LOCATION, sampled.root)]
    tracks += [Track(j, QUATERNION, quats[:, j]) for j in range(skeleton.NUM_JOINTS)]
    return reduce_keys(
        chain,
        tracks,
        error,
        limb_names=[limb_of([max(1, track)]) for track in range(len(tracks))],
        planted=planted(chain, sampled.contacts),
        preferred=indices(frames, time.frames_at(beats)),
        together=together,
        progress=progress,
    )


def dance_chain() -> Chain:
    """Our skeleton as a chain with tips at hands, toes, head, and ankles and balls of the feet.

    Of hands both ends count: a wrist would make up for a forearm, and the hand would sway on its
    fingertips.
    """
    joints = [skeleton.INDEX["left_hand"], skeleton.INDEX["right_hand"], *skeleton.CONTACT_JOINTS]
    ends = [*skeleton.END_SITES, *joints]
    contact = {j: i for i, j in enumerate(skeleton.CONTACT_JOINTS)}
    return Chain(
        np.array(skeleton.PARENTS),
        skeleton.OFFSETS,
        np.tile(rot.IDENTITY, (skeleton.NUM_JOINTS, 1)),
        np.array(ends),
        np.array([*skeleton.END_SITES.values(), *np.zeros((len(joints), 3))]),
        np.array([contact.get(j, -1) for j in ends]),
    )


def planted(chain: Chain, contacts: np.ndarray | None) -> np.ndarray | None:
    """Where each tip of a chain stands on the floor, (n, E) bool, by ``contacts`` (n, 4)."""
    if contacts is None:
        return None
    stands = contacts[:, np.maximum(chain.contacts, 0)] > PLANTED
    return stands & (chain.contacts >= 0)


def indices(frames: np.ndarray, wanted: np.ndarray | None) -> np.ndarray | None:
    """Places in ``frames`` (n,), whole and rising, of frames (m,) that lie within."""
    if wanted is None:
        return None
    at = np.round(np.asarray(wanted, dtype=np.float64) - frames[0]).astype(int)
    return np.unique(at[(at >= 0) & (at < len(frames))])
