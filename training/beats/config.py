"""Settings of a training run, from TOML; an unknown key is refused by name."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audio2pose_core.errors import OptionError

from .network import NetworkConfig


@dataclass(frozen=True)
class MaterialConfig:
    """What is learned from."""

    folder: str = "data/beats_material"
    """Where training.beats.render left its pieces; it may still be at work."""
    held_out: int = 64
    """The first pieces are for validation only."""
    wait_for: int = 200
    """Pieces that must be there before training begins."""


@dataclass(frozen=True)
class AugmentConfig:
    """Changes to features, each drawn anew for every crop."""

    stretch: float = 0.18
    """Largest change of tempo, as a logarithm."""
    bands: int = 2
    """Largest shift along the bands; one band is 1.2 semitones."""
    tone_db: float = 4.0
    """Deviation of the gains of an equaliser of six points, and of the overall level."""
    masked: float = 0.25
    """Chance that a stretch of bands is silent."""
    muted: float = 0.2
    """Chance that a stretch of time is silent, or nearly: the beats go on."""


@dataclass(frozen=True)
class TrainConfig:
    """The run."""

    steps: int = 5000
    batch: int = 16
    frames: int = 1280
    learning_rate: float = 2.5e-3
    weight_decay: float = 0.01
    warmup: int = 100
    average: float = 0.999
    """Decay of the averaged weights, once as many steps are done."""
    beat_weight: float = 3.0
    downbeat_weight: float = 6.0
    bfloat16: bool = True
    """Convolutions in bfloat16: half as fast again on CPUs that have it."""
    refresh: int = 100
    """Steps after which newly rendered pieces are taken in."""
    save_every: int = 250
    seed: int = 1


@dataclass(frozen=True)
class Config:
    """A whole run."""

    material: MaterialConfig = field(default_factory=MaterialConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    train: TrainConfig = field(default_factory=TrainConfig)


def load_config(path: Path) -> Config:
    """Read a TOML file; OptionError names what is wrong."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OptionError(f"{path}: cannot be read as a configuration: {error}") from error
    return from_tables(tables, str(path))


def from_tables(tables: dict[str, Any], where: str) -> Config:
    """A Config from nested dictionaries."""
    parts = {f.name: f.default_factory for f in dataclasses.fields(Config)}
    made: dict[str, Any] = {}
    for name, values in tables.items():
        if name not in parts:
            raise OptionError(f"{where}: unknown table [{name}]; known are {', '.join(parts)}")
        kind: Any = parts[name]
        known = {f.name for f in dataclasses.fields(kind)}
        if unknown := sorted(set(values) - known):
            raise OptionError(
                f"{where} [{name}]: unknown key {unknown[0]!r}; "
                f"known are {', '.join(sorted(known))}"
            )
        lists = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        made[name] = kind(**lists)
    return Config(**made)
