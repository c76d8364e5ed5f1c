"""A dancer's energy and accents set to those of its data, on songs that are ours.

A network trained on mean squares and sampled in few steps dances more calmly
than its data, each style by another measure, snaps less, draws its poses in, and crouches where
it is asked for more. These corrections in the contract make up for it: what is asked for
on top (of each style's energy, ``energy_offset``, and of its legs, arms and steps by a plan,
``legs_offset`` and so on, where the network has such inputs), how far poses lie from each other
and about which middle (``spread``), the bounce to the beat (``groove``), the gain of the accents in
cleanup (``presence``), and how high each style stands (``stance``). They
are found by dancing, measuring and correcting until it fits.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import representation as rep
from ..audio.analyse import analyse
from ..audio.beats import Beats
from ..audio.features import AudioFeatures
from ..audio.load import Audio
from ..choreography.planner import choreograph
from ..cleanup.pelvis_height import PelvisHeightPrior
from ..data.training.clip import Clip, load_pack
from ..errors import DataError
from ..files import write_text
from ..generate.dance import choose_style, dance_conditions
from ..generate.model import DanceModel, Style, load_model
from ..generate.planned import planned_conditions, returning
from ..generate.response import song_response
from ..generate.spread import PARTS, Spread, columns_of
from ..generate.take import TakeSpec, finish_take, sample_take
from ..generate.turns import with_jumps_and_turns
from ..json_file import read_object
from ..metrics.facing import whole_turns
from ..metrics.footwork import flight_rises
from ..motion import Motion
from ..source_faults import faults_of
from .liveliness import Liveliness, liveliness
from .songs import own_songs
from .watching import ENOUGH_S

SECONDS = 14.0
"""Of each of the four songs: a window and the one that joins it to the next."""
END_S = 1.2
"""A plan's opening, and its ending."""
SEEDS_A_SONG = 2
MIDDLE_DANCES = 16
"""Of which a style's own middle is the mean, each from a seed of its own: one seed is one mood,
whatever the song."""
OFFSETS = (-0.5, 1.0)
SPREADS, GROOVES = (-0.1, 0.3), (0.0, 1.4)
"""How far the dials are turned: logarithms. Asked for less than -0.5, feet stop stepping. Gains of
poses and of the bounce beyond these show."""
PRESENCES = (1.0, 2.0)
LOWEST, HIGHEST = 0.07, 0.35
"""Metres that the body goes up in a jump, at least and at most."""
MOST_TURNS = 4.0
"""A minute; a few clips practise nothing but turns."""
# Less than the whole way at a time, since the answer is steeper in some styles.
_GAIN, _CALMER = 0.8, 0.85


Song = tuple[Audio, Beats, AudioFeatures]

BY_ENERGY = {"energy_offset": "magnitude"}
BY_PLAN = {
    "energy_offset": "body",
    "legs_offset": "legs",
    "arms_offset": "arms",
    "steps_offset": "lifts",
}
"""What each offset is to bring to that of the data, where the network hears of energy alone and
where a plan asks. Legs answer to energy more than to what is asked of them, so both are turned."""
SPREAD = tuple(f"{part}_spread" for part in PARTS)
BY_NAME = {name: name for name in (*SPREAD, "groove")}
"""These move the figure of their own name."""
FIGURES = ("magnitude", "legs", "arms", "lifts", "groove", *SPREAD)
"""What the report tells of each style, beside the jerk below 7 Hz."""
LIMITS = {**dict.fromkeys(SPREAD, SPREADS), "groove": GROOVES, "arms_offset": (-1.0, 1.0)}
MORE = {"groove": 1.25, "body": 1.03, "legs": 1.02, "arms": 0.95}
"""What is asked for beyond the data's figure. The songs here have exact beats, others have not; and
a dance that is as fast as its data in the mean keeps poses more alike than they do."""
COUNTS = {"legs": 2.0, "arms": 2.0, "lifts": 0.5, **dict.fromkeys(SPREAD, 0.25)}
"""What a figure counts beside the others, 1, when the best round is chosen. Most spreads are at
their limits, and few seconds of four songs tell lifts badly."""
LEAST = 0.05
LEAST_SPREAD = 0.005
"""m/s, lifts a second and so on, and metres, under which there is nothing to match."""


class _Tries:
    """What was asked of a style by its dials, and what came nearest to its data.

    The dials are turned together, since arms answer to energy too, and each time by less: beyond
    what it has seen a network moves less, not more. The best round counts.
    """

    def __init__(self, figures: dict[str, str]) -> None:
        self.offsets = dict.fromkeys(figures, 0.0)
        self.figures = figures
        self.best: Found | None = None
        self._error, self._gain = np.inf, _GAIN

    def note(self, found: Liveliness, prior: PelvisHeightPrior, real: Liveliness) -> None:
        """Take in what the offsets made, and choose the next ones."""
        short = {
            dial: _shortfall(
                figure, getattr(found, figure), MORE.get(figure, 1.0) * getattr(real, figure)
            )
            for dial, figure in self.figures.items()
        }
        error = sum(abs(v) * COUNTS.get(self.figures[d], 1.0) for d, v in short.items())
        if error < self._error:
            self.best, self._error = Found(found, prior, dict(self.offsets)), error
        self.offsets = {
            dial: round(
                float(np.clip(self.offsets[dial] + self._gain * more, *LIMITS.get(dial, OFFSETS))),
                3,
            )
            for dial, more in short.items()
        }
        self._gain *= _CALMER


def _shortfall(figure: str, found: float, real: float) -> float:
    """By what factor, as a logarithm, a figure is short of the data's; 0 where it has none."""
    if not (math.isfinite(found) and math.isfinite(real)):
        return 0.0
    least = LEAST_SPREAD if figure in SPREAD else LEAST
    return math.log(max(real, least) / max(found, least))


@dataclass(frozen=True)
class Found:
    """The best of a style's tries: what was measured, its heights, and what was asked."""

    liveliness: Liveliness
    prior: PelvisHeightPrior
    offsets: dict[str, float]


def calibrate(
    path: Path, pack: Path, *, rounds: int = 10, progress: Callable[[float], None] | None = None
) -> dict[str, Any]:
    """Correct the contract beside the model ``path``; the report says what was found.

    A second of training motion counts the same wherever it comes from.
    Raises DataError where the pack has no training motion of a style.
    """
    model = load_model(path)
    clips = load_pack(pack)
    contract_path = path.with_suffix(".json")
    contract = read_object(contract_path)
    own = {name: _of_style(clips, name) for name in model.styles}
    motions = {name: [c.motion.resample(model.fps) for c in own[name]] for name in model.styles}
    real = _with_groove(
        {
            name: liveliness(motions[name], None, [c.beats for c in own[name]])
            for name in model.styles
        }
    )
    often = {name: _jumps_and_turns(own[name]) for name in model.styles}
    for name, told in often.items():
        model.style_table[name] = replace(model.style_table[name], **told)
    centres = {name: _centre(motions[name]) for name in model.styles}
    heights = {
        name: np.concatenate([motion.root[:, 1] for motion in own_motions])
        for name, own_motions in motions.items()
    }
    model.sampler["liveliness"] = 0.0
    presence = PRESENCES[0]
    songs = [(song.audio, *analyse(song.audio, model.fps)) for song in own_songs(SECONDS)]
    middles = {name: _middle(model, name, songs, centres[name]) for name in model.styles}
    dials = (BY_PLAN if asks_by_plan(model) else BY_ENERGY) | BY_NAME
    tries = {name: _Tries(dials) for name in model.styles}
    for k in range(rounds):
        model.sampler["presence"] = presence
        for i, name in enumerate(model.styles):
            model.style_table[name] = _turned(
                model.style_table[name], tries[name].offsets, centres[name], middles[name]
            )
            # The same seeds in every round: only what is asked for makes a difference.
            danced = [
                _dance(model, name, *song, seed=n) for n, song in enumerate(songs * SEEDS_A_SONG)
            ]
            made = np.concatenate([as_made().root[:, 1] for as_made in danced])
            prior = PelvisHeightPrior.of(made, heights[name])
            model.style_table[name] = replace(model.style_table[name], height_prior=prior)
            finished = [_between_ends(finish(prior)) for finish in danced]
            beats = [song[1].times - END_S for song in songs * SEEDS_A_SONG]
            measured = liveliness(finished, None, beats)
            tries[name].note(measured, prior, real[name])
            if progress is not None:
                progress((k + (i + 1) / len(model.styles)) / rounds)
        best = {name: _best(tried) for name, tried in tries.items()}
        found = {name: one.liveliness for name, one in best.items()}
        if k < rounds - 1:
            # A calm dance lacks jerk too: compare at the same magnitude.
            missing = _jerk_a_speed(real) / _jerk_a_speed(found)
            presence = round(float(np.clip(presence * missing, *PRESENCES)), 3)
    for name, one in best.items():
        style = _turned(model.style_table[name], one.offsets, centres[name], middles[name])
        assert style.spread is not None
        contract["styles"][name] |= {d: v for d, v in one.offsets.items() if d not in SPREAD}
        contract["styles"][name] |= {
            **often[name],
            "stance": one.prior.numbers(),
            "spread": style.spread.numbers(),
        }
    contract["sampler"] |= {"liveliness": 0.0, "presence": presence}
    write_text(contract_path, json.dumps(contract, indent=1) + "\n")
    return {
        "presence": presence,
        "styles": {
            name: {
                **best[name].offsets,
                **often[name],
                **_side_by_side(found[name], real[name]),
            }
            for name in model.styles
        },
    }


def asks_by_plan(model: DanceModel) -> bool:
    """Whether a plan asks this model's legs and arms for their speed."""
    return model.bank is not None and {"leg_speed", "arm_speed"} <= set(model.conditions)


def _best(tried: _Tries) -> Found:
    assert tried.best is not None  # the first round is better than none
    return tried.best


def _jerk_a_speed(styles: dict[str, Liveliness]) -> float:
    return sum(s.jerk for s in styles.values()) / sum(s.magnitude for s in styles.values())


def _of_style(clips: list[Clip], style: str) -> list[Clip]:
    """Its clips for training; those held within a robot's limits only where there are no others."""
    chosen = [c for c in clips if c.style == style and c.split == "train"]
    if not chosen:
        raise DataError(f"the pack has no training motion in the style {style!r}")
    free = [c for c in chosen if not faults_of(c.source).limited]
    return free if sum(c.motion.seconds for c in free) >= ENOUGH_S else chosen


def _centre(motions: list[Motion]) -> np.ndarray:
    """The middle (152,) of a style's poses and of their mirror images."""
    mean = np.concatenate([rep.encode(motion)[0] for motion in motions]).mean(axis=0)
    return np.asarray((mean + rep.mirror(mean[None])[0]) / 2)


def _jumps_and_turns(clips: list[Clip]) -> dict[str, Any]:
    """How often a style turns round and jumps, and how far up the body goes.

    Jumps are those of clips that can tell.
    """
    turns = sum(whole_turns(c.motion) for c in clips) / sum(c.motion.seconds for c in clips)
    turned = {"turns_per_min": round(min(60.0 * turns, MOST_TURNS), 2)}
    told = [c.motion for c in clips if faults_of(c.source).flight]
    seconds = sum(motion.seconds for motion in told)
    heights = np.concatenate([flight_rises(motion) for motion in told] or [np.zeros(0)])
    if not len(heights):
        return {**turned, "jumps_per_min": 0.0, "jump_height": LOWEST}
    up = max(LOWEST, float(np.median(heights)))
    return {
        **turned,
        "jumps_per_min": round(60.0 * len(heights) / seconds, 2),
        "jump_height": round(min(up, HIGHEST), 3),
    }


def _middle(model: DanceModel, name: str, songs: list[Song], centre: np.ndarray) -> np.ndarray:
    """The middle (152,) of what the network makes of a style, and of its mirror images.

    What so few dances leave uncertain is taken off, part by part: they are drawn back to the
    data's ``centre`` (W. James and C. Stein, "Estimation with quadratic loss", 1961).
    """
    spread = model.style_table[name].spread
    made = []
    for k in range(MIDDLE_DANCES):
        # Other seeds than those that are danced and measured.
        raw = _sampled(model, name, *songs[k % len(songs)], SEEDS_A_SONG * len(songs) + k)[1]
        own = (raw if spread is None else spread.drawn_in(raw)).mean(axis=0)
        made.append((own + rep.mirror(own[None])[0]) / 2)
    off = np.mean(made, axis=0) - centre
    uncertain = np.var(made, axis=0, ddof=1) / len(made)
    for part in PARTS:
        columns = columns_of(part)
        bias = float((off[columns] ** 2).sum())
        off[columns] *= max(0.0, 1.0 - float(uncertain[columns].sum()) / max(bias, 1e-12))
    return np.asarray(centre + off)


def _with_groove(real: dict[str, Liveliness]) -> dict[str, Liveliness]:
    """The same; a style none of whose clips tells its beats has the mean groove of the others."""
    known = [one.groove for one in real.values() if math.isfinite(one.groove)]
    mean = float(np.mean(known)) if known else 0.0
    return {
        name: one if math.isfinite(one.groove) else replace(one, groove=mean)
        for name, one in real.items()
    }


def _turned(
    style: Style, offsets: dict[str, float], centre: np.ndarray, middle: np.ndarray
) -> Style:
    """The style with its dials so."""
    gains = {part: math.exp(offsets[f"{part}_spread"]) for part in PARTS}
    others: dict[str, Any] = {d: v for d, v in offsets.items() if d not in SPREAD}
    return replace(style, **others, spread=Spread.of(centre, gains, middle))


def _side_by_side(found: Liveliness, real: Liveliness) -> dict[str, float]:
    """Each figure of the dance and, under "real_...", of its data."""
    out: dict[str, float] = {}
    for prefix, one in (("", found), ("real_", real)):
        out |= {prefix + figure: round(getattr(one, figure), 3) for figure in FIGURES}
        out[f"{prefix}jerk_below_7_hz"] = round(one.jerk, 1)
    return out


def _between_ends(motion: Motion) -> Motion:
    """The motion without the poses that it comes out of and ends in: clips have none."""
    cut = round(END_S * motion.fps)
    return motion.slice(cut, len(motion) - cut)


def _sampled(
    model: DanceModel, name: str, audio: Audio, beats: Beats, features: AudioFeatures, seed: int
) -> tuple[TakeSpec, np.ndarray, np.ndarray | None]:
    """What was asked for, and of what was made the features (T, 152) and which are on time."""
    style = choose_style(model, name, beats, audio.seconds)
    seconds, plan, repeats = audio.seconds, None, []
    if asks_by_plan(model):
        plan = choreograph(beats, features, seconds, name, seed)
        plan = with_jumps_and_turns(plan, model, style, beats)
        asked = planned_conditions(plan, model, style, beats, features, seconds, 0.0, "auto")
        repeats = returning(plan, beats)
    else:
        asked = dance_conditions(model, style, beats, features, seconds)
    response = song_response(features)
    spec = TakeSpec(model, style, beats, 0.0, *asked, repeats, None, plan, response=response)
    return spec, *sample_take(spec, seed)


def _dance(
    model: DanceModel, name: str, audio: Audio, beats: Beats, features: AudioFeatures, seed: int
) -> Callable[..., Motion]:
    """What finishes the dance with the prior that it is given, or as high as it was made."""
    spec, raw, timed = _sampled(model, name, audio, beats, features, seed)

    def finish(prior: PelvisHeightPrior | None = None) -> Motion:
        own = replace(spec, style=replace(spec.style, height_prior=prior))
        return finish_take(own, raw, timed)

    return finish
