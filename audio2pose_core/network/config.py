"""The training configuration: one TOML file, its types and ranges checked by pydantic."""

from __future__ import annotations

import tomllib
from dataclasses import fields as fields_of
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, TypeVar

from annotated_types import Ge, Gt, Le, Lt
from pydantic import ConfigDict, Field, ValidationError, model_validator
from pydantic.dataclasses import dataclass
from pydantic_core import ErrorDetails

from ..errors import OptionError
from ..representation import condition_names

_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Speed = Annotated[float, Field(ge=0.5, le=2)]


@dataclass(frozen=True, config=_STRICT)
class DataConfig:
    """Which clips, and how they are multiplied."""

    windows: str = "data/motion_open"
    """The folder of a windows file, relative to the working folder; or a pack of clips (.npz), of
    which one is made beside it. The key was called ``pack`` and may be still."""
    fps: Annotated[float, Field(ge=10, le=120)] = 30.0
    speeds: Annotated[tuple[Speed, ...], Field(min_length=1)] = (
        0.8, 0.87, 0.93, 1.0, 1.07, 1.15, 1.25,
    )  # fmt: skip
    mirror: bool = True
    conditions: tuple[str, ...] = ("hits", "energy")
    """Groups of ``representation.CONDITION_GROUPS``; bar, sound, mel and chroma need music."""
    style_names: tuple[str, ...] = ()
    styles: dict[str, str] = Field(default_factory=dict)
    """Start of a style_guess -> style."""
    held_out: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    source_weights: dict[str, Weight] = Field(default_factory=dict)
    """How often a second of a source is drawn, 1 where it is not named; 0 leaves it out."""
    credits: tuple[str, ...] = ()
    """Lines for the model's contract and card."""

    @model_validator(mode="after")
    def _check(self) -> DataConfig:
        condition_names(self.conditions)
        return self


@dataclass(frozen=True, config=_STRICT)
class ModelConfig:
    """Shape of the network."""

    width: Annotated[int, Field(ge=8, le=8192)] = 256
    depth: Annotated[int, Field(ge=1, le=256)] = 8
    heads: Annotated[int, Field(ge=1, le=256)] = 4
    kernel: Annotated[int, Field(ge=1, le=255)] = 5
    """Tokens under the depthwise convolution of each block (odd)."""
    window: Annotated[int, Field(ge=8, le=10_000)] = 240
    """Most frames of one pass. Half a window is a multiple of ``patch``, too: that is how the
    generator joins two windows."""
    patch: Annotated[int, Field(ge=1, le=64)] = 4
    """Frames in one token."""
    detail: Annotated[int, Field(ge=1, le=8192)] = 96
    """Channels a frame after the tokens are spread out again."""

    @model_validator(mode="after")
    def _check(self) -> ModelConfig:
        if self.width % (2 * self.heads):
            raise ValueError(
                f"width = {self.width} should be a multiple of twice heads = {self.heads}, "
                f"{2 * self.heads}"
            )
        if self.kernel % 2 == 0:
            raise ValueError(f"kernel = {self.kernel} should be odd")
        if self.window % (2 * self.patch):
            raise ValueError(
                f"window = {self.window} should be a multiple of twice patch = {self.patch}, "
                f"{2 * self.patch}: half a window is made of whole tokens too"
            )
        return self


@dataclass(frozen=True, config=_STRICT)
class LossConfig:
    """Weights of the terms; each term is a mean square in its own unit."""

    position: Weight = 1.0
    """Joint positions in units of 10 cm, in the frame of the body's heading."""
    velocity: Weight = 1.0
    """Joint velocities over the ground in units of 0.5 m/s."""
    acceleration: Weight = 0.2
    """Joint accelerations in units of 10 m/s²."""
    contact: Weight = 1.0
    """Velocity of planted feet in units of 0.2 m/s."""
    liveliness: Weight = 0.0
    """How much each joint moves over the window: logarithms of the root mean squares of its
    velocity and of its acceleration. A network that is unsure predicts the mean of what may
    come, which moves less; this holds against it."""
    fade: Share = 0.0
    """Flow time below which the terms in real units fade towards the noise, 0 for none. There
    the prediction should be the mean of all dances that may come, which is no dance: losses on
    its joints would pull the flow away from it, and the dance comes out calmer."""
    max_weight: Positive = 25.0
    """Cap of the weight 1 / (1 - t)² that turns the error of the motion into that of the flow."""


@dataclass(frozen=True, config=_STRICT)
class TrainConfig:
    """Optimisation."""

    steps: Count = 6000
    batch: Count = 32
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 5e-4
    warmup: Annotated[int, Field(ge=0)] = 500
    weight_decay: Annotated[float, Field(ge=0, lt=1)] = 0.01
    clip: Positive = 1.0
    """Largest norm of the gradient; a longer one is scaled down to it."""
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.999
    """Decay of the moving average of the weights, a step."""
    seed: Annotated[int, Field(ge=0, lt=10**9)] = 0
    drop_hits: Share = 0.15
    drop_style: Share = 0.15
    drop_energy: Share = 0.3
    drop_music: Share = 0.15
    """Each of the groups bar, sound, mel and chroma."""
    drop_control: Share = 0.3
    """Each of the groups of control channels (``control.CONDITION_GROUPS``)."""
    average_control: Share = 0.0
    """Share of windows whose legs, arms, level, steps and holds are told by their means over
    two stretches, as a plan asks for them, in place of frame by frame."""
    drop_all: Share = 0.1
    """All conditions at once: what guidance pushes away from."""
    shift: Positive = 1.0
    """Above 1 more of the flow times drawn lie near the noise; see ``losses.shifted``."""
    log_every: Count = 100
    save_every: Count = 1000
    sample_every: Annotated[int, Field(ge=0)] = 0
    """Steps between sample dances (.npz, and a .png where matplotlib is installed); 0 is never."""
    tensorboard: bool = False
    compile: bool = False
    bf16_on_cpu: bool = False
    """Whether a CPU with bfloat16 instructions uses them, as GPUs always do; nearly twice as fast,
    and a run cannot be compared digit by digit with one without them."""


@dataclass(frozen=True, config=_STRICT)
class DistillConfig:
    """How a student learns the teacher's dance in fewer steps; see ``network.distill``."""

    times: tuple[float, ...] = (0.0, 0.06, 0.2, 0.45)
    """The student's times on the path from noise (0) to motion (1): one pass at each."""
    substeps: Count = 3
    """Steps of the teacher between two of these."""
    guidance: Annotated[float, Field(ge=0, le=100)] = 4.0
    own: Share = 0.5
    """Share of windows that start where the student itself gets; the rest from data."""
    fresh: Share = 0.35
    """Share of the windows without constraints, on top of those so drawn."""
    even_hits: Share = 0.5
    """Share of the windows without constraints that get a steady beat in place of the clip's."""
    energy_shift: tuple[float, float] = (-0.6, 0.6)
    """Least and most energy asked for on top of the clip's, as logarithm of the speed."""
    drop: Share = 0.03
    """How often each group of conditions is dropped."""
    drop_control: Share = 0.03
    """The same for the control channels: a plan asks for some of them only."""
    steps: Count = 2000
    batch: Count = 16
    windows: Count = 128
    """Windows that the teacher answers in a round."""
    reuse: Count = 4
    """Times that the student goes over them."""
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 2e-4
    liveliness: Weight = 2.0
    """Weight of the loss of that name, which keeps the student from dancing calmer."""
    as_lively_as_data: bool = True
    """The liveliness that the last pass is trained towards is the clips' (plus the energy that is
    asked for on top), not the teacher's, which is calmer than its data too."""
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.99
    save_every: Count = 10
    """Rounds between checkpoints."""
    check_every: Count = 5
    """Rounds between comparisons with the teacher from noise to dance."""

    @model_validator(mode="after")
    def _check(self) -> DistillConfig:
        times = self.times
        if not times or times[0] != 0.0 or any(b <= a for a, b in pairwise((*times, 1.0))):
            raise ValueError(f"times = {list(times)}: begin with 0, rise, and stay below 1")
        if self.windows % (self.batch * len(times)):
            raise ValueError(
                f"windows = {self.windows} should be a multiple of batch times the number of "
                f"times, {self.batch * len(times)}"
            )
        if self.energy_shift[0] > self.energy_shift[1]:
            raise ValueError(f"energy_shift = {list(self.energy_shift)}: the lower number first")
        return self


@dataclass(frozen=True, config=_STRICT)
class Config:
    """Everything a training run needs to be repeated."""

    data: DataConfig = Field(default_factory=DataConfig)
    model: ModelConfig = Field(default_factory=ModelConfig)
    loss: LossConfig = Field(default_factory=LossConfig)
    train: TrainConfig = Field(default_factory=TrainConfig)
    distill: DistillConfig = Field(default_factory=DistillConfig)

    @property
    def conditions(self) -> tuple[str, ...]:
        """Names of the columns of the conditions."""
        return condition_names(self.data.conditions)


TABLES: dict[str, type] = {
    "data": DataConfig,
    "model": ModelConfig,
    "loss": LossConfig,
    "train": TrainConfig,
    "distill": DistillConfig,
}
OLD_NAMES = {("data", "pack"): "windows"}
"""Keys of version 0.1 -> what they are called now; both are read."""

T = TypeVar("T")


def load_config(path: str | Path) -> Config:
    """Read a TOML file with the tables of ``Config``; OptionError names the key that is wrong."""
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise OptionError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OptionError(f"{path}: not a TOML file: {error}") from error
    return from_tables(tables, str(path))


def from_tables(tables: dict[str, Any], where: str) -> Config:
    """A Config from nested dictionaries, as TOML or a checkpoint holds them."""
    unknown = sorted(set(tables) - set(TABLES))
    if unknown:
        raise OptionError(f"{where}: unknown table [{unknown[0]}]; known are {', '.join(TABLES)}")
    parts: dict[str, Any] = {}
    for name, kind in TABLES.items():
        values = tables.get(name, {})
        if not isinstance(values, dict):
            raise OptionError(f"{where}: {name} should be a table, [{name}]")
        parts[name] = checked(kind, _renamed(name, values, where), f"{where} [{name}]")
    return Config(**parts)


def checked(kind: type[T], values: dict[str, Any], where: str) -> T:
    """One table of the configuration; OptionError says ``where``, the key and its range."""
    try:
        return kind(**{key: _tuples(value) for key, value in values.items()})
    except ValidationError as error:
        raise OptionError(f"{where}: {_reason(kind, error.errors()[0])}") from error
    except OptionError as error:  # of a group of conditions
        raise OptionError(f"{where}: {error}") from error


def changed(config: T, where: str, **values: Any) -> T:
    """A table with some values changed, checked again (``dataclasses.replace`` with our error)."""
    before = {f.name: getattr(config, f.name) for f in fields_of(config)}  # type: ignore[arg-type]
    return checked(type(config), before | values, where)


def _renamed(table: str, values: dict[str, Any], where: str) -> dict[str, Any]:
    """Values with today's keys."""
    out = dict(values)
    for (owner, old), new in OLD_NAMES.items():
        if owner == table and old in out:
            if new in out:
                raise OptionError(f"{where} [{table}]: {old} is the old name of {new}; give one")
            out[new] = out.pop(old)
    return out


def _tuples(value: Any) -> Any:
    """Lists of TOML as the tuples that a frozen configuration holds."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _reason(kind: type, error: ErrorDetails) -> str:
    """What is wrong with a value, in words: its key, its value and the range it should be in."""
    place = error["loc"]
    if not place:  # of the table as a whole: our own words
        return error["msg"].removeprefix("Value error, ")
    key = str(place[0])
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"unknown key {key!r}; known are {', '.join(f.name for f in fields_of(kind))}"
    name = ".".join(map(str, place))
    said = error["msg"].removeprefix("Input ")
    limits = range_of(kind, key)
    return f"{name} = {error['input']!r} {said}{f'; the range is {limits}' if limits else ''}"


def range_of(kind: type, key: str) -> str:
    """The range of a number of a table, as "0 ≤ ema < 1"; empty where it has none."""
    field = getattr(kind, "__pydantic_fields__", {}).get(key)
    low, high = "", ""
    for bound in field.metadata if field is not None else ():
        if isinstance(bound, Ge):
            low = f"{bound.ge} ≤ "
        elif isinstance(bound, Gt):
            low = f"{bound.gt} < "
        elif isinstance(bound, Le):
            high = f" ≤ {bound.le}"
        elif isinstance(bound, Lt):
            high = f" < {bound.lt}"
    return f"{low}{key}{high}" if low or high else ""
