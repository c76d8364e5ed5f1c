"""The training loop, readable in one sitting."""

from __future__ import annotations

import math
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel

from ..data.folder_lock import folder_lock
from ..errors import OptionError
from .batches import Ahead, Batch
from .checkpoints import (
    CHECKPOINT,
    changes,
    checkpoint_config,
    diverged,
    load_run,
    require_finite,
    restoring,
    save_checkpoint,
    scale_of,
)
from .config import Config
from .interrupts import Interrupts
from .losses import Belief, RealUnits, flow_losses
from .model import DanceNet
from .parallel import World, half_precision, has_compiler, world
from .samples import draw_samples
from .sources import check_styles, training_windows
from .training_log import Pace, TrainingLog, clock
from .warm_start import begin_from, read_weights
from .weight_average import WeightAverage

ASK_EVERY = 10
"""Steps between two moments at which several processes ask the first whether to stop."""


def train(
    config: Config,
    folder: Path,
    *,
    device: str = "auto",
    start: Path | None = None,
    steps: int | None = None,
    max_seconds: float | None = None,
    quiet: bool = False,
) -> Path:
    """Train until ``steps`` or ``max_seconds``; resume from ``folder`` if it holds a checkpoint.

    A run that begins takes its weights from the dancer ``start``, if there is one
    (``warm_start``), and its normalisation with them.
    Returns the checkpoint's path. A run that was stopped (or killed) and resumed
    makes the same steps on the same batches as one that was not, and so does one
    in several processes started by torchrun, each on its share of every batch.
    Raises OutputError where another training is at work in ``folder``, ModelError where the
    losses or the weights stop being finite: the checkpoint is then the last good one.
    """
    began = time.monotonic()
    with world(device) as here, folder_lock(folder) if here.first else nullcontext():
        log = TrainingLog(folder, quiet=quiet, silent=not here.first)
        try:
            run = _Run(config, folder, here, log, start)
            last = config.train.steps if steps is None else min(steps, config.train.steps)
            with Interrupts() as interrupts:
                run.go(last, None if max_seconds is None else began + max_seconds, interrupts)
                log.line(f"stopped at step {run.step} after {time.monotonic() - began:.0f} s")
        finally:
            log.close()
    return folder / CHECKPOINT


class _Run:
    """Network, averaged weights, optimiser and step of a run."""

    def __init__(
        self, config: Config, folder: Path, here: World, log: TrainingLog, start: Path | None
    ) -> None:
        self.config, self.folder, self.here, self.log = config, folder, here, log
        self.share = here.share(config.train.batch)
        if not config.data.style_names:
            raise OptionError(
                '[data] style_names is empty; for data without styles set style_names = ["dance"] '
                'and "" = "dance" in [data.styles]'
            )
        began = time.monotonic()
        checkpoint = folder / CHECKPOINT
        state = load_run(checkpoint, config, here.device) if checkpoint.exists() else None
        weights = read_weights(start) if state is None and start is not None else None
        scale = None if state is None else scale_of(state)
        if weights is not None:
            scale = weights.mean, weights.deviation
        with here.first_alone():  # one of them makes the windows of a pack, for all
            self.windows, self.mean, self.deviation, size = training_windows(
                config, here.device, scale, progress=log.progress
            )
        unnamed = check_styles(config, self.windows)
        torch.manual_seed(config.train.seed)
        self.model = DanceNet(config.model, len(config.conditions), len(config.data.style_names))
        new = None if weights is None else begin_from(self.model, config, weights)
        self.model.to(here.device)
        self.average = WeightAverage(self.model, config.train.ema)
        units = RealUnits(
            torch.as_tensor(self.mean), torch.as_tensor(self.deviation), config.data.fps
        )
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(),
            lr=config.train.learning_rate,
            weight_decay=config.train.weight_decay,
            betas=(0.9, 0.98),
            fused=True,
        )
        self.step = 0
        if state is not None:
            with restoring(checkpoint):
                self.model.load_state_dict(state["model"])
                self.optimiser.load_state_dict(state["optimiser"])
                self.average.load_state_dict(state["average"])
            self.step = state["step"]
            log.resume(self.step)
            if otherwise := changes(checkpoint_config(state, str(checkpoint)), config):
                log.line(f"from here on: {otherwise}")
        else:
            log.resume(0)
        if new is not None:
            log.line(f"begins with the weights of {start}; new to them: {new}")
        processes = f", {here.size} processes" if here.size > 1 else ""
        spent = time.monotonic() - began
        log.line(f"{size} in {spent:.0f} s on {here.device}{processes}")
        if unnamed:
            log.line(f"trained without a style: clips of {', '.join(map(repr, unnamed))}")
        losses: Any = LossStep(self.model, units.to(here.device), config)
        if here.size > 1:
            losses = DistributedDataParallel(losses)
        self.losses: Any = torch.compile(losses) if compiles(config, log) else losses
        if config.train.tensorboard:
            log.open_board(self.step)

    def go(self, last: int, until: float | None, interrupts: Interrupts) -> None:
        """Make steps up to ``last``, until a time of ``time.monotonic`` or a signal; then save."""
        train = self.config.train
        pace = Pace(self.step, last)
        ahead = Ahead(lambda step: self.windows.batch(step, train.batch, self.share), last)
        norm = torch.zeros(())
        try:
            while self.step < last:
                late = until is not None and time.monotonic() > until
                # Several processes must stop at the same step, and asking costs a round trip.
                asked = self.here.size == 1 or self.step % ASK_EVERY == 0
                if asked and self.here.agree(late or interrupts.pending is not None):
                    break
                batch, waited = ahead.take(self.step)
                pace.waited += waited
                terms, norm = self.learn(batch)
                if self.step % train.log_every == 0:
                    self.report(terms, norm, pace)
                elif pace.due():
                    rate, _, left = pace.read(self.step)
                    total = float(terms["total"].detach())
                    text = (
                        f"loss {total:.4f}, {rate * train.batch:.1f} windows/s, {clock(left)} left"
                    )
                    self.log.bar(self.step, last, text)
                if self.step % train.save_every == 0:
                    self.save()
                if train.sample_every and self.step % train.sample_every == 0:
                    pace.waive(self.draw())
        finally:
            ahead.close()
        self.save()

    def learn(self, batch: Batch) -> tuple[dict[str, Tensor], Tensor]:
        """One step of the optimiser; the terms of this process' loss and the gradient's norm."""
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.config, self.step)
        terms = self.losses(
            batch.target, batch.mask, batch.conditions, batch.style, batch.valid, batch.noise,
            batch.t, batch.weight, batch.believed_features, batch.believed_joints,
        )  # fmt: skip
        self.optimiser.zero_grad(set_to_none=True)
        terms["total"].backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.train.clip)
        self.optimiser.step()
        self.step += 1
        self.average.update(self.model, self.step)
        return terms, norm

    def report(self, terms: dict[str, Tensor], norm: Tensor, pace: Pace) -> None:
        """One line of the log: losses over all processes, speed, waiting, time left."""
        mean = self.here.mean(torch.stack([v.detach().float() for v in terms.values()]))
        values = dict(zip(terms, mean.tolist(), strict=True))
        if not math.isfinite(values["total"]):
            what = f"the loss is {values['total']}"
            raise diverged(what, self.step, self.folder / CHECKPOINT)
        rate, waiting, left = pace.read(self.step)
        pace.reset(self.step)
        windows = rate * self.config.train.batch
        shown = " ".join(f"{k} {v:.4f}" for k, v in values.items())
        self.log.line(
            f"step {self.step} {shown} norm {float(norm):.2f} {rate:.2f} steps/s "
            f"{windows:.1f} windows/s {waiting:.1%} waiting for data, {clock(left)} left"
        )
        scalars = {f"loss/{k}": v for k, v in values.items()}
        scalars |= {"norm": float(norm), "learning_rate": learning_rate(self.config, self.step)}
        scalars |= {"speed/windows_per_s": windows, "speed/waiting": waiting}
        self.log.scalars(self.step, scalars)

    def save(self) -> None:
        """Write the checkpoint and the weights, if all numbers are finite; ModelError if not."""
        path, average = self.folder / CHECKPOINT, self.average.state_dict()
        # Asked in all processes, so that none waits for one that gave up.
        require_finite(self.step, path, [self.model.state_dict(), average])
        if self.here.first:
            save_checkpoint(
                path, self.config, self.model, average, self.optimiser, self.step, self.mean,
                self.deviation,
            )  # fmt: skip

    def draw(self) -> float:
        """Sample dances of the averaged network; returns the seconds that it took."""
        began = time.monotonic()
        if self.here.first:
            picture, note = draw_samples(
                self.config, self.average.state_dict(), self.mean, self.deviation,
                self.folder / "samples", self.step,
            )  # fmt: skip
            spent = time.monotonic() - began
            self.log.line(f"step {self.step} dances in {picture.parent} ({spent:.1f} s){note}")
            self.log.picture(self.step, picture)
        return time.monotonic() - began


def compiles(config: Config, log: TrainingLog) -> bool:
    """Whether to compile: as the config says, if there is a compiler; the log says so if not."""
    if config.train.compile and not has_compiler():
        log.line("no C++ compiler (g++, clang++) is here: not compiled, which is slower")
    return config.train.compile and has_compiler()


class LossStep(torch.nn.Module):
    """Noise a batch, predict it, and measure the losses: the part worth compiling."""

    def __init__(self, model: DanceNet, units: RealUnits, config: Config) -> None:
        super().__init__()
        self.model, self.units, self.config = model, units, config

    def forward(  # type: ignore[no-untyped-def]
        self, target, mask, conditions, style, valid, noise, t, weight, features, joints
    ):
        x = (1 - t)[:, None, None] * noise + t[:, None, None] * target
        with half_precision(target.device, self.config.train.bf16_on_cpu):
            predicted = self.model(x, t, target, mask, conditions, style, valid)
        belief = Belief(features, joints)
        return flow_losses(
            self.units, self.config.loss, predicted, target, weight, valid, t, belief=belief
        )


def learning_rate(config: Config, step: int) -> float:
    """Linear warm-up, then a cosine down to 2% of the peak."""
    if step < config.train.warmup:
        return config.train.learning_rate * (step + 1) / config.train.warmup
    done = (step - config.train.warmup) / max(1, config.train.steps - config.train.warmup)
    return config.train.learning_rate * (
        0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
    )
