"""Random windows of training tracks, drawn on the device that trains.

All tracks lie on the device as one array; a batch is one gather, so the
network never waits for data. The draw depends on the seed and the step alone,
which makes a resumed run equal to an undisturbed one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..data.tracks import Track
from .config import Config
from .masks import random_masks


@dataclass
class Batch:
    """One step's worth of windows; see ``DanceNet.forward``."""

    target: Tensor
    mask: Tensor
    conditions: Tensor
    style: Tensor
    valid: Tensor
    noise: Tensor
    t: Tensor


class Windows:
    """Draws batches of windows from tracks."""

    def __init__(
        self,
        tracks: list[Track],
        config: Config,
        conditions: tuple[str, ...],
        mean: np.ndarray,
        deviation: np.ndarray,
        device: torch.device,
    ) -> None:
        self.config, self.device = config, device
        self.frames = config.model.window
        normal = [(t.features - mean) / deviation for t in tracks]
        self.features = torch.as_tensor(np.concatenate(normal), dtype=torch.float32, device=device)
        self.conditions = torch.as_tensor(
            np.concatenate([t.conditions for t in tracks]), device=device
        )
        lengths = np.array([len(t.features) for t in tracks])
        weights = np.array([config.data.source_weights.get(t.source, 1.0) for t in tracks])
        self.starts = torch.as_tensor(np.cumsum(lengths) - lengths, device=device)
        self.lengths = torch.as_tensor(lengths, device=device)
        self.edges = torch.as_tensor(
            np.cumsum(lengths * weights), dtype=torch.float64, device=device
        )
        self.edges /= self.edges[-1].clone()
        self.style = torch.as_tensor([t.style for t in tracks], device=device)
        # Columns of each group of conditions that is dropped as one.
        self.drops = [
            ([i for i, n in enumerate(conditions) if n.startswith("hit_")], config.train.drop_hits),
            (
                [i for i, n in enumerate(conditions) if n.startswith("energy")],
                config.train.drop_energy,
            ),
        ]

    def batch(self, step: int, size: int) -> Batch:
        """The batch of a step; the same step gives the same batch."""
        generator = torch.Generator(self.device).manual_seed(
            self.config.train.seed * 1_000_003 + step
        )

        def uniform(*shape: int) -> Tensor:
            return torch.rand(shape, generator=generator, device=self.device)

        track = torch.searchsorted(self.edges, uniform(size).double()).clamp(
            max=len(self.starts) - 1
        )
        length = self.lengths[track]
        offset = (uniform(size) * (length - self.frames + 1).clamp(min=1)).long()
        frame = offset[:, None] + torch.arange(self.frames, device=self.device)
        valid = frame < length[:, None]
        at = self.starts[track][:, None] + torch.minimum(frame, length[:, None] - 1)
        target = self.features[at]
        conditions = self.conditions[at].clone()
        nothing = uniform(size) < self.config.train.drop_all
        for columns, chance in self.drops:
            kept = ((uniform(size) >= chance) & ~nothing).float()
            conditions[..., columns] = conditions[..., columns] * kept[:, None, None]
        styles = len(self.config.data.style_names)
        index = self.style[track]
        labelled = (index >= 0) & (uniform(size) >= self.config.train.drop_style) & ~nothing
        style = torch.nn.functional.one_hot(index.clamp(min=0), styles).float()
        noise = torch.randn(target.shape, generator=generator, device=self.device)
        mask = random_masks(size, self.frames, generator, self.device) * valid[..., None]
        return Batch(
            target, mask, conditions, style * labelled[:, None], valid, noise, uniform(size)
        )
