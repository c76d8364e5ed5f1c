"""Random windows of training tracks, a batch a step.

The draw depends on the seed and the step alone, which makes a resumed run equal
to an undisturbed one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .. import control
from ..data.training.windows_reader import WindowsFile
from ..errors import OptionError
from ..representation import CONDITION_GROUPS, MUSIC_GROUPS
from .config import Config
from .losses import Belief, flow_weight, shifted
from .masks import random_masks

SHARE = 1 / 3
"""Of a GPU's free memory that the windows file may take."""


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
    believed_features: Tensor
    believed_joints: Tensor
    """How far each window is believed by its source, see ``losses.Belief``."""


class Windows:
    """Draws batches of windows from the tracks of a windows file.

    The file stays on disk and is mapped: the operating system keeps what is read
    often in memory, so a dataset may be larger than that. A GPU with room for it
    gets it whole, in half floats.
    """

    def __init__(self, file: WindowsFile, config: Config, device: torch.device) -> None:
        self.config, self.device = config, device
        self.frames = config.model.window
        self.rows: np.ndarray | Tensor = file.rows
        if device.type == "cuda" and file.rows.nbytes < SHARE * torch.cuda.mem_get_info(device)[0]:
            self.rows = torch.from_numpy(np.array(file.rows)).to(device)
        # A file may hold more conditions than are trained with.
        self.columns = [len(file.mean) + file.conditions.index(n) for n in config.conditions]
        self.mean = torch.as_tensor(file.mean, dtype=torch.float32, device=device)
        self.deviation = torch.as_tensor(file.deviation, dtype=torch.float32, device=device)
        weights = np.array([config.data.source_weights.get(s, 1.0) for s in file.sources])
        shares = np.cumsum(file.frames * weights * file.weights)
        if not shares[-1] > 0:
            raise OptionError(
                "[data.source_weights]: every source of the training data has weight 0, so "
                "nothing could be drawn"
            )
        self.starts = torch.as_tensor(file.starts, device=device)
        self.lengths = torch.as_tensor(file.frames, device=device)
        self.edges = torch.as_tensor(shares / shares[-1], dtype=torch.float64, device=device)
        self.style_labels = file.styles
        styles = [style_index(style, config) for style in file.styles]
        self.style = torch.as_tensor(styles, device=device)
        names = sorted(set(file.sources))
        self.belief = Belief.of(names, device)
        self.source = torch.as_tensor([names.index(s) for s in file.sources], device=device)
        self.places = [
            config.conditions.index(name)
            for name in control.PLACE_FROM_START
            if name in config.conditions
        ]
        self.averaged = [
            config.conditions.index(name)
            for name in control.ASKED_BY_PHRASE
            if name in config.conditions
        ]
        # Columns of each group of conditions that is dropped as one.
        train = config.train
        chances = {"hits": train.drop_hits, "energy": train.drop_energy}
        chances |= dict.fromkeys(MUSIC_GROUPS, train.drop_music)
        chances |= dict.fromkeys(control.CONDITION_GROUPS, train.drop_control)
        self.drops = [
            (
                [config.conditions.index(name) for name in names],
                chances[group],
            )
            for group, names in CONDITION_GROUPS.items()
            if names[0] in config.conditions
        ]

    def _rows(self, at: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised features and (a copy of) the conditions of the rows ``at`` (B, F)."""
        if isinstance(self.rows, Tensor):
            rows = self.rows[at].float()
        else:
            rows = torch.as_tensor(self.rows[at.cpu().numpy()]).to(self.device).float()
        width = len(self.mean)
        return (rows[..., :width] - self.mean) / self.deviation, rows[..., self.columns]

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
        # A window knows where it goes, not where on the stage its clip was.
        conditions[..., self.places] -= conditions[:, :1, self.places]
        by_phrase = (uniform(size) < self.config.train.average_control)[share]
        cut = (uniform(size) * self.frames).long()[share]
        conditions[..., self.averaged] = torch.where(
            by_phrase[:, None, None],
            averages(conditions[..., self.averaged], valid[share], cut),
            conditions[..., self.averaged],
        )
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
            self.belief.features[self.source[track]][share],
            self.belief.joints[self.source[track]][share],
        )


def averages(values: Tensor, valid: Tensor, cut: Tensor) -> Tensor:
    """Values (B, T, C) averaged over the valid frames before and from ``cut`` (B,) on.

    So a plan asks: with one number for the whole of a phrase, and a window reaches over two.
    """
    after = torch.arange(values.shape[1], device=values.device) >= cut[:, None]
    out = torch.zeros_like(values)
    for part in (after, ~after):
        weight = (part & valid)[..., None].float()
        mean = (values * weight).sum(1, keepdim=True) / weight.sum(1, keepdim=True).clamp(min=1)
        out = torch.where(part[..., None], mean, out)
    return out


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

    The start "" matches every name; without it an unknown one is -1, no style.
    """
    if name in config.data.style_names:
        return config.data.style_names.index(name)
    matches = [start for start in config.data.styles if name.startswith(start)]
    if not matches:
        return -1
    return config.data.style_names.index(config.data.styles[max(matches, key=len)])
