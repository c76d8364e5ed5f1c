"""The training configuration: one TOML file, typed; unknown keys are refused."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ..errors import OptionError
from ..representation import condition_names
from .losses import LossConfig
from .model import ModelConfig


@dataclass(frozen=True)
class DataConfig:
    """Which clips, and how they are multiplied."""

    pack: str = "data/motion_open.npz"
    """The training file, relative to the working folder."""
    fps: float = 30.0
    speeds: tuple[float, ...] = (0.8, 0.87, 0.93, 1.0, 1.07, 1.15, 1.25)
    mirror: bool = True
    conditions: tuple[str, ...] = ("hits", "energy")
    """Groups of ``representation.CONDITION_GROUPS``; bar, sound, mel and chroma need music."""
    style_names: tuple[str, ...] = ()
    styles: dict[str, str] = field(default_factory=dict)
    """Start of a style_guess -> style."""
    held_out: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    source_weights: dict[str, float] = field(default_factory=dict)
    """How often a second of a source is drawn, 1 where it is not named."""
    credits: tuple[str, ...] = ()
    """Lines for the model's contract and card."""


@dataclass(frozen=True)
class TrainConfig:
    """Optimisation."""

    steps: int = 6000
    batch: int = 32
    learning_rate: float = 5e-4
    warmup: int = 500
    weight_decay: float = 0.01
    clip: float = 1.0
    ema: float = 0.999
    seed: int = 0
    drop_hits: float = 0.15
    drop_style: float = 0.15
    drop_energy: float = 0.3
    drop_music: float = 0.15
    """Each of the groups bar, sound, mel and chroma."""
    drop_all: float = 0.1
    """All conditions at once: what guidance pushes away from."""
    shift: float = 1.0
    """Above 1 more of the practice lies near the noise; see ``losses.shifted``."""
    log_every: int = 100
    save_every: int = 1000
    sample_every: int = 0
    """Steps between sample dances (.npz, and a .png where matplotlib is installed); 0 is never."""
    tensorboard: bool = False
    compile: bool = False


@dataclass(frozen=True)
class DistillConfig:
    """How a student learns the teacher's dance in fewer steps; see ``network.distill``."""

    times: tuple[float, ...] = (0.0, 0.06, 0.2, 0.45)
    """The student's times on the path from noise (0) to motion (1): one pass at each."""
    substeps: int = 3
    """Steps of the teacher between two of these."""
    guidance: float = 4.0
    own: float = 0.5
    """Share of windows that start where the student itself gets; the rest from data."""
    fresh: float = 0.35
    """Share of the windows of which nothing is given, on top of those so drawn."""
    even_hits: float = 0.5
    """Share of the windows made from nothing that get a steady beat in place of the clip's."""
    energy_shift: tuple[float, ...] = (-0.6, 0.6)
    """Least and most energy asked for on top of the clip's, as logarithm of the speed."""
    drop: float = 0.03
    """How often each group of conditions is dropped."""
    steps: int = 2000
    batch: int = 16
    windows: int = 128
    """Windows that the teacher answers in a round."""
    reuse: int = 4
    """Times that the student goes over them."""
    learning_rate: float = 2e-4
    liveliness: float = 2.0
    """Weight of the loss of that name, which keeps the student from dancing calmer."""
    as_lively_as_data: bool = True
    """Its last pass is held to how much the clips move (and to the energy that is asked for on
    top), not to how much the teacher moves, who dances calmer than its data too."""
    ema: float = 0.99
    save_every: int = 10
    """Rounds between checkpoints."""
    check_every: int = 5
    """Rounds between comparisons with the teacher from noise to dance."""


@dataclass(frozen=True)
class Config:
    """Everything a training run needs to be repeated."""

    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    distill: DistillConfig = field(default_factory=DistillConfig)

    @property
    def conditions(self) -> tuple[str, ...]:
        """Names of the columns of the conditions."""
        return condition_names(self.data.conditions)


T = TypeVar("T")


def _build(kind: type[T], values: dict[str, Any], where: str) -> T:
    fields = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise OptionError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(fields)}")
    made: dict[str, Any] = {}
    for key, value in values.items():
        default = fields[key].default
        if isinstance(value, list):
            value = tuple(value)
        elif isinstance(default, float) and isinstance(value, int):
            value = float(value)
        if isinstance(default, (int, float, str, bool)) and type(value) is not type(default):
            raise OptionError(f"{where}: {key} = {value!r} should be a {type(default).__name__}")
        made[key] = value
    return kind(**made)


def load_config(path: str | Path) -> Config:
    """Read a TOML file with the tables [data], [model], [loss] and [train]."""
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise OptionError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionError(f"{path}: not a TOML file: {error}") from error
    return from_tables(tables, str(path))


def from_tables(tables: dict[str, Any], where: str) -> Config:
    """A Config from nested dictionaries, as TOML or a checkpoint holds them."""
    names = [f.name for f in dataclasses.fields(Config)]
    unknown = sorted(set(tables) - set(names))
    if unknown:
        raise OptionError(f"{where}: unknown table [{unknown[0]}]; known are {', '.join(names)}")

    def part(name: str, kind: type[T]) -> T:
        return _build(kind, tables.get(name, {}), f"{where} [{name}]")

    config = Config(
        part("data", DataConfig),
        part("model", ModelConfig),
        part("loss", LossConfig),
        part("train", TrainConfig),
        part("distill", DistillConfig),
    )
    condition_names(config.data.conditions)
    return config
