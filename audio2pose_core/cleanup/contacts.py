"""Foot contacts: which of the two ankles and two toe balls stands on the floor, and when.

A joint is planted while it is low and slow. Two thresholds are used as in Canny's
edge detector (hysteresis): a stretch of frames that passes the loose limits
counts if it passes the strict ones somewhere. So a plant is neither cut up by
one noisy frame nor found in a foot that merely swings past the floor.
"""

from __future__ import annotations

import numpy as np

from ..motion import Motion
from ..signals import gaussian_smooth, runs
from ..skeleton import CONTACT_JOINTS, CONTACT_REST_HEIGHTS

# Height above where the joint stands in the rest pose. A planted ankle of a
# raised heel is no plant (the ball of the foot carries it), but real captures
# stand 1-5 cm higher than our flat foot, so the limits are wide of the noise.
STRICT_HEIGHT = np.array([0.050, 0.045, 0.050, 0.045])
LOOSE_HEIGHT = np.array([0.080, 0.070, 0.080, 0.070])
MOST_RISE = 0.025
"""Metres over its own lowest place nearby that a joint may rise in a plant: a toe that taps
is lifted, however low and slow it is."""
RISE_NEAR_S = 0.6
LOWEST = -0.06
"""A joint deeper under the floor than this lies there by error or by floor work, metres."""
STRICT_SPEED = 0.25
LOOSE_SPEED = 0.55
"""Speed limits in m/s; a stepping foot moves at 1-4 m/s."""

SPEED_WINDOW_S = 0.1
MIN_PLANT_S = 0.1
MAX_GAP_S = 0.07
SOFT_EDGE_S = 0.1
DRIFT_HEIGHT = 0.02
DRIFT_SMOOTH_S = 0.5


def label_contacts(
    motion: Motion, floor: float | np.ndarray = 0.0, *, drifting: bool = False
) -> np.ndarray:
    """Contact labels (T, 4) in 0..1 for ``skeleton.CONTACT_JOINTS``.

    Parameters
    ----------
    motion : Motion
        Any motion; its own ``contacts`` are not looked at.
    floor : float or (T,) array
        Height of the floor in metres.
    drifting : bool
        The whole figure may be sliding over the floor, as generated dances do:
        speeds are taken relative to what its lowest joints do over a second.

    Returns
    -------
    (T, 4) float64
        1 inside a plant, 0 outside; the step at either end is a ramp over
        ``SOFT_EDGE_S`` centred on the true edge, so that 0.5 marks the edge.
    """
    position = motion.joint_positions()[:, list(CONTACT_JOINTS)]
    height = position[..., 1] - CONTACT_REST_HEIGHTS - np.reshape(floor, (-1, 1))
    if drifting:
        position = without_drift(position, height, motion.fps)
    speed = smoothed_speed(position, motion.fps)
    loose = (height < LOOSE_HEIGHT) & (speed < LOOSE_SPEED) & (height > LOWEST)
    loose &= ~is_lifted(height, motion.fps)
    strict = loose & (height < STRICT_HEIGHT) & (speed < STRICT_SPEED)
    out = np.empty_like(height)
    for c in range(height.shape[1]):
        mask = hysteresis(loose[:, c], strict[:, c])
        mask = fill_gaps(mask, round(MAX_GAP_S * motion.fps))
        mask = drop_short(mask, round(MIN_PLANT_S * motion.fps))
        out[:, c] = box_smooth(mask.astype(np.float64), _odd(SOFT_EDGE_S * motion.fps))
    return out


def lifted_feet(motion: Motion) -> np.ndarray:
    """Which ankles and balls of the feet are up, (T, 4) bool; see ``is_lifted``."""
    return is_lifted(motion.joint_positions()[:, list(CONTACT_JOINTS), 1], motion.fps)


def is_lifted(height: np.ndarray, fps: float) -> np.ndarray:
    """Where joints of ``height`` (T, 4) metres are up from where they stood or will stand."""
    reach = max(1, round(RISE_NEAR_S * fps))
    padded = np.pad(height, ((reach, reach), (0, 0)), mode="edge")
    near = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=0)
    # No outlier of a noisy foot: the tenth that is lowest.
    low = np.partition(near, reach // 5, axis=-1)[..., reach // 5]
    return np.asarray(height - low > MOST_RISE)


def without_drift(position: np.ndarray, height: np.ndarray, fps: float) -> np.ndarray:
    """Contact joints (T, 4, 3) less the slow horizontal drift of those that are down.

    Whatever carries the body is near the floor (``height`` (T, 4) above rest);
    over a second or so it should get nowhere.
    """
    if len(position) < 2:
        return position
    velocity = np.gradient(position[..., [0, 2]], axis=0) * fps
    lowest = height.min(axis=1, keepdims=True)
    weight = np.exp(-(height - lowest) / DRIFT_HEIGHT)
    weight = weight / (1.0 + np.maximum(lowest, 0.0) / DRIFT_HEIGHT)
    # A slow joint among the low ones is the one that stands.
    relative = velocity - velocity.mean(axis=0)
    weight = weight / (0.1 + np.linalg.norm(relative, axis=-1))
    moved = gaussian_smooth((weight[..., None] * velocity).sum(axis=1), DRIFT_SMOOTH_S * fps)
    total = gaussian_smooth(weight.sum(axis=1), DRIFT_SMOOTH_S * fps)
    drift = np.cumsum(moved / np.maximum(total, 1e-9)[:, None], axis=0) / fps
    out = position.copy()
    out[..., [0, 2]] -= drift[:, None]
    return out


def smoothed_speed(position: np.ndarray, fps: float) -> np.ndarray:
    """Speed (T, C) in m/s of points (T, C, 3), over a short window against frame jitter."""
    if len(position) < 2:
        return np.zeros(position.shape[:-1])
    velocity = np.gradient(position, axis=0) * fps
    velocity = box_smooth(velocity, _odd(SPEED_WINDOW_S * fps))
    return np.linalg.norm(velocity, axis=-1)


def _odd(frames: float) -> int:
    """The odd whole number nearest to ``frames``, at least 1."""
    return 2 * max(0, round((frames - 1) / 2)) + 1


def box_smooth(values: np.ndarray, width: int) -> np.ndarray:
    """Mean over ``width`` (odd) frames along axis 0, edges held."""
    half = width // 2
    if half == 0 or len(values) < 2:
        return np.array(values, dtype=np.float64)
    pad = [(half, half)] + [(0, 0)] * (values.ndim - 1)
    padded = np.pad(values, pad, mode="edge")
    return np.mean([padded[i : i + len(values)] for i in range(width)], axis=0)


def _from_runs(starts: np.ndarray, stops: np.ndarray, frames: int) -> np.ndarray:
    steps = np.zeros(frames + 1, dtype=np.int64)
    np.add.at(steps, starts, 1)
    np.add.at(steps, stops, -1)
    return np.cumsum(steps[:-1]) > 0


def hysteresis(loose: np.ndarray, strict: np.ndarray) -> np.ndarray:
    """The stretches of ``loose`` (T,) that hold at least one frame of ``strict`` (T,)."""
    starts, stops = runs(loose)
    before = np.concatenate([[0], np.cumsum(strict)])
    keep = before[stops] > before[starts]
    return _from_runs(starts[keep], stops[keep], len(loose))


def fill_gaps(mask: np.ndarray, longest: int) -> np.ndarray:
    """Close gaps of up to ``longest`` frames between two plants; the ends stay open."""
    starts, stops = runs(~mask)
    inner = (starts > 0) & (stops < len(mask)) & (stops - starts <= longest)
    return mask | _from_runs(starts[inner], stops[inner], len(mask))


def drop_short(mask: np.ndarray, shortest: int) -> np.ndarray:
    """Remove plants of fewer than ``shortest`` frames, unless they touch an end of the motion."""
    starts, stops = runs(mask)
    keep = (stops - starts >= shortest) | (starts == 0) | (stops == len(mask))
    return _from_runs(starts[keep], stops[keep], len(mask))
