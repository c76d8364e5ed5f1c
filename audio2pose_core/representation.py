"""What the network sees: a motion as numbers per frame, and the conditions beside it.

A motion of T frames becomes (T, 152): the height of the pelvis, its velocity
over the ground in the frame of the body's heading, the rate of the heading,
24 rotations in 6D (the pelvis without its heading) and four foot contacts.
Neither the place nor the direction in the world is in it, so a dance can go on
anywhere. ``encode`` and ``decode`` are exact inverses of each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import control, rotations as rot
from .audio.features import AudioFeatures
from .errors import OptionError
from .metrics.facing import heading
from .metrics.motion_beats import mean_joint_speed
from .motion import Motion
from .signals import gaussian_smooth
from .skeleton import MIRROR, NUM_JOINTS
from .source_faults import believed, faults_of

HEIGHT = slice(0, 1)
VELOCITY = slice(1, 3)
TURN = slice(3, 4)
POSE = slice(4, 4 + 6 * NUM_JOINTS)
CONTACTS = slice(POSE.stop, POSE.stop + 4)
WIDTH = CONTACTS.stop

GROUPS = 3 + NUM_JOINTS + 1
"""Parts that a mask can fix one by one: height, velocity, turn, each joint, contacts."""
GROUP_OF_FEATURE: np.ndarray = np.concatenate(
    [[0], [1, 1], [2], np.repeat(np.arange(3, 3 + NUM_JOINTS), 6), [3 + NUM_JOINTS] * 4]
)

LEAST_BELIEF, PATH_BELIEF = 0.05, 0.3
ENERGY_SMOOTHING_S = 0.75
_ENERGY_UNIT = 0.5
"""Mean joint speed, m/s, at which the energy condition is zero."""


@dataclass(frozen=True)
class Place:
    """Where a stretch of motion begins in the world: metres and radians about +Y."""

    x: float = 0.0
    z: float = 0.0
    heading: float = 0.0


def encode(motion: Motion) -> tuple[np.ndarray, Place]:
    """Features (T, 152) float64 and the place of the first frame.

    Contacts are taken from the motion; a motion without them counts as never
    planted, so label it first.
    """
    theta = heading(motion)
    back = rot.from_yaw(-theta)
    out = np.zeros((len(motion), WIDTH))
    out[:, HEIGHT] = motion.root[:, 1:2]
    if len(motion) > 1:
        step = np.diff(motion.root, axis=0, append=motion.root[-1:]) * motion.fps
        step[-1] = step[-2]
        out[:, VELOCITY] = rot.rotate(back, step)[:, [0, 2]]
        turn = np.diff(theta, append=theta[-1]) * motion.fps
        turn[-1] = turn[-2]
        out[:, TURN] = turn[:, None]
    local = motion.rotations.copy()
    local[:, 0] = rot.multiply(back, local[:, 0])
    out[:, POSE] = rot.to_6d(local).reshape(len(motion), -1)
    if motion.contacts is not None:
        out[:, CONTACTS] = motion.contacts
    return out, Place(float(motion.root[0, 0]), float(motion.root[0, 2]), float(theta[0]))


def believed_features(source: str) -> np.ndarray:
    """How much to believe each feature of motion from a source, (152,) in 0..1.

    What ``source_faults`` lists keeps ``LEAST_BELIEF``, so that a joint that hardly any source
    shows still has something to hold to; the way over the floor, where it was rebuilt,
    ``PATH_BELIEF``.
    """
    faults = faults_of(source)
    groups = np.ones(GROUPS)
    groups[3 : 3 + NUM_JOINTS][~believed(faults.rotations)] = LEAST_BELIEF
    out = groups[GROUP_OF_FEATURE]
    if not faults.path:
        out[VELOCITY] = PATH_BELIEF
    return out


def mirror(features: np.ndarray) -> np.ndarray:
    """Features (T, 152) of the mirror image: left and right change places."""
    out = features.copy()
    out[:, VELOCITY.start] *= -1
    out[:, TURN] *= -1
    quats = rot.normalize(rot.from_6d(features[:, POSE].reshape(len(features), NUM_JOINTS, 6)))
    quats = quats[:, list(MIRROR)] * np.array([1.0, 1.0, -1.0, -1.0])
    out[:, POSE] = rot.to_6d(quats).reshape(len(features), -1)
    out[:, CONTACTS] = features[:, CONTACTS][:, [2, 3, 0, 1]]
    return out


def decode(features: np.ndarray, fps: float, place: Place = Place()) -> Motion:
    """The motion (T frames) of features (T, 152) that begins at ``place``."""
    theta = np.empty(len(features))
    theta[0] = place.heading
    theta[1:] = place.heading + np.cumsum(features[:-1, TURN][:, 0]) / fps
    ahead = rot.from_yaw(theta)
    velocity = np.zeros((len(features), 3))
    velocity[:, [0, 2]] = features[:, VELOCITY]
    step = rot.rotate(ahead, velocity) / fps
    root = np.zeros((len(features), 3))
    root[1:] = np.cumsum(step[:-1], axis=0)
    root += (place.x, 0.0, place.z)
    root[:, 1] = features[:, 0]
    quats = rot.from_6d(features[:, POSE].reshape(len(features), NUM_JOINTS, 6))
    quats[:, 0] = rot.multiply(ahead, quats[:, 0])
    contacts = np.clip(features[:, CONTACTS], 0.0, 1.0)
    return Motion(fps, root, rot.continuous(quats), contacts)


def energy(motion: Motion) -> np.ndarray:
    """How lively the dance is around each frame, (T,): log of the smoothed mean joint speed."""
    speed = gaussian_smooth(mean_joint_speed(motion), ENERGY_SMOOTHING_S * motion.fps)
    return np.log(np.maximum(speed, 0.02) / _ENERGY_UNIT)


MEL_BANDS = 8
HIT_CONDITIONS = ("hit_sin", "hit_cos", "hit_rate", "hit_strength", "hit_known")
ENERGY_CONDITIONS = ("energy", "energy_known")
CONDITION_GROUPS: dict[str, tuple[str, ...]] = {
    "hits": HIT_CONDITIONS,
    "energy": ENERGY_CONDITIONS,
    # These need the music: where a bar stands, and what is heard.
    "bar": ("bar_sin", "bar_cos", "bar_known"),
    "sound": ("onset", "loudness", "sound_known"),
    "mel": (*(f"mel_{i}" for i in range(MEL_BANDS)), "mel_known"),
    "chroma": (*(f"chroma_{i}" for i in range(12)), "chroma_known"),
    # What a plan may ask for, group by group.
    **control.CONDITION_GROUPS,
}
MUSIC_GROUPS = ("bar", "sound", "mel", "chroma")
SUPPORTED_CONDITIONS = tuple(name for group in CONDITION_GROUPS.values() for name in group)


def condition_names(groups: Sequence[str]) -> tuple[str, ...]:
    """Columns of groups of conditions, in the order given; OptionError for an unknown one."""
    for group in groups:
        if group not in CONDITION_GROUPS:
            raise OptionError(f"no conditions {group!r}; known are {', '.join(CONDITION_GROUPS)}")
    if not groups or len(set(groups)) < len(groups):
        raise OptionError("name each group of conditions once, and at least one")
    return tuple(name for group in groups for name in CONDITION_GROUPS[group])


def accent_conditions(
    accents: np.ndarray, strength: np.ndarray, frames: int, fps: float
) -> dict[str, np.ndarray]:
    """Per-frame position between the accents, each (T,).

    ``accents`` (n,) are seconds in rising order, ``strength`` (n,) in 0..1. Frames
    before the first and after the last accent are marked unknown and hold zeros.
    """
    names = dict.fromkeys(HIT_CONDITIONS)
    if len(accents) < 2:
        return {name: np.zeros(frames) for name in names}
    times = np.arange(frames) / fps
    known = ((times >= accents[0]) & (times <= accents[-1])).astype(np.float64)
    phase = 2 * np.pi * np.interp(times, accents, np.arange(len(accents)))
    interval = np.diff(accents)
    at = np.clip(np.searchsorted(accents, times, side="right") - 1, 0, len(interval) - 1)
    values = {
        "hit_sin": np.sin(phase),
        "hit_cos": np.cos(phase),
        # One octave is one unit, two accents a second is zero.
        "hit_rate": np.log2(np.clip(1.0 / interval[at], 0.25, 8.0) / 2.0),
        "hit_strength": np.interp(times, accents, strength),
    }
    return {name: value * known for name, value in values.items()} | {"hit_known": known}


def music_conditions(
    beats: np.ndarray, downbeats: np.ndarray, features: AudioFeatures, at: np.ndarray
) -> dict[str, np.ndarray]:
    """All of MUSIC_GROUPS at ``at`` (T,) seconds of a song, each (T,).

    ``beats`` (n,) are its beats in seconds, ``downbeats`` (n,) bool.
    """
    return bar_conditions(beats[downbeats], at) | sound_conditions(features, at)


def bar_conditions(bars: np.ndarray, at: np.ndarray) -> dict[str, np.ndarray]:
    """Position in the bar at ``at`` (T,) s, each (T,); ``bars`` (n,) are the downbeats in seconds.

    Before the first and after the last of them it is unknown and zero.
    """
    if len(bars) < 2:
        return {name: np.zeros(len(at)) for name in CONDITION_GROUPS["bar"]}
    known = ((at >= bars[0]) & (at <= bars[-1])).astype(np.float64)
    phase = 2 * np.pi * np.interp(at, bars, np.arange(len(bars)))
    return {"bar_sin": np.sin(phase) * known, "bar_cos": np.cos(phase) * known, "bar_known": known}


def sound_conditions(features: AudioFeatures, times: np.ndarray) -> dict[str, np.ndarray]:
    """What is heard at ``times`` (T,) seconds of the song, each (T,); zeros outside of it.

    Onset strength and loudness, the 64 mel bands in 8 groups, and 12 chroma.
    """
    place = times * features.fps
    last = len(features) - 1
    known = ((place > -0.5) & (place < last + 0.5)).astype(np.float64)
    place = np.clip(place, 0.0, last)
    low = np.floor(place).astype(int)
    weight = (place - low)[:, None]

    def at(rows: np.ndarray) -> np.ndarray:
        return (rows[low] * (1 - weight) + rows[np.minimum(low + 1, last)] * weight) * known[
            :, None
        ]

    mel = features.mel.reshape(len(features), MEL_BANDS, -1).mean(axis=2)
    columns = np.stack([features.onset, features.loudness], axis=1)
    values = np.concatenate([at(columns), at(mel), at(features.chroma)], axis=1)
    names = [n for g in MUSIC_GROUPS[1:] for n in CONDITION_GROUPS[g] if not n.endswith("_known")]
    found = {name: values[:, i] for i, name in enumerate(names)}
    return found | {f"{group}_known": known for group in MUSIC_GROUPS[1:]}


def stack_conditions(
    names: Sequence[str], values: dict[str, np.ndarray], frames: int
) -> np.ndarray:
    """Conditions (T, len(names)) float64 in the model's order; those not given are zero."""
    out = np.zeros((frames, len(names)))
    for i, name in enumerate(names):
        if name in values:
            out[:, i] = values[name]
    return out
