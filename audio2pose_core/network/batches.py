"""Random windows of training tracks, drawn on the device that trains.

All tracks lie on the device as one array; a batch is one gather, so the
network never waits for data. The draw depends on the seed and the step alone,
which makes a resumed run equal to an undisturbed one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..data.training.tracks import Track
from ..data.training.windows_reader import WindowsFile
from ..representation import CONDITION_GROUPS
from .config import Config
from .losses import flow_weight, shifted
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
    weight: Tensor
    """Of each window in the loss; 1 in the mean over the whole batch."""


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
        normal = [(t.features - mean) / deviation for t in tracks]
        self.features = torch.as_tensor(np.concatenate(normal), dtype=torch.float32, device=device)
        self.conditions = torch.as_tensor(
            np.concatenate([t.conditions for t in tracks]), device=device
        )
        lengths = np.array([len(t.features) for t in tracks])
        self._index(
            lengths,
            [t.source for t in tracks],
            [t.style for t in tracks],
            config,
            conditions,
            device,
        )

    def _index(
        self,
        lengths: np.ndarray,
        sources: Sequence[str],
        styles: Sequence[int],
        config: Config,
        conditions: tuple[str, ...],
        device: torch.device,
    ) -> None:
        """What a draw needs to know of the tracks: where they lie and how often they come."""
        self.config, self.device = config, device
        self.frames = config.model.window
        weights = np.array([config.data.source_weights.get(s, 1.0) for s in sources])
        self.starts = torch.as_tensor(np.cumsum(lengths) - lengths, device=device)
        self.lengths = torch.as_tensor(lengths, device=device)
        self.edges = torch.as_tensor(
            np.cumsum(lengths * weights), dtype=torch.float64, device=device
        )
        self.edges /= self.edges[-1].clone()
        self.style = torch.as_tensor(styles, device=device)
        # Columns of each group of conditions that is dropped as one.
        chances = {"hits": config.train.drop_hits, "energy": config.train.drop_energy}
        self.drops = [
            ([conditions.index(name) for name in names], chances.get(g, config.train.drop_music))
            for g, names in CONDITION_GROUPS.items()
            if names[0] in conditions
        ]

    def _rows(self, at: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised features and (a copy of) the conditions of the rows ``at`` (B, F)."""
        return self.features[at], self.conditions[at].clone()

    def batch(self, step: int, size: int, share: slice = slice(None)) -> Batch:
        """The batch of a step; the same step gives the same batch, of which ``share`` is taken."""
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
        target, conditions = self._rows(at[share])
        nothing = uniform(size) < self.config.train.drop_all
        for columns, chance in self.drops:
            kept = ((uniform(size) >= chance) & ~nothing).float()[share]
            conditions[..., columns] = conditions[..., columns] * kept[:, None, None]
        styles = len(self.config.data.style_names)
        index = self.style[track]
        labelled = (index >= 0) & (uniform(size) >= self.config.train.drop_style) & ~nothing
        style = torch.nn.functional.one_hot(index.clamp(min=0), styles).float()
        shape = (size, *target.shape[1:])
        noise = torch.randn(shape, generator=generator, device=self.device)
        mask = random_masks(size, self.frames, generator, self.device) * valid[..., None]
        t = shifted(uniform(size), self.config.train.shift)
        weight = flow_weight(self.config.loss, t)
        weight = weight / weight.mean()
        # All processes draw the same numbers; each keeps its own windows.
        return Batch(
            target,
            mask[share],
            conditions,
            (style * labelled[:, None])[share],
            valid[share],
            noise[share],
            t[share],
            weight[share],
        )


class MappedWindows(Windows):
    """Draws the same batches from a windows file, which stays on disk.

    The operating system keeps what is read often in memory, so a dataset may be
    larger than that.
    """

    def __init__(self, file: WindowsFile, config: Config, device: torch.device) -> None:
        self.rows = file.rows
        # A file may hold more conditions than are trained with.
        self.columns = [len(file.mean) + file.conditions.index(n) for n in config.conditions]
        self.mean = torch.as_tensor(file.mean, dtype=torch.float32, device=device)
        self.deviation = torch.as_tensor(file.deviation, dtype=torch.float32, device=device)
        styles = [style_index(style, config) for style in file.styles]
        self._index(file.frames, file.sources, styles, config, config.conditions, device)

    def _rows(self, at: Tensor) -> tuple[Tensor, Tensor]:
        rows = torch.as_tensor(self.rows[at.cpu().numpy()]).to(self.device).float()
        width = len(self.mean)
        return (rows[..., :width] - self.mean) / self.deviation, rows[..., self.columns]


class Ahead:
    """Draws the next step's batch in a thread while the network works on this one's."""

    def __init__(self, draw: Callable[[int], Batch], last: int) -> None:
        self._draw, self._last = draw, last
        self._thread = ThreadPoolExecutor(1)
        self._next: tuple[int, Future[Batch]] | None = None

    def take(self, step: int) -> tuple[Batch, float]:
        """The batch of a step, and the seconds spent waiting for it."""
        began = time.monotonic()
        if self._next is not None and self._next[0] == step:
            batch = self._next[1].result()
        else:
            batch = self._draw(step)
        waited = time.monotonic() - began
        if step + 1 < self._last:
            self._next = (step + 1, self._thread.submit(self._draw, step + 1))
        return batch, waited

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(cancel_futures=True)


def style_index(name: str, config: Config) -> int:
    """Index of a clip's style among the config's, by its name or the longest matching start.

    The start "" takes what nothing else does; without it that is -1, no style.
    """
    if name in config.data.style_names:
        return config.data.style_names.index(name)
    matches = [start for start in config.data.styles if name.startswith(start)]
    if not matches:
        return -1
    return config.data.style_names.index(config.data.styles[max(matches, key=len)])
