"""Training tracks: clips as the network sees them, mirrored and played faster or slower.

A window is a run of frames of a track, so every augmentation that changes time
or sides is made once, by the same code that serves generation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import representation as rep
from ...cleanup.contacts import label_contacts
from ...control import CONDITION_GROUPS as CONTROL_GROUPS, ControlChannels, control_channels
from ...metrics.motion_beats import motion_beats
from ...motion import Motion
from ...skeleton import STANDING_PELVIS_HEIGHT
from .clip import Clip, Music

MIN_PROMINENCE = 0.04
MIN_GAP_S = 0.2
_CONTROL_CONDITIONS = {name for names in CONTROL_GROUPS.values() for name in names}


@dataclass(frozen=True)
class Track:
    """Features (T, 152) and conditions (T, C), float32, of one version of a clip."""

    features: np.ndarray
    conditions: np.ndarray
    style: int
    source: str


def training_accents(motion: Motion) -> tuple[np.ndarray, np.ndarray]:
    """The clip's own motion beats as hits: times (n,) s and strengths (n,) in 0..1.

    Ripples under 4% prominence are dropped; of two hits closer than 0.2 s the
    stronger stays.
    """
    times, prominence = motion_beats(motion)
    keep: list[int] = []
    for i in np.flatnonzero(prominence >= MIN_PROMINENCE):
        if keep and times[i] - times[keep[-1]] < MIN_GAP_S:
            if prominence[i] > prominence[keep[-1]]:
                keep[-1] = int(i)
        else:
            keep.append(int(i))
    return times[keep], prominence[keep]


def make_tracks(
    clip: Clip,
    fps: float,
    conditions: tuple[str, ...],
    styles: tuple[str, ...],
    speeds: tuple[float, ...],
    mirror: bool,
) -> list[Track]:
    """All versions of one clip. A speed of 1.1 plays it in 1 / 1.1 of its time."""
    tracks = []
    asks_channels = bool(_CONTROL_CONDITIONS & set(conditions))
    for speed in speeds:
        count = max(2, int(clip.motion.seconds / speed * fps))
        motion = clip.motion.sample(np.arange(count) / fps * speed, fps)
        motion = motion.with_contacts(label_contacts(motion))
        values = rep.accent_conditions(*training_accents(motion), count, fps)
        values |= {"energy": rep.energy(motion), "energy_known": np.ones(count)}
        if clip.music is not None:
            values |= music_values(clip.music, speed, count, fps)
        channels = measured_channels(clip, motion, speed) if asks_channels else None
        style = styles.index(clip.style) if clip.style else -1
        for mirrored in (False, True) if mirror else (False,):
            version = motion.mirrored() if mirrored else motion
            if channels is not None:
                values |= (channels.mirrored() if mirrored else channels).conditions()
            stacked = rep.stack_conditions(conditions, values, count).astype(np.float32)
            features = rep.encode(version)[0].astype(np.float32)
            tracks.append(Track(features, stacked, style, clip.source))
    return tracks


def measured_channels(clip: Clip, motion: Motion, speed: float) -> ControlChannels:
    """Control channels of a clip's ``motion`` as it is played at ``speed``.

    Level is over the rest pose's standing height, the same for all clips, so that a style
    that crouches has a level of its own.
    """
    counts = clip.counts()
    return control_channels(
        motion,
        None if counts is None else counts.played(0.0, speed),
        standing=STANDING_PELVIS_HEIGHT,
        source=clip.source,
    )


def music_values(music: Music, speed: float, frames: int, fps: float) -> dict[str, np.ndarray]:
    """Conditions of the music, each (frames,), played at ``speed`` with the dance."""
    at = music.start + np.arange(frames) / fps * speed
    beats = music.beats
    return rep.music_conditions(beats.times + music.start, beats.downbeats, music.features, at)
