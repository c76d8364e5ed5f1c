"""The figures of a set of dances: means over equal pieces, with an interval over the seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy import stats

from ..cleanup import estimate_floor, label_contacts
from ..cleanup.smooth import smooth_motion
from ..errors import DataError
from ..metrics import jerk, measure, motion_beats, seam_jumps
from ..metrics.beat_lock import beat_positions
from ..motion import Motion
from .diversity import diversity
from .frechet import Scale, frechet_distance
from .geometric import geometric_features
from .kinetic import kinetic_features

FPS = 30.0
"""Everything is measured at the dancer's rate: steps of velocity depend on the frame rate."""
PIECE_S = 8.0
"""Length of the pieces for the figures of one dance. A beat figure of a long dance and of a
short one do not compare, and 8 s is what most clips with known beats have."""
FEATURE_PIECE_S = 4.0
"""Length of the pieces whose features make a set: held-out motion has few clips."""
SHORTEST_S = 2.0


@dataclass(frozen=True)
class Sample:
    """One dance: its motion, its music's beats (b,) and its seams (s,) in seconds, if any.

    ``style`` is a label for plots; ``name`` tells a clip from another; ``source`` names a
    collection whose faults are known (``source_faults``). ``downbeats`` (b,) bool belong to
    the beats, ``sections`` (n,) are the boundaries of the music's sections in seconds.
    """

    motion: Motion
    beats: np.ndarray | None = None
    seams: np.ndarray = field(default_factory=lambda: np.zeros(0))
    style: str = ""
    name: str = ""
    source: str = ""
    downbeats: np.ndarray | None = None
    sections: np.ndarray | None = None


class Posed(Motion):
    """A motion whose joint positions are computed once: a dozen figures ask for them."""

    @cached_property
    def _positions(self) -> np.ndarray:
        positions = super().joint_positions()
        positions.flags.writeable = False
        return positions

    def joint_positions(self) -> np.ndarray:
        """World position of every joint, (T, 24, 3) metres; read only."""
        return self._positions


def posed(motion: Motion) -> Posed:
    """The same motion, remembering its joint positions."""
    return Posed(motion.fps, motion.root, motion.rotations, motion.contacts)


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
class Run:
    """What was measured of one run of a system.

    ``pieces`` are the figures of its pieces, ``styles`` their labels, ``whole``
    the figures that only a set has, ``offsets`` (n,) where its motion beats lie
    from the nearest beat of the music, in beats.
    """

    pieces: list[dict[str, float]]
    styles: list[str]
    whole: dict[str, float]
    feature_pieces: int
    offsets: np.ndarray


@dataclass(frozen=True)
class Row:
    """All figures of one system."""

    name: str
    figures: dict[str, Figure]
    runs: int
    pieces: int
    """Pieces of one run that carry its features."""
    measured: tuple[Run, ...] = ()


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
            pieces.append(Sample(motion, beats, style=sample.style, name=sample.name))
    return pieces


def features_of(samples: list[Sample]) -> Features:
    """Features of the pieces of prepared samples; DataError where there are fewer than two."""
    pieces = [posed(p.motion) for s in samples for p in cut(s, FEATURE_PIECE_S)]
    if len(pieces) < 2:
        raise DataError(
            f"{len(pieces)} piece(s) of {SHORTEST_S:g} s or more cannot be compared; give more "
            "or longer dances"
        )
    return Features(
        np.stack([kinetic_features(p) for p in pieces]),
        np.stack([geometric_features(p) for p in pieces]),
    )


def reference_of(sets: Mapping[str, list[Sample]]) -> Reference:
    """Named sets of real motion as what others are compared with."""
    return Reference.of(
        {
            name: features_of([Sample(prepare(s.motion)) for s in samples])
            for name, samples in sets.items()
        }
    )


def measure_run(samples: list[Sample], reference: Reference) -> Run:
    """Everything that is measured of one run; what a process of the evaluation does."""
    prepared = [replace(s, motion=prepare(s.motion)) for s in samples]
    pieces = [p for s in prepared for p in cut(s, PIECE_S)]
    features = features_of(prepared)
    offsets = [_offsets(p) for p in pieces]
    return Run(
        [figures_of(posed(p.motion), p.beats) for p in pieces],
        [p.style for p in pieces],
        _figures_of_set(features, reference) | _seams(prepared),
        len(features.kinetic),
        np.concatenate(offsets) if offsets else np.zeros(0),
    )


def row_of(name: str, runs: list[Run]) -> Row:
    """A system's row from its runs, one a seed.

    The interval is over the runs; a system of one run (real motion) has it over
    its pieces, and none for the figures that only a whole set has.
    """
    if len(runs) == 1:
        run = runs[0]
        figures = {key: interval([p.get(key, np.nan) for p in run.pieces]) for key in MEASURED}
        figures |= {key: Figure(value) for key, value in run.whole.items()}
    else:
        joined = [
            {k: _mean([p.get(k, np.nan) for p in run.pieces]) for k in MEASURED} | run.whole
            for run in runs
        ]
        figures = {key: interval([run[key] for run in joined]) for key in joined[0]}
    return Row(name, figures, len(runs), runs[-1].feature_pieces, tuple(runs))


def evaluate_set(name: str, runs: list[list[Sample]], reference: Reference) -> Row:
    """``row_of`` what ``measure_run`` finds in each run."""
    return row_of(name, [measure_run(run, reference) for run in runs])


MEASURED = (
    "beat_lock", "beat_lock_lift", "beat_power", "beat_power_lift", "beat_alignment",
    "motion_magnitude_m_s", "freeze_rate", "jerk_m_s3", "jerk_below_7_hz", "pfc",
    "foot_slide_cm_s", "foot_slide_visible", "planted_slide_cm_s", "planted_share",
    "penetration_max_cm", "penetration_mean_cm", "motion_beats_per_s",
)  # fmt: skip
"""The figures of a piece that a table shows."""


def figures_of(motion: Motion, beats: np.ndarray | None) -> dict[str, float]:
    """``metrics.measure``, and the jerk without what trembles faster than dance: above 7 Hz."""
    return measure(motion, beats) | {"jerk_below_7_hz": jerk(smooth_motion(motion))}


def _offsets(piece: Sample) -> np.ndarray:
    """Beats (n,) in -0.5..0.5 from the nearest beat of the music to each motion beat."""
    if piece.beats is None or len(piece.beats) < 2:
        return np.zeros(0)
    at = beat_positions(motion_beats(piece.motion)[0], piece.beats)
    return at - np.round(at)


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
    half = stats.t.ppf(0.975, n - 1) * stats.sem(numbers)
    return Figure(float(numbers.mean()), float(half))
