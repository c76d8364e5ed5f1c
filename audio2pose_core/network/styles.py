"""What a model's contract says of its styles: seconds, pace and energy of their training data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .. import representation as rep
from ..data.training.windows_reader import is_windows
from ..errors import ModelError
from .batches import style_index
from .config import Config
from .sources import read_split

STRONG = 0.75
"""Quantile of the accents' strengths that counts as a clear accent."""
_NEEDED = ("hit_rate", "hit_known", "hit_strength", "hit_cos", "energy")


def describe_styles(config: Config) -> dict[str, Any]:
    """For each style its seconds of data, accents a second and energy (mean, deviation).

    These let the generator choose which beats are accents and scale the song's loudness to
    what the style does. Each training clip of the configuration's windows file counts once,
    as it was captured. Raises DataError, and ModelError for a style without clips.
    """
    place = config.data.windows
    if not is_windows(place):
        # Of a pack no other versions of the clips are needed.
        config = replace(config, data=replace(config.data, speeds=(1.0,), mirror=False))
    file = read_split(config)[0].plain()
    column = {name: rep.WIDTH + i for i, name in enumerate(file.conditions)}
    if any(name not in column for name in _NEEDED):
        raise ModelError(f"{place}: has no accents and energy, which a style is described by")
    style = np.array([style_index(s, config) for s in file.styles])
    out: dict[str, Any] = {}
    for i, name in enumerate(config.data.style_names):
        tracks = [
            file.track(int(k))[:, [column[n] for n in _NEEDED]] for k in np.flatnonzero(style == i)
        ]
        if not tracks:
            raise ModelError(f"{place}: holds no training clip of the style {name!r}")
        strengths = np.concatenate([accent_strengths(*track.T[1:4]) for track in tracks])
        rate, known, _, _, energy = np.concatenate(tracks).astype(np.float64).T
        rate = 2.0 * 2.0 ** rate[known > 0]
        if len(rate) == 0:
            raise ModelError(f"{place}: the clips of the style {name!r} have no accents")
        # A long interval has more frames: weighted by its rate, each interval counts once.
        out[name] = {
            "seconds": round(len(energy) / file.fps, 1),
            "hit_rate": round(quantile(rate, rate, 0.5), 3),
            "hit_strength": round(float(np.quantile(strengths, STRONG)), 3),
            "energy_mean": round(float(energy.mean()), 3),
            "energy_deviation": round(float(energy.std()), 3),
        }
    return out


def accent_strengths(known: np.ndarray, strength: np.ndarray, cosine: np.ndarray) -> np.ndarray:
    """Strengths (n,) of the accents of a track's conditions, (T,) each.

    Between accents the strength is interpolated; it is an accent's own where the cosine of the
    phase is largest.
    """
    around = np.concatenate([[-1.0], np.where(known > 0, cosine, -1.0), [-1.0]])
    at = (around[1:-1] >= around[:-2]) & (around[1:-1] > around[2:]) & (around[1:-1] > 0)
    return np.asarray(strength[at], dtype=np.float64)


def quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """The smallest of values (n,) at or below which lies ``share`` of the weights (n,)."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(below, share * below[-1])])
