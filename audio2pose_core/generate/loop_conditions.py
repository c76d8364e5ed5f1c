"""What the network is asked for in a loop: the conditions of one cycle among its own like."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..audio.beats import Beats
from ..audio.features import AudioFeatures
from ..choreography.plan import Choreography
from ..choreography.planner import choreograph
from ..errors import OptionError
from .loop_bars import LoopBars
from .model import DanceModel, Style
from .planned import planned_conditions
from .seam import SEAM_BEATS
from .styles import parse_style

TIMES = 3
"""Cycles of which the middle one is taken."""
ALIKE_S = 1e-6


@dataclass(frozen=True)
class AskedCycle:
    """What is asked of one cycle of C frames, in the time of the network's frame rate.

    Attributes
    ----------
    frames : int
        C.
    conditions, weights : (C, c) and (C, styles)
    accents : (n,)
        Seconds within the cycle.
    plan : Choreography
        Of one cycle.
    beats : Beats
        Of ``TIMES`` cycles.
    """

    frames: int
    conditions: np.ndarray
    weights: np.ndarray
    accents: np.ndarray
    plan: Choreography
    beats: Beats

    @property
    def own_beats(self) -> np.ndarray:
        """The beats of one cycle, seconds."""
        return np.asarray(self.beats.times[: len(self.beats.times) // TIMES])

    @property
    def seam_reach(self) -> int:
        """Frames on either side of the seam that are danced again."""
        beat = self.frames / len(self.own_beats)
        return max(4, min(round(SEAM_BEATS * beat), self.frames // 4))


def asked_cycle(
    model: DanceModel,
    style: Style,
    beats: Beats,
    features: AudioFeatures,
    bars: LoopBars,
    energy: float,
    seed: int,
    which: str,
    literal: float,
) -> AskedCycle:
    """What the network is asked for, of the middle of three cycles."""
    frames = max(8, round(bars.period * model.fps))
    seconds = frames / model.fps
    pace = seconds / bars.period
    starts = [k * seconds for k in range(TIMES)]
    times = np.concatenate([start + bars.beats * pace for start in starts])
    around = replace(
        beats,
        times=times,
        downbeats=np.tile(bars.downbeats, TIMES),
        tempo_bpm=60.0 * len(bars.beats) / seconds,
        sections=(),
        events=(),
    )
    heard = _heard(features, bars.start + np.arange(frames) / frames * bars.period)
    one = replace(around, times=bars.beats * pace, downbeats=bars.downbeats)
    if len(one.times) < 2:
        raise OptionError("the bars of a loop hold two beats at least; choose more bars")
    plan = choreograph(one, heard, seconds, parse_style(style.name), seed, literal=literal)
    plan = replace(plan, opening_s=0.0, ending_s=0.0, holds=())
    count = len(plan.phrases)
    phrases = [
        replace(
            p,
            start=p.start + start,
            end=p.end + start,
            returns_to=None if p.returns_to is None else p.returns_to + k * count,
        )
        for k, start in enumerate(starts)
        for p in plan.phrases
    ]
    whole = replace(plan, seconds=TIMES * seconds, phrases=phrases)
    three = AudioFeatures(
        heard.fps,
        *(
            np.concatenate([v] * TIMES)
            for v in (heard.onset, heard.loudness, heard.mel, heard.chroma)
        ),
    )

    def asked(accents: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return planned_conditions(
            whole, model, style, around, three, TIMES * seconds, energy, accents
        )

    accents, conditions, weights = asked(which)
    first, second = (_within(accents, k * seconds, seconds) for k in (0, 1))
    if len(first) != len(second) or np.abs(first - second).max(initial=0.0) > ALIKE_S:
        # Every second of an odd number of beats is another one each time around.
        accents, conditions, weights = asked("beat")
    middle = slice(frames, 2 * frames)
    return AskedCycle(
        frames,
        conditions[middle],
        weights[middle],
        _within(accents, seconds, seconds),
        plan,
        around,
    )


def _within(accents: np.ndarray, start: float, length: float) -> np.ndarray:
    """The accents of one cycle, seconds from its start."""
    inside = (accents >= start - ALIKE_S) & (accents < start + length - ALIKE_S)
    return accents[inside] - start


def _heard(features: AudioFeatures, times: np.ndarray) -> AudioFeatures:
    """Features at ``times`` (T,) seconds of the song, as if frame by frame."""
    place = np.clip(times * features.fps, 0, len(features) - 1)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, len(features) - 1)
    share = place - low

    def at(values: np.ndarray) -> np.ndarray:
        part = share if values.ndim == 1 else share[:, None]
        return np.asarray(values[low] * (1 - part) + values[high] * part, dtype=np.float32)

    return AudioFeatures(
        features.fps,
        *(at(v) for v in (features.onset, features.loudness, features.mel, features.chroma)),
    )
