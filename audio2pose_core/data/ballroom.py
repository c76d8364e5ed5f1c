"""Paired ballroom dances (Tang et al., ACM MM 2018): marker positions with their music.

A dance is a folder with ``motion.npz`` (23 points, 25 fps, centimetres, Y up,
left-handed), ``music.ogg`` and ``alignment.json``. Motion beat k lies at frame
k N / choreo_beats; it is laid on the tracked beat of the music that it belongs
to, which warps the motion in time by some per cent.

The data has no licence: local research only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import rotations as rot
from ..array_file import read_npz
from ..audio.beats import Beats
from ..cleanup.contacts import label_contacts
from ..cleanup.floor import level_feet
from ..errors import DataError, MotionError
from ..json_file import read_object
from ..motion import Motion
from .fitting.limbs import frame, smooth_rotations
from .fitting.skeleton import Points, fit_points, on_our_floor

POINTS = 23
FPS_RANGE = (5.0, 240.0)
FARTHEST_CM = 1e5
MAX_WARP = 1.35
"""The music may run so much faster or slower than the motion; more is a wrong alignment."""
# Markers sit on the body; joints lie in it. Centimetres, for dancers of about 170 cm.
HIP_DROP, HIP_HALF_WIDTH = 11.0, 9.0
ANKLE_DROP = 6.0
NECK_HEIGHT = 5.0
FOREHEAD = np.array([0.0, 20.0, 10.0])
"""From the foot of the neck to the middle of the two markers on the forehead."""
HEAD_TRUST, HEAD_SMOOTH_S = 0.8, 0.08
_X, _Y = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True)
class Paired:
    """A dance whose time 0 is ``music_start_s`` of its music; beats are in the dance's time."""

    motion: Motion
    beats: Beats
    genre: str
    music: Path
    music_start_s: float


def is_ballroom(folder: Path) -> bool:
    """Whether a folder holds such a dance."""
    return (folder / "motion.npz").is_file() and (folder / "alignment.json").is_file()


def read_ballroom(folder: Path, fps: float = 30.0) -> Paired:
    """One dance, on our skeleton and on its music's beats; raises DataError or MotionError."""
    positions, source_fps = _positions(folder / "motion.npz")
    try:
        with np.errstate(all="ignore"):
            motion = fit_points(marker_points(positions, source_fps)).motion
    except MotionError as error:
        raise MotionError(f"{folder}: {error}") from error
    motion = on_our_floor(level_feet(motion, label_contacts(motion)))
    alignment = _alignment(folder / "alignment.json")
    at, beats, start = beat_times(folder, alignment, len(positions), source_fps)
    # Between beats the motion runs evenly; before the first and after the last nothing is kept.
    grid = np.arange(0.0, beats.times[-1], 1.0 / fps)
    warped = motion.sample(np.interp(grid, beats.times, at), fps)
    genre = str(alignment.get("genre", ""))
    return Paired(warped, beats, genre, folder / "music.ogg", start)


def marker_points(positions: np.ndarray, fps: float) -> Points:
    """Joints from markers (T, 23, 3) in centimetres, left-handed, as points in metres.

    The order is that of the data's SOURCE.txt: 0 and 1 left and right forehead,
    2 back, 3-6 left shoulder, elbow, wrist, hand, 7-11 left hip, knee, ankle,
    heel, toe, 12-20 the same on the right, 21 and 22 further points on the hands.
    """
    # Mirrored in x: the hand of the world changes, the names stay true.
    p = positions * np.array([-1.0, 1.0, 1.0])
    chains = {"left": (3, 7), "right": (12, 16)}
    hips = {side: p[:, leg] for side, (_, leg) in chains.items()}
    shoulders = (p[:, 3] + p[:, 12]) / 2
    across = rot.normalize(hips["left"] - hips["right"])
    middle = (hips["left"] + hips["right"]) / 2
    up = rot.normalize(shoulders - middle)
    at: dict[str, np.ndarray] = {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        arm, leg = chains[side]
        shoulder, elbow, wrist, hand = (p[:, arm + i] for i in range(4))
        _, knee, ankle, heel, toe = (p[:, leg + i] for i in range(5))
        hip = middle - HIP_DROP * up + sign * HIP_HALF_WIDTH * across
        joint = ankle + ANKLE_DROP * rot.normalize(ankle - knee)
        sole = rot.normalize(toe - heel)
        shin = rot.normalize(joint - knee)
        down = rot.normalize(shin - np.sum(shin * sole, axis=-1, keepdims=True) * sole)
        named = {"hip": hip, "knee": knee, "ankle": joint, "shoulder": shoulder}
        named |= {"elbow": elbow, "wrist": wrist, "hand": hand}
        # Our ball of the foot: 12.5 cm along the sole and 5 below the ankle.
        named["foot"] = joint + 12.5 * sole + 5.0 * down
        at |= {f"{side}_{name}": place / 100.0 for name, place in named.items()}
    # Two markers on the forehead: seen from the neck they tell how the head is
    # thrown back, and the line between them how it leans.
    forehead = (p[:, 0] + p[:, 1]) / 2 - (shoulders + NECK_HEIGHT * up)
    head = frame(rot.normalize(FOREHEAD), _X, forehead, p[:, 0] - p[:, 1])
    chest = frame(_X, _Y, p[:, 3] - p[:, 12], up)
    head = rot.slerp(chest, head, np.full(len(p), HEAD_TRUST))
    return Points(fps, at, head=smooth_rotations(head, HEAD_SMOOTH_S * fps))


def beat_times(
    folder: Path, alignment: dict[str, Any], frames: int, fps: float
) -> tuple[np.ndarray, Beats, float]:
    """Times (n,) in the motion of its beats, the music's beats from the first on, its place.

    The third value is the first beat's time in the music, which becomes time 0.
    """
    tracked = _numbers(folder, alignment, "tracked_beats_in_music_ogg_s")
    count = _whole(folder, alignment, "choreo_beats", 2, 100_000)
    first = _whole(folder, alignment, "index_of_tracked_beat_nearest_frame0", 0, len(tracked) - 2)
    heard = tracked[first : first + count + 1]
    if (np.diff(heard) <= 0).any():
        raise DataError(f"{folder}: the tracked beats of the music do not rise")
    at = np.arange(len(heard)) * (frames / count) / fps
    warp = (heard[-1] - heard[0]) / (at[-1] - at[0])
    if not 1.0 / MAX_WARP <= warp <= MAX_WARP:
        raise DataError(f"{folder}: motion and music differ in tempo by a factor of {warp:.2f}")
    meter = _whole(folder, alignment, "beats_per_bar", 1, 32)
    shift = alignment.get("suggested_downbeat_shift")
    known = isinstance(shift, int) and not isinstance(shift, bool)
    phase = (np.arange(len(heard)) - (shift if known and shift is not None else 0)) % meter
    tempo = 60.0 / float(np.median(np.diff(heard)))
    # Which beat is the first of a bar is a guess where the music did not tell.
    confidence = 0.9 if known else 0.7
    beats = Beats(heard - heard[0], phase == 0, tempo, meter, confidence, "alignment.json")
    return at, beats, float(heard[0])


def _positions(path: Path) -> tuple[np.ndarray, float]:
    try:
        arrays = read_npz(path, ("positions_cm", "fps"))
        positions = arrays.numbers("positions_cm", 3).astype(np.float64)
        fps = arrays.number("fps", *FPS_RANGE)
    except DataError as error:
        raise DataError(f"{error}; is it a file of marker positions?") from error
    if positions.shape[1:] != (POINTS, 3) or len(positions) < 2:
        raise DataError(f"{path}: positions_cm is (T, {POINTS}, 3), not {positions.shape}")
    if float(np.abs(positions).max()) > FARTHEST_CM:
        raise DataError(f"{path}: a position is more than {FARTHEST_CM:g} cm away")
    return positions, fps


def _alignment(path: Path) -> dict[str, Any]:
    return read_object(path)


def _numbers(folder: Path, record: dict[str, Any], key: str) -> np.ndarray:
    values = record.get(key)
    good = isinstance(values, list) and all(
        isinstance(v, int | float) and not isinstance(v, bool) for v in values
    )
    if not good or len(values) < 4 or not np.isfinite(values).all():  # type: ignore[arg-type]
        raise DataError(f"{folder}/alignment.json: {key!r} is a list of at least 4 numbers")
    return np.array(values, dtype=np.float64)


def _whole(folder: Path, record: dict[str, Any], key: str, low: int, high: int) -> int:
    value = record.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise DataError(f"{folder}/alignment.json: {key!r} is a whole number in {low}..{high}")
    return value
