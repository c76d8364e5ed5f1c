"""Poses: how far apart two are, how varied a dance is, how symmetric, and what another shares.

A pose is where the joints are as the body itself sees them: over the pelvis, in the
frame of its heading, the height over the floor included. The distance of two poses is
the root mean square of the distances of their joints, in centimetres.
"""

from __future__ import annotations

import numpy as np

from .. import rotations as rot
from ..motion import Motion
from ..skeleton import MIRROR, NUM_JOINTS
from .facing import heading

RATE = 10.0
"""Poses a second that are compared pairwise: dance has little above 5 Hz."""
PHRASE_S = 4.0
"""Length of the phrases that are looked for in other dances, seconds."""
EVERY_JOINT = np.ones(NUM_JOINTS, dtype=bool)


def body_poses(motion: Motion) -> np.ndarray:
    """Poses (T, 24, 3) in metres: joints over the pelvis' place on the floor, heading taken off."""
    position = motion.joint_positions()
    around = position - position[:, :1] * np.array([1.0, 0.0, 1.0])
    return rot.rotate(rot.from_yaw(-heading(motion))[:, None], around)


def pose_distance(
    poses: np.ndarray, others: np.ndarray, joints: np.ndarray = EVERY_JOINT
) -> np.ndarray:
    """Distances (...,) in cm of poses (..., 24, 3) in metres, over ``joints`` (24,) bool."""
    apart = ((poses - others)[..., joints, :] ** 2).sum(axis=-1)
    return 100.0 * np.sqrt(apart.mean(axis=-1))


def pairwise_distances(
    poses: np.ndarray, others: np.ndarray, joints: np.ndarray = EVERY_JOINT
) -> np.ndarray:
    """Distances (n, m) in cm of every pose (n, 24, 3) to every other one (m, 24, 3)."""
    a = poses[:, joints].reshape(len(poses), -1)
    b = others[:, joints].reshape(len(others), -1)
    square = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2.0 * a @ b.T
    return 100.0 * np.sqrt(np.maximum(square, 0.0) / joints.sum())


def thinned(motion: Motion, rate: float = RATE) -> np.ndarray:
    """Poses (n, 24, 3) of a motion, ``rate`` a second."""
    poses = body_poses(motion)
    count = max(1, int(motion.seconds * rate + 1e-6))
    at = np.round(np.arange(count) * motion.fps / rate).astype(int)
    return poses[np.minimum(at, len(poses) - 1)]


def pose_variety(motion: Motion, joints: np.ndarray = EVERY_JOINT) -> float:
    """Mean distance of all pairs of poses of a dance, cm; NaN for a single pose."""
    poses = thinned(motion)
    if len(poses) < 2:
        return float("nan")
    apart = pairwise_distances(poses, poses, joints)
    return float(apart[np.triu_indices(len(poses), 1)].mean())


def nearest_phrase(motion: Motion, others: list[Motion], joints: np.ndarray = EVERY_JOINT) -> float:
    """How near another dance comes to the phrases of this one, cm.

    Every 4 s of ``motion``, one after the other, beside every 4 s of the others, at
    each tenth of a second: the mean over the phrases of the mean pose distance to the
    nearest. NaN without others, or where nothing lasts 4 s. A small figure says that a
    style has few moves; as a test for copies use ``evaluate.copying``, which is finer.
    """
    size = round(PHRASE_S * RATE)
    own = thinned(motion)
    theirs = [p for p in map(thinned, others) if len(p) >= size]
    starts = range(0, len(own) - size + 1, size)
    if not theirs or not starts:
        return float("nan")
    nearest = np.full(len(starts), np.inf)
    for poses in theirs:
        apart = pairwise_distances(own, poses, joints)
        for k, start in enumerate(starts):
            # Sums along diagonals: the phrase against every place in the other dance.
            rows = apart[start : start + size]
            shifts = len(poses) - size + 1
            along = sum(rows[i, i : i + shifts] for i in range(size))
            nearest[k] = min(nearest[k], float(np.min(along)) / size)
    return float(nearest.mean())


def asymmetry(motion: Motion, joints: np.ndarray = EVERY_JOINT) -> float:
    """Mean distance of a dance's poses to their mirror images, cm; 0 is a mirror-true dance.

    ``joints`` should hold both sides of what it holds.
    """
    poses = body_poses(motion)
    mirrored = poses[:, list(MIRROR)] * np.array([-1.0, 1.0, 1.0])
    return float(pose_distance(poses, mirrored, joints).mean())


def music_swap(dance: Motion, other: Motion, noise: Motion) -> float:
    """What another song makes of a dance, over what white noise makes of it.

    Three dances of one seed, style and beat grid: to a song, to another song and to
    white noise. Mean pose distance of the first to the second over that to the third,
    frame by frame over what all of them last: 1 says that the dancer heard the other
    song as so much noise. NaN where noise changes nothing.
    """
    frames = min(len(dance), len(other), len(noise))
    here, there, deaf = (body_poses(m.slice(0, frames)) for m in (dance, other, noise))
    to_noise = float(pose_distance(here, deaf).mean())
    if to_noise < 1e-6:
        return float("nan")
    return float(pose_distance(here, there).mean()) / to_noise
