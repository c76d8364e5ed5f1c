"""Idle time before and after the dance of a capture, where the dancer stands and waits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...metrics.motion_beats import mean_joint_speed
from ...motion import Motion
from ...signals import gaussian_smooth
from .clip import COUNTS, Clip

STILL_M_S = 0.1
"""Mean joint speed below which nobody dances."""
SMOOTHING_S = 0.25
MARGIN_S = 0.3
"""So much of the stillness stays: a dance may begin from rest."""


def trim_idle(clip: Clip) -> Clip:
    """The clip from its first move to its last, its beats moved along.

    A network trained on idle time begins its dances with it. Pauses inside a
    dance stay, and so does a clip that never moves.
    """
    start, stop = dancing_frames(clip.motion)
    beats = clip.beats - start / clip.motion.fps
    inside = beats[(beats >= 0) & (beats <= (stop - start) / clip.motion.fps)]
    count = (clip.first_count + int((beats < 0).sum())) % COUNTS
    return replace(clip, motion=clip.motion.slice(start, stop), beats=inside, first_count=count)


def dancing_frames(motion: Motion) -> tuple[int, int]:
    """First frame, and the one after the last, of the dance with a little stillness around it."""
    speed = gaussian_smooth(mean_joint_speed(motion), SMOOTHING_S * motion.fps)
    moving = np.flatnonzero(speed > STILL_M_S)
    if len(moving) == 0:
        return 0, len(motion)
    margin = round(MARGIN_S * motion.fps)
    start = max(0, int(moving[0]) - margin)
    return start, min(len(motion), int(moving[-1]) + 1 + margin)
