"""A crew: several dancers from one dance, mirrored, in canon, each with room of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .. import rotations as rot, skeleton
from ..audio.beat_file import Beats
from ..errors import OptionError
from ..motion import Motion

FORMATIONS = ("v", "line")
MOST = 24
"""More dancers than this are refused: their bodies would no longer be told apart."""

CLEARANCE = 0.28
"""Least distance of two dancers' joints in metres: an arm's breadth stays between them."""

_ROW = 0.6  # depth of a row of the V, in spacings
_WIDER = 1.07  # by this the spacing grows until nobody touches anybody
_WIDEST = 12.0  # metres: dances that run so far apart have no formation
_IDLE_SEARCH_S = 2.0  # the waiting pose is one of the first two seconds
_EASE_S = 0.3  # out of the waiting pose, and half the way into it
_NOD, _BREATH = np.deg2rad(7.0), np.deg2rad(1.6)
_BREATH_S = 4.0


def make_crew(
    motion: Motion,
    beats: Beats,
    count: int,
    *,
    canon_beats: float = 0.0,
    mirror: bool = True,
    spacing: float = 1.4,
    formation: str = "v",
) -> list[Motion]:
    """``count`` dancers who dance one dance together.

    Parameters
    ----------
    motion : the dance of the first, whose second 0 is the song's.
    beats : of the song, for the canon.
    canon_beats : each dancer is so many beats behind the one before. Those who
        have not begun wait in a standing pose of the dance and nod to the beat.
    mirror : those on the right dance the mirror image.
    spacing : metres between neighbours; wider where they would touch each other.
    formation : "v", the first in front, or "line".

    Returns
    -------
    Motions of the same length and frame rate, the first dancer's first; all
    face the way the first does. Raises OptionError.
    """
    _check(count, spacing, formation)
    if not (np.isfinite(canon_beats) and canon_beats >= 0):
        raise OptionError(f"a canon of {canon_beats} beats cannot be danced; use 0 or more")
    heading = main_heading(motion)
    # The mirror image of a dance that faces the front faces the front as well.
    faced = _to_origin(motion).turned(-heading)
    dances = []
    for i in range(count):
        other = faced.mirrored() if mirror and _place(i, count, formation)[0] < 0 else faced
        dances.append(_later(other, beats, i * canon_beats))
    placed = place_crew(dances, spacing=spacing, formation=formation)
    back = motion.root[0] * np.array([1.0, 0.0, 1.0])
    return [dance.turned(heading, back) for dance in placed]


def place_crew(
    dances: Sequence[Motion], *, spacing: float = 1.4, formation: str = "v"
) -> list[Motion]:
    """The dances of a crew, moved to their places; all are taken to begin at the origin.

    Raises OptionError where no formation keeps them apart.
    """
    _check(len(dances), spacing, formation)
    places = np.array([_place(i, len(dances), formation) for i in range(len(dances))])
    bodies = [_outline(dance) for dance in dances]
    while True:
        offsets = places * spacing
        if least_distance(bodies, offsets) >= CLEARANCE:
            break
        spacing *= _WIDER
        if spacing > _WIDEST:
            raise OptionError(
                "these dances cross each other's way however wide the crew stands; take fewer "
                "dancers, other seeds, or no canon"
            )
    shifts = np.stack([offsets[:, 0], np.zeros(len(dances)), offsets[:, 1]], axis=1)
    return [d.turned(0.0, shift) for d, shift in zip(dances, shifts, strict=True)]


def own_dances(
    dances: Sequence[Motion], *, spacing: float = 1.4, formation: str = "v"
) -> list[Motion]:
    """Dances of their own, e.g. of other styles and seeds, as one crew that faces the front."""
    faced = [_to_origin(dance).turned(-main_heading(dance)) for dance in dances]
    heading = main_heading(dances[0])
    back = dances[0].root[0] * np.array([1.0, 0.0, 1.0])
    placed = place_crew(faced, spacing=spacing, formation=formation)
    return [dance.turned(heading, back) for dance in placed]


def main_heading(motion: Motion) -> float:
    """The way that a dancer faces most, radians about +Y from +Z towards +X."""
    yaw = rot.yaw(motion.rotations[:, 0])
    mean = np.exp(1j * yaw).mean()
    # One that turns all the time faces nowhere most: take the first.
    return float(np.angle(mean) if abs(mean) > 0.2 else yaw[0])


def least_distance(bodies: Sequence[np.ndarray], offsets: np.ndarray) -> float:
    """Least distance of any two dancers in any frame, metres.

    bodies : outlines (T, P, 3) as of ``body_points``; offsets : (dancers, 2) metres, x and z.
    """
    least = np.inf
    for a in range(len(bodies)):
        for b in range(a + 1, len(bodies)):
            shift = np.array([offsets[b][0] - offsets[a][0], 0.0, offsets[b][1] - offsets[a][1]])
            least = min(least, _pair_distance(bodies[a], bodies[b] + shift))
    return float(least)


def _check(count: int, spacing: float, formation: str) -> None:
    if not 1 <= count <= MOST:
        raise OptionError(f"a crew has 1 to {MOST} dancers, not {count}")
    if not (np.isfinite(spacing) and spacing > 0):
        raise OptionError(f"a spacing of {spacing} m makes no formation")
    if formation not in FORMATIONS:
        raise OptionError(f"no formation {formation!r}; choose {', '.join(FORMATIONS)}")


def _place(number: int, count: int, formation: str) -> tuple[float, float]:
    """Where dancer ``number`` stands, in spacings to the left and to the front.

    The first is in the middle (or beside it where the count is even), the
    others alternate, left (+) first.
    """
    odd = count % 2
    rank = (number + odd) // 2 if odd else number // 2
    side = 1.0 if (number % 2 == odd) else -1.0
    across = side * (rank if odd else rank + 0.5)
    return across + 0.0, (-_ROW * rank if formation == "v" else 0.0)


def _to_origin(motion: Motion) -> Motion:
    return motion.turned(0.0, -motion.root[0] * np.array([1.0, 0.0, 1.0]))


def _outline(motion: Motion) -> np.ndarray:
    """Joints, tips and the middles of the bones, (T, P, 3) metres."""
    joints = motion.joint_positions()
    middles = (joints[:, 1:] + joints[:, np.array(skeleton.PARENTS[1:])]) / 2
    return np.concatenate([motion.body_points(), middles], axis=1)


def _pair_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Least distance of the points of a and b (T, P, 3) over all frames.

    Only frames in which the circles around both could bring them nearer than
    some other frame are looked into.
    """
    flat = [0, 2]
    gap = np.linalg.norm(a[:, 0, flat] - b[:, 0, flat], axis=1)
    for body in (a, b):
        gap -= np.linalg.norm(body[..., flat] - body[:, :1, flat], axis=2).max(axis=1)
    least = np.inf
    for frame in np.argsort(gap):
        if gap[frame] >= min(least, 2 * CLEARANCE):
            break
        apart = np.linalg.norm(a[frame][:, None] - b[frame][None], axis=2).min()
        least = min(least, float(apart))
    return (
        min(least, max(float(gap.min()), 2 * CLEARANCE)) if np.isfinite(least) else float(gap.min())
    )


def _later(motion: Motion, beats: Beats, by: float) -> Motion:
    """The motion ``by`` beats later, in step with the beats where the tempo changes."""
    if by == 0:
        return motion
    now = np.arange(len(motion)) / motion.fps
    count = np.arange(len(beats.times), dtype=float)
    period = 60.0 / beats.tempo_bpm
    # Beyond the first and last beat time goes on at the song's tempo.
    place = np.interp(now, beats.times, count)
    place += np.minimum(now - beats.times[0], 0) / period
    place += np.maximum(now - beats.times[-1], 0) / period
    back = place - by
    times = np.interp(back, count, beats.times)
    times += np.minimum(back, 0) * period + np.maximum(back - count[-1], 0) * period

    start = _waiting_time(motion)
    # Out of the waiting pose by a parabola: no jerk, and on time after _EASE_S.
    x = times - start
    eased = np.where(
        x >= _EASE_S, x, np.where(x <= -_EASE_S, 0.0, (x + _EASE_S) ** 2 / (4 * _EASE_S))
    )
    danced = motion.sample(start + eased, motion.fps)
    return _waiting(danced, place, np.clip(-x / _EASE_S - 1.0, 0.0, None))


def _waiting_time(motion: Motion) -> float:
    """When, within the first seconds, the dancer stands most: both feet down, and slow; s."""
    stop = max(1, min(len(motion), round(_IDLE_SEARCH_S * motion.fps)))
    joints = motion.slice(0, max(stop, 2) if len(motion) > 1 else 1).joint_positions()[:stop]
    feet = joints[:, list(skeleton.CONTACT_JOINTS)]
    high = (feet[..., 1] - skeleton.CONTACT_REST_HEIGHTS).clip(0.0).sum(axis=1)
    speed = np.zeros(stop)
    if stop > 1:
        speed = np.linalg.norm(np.gradient(feet, axis=0), axis=-1).sum(axis=1) * motion.fps
    # 10 cm of lifted feet count as much as 40 cm/s.
    return float(np.argmin(high + 0.25 * speed) / motion.fps)


def _waiting(motion: Motion, place: np.ndarray, wait: np.ndarray) -> Motion:
    """Nod on the beat and breathe while ``wait`` (T,) > 0; hips, legs and feet stay.

    place : (T,) position in beats.
    """
    size = np.clip(wait, 0.0, 1.0)
    size = size * size * (3 - 2 * size)
    if not size.any():
        return motion
    nod = size * _NOD * (0.5 + 0.5 * np.cos(2 * np.pi * place))
    breath = size * _BREATH * np.sin(2 * np.pi * np.arange(len(motion)) / (_BREATH_S * motion.fps))
    quats = motion.rotations.copy()
    pitch = np.array([1.0, 0.0, 0.0])
    for joint, angle in (("neck", 0.4 * nod), ("head", 0.6 * nod), ("spine3", breath)):
        j = skeleton.INDEX[joint]
        quats[:, j] = rot.multiply(quats[:, j], rot.from_axis_angle(angle[:, None] * pitch))
    return Motion(motion.fps, motion.root, quats, motion.contacts)
