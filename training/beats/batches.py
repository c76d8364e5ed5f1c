"""Crops of rendered pieces, changed at random: features and targets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio2pose_core.audio.beat_features import BANDS, FPS

from .config import AugmentConfig
from .render import piece_path

TARGET = (1.0, 0.6, 0.15)
"""The target at a beat's frame, beside it, and two frames off."""

Random = np.random.Generator


@dataclass(frozen=True)
class Rendered:
    """A piece from disk: features (T, 81) float32, beats in seconds, places in the bar."""

    features: np.ndarray
    beats: np.ndarray
    places: np.ndarray
    source: str


def load_piece(folder: Path, number: int) -> Rendered:
    """Read a piece that training.beats.render wrote."""
    with np.load(piece_path(folder, number)) as data:
        return Rendered(
            data["features"].astype(np.float32), data["beats"], data["places"], str(data["source"])
        )


def count_pieces(folder: Path, known: int = 0) -> int:
    """How many pieces there are without a gap; ``known`` of them are taken for granted."""
    while piece_path(folder, known).is_file():
        known += 1
    return known


def targets(beats: np.ndarray, places: np.ndarray, frames: int) -> np.ndarray:
    """Soft targets (frames, 2) of beats and downbeats at ``beats`` in frames."""
    out = np.zeros((frames, 2), np.float32)
    centre = np.round(beats).astype(int)
    for column, which in ((0, centre), (1, centre[places == 0])):
        for away in (2, 1, 0):  # the nearest beat's value stays
            for at in (which - away, which + away):
                at = at[(at >= 0) & (at < frames)]
                out[at, column] = np.maximum(out[at, column], TARGET[away])
    return out


def make_batch(
    folder: Path, numbers: np.ndarray, frames: int, augment: AugmentConfig, random: Random
) -> tuple[np.ndarray, np.ndarray]:
    """Features (B, frames, 81) and targets (B, frames, 2), float32."""
    crops = [crop(load_piece(folder, int(n)), frames, augment, random) for n in numbers]
    return np.stack([c[0] for c in crops]), np.stack([c[1] for c in crops])


def crop(
    piece: Rendered, frames: int, augment: AugmentConfig, random: Random
) -> tuple[np.ndarray, np.ndarray]:
    """A stretch of a piece, another tempo, tone and pitch; see ``AugmentConfig``."""
    longest = np.log(len(piece.features) / frames)
    speed = float(np.exp(np.clip(random.uniform(-1, 1) * augment.stretch, None, longest)))
    start = random.uniform(0, max(0.0, len(piece.features) - 1 - speed * (frames - 1)))
    features = _resampled(piece.features, start + speed * np.arange(frames))
    wanted = targets((piece.beats * FPS - start) / speed, piece.places, frames)
    if augment.bands:
        features = _shifted(features, int(random.integers(-augment.bands, augment.bands + 1)))
    if augment.tone_db:
        features = _toned(features, augment.tone_db, random)
    if random.random() < augment.masked:
        low, count = random.integers(0, BANDS), random.integers(3, 25)
        features[:, low : low + count] = 0.0
    if random.random() < augment.muted:
        first, count = random.integers(0, frames), random.integers(25, 250)
        features[first : first + count] *= random.choice([0.0, 0.3])
    return features, wanted


def _resampled(features: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Linear interpolation in time."""
    at = np.clip(at, 0, len(features) - 1)
    low = np.minimum(at.astype(int), len(features) - 2)
    part = (at - low)[:, None].astype(np.float32)
    return features[low] * (1 - part) + features[low + 1] * part


def _shifted(features: np.ndarray, bands: int) -> np.ndarray:
    """Up or down along the bands; the outermost band fills what is left free."""
    index = np.clip(np.arange(BANDS) - bands, 0, BANDS - 1)
    return features[:, index]


def _toned(features: np.ndarray, deviation_db: float, random: Random) -> np.ndarray:
    """Another equaliser and level before the logarithm: log10(1 + g (10**x - 1))."""
    points = random.normal(0, deviation_db, 6) + random.normal(0, deviation_db)
    decibels = np.interp(np.arange(BANDS), np.linspace(0, BANDS - 1, 6), points)
    gain = (10 ** (decibels / 20)).astype(np.float32)
    log10 = np.float32(np.log(10.0))
    return np.log1p(gain * np.expm1(features * log10)) / log10
