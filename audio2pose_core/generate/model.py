"""A model file: ``name.onnx`` with its contract ``name.json``, run by ONNX Runtime."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..choreography.bank import Bank, load_bank
from ..cleanup.groove import Groove
from ..cleanup.pelvis_height import PelvisHeightPrior
from ..errors import DataError, ModelError
from ..json_fields import Fields
from ..json_file import read_json
from .contract import read_contract
from .session import open_session
from .spread import Spread

INPUTS = ("x", "t", "known", "mask", "conditions", "style")
BANK = "bank.json"
DEFAULT_MODEL = Path(__file__).resolve().parent.parent / "models" / "default" / "default.onnx"


@dataclass(frozen=True)
class Style:
    """What the generator needs to know of a style; from the contract."""

    name: str
    seconds: float
    """Seconds of training motion."""
    hit_rate: float
    """Natural accents a second."""
    hit_strength: float
    """Prominence (0..1) of a clear accent."""
    energy_mean: float
    energy_deviation: float
    energy_offset: float = 0.0
    """What must be asked for on top, so that the dance is as lively as the style's data
    (``evaluate.calibrate``): few steps calm a dance down, each style by another measure."""
    legs_offset: float = 0.0
    arms_offset: float = 0.0
    steps_offset: float = 0.0
    """The same for what a plan asks of legs, arms and steps, as logarithms of speed and rate."""
    groove: float = 0.0
    """Logarithm of what the bounce of the hips is multiplied by (``cleanup.groove``)."""
    jumps_per_min: float = 0.0
    jump_height: float = 0.12
    """How often its dancers jump, and how far up, metres."""
    turns_per_min: float = 0.0
    """How often they turn once around."""
    spread: Spread | None = None
    """How far the style's poses lie from its middle; a network draws them in."""
    height_prior: PelvisHeightPrior | None = None
    """How high the style stands; a network that is asked for energy crouches."""

    def bounce_to(self, beats: np.ndarray) -> Groove:
        """How the hips of a dance to beats (b,) s bounce."""
        return Groove(beats, math.exp(self.groove))

    @staticmethod
    def parse(name: str, values: Mapping[str, Any]) -> Style:
        """From a contract; raises KeyError, TypeError or ValueError for what is none."""
        figures = {k: float(v) for k, v in values.items() if k not in ("stance", "spread")}
        return Style(
            name,
            **figures,
            spread=Spread.parse(values["spread"]) if "spread" in values else None,
            height_prior=PelvisHeightPrior.parse(values["stance"]) if "stance" in values else None,
        )


class DanceModel:
    """A checked model, ready to run."""

    def __init__(
        self,
        session: Any,
        contract: dict[str, Any],
        sha256: str,
        warnings: tuple[str, ...] = (),
        bank: Bank | None = None,
    ) -> None:
        self._session = session
        self.warnings = warnings
        """What went otherwise than one would think, e.g. a device that could not be used."""
        self.name = str(contract["name"])
        self.sha256 = sha256
        self.fps = float(contract["fps"])
        self.window = int(contract["window"])
        self.patch = int(contract["patch"])
        self.conditions: tuple[str, ...] = tuple(contract["conditions"])
        self.mean = np.asarray(contract["mean"], dtype=np.float64)
        self.deviation = np.asarray(contract["deviation"], dtype=np.float64)
        self.style_table = {n: Style.parse(n, v) for n, v in contract["styles"].items()}
        self.sampler: dict[str, Any] = dict(contract["sampler"])
        self.bank = bank
        """How each style dances eight counts, where the model was made with such rows."""

    @property
    def styles(self) -> tuple[str, ...]:
        """Names of the styles, in the network's order."""
        return tuple(self.style_table)

    @property
    def most_energy(self) -> float:
        """One and a half deviations above the mean of the liveliest style: more it hardly saw."""
        return max(s.energy_mean + 1.5 * s.energy_deviation for s in self.style_table.values())

    def run(self, **inputs: np.ndarray) -> np.ndarray:
        """One pass of the network; see ``network.model.DanceNet.forward``.

        x, known (B, T, 152), t (B,), mask (B, T, 28), conditions (B, T, C),
        style (B, styles) -> (B, T, 152), all normalised. T is a multiple of
        ``patch`` and at most ``window``.
        """
        feed = {name: np.ascontiguousarray(inputs[name], dtype=np.float32) for name in INPUTS}
        return self._session.run(["motion"], feed)[0]


@dataclass(frozen=True)
class LoadingModel:
    """A model on its way: its frame rate is known at once, the rest when it is there."""

    fps: float
    result: Callable[[], DanceModel]


def begin_loading(
    model: str | os.PathLike[str] | DanceModel | None, threads: int = 0, device: str = "auto"
) -> LoadingModel:
    """Load a model as ``load_model`` does, beside other work; one that is there is taken.

    Raises ModelError where there is none, or no contract; what else is wrong ``result`` raises.
    """
    if isinstance(model, DanceModel):
        return LoadingModel(model.fps, lambda: model)
    path = _files_of(model)[0]
    pool = ThreadPoolExecutor(1, "model")
    future = pool.submit(load_model, path, threads, device)
    pool.shutdown(wait=False)
    try:
        fps = Fields(read_json(path.with_suffix(".json")), "the contract").number("fps", 1.0, 240.0)
    except DataError:
        # Loading says it in its own words.
        return LoadingModel(future.result().fps, future.result)
    return LoadingModel(fps, future.result)


def _files_of(model: str | os.PathLike[str] | None) -> tuple[Path, Path]:
    """The .onnx file and its contract; ModelError where one is missing."""
    path = DEFAULT_MODEL if model is None else Path(model)
    contract = path.with_suffix(".json")
    for part in (path, contract):
        if not part.is_file():
            raise ModelError(f"{part}: no such file; a model is NAME.onnx with NAME.json beside it")
    return path, contract


def load_model(
    path: str | os.PathLike[str] | None = None, threads: int = 0, device: str = "auto"
) -> DanceModel:
    """Load a model and refuse one whose hash or contract does not fit this program.

    ``path`` is the .onnx file, its contract lies beside it, and its bank of eight counts,
    ``bank.json``, if it has one; None is the shipped dancer. ``threads`` 0 leaves the number
    to ONNX Runtime. ``device`` is one of ``session.DEVICES``: "auto" takes an accelerator if
    there is one.
    """
    model, contract_path = _files_of(path)
    try:
        data = model.read_bytes()
    except OSError as error:
        raise ModelError(f"{model}: cannot be read: {error.strerror or error}") from error
    sha256 = hashlib.sha256(data).hexdigest()
    contract = read_contract(contract_path, sha256)
    session, warnings = open_session(model, data, threads, device)
    names = tuple(i.name for i in session.get_inputs())
    if set(names) != set(INPUTS):
        raise ModelError(f"{model}: its inputs are {names}, this program gives {INPUTS}")
    rows = model.with_name(BANK)
    bank = load_bank(rows) if rows.is_file() else None
    return DanceModel(session, contract, sha256, warnings, bank)
