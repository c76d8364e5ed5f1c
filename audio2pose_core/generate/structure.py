"""Repeated sections of a song return to their moves.

Bars are compared by what is heard in each half beat of theirs (the self-similarity
matrix of J. Foote, "Visualizing Music and Audio using Self-Similarity", ACM
Multimedia 1999, synchronous to the bars), and stretches of bars that sound like
earlier ones are found along its diagonals. The moves of the earlier stretch are
then given to the sampler in the later one, laid over its own beats; what is
between is danced again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from .. import representation as rep
from ..audio.beats import Beats
from ..audio.features import AudioFeatures
from .inpaint import ConstraintFeatures

CELLS = 8
"""Parts of a bar that are compared one by one."""
MEL_BANDS = 16
LIKE, NOT_UNLIKE = 0.6, 0.4
"""Likeness (-1..1) of four bars in the mean, and of each, that makes them a repeat."""
CLEARLY = 0.02
"""So much more alike a later stretch must sound to be taken for the first."""
SHORTEST = 4
"""Bars of the shortest repeat."""
SOONEST = 8
"""Bars after which moves may return: a phrase of 32 counts, so that a loop is no treadmill."""
SETTLE_S = 0.15
"""A repeat comes into its moves, and leaves them, this long inside its first and last bar."""
APPROACH_S = 0.3
"""What is danced again before and after a repeat."""
POSE_S = 0.05
"""So near to an instant a pose comes back, where only poses do."""


@dataclass(frozen=True)
class Repeat:
    """A stretch that sounds like an earlier one: matching instants (k,) of both, seconds."""

    times: np.ndarray
    earlier: np.ndarray
    mirrored: bool = False
    """Whether the moves come back as their mirror image."""
    poses_only: bool = False
    """Whether only the poses on the instants come back, with new ways between them."""
    approach_s: float = APPROACH_S
    settle_s: float = SETTLE_S
    source: np.ndarray | None = None
    """Features (M, 152) of a move that comes in; ``earlier`` are seconds of it. None is the dance
    itself."""

    def summary(self) -> list[float]:
        """Its start, its end and the start of what it repeats, seconds to the millisecond."""
        return [round(float(t), 3) for t in (self.times[0], self.times[-1], self.earlier[0])]


def find_repeats(beats: Beats, features: AudioFeatures) -> list[Repeat]:
    """The repeats of a song in the order of time; none overlap.

    A stretch that repeats a repeat is traced back to where it was first heard.
    """
    bars = beats.times[beats.downbeats]
    if beats.confidence <= 0 or len(bars) < 2:
        return []
    # The last bar ends where the next would begin, if the song goes on for so long.
    end = 2 * bars[-1] - bars[-2]
    if end < (len(features) + 1) / features.fps:
        bars = np.append(bars, end)
    like = likeness(bars, features)
    bar, count = SOONEST, len(like)
    origin = np.arange(count)
    while bar <= count - SHORTEST:
        length, first = _best_source(like, bar)
        if length == 0:
            bar += 1
            continue
        source = np.arange(first, first + length)
        whole = (np.diff(origin[source]) == 1).all()
        origin[bar : bar + length] = origin[source] if whole else source
        bar += length
    repeats = []
    for low, high in _stretches(origin):
        pairs = [p for k in range(low, high) for p in _matching(beats, bars, k, int(origin[k]))]
        pairs.append((float(bars[high]), float(bars[int(origin[high - 1]) + 1])))
        repeats.append(Repeat(*np.array(pairs).T))
    return repeats


def likeness(bars: np.ndarray, features: AudioFeatures) -> np.ndarray:
    """How alike any two bars sound, (n - 1, n - 1) in -1..1, of n bar lines in seconds."""
    edges = np.concatenate([np.linspace(a, b, CELLS, endpoint=False) for a, b in pairwise(bars)])
    edges = np.append(edges, bars[-1]) * features.fps
    edges = np.clip(np.round(edges).astype(int), 0, len(features))
    mel = features.mel.reshape(len(features), MEL_BANDS, -1).mean(axis=2)
    heard = []
    for columns in (mel, features.chroma):
        total = np.concatenate([np.zeros((1, columns.shape[1])), np.cumsum(columns, axis=0)])
        size = np.maximum(np.diff(edges), 1)[:, None]
        cells = (total[edges[1:]] - total[edges[:-1]]) / size
        cells = (cells - cells.mean(axis=0)) / np.maximum(cells.std(axis=0), 1e-3)
        heard.append(cells.reshape(len(bars) - 1, -1) / np.sqrt(columns.shape[1]))
    rows = np.concatenate(heard, axis=1)
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return rows @ rows.T


def _best_source(like: np.ndarray, bar: int) -> tuple[int, int]:
    """Length and first bar of the longest earlier stretch that ``bar`` on repeats; (0, 0) if none.

    Of stretches of one length the first is taken, unless another sounds clearly
    more alike.
    """
    best, found, alike = 0, 0, 0.0
    for first in range(bar - SOONEST + 1):
        along = np.diagonal(like, bar - first)[first:]
        length = 0
        while length < min(len(along), bar - first):
            four = along[max(0, length - SHORTEST + 1) : length + 1]
            if along[length] < NOT_UNLIKE or four.mean() < LIKE:
                break
            length += 1
        mean = float(along[:length].mean()) if length else 0.0
        if length >= SHORTEST and (length > best or (length == best and mean > alike + CLEARLY)):
            best, found, alike = length, first, mean
    return best, found


def _stretches(origin: np.ndarray) -> list[tuple[int, int]]:
    """Runs (start, stop) of bars that repeat bars that follow one another."""
    own = np.arange(len(origin))
    breaks = np.flatnonzero(np.diff(origin - own) != 0) + 1
    edges = [0, *(int(b) for b in breaks), len(origin)]
    return [(a, b) for a, b in pairwise(edges) if origin[a] != a]


def _matching(beats: Beats, bars: np.ndarray, bar: int, earlier: int) -> list[tuple[float, float]]:
    """Instants of a bar and the same ones of an earlier bar: its beats, or its start alone."""
    here, there = (
        beats.times[(beats.times > bars[k] - 1e-6) & (beats.times < bars[k + 1] - 1e-6)]
        for k in (bar, earlier)
    )
    if len(here) != len(there):
        here, there = here[:1], there[:1]
    return list(zip(here.tolist(), there.tolist(), strict=True))


def return_to_moves(
    raw: np.ndarray, fps: float, repeats: list[Repeat], fixed: ConstraintFeatures | None = None
) -> ConstraintFeatures:
    """What the sampler is given for a dance (T, 152) whose repeats return to their moves.

    All is given but the ways into and out of the repeats; what is kept already
    (``fixed``) stays before all.
    """
    features, frames = raw.copy(), len(raw)
    known = np.ones(frames, dtype=bool)
    seconds = np.arange(frames) / fps
    for repeat in repeats:
        start, stop = float(repeat.times[0]), float(repeat.times[-1])
        near = (seconds > start - repeat.approach_s) & (seconds < stop + repeat.approach_s)
        inside = (seconds > start + repeat.settle_s) & (seconds < stop - repeat.settle_s)
        if not inside.any():
            continue
        source = np.interp(seconds, repeat.times, repeat.earlier)
        speed = np.gradient(source, 1.0 / fps) if frames > 1 else np.ones(frames)
        # The earlier stretch may be a repeat itself, which has its moves by now.
        moves = _at(features if repeat.source is None else repeat.source, source[inside] * fps)
        features[inside] = rep.mirror(moves) if repeat.mirrored else moves
        features[inside, rep.VELOCITY] *= speed[inside, None]
        features[inside, rep.TURN] *= speed[inside, None]
        if repeat.poses_only:
            apart = np.abs(seconds[:, None] - repeat.times).min(axis=1)
            inside &= apart < POSE_S
        known = (known & ~near) | inside
    mask = np.repeat(known[:, None], rep.GROUPS, axis=1)
    if fixed is None:
        nothing = np.zeros(frames, dtype=bool)
        return ConstraintFeatures(features, mask, np.zeros(frames), nothing)
    columns = fixed.mask[:, rep.GROUP_OF_FEATURE]
    return replace(
        fixed, features=np.where(columns, fixed.features, features), mask=fixed.mask | mask
    )


def _at(values: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Rows of (T, C) at fractional frames (n,), linearly."""
    position = np.clip(position, 0.0, len(values) - 1)
    low = np.minimum(np.floor(position).astype(int), max(len(values) - 2, 0))
    share = (position - low)[:, None]
    return values[low] * (1 - share) + values[np.minimum(low + 1, len(values) - 1)] * share
