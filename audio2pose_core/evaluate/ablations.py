"""What each part of the dancer is worth: one thing changed at a time, the same songs and seeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import representation as rep
from ..cleanup import clean
from ..generate.dance import generate_dance
from ..generate.model import DanceModel, load_model
from ..generate.sampler import settings_of
from ..generate.stage import keep_on_stage
from ..metrics import measure
from ..motion import Motion
from .dancers import EvalSpec, Pool, worker_here
from .measures import PIECE_S, Sample, cut, posed, prepare

SONGS, SEEDS = 5, 2
FIGURES = (
    ("motion_magnitude_m_s", "magnitude, m/s", 3),
    ("jerk_m_s3", "jerk, m/s³", 0),
    ("beat_lock_lift", "lock lift", 3),
    ("beat_power", "beat power", 3),
    ("foot_slide_cm_s", "slide by geometry, cm/s", 1),
    ("planted_slide_cm_s", "slide where planted, cm/s", 2),
    ("freeze_rate", "freeze", 3),
)


@dataclass(frozen=True)
class Variation:
    """One thing changed: ``settings`` of the sampler, ``cleanup`` of ``clean``, ``options`` of
    ``generate_dance``; ``hits`` False drops them from the conditions."""

    name: str
    settings: tuple[tuple[str, Any], ...] = ()
    cleanup: tuple[tuple[str, Any], ...] = ()
    options: tuple[tuple[str, Any], ...] = ()
    hits: bool = True


def variations(model: DanceModel) -> list[Variation]:
    """The shipped dancer, and what is changed of it."""
    own = settings_of(model)
    distilled = " (distilled)" if own.times is not None and max(own.pushes) == 1.0 else ""
    pushes = ", ".join(f"{push:g}" for push in own.pushes)
    out = [Variation(f"as it is: {own.steps} steps{distilled}, guidance {pushes}")]
    # Other numbers of steps crowd near the noise.
    out += [
        Variation(f"{n} steps, guidance 1", (("steps", n), ("times", None), ("guidance", 1.0)))
        for n in sorted({4, 8, 16, 32, own.steps})
        if n != own.steps or own.times is not None
    ]  # fmt: skip
    even = (("steps", 8), ("times", tuple(k / 8 for k in range(8))), ("guidance", 1.0))
    out.append(Variation("8 steps, guidance 1, evenly spaced", even))
    out += [
        Variation(f"guidance {g:g}", (("guidance", g),)) for g in (1.0, 1.5, 2.0, 4.0)
        if g != own.guidance
    ]  # fmt: skip
    out += [
        Variation(f"overlap {frames} frames", (("overlap", frames),)) for frames in (30, 60, 90)
        if frames != own.overlap
    ]  # fmt: skip
    out += [Variation(f"energy {e:+g}", options=(("energy", e),)) for e in (-1.0, 1.0)]
    out += [
        Variation("no accents in the conditions", hits=False),
        Variation("no timing pass", cleanup=(("timing", False),)),
        Variation("no accents, no timing pass", cleanup=(("timing", False),), hits=False),
        Variation("no smoothing", cleanup=(("smooth", False),)),
        Variation("accents as the network has them", settings=(("presence", 1.0),)),
        Variation("as high as the network stands", cleanup=(("height_prior", None),)),
        Variation("no floor, no foot lock", cleanup=(("feet", False),)),
        Variation("no cleanup", cleanup=(("timing", False), ("smooth", False), ("feet", False))),
        Variation("structure", options=(("structure", True),)),
        Variation("best of 4", options=(("quality", 4),)),
    ]
    return [v for v in out if v.name != "accents as the network has them" or own.presence != 1.0]


def vary(i: int, seed: int, variation: Variation) -> Motion:
    """Song ``i`` danced with one thing changed, in a worker."""
    here = worker_here()
    model, song = here.models[0], here.spec.songs[i]
    style = here.style_of(model, i, seed)
    if variation.options:
        options: dict[str, Any] = {"plan": None, "structure": False, **dict(variation.options)}
        return generate_dance(song.audio, style=style, seed=seed, model=model, **options).motion
    settings = replace(settings_of(model), **dict(variation.settings))
    hits, _, _ = here.conditions_for(model, i, style)
    features = here.features(model, i, style, seed, settings, variation.hits)
    cleanup: dict[str, Any] = dict(variation.cleanup)
    return clean(
        rep.decode(features, model.fps),
        hits,
        presence=settings.presence,
        path=keep_on_stage,
        **({"height_prior": here.chosen(model, i, style).height_prior} | cleanup),
    )


def _figures(task: tuple[int, int, Variation]) -> list[dict[str, float]]:
    i, seed, variation = task
    motion = prepare(vary(i, seed, variation))
    here = worker_here()
    beats = here.spec.songs[i].beats
    if beats is None:
        beats = here.analysed(i, here.models[0].fps)[0].times
    return [measure(posed(p.motion), p.beats) for p in cut(Sample(motion, beats), PIECE_S)]


def ablations(
    pool: Pool, spec: EvalSpec, progress: Callable[[float], None]
) -> list[tuple[str, list[dict[str, float]]]]:
    """Each variation with the figures of its pieces, by the first dancer."""
    chosen = variations(load_model(spec.models[0]))
    songs = range(min(SONGS, len(spec.songs)))
    tasks = [(i, seed, v) for v in chosen for i in songs for seed in range(SEEDS)]
    found = iter(pool.map(_figures, tasks, progress))
    size = len(songs) * SEEDS
    return [(v.name, [p for _ in range(size) for p in next(found)]) for v in chosen]


def ablation_table(rows: list[tuple[str, list[dict[str, float]]]]) -> str:
    """Markdown: one variation a line."""
    head = " | ".join(name for _, name, _ in FIGURES)
    lines = [f"| | {head} |", "| --- |" + " ---: |" * len(FIGURES)]
    for name, pieces in rows:
        cells = []
        for key, _, decimals in FIGURES:
            values = np.array([p.get(key, np.nan) for p in pieces])
            known = np.isfinite(values)
            cells.append(f"{values[known].mean():.{decimals}f}" if known.any() else "–")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + (
        f"\n\nThe first {SONGS} songs, {SEEDS} seeds, one thing changed at a time; only large "
        "differences mean anything."
    )
