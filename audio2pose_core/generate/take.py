"""Takes: one dance for what is asked, or the best of some."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .. import representation as rep
from ..audio.beats import Beats
from ..choreography.plan import Choreography
from ..cleanup import time_warp
from ..cleanup.constraints import MotionConstraint
from ..motion import Motion
from .finish import finish_dance
from .inpaint import ConstraintFeatures, constraint_features
from .model import DanceModel, Style
from .phrase_channels import phrase_rows
from .quality import Score, Wanted, score
from .rough import RoughDance
from .sampler import careful, sample_dance, settings_of
from .stages import Stages
from .structure import Repeat, return_to_moves


@dataclass(frozen=True)
class TakeSpec:
    """All that a take depends on but its seed.

    ``accents`` (n,) are seconds within the song, ``conditions`` (T, C) and
    ``weights`` (styles,) the network's; ``energy`` is that of the dial, ``difference`` as in
    ``SamplerSettings``.
    """

    model: DanceModel
    style: Style
    beats: Beats
    energy: float
    accents: np.ndarray
    conditions: np.ndarray
    weights: np.ndarray
    repeats: list[Repeat]
    constraint: MotionConstraint | None
    plan: Choreography | None = None
    difference: float = 0.5
    response: np.ndarray | None = None
    """How the song turns the noise (``response.song_response``)."""
    notes: tuple[str, ...] = ()
    """What of the plan could not be done as it says."""


@dataclass(frozen=True)
class Take:
    """One dance; ``score`` where it was one of several."""

    seed: int
    motion: Motion
    spec: TakeSpec
    score: Score | None = None


def make_take(spec: TakeSpec, seed: int, stages: Stages, rough: RoughDance | None = None) -> Take:
    """One dance, in the stages "dance" and "cleanup"; ``rough`` is offered its first pass."""
    constraint, fixed = _constraint(spec)
    stages.enter("dance")
    raw, timed = sample_take(spec, seed, fixed, stages.report, stages.is_cancelled, rough)
    stages.enter("cleanup")
    return Take(seed, finish_take(spec, raw, timed, constraint, fixed), spec)


def make_takes(
    spec_of: Callable[[int], TakeSpec],
    seeds: list[int],
    stages: Stages,
    rough: RoughDance | None = None,
) -> tuple[Take, list[Score]]:
    """The best of some dances and the scores of all, in the one stage "dance".

    ``spec_of`` gives what each seed's take depends on; ``rough`` is offered the first seed's.
    """
    stages.enter("dance")
    best: Take | None = None
    scores = []
    for k, seed in enumerate(seeds):

        def report(fraction: float, done: int = k) -> None:
            stages.report((done + fraction) / len(seeds))

        spec = spec_of(seed)
        constraint, fixed = _constraint(spec)
        others = len(seeds) - 1
        raw, timed = sample_take(spec, seed, fixed, report, stages.is_cancelled, rough, others)
        motion = finish_take(spec, raw, timed, constraint, fixed)
        own = score(motion, spec.beats.times, max(1, spec.beats.beats_per_bar), _wanted(spec))
        scores.append(own)
        if best is None or best.score is None or own.total > best.score.total:
            best = Take(seed, motion, spec, own)
    assert best is not None
    return best, scores


def _wanted(spec: TakeSpec) -> Wanted:
    """What the dance of a spec is judged by: what its plan asks for, phrase by phrase."""
    style, plan, bank = spec.style, spec.plan, spec.model.bank
    mean = style.energy_mean + spec.energy * style.energy_deviation
    if plan is None or bank is None:
        return Wanted(mean, style.energy_deviation)
    rows = phrase_rows(plan, bank, spec.energy)
    lengths = [phrase.end - phrase.start for phrase in plan.phrases]

    def asked(column: str) -> float | None:
        known = [(row[column], s) for row, s in zip(rows, lengths, strict=True) if column in row]
        total = sum(s for _, s in known)
        return sum(value * s for value, s in known) / total if total > 0 else None

    front = plan.front.kind == "heading" and not any(plan.front.degrees)
    return Wanted(
        mean,
        style.energy_deviation,
        asked("leg_speed"),
        asked("arm_speed"),
        asked("step_rate"),
        front,
    )


def _constraint(spec: TakeSpec) -> tuple[MotionConstraint | None, ConstraintFeatures | None]:
    """What is kept, at the dancer's rate and length, and as features; None for nothing."""
    if spec.constraint is None or not spec.constraint.mask.any():
        return None, None
    constraint = spec.constraint.at(spec.model.fps, len(spec.conditions))
    return (constraint, constraint_features(constraint)) if constraint.mask.any() else (None, None)


def sample_take(
    spec: TakeSpec,
    seed: int,
    fixed: ConstraintFeatures | None = None,
    report: Callable[[float], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    rough: RoughDance | None = None,
    others: int = 0,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Features (T, 152); where the song repeats itself by a second pass that returns.

    Then also the frames (T,) that are on time already. The moves are brought
    onto the accents before they return, else each return would be timed again.
    ``rough`` is offered the first pass; ``others`` are dances that are made after this one.
    """
    fps, passes = spec.model.fps, 2 if spec.repeats else 1
    settings = replace(settings_of(spec.model), difference=spec.difference)
    if fixed is not None:
        settings = careful(settings)

    def sample(parts: ConstraintFeatures | None, made: int) -> np.ndarray:
        return sample_dance(
            spec.model,
            spec.conditions,
            spec.weights,
            seed,
            settings,
            lambda fraction: report((made + fraction) / passes),
            cancelled,
            parts,
            spec.response,
        )

    begun = time.monotonic()
    raw = sample(fixed, 0)
    if rough is not None:
        took = time.monotonic() - begun
        rough.offer(raw, fps, spec.plan, took, passes * (1 + others) - 1)
    if not spec.repeats:
        return raw, None
    constraint = None if fixed is None else np.logical_or.reduce(fixed.mask, axis=1)
    on_time = time_warp(rep.decode(raw, fps), spec.accents, constraint)
    returning = return_to_moves(rep.encode(on_time)[0], fps, spec.repeats, fixed)
    return sample(returning, 1), ~returning.free


def finish_take(
    spec: TakeSpec,
    raw: np.ndarray,
    timed: np.ndarray | None,
    constraint: MotionConstraint | None = None,
    fixed: ConstraintFeatures | None = None,
) -> Motion:
    """The motion of features (T, 152) of a take; ``timed`` (T,) as ``sample_take`` gives it."""
    presence = settings_of(spec.model).presence
    return finish_dance(
        raw,
        spec.model.fps,
        spec.accents,
        presence,
        constraint,
        fixed,
        timed,
        spec.style.height_prior,
        spec.plan,
        spec.style.bounce_to(spec.beats.times),
    )
