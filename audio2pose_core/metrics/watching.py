"""Is it worth watching? The figures that tell a dull dance from one that holds the eye.

Beat lock, slide and jerk can all be met by a dance whose feet are nailed to the floor,
that turns its back, and that knows no bar and no phrase. Read these beside real clips
of the same style: they are no scores, and more is not better beyond what dancers do.
"""

from __future__ import annotations

import numpy as np

from ..motion import Motion
from .collisions import collisions
from .facing import facing, mean_heading
from .footwork import both_planted, jumps_per_min, lifts_per_s, weight_on_one_leg
from .limbs import arm_speeds, held_s, leg_speeds, straight_knees, wrist_correlation
from .phrases import accent_sizes, ends, groove, phrase_return, section_novelty
from .poses import asymmetry, pose_variety

LONGEST_PIECE_S = 12.0
"""Figures of pieces are compared between pieces of at most this length."""

OF_PIECES = (
    "both_planted",
    "lifts_per_s",
    "weight_on_one_leg",
    "legs_m_s",
    "arms_m_s",
    "groove",
    "phrase_return",
    "asymmetry_cm",
    "wrist_correlation",
    "straight_knees",
    "held_s",
    "jumps_per_min",
    "pose_variety_cm",
    "limbs_inside",
    "limbs_inside_cm",
    "accent_down_m_s",
    "accent_rest_m_s",
)
DERIVED = ("downbeat_accent",)
"""Of means over pieces: ``derived``."""
OF_DANCES = ("facing", "longest_away_s", "opening", "ending", "section_novelty")
OF_SETS = ("nearest_phrase_cm", "music_swap")
"""What needs other dances: ``poses.nearest_phrase`` and ``poses.music_swap``."""
WATCHING = (*OF_DANCES[:2], *OF_PIECES, *DERIVED, *OF_DANCES[2:], *OF_SETS)
"""All figures, in the order of a table."""


def measure_piece(
    motion: Motion,
    beat_times: np.ndarray | None = None,
    downbeats: np.ndarray | None = None,
    beats_per_bar: int = 4,
) -> dict[str, float]:
    """The figures ``OF_PIECES`` of a piece of at most 12 s; NaN where one cannot be measured.

    ``beat_times`` (b,) in seconds of the piece's own time, ``downbeats`` (b,) bool.
    """
    beats = np.zeros(0) if beat_times is None else np.asarray(beat_times, dtype=np.float64)
    down = rest = float("nan")
    if downbeats is not None and len(beats) > 1:
        down, rest = accent_sizes(motion, beats, np.asarray(downbeats, dtype=bool))
    inside = collisions(motion)
    return {
        "both_planted": both_planted(motion),
        "lifts_per_s": lifts_per_s(motion),
        "weight_on_one_leg": weight_on_one_leg(motion),
        "legs_m_s": float(leg_speeds(motion).mean()),
        "arms_m_s": float(arm_speeds(motion).mean()),
        "groove": groove(motion, beats),
        "phrase_return": phrase_return(motion, beats, beats_per_bar),
        "asymmetry_cm": asymmetry(motion),
        "wrist_correlation": wrist_correlation(motion),
        "straight_knees": straight_knees(motion),
        "held_s": held_s(motion),
        "jumps_per_min": jumps_per_min(motion),
        "pose_variety_cm": pose_variety(motion),
        "limbs_inside": inside.share,
        "limbs_inside_cm": inside.depth_cm,
        "accent_down_m_s": down,
        "accent_rest_m_s": rest,
    }


def derived(figures: dict[str, float]) -> dict[str, float]:
    """Figures that are ratios of means: the accents on downbeats over those on other beats."""
    down = figures.get("accent_down_m_s", float("nan"))
    rest = figures.get("accent_rest_m_s", float("nan"))
    return {"downbeat_accent": down / rest if rest > 0 else float("nan")}


def measure_whole(
    motion: Motion,
    front: float | np.ndarray | None = 0.0,
    sections: np.ndarray | None = None,
) -> dict[str, float]:
    """The figures ``OF_DANCES`` of a whole dance.

    ``front`` is a heading in radians, one or one a frame (T,); None takes the dance's
    own mean heading, as for captures. ``sections`` (s,) are the boundaries of the
    music's sections in seconds, if they are known.
    """
    faces = facing(motion, mean_heading(motion) if front is None else front)
    edges = ends(motion)
    return {
        "facing": faces.share,
        "longest_away_s": faces.longest_away_s,
        "opening": edges.opening,
        "ending": edges.ending,
        "section_novelty": (
            float("nan") if sections is None else section_novelty(motion, sections)
        ),
    }
