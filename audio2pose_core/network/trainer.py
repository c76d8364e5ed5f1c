"""The training loop, readable in one sitting."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import pickle
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .. import representation as rep
from ..data.pack import load_pack
from ..data.tracks import make_all_tracks, statistics
from ..data.windows_read import is_windows, open_windows
from ..errors import DataError, ModelError
from ..files import whole_file
from .batches import MappedWindows, Windows
from .config import Config, from_tables
from .losses import RealUnits, flow_losses
from .model import DanceNet


def train(
    config: Config,
    folder: Path,
    *,
    device: str = "auto",
    steps: int | None = None,
    max_seconds: float | None = None,
) -> Path:
    """Train until ``steps`` or ``max_seconds``; resume from ``folder`` if it holds a checkpoint.

    Returns the checkpoint's path. A run that was stopped and resumed makes the
    same steps on the same batches as one that was not.
    """
    began = time.monotonic()
    where = choose_device(device)
    folder.mkdir(parents=True, exist_ok=True)
    windows, mean, deviation, size = training_windows(config, where)
    log(folder, f"{size} in {time.monotonic() - began:.0f} s on {where}")

    torch.manual_seed(config.train.seed)
    model = DanceNet(config.model, len(config.conditions), len(config.data.style_names)).to(where)
    average = {k: v.clone() for k, v in model.state_dict().items()}
    units = RealUnits(torch.as_tensor(mean), torch.as_tensor(deviation), config.data.fps).to(where)
    optimiser = torch.optim.AdamW(
        model.parameters(),
        lr=config.train.learning_rate,
        weight_decay=config.train.weight_decay,
        betas=(0.9, 0.98),
        fused=True,
    )
    step = 0
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        state = load_checkpoint(checkpoint, where)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        average, step = state["average"], state["step"]
        log(folder, f"resumed at step {step}")
    losses_of = LossStep(model, units, config)
    compute: Any = torch.compile(losses_of) if config.train.compile else losses_of
    last = config.train.steps if steps is None else min(steps, config.train.steps)
    stamp, stamp_step = time.monotonic(), step
    while step < last:
        if max_seconds is not None and time.monotonic() - began > max_seconds:
            break
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(config, step)
        batch = windows.batch(step, config.train.batch)
        terms = compute(
            batch.target,
            batch.mask,
            batch.conditions,
            batch.style,
            batch.valid,
            batch.noise,
            batch.t,
        )
        optimiser.zero_grad(set_to_none=True)
        terms["total"].backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), config.train.clip)
        optimiser.step()
        step += 1
        decay = min(config.train.ema, (1 + step) / (10 + step))
        weights = model.state_dict()
        torch._foreach_lerp_(list(average.values()), list(weights.values()), 1 - decay)
        if step % config.train.log_every == 0:
            rate = (step - stamp_step) / (time.monotonic() - stamp)
            stamp, stamp_step = time.monotonic(), step
            values = {k: float(v.detach()) for k, v in terms.items()}
            if not math.isfinite(values["total"]):
                raise ModelError(
                    f"the loss is {values['total']} at step {step}; lower the learning rate"
                )
            shown = " ".join(f"{k} {v:.4f}" for k, v in values.items())
            log(folder, f"step {step} {shown} norm {float(norm):.2f} {rate:.2f} steps/s")
        if step % config.train.save_every == 0:
            save_checkpoint(checkpoint, config, model, average, optimiser, step, mean, deviation)
    save_checkpoint(checkpoint, config, model, average, optimiser, step, mean, deviation)
    log(folder, f"stopped at step {step} after {time.monotonic() - began:.0f} s")
    return checkpoint


def training_windows(
    config: Config,
    where: torch.device,
    given: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[Windows, np.ndarray, np.ndarray, str]:
    """What to draw batches from, mean and deviation (152,), and how much it is, in words.

    Mean and deviation are those of the data, or the ``given`` ones of an earlier training.

    ``config.data.pack`` names a pack of clips, whose tracks are made here, or
    the folder of a windows file, which was made with speeds and mirroring.
    """
    pack = config.data.pack
    if is_windows(pack):
        file = open_windows(pack)
        missing = [name for name in config.conditions if name not in file.conditions]
        if file.fps != config.data.fps or missing:
            raise DataError(
                f"{pack}: made for {file.fps:g} fps and {', '.join(file.conditions)}; the config "
                "asks for others; build the windows again"
            )
        if given is not None:
            file = dataclasses.replace(file, mean=given[0], deviation=given[1])
        size = f"{len(file.frames)} tracks, {len(file.rows)} frames, mapped"
        return MappedWindows(file, config, where), file.mean, file.deviation, size
    clips = [c for c in load_pack(pack) if c.split == "train"]
    if not clips:
        raise DataError(f"{pack}: holds no clips of the split 'train'")
    if any(group in rep.MUSIC_GROUPS for group in config.data.conditions):
        raise DataError(
            f"{pack}: a pack keeps no music; for the conditions bar, sound, mel and chroma build a "
            "windows file of preprocessed data (training/prepare.py --data_root)"
        )
    tracks = make_all_tracks(
        clips,
        config.data.fps,
        config.conditions,
        config.data.style_names,
        config.data.speeds,
        config.data.mirror,
        workers=os.cpu_count() or 1,
    )
    mean, deviation = statistics(tracks) if given is None else given
    windows = Windows(tracks, config, config.conditions, mean, deviation, where)
    return windows, mean, deviation, f"{len(clips)} clips, {len(tracks)} tracks"


class LossStep(torch.nn.Module):
    """Noise a batch, predict it, and measure the losses: the part worth compiling."""

    def __init__(self, model: DanceNet, units: RealUnits, config: Config) -> None:
        super().__init__()
        self.model, self.units, self.config = model, units, config

    def forward(self, target, mask, conditions, style, valid, noise, t):  # type: ignore[no-untyped-def]
        x = (1 - t)[:, None, None] * noise + t[:, None, None] * target
        # bf16 pays on a GPU only: most CPUs emulate it, several times slower than float32.
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=target.is_cuda):
            predicted = self.model(x, t, target, mask, conditions, style, valid)
        return flow_losses(self.units, self.config.loss, predicted, target, t, valid)


def learning_rate(config: Config, step: int) -> float:
    """Linear warm-up, then a cosine down to 2% of the peak."""
    if step < config.train.warmup:
        return config.train.learning_rate * (step + 1) / config.train.warmup
    done = (step - config.train.warmup) / max(1, config.train.steps - config.train.warmup)
    return config.train.learning_rate * (
        0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
    )


def choose_device(name: str) -> torch.device:
    """ "auto" takes a GPU when there is one."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(name)


def save_checkpoint(
    path: Path,
    config: Config,
    model: DanceNet,
    average: dict[str, torch.Tensor],
    optimiser: torch.optim.Optimizer,
    step: int,
    mean: np.ndarray,
    deviation: np.ndarray,
    extra: dict[str, Any] | None = None,
) -> None:
    """Write the exact state beside a small file of averaged weights in half precision.

    ``extra`` goes into both.
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
    with whole_file(path) as temporary:
        torch.save(shared | state, temporary)
    half = {k: v.half().cpu() for k, v in average.items()}
    with whole_file(path.with_name("weights.pt")) as temporary:
        torch.save(shared | {"average": half}, temporary)


def load_checkpoint(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Read a checkpoint or a weights file; the pickle inside may hold tensors only."""
    try:
        state = torch.load(path, map_location=device, weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise ModelError(f"{path}: not a checkpoint of Audio2Pose ({error})") from error
    if not isinstance(state, dict) or "average" not in state:
        raise ModelError(f"{path}: not a checkpoint of Audio2Pose")
    return state


def checkpoint_config(state: dict[str, Any], where: str) -> Config:
    """The configuration that a checkpoint was trained with."""
    return from_tables(json.loads(state["config"]), where)


def log(folder: Path, line: str) -> None:
    """Print a line and keep it in the run's log."""
    print(line, flush=True)
    with open(folder / "log.txt", "a", encoding="utf-8") as file:
        file.write(line + "\n")
