"""Dance metrics, each with its definition beside it; shared words in docs.

One figure alone misleads: print beat lock with its lift, and everything about
feet and smoothness beside the motion magnitude, since a frozen body slides
nowhere.
"""

from __future__ import annotations

import numpy as np

from ..motion import Motion
from .beat_alignment import beat_alignment, motion_beat_alignment
from .beat_lock import Lift, beat_lock, beat_power
from .feet import Slide, foot_slide, penetration_cm, physical_foot_contact, planted_slide
from .motion_beats import motion_beats
from .smoothness import freeze_rate, jerk, motion_magnitude, seam_jumps

__all__ = [
    "Lift",
    "Slide",
    "beat_alignment",
    "beat_lock",
    "beat_power",
    "foot_slide",
    "freeze_rate",
    "jerk",
    "measure",
    "motion_beat_alignment",
    "motion_beats",
    "motion_magnitude",
    "penetration_cm",
    "physical_foot_contact",
    "planted_slide",
    "seam_jumps",
]


def measure(motion: Motion, beat_times: np.ndarray | None = None) -> dict[str, float]:
    """All figures of one dance; NaN where one cannot be measured.

    ``beat_times`` (b,) in seconds adds the figures against the music. Slide in
    planted frames needs ``motion.contacts``.
    """
    slide = foot_slide(motion)
    deepest, mean_depth = penetration_cm(motion)
    out = {
        "motion_magnitude_m_s": motion_magnitude(motion),
        "freeze_rate": freeze_rate(motion),
        "jerk_m_s3": jerk(motion),
        "foot_slide_cm_s": slide.speed_cm_s,
        "foot_slide_visible": slide.visible,
        "planted_slide_cm_s": float("nan"),
        "planted_share": float("nan"),
        "penetration_max_cm": deepest,
        "penetration_mean_cm": mean_depth,
        "pfc": physical_foot_contact(motion),
        "motion_beats_per_s": len(motion_beats(motion)[0]) / motion.seconds,
    }
    if motion.contacts is not None:
        planted = planted_slide(motion)
        out["planted_slide_cm_s"] = planted.speed_cm_s
        out["planted_share"] = planted.contact
    if beat_times is not None:
        beats = np.asarray(beat_times, dtype=np.float64)
        lock, power = beat_lock(motion, beats), beat_power(motion, beats)
        out |= {
            "beat_lock": lock.own,
            "beat_lock_lift": lock.lift,
            "beat_power": power.own,
            "beat_power_lift": power.lift,
            "beat_alignment": beat_alignment(motion, beats),
            "motion_beat_alignment": motion_beat_alignment(motion, beats),
        }
    return out
