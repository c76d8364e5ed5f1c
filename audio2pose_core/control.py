"""Control channels: what can be asked of a dance, measured on any dance.

A plan says how lively the legs and the arms are, how low the body goes, where it faces
and stands, how often it steps, and where in the beat, the bar and the phrase it is. The
same numbers are measured here on every training clip, frame by frame, so that a network
learns to be asked by them; none but the counts needs music.

``ControlChannels`` holds them in plain units, each with a mask of where it is known;
``conditions`` turns them into what a network is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from .errors import MotionError
from .metrics.facing import heading, mean_heading
from .metrics.footwork import airborne, lift_rate, weight
from .metrics.limbs import arm_speeds, arms_held, leg_speeds
from .motion import Motion
from .signals import gaussian_smooth
from .source_faults import faults_of

LIVELY_S = 0.4
"""Gaussian over the speeds of legs and arms, seconds: about one second of dance counts."""
SLOW_S = 0.5
"""Gaussian over level, heading and place: a plan draws the slow line, the network the steps."""
QUICK_S = 0.1
"""Gaussian over weight and flight, which change with each step."""
HELD_S = 0.25
FAR_OVER = 1.5
"""Weight beyond the feet counts up to here, see ``metrics.footwork.weight``."""
STANDING_PERCENTILE = 75.0
UNIT_SPEED, LEAST_SPEED = 0.5, 0.02
"""m/s: the speed whose condition is 0, and the least that is told from standing."""


@dataclass(frozen=True)
class Channel:
    """One number a frame: its unit, and how a network is given it.

    The condition is (value - ``centre``) / ``scale``, or with ``logarithmic`` the natural
    logarithm of value / ``centre``. ``mirrors`` is -1 where left and right exchange its sign.
    """

    name: str
    unit: str
    group: str
    centre: float = 0.0
    scale: float = 1.0
    logarithmic: bool = False
    mirrors: int = 1


CHANNELS = (
    Channel("leg_speed", "m/s", "legs", UNIT_SPEED, logarithmic=True),
    Channel("arm_speed", "m/s", "arms", UNIT_SPEED, logarithmic=True),
    Channel("level", "m over standing", "level", scale=0.15),
    Channel("air", "0..1", "air"),
    Channel("heading_sin", "sin", "heading", mirrors=-1),
    Channel("heading_cos", "cos", "heading"),
    Channel("place_x", "m to the left of the middle", "place", mirrors=-1),
    Channel("place_z", "m to the front of the middle", "place"),
    Channel("travel_x", "m/s to the left", "place", scale=0.5, mirrors=-1),
    Channel("travel_z", "m/s to the front", "place", scale=0.5),
    Channel("step_rate", "lifts/s", "steps", 1.0, 1.0),
    Channel("weight", "-1 left foot .. 1 right foot", "weight", mirrors=-1),
    Channel("held", "share of stillness of the wrists", "held"),
    Channel("beat_sin", "sin", "counts"),
    Channel("beat_cos", "cos", "counts"),
    Channel("measure_sin", "sin of the place in the bar", "counts"),
    Channel("measure_cos", "cos of the place in the bar", "counts"),
    Channel("phrase_sin", "sin of the place in two bars", "counts"),
    Channel("phrase_cos", "cos of the place in two bars", "counts"),
)
PLACE_FROM_START = ("place_x", "place_z")
"""Conditions of a window that are taken from where it begins: a dance may go on anywhere. Known
or unknown throughout, so that what is unknown stays 0."""
ASKED_BY_PHRASE = ("leg_speed", "arm_speed", "level", "step_rate", "held")
"""Channels that a plan asks for with one number a phrase."""
NAMES = tuple(channel.name for channel in CHANNELS)
INDEX = {name: i for i, name in enumerate(NAMES)}
GROUPS = tuple(dict.fromkeys(channel.group for channel in CHANNELS))
"""Channels of one group are known, asked for and dropped together."""
CONDITION_GROUPS: dict[str, tuple[str, ...]] = {
    group: (*(c.name for c in CHANNELS if c.group == group), f"{group}_known") for group in GROUPS
}
"""Names of the conditions of each group: its channels, and whether they are known."""


@dataclass(frozen=True)
class Counts:
    """Where the beats, the bars and the phrases of two bars begin, each (n,) in seconds.

    In rising order; empty where they are not known.
    """

    beats: np.ndarray
    bars: np.ndarray
    phrases: np.ndarray

    @staticmethod
    def of(beat_times: np.ndarray, downbeats: np.ndarray, first_phrase: int = 0) -> Counts:
        """From beats (b,) in seconds and which of them begin a bar, (b,) bool.

        The bar ``first_phrase`` and every second one from it on begin a phrase.
        """
        times = np.asarray(beat_times, dtype=np.float64)
        bars = times[np.asarray(downbeats, dtype=bool)]
        return Counts(times, bars, bars[first_phrase % 2 :: 2])

    def played(self, start: float, speed: float) -> Counts:
        """The counts of a dance that begins ``start`` seconds later and is played at ``speed``."""
        return Counts(*((times - start) / speed for times in (self.beats, self.bars, self.phrases)))


@dataclass(frozen=True)
class ControlChannels:
    """Values (T, C) in the units of ``CHANNELS`` and where they are known, (T, C) bool.

    What is not known holds 0.
    """

    values: np.ndarray
    known: np.ndarray

    def __post_init__(self) -> None:
        shape = (len(self.values), len(CHANNELS))
        if self.values.shape != shape or self.known.shape != shape:
            raise MotionError(
                f"control channels are (T, {len(CHANNELS)}), not {self.values.shape} with a mask "
                f"of {self.known.shape}"
            )

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, name: str) -> np.ndarray:
        """The values (T,) of a channel by its name."""
        return self.values[:, INDEX[name]]

    def is_known(self, name: str) -> np.ndarray:
        """Where a channel is known, (T,) bool."""
        return self.known[:, INDEX[name]]

    def slice(self, start: int, stop: int) -> ControlChannels:
        """Frames start to stop - 1."""
        return ControlChannels(self.values[start:stop], self.known[start:stop])

    def mirrored(self) -> ControlChannels:
        """Those of the mirrored dance, the front staying where it is."""
        return replace(self, values=self.values * np.array([c.mirrors for c in CHANNELS]))

    def without(self, groups: Iterable[str]) -> ControlChannels:
        """The same with the channels of some groups unknown."""
        dropped = set(groups)
        keep = np.array([c.group not in dropped for c in CHANNELS])
        return ControlChannels(self.values * keep, self.known & keep)

    def conditions(self) -> dict[str, np.ndarray]:
        """What a network is given, each (T,): scaled values, 0 where unknown, and masks."""
        out = {}
        for i, channel in enumerate(CHANNELS):
            value, known = self.values[:, i], self.known[:, i]
            if channel.logarithmic:
                scaled = np.log(np.maximum(value, LEAST_SPEED) / channel.centre)
            else:
                scaled = (value - channel.centre) / channel.scale
            out[channel.name] = np.where(known, scaled, 0.0)
            out[f"{channel.group}_known"] = known.astype(np.float64)
        return out


def standing_height(motions: Iterable[Motion]) -> float:
    """How high the pelvis is where dancers stand, metres: a high percentile over all frames."""
    heights = [motion.root[:, 1] for motion in motions]
    if not heights:
        raise MotionError("no motion, no standing height")
    return float(np.percentile(np.concatenate(heights), STANDING_PERCENTILE))


def control_channels(
    motion: Motion,
    counts: Counts | None = None,
    *,
    front: float | None = None,
    standing: float | None = None,
    source: str = "",
) -> ControlChannels:
    """Measure the channels of a motion of T frames.

    Parameters
    ----------
    motion : Motion
        Any dance; speeds are in its own time.
    counts : Counts, optional
        Beats, bars and phrases, in the motion's time; unknown without.
    front : float, optional
        Heading of the audience in radians about +Y from +Z; by default the motion's mean
        heading, as for captures. Place and travel are seen from there too: x to the
        dancer's left as it faces the front, z towards the front.
    standing : float, optional
        Pelvis height of standing dancers, metres, see ``standing_height``; by default
        that of this motion.
    source : str
        A collection of ``source_faults``: what it cannot tell is unknown.
    """
    frames, fps = len(motion), motion.fps
    ahead = mean_heading(motion) if front is None else front
    values = dict.fromkeys(NAMES, np.zeros(frames))
    known = dict.fromkeys(GROUPS, np.ones(frames, dtype=bool))
    values["leg_speed"] = gaussian_smooth(leg_speeds(motion), LIVELY_S * fps)
    values["arm_speed"] = gaussian_smooth(arm_speeds(motion), LIVELY_S * fps)
    level = motion.root[:, 1] - (standing_height([motion]) if standing is None else standing)
    values["level"] = gaussian_smooth(level, SLOW_S * fps)
    values["air"] = gaussian_smooth(airborne(motion).astype(np.float64), QUICK_S * fps)
    turn = gaussian_smooth(heading(motion) - ahead, SLOW_S * fps)
    values["heading_sin"], values["heading_cos"] = np.sin(turn), np.cos(turn)
    _add_place(values, motion, ahead)
    values["step_rate"] = lift_rate(motion)
    at, known["weight"] = weight(motion)
    filled = np.clip(_bridged(at, known["weight"]), -FAR_OVER, FAR_OVER)
    values["weight"] = gaussian_smooth(filled, QUICK_S * fps)
    values["held"] = gaussian_smooth(arms_held(motion).astype(np.float64), HELD_S * fps)
    faults = faults_of(source)
    known["air"] = np.full(frames, faults.flight)
    known["place"] = np.full(frames, faults.path)
    known["counts"] = _add_counts(values, counts, frames, fps)
    mask = np.stack([known[channel.group] for channel in CHANNELS], axis=1)
    return ControlChannels(np.stack([values[name] for name in NAMES], axis=1) * mask, mask)


def asked_channels(
    frames: int,
    fps: float,
    asked: Mapping[str, float | np.ndarray],
    counts: Counts | None = None,
) -> ControlChannels:
    """Channels of a dance that is still to be made: what a plan asks for, the rest unknown.

    ``asked`` holds values by channel, one or one a frame (T,), NaN where nothing is asked. All
    channels of a group are asked for together, but travel, which follows from the place.
    Raises MotionError for a channel that there is not, or a group in part.
    """
    given = {name: np.broadcast_to(np.asarray(v, np.float64), frames) for name, v in asked.items()}
    for axis in "xz":
        place = given.get(f"place_{axis}")
        if place is not None and f"travel_{axis}" not in given:
            rate = np.gradient(place) * fps if frames > 1 else np.zeros(frames)
            given[f"travel_{axis}"] = rate
    values = {name: np.zeros(frames) for name in NAMES}
    known: dict[str, np.ndarray] = {group: np.zeros(frames, dtype=bool) for group in GROUPS}
    known["counts"] = _add_counts(values, counts, frames, fps)
    for name in given:
        if name not in INDEX:
            raise MotionError(f"no control channel {name!r}; there are {', '.join(NAMES)}")
    for group in {CHANNELS[INDEX[name]].group for name in given}:
        names = [c.name for c in CHANNELS if c.group == group]
        missing = [name for name in names if name not in given]
        if missing:
            raise MotionError(f"control channels {', '.join(names)} are asked for together")
        known[group] = np.asarray(np.isfinite([given[name] for name in names]).all(axis=0))
        values |= {name: np.where(known[group], given[name], 0.0) for name in names}
    mask = np.stack([known[channel.group] for channel in CHANNELS], axis=1)
    return ControlChannels(np.stack([values[name] for name in NAMES], axis=1) * mask, mask)


def _add_place(values: dict[str, np.ndarray], motion: Motion, front: float) -> None:
    """Place from the middle of the motion's path, and its rate, as the front sees them."""
    ground = motion.root[:, [0, 2]]
    ground = gaussian_smooth(ground - ground.mean(axis=0), SLOW_S * motion.fps)
    cos, sin = np.cos(front), np.sin(front)
    values["place_x"] = cos * ground[:, 0] - sin * ground[:, 1]
    values["place_z"] = sin * ground[:, 0] + cos * ground[:, 1]
    if len(motion) > 1:
        for axis in "xz":
            values[f"travel_{axis}"] = np.gradient(values[f"place_{axis}"]) * motion.fps


def _bridged(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Values (T,) with those that are not known drawn from their neighbours; 0 without any."""
    if not known.any():
        return np.zeros(len(values))
    at = np.arange(len(values))
    return np.interp(at, at[known], values[known])


def _add_counts(
    values: dict[str, np.ndarray], counts: Counts | None, frames: int, fps: float
) -> np.ndarray:
    """Sines and cosines of the places in beat, bar and phrase; where all are known, (T,) bool."""
    known = np.full(frames, counts is not None)
    if counts is None:
        return known
    at = np.arange(frames) / fps
    for name, starts in (
        ("beat", counts.beats), ("measure", counts.bars), ("phrase", counts.phrases)
    ):  # fmt: skip
        place, inside = _place_between(at, starts)
        values[f"{name}_sin"] = np.sin(2 * np.pi * place)
        values[f"{name}_cos"] = np.cos(2 * np.pi * place)
        known &= inside
    return known


def _place_between(at: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where ``at`` (T,) lies between the ``starts`` (n,), counted from the first, and where known.

    The stretch before the first and the one after the last are taken to be as long as
    their neighbours; beyond those nothing is known.
    """
    if len(starts) < 2:
        return np.zeros(len(at)), np.zeros(len(at), dtype=bool)
    first, last = starts[1] - starts[0], starts[-1] - starts[-2]
    edges = np.concatenate([[starts[0] - first], starts, [starts[-1] + last]])
    return np.interp(at, edges, np.arange(len(edges)) - 1.0), (at >= edges[0]) & (at <= edges[-1])
