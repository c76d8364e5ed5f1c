"""Checkpoints: the exact state of a run, and a small file of its averaged weights."""

from __future__ import annotations

import dataclasses
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..errors import ModelError, OutputError
from ..files import whole_file
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


def load_checkpoint(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Read a checkpoint or a weights file; the pickle inside may hold tensors only."""
    try:
        state = torch.load(path, map_location=device, weights_only=True)
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no such file; name the checkpoint.pt of a run") from error
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, pickle.PickleError) as error:
        why = str(error).partition("\n")[0]
        raise ModelError(f"{path}: not a checkpoint of Audio2Pose ({why})") from error
    if not isinstance(state, dict) or "average" not in state or "config" not in state:
        raise ModelError(f"{path}: not a checkpoint of Audio2Pose")
    return state


def load_run(path: Path, config: Config, device: torch.device) -> dict[str, Any]:
    """The state to go on from; raises ModelError where weights or config are another run's."""
    state = load_checkpoint(path, device)
    if "optimiser" not in state:
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
    return from_tables(json.loads(state["config"]), where)
