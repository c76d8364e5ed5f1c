"""How lively some motion is, figure by figure: what ``evaluate.calibrate`` holds a dancer to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..cleanup.smooth import smooth_motion
from ..metrics import jerk, motion_magnitude
from ..metrics.footwork import lifts_per_s
from ..metrics.limbs import arm_speeds, leg_speeds
from ..metrics.phrases import groove
from ..metrics.poses import body_poses
from ..motion import Motion
from ..skeleton import INDEX

PIECE_S = 12.0
MEASURED = {
    "legs": ("left_knee", "right_knee", "left_ankle", "right_ankle"),
    "arms": ("left_elbow", "right_elbow", "left_wrist", "right_wrist"),
    "trunk": ("spine3", "neck"),
    "pelvis": ("pelvis",),
}
"""Joints whose places tell how far a part of the body goes (of the pelvis the height)."""


@dataclass(frozen=True)
class Liveliness:
    """Mean speeds (m/s), lifts of the feet a second and jerk below 7 Hz (m/s³) of some motion.

    ``legs`` are seen from the pelvis, ``arms`` from the chest (``metrics.limbs``).
    """

    magnitude: float
    legs: float
    arms: float
    lifts: float
    jerk: float
    legs_spread: float
    arms_spread: float
    trunk_spread: float
    pelvis_spread: float
    """Root mean square by which a part's joints leave their mean places in the body's own frame
    (``metrics.poses.body_poses``) within ``PIECE_S``, metres."""
    groove: float
    """``metrics.phrases.groove``; NaN where no beats are known."""

    @property
    def body(self) -> float:
        """Legs and the whole body together, m/s: legs alone would be paid for by the path."""
        return float(np.sqrt(self.legs * self.magnitude))


def liveliness(
    motions: list[Motion],
    weights: Sequence[float] | None = None,
    beats: Sequence[np.ndarray] | None = None,
) -> Liveliness:
    """Means over the motions, by their length, and by the weight of a second of each.

    ``beats`` holds the beat times (b,) of each motion, where they are known.
    """
    seconds = np.array([m.seconds for m in motions])
    if weights is not None:
        seconds = seconds * weights
    known = [np.zeros(0)] * len(motions) if beats is None else beats
    found = np.array(
        [
            (
                motion_magnitude(m),
                leg_speeds(m).mean(),
                arm_speeds(m).mean(),
                lifts_per_s(m),
                jerk(smooth_motion(m)),
                *spreads(m),
                groove(m, own),
            )
            for m, own in zip(motions, known, strict=True)
        ]
    )
    share = np.isfinite(found) * seconds[:, None]
    with np.errstate(invalid="ignore"):
        means = (share * np.nan_to_num(found)).sum(axis=0) / share.sum(axis=0)
    return Liveliness(*(float(v) for v in means))


def spreads(motion: Motion) -> list[float]:
    """How far the poses of a motion lie from their mean, by part; see ``Liveliness``."""
    poses = body_poses(motion)
    count = max(1, round(motion.seconds / PIECE_S))
    off = np.concatenate([p - p.mean(axis=0) for p in np.array_split(poses, count)])
    return [
        float(np.sqrt((off[:, [INDEX[name] for name in joints]] ** 2).sum(axis=-1).mean()))
        for joints in MEASURED.values()
    ]
