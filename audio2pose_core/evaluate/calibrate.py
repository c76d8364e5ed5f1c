"""A dancer's energy and accents set to those of its data, on songs that are ours.

A network trained on mean squares and sampled in few steps dances more calmly
than its data, each style by another measure, snaps less, and crouches where it is
asked for more. Three corrections in the contract make up for it: what is asked for
on top (of each style's energy, ``energy_offset``, and of its legs, arms and steps by a plan,
``legs_offset`` and so on, where the network has such inputs), the gain of the accents in
cleanup (``presence``), and how high each style stands (``stance``). They
are found by dancing, measuring and correcting until it fits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..audio.analyse import analyse
from ..audio.beats import Beats
from ..audio.features import AudioFeatures
from ..audio.load import Audio
from ..choreography.planner import choreograph
from ..cleanup.pelvis_height import PelvisHeightPrior
from ..cleanup.smooth import smooth_motion
from ..data.training.clip import Clip, load_pack
from ..errors import DataError
from ..files import write_text
from ..generate.dance import choose_style, dance_conditions
from ..generate.finish import finish_dance
from ..generate.model import DanceModel, load_model
from ..generate.planned import planned_conditions
from ..generate.sampler import sample_dance, settings_of
from ..json_file import read_object
from ..metrics import jerk, motion_magnitude
from ..metrics.footwork import lifts_per_s
from ..metrics.limbs import arm_speeds, leg_speeds
from ..metrics.smoothness import dance_weight
from ..motion import Motion
from .songs import own_songs

SECONDS = 14.0
"""Of each of the four songs: a window and the one that joins it to the next."""
OFFSETS = (-1.0, 1.0)
PRESENCES = (1.0, 2.0)
# it, since the answer is steeper in some styles.
_GAIN, _CALMER = 0.8, 0.85


BY_ENERGY = {"energy_offset": "magnitude"}
BY_PLAN = {
    "energy_offset": "body",
    "legs_offset": "legs",
    "arms_offset": "arms",
    "steps_offset": "lifts",
}
"""What each offset is to bring to that of the data, where the network hears of energy alone and
where a plan asks. Legs answer to energy more than to what is asked of them, so both are turned."""


@dataclass(frozen=True)
class Liveliness:
    """Mean speeds (m/s), lifts of the feet a second and jerk below 7 Hz (m/s³) of some motion.

    ``legs`` are seen from the pelvis, ``arms`` from the chest (``metrics.limbs``).
    """

    magnitude: float
    legs: float
    arms: float
    lifts: float
    jerk: float

    @property
    def body(self) -> float:
        """Legs and the whole body together, m/s: legs alone would be paid for by the path."""
        return float(np.sqrt(self.legs * self.magnitude))


def liveliness(motions: list[Motion], weights: Sequence[float] | None = None) -> Liveliness:
    """Means over the motions, by their length, and by the weight of a second of each."""
    seconds = np.array([m.seconds for m in motions])
    if weights is not None:
        seconds = seconds * weights
    found = np.array(
        [
            (
                motion_magnitude(m),
                leg_speeds(m).mean(),
                arm_speeds(m).mean(),
                lifts_per_s(m),
                jerk(smooth_motion(m)),
            )
            for m in motions
        ]
    )
    return Liveliness(*(float(v) for v in seconds @ found / seconds.sum()))


LEAST = 0.05
"""m/s, or lifts a second, under which there is nothing to match."""


class _Tries:
    """What was asked of a style by its dials, and what came nearest to its data.

    The dials are turned together, since arms answer to energy too, and each time by less: beyond
    what it has seen a network moves less, not more. The best round counts.
    """

    def __init__(self, offsets: dict[str, float], figures: dict[str, str]) -> None:
        self.offsets = {dial: float(np.clip(v, *OFFSETS)) for dial, v in offsets.items()}
        self.figures = figures
        self.best: Found | None = None
        self._error, self._gain = np.inf, _GAIN

    def note(self, found: Liveliness, prior: PelvisHeightPrior, real: Liveliness) -> None:
        """Take in what the offsets made, and choose the next ones."""
        short = {
            dial: float(
                np.log(max(getattr(real, figure), LEAST) / max(getattr(found, figure), LEAST))
            )
            for dial, figure in self.figures.items()
        }
        error = float(np.mean(np.abs(list(short.values()))))
        if error < self._error:
            self.best, self._error = Found(found, prior, dict(self.offsets)), error
        self.offsets = {
            dial: round(float(np.clip(self.offsets[dial] + self._gain * more, *OFFSETS)), 3)
            for dial, more in short.items()
        }
        self._gain *= _CALMER


@dataclass(frozen=True)
class Found:
    """The best of a style's tries: what was measured, its heights, and what was asked."""

    liveliness: Liveliness
    prior: PelvisHeightPrior
    offsets: dict[str, float]


def calibrate(
    path: Path, pack: Path, *, rounds: int = 8, progress: Callable[[float], None] | None = None
) -> dict[str, Any]:
    """Correct the contract beside the model ``path``; the report says what was found.

    A second of training motion counts as often as training drew it: by its source, and less
    where its clip hardly dances.
    Raises DataError where the pack has no training motion of a style.
    """
    model = load_model(path)
    clips = load_pack(pack)
    contract_path = path.with_suffix(".json")
    contract = read_object(contract_path)
    drawn = contract.get("training", {}).get("source_weights", {})
    own = {name: _of_style(clips, name) for name in model.styles}
    motions = {name: [c.motion.resample(model.fps) for c in own[name]] for name in model.styles}
    real = {
        name: liveliness(
            motions[name],
            [
                drawn.get(c.source, 1.0) * dance_weight(motion_magnitude(c.motion))
                for c in own[name]
            ],
        )
        for name in model.styles
    }
    heights = {
        name: np.concatenate([motion.root[:, 1] for motion in found])
        for name, found in motions.items()
    }
    model.sampler["liveliness"] = 0.0
    presence = float(np.clip(model.sampler.get("presence", 1.0), *PRESENCES))
    songs = [(song.audio, *analyse(song.audio, model.fps)) for song in own_songs(SECONDS)]
    dials = BY_PLAN if asks_by_plan(model) else BY_ENERGY
    tries = {
        name: _Tries({dial: getattr(model.style_table[name], dial) for dial in dials}, dials)
        for name in model.styles
    }
    for k in range(rounds):
        model.sampler["presence"] = presence
        for i, name in enumerate(model.styles):
            offsets: dict[str, Any] = tries[name].offsets
            model.style_table[name] = replace(model.style_table[name], **offsets)
            # The same seed in every round: only what is asked for makes a difference.
            danced = [_dance(model, name, *song, seed=0) for song in songs]
            made = np.concatenate([as_made().root[:, 1] for as_made in danced])
            prior = PelvisHeightPrior.of(made, heights[name])
            model.style_table[name] = replace(model.style_table[name], height_prior=prior)
            tries[name].note(liveliness([finish(prior) for finish in danced]), prior, real[name])
            if progress is not None:
                progress((k + (i + 1) / len(model.styles)) / rounds)
        best = {name: _best(tried) for name, tried in tries.items()}
        found = {name: one.liveliness for name, one in best.items()}
        if k < rounds - 1:
            # A calm dance lacks jerk too: compare at the same magnitude.
            missing = _jerk_a_speed(real) / _jerk_a_speed(found)
            presence = round(float(np.clip(presence * missing, *PRESENCES)), 3)
    for name, one in best.items():
        contract["styles"][name] |= one.offsets | {"stance": one.prior.numbers()}
    contract["sampler"] |= {"liveliness": 0.0, "presence": presence}
    write_text(contract_path, json.dumps(contract, indent=1) + "\n")
    return {
        "presence": presence,
        "styles": {
            name: {
                **best[name].offsets,
                "magnitude": round(found[name].magnitude, 3),
                "real_magnitude": round(real[name].magnitude, 3),
                "legs": round(found[name].legs, 3),
                "real_legs": round(real[name].legs, 3),
                "arms": round(found[name].arms, 3),
                "real_arms": round(real[name].arms, 3),
                "lifts": round(found[name].lifts, 3),
                "real_lifts": round(real[name].lifts, 3),
                "jerk_below_7_hz": round(found[name].jerk, 1),
                "real_jerk_below_7_hz": round(real[name].jerk, 1),
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
    chosen = [c for c in clips if c.style == style and c.split == "train"]
    if not chosen:
        raise DataError(f"the pack has no training motion in the style {style!r}")
    return chosen


def _dance(
    model: DanceModel, name: str, audio: Audio, beats: Beats, features: AudioFeatures, seed: int
) -> Callable[..., Motion]:
    """What finishes the dance with the prior that it is given, or as high as it was made."""
    style = choose_style(model, name, beats, audio.seconds)
    if asks_by_plan(model):
        plan = choreograph(beats, features, audio.seconds, name, seed)
        hits, conditions, weights = planned_conditions(
            plan, model, style, beats, features, audio.seconds, 0.0, "auto"
        )
    else:
        hits, conditions, weights = dance_conditions(model, style, beats, features, audio.seconds)
    settings = settings_of(model)
    raw = sample_dance(model, conditions, weights, seed, settings)

    def finish(prior: PelvisHeightPrior | None = None) -> Motion:
        return finish_dance(raw, model.fps, hits, settings.presence, height_prior=prior)

    return finish
