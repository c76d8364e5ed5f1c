"""Footwork: feet that are down, feet that lift, the weight between them, jumps.

Heights are over the *stance* of the dance, a low percentile of how high the same point
is: captures stand some centimetres higher or lower than our skeleton's flat foot.
Lengths hold for a leg of 80 cm from hip to ankle, which all motion here has.
"""

from __future__ import annotations

import numpy as np

from ..motion import Motion
from ..signals import gaussian_smooth, runs
from ..skeleton import INDEX

TOES = (INDEX["left_foot"], INDEX["right_foot"])
ANKLES = (INDEX["left_ankle"], INDEX["right_ankle"])
STANCE_PERCENTILE = 5.0
PLANT_HEIGHT = 0.05
PLANT_SPEED = 0.3
"""A toe lower than this over its stance (m) and slower than this (m/s) is planted."""
LIFT_HEIGHT = 0.03
LIFT_OVER = 0.02
"""A lift begins where a toe rises over the first, m over its stance, and ends under the second."""
OUTER = 0.3
"""Share of the line between the ankles, from either end, over which one leg has the weight."""
NARROW = 0.05
"""Ankles nearer to each other than this, m, do not tell where the weight is."""
JUMP_HEIGHT = 0.10
JUMP_S = 4 / 30
"""Nothing of the body under this height over the stance, m, for so long, s, may be a jump."""
FALL = 4.0
"""Least downward acceleration in a jump, m/s². Real flights have 7 to 13 by the joints' mean
height, which is no exact centre of mass; who stands on the toes has 0 to 3."""
LIFT_WINDOW_S = 0.5


def speeds(points: np.ndarray, fps: float) -> np.ndarray:
    """Speeds (T, n) in m/s of points (T, n, 3) by central differences; zeros for one frame."""
    if len(points) < 2:
        return np.zeros(points.shape[:-1])
    return np.linalg.norm(np.gradient(points, axis=0), axis=-1) * fps


def _over_stance(heights: np.ndarray) -> np.ndarray:
    """Heights (T, ...) over their own low percentile."""
    return heights - np.percentile(heights, STANCE_PERCENTILE, axis=0)


def both_planted(motion: Motion) -> float:
    """Share of the time with both toes down and still: feet nailed to the floor."""
    toes = motion.joint_positions()[:, list(TOES)]
    down = _over_stance(toes[..., 1]) < PLANT_HEIGHT
    return float((down & (speeds(toes, motion.fps) < PLANT_SPEED)).all(axis=1).mean())


def lift_frames(motion: Motion) -> np.ndarray:
    """Frames (n,) at which a toe rises more than 3 cm over its stance, both feet, in order."""
    height = _over_stance(motion.joint_positions()[:, list(TOES), 1])
    found = []
    for toe in height.T:
        # A stretch over the lower limit counts once, where it first passes the higher one.
        starts, stops = runs(toe > LIFT_OVER)
        for start, stop in zip(starts, stops, strict=True):
            above = np.flatnonzero(toe[start:stop] > LIFT_HEIGHT)
            # A foot that is up in the first frame was lifted before.
            if len(above) and start > 0:
                found.append(start + above[0])
    return np.array(sorted(found), dtype=int)


def lifts_per_s(motion: Motion) -> float:
    """Toe lifts a second, both feet together."""
    return len(lift_frames(motion)) / motion.seconds


def lift_rate(motion: Motion) -> np.ndarray:
    """Toe lifts a second around each frame, (T,): a Gaussian of 0.5 s over the lifts."""
    count = np.zeros(len(motion))
    np.add.at(count, lift_frames(motion), 1.0)
    return gaussian_smooth(count, LIFT_WINDOW_S * motion.fps) * motion.fps


def weight(motion: Motion) -> tuple[np.ndarray, np.ndarray]:
    """Where the pelvis stands between the feet, (T,), and where that is known, (T,) bool.

    -1 over the left ankle, 1 over the right one, 0 in the middle, more beyond them:
    the pelvis' foot point on the line between the ankles, on the floor.
    """
    position = motion.joint_positions()[..., [0, 2]]
    left, right = position[:, ANKLES[0]], position[:, ANKLES[1]]
    line = right - left
    length = (line**2).sum(axis=1)
    along = ((position[:, 0] - left) * line).sum(axis=1) / np.maximum(length, 1e-9)
    return 2.0 * along - 1.0, length > NARROW**2


def weight_on_one_leg(motion: Motion) -> float:
    """Share of the time with the pelvis over the outer 30 % of the line between the ankles.

    Of the frames whose ankles are more than 5 cm apart; NaN where there are none.
    """
    at, known = weight(motion)
    if not known.any():
        return float("nan")
    return float((np.abs(at[known]) > 1.0 - 2.0 * OUTER).mean())


def airborne(motion: Motion) -> np.ndarray:
    """Where the body flies, (T,) bool.

    A flight is a stretch of 4 frames at 30 fps or longer with nothing of the body within
    10 cm of the floor that it stands on, in which the joints' mean height bends downward as
    it does in free fall. Where a capture's feet are rigid, who stands high on the toes is up
    as well, but does not fall.
    """
    height = motion.joint_positions()[..., 1]
    starts, stops = runs(_over_stance(height.min(axis=1)) > JUMP_HEIGHT)
    middle = height.mean(axis=1)
    out = np.zeros(len(motion), dtype=bool)
    for start, stop in zip(starts, stops, strict=True):
        if stop - start < max(3, JUMP_S * motion.fps - 1e-6):
            continue
        times = np.arange(stop - start) / motion.fps
        bend = 2.0 * float(np.polyfit(times, middle[start:stop], 2)[0])
        out[start:stop] = bend < -FALL
    return out


def flight_rises(motion: Motion) -> np.ndarray:
    """How far the pelvis goes up over its usual height in each flight, (n,) metres."""
    height = motion.root[:, 1] - np.median(motion.root[:, 1])
    return np.array([height[a:b].max() for a, b in zip(*runs(airborne(motion)), strict=True)])


def jumps_per_min(motion: Motion) -> float:
    """Jumps a minute: the flights of ``airborne``."""
    return 60.0 * len(runs(airborne(motion))[0]) / motion.seconds
