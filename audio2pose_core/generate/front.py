"""The front: a dance that drifts away from its audience is led back to it.

The network integrates its turns freely, so a dance ends up anywhere. The correction hides
where a body turns or steps anyway: turns are made a little larger or smaller, and steps turn a
little, as redirected walking does for people in virtual rooms (S. Razzaque, Z. Kohn, M. Whitton,
"Redirected Walking", Eurographics 2001). A spin stays a whole spin.
"""

from __future__ import annotations

import numpy as np

from .. import representation as rep
from ..choreography.plan import Front
from ..signals import gaussian_smooth

WINDOW_S = 1.0
"""The facing that counts is the mean over so long: a spin has none."""
AHEAD_S = 0.6
"""The correction looks so far ahead, so that it is there in time."""
FREE = float(np.deg2rad(25.0))
"""So far off the front nothing is done: captured dancers are 10 to 25 degrees off in the mean."""
FULL = float(np.deg2rad(90.0))
"""From here on all is done that may be."""
WITH_TURN = 0.6
"""Share of a turn's own speed that may be added to it or taken from it."""
WITH_STEP = float(np.deg2rad(55.0))
"""Radians a second that a body on one foot, or on none, may be turned."""
STANDING = float(np.deg2rad(10.0))
"""The same with both feet planted."""
URGENT_S = 0.5
"""Part of the time that a dance may show its back after which it is turned twice as fast."""


def front_angles(front: Front, frames: int, fps: float, root: np.ndarray) -> np.ndarray | None:
    """Where the front lies in each frame, (T,) radians; None where it is free.

    ``root`` (T, 3) is where the dance takes place, for a front that is a point.
    """
    if front.kind == "free":
        return None
    if front.kind == "point":
        x, z = front.point
        return np.asarray(np.unwrap(np.arctan2(x - root[:, 0], z - root[:, 2])))
    if front.kind == "track":
        times = np.arange(frames) / fps
        x, z = (np.interp(times, front.times, axis) for axis in np.transpose(front.points))
        return np.asarray(np.unwrap(np.arctan2(x - root[:, 0], z - root[:, 2])))
    if front.kind == "curve":
        times = np.arange(frames) / fps
        return np.deg2rad(np.interp(times, front.times, front.degrees))
    return np.full(frames, np.deg2rad(front.degrees[0]))


def is_free(front: Front, frames: int, fps: float) -> np.ndarray:
    """Where the front is free for a while, (T,) bool."""
    times = np.arange(frames) / fps
    out = np.zeros(frames, dtype=bool)
    for start, end in front.free:
        out |= (times >= start) & (times < end)
    return out


def face_front(features: np.ndarray, fps: float, front: Front) -> tuple[np.ndarray, float]:
    """Features (T, 152) that keep to the front, and the heading of the first frame in radians.

    Only the turns change; the moves are the same, seen from another side.
    """
    frames = len(features)
    turn = features[:, rep.TURN][:, 0] / fps
    own = np.concatenate([[0.0], np.cumsum(turn[:-1])])
    root = rep.decode(features, fps).root
    wanted = front_angles(front, frames, fps, root)
    if wanted is None or frames < 2:
        return features, 0.0
    urgent = URGENT_S * front.back_within_s
    contacts = features[:, rep.CONTACTS] > 0.5
    both = contacts[:, :2].any(axis=1) & contacts[:, 2:].any(axis=1)
    easy = WITH_STEP * gaussian_smooth((~both).astype(float), 0.1 * fps)
    room = WITH_TURN * np.abs(gaussian_smooth(turn, 0.1 * fps)) * fps + np.maximum(easy, STANDING)
    # The mean facing of the moments around, as a vector: it is short while the body spins.
    ahead = _mean_facing(own - wanted, fps)
    # A dance begins towards its front, whatever the first window does.
    start = -float(np.angle(ahead[: max(1, round(fps))].sum()))
    free = is_free(front, frames, fps)
    shift, back, rates = start, 0.0, np.zeros(frames)
    for t in range(frames):
        toward = ahead[t] * np.exp(1j * shift)
        off = float(np.angle(toward))
        back = back + 1 / fps if abs(off) > FULL and not free[t] else 0.0
        push = np.clip((abs(off) - FREE) / (FULL - FREE), 0.0, 1.0) * abs(toward)
        speed = room[t] * push * (2.0 if back > urgent else 1.0)
        rates[t] = 0.0 if free[t] else -np.sign(off) * min(speed, abs(off) * 2.0)
        shift += rates[t] / fps
    rates = gaussian_smooth(rates, 0.15 * fps)
    out = features.copy()
    out[:, rep.TURN] += rates[:, None]
    return out, start


def _mean_facing(off: np.ndarray, fps: float) -> np.ndarray:
    """Mean unit vectors (T,) complex of headings (T,) over ``WINDOW_S``, looking ahead."""
    facing = np.exp(1j * off)
    sigma = WINDOW_S / 2 * fps
    smooth = gaussian_smooth(facing.real, sigma) + 1j * gaussian_smooth(facing.imag, sigma)
    later = np.minimum(np.arange(len(off)) + round(AHEAD_S * fps), len(off) - 1)
    return np.asarray(smooth[later])
