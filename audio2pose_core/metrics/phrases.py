"""Music in the form of a dance: groove, bars, phrases, sections, beginning and end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..motion import Motion
from ..signals import gaussian_smooth
from .beat_lock import beat_positions
from .motion_beats import SMOOTHING_S, joint_speeds, mean_joint_speed, minima
from .poses import (
    EVERY_JOINT,
    body_poses,
    pairwise_distances,
    pose_distance,
    pose_variety,
    thinned,
)

GROOVE_BEATS = 2.0
GROOVE_BINS = 12
"""Parts of a cycle of two beats; more of them than frames explain noise."""
BEATS_PER_BAR = 4
PHRASE_BARS = 2
BESIDE = (0.05, 0.06, 0.07, 0.08)
"""Lags that are so much off two bars, as shares: what merely changes slowly is as like there."""
PER_BEAT = 12
"""Poses in a beat where lags are taken in beats."""
ACCENT_REACH = 0.25
"""A motion beat within this of a beat, in beats, is an accent on it."""
NOVELTY_S = 4.0
"""What lies this long before and after an instant is compared, seconds."""
NOVELTY_RATE = 5.0
SPEED_WORTH_S = 0.2
"""A difference of 1 m/s between two instants counts as much as one of so many metres."""
SECTION_REACH_S = 1.0
"""A dance may change this long before or after the music does."""
END_S = 0.7
STILL_CM = 0.01
"""A pose variety under this is the noise of the arithmetic."""


def groove(motion: Motion, beat_times: np.ndarray) -> float:
    """Share of the variance of the pelvis' vertical speed that its place in two beats explains.

    The coefficient of determination of the means over 12 bins, adjusted for their
    number, so that chance is 0. NaN for fewer than two beats, for fewer frames than
    twice the bins, or a pelvis that never moves.
    """
    if len(beat_times) < 2 or len(motion) < 2 * GROOVE_BINS:
        return float("nan")
    speed = np.gradient(motion.root[:, 1]) * motion.fps
    place = beat_positions(np.arange(len(speed)) / motion.fps, beat_times) / GROOVE_BEATS
    bins = np.floor((place % 1.0) * GROOVE_BINS).astype(int) % GROOVE_BINS
    total = ((speed - speed.mean()) ** 2).sum()
    if total < 1e-9 * len(speed):
        return float("nan")
    count = np.bincount(bins, minlength=GROOVE_BINS)
    means = np.bincount(bins, speed, GROOVE_BINS) / np.maximum(count, 1)
    left = ((speed - means[bins]) ** 2).sum()
    free = len(speed) - int((count > 0).sum())
    return float(1.0 - (left / max(free, 1)) / (total / (len(speed) - 1)))


def phrase_return(
    motion: Motion,
    beat_times: np.ndarray,
    beats_per_bar: int = BEATS_PER_BAR,
    joints: np.ndarray = EVERY_JOINT,
) -> float:
    """Does the dance come back to its poses after two bars, on the count?

    The mean pose distance at lags 5 to 8 % shorter and longer than two bars less that
    at two bars, over the pose variety. Lags are counted in beats, so that a tempo that
    wanders is followed. 0 for a dance without phrases and for one that only changes
    slowly. NaN where the motion is shorter than the longest lag and a bar.
    """
    if len(beat_times) < 2:
        return float("nan")
    seconds = (len(motion) - 1) / motion.fps
    first, last = beat_positions(np.array([0.0, seconds]), beat_times)
    count = int((last - first) * PER_BEAT) + 1
    lag = PHRASE_BARS * beats_per_bar
    longest = lag * (1 + BESIDE[-1])
    if (count - 1) / PER_BEAT < longest + beats_per_bar:
        return float("nan")
    variety = pose_variety(motion, joints)
    if not variety > STILL_CM:
        return float("nan")
    frames = np.arange(len(motion))
    beats = beat_positions(frames / motion.fps, beat_times)
    grid = first + np.arange(count) / PER_BEAT
    poses = body_poses(motion)

    def at(position: np.ndarray) -> np.ndarray:
        frame = np.interp(position, beats, frames)
        low = np.minimum(frame.astype(int), len(motion) - 2)
        share = (frame - low)[:, None, None]
        return poses[low] * (1 - share) + poses[low + 1] * share

    # The same instants for every lag, so that only the lag makes a difference.
    early = grid[grid <= grid[-1] - longest]
    now = at(early)

    def apart(beats_later: float) -> float:
        return float(pose_distance(now, at(early + beats_later), joints).mean())

    beside = np.mean([apart(lag * (1 + sign * off)) for off in BESIDE for sign in (-1, 1)])
    return (float(beside) - apart(lag)) / variety


def accents(motion: Motion) -> tuple[np.ndarray, np.ndarray]:
    """Times (n,) in seconds of the motion beats and how hard the body stops at each, (n,) m/s.

    The size of a stop is the fall of the smooth mean joint speed from the lower of the
    two peaks beside it to the stop itself.
    """
    speed = gaussian_smooth(mean_joint_speed(motion), SMOOTHING_S * motion.fps)
    times, _ = minima(speed, motion.fps)
    stops = np.round(times * motion.fps).astype(int)
    edges = [0, *stops, len(speed) - 1]
    peaks = [
        min(speed[edges[i] : at + 1].max(), speed[at : edges[i + 2] + 1].max())
        for i, at in enumerate(stops)
    ]
    return times, np.array(peaks) - speed[stops]


def accent_sizes(
    motion: Motion, beat_times: np.ndarray, downbeats: np.ndarray
) -> tuple[float, float]:
    """Mean size of the accents on downbeats and on the other beats, m/s.

    ``downbeats`` (b,) bool belong to ``beat_times`` (b,). A beat without an accent
    within a quarter of a beat counts as one of size 0; beats nearer to an end than half
    a beat do not count. NaN where the motion holds no such beat.
    """
    if len(beat_times) < 2:
        return float("nan"), float("nan")
    # A stop shows only with motion on both sides of it.
    margin = float(np.median(np.diff(beat_times))) / 2
    inside = (beat_times >= margin) & (beat_times <= motion.seconds - margin)
    on, off = inside & downbeats, inside & ~downbeats
    if not on.any() or not off.any():
        return float("nan"), float("nan")
    times, size = accents(motion)
    place = beat_positions(times, beat_times)
    nearest = np.round(place).astype(int)
    hit = (np.abs(place - nearest) <= ACCENT_REACH) & (nearest >= 0) & (nearest < len(beat_times))
    largest = np.zeros(len(beat_times))
    np.maximum.at(largest, nearest[hit], size[hit])
    return float(largest[on].mean()), float(largest[off].mean())


def downbeat_accent(motion: Motion, beat_times: np.ndarray, downbeats: np.ndarray) -> float:
    """Mean size of the accents on downbeats over that of those on other beats.

    See ``accent_sizes``. NaN without accents on the others. Few downbeats make a ratio that
    jumps: over several dances, divide the means.
    """
    down, rest = accent_sizes(motion, beat_times, downbeats)
    return down / rest if rest > 0 else float("nan")


def novelty(motion: Motion) -> np.ndarray:
    """How much the dance changes at each instant, (n,) in cm, five times a second.

    After Foote's novelty ("Automatic audio segmentation using a measure of audio
    novelty", ICME 2000), on distances of poses and speeds: how much farther the 4 s
    before and the 4 s after an instant are from each other than each is from itself.
    NaN nearer than 4 s to the ends.
    """
    poses = thinned(motion, NOVELTY_RATE)
    frames = np.round(np.arange(len(poses)) * motion.fps / NOVELTY_RATE).astype(int)
    speed = joint_speeds(motion)[np.minimum(frames, len(motion) - 1)]
    seen = np.concatenate([poses, SPEED_WORTH_S * speed[..., None]], axis=-1)
    apart = pairwise_distances(seen, seen)
    size = round(NOVELTY_S * NOVELTY_RATE)
    out = np.full(len(poses), np.nan)
    # The diagonal of a part is zero and says nothing of how varied it is.
    within = size / (size - 1)
    for at in range(size, len(poses) - size + 1):
        before, after = slice(at - size, at), slice(at, at + size)
        own = (apart[before, before].mean() + apart[after, after].mean()) / 2 * within
        out[at] = apart[before, after].mean() - own
    return out


def section_novelty(motion: Motion, boundaries: np.ndarray) -> float:
    """Does the dance change where the music's sections do?

    The largest novelty within a second of each boundary (b,) in seconds, mean, less
    the mean of the same figure elsewhere, in standard deviations of the latter: 0 for
    a dance that does not hear the form. NaN where no boundary has 4 s of dance on
    either side, or nothing is left elsewhere.
    """
    curve = novelty(motion)
    reach = round(SECTION_REACH_S * NOVELTY_RATE)
    padded = np.pad(curve, reach, constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    known = np.isfinite(curve)
    largest = np.max(np.where(np.isfinite(around), around, -np.inf), axis=1)
    times = np.arange(len(curve)) / NOVELTY_RATE
    near = np.zeros(len(curve), dtype=bool)
    at = []
    for boundary in np.asarray(boundaries, dtype=np.float64):
        near |= np.abs(times - boundary) <= 2 * SECTION_REACH_S
        nearest = round(float(boundary) * NOVELTY_RATE)
        if 0 <= nearest < len(curve) and known[nearest]:
            at.append(float(largest[nearest]))
    elsewhere = largest[known & ~near]
    if not at or len(elsewhere) < 2 or elsewhere.std() < 1e-9:
        return float("nan")
    return float((np.mean(at) - elsewhere.mean()) / elsewhere.std())


@dataclass(frozen=True)
class Ends:
    """Mean joint speed of the first and of the last 0.7 s over that of the whole dance."""

    opening: float
    ending: float


def ends(motion: Motion) -> Ends:
    """Does the dance begin and end in a pose? 0 is stillness; NaN for a dance without motion."""
    speed = mean_joint_speed(motion)
    whole = float(speed.mean())
    if whole < 1e-9:
        return Ends(float("nan"), float("nan"))
    frames = max(1, round(END_S * motion.fps))
    return Ends(float(speed[:frames].mean()) / whole, float(speed[-frames:].mean()) / whole)
