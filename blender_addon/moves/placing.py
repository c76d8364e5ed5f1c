"""A move laid into a dance: on its beats, turned and moved to where it meets it. No bpy."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core import errors, motion as core_motion, rotations as rot, skeleton, timing
from ..edit.region import COLUMNS

MOST_STRETCH = 2.0
"""A move is played at up to so many times its tempo, and down to its inverse."""
GROUND: np.ndarray = np.array([1.0, 0.0, 1.0])


@dataclass(frozen=True)
class Placed:
    """A dance with a move in it, and what of it stays.

    Attributes
    ----------
    motion : the dance so far with the move's poses in it.
    mask : (T, 25) bool, True where the dance must equal it.
    start, stop : seconds of the dance between which it is danced anew or by the move.
    """

    motion: core_motion.Motion
    mask: np.ndarray
    start: float
    stop: float


def move_times(
    beats: Sequence[float], length: float, first: int, song: np.ndarray, on_beats: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Matching instants (k,) of the song and of a move that begins on the song's beat ``first``.

    ``beats`` are the move's own, seconds from its start, ``length`` its length, ``song`` (n,)
    the song's. Beat meets beat, or with ``on_beats`` off the move keeps its own tempo.
    OptionError where the song ends first, or the tempi are too far apart.
    """
    start = float(song[first])
    if not on_beats or len(beats) < 2:
        return np.array([start, start + length]), np.array([0.0, length])
    own = np.append(np.asarray(beats, dtype=np.float64) - beats[0], 0.0)
    own[-1] = own[-2] + float(np.median(np.diff(own[:-1])))
    count = len(own)
    there = song[first : first + count]
    if len(there) == count - 1 and len(song) > 1:
        there = np.append(there, there[-1] + float(np.median(np.diff(song))))
    if len(there) < count:
        raise errors.OptionError(
            f"the move has {count - 1} beats and the dance only {len(there)} more; use it earlier"
        )
    speed = np.diff(own) / np.diff(there)
    if speed.max() > MOST_STRETCH or speed.min() < 1.0 / MOST_STRETCH:
        raise errors.OptionError(
            "the move's tempo is too far from the song's to follow its beats; "
            "switch Follow the Beats off"
        )
    return there, own + float(beats[0])


def place(
    dance: core_motion.Motion,
    move: core_motion.Motion,
    columns: Sequence[int],
    times: np.ndarray,
    own: np.ndarray,
    way_s: float,
    mirrored: bool,
) -> Placed:
    """A move in a dance, of which ``way_s`` seconds before and after are danced anew.

    ``times`` and ``own`` (k,) are matching instants of the dance and of the move. A move of
    the whole body is turned and moved over the floor so that it begins and ends, in the mean,
    where the dance is then.
    """
    if mirrored:
        move, columns = move.mirrored(), mirrored_columns(columns)
    fps, frames = dance.fps, len(dance)
    seconds = np.arange(frames) / fps
    inside = (seconds >= times[0] - 1e-6) & (seconds < times[-1] - 1e-6)
    if not inside.any() or times[-1] > dance.seconds + 1.0 / fps:
        raise errors.OptionError("the dance ends before the move does; use it earlier")
    shown = timing.sample_smooth(move, np.interp(seconds[inside], times, own))
    at = np.flatnonzero(inside)
    whole = len(columns) == COLUMNS
    if whole:
        shown = _met(shown, dance.slice(int(at[0]), int(at[-1]) + 1))
    start, stop = max(0.0, times[0] - way_s), min(dance.seconds, times[-1] + way_s)
    free = (seconds > start) & (seconds < stop)
    root, quats = dance.root.copy(), dance.rotations.copy()
    mask = np.ones((frames, COLUMNS), dtype=bool)
    mask[np.ix_(free, list(columns))] = False
    for column in columns:
        mask[at, column] = True
        if column == 0:
            root[at] = shown.root
        else:
            quats[at, column - 1] = shown.rotations[:, column - 1]
    contacts = dance.contacts
    if whole and contacts is not None and shown.contacts is not None:
        contacts = contacts.copy()
        contacts[at] = shown.contacts
    hands = dance.hands
    if whole and (hands is not None or shown.hands is not None):
        hands = np.zeros((frames, 2, 4)) if hands is None else hands.copy()
        hands[at] = 0.0 if shown.hands is None else shown.hands
    return Placed(core_motion.Motion(fps, root, quats, contacts, hands), mask, start, stop)


def mirrored_columns(columns: Sequence[int]) -> list[int]:
    """Columns of a mask with left and right exchanged."""
    return sorted(0 if c == 0 else 1 + skeleton.MIRROR[c - 1] for c in columns)


def _met(move: core_motion.Motion, dance: core_motion.Motion) -> core_motion.Motion:
    """The move turned and moved so that its ends are, in the mean, where the dance's are."""
    turn = np.angle(
        np.mean([np.exp(1j * _turn(move.rotations[k, 0], dance.rotations[k, 0])) for k in (0, -1)])
    )
    turned = move.turned(float(turn))
    off = np.mean([dance.root[k] - turned.root[k] for k in (0, -1)], axis=0)
    return dataclasses.replace(turned, root=turned.root + off * GROUND)


def _turn(a: np.ndarray, b: np.ndarray) -> float:
    """Turn about the vertical, radians, that brings rotation a (4,) nearest to b (4,)."""
    q = rot.multiply(b, rot.conjugate(a))
    return float(2.0 * np.arctan2(q[2], q[0]))
