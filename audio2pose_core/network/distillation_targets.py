"""Distillation targets: windows at the student's times, and where the guided teacher takes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from .. import representation as rep
from .batches import Batch, Windows
from .config import DistillConfig
from .losses import RealUnits, liveliness_of
from .model import DanceNet
from .parallel import half_precision

FIELDS = (
    "target", "mask", "conditions", "style", "valid", "believed_features", "believed_joints"
)  # fmt: skip
VALIDATION_WINDOWS = 16
VALIDATION_ROUND = 10**6
"""Number of the round whose windows the student is checked on; no run gets there."""


@dataclass
class DistillationTargets:
    """Windows ``x`` (B, T, 152) at times ``t`` (B,), and the prediction ``answer`` to reach."""

    x: Tensor
    t: Tensor
    answer: Tensor
    lively: Tensor
    """What the answer's ``losses.liveliness_of`` should be."""
    batch: Batch


class Guided:
    """A network with guidance, its two passes made as one of twice the size."""

    def __init__(self, model: DanceNet, guidance: float, compile_it: bool, bf16: bool) -> None:
        self.guidance, self.bf16 = guidance, bf16
        self.model: Any = torch.compile(model) if compile_it else model

    @torch.no_grad()
    def __call__(self, x: Tensor, t: Tensor, batch: Batch) -> Tensor:
        """The guided prediction (B, T, 152), as ``generate.sampler`` makes it."""
        inputs = (x, t, batch.target, batch.mask, batch.conditions, batch.style, batch.valid)
        with half_precision(x.device, self.bf16):
            if self.guidance == 1.0:
                return self.model(*inputs).float()
            both = [torch.cat([v, v]) for v in inputs]
            for i in (4, 5):
                both[i][len(x) :] = 0.0
            informed, free = self.model(*both).float().chunk(2)
        return free + self.guidance * (informed - free)


def euler_step(x: Tensor, now: Tensor, after: Tensor, motion: Tensor, batch: Batch) -> Tensor:
    """One Euler step of ``x`` from time ``now`` to ``after``, as ``generate.sampler`` makes it.

    x, motion (B, T, 152), now, after (B,). Constrained parts move towards their constraint.
    """
    fixed = batch.mask[..., batch_groups(batch)] > 0.5
    share = ((after - now) / (1.0 - now))[:, None, None]
    return x + share * (torch.where(fixed, batch.target, motion) - x)


def batch_groups(batch: Batch) -> Tensor:
    """Group of each feature (152,), on the batch's device."""
    return torch.as_tensor(rep.GROUP_OF_FEATURE, device=batch.mask.device)


def rows_of(batch: Batch, rows: Tensor | slice) -> Batch:
    """Some windows of a batch."""
    return replace(batch, **{f.name: getattr(batch, f.name)[rows] for f in fields(batch)})


def integrate(guided: Guided, times: Sequence[float], batch: Batch) -> Tensor:
    """From noise at the first of ``times`` to the last, a pass between each two."""
    x = batch.noise
    for a, b in pairwise(times):
        here = torch.full((len(x),), a, device=x.device)
        x = euler_step(x, here, torch.full_like(here, b), guided(x, here, batch), batch)
    return x


class TargetMaker:
    """Makes the targets of a round, with the student's weights of the moment."""

    def __init__(
        self,
        windows: Windows,
        teacher: Guided,
        student: Guided,
        settings: DistillConfig,
        conditions: Sequence[str],
        units: RealUnits,
    ) -> None:
        self.windows, self.teacher, self.student = windows, teacher, student
        self.settings, self.conditions, self.units = settings, tuple(conditions), units

    def make(self, number: int, generator: torch.Generator) -> DistillationTargets:
        """Windows spread evenly over the student's times, and where the teacher takes them."""
        clips = self.windows.batch(number, self.settings.windows)
        # A song is generated in windows without constraints and windows that join these.
        device = clips.mask.device
        keep = torch.rand(len(clips.mask), generator=generator, device=device)
        keep = (keep >= self.settings.fresh).float()[:, None, None]
        batch = self.as_generated(replace(clips, mask=clips.mask * keep), generator)
        times = (*self.settings.times, 1.0)
        size = self.settings.windows // len(self.settings.times)
        parts = []
        for i, now in enumerate(times[:-1]):
            for first in range(i * size, (i + 1) * size, self.settings.batch):
                part = rows_of(batch, slice(first, first + self.settings.batch))
                x = self.begin(part, i)
                start = torch.full((len(x),), now, device=x.device)
                answer = self.answer(x, start, torch.full_like(start, times[i + 1]), part)
                last = self.settings.as_lively_as_data and i == len(self.settings.times) - 1
                lively = (
                    self.raised_liveliness(part, rows_of(clips, slice(first, first + len(x))))
                    if last
                    else liveliness_of(self.units, answer, part.valid)
                )
                parts.append((x, start, answer, lively))
        x, t, answer, lively = (torch.cat(column) for column in zip(*parts, strict=True))
        return DistillationTargets(x, t, answer, lively, batch)

    def raised_liveliness(self, batch: Batch, clips: Batch) -> Tensor:
        """Liveliness (B, 48) of the clips, and as much on top as their energy was raised by.

        Constrained parts of a window stay as they are, so that less is asked of the rest.
        """
        own = liveliness_of(self.units, clips.target, clips.valid)
        if "energy" not in self.conditions:
            return own
        energy = self.conditions.index("energy")
        raised = (batch.conditions - clips.conditions)[..., energy].mean(1)
        return own + (raised * (1.0 - batch.mask.mean(dim=(1, 2))))[:, None]

    def as_generated(self, batch: Batch, generator: torch.Generator) -> Batch:
        """The batch with the generator's conditions; see the function."""
        return as_generated(batch, self.settings, self.conditions, self.units.fps, generator)

    def begin(self, batch: Batch, index: int) -> Tensor:
        """Windows at the student's time ``index``: half where it gets itself, half from data."""
        times = self.settings.times
        now = times[index]
        from_data = (1.0 - now) * batch.noise + now * batch.target
        if index == 0:
            return from_data
        count = round(self.settings.own * len(from_data))
        some = rows_of(batch, slice(0, count))
        x = integrate(self.student, times[: index + 1], some) if count else some.noise
        return torch.cat([x, from_data[count:]])

    def answer(self, x: Tensor, start: Tensor, end: Tensor, batch: Batch) -> Tensor:
        """What must be predicted at ``start`` to land at ``end`` where the teacher does."""
        began, k = x, self.settings.substeps
        for i in range(k):
            now, after = start + (end - start) * i / k, start + (end - start) * (i + 1) / k
            x = euler_step(x, now, after, self.teacher(x, now, batch), batch)
        share = ((end - start) / (1.0 - start))[:, None, None]
        return began + (x - began) / share

    def validation(self, device: torch.device) -> tuple[Batch, Tensor]:
        """Windows that no round draws, without constraints, and the teacher's motion of them."""
        generator = torch.Generator(device).manual_seed(12345)
        drawn = self.windows.batch(VALIDATION_ROUND, VALIDATION_WINDOWS)
        batch = self.as_generated(replace(drawn, mask=torch.zeros_like(drawn.mask)), generator)
        count = self.settings.substeps * len(self.settings.times)
        return batch, integrate(self.teacher, [i / count for i in range(count + 1)], batch)


def as_generated(
    batch: Batch,
    settings: DistillConfig,
    names: Sequence[str],
    fps: float,
    generator: torch.Generator,
) -> Batch:
    """Conditions as the generator makes them: a steady beat, and energy on top.

    The accents of training clips are where their dancers stopped; a song's beats are even. In
    a share of the windows without constraints the accents become even ones, and everywhere
    the energy that is known, and with it the speed of legs and arms, is raised or lowered.
    Where accents become even, the counts of a song are one a beat, or unknown.
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
    for group, name in (("legs", "leg_speed"), ("arms", "arm_speed")):
        # Logarithms of a speed, as energy is.
        if name in column:
            conditions[..., column[name]] += shift * conditions[..., column[f"{group}_known"]]
    rate = 2.0 ** uniform(-0.5, 1.0)
    place = uniform(0.0, 1.0) + rate * torch.arange(frames, device=conditions.device) / fps
    even = {
        "hit_sin": torch.sin(2 * math.pi * place),
        "hit_cos": torch.cos(2 * math.pi * place),
        "hit_rate": torch.log2(rate / 2.0).expand(size, frames),
        "hit_strength": uniform(0.25, 0.6).expand(size, frames),
        "hit_known": torch.ones_like(place),
    }
    if "counts_known" in column:
        even |= _even_counts(place, uniform)
    fresh = batch.mask.amax(dim=(1, 2)) == 0
    chosen = (fresh & (uniform(0.0, 1.0)[:, 0] < settings.even_hits))[:, None]
    for name, values in even.items() if "hit_known" in column else ():
        conditions[..., column[name]] = torch.where(chosen, values, conditions[..., column[name]])
    return replace(batch, conditions=conditions)


def _even_counts(place: Tensor, uniform: Callable[[float, float], Tensor]) -> dict[str, Tensor]:
    """Conditions of counts (B, T) whose beats are at whole ``place`` (B, T); half are unknown.

    Bars are of four beats, phrases of two bars; where they begin is drawn.
    """
    known = (uniform(0.0, 1.0) < 0.5).float()
    first = torch.floor(uniform(0.0, 8.0))
    out = {"counts_known": known.expand_as(place)}
    for name, beats in (("beat", 1), ("measure", 4), ("phrase", 8)):
        angle = 2 * math.pi * (place + first) / beats
        out |= {f"{name}_sin": known * torch.sin(angle), f"{name}_cos": known * torch.cos(angle)}
    return out
