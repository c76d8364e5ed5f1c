"""Where a dance goes on the floor: kept on its stage, or led along a path."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..choreography.plan import Held, Path
from ..errors import OptionError
from ..signals import gaussian_smooth

RADIUS = 0.8
"""How far from the middle the dance may settle, metres: captured dancers come back to where they
began, within half a metre in 24 s; a network's way drifts."""
SMOOTHING_S = 5.0


def keep_on_stage(root: np.ndarray, fps: float, middle: np.ndarray | None = None) -> np.ndarray:
    """Bend the slow part of a path (T, 3) so that it stays within ``RADIUS`` of the middle.

    The path over the ground is a sum of many small steps and wanders without
    bound in a long song. Its slow part (Gaussian of 5 s) is drawn towards the
    middle by r -> r / sqrt(1 + (r / R)²), which leaves small excursions as they
    are; steps, turns and travels shorter than that keep their size. The foot
    lock asks for it when it knows the path, and holds planted feet against it.
    ``middle`` (3,) is where the stage's middle lies; by default there where the
    path begins, which then comes to lie at the origin.
    """
    ground = root[:, [0, 2]] - (root[0] if middle is None else middle)[[0, 2]]
    slow = gaussian_smooth(ground, SMOOTHING_S * fps)
    distance = np.linalg.norm(slow, axis=1, keepdims=True)
    bent = slow / np.sqrt(1.0 + (distance / RADIUS) ** 2)
    out = root.copy()
    out[:, [0, 2]] = ground - slow + bent
    if middle is None:
        out[:, [0, 2]] -= out[0, [0, 2]]
    else:
        out[:, [0, 2]] += middle[[0, 2]]
    return out


PATH_SMOOTHING_S = 1.5
"""What of a dance's own path is slower than this gives way to the path that is asked for."""
STOPPING_S = 0.3
"""How long a dance takes to come to a stand where it stays in place, and to leave it."""
MAKE_UP_S = 0.8
FASTEST = 1.5
"""Metres a second along a path; a dance that went faster would run."""
PASSED_S = 1.0
"""Waypoints no farther apart than this are points of a curve, and no places to stand."""


def follow_path(root: np.ndarray, fps: float, path: Path) -> np.ndarray:
    """Root (T, 3) whose slow part follows a path; steps and sways stay on top of it.

    Between two waypoints the dance eases in and out (smooth step); where they come within
    ``PASSED_S`` of each other, as along a drawn curve, it passes them without slowing down. At a
    waypoint it is where the path says, to the centimetre: what the sways leave is taken out
    around it.
    Raises OptionError for a path that asks for more than ``FASTEST``.
    """
    times = np.arange(len(root)) / fps
    points = np.asarray(path.points, dtype=np.float64)
    marks = np.asarray(path.times, dtype=np.float64) if len(points) > 1 else times[:1]
    speed = np.linalg.norm(np.diff(points, axis=0), axis=1) / np.maximum(np.diff(marks), 1e-9)
    if len(speed) and speed.max() > FASTEST:
        k = int(np.argmax(speed))
        raise OptionError(
            f"the path asks for {speed[k]:.1f} m/s from {marks[k]:g} s on; "
            f"give it more time: a dance travels at {FASTEST:g} m/s at most"
        )
    ground = root[:, [0, 2]]
    slow = gaussian_smooth(ground, PATH_SMOOTHING_S * fps)
    moved = ground - slow + _along(points, marks, times)
    inside = (marks >= 0) & (marks <= times[-1])
    if len(points) > 1 and inside.any():
        frames = np.round(marks[inside] * fps).astype(int)
        left = points[inside] - moved[np.minimum(frames, len(root) - 1)]
        moved = moved + _along(left, marks[inside], times)
    out = root.copy()
    out[:, [0, 2]] = moved
    return out


def stay_in_place(root: np.ndarray, fps: float, spans: Sequence[Sequence[float]]) -> np.ndarray:
    """Root (T, 3) whose slow part stands still within spans [[start, end], ...] of seconds.

    Afterwards it goes on from where it stands; steps and sways stay as they are throughout.
    """
    times, goes = np.arange(len(root)) / fps, np.ones(len(root))
    for start, end in spans:
        goes[(times >= start) & (times < end)] = 0.0
    goes = gaussian_smooth(goes, STOPPING_S * fps)
    ground = root[:, [0, 2]]
    slow = gaussian_smooth(ground, PATH_SMOOTHING_S * fps)
    led = slow[0] + np.cumsum(np.diff(slow, axis=0, prepend=slow[:1]) * goes[:, None], axis=0)
    out = root.copy()
    out[:, [0, 2]] = ground - slow + led
    return out


def _along(points: np.ndarray, marks: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Points (T, 2) at times (T,) s of a way through ``points`` (n, 2) at ``marks`` (n,) s."""
    place = np.interp(times, marks, np.arange(len(marks)))
    low = np.minimum(place.astype(int), max(len(marks) - 2, 0))
    share = np.clip(place - low, 0.0, 1.0)
    gaps = np.append(np.diff(marks), np.inf)[low]
    share = np.where(gaps > PASSED_S, share**2 * (3.0 - 2.0 * share), share)[:, None]
    return points[low] * (1 - share) + points[np.minimum(low + 1, len(points) - 1)] * share


def stand_in_holds(
    root: np.ndarray, moved: np.ndarray, fps: float, holds: Sequence[Held], marks: Sequence[float]
) -> np.ndarray:
    """``moved`` (T, 3), a root led along a path from ``root`` (T, 3), that stands where poses hold.

    What was moved stays as it is through a hold, and goes on faster for up to ``MAKE_UP_S`` before
    and after; the waypoints at ``marks`` seconds stay where they are.
    """
    clock = np.arange(len(root)) / fps
    source = clock.copy()
    for held in holds:
        start, end = held.time, held.time + held.seconds
        # What the braking took on the way in is no way to stand either.
        edges = [start - MAKE_UP_S, *(m for m in marks if start - MAKE_UP_S < m <= start)]
        late = [end + MAKE_UP_S, *(m for m in marks if end <= m < end + MAKE_UP_S)]
        inside = [m for m in marks if start < m < end]
        stays = inside[0] if inside else (start + end) / 2
        around = (clock > edges[-1]) & (clock < min(late))
        known = [edges[-1], start, end, min(late)]
        source[around] = np.interp(clock[around], known, [known[0], stays, stays, known[3]])
    more = moved - root
    shifted = [np.interp(source, clock, more[:, axis]) for axis in range(more.shape[1])]
    return root + np.stack(shifted, axis=1)
