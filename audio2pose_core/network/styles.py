"""What a model's contract says of its styles: seconds, pace and energy of their training data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .. import representation as rep
from ..cleanup.contacts import label_contacts
from ..data.training.clip import load_pack
from ..data.training.tracks import training_accents
from ..data.training.windows_reader import is_windows, open_windows
from ..errors import ModelError
from .batches import style_index
from .config import Config

STRONG = 0.75
"""Quantile of the hits' strengths that counts as a clear hit."""


def describe_styles(pack: Path, config: Config) -> dict[str, Any]:
    """For each style its seconds of data, hit rate (hits a second) and energy (mean, deviation).

    These let the generator choose which beats are hits and scale the song's
    loudness to what the style does. ``pack`` is a pack of clips or the folder of
    a windows file; raises DataError, and ModelError for a style without clips.
    """
    made = _of_windows(pack, config) if is_windows(pack) else _of_clips(pack, config)
    out: dict[str, Any] = {}
    for name in config.data.style_names:
        if name not in made:
            raise ModelError(f"{pack}: holds no training clip of the style {name!r}")
        seconds, rates, weights, strengths, energy = made[name]
        if len(rates) == 0:
            raise ModelError(f"{pack}: the clips of the style {name!r} have no hits")
        out[name] = {
            "seconds": round(seconds, 1),
            "hit_rate": round(_median(rates, weights), 3),
            "hit_strength": round(float(np.quantile(strengths, STRONG)), 3),
            "energy_mean": round(float(energy.mean()), 3),
            "energy_deviation": round(float(energy.std()), 3),
        }
    return out


_Figures = tuple[float, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _of_clips(pack: Path, config: Config) -> dict[str, _Figures]:
    """Seconds, rates with their weights, strengths and energies of each style of a pack."""
    out: dict[str, _Figures] = {}
    clips = load_pack(pack)
    for name in config.data.style_names:
        chosen = [c.motion.resample(30.0) for c in clips if c.style == name and c.split == "train"]
        if not chosen:
            continue
        hits = [training_accents(m.with_contacts(label_contacts(m))) for m in chosen]
        rates = 1.0 / np.concatenate([np.diff(times) for times, _ in hits])
        out[name] = (
            sum(m.seconds for m in chosen),
            rates,
            np.ones(len(rates)),
            np.concatenate([s for _, s in hits]),
            np.concatenate([rep.energy(m) for m in chosen]),
        )
    return out


def _of_windows(folder: Path, config: Config) -> dict[str, _Figures]:
    """The same of a windows file, from its conditions."""
    file = open_windows(folder)
    column = {name: rep.WIDTH + i for i, name in enumerate(file.conditions)}
    needed = ("hit_rate", "hit_known", "hit_strength", "energy")
    if any(name not in column for name in needed):
        raise ModelError(f"{folder}: has no hits and energy, which a style is described by")
    style = np.array([style_index(s, config) for s in file.styles])
    out: dict[str, _Figures] = {}
    for i, name in enumerate(config.data.style_names):
        runs = [
            slice(file.starts[k], file.starts[k] + file.frames[k])
            for k in np.flatnonzero(style == i)
        ]
        if not runs:
            continue
        rows = np.concatenate([file.rows[r][:, [column[n] for n in needed]] for r in runs])
        rate, known, strength, energy = rows.astype(np.float64).T
        rate = 2.0 * 2.0 ** rate[known > 0]
        # A long interval has more frames: by its rate each interval counts once.
        out[name] = (len(rows) / file.fps, rate, rate, strength[known > 0], energy)
    return out


def _median(values: np.ndarray, weights: np.ndarray) -> float:
    """The value at half of the weight."""
    order = np.argsort(values)
    share = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(share, share[-1] / 2)])
