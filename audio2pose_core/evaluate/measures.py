"""The figures of a set of dances: means over equal pieces, with an interval over the seeds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from ..cleanup import estimate_floor, label_contacts
from ..errors import DataError
from ..metrics import measure, seam_jumps
from ..metrics.diversity import diversity
from ..metrics.frechet import Scale, frechet_distance
from ..metrics.geometric import geometric_features
from ..metrics.kinetic import kinetic_features
from ..motion import Motion

FPS = 30.0
"""Everything is measured at the dancer's rate: steps of velocity depend on the frame rate."""
PIECE_S = 8.0
"""Length of the pieces for the figures of one dance. A beat figure of a long dance and of a
short one do not compare, and 8 s is what most clips with known beats have."""
FEATURE_PIECE_S = 4.0
"""Length of the pieces whose features make a set: held-out motion has few clips."""
SHORTEST_S = 2.0

# 97.5 % points of Student's t for 1 to 30 degrees of freedom; beyond, the normal's.
_T = (
    12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13,
    2.12, 2.11, 2.10, 2.09, 2.09, 2.08, 2.07, 2.07, 2.06, 2.06, 2.06, 2.05, 2.05, 2.05, 2.04,
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """One dance: its motion, its music's beats (b,) and its seams (s,) in seconds, if any."""

    motion: Motion
    beats: np.ndarray | None = None
    seams: np.ndarray = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True)
class Figure:
    """A mean and the half width of its 95 % interval (NaN where there is none)."""

    mean: float
    half: float = float("nan")


@dataclass(frozen=True)
class Features:
    """Kinetic (n, 72) and geometric (n, 32) features of the pieces of a set."""

    kinetic: np.ndarray
    geometric: np.ndarray


@dataclass(frozen=True)
class Reference:
    """Real motion to compare with; the scales are those of all real motion together."""

    sets: dict[str, Features]
    kinetic_scale: Scale
    geometric_scale: Scale

    @staticmethod
    def of(sets: dict[str, Features]) -> Reference:
        """Named sets of real motion."""
        return Reference(
            sets,
            Scale.of(np.concatenate([s.kinetic for s in sets.values()])),
            Scale.of(np.concatenate([s.geometric for s in sets.values()])),
        )


@dataclass(frozen=True)
class Row:
    """All figures of one system."""

    name: str
    figures: dict[str, Figure]
    runs: int
    pieces: int
    """Pieces of one run that carry its features."""


def prepare(motion: Motion) -> Motion:
    """At ``FPS``, with contact labels where it has none."""
    motion = motion.resample(FPS)
    if motion.contacts is not None:
        return motion
    return motion.with_contacts(label_contacts(motion, estimate_floor(motion)))


def cut(sample: Sample, seconds: float) -> list[Sample]:
    """Equal pieces of ``seconds`` or somewhat more; seams are left out.

    A shorter dance is one piece, and none at all below ``SHORTEST_S``.
    """
    # A hair's breadth of tolerance: 24 s are three times 8 s, whatever the frames add up to.
    count = max(1, int(sample.motion.seconds / seconds + 0.02))
    edges = np.round(np.linspace(0, len(sample.motion), count + 1)).astype(int)
    pieces = []
    for start, stop in pairwise(edges):
        motion = sample.motion.slice(int(start), int(stop))
        if motion.seconds >= SHORTEST_S:
            beats = None if sample.beats is None else sample.beats - start / motion.fps
            pieces.append(Sample(motion, beats))
    return pieces


def features_of(samples: list[Sample]) -> Features:
    """Features of the pieces of prepared samples; DataError where there are fewer than two."""
    pieces = [p.motion for s in samples for p in cut(s, FEATURE_PIECE_S)]
    if len(pieces) < 2:
        raise DataError(
            f"{len(pieces)} piece(s) of {SHORTEST_S:g} s or more cannot be compared; give more "
            "or longer dances"
        )
    return Features(
        np.stack([kinetic_features(p) for p in pieces]),
        np.stack([geometric_features(p) for p in pieces]),
    )


def evaluate_set(name: str, runs: list[list[Sample]], reference: Reference) -> Row:
    """A system's row from its runs, one a seed.

    The interval is over the runs; a system of one run (real motion) has it over
    its pieces, and none for the figures that only a whole set has.
    """
    prepared = [[replace(s, motion=prepare(s.motion)) for s in run] for run in runs]
    by_piece = [[_figures_of_piece(p) for s in run for p in cut(s, PIECE_S)] for run in prepared]
    of_sets: list[dict[str, float]] = []
    pieces = 0
    for run in prepared:
        features = features_of(run)
        pieces = len(features.kinetic)
        of_sets.append(_figures_of_set(features, reference) | _seams(run))
    if len(runs) == 1:
        figures = {key: interval([p.get(key, np.nan) for p in by_piece[0]]) for key in MEASURED}
        figures |= {key: Figure(value) for key, value in of_sets[0].items()}
    else:
        means = [{k: _mean([p.get(k, np.nan) for p in run]) for k in MEASURED} for run in by_piece]
        joined = [mean | whole for mean, whole in zip(means, of_sets, strict=True)]
        figures = {key: interval([run[key] for run in joined]) for key in joined[0]}
    return Row(name, figures, len(runs), pieces)


MEASURED = (
    "beat_lock", "beat_lock_lift", "beat_power", "beat_power_lift", "beat_alignment",
    "motion_magnitude_m_s", "freeze_rate", "jerk_m_s3", "pfc", "foot_slide_cm_s",
    "foot_slide_visible", "planted_slide_cm_s", "planted_share", "penetration_max_cm",
    "penetration_mean_cm", "motion_beats_per_s",
)  # fmt: skip
"""The figures of ``metrics.measure`` that a table shows."""


def _figures_of_piece(piece: Sample) -> dict[str, float]:
    return measure(piece.motion, piece.beats)


def _figures_of_set(features: Features, reference: Reference) -> dict[str, float]:
    kinetic = reference.kinetic_scale(features.kinetic)
    geometric = reference.geometric_scale(features.geometric)
    out = {"div_k": diversity(kinetic), "div_g": diversity(geometric)}
    for name, real in reference.sets.items():
        real_kinetic = reference.kinetic_scale(real.kinetic)
        real_geometric = reference.geometric_scale(real.geometric)
        out[f"fid_k {name}"] = frechet_distance(kinetic, real_kinetic).distance
        out[f"fid_g {name}"] = frechet_distance(geometric, real_geometric).distance
    return out


def _seams(run: list[Sample]) -> dict[str, float]:
    """Mean of the largest step at a seam, m/s, and over what is usual elsewhere."""
    found = [seam_jumps(s.motion, s.seams) for s in run]
    return {
        "seam_jump_m_s": _mean([jump for jump, _ in found]),
        "seam_ratio": _mean([ratio for _, ratio in found]),
    }


def _mean(values: list[float]) -> float:
    """Mean of what is a number; NaN if nothing is."""
    numbers = np.array(values, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    return float(numbers.mean()) if len(numbers) else float("nan")


def interval(values: list[float]) -> Figure:
    """Mean and Student's 95 % interval of it, of what is a number."""
    numbers = np.array(values, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    n = len(numbers)
    if n < 2:
        return Figure(_mean(values))
    quantile = _T[n - 2] if n - 1 <= len(_T) else 1.96
    return Figure(float(numbers.mean()), float(quantile * numbers.std(ddof=1) / np.sqrt(n)))
