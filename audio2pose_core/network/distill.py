"""Distillation: a student that needs few passes where its teacher needs many.

The teacher is sampled with guidance, two passes a step, over many steps. The
student starts from the teacher's weights and learns to land in one pass where
the guided teacher lands after its steps over the same stretch of the path
(Salimans and Ho, "Progressive Distillation", ICLR 2022; guidance folded in as in
Meng et al., "On Distillation of Guided Diffusion Models", CVPR 2023).

A round: the teacher makes the targets of a few hundred windows, the student is
trained on them a few times. A round depends on its number and on the student's
weights alone, so a run that was stopped goes on exactly.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..data.folder_lock import folder_lock
from ..errors import ModelError
from .checkpoints import (
    CHECKPOINT,
    checkpoint_config,
    diverged,
    load_checkpoint,
    load_run,
    restoring,
    save_checkpoint,
    scale_of,
)
from .config import Config, DistillConfig
from .distillation_targets import FIELDS, DistillationTargets, Guided, TargetMaker, integrate
from .interrupts import Interrupts
from .losses import Belief, RealUnits, flow_losses, flow_weight
from .model import DanceNet
from .parallel import choose_device, half_precision
from .sources import training_windows
from .trainer import compiles
from .training_log import Pace, TrainingLog, clock
from .weight_average import WeightAverage


def distill(
    teacher_path: Path,
    folder: Path,
    *,
    settings: DistillConfig | None = None,
    device: str = "auto",
    windows: str | None = None,
    max_seconds: float | None = None,
    quiet: bool = False,
) -> Path:
    """Train a student until the settings' steps or ``max_seconds``; resume from ``folder``.

    ``settings`` are the teacher's own configuration's by default, ``windows`` the
    training data where it does not lie where that names it. Returns the path of
    the student's checkpoint; weights.pt beside it is what is exported. Raises
    ModelError where the losses or the weights stop being finite: the checkpoint
    is then the last good one.
    """
    began = time.monotonic()
    where = choose_device(device)
    state = load_checkpoint(teacher_path, where)
    config = checkpoint_config(state, str(teacher_path))
    if windows is not None:
        config = replace(config, data=replace(config.data, windows=windows))
    if settings is not None:
        config = replace(config, distill=settings)
    with folder_lock(folder):
        log = TrainingLog(folder, quiet=quiet)
        try:
            run = _Run(config, state, where, log)
            if (folder / CHECKPOINT).exists():
                run.resume(load_run(folder / CHECKPOINT, config, where))
            else:
                log.resume(0)
                log.line(f"before training: {run.compare()}")
            rounds = math.ceil(config.distill.steps / run.steps_a_round)
            with Interrupts() as interrupts:
                while run.round < rounds and interrupts.pending is None:
                    if max_seconds is not None and time.monotonic() - began > max_seconds:
                        break
                    run.one_round()
                    if run.round % config.distill.save_every == 0:
                        run.save(folder / CHECKPOINT)
                run.save(folder / CHECKPOINT)
                log.line(f"stopped at step {run.step} after {time.monotonic() - began:.0f} s")
        finally:
            log.close()
    return folder / CHECKPOINT


class _Run:
    """The state of a run: networks, optimiser and the number of the round."""

    def __init__(
        self, config: Config, teacher: dict[str, Any], where: torch.device, log: TrainingLog
    ) -> None:
        self.config, self.settings, self.log = config, config.distill, log
        self.mean, self.deviation = scale_of(teacher)
        self.conditions = tuple(teacher["conditions"])
        drop = config.distill.drop
        # The generator knows all conditions, nearly always.
        known = replace(
            config.train,
            seed=config.train.seed + 1,
            drop_hits=drop,
            drop_style=drop,
            drop_energy=drop,
            drop_music=drop,
            drop_control=config.distill.drop_control,
            drop_all=drop,
        )
        windows, *_ = training_windows(
            replace(config, train=known),
            where,
            (self.mean, self.deviation),
            progress=log.progress,
        )

        def network() -> DanceNet:
            model = DanceNet(config.model, len(self.conditions), len(config.data.style_names))
            with restoring(Path("the teacher")):
                model.load_state_dict({k: v.float() for k, v in teacher["average"].items()})
            return model.to(where)

        compiled, bf16 = compiles(config, log), config.train.bf16_on_cpu
        frozen = network().eval().requires_grad_(False)
        self.student = network()
        self.average = WeightAverage(self.student, self.settings.ema)
        units = RealUnits(
            torch.as_tensor(self.mean), torch.as_tensor(self.deviation), config.data.fps
        )
        self.units = units.to(where)
        self.targets = TargetMaker(
            windows,
            Guided(frozen, self.settings.guidance, compiled, bf16),
            Guided(self.student, 1.0, compiled, bf16),
            self.settings,
            self.conditions,
            self.units,
        )
        self.losses: Any = _StudentLoss(self.student, self.units, config)
        if compiled:
            self.losses = torch.compile(self.losses)
        self.optimiser = torch.optim.AdamW(
            self.student.parameters(),
            lr=self.settings.learning_rate,
            weight_decay=0.0,
            betas=(0.9, 0.98),
        )
        self.round = self.step = 0
        self.steps_a_round = self.settings.windows // self.settings.batch * self.settings.reuse
        self.validation = self.targets.validation(where)
        log.line(f"teacher of step {teacher['step']}; {describe(config.distill)}")

    def resume(self, state: dict[str, Any]) -> None:
        with restoring(self.log.folder / CHECKPOINT):
            self.student.load_state_dict(state["model"])
            self.average.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
        self.step = int(state["step"])
        if self.step % self.steps_a_round:
            raise ModelError(
                f"{self.log.folder}: was run with other [distill] windows, batch or reuse; "
                "set them as they were, or choose another folder"
            )
        self.round = self.step // self.steps_a_round
        self.log.resume(self.step)

    def save(self, path: Path) -> None:
        sampler = {
            "steps": len(self.settings.times),
            "times": list(self.settings.times),
            "guidance": 1.0,
        }
        save_checkpoint(
            path,
            self.config,
            self.student,
            self.average.state_dict(),
            self.optimiser,
            self.step,
            self.mean,
            self.deviation,
            {"sampler": json.dumps(sampler)},
        )

    def one_round(self) -> None:
        """Make the teacher's targets, then train on them."""
        began = time.monotonic()
        generator = torch.Generator(self.units.mean.device).manual_seed(
            self.config.train.seed * 1_000_003 + 7919 * self.round + 1
        )
        targets = self.targets.make(self.round, generator)
        made = time.monotonic() - began
        total: dict[str, Tensor] = {}
        norm, pace = torch.zeros(()), Pace(self.step, self.settings.steps)
        for _ in range(self.settings.reuse):
            order = torch.randperm(len(targets.x), generator=generator, device=targets.x.device)
            for rows in order.split(self.settings.batch):
                terms, norm = self.learn(targets, rows)
                total = {k: total.get(k, torch.zeros(())) + v.detach() for k, v in terms.items()}
                self.step += 1
                if pace.due():
                    text = f"loss {float(terms['total'].detach()):.4f}"
                    self.log.bar(self.step, self.settings.steps, text)
        self.round += 1
        spent = time.monotonic() - began
        values = {k: float(v) / self.steps_a_round for k, v in total.items()}
        if not math.isfinite(values["total"]):
            what = f"the loss is {values['total']}"
            raise diverged(what, self.step, self.log.folder / CHECKPOINT)
        shown = " ".join(f"{k} {v:.4f}" for k, v in values.items())
        rate = self.steps_a_round / spent
        left = clock(max(0.0, (self.settings.steps - self.step) / rate))
        self.log.line(
            f"step {self.step} {shown} norm {float(norm):.2f} {rate:.2f} steps/s, "
            f"{made / spent:.0%} of it the teacher's, {left} left"
        )
        if self.round % self.settings.check_every == 0:
            self.log.line(f"step {self.step} from noise to dance: {self.compare()}")

    def learn(self, targets: DistillationTargets, rows: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """One step of the optimiser on some of the targets."""
        done = self.step / max(1, self.settings.steps)
        rise = min(1.0, (self.step + 1) / 30)
        for group in self.optimiser.param_groups:
            fall = 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
            group["lr"] = self.settings.learning_rate * rise * fall
        b = targets.batch
        terms = self.losses(
            targets.x[rows], targets.t[rows], targets.answer[rows], targets.lively[rows],
            *(getattr(b, name)[rows] for name in FIELDS),
        )  # fmt: skip
        self.optimiser.zero_grad(set_to_none=True)
        terms["total"].backward()
        norm = torch.nn.utils.clip_grad_norm_(self.student.parameters(), self.config.train.clip)
        self.optimiser.step()
        self.average.update(self.student, self.step)
        return terms, norm

    def compare(self) -> str:
        """The averaged student beside the teacher on the same noise, in words."""
        batch, expected = self.validation
        guided = Guided(self.average.network, 1.0, False, self.config.train.bf16_on_cpu)
        got = integrate(guided, (*self.settings.times, 1.0), batch)
        error = float(((got - expected) ** 2).mean())
        figures = [self.moves(x) for x in (got, expected)]
        return (
            f"feature {error:.4f}, speed {figures[0][0]:.3f} of {figures[1][0]:.3f} m/s, "
            f"acceleration {figures[0][1]:.2f} of {figures[1][1]:.2f} m/s²"
        )

    def moves(self, x: Tensor) -> tuple[float, float]:
        """Mean speed and acceleration of the joints over the ground."""
        features = self.units.features(x)
        speed = self.units.velocities(features, self.units.positions(features))
        change = speed.diff(dim=1) * self.units.fps
        return float(speed.norm(dim=-1).mean()), float(change.norm(dim=-1).mean())


class _StudentLoss(torch.nn.Module):
    """Predict and measure against the teacher's targets: the part worth compiling."""

    def __init__(self, model: DanceNet, units: RealUnits, config: Config) -> None:
        super().__init__()
        self.model, self.units = model, units
        self.config = replace(config.loss, liveliness=config.distill.liveliness)
        self.bf16 = config.train.bf16_on_cpu

    def forward(  # type: ignore[no-untyped-def]
        self, x, t, answer, lively, target, mask, conditions, style, valid, features, joints
    ):
        with half_precision(x.device, self.bf16):
            predicted = self.model(x, t, target, mask, conditions, style, valid)
        weight = flow_weight(self.config, t)
        return flow_losses(
            self.units,
            self.config,
            predicted,
            answer,
            weight / weight.mean(),
            valid,
            lively=lively,
            # What a source gets wrong its clips' liveliness gets wrong too.
            belief=Belief(features, joints),
        )


def describe(settings: DistillConfig) -> str:
    """The settings in one line, for the log."""
    return " ".join(f"{k}={v}" for k, v in asdict(settings).items())
