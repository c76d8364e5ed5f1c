"""How lively some motion is, figure by figure: what ``evaluate.calibrate`` holds a dancer to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .. import representation as rep
from ..cleanup.smooth import smooth_motion
from ..metrics import jerk, motion_magnitude
from ..metrics.footwork import lifts_per_s
from ..metrics.limbs import arm_speeds, leg_speeds
from ..metrics.phrases import groove
from ..motion import Motion
from ..skeleton import INDEX, NUM_JOINTS

PIECE_S = 12.0
MEASURED = {
    "legs": ("left_hip", "right_hip", "left_knee", "right_knee"),
    "arms": ("left_shoulder", "right_shoulder", "left_elbow", "right_elbow"),
    "trunk": ("spine1", "spine2", "spine3"),
    "pelvis": ("pelvis",),
}
"""Joints whose spread every source tells: feet, wrists and collars are rigid in some."""


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
    """Root mean square by which the turns of a part's joints leave their mean within
    ``PIECE_S``, in units of the features' deviations."""
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
    deviation: np.ndarray | None = None,
) -> Liveliness:
    """Means over the motions, by their length, and by the weight of a second of each.

    ``beats`` holds the beat times (b,) of each motion, where they are known; ``deviation`` (152,)
    the units of the spreads, 1 by default.
    """
    seconds = np.array([m.seconds for m in motions])
    if weights is not None:
        seconds = seconds * weights
    known = [np.zeros(0)] * len(motions) if beats is None else beats
    scale = np.ones(rep.WIDTH) if deviation is None else deviation
    found = np.array(
        [
            (
                motion_magnitude(m),
                leg_speeds(m).mean(),
                arm_speeds(m).mean(),
                lifts_per_s(m),
                jerk(smooth_motion(m)),
                *spreads(m, scale),
                groove(m, own),
            )
            for m, own in zip(motions, known, strict=True)
        ]
    )
    share = np.isfinite(found) * seconds[:, None]
    with np.errstate(invalid="ignore"):
        means = (share * np.nan_to_num(found)).sum(axis=0) / share.sum(axis=0)
    return Liveliness(*(float(v) for v in means))


def spreads(motion: Motion, deviation: np.ndarray) -> list[float]:
    """How far the poses of a motion lie from their mean, by part; see ``Liveliness``."""
    features = rep.encode(motion)[0] / deviation
    turns = features[:, rep.POSE].reshape(len(motion), NUM_JOINTS, 6)
    count = max(1, round(motion.seconds / PIECE_S))
    pieces = [p - p.mean(axis=0) for p in np.array_split(turns, count)]
    off = np.concatenate(pieces)
    return [
        float(np.sqrt((off[:, [INDEX[name] for name in joints]] ** 2).mean()))
        for joints in MEASURED.values()
    ]
