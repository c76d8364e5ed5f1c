"""Random in-painting masks: the tasks that one network is trained for.

A mask is (B, T, 28): 1 where a part of the body in a frame is constrained
(``representation.GROUPS``: height, velocity, turn, 24 joints, contacts).
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from .. import representation as rep
from ..skeleton import INDEX, JOINTS

# Share of the training windows with each task. Every long song needs continuation.
TASKS = {
    "fresh": 0.33,
    "continue": 0.30,
    "between": 0.15,
    "keyframes": 0.10,
    "body_part": 0.12,
}
LONGEST_START = 90
"""Most frames constrained at a window's start or end: 3 s."""


@lru_cache
def _task_edges(device: torch.device) -> Tensor:
    """Cumulated shares of the tasks; on the device once, since a copy a step waits for it."""
    return torch.tensor(list(TASKS.values()), device=device).cumsum(0)


@lru_cache
def _parts(device: torch.device) -> Tensor:
    """Body parts (P, 28) that may be regenerated alone; 1 marks the part."""
    arms = [
        n for n in JOINTS if n.split("_")[-1] in ("collar", "shoulder", "elbow", "wrist", "hand")
    ]
    legs = [n for n in JOINTS if n.split("_")[-1] in ("hip", "knee", "ankle", "foot")]
    trunk = ["spine1", "spine2", "spine3", "neck", "head"]
    groups = [
        arms,
        [n for n in arms if n.startswith("left")],
        [n for n in arms if n.startswith("right")],
        arms + trunk,
        ["neck", "head"],
        legs + ["pelvis"],
    ]
    out = torch.zeros(len(groups), rep.GROUPS)
    for i, names in enumerate(groups):
        out[i, [3 + INDEX[n] for n in names]] = 1.0
        if "pelvis" in names:
            out[i, [0, 1, 2, rep.GROUPS - 1]] = 1.0
    return out.to(device)


def random_masks(
    batch: int, frames: int, generator: torch.Generator, device: torch.device
) -> Tensor:
    """Masks (B, T, 28) float, one random task for each window."""

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, device=device)

    edges = _task_edges(device)
    task = torch.searchsorted(edges, uniform(batch) * edges[-1]).clamp(max=len(TASKS) - 1)[:, None]
    frame = torch.arange(frames, device=device)[None]
    names = list(TASKS)
    start = 1 + uniform(batch, 1) * LONGEST_START
    end = 1 + uniform(batch, 1) * LONGEST_START
    from_start = frame < start
    from_end = frame >= frames - end
    density = 0.004 + 0.03 * uniform(batch, 1) ** 2
    sparse = uniform(batch, frames) < density
    whole = torch.zeros(batch, frames, device=device, dtype=torch.bool)
    whole |= (task == names.index("continue")) & from_start
    whole |= (task == names.index("between")) & (from_start | from_end)
    # Locked keys mostly come on top of a dance that goes on from somewhere.
    keyed = task == names.index("keyframes")
    whole |= keyed & (sparse | (from_start & (uniform(batch, 1) < 0.5)))
    mask = whole[..., None].expand(batch, frames, rep.GROUPS).float()

    parts = _parts(device)
    part = parts[(uniform(batch) * len(parts)).long().clamp(max=len(parts) - 1)]
    # The part is free over a span; outside it, and in the rest of the body, all is constrained.
    span = (uniform(batch, 1) < 0.5) | ((frame >= start) & (frame < frames - end))
    others = 1.0 - part[:, None, :] * span[..., None].float()
    return torch.where((task == names.index("body_part"))[..., None], others, mask)
