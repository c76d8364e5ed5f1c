"""How a plan is obeyed: its phrases as conditions, style weights and returning moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..audio.beat_file import Beats
from ..audio.features import AudioFeatures
from ..choreography.plan import Choreography, Phrase
from ..control import INDEX, ControlChannels
from ..errors import OptionError
from .conditions import dance_conditions
from .dialled import dial_energy
from .model import DanceModel, Style
from .phrase_channels import phrase_channels
from .structure import Repeat
from .styles import mix_styles, style_weights

STYLE_CHANGE_S = 0.5
"""One style gives way to the next within so long around a phrase's beginning."""


@dataclass(frozen=True)
class Cast:
    """The styles of a plan: each one's figures, and its share (T, n) of every frame."""

    styles: list[Style]
    shares: np.ndarray


def cast_of(plan: Choreography, model: DanceModel, fallback: Style, frames: int) -> Cast:
    """Which style dances when; phrases without a style have ``fallback``."""
    recipes: list[Mapping[str, float] | None] = []
    styles: list[Style] = []
    own = np.zeros(frames, dtype=int)
    edges = [0, *(round(p.start * model.fps) for p in plan.phrases[1:]), frames]
    each = phrase_styles(plan, model, fallback)
    for phrase, style, first, last in zip(plan.phrases, each, edges, edges[1:], strict=False):
        recipe = dict(phrase.style) or None
        if recipe not in recipes:
            recipes.append(recipe)
            styles.append(style)
        own[first:last] = recipes.index(recipe)
    if not styles:
        return Cast([fallback], np.ones((frames, 1)))
    shares = np.eye(len(styles))[own]
    return Cast(styles, np.stack([_eased(share, model.fps) for share in shares.T], axis=1))


def phrase_styles(plan: Choreography, model: DanceModel, fallback: Style) -> list[Style]:
    """The style of each phrase; one that names none has ``fallback``."""
    return [
        style_of(phrase, model, k) if phrase.style else fallback
        for k, phrase in enumerate(plan.phrases)
    ]


def style_of(phrase: Phrase, model: DanceModel, number: int) -> Style:
    """The style of a phrase; OptionError that names the phrase."""
    try:
        return mix_styles(model, phrase.style)
    except OptionError as error:
        raise OptionError(f"the plan's phrase {number}: {error}") from error


CALIBRATED = {"leg_speed": "legs_offset", "arm_speed": "arms_offset", "step_rate": "steps_offset"}
"""What must be asked for so that it is danced, style by style."""


def _calibrated(channels: ControlChannels, cast: Cast) -> ControlChannels:
    """The channels as the network must be asked for them."""
    values = channels.values.copy()
    for name, offset in CALIBRATED.items():
        own = np.array([getattr(style, offset) for style in cast.styles])
        values[:, INDEX[name]] *= np.exp(cast.shares @ own)
    return replace(channels, values=values)


def phrase_energy(plan: Choreography, frames: int, fps: float) -> np.ndarray:
    """Deviations of energy (T,) that the phrases ask for, eased from one to the next."""
    energy = np.zeros(frames)
    for phrase in plan.phrases:
        energy[round(phrase.start * fps) : round(phrase.end * fps)] = phrase.energy
    return _eased(energy, fps)


def _eased(values: np.ndarray, fps: float) -> np.ndarray:
    """Values (T,) that change by steps, one giving way to the next over ``STYLE_CHANGE_S``."""
    reach = max(1, round(STYLE_CHANGE_S * fps))
    kernel = np.hanning(2 * reach + 3)[1:-1]
    kernel /= kernel.sum()
    return np.convolve(np.pad(values, reach, mode="edge"), kernel, mode="valid")


def returning(plan: Choreography, beats: Beats) -> list[Repeat]:
    """The phrases that come back, as matching instants of both, in the order of time."""
    out = []
    for phrase in plan.phrases:
        if phrase.returns_to is None or phrase.literal < POSES_FROM:
            continue
        source = plan.phrases[phrase.returns_to]
        here, there = instants(phrase, beats), instants(source, beats)
        counts, others = beats_of(phrase, beats), beats_of(source, beats)
        if phrase.bars < source.bars and 1 < len(counts) < len(others):
            # A shorter one is the beginning of its source.
            here, there = np.append(counts, phrase.end), others[: len(counts) + 1]
        elif len(here) != len(there):
            # Another number of counts: the phrase is laid evenly over its source.
            here, there = here[[0, -1]], there[[0, -1]]
        # Mirrored against its source: what was mirrored already turns back.
        flip = phrase.mirrored != source.mirrored
        out.append(Repeat(here, there, flip, phrase.literal < MOVES_FROM))
    return out


POSES_FROM, MOVES_FROM = 0.25, 0.75
"""From which ``Phrase.literal`` on the poses on the beats return, and every move."""


def beats_of(phrase: Phrase, beats: Beats) -> np.ndarray:
    """The beats (n,) of a phrase, the one that it begins on too, seconds."""
    return beats.times[(beats.times >= phrase.start - 1e-3) & (beats.times < phrase.end - 1e-3)]


def instants(phrase: Phrase, beats: Beats) -> np.ndarray:
    """Start, beats and end of a phrase, seconds, rising."""
    inside = beats.times[(beats.times > phrase.start + 0.05) & (beats.times < phrase.end - 0.05)]
    return np.concatenate([[phrase.start], inside, [phrase.end]])


def planned_conditions(
    plan: Choreography,
    model: DanceModel,
    fallback: Style,
    beats: Beats,
    features: AudioFeatures,
    seconds: float,
    energy: float,
    which: str,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the network is asked for: accents (n,) s, conditions (T, C), style weights (T, S)."""
    frames = len(features)
    cast = cast_of(plan, model, fallback, frames)
    dial = energy + phrase_energy(plan, frames, model.fps)
    dial = dial + dial_energy(plan, model.bank, frames, model.fps)
    asked = [
        dance_conditions(model, s, beats, features, seconds, dial, which, plan.downbeat)
        for s in cast.styles
    ]
    # One pulse for the whole dance: that of the style that has most of it.
    main = int(np.argmax(cast.shares.sum(axis=0)))
    accents, conditions, _ = asked[main]
    conditions = conditions.copy()
    if "energy" in model.conditions:
        column = model.conditions.index("energy")
        each = np.stack([one[1][:, column] for one in asked], axis=1)
        conditions[:, column] = (cast.shares * each).sum(axis=1)
    if model.bank is not None:
        channels = phrase_channels(plan, model.bank, beats, frames, model.fps, energy)
        asked_for = _calibrated(channels, cast).conditions()
        for column, name in enumerate(model.conditions):
            if name in asked_for:
                conditions[:, column] = asked_for[name]
    weights = cast.shares @ np.stack([style_weights(model, s) for s in cast.styles])
    return accents, conditions, weights
