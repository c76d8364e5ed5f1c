"""Who of a crew dances when: in canon, or in call and answer by phrases."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ... import rotations as rot, skeleton
from ...audio.beat_file import Beats
from ...motion import Motion
from ...signals import gaussian_smooth
from ..stage import PATH_SMOOTHING_S

PHRASE_BEATS = 8
"""A call, and an answer, is so many beats long: eight counts."""

_IDLE_SEARCH_S = 2.0  # the waiting pose is one of the first two seconds
_EASE_S = 0.3  # out of the waiting pose, and half the way into it
_NOD, _BREATH = np.deg2rad(7.0), np.deg2rad(1.6)
_BREATH_S = 4.0


@dataclass(frozen=True)
class BeatClock:
    """Seconds as positions in beats and back; beyond both ends time goes on at the tempo."""

    beats: Beats

    def position(self, seconds: np.ndarray) -> np.ndarray:
        """Beats (T,), 0 at the first."""
        times = self.beats.times
        period = 60.0 / self.beats.tempo_bpm
        out = np.interp(seconds, times, np.arange(len(times), dtype=float))
        out += np.minimum(seconds - times[0], 0) / period
        return np.asarray(out + np.maximum(seconds - times[-1], 0) / period)

    def seconds(self, position: np.ndarray) -> np.ndarray:
        """Seconds (T,) of positions in beats."""
        count = np.arange(len(self.beats.times), dtype=float)
        period = 60.0 / self.beats.tempo_bpm
        out = np.interp(position, count, self.beats.times)
        out += np.minimum(position, 0) * period
        return np.asarray(out + np.maximum(position - count[-1], 0) * period)


def in_canon(motion: Motion, beats: Beats, by: float) -> Motion:
    """The motion ``by`` beats later, in step with the beats where the tempo changes.

    Before its first beat it waits in a standing pose of its own, nods and breathes.
    """
    if by == 0:
        return motion
    clock = BeatClock(beats)
    place = clock.position(np.arange(len(motion)) / motion.fps)
    times = clock.seconds(place - by)
    start = waiting_time(motion)
    # Out of the waiting pose by a parabola: no jerk, and on time after _EASE_S.
    x = times - start
    eased = np.where(
        x >= _EASE_S, x, np.where(x <= -_EASE_S, 0.0, (x + _EASE_S) ** 2 / (4 * _EASE_S))
    )
    danced = motion.sample(start + eased, motion.fps)
    return _nodding(danced, place, np.clip(-x / _EASE_S - 1.0, 0.0, None))


def call_and_answer(motion: Motion, beats: Beats, answers: bool) -> Motion:
    """Every other phrase of eight beats is danced, the others are waited for.

    Who calls dances the first, third ... phrase as it is; who answers dances it one phrase
    later. Phrases count from the first downbeat.
    """
    clock = BeatClock(beats)
    now = np.arange(len(motion)) / motion.fps
    place = clock.position(now)
    downbeats = np.flatnonzero(beats.downbeats)
    count = (place - (downbeats[0] if len(downbeats) else 0)) / PHRASE_BEATS
    later = float(PHRASE_BEATS) if answers else 0.0
    danced = motion.sample(np.maximum(clock.seconds(place - later), 0.0), motion.fps)
    # How far inside a phrase that is not one's own, in beats: 0 on its edges.
    phrase = np.floor(count) + (1 if answers else 0)
    share = count - np.floor(count)
    inside = np.where(phrase % 2 == 0, 0.0, PHRASE_BEATS * np.minimum(share, 1.0 - share))
    first = (count < 0) & answers
    inside[first] = PHRASE_BEATS / 2
    wait = np.clip(inside, 0.0, 1.0)
    return _nodding(_stood_still(motion, danced, wait), place, np.clip(inside - 1.0, 0.0, None))


def waiting_time(motion: Motion) -> float:
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


def _stood_still(motion: Motion, danced: Motion, wait: np.ndarray) -> Motion:
    """``danced`` with the waiting pose of ``motion`` where ``wait`` (T,) is 1, eased into it.

    The feet step into the pose one after the other: contacts say so, the foot lock does it.
    """
    weight = wait * wait * (3.0 - 2.0 * wait)
    pose = motion.sample(np.full(len(danced), waiting_time(motion)), danced.fps)
    quats = rot.slerp(danced.rotations, pose.rotations, weight[:, None])
    # It waits where the dance is on the whole, not where a sway had just led.
    slow = gaussian_smooth(danced.root[:, [0, 2]], PATH_SMOOTHING_S * danced.fps)
    feet = pose.joint_positions()[:, list(skeleton.CONTACT_JOINTS)].mean(axis=1)
    home = slow - (feet - pose.root)[:, [0, 2]]
    root = danced.root + weight[:, None] * (pose.root - danced.root)
    root[:, [0, 2]] = danced.root[:, [0, 2]] + weight[:, None] * (home - danced.root[:, [0, 2]])
    contacts = np.ones((len(danced), 4)) if danced.contacts is None else danced.contacts.copy()
    contacts[wait >= 1.0] = 1.0
    first, second = (wait > 0.0) & (wait < 0.5), (wait >= 0.5) & (wait < 1.0)
    for steps, stands, left in ((first, second, True), (second, first, False)):
        columns = slice(0, 2) if left else slice(2, 4)
        contacts[steps, columns], contacts[stands, columns] = 0.0, 1.0
    return replace(danced, root=root, rotations=quats, contacts=contacts)


def _nodding(motion: Motion, place: np.ndarray, wait: np.ndarray) -> Motion:
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
    return replace(motion, rotations=quats)
