"""What a beat network might say of songs that exist only as lists of beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RATE = 50


@dataclass(frozen=True)
class Score:
    """Beats (n,) and downbeats (m,) in seconds."""

    beats: np.ndarray
    downbeats: np.ndarray
    seconds: float


def written(
    tempi: Sequence[tuple[float, float]],
    metres: Sequence[tuple[int, int]],
    seconds: float = 60.0,
    pickup: int = 0,
    first: float = 0.3,
    rubato: float = 0.0,
    seed: int = 0,
) -> Score:
    """A song of tempi (from second, bpm) and metres (from bar, beats).

    ``rubato`` is the deviation of each beat's log tempo, correlated over some five beats.
    """
    random = np.random.default_rng(seed)
    time, drift, bar = first, 0.0, 0
    beats: list[float] = []
    downbeats: list[float] = []
    left = pickup
    while time < seconds - 0.1:
        if left == 0:
            left = [n for start, n in metres if bar >= start][-1]
            downbeats.append(time)
            bar += 1
        beats.append(time)
        left -= 1
        drift = 0.8 * drift + random.normal(0.0, rubato)
        time += 60.0 / [bpm for start, bpm in tempi if time >= start][-1] * np.exp(drift)
    return Score(np.array(beats), np.array(downbeats), seconds)


def heard(
    score: Score,
    seed: int = 0,
    sure: float = 0.85,
    missed: float = 0.05,
    off_beats: float = 0.3,
    off_share: float = 0.4,
    jitter: float = 0.006,
    silent: Sequence[tuple[float, float]] = (),
) -> np.ndarray:
    """Activations (T, 2): smeared, of changing height, with gaps, false peaks and noise.

    ``missed`` beats leave no trace; ``off_share`` of the half beats peak at about
    ``off_beats``; nothing is heard in the spans ``silent``.
    """
    random = np.random.default_rng(seed)
    frames = int(score.seconds * RATE)
    out = np.stack([random.beta(1, 20, frames), 0.5 * random.beta(1, 20, frames)], axis=1)
    position = np.arange(frames)

    def peak(column: int, time: float, height: float) -> None:
        shape = np.exp(-0.5 * ((position - RATE * time) / 1.1) ** 2)
        out[:, column] = np.maximum(out[:, column], np.clip(height, 0.02, 0.98) * shape)

    starts = np.isin(score.beats, score.downbeats)
    lengths = np.diff(score.beats, append=score.beats[-1] + 0.5)
    for time, length, start in zip(score.beats, lengths, starts, strict=True):
        if random.random() >= missed:
            played = time + random.normal(0.0, jitter)
            peak(0, played, random.normal(sure, 0.12))
            if start:
                peak(1, played, random.normal(0.7, 0.2))
            elif random.random() < 0.3:
                peak(1, played, random.normal(0.2, 0.15))
        if random.random() < off_share:
            peak(0, time + 0.5 * length, random.normal(off_beats, 0.12))
    for start, stop in silent:
        out[int(start * RATE) : int(stop * RATE)] = 0.01
    return np.clip(out, 0.001, 0.999).astype(np.float32)
