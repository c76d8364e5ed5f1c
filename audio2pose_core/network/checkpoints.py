"""Checkpoints: the exact state of a run, and a small file of its averaged weights."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .. import representation as rep
from ..errors import ModelError, OutputError
from ..files import other_than_a_file, whole_file
from ..json_file import parse_json
from .config import Config, from_tables

CHECKPOINT, WEIGHTS = "checkpoint.pt", "weights.pt"


def save_checkpoint(
    path: Path,
    config: Config,
    model: torch.nn.Module,
    average: dict[str, torch.Tensor],
    optimiser: torch.optim.Optimizer,
    step: int,
    mean: np.ndarray,
    deviation: np.ndarray,
    extra: dict[str, Any] | None = None,
) -> None:
    """Write the exact state beside ``weights.pt``, the averaged weights in half precision.

    Each appears whole or not at all. ``extra`` goes into both. Raises ModelError, and leaves
    the files of the save before, where a number is not finite; OutputError where there is no
    room.
    """
    shared = {
        "config": json.dumps(dataclasses.asdict(config)),
        "step": step,
        "mean": torch.as_tensor(mean),
        "deviation": torch.as_tensor(deviation),
        "conditions": list(config.conditions),
        **(extra or {}),
    }
    state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "average": average}
    half = {k: v.half().cpu() for k, v in average.items()}
    require_finite(step, path, [state, half])
    save_tensors(shared | state, path)
    save_tensors(shared | {"average": half}, path.with_name(WEIGHTS))


def require_finite(step: int, path: Path, state: Any) -> None:
    """Raise ModelError where a tensor anywhere in ``state`` holds NaN or infinity.

    The message says ``step`` and the checkpoint ``path`` that stays as it was.
    """
    if not all_finite(state):
        raise diverged("the weights are not finite", step, path)


def diverged(what: str, step: int, path: Path) -> ModelError:
    """The error of a run whose numbers stopped being finite at ``step``."""
    if not path.exists():
        return ModelError(f"{what} at step {step}: training has diverged; lower the learning rate")
    return ModelError(
        f"{what} at step {step}: training has diverged; {path} is still the last good checkpoint: "
        "lower the learning rate and go on from there"
    )


def all_finite(state: Any) -> bool:
    """Whether every floating-point tensor in nested dictionaries and lists is finite."""
    found: list[torch.Tensor] = []

    def gather(value: Any) -> None:
        if isinstance(value, torch.Tensor):
            if value.is_floating_point() and value.numel():
                found.append(value.detach().abs().amax().double().cpu())
        elif isinstance(value, dict):
            for part in value.values():
                gather(part)
        elif isinstance(value, list | tuple):
            for part in value:
                gather(part)

    gather(state)
    return not found or bool(torch.stack(found).isfinite().all())


def save_tensors(state: dict[str, Any], path: Path) -> None:
    """``torch.save``, whole or not at all; OutputError where there is no room."""
    with whole_file(path) as temporary:
        try:
            torch.save(state, temporary)
        except RuntimeError as error:
            # torch's writer reports a full disk so ("inline_container … unexpected pos").
            why = str(error).partition("\n")[0]
            raise OutputError(
                f"cannot write {path} ({why}); free some space: the file saved before is kept"
            ) from error


def load_tensors(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """What ``save_tensors`` wrote; the pickle inside may hold tensors only. Else ModelError."""
    if kind := other_than_a_file(path):
        raise ModelError(f"{path} is {kind}, not a checkpoint")
    try:
        state = torch.load(path, map_location=device, weights_only=True)
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no such file; name the checkpoint.pt of a run") from error
    except Exception as error:
        # Of damaged bytes torch's reader of pickles raises whatever they lead it to.
        why = str(error).partition("\n")[0][:200] or type(error).__name__
        raise ModelError(f"{path}: not a checkpoint of Audio2Pose ({why})") from error
    if not isinstance(state, dict):
        raise ModelError(f"{path}: not a checkpoint of Audio2Pose")
    return state


def load_checkpoint(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Read a checkpoint or a weights file of the dancer; ModelError where it is none."""
    state = load_tensors(path, device)
    if not all(check(state.get(name)) for name, check in _FIELDS.items()):
        raise ModelError(f"{path}: not a checkpoint of Audio2Pose")
    return state


def _is_weights(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(k, str) and isinstance(v, torch.Tensor) for k, v in value.items()
    )


def _is_scale(value: Any) -> bool:
    return (
        isinstance(value, torch.Tensor)
        and tuple(value.shape) == (rep.WIDTH,)
        and bool(value.isfinite().all())
    )


_FIELDS: dict[str, Callable[[Any], bool]] = {
    "average": _is_weights,
    "config": lambda value: isinstance(value, str),
    "conditions": lambda value: isinstance(value, list) and all(isinstance(n, str) for n in value),
    "step": lambda value: isinstance(value, int) and value >= 0,
    "mean": _is_scale,
    "deviation": lambda value: _is_scale(value) and bool((value > 0).all()),
}
"""What a checkpoint and a weights file hold at least."""


@contextmanager
def restoring(path: Path) -> Iterator[None]:
    """ModelError where a state is put into a network or optimiser that it does not fit."""
    try:
        yield
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        why = str(error).partition("\n")[0][:200] or type(error).__name__
        raise ModelError(
            f"{path}: its weights do not fit its own configuration ({why}); it is damaged"
        ) from error


def load_run(path: Path, config: Config, device: torch.device) -> dict[str, Any]:
    """The state to go on from; raises ModelError where weights or config are another run's."""
    state = load_checkpoint(path, device)
    if not isinstance(state.get("optimiser"), dict) or not _is_weights(state.get("model")):
        raise ModelError(f"{path}: holds weights only; training goes on from a checkpoint.pt")
    if not all_finite(state):
        raise ModelError(
            f"{path}: holds numbers that are not finite, of a run that diverged; train again in "
            "another folder"
        )
    before = checkpoint_config(state, str(path))
    if before.model != config.model or before.conditions != config.conditions:
        raise ModelError(
            f"{path}: was trained with another [model] or other conditions; choose another folder "
            "or go on with its own configuration"
        )
    return state


def scale_of(state: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation (152,) that the weights know their data by."""
    return state["mean"].cpu().numpy(), state["deviation"].cpu().numpy()


def changes(before: Config, now: Config) -> str:
    """What a resumed run does otherwise than before, in words; empty where nothing is."""
    out = []
    for table in ("data", "loss", "train"):
        old, new = (dataclasses.asdict(getattr(c, table)) for c in (before, now))
        out += [f"{key} {old[key]} -> {new[key]}" for key in new if old[key] != new[key]]
    return ", ".join(out)


def checkpoint_config(state: dict[str, Any], where: str) -> Config:
    """The configuration that a checkpoint was trained with."""
    tables = parse_json(state["config"], f"{where}: its configuration")
    if not isinstance(tables, dict):
        raise ModelError(f"{where}: its configuration is no table")
    return from_tables(tables, where)
