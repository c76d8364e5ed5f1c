"""A student that dances in a few passes what its teacher dances in many.

The teacher is sampled with guidance, two passes a step, over many steps. The
student starts from the teacher's weights and learns to land in one pass where
the guided teacher lands after its steps over the same stretch of the path
(Salimans and Ho, "Progressive Distillation", ICLR 2022; guidance folded in as in
Meng et al., "On Distillation of Guided Diffusion Models", CVPR 2023).

Work goes in rounds: the teacher makes the answers for a few hundred windows, the
student goes over them a few times. A round depends on its number and on the
student's weights alone, so a run that was stopped goes on exactly.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .. import representation as rep
from ..errors import ModelError, OptionError
from .batches import Batch
from .checkpoints import CHECKPOINT, checkpoint_config, load_checkpoint, load_run, save_checkpoint
from .config import Config, DistillConfig
from .journal import Journal, clock
from .losses import RealUnits, flow_losses, flow_weight
from .model import DanceNet
from .parallel import choose_device
from .trainer import training_windows

FIELDS = ("target", "mask", "conditions", "style", "valid")
DROPPED = ("hits", "style", "energy", "music", "all")
CHECK_WINDOWS = 16
CHECK_ROUND = 10**6
"""Number of the round whose windows the student is checked on; no run gets there."""


@dataclass
class Lessons:
    """Windows with the teacher's answers: ``x`` at time ``t`` should lead to ``answer``."""

    x: Tensor
    t: Tensor
    answer: Tensor
    batch: Batch


class Guided:
    """A network with guidance, its two passes made as one of twice the size."""

    def __init__(self, model: DanceNet, guidance: float, compile_it: bool) -> None:
        self.guidance = guidance
        self.model: Any = torch.compile(model) if compile_it else model

    @torch.no_grad()
    def __call__(self, x: Tensor, t: Tensor, batch: Batch) -> Tensor:
        """The guided prediction (B, T, 152), as ``generate.sampler`` makes it."""
        given = (x, t, batch.target, batch.mask, batch.conditions, batch.style, batch.valid)
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=x.is_cuda):
            if self.guidance == 1.0:
                return self.model(*given).float()
            both = [torch.cat([v, v]) for v in given]
            for i in (4, 5):
                both[i][len(x) :] = 0.0
            informed, free = self.model(*both).float().chunk(2)
        return free + self.guidance * (informed - free)


def move(x: Tensor, now: Tensor, after: Tensor, motion: Tensor, batch: Batch) -> Tensor:
    """One Euler step of ``x`` from time ``now`` to ``after``, as ``generate.sampler`` makes it.

    x, motion (B, T, 152), now, after (B,). What is given moves towards its given end.
    """
    fixed = batch.mask[..., batch_groups(batch)] > 0.5
    share = ((after - now) / (1.0 - now))[:, None, None]
    return x + share * (torch.where(fixed, batch.target, motion) - x)


def batch_groups(batch: Batch) -> Tensor:
    """Group of each feature (152,), on the batch's device."""
    return torch.as_tensor(rep.GROUP_OF_FEATURE, device=batch.mask.device)


def rows_of(batch: Batch, rows: Tensor | slice) -> Batch:
    """Some windows of a batch."""
    return replace(
        batch, **{name: getattr(batch, name)[rows] for name in (*FIELDS, "noise", "t", "weight")}
    )


def distill(
    teacher_path: Path,
    folder: Path,
    *,
    settings: DistillConfig | None = None,
    device: str = "auto",
    pack: str | None = None,
    max_seconds: float | None = None,
    quiet: bool = False,
) -> Path:
    """Train a student until the settings' steps or ``max_seconds``; resume from ``folder``.

    ``settings`` are the teacher's own configuration's by default, ``pack`` the
    training file where it does not lie where that names it. Returns the path of
    the student's checkpoint; weights.pt beside it is what is exported.
    """
    began = time.monotonic()
    where = choose_device(device)
    state = load_checkpoint(teacher_path, where)
    config = checkpoint_config(state, str(teacher_path))
    if pack is not None:
        config = replace(config, data=replace(config.data, pack=pack))
    if settings is not None:
        config = replace(config, distill=settings)
    check_settings(config.distill)
    journal = Journal(folder, quiet=quiet)
    try:
        run = _Run(config, state, where, journal)
        if (folder / CHECKPOINT).exists():
            run.resume(load_run(folder / CHECKPOINT, config, where))
        rounds = math.ceil(config.distill.steps / run.steps_a_round)
        while run.round < rounds:
            if max_seconds is not None and time.monotonic() - began > max_seconds:
                break
            run.one_round()
            if run.round % config.distill.save_every == 0:
                run.save(folder / CHECKPOINT)
        run.save(folder / CHECKPOINT)
        journal.line(f"stopped at step {run.step} after {time.monotonic() - began:.0f} s")
    finally:
        journal.close()
    return folder / CHECKPOINT


def check_settings(settings: DistillConfig) -> None:
    """Raise OptionError for settings that mean nothing."""
    times = settings.times
    if not times or times[0] != 0.0 or any(b <= a for a, b in pairwise((*times, 1.0))):
        raise OptionError(f"times = {times}: begin with 0, rise, and stay below 1")
    if settings.substeps < 1 or settings.reuse < 1 or settings.batch < 1:
        raise OptionError("[distill] substeps, reuse and batch are whole numbers from 1")
    if settings.windows % (settings.batch * len(times)):
        raise OptionError(
            f"[distill] windows = {settings.windows} should be a multiple of batch times the "
            f"number of times, {settings.batch * len(times)}"
        )


class _Run:
    """The state of a run: networks, optimiser and the number of the round."""

    def __init__(
        self, config: Config, teacher: dict[str, Any], where: torch.device, journal: Journal
    ) -> None:
        self.config, self.settings, self.journal = config, config.distill, journal
        self.mean, self.deviation = (
            teacher["mean"].cpu().numpy(),
            teacher["deviation"].cpu().numpy(),
        )
        self.conditions = tuple(teacher["conditions"])
        kinder = replace(
            config,
            train=replace(
                config.train,
                seed=config.train.seed + 1,
                **{f"drop_{k}": config.distill.drop for k in DROPPED},
            ),
        )
        self.windows = training_windows(kinder, where, (self.mean, self.deviation))[0]

        def network() -> DanceNet:
            model = DanceNet(config.model, len(self.conditions), len(config.data.style_names))
            model.load_state_dict({k: v.float() for k, v in teacher["average"].items()})
            return model.to(where)

        frozen = network().eval().requires_grad_(False)
        self.student, self.average = network(), network().requires_grad_(False)
        self.teacher = Guided(frozen, self.settings.guidance, config.train.compile)
        self.walker = Guided(self.student, 1.0, config.train.compile)
        units = RealUnits(
            torch.as_tensor(self.mean), torch.as_tensor(self.deviation), config.data.fps
        )
        self.units = units.to(where)
        self.losses: Any = _StudentLoss(self.student, self.units, config)
        if config.train.compile:
            self.losses = torch.compile(self.losses)
        self.optimiser = torch.optim.AdamW(
            self.student.parameters(),
            lr=self.settings.learning_rate,
            weight_decay=0.0,
            betas=(0.9, 0.98),
        )
        self.round = self.step = 0
        self.steps_a_round = self.settings.windows // self.settings.batch * self.settings.reuse
        self.check = self._check_answers()
        journal.line(f"teacher of step {teacher['step']}; {describe(config.distill)}")
        journal.line(f"before it learns: {self.compare()}")

    def resume(self, state: dict[str, Any]) -> None:
        self.student.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = int(state["step"])
        if self.step % self.steps_a_round:
            raise ModelError(
                f"{self.journal.folder}: was run with other [distill] windows, batch or reuse; "
                "set them as they were, or choose another folder"
            )
        self.round = self.step // self.steps_a_round
        self.journal.resume(self.step)

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
        """Ask the teacher, then learn from its answers."""
        began = time.monotonic()
        generator = torch.Generator(self.units.mean.device).manual_seed(
            self.config.train.seed * 1_000_003 + 7919 * self.round + 1
        )
        lessons = self.make_lessons(self.round, generator)
        asked = time.monotonic() - began
        total: dict[str, Tensor] = {}
        norm = torch.zeros(())
        for _ in range(self.settings.reuse):
            order = torch.randperm(len(lessons.x), generator=generator, device=lessons.x.device)
            for rows in order.split(self.settings.batch):
                terms, norm = self.learn(lessons, rows)
                total = {k: total.get(k, torch.zeros(())) + v.detach() for k, v in terms.items()}
                self.step += 1
        self.round += 1
        spent = time.monotonic() - began
        values = {k: float(v) / self.steps_a_round for k, v in total.items()}
        if not math.isfinite(values["total"]):
            raise ModelError(f"the loss is {values['total']} at step {self.step}; lower the rate")
        shown = " ".join(f"{k} {v:.4f}" for k, v in values.items())
        rate = self.steps_a_round / spent
        left = clock(max(0.0, (self.settings.steps - self.step) / rate))
        self.journal.line(
            f"step {self.step} {shown} norm {float(norm):.2f} {rate:.2f} steps/s, "
            f"{asked / spent:.0%} of it the teacher's, {left} left"
        )
        if self.round % self.settings.check_every == 0:
            self.journal.line(f"step {self.step} from noise to dance: {self.compare()}")

    def learn(self, lessons: Lessons, rows: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """One step of the optimiser on some of the lessons."""
        done = self.step / max(1, self.settings.steps)
        rise = min(1.0, (self.step + 1) / 30)
        for group in self.optimiser.param_groups:
            fall = 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
            group["lr"] = self.settings.learning_rate * rise * fall
        b = lessons.batch
        terms = self.losses(
            lessons.x[rows], lessons.t[rows], lessons.answer[rows],
            *(getattr(b, name)[rows] for name in FIELDS),
        )  # fmt: skip
        self.optimiser.zero_grad(set_to_none=True)
        terms["total"].backward()
        norm = torch.nn.utils.clip_grad_norm_(self.student.parameters(), self.config.train.clip)
        self.optimiser.step()
        decay = min(self.settings.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.average.state_dict().values()),
                list(self.student.state_dict().values()),
                1 - decay,
            )
        return terms, norm

    def make_lessons(self, number: int, generator: torch.Generator) -> Lessons:
        """Windows spread evenly over the student's times, and where the teacher takes them."""
        drawn = self.windows.batch(number, self.settings.windows)
        # Songs are danced in windows made from nothing and windows between them.
        device = drawn.mask.device
        keep = torch.rand(len(drawn.mask), generator=generator, device=device)
        keep = (keep >= self.settings.fresh).float()[:, None, None]
        batch = self.as_played(replace(drawn, mask=drawn.mask * keep), generator)
        times = (*self.settings.times, 1.0)
        size = self.settings.windows // len(self.settings.times)
        parts = []
        for i, now in enumerate(times[:-1]):
            for first in range(i * size, (i + 1) * size, self.settings.batch):
                part = rows_of(batch, slice(first, first + self.settings.batch))
                x = self.begin(part, i)
                start = torch.full((len(x),), now, device=x.device)
                answer = self.answer(x, start, torch.full_like(start, times[i + 1]), part)
                parts.append((x, start, answer))
        x, t, answer = (torch.cat(column) for column in zip(*parts, strict=True))
        return Lessons(x, t, answer, batch)

    def as_played(self, batch: Batch, generator: torch.Generator) -> Batch:
        return as_played(batch, self.settings, self.conditions, self.config.data.fps, generator)

    def begin(self, batch: Batch, index: int) -> Tensor:
        """Windows at the student's time ``index``: half where it gets itself, half from data."""
        times = self.settings.times
        now = times[index]
        from_data = (1.0 - now) * batch.noise + now * batch.target
        if index == 0:
            return from_data
        count = round(self.settings.own * len(from_data))
        some = rows_of(batch, slice(0, count))
        x = self.walk(self.walker, times[: index + 1], some) if count else some.noise
        return torch.cat([x, from_data[count:]])

    def answer(self, x: Tensor, start: Tensor, end: Tensor, batch: Batch) -> Tensor:
        """What must be predicted at ``start`` to land at ``end`` where the teacher does."""
        began, k = x, self.settings.substeps
        for i in range(k):
            now, after = start + (end - start) * i / k, start + (end - start) * (i + 1) / k
            x = move(x, now, after, self.teacher(x, now, batch), batch)
        share = ((end - start) / (1.0 - start))[:, None, None]
        return began + (x - began) / share

    def walk(self, guided: Guided, times: Sequence[float], batch: Batch) -> Tensor:
        """From noise at the first of ``times`` to the last, a pass between each two."""
        x = batch.noise
        for a, b in pairwise(times):
            here = torch.full((len(x),), a, device=x.device)
            x = move(x, here, torch.full_like(here, b), guided(x, here, batch), batch)
        return x

    def _check_answers(self) -> tuple[Batch, Tensor]:
        generator = torch.Generator(self.units.mean.device).manual_seed(12345)
        drawn = self.windows.batch(CHECK_ROUND, CHECK_WINDOWS)
        batch = self.as_played(replace(drawn, mask=torch.zeros_like(drawn.mask)), generator)
        count = self.settings.substeps * len(self.settings.times)
        return batch, self.walk(self.teacher, [i / count for i in range(count + 1)], batch)

    def compare(self) -> str:
        """The averaged student beside the teacher on the same noise, in words."""
        batch, expected = self.check
        guided = Guided(self.average, 1.0, False)
        got = self.walk(guided, (*self.settings.times, 1.0), batch)
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
    """Predict and measure against the teacher's answers: the part worth compiling."""

    def __init__(self, model: DanceNet, units: RealUnits, config: Config) -> None:
        super().__init__()
        self.model, self.units = model, units
        self.config = replace(config.loss, liveliness=config.distill.liveliness)

    def forward(self, x, t, answer, target, mask, conditions, style, valid):  # type: ignore[no-untyped-def]
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=x.is_cuda):
            predicted = self.model(x, t, target, mask, conditions, style, valid)
        weight = flow_weight(self.config, t)
        return flow_losses(
            self.units, self.config, predicted, answer, weight / weight.mean(), valid
        )


def as_played(
    batch: Batch,
    settings: DistillConfig,
    names: Sequence[str],
    fps: float,
    generator: torch.Generator,
) -> Batch:
    """Conditions as the generator will ask them: a steady beat, and energy on top.

    Training clips are hit where their dancer stopped; a song's beats are even. In
    a share of the windows of which nothing is given the hits become even ones, and
    everywhere the energy that is known is raised or lowered.
    """
    column = {name: i for i, name in enumerate(names)}
    conditions = batch.conditions.clone()
    size, frames = conditions.shape[:2]

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(
            (size, 1), generator=generator, device=conditions.device
        )

    low, high = settings.energy_shift
    shift = uniform(low, high)
    if "energy_known" in column:
        conditions[..., column["energy"]] += shift * conditions[..., column["energy_known"]]
    rate = 2.0 ** uniform(-0.5, 1.0)
    place = uniform(0.0, 1.0) + rate * torch.arange(frames, device=conditions.device) / fps
    even = {
        "hit_sin": torch.sin(2 * math.pi * place),
        "hit_cos": torch.cos(2 * math.pi * place),
        "hit_rate": torch.log2(rate / 2.0).expand(size, frames),
        "hit_strength": uniform(0.25, 0.6).expand(size, frames),
        "hit_known": torch.ones_like(place),
    }
    fresh = batch.mask.amax(dim=(1, 2)) == 0
    chosen = (fresh & (uniform(0.0, 1.0)[:, 0] < settings.even_hits))[:, None]
    for name, values in even.items() if "hit_known" in column else ():
        conditions[..., column[name]] = torch.where(chosen, values, conditions[..., column[name]])
    return replace(batch, conditions=conditions)


def describe(settings: DistillConfig) -> str:
    """The settings in one line, for the log."""
    return " ".join(f"{k}={v}" for k, v in asdict(settings).items())
