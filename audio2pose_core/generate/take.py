"""Takes: one dance for what is asked, or the best of some."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .. import representation as rep
from ..audio.beats import Beats
from ..cleanup import time_warp
from ..cleanup.constraints import MotionConstraint
from ..motion import Motion
from .finish import finish_dance
from .inpaint import ConstraintFeatures, constraint_features
from .model import DanceModel, Style
from .quality import Score, score
from .sampler import sample_dance, settings_of
from .stages import Stages
from .structure import Repeat, return_to_moves


@dataclass(frozen=True)
class Asked:
    """All that a take depends on but its seed.

    ``hits`` (n,) are seconds within the song, ``conditions`` (T, C) and
    ``weights`` (styles,) the network's; ``energy`` is that of the dial.
    """

    model: DanceModel
    style: Style
    beats: Beats
    energy: float
    hits: np.ndarray
    conditions: np.ndarray
    weights: np.ndarray
    repeats: list[Repeat]
    keep: MotionConstraint | None


@dataclass(frozen=True)
class Take:
    """One dance; ``score`` where it was one of several."""

    seed: int
    motion: Motion
    score: Score | None = None


def make_take(asked: Asked, seed: int, stages: Stages) -> Take:
    """One dance, in the stages "dance" and "cleanup"."""
    kept, given = _kept(asked)
    stages.enter("dance")
    raw, timed = _sample(asked, seed, given, stages.report, stages.is_cancelled)
    stages.enter("cleanup")
    return Take(seed, _finish(asked, raw, kept, given, timed))


def make_takes(asked: Asked, seeds: list[int], stages: Stages) -> tuple[Take, list[Score]]:
    """The best of some dances and the scores of all, in the one stage "dance"."""
    kept, given = _kept(asked)
    wanted = asked.style.energy_mean + asked.energy * asked.style.energy_deviation
    stages.enter("dance")
    best: Take | None = None
    scores = []
    for k, seed in enumerate(seeds):

        def report(fraction: float, done: int = k) -> None:
            stages.report((done + fraction) / len(seeds))

        raw, timed = _sample(asked, seed, given, report, stages.is_cancelled)
        motion = _finish(asked, raw, kept, given, timed)
        own = score(motion, asked.beats.times, wanted, asked.style.energy_deviation)
        scores.append(own)
        if best is None or best.score is None or own.total > best.score.total:
            best = Take(seed, motion, own)
    assert best is not None
    return best, scores


def _kept(asked: Asked) -> tuple[MotionConstraint | None, ConstraintFeatures | None]:
    """What is kept, at the dancer's rate and length, and as features; None for nothing."""
    if asked.keep is None or not asked.keep.mask.any():
        return None, None
    kept = asked.keep.at(asked.model.fps, len(asked.conditions))
    return (kept, constraint_features(kept)) if kept.mask.any() else (None, None)


def _sample(
    asked: Asked,
    seed: int,
    given: ConstraintFeatures | None,
    report: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> tuple[np.ndarray, np.ndarray | None]:
    """Features (T, 152); where the song repeats itself by a second pass that returns.

    Then also the frames (T,) that are on time already. The moves are brought
    onto the hits before they return, else each return would be timed anew.
    """
    fps, passes = asked.model.fps, 2 if asked.repeats else 1

    def sample(parts: ConstraintFeatures | None, made: int) -> np.ndarray:
        return sample_dance(
            asked.model,
            asked.conditions,
            asked.weights,
            seed,
            settings_of(asked.model),
            lambda fraction: report((made + fraction) / passes),
            cancelled,
            parts,
        )

    raw = sample(given, 0)
    if not asked.repeats:
        return raw, None
    kept = None if given is None else np.logical_or.reduce(given.mask, axis=1)
    on_time = time_warp(rep.decode(raw, fps), asked.hits, kept)
    returning = return_to_moves(rep.encode(on_time)[0], fps, asked.repeats, given)
    return sample(returning, 1), ~returning.free


def _finish(
    asked: Asked,
    raw: np.ndarray,
    kept: MotionConstraint | None,
    given: ConstraintFeatures | None,
    timed: np.ndarray | None,
) -> Motion:
    presence = settings_of(asked.model).presence
    return finish_dance(
        raw, asked.model.fps, asked.hits, presence, kept, given, timed, asked.style.stance
    )
