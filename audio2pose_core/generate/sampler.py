"""Windows of noise become one long dance: the sampler over the network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .. import representation as rep
from ..errors import Cancelled
from .model import DanceModel

SEAM_DECAY_S = 0.2
"""Time in which what is left of a step at a seam fades."""


@dataclass(frozen=True)
class SamplerSettings:
    """How windows are sampled; the defaults come from the model's contract."""

    steps: int = 8
    """Passes of the network a window."""
    guidance: float = 4.0
    """1 takes the prediction as it is; more pushes it away from one without conditions (Ho and
    Salimans, "Classifier-Free Diffusion Guidance", 2022) and doubles the work."""
    overlap: int = 60
    """Frames that a window takes from the one before."""
    liveliness: float = 0.0
    """Deviations of the style's energy that are asked for on top of what the song asks.
    Few steps calm a dance down; this is what it takes to move as much as the style's data."""


def settings_of(model: DanceModel) -> SamplerSettings:
    """The settings a model asks for."""
    wanted = model.sampler
    default = SamplerSettings()
    return SamplerSettings(
        int(wanted.get("steps", default.steps)),
        float(wanted.get("guidance", default.guidance)),
        int(wanted.get("overlap", default.overlap)),
        float(wanted.get("liveliness", default.liveliness)),
    )


def sample_dance(
    model: DanceModel,
    conditions: np.ndarray,
    style: np.ndarray,
    seed: int,
    settings: SamplerSettings,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> np.ndarray:
    """Features (N, 152) of a dance, unnormalised.

    Parameters
    ----------
    conditions : (N, C)
        In the model's order, at its frame rate.
    style : (styles,)
        Weights.
    """
    frames = len(conditions)
    out = np.zeros((frames, rep.WIDTH))
    start = 0
    while True:
        if cancelled():
            raise Cancelled("cancelled; nothing was written")
        overlap = min(settings.overlap, start) if start else 0
        first = start - overlap
        length = min(model.window, max(frames - first, model.window // 2))
        length = -(-length // model.patch) * model.patch
        # Past the end of the song the last condition is held; those frames are cut off.
        at = np.minimum(np.arange(first, first + length), frames - 1)
        known = np.zeros((length, rep.WIDTH))
        mask = np.zeros((length, rep.GROUPS))
        if overlap:
            known[:overlap] = (out[first:start] - model.mean) / model.deviation
            mask[:overlap] = 1.0
        random = np.random.Generator(np.random.PCG64([seed, first]))
        window = sample_window(model, known, mask, conditions[at], style, random, settings)
        stop = min(first + length, frames)
        out[start:stop] = (window * model.deviation + model.mean)[overlap : stop - first]
        progress(stop / frames)
        if stop >= frames:
            return out
        start = stop


def sample_window(
    model: DanceModel,
    known: np.ndarray,
    mask: np.ndarray,
    conditions: np.ndarray,
    style: np.ndarray,
    random: np.random.Generator,
    settings: SamplerSettings,
) -> np.ndarray:
    """One window (T, 152), normalised, by Euler steps along the flow from noise to motion."""
    fixed = mask[:, rep.GROUP_OF_FEATURE] > 0.5
    x = random.standard_normal(known.shape)
    times = np.linspace(0.0, 1.0, settings.steps + 1)
    motion = x
    for now, after in pairwise(times):
        motion = _predict(model, x, now, known, mask, conditions, style, settings.guidance)
        if after < 1.0:
            # The network predicts the end of the path; step towards it.
            x = x + (after - now) / (1.0 - now) * (motion - x)
    return _close_seam(np.where(fixed, known, motion), motion, fixed, model.fps)


def _predict(
    model: DanceModel,
    x: np.ndarray,
    t: float,
    known: np.ndarray,
    mask: np.ndarray,
    conditions: np.ndarray,
    style: np.ndarray,
    guidance: float,
) -> np.ndarray:
    batch = 1 if guidance == 1.0 else 2

    def twice(values: np.ndarray) -> np.ndarray:
        return np.repeat(values[None], batch, axis=0)

    given, weights = twice(conditions), twice(style)
    if batch == 2:
        given[1], weights[1] = 0.0, 0.0
    got = model.run(
        x=twice(x),
        t=np.full(batch, t),
        known=twice(known),
        mask=twice(mask),
        conditions=given,
        style=weights,
    ).astype(np.float64)
    return got[0] if batch == 1 else got[1] + guidance * (got[0] - got[1])


def _close_seam(
    joined: np.ndarray, predicted: np.ndarray, fixed: np.ndarray, fps: float
) -> np.ndarray:
    """Fade what the network missed of the last given frame into the first free ones.

    Only a start that is given whole is closed here; sparse keys are the
    constraints' business.
    """
    whole = np.asarray(fixed.all(axis=1))
    given = int(np.argmin(whole)) if not whole.all() else len(whole)
    if given == 0 or given == len(whole):
        return joined
    miss = joined[given - 1] - predicted[given - 1]
    ahead = np.arange(1, len(joined) - given + 1) / fps
    joined[given:] += np.exp(-ahead / SEAM_DECAY_S * 2.0)[:, None] * miss * ~fixed[given:]
    return joined
