"""Windows of noise become one long dance: the sampler over the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from .. import representation as rep
from ..cleanup.pelvis_height import mix_height_priors
from ..errors import Cancelled
from .inpaint import ConstraintFeatures
from .model import DanceModel
from .plan import plan_free, plan_windows
from .response import turn
from .spread import NetworkUnits, mix_spreads

__all__ = ["SamplerSettings", "plan_windows", "sample_dance", "sample_window", "settings_of"]

_LAST = 0.92
"""What the times of ``crowded`` tend to; the last step goes from just before it to 1."""
DRAWS, CROUCHED, CROUCH_MARGIN = 3, 0.05, 0.05
"""A window of which a larger share lies so far (m) below the 2 % lowest of the style's data is
drawn again from other noise, up to so many draws in all; the least crouched one is kept. A network
that learnt rare dips by heart would fall into them now and then."""
LIVELIER = 0.4
"""Each such draw asks for so much more energy, as logarithm of the speed: dips are a style's
calm moments, so that calm parts of a song call them up whatever the noise."""
CAREFUL_STEPS, CAREFUL_GUIDANCE = 8, 2.0
TRUST_S = 0.5
"""So far inside a kept stretch the network's view of it gives way to the stretch itself."""


@dataclass(frozen=True)
class SamplerSettings:
    """How windows are sampled; the defaults come from the model's contract."""

    steps: int = 8
    """Passes of the network a window."""
    guidance: float | tuple[float, ...] = 4.0
    """1 takes the prediction as it is; more pushes it away from one without conditions (Ho and
    Salimans, "Classifier-Free Diffusion Guidance", 2022) and doubles the work. One number for
    all passes, or one for each: guidance pays most in the middle (Kynkäänniemi et al., "Applying
    Guidance in a Limited Interval", NeurIPS 2024)."""
    overlap: int = 60
    """Frames that a window shares with its neighbour."""
    liveliness: float = 0.0
    """Deviations of the style's energy that are asked for on top of what the song asks.
    Few steps calm a dance down; this is what it takes to move as much as the style's data."""
    presence: float = 1.0
    """Gain of the accents, 2 to 6 Hz, in cleanup; see ``cleanup.smooth``."""
    times: tuple[float, ...] | None = None
    """When the passes are made, from 0 (noise) and below 1 (motion); None is ``crowded``."""
    difference: float = 0.5
    """How far what is free of a constrained dance may leave the motion that is there, 0 to 1.
    Below 0.5 the first passes are left out and the rest begins at that motion with noise on it
    (Meng et al., "SDEdit", ICLR 2022). Above it the first passes do not see the parts that stay
    beside free ones (legs under arms that are danced anew), which would all but settle these."""

    @property
    def skipped(self) -> int:
        """Passes that are left out at the start."""
        return round(max(0.0, 1.0 - 2.0 * self.difference) * (self.steps - 1))

    @property
    def blind(self) -> int:
        """Passes at the start that see only frames on which nothing is free."""
        return round(max(0.0, 2.0 * self.difference - 1.0) * self.steps)

    @property
    def pushes(self) -> tuple[float, ...]:
        """Guidance of each pass."""
        if isinstance(self.guidance, tuple):
            return self.guidance
        return (self.guidance,) * self.steps

    @property
    def passes(self) -> int:
        """Passes of the network a window, those without conditions counted."""
        return sum(1 if push == 1.0 else 2 for push in self.pushes)


def settings_of(model: DanceModel) -> SamplerSettings:
    """The settings a model asks for."""
    wanted = model.sampler
    default = SamplerSettings()
    times = wanted.get("times")
    guidance = wanted.get("guidance", default.guidance)
    return SamplerSettings(
        int(wanted.get("steps", default.steps)),
        tuple(map(float, guidance)) if isinstance(guidance, list) else float(guidance),
        int(wanted.get("overlap", default.overlap)),
        float(wanted.get("liveliness", default.liveliness)),
        float(wanted.get("presence", default.presence)),
        None if times is None else tuple(float(t) for t in times),
    )


def careful(settings: SamplerSettings) -> SamplerSettings:
    """The settings for what lies around poses that must be met.

    Strong guidance in few steps throws the body past them. A model that was taught its steps, and
    is not guided, is left alone.
    """
    if all(push == 1.0 for push in settings.pushes):
        return settings
    steps = max(CAREFUL_STEPS, settings.steps)
    return replace(settings, steps=steps, times=None, guidance=CAREFUL_GUIDANCE)


def sample_dance(
    model: DanceModel,
    conditions: np.ndarray,
    style: np.ndarray,
    seed: int,
    settings: SamplerSettings,
    progress: Callable[[float], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    fixed: ConstraintFeatures | None = None,
    response: np.ndarray | None = None,
) -> np.ndarray:
    """Features (N, 152) of a dance, unnormalised.

    Parameters
    ----------
    conditions : (N, C)
        In the model's order, at its frame rate.
    style : (styles,) or (N, styles)
        Weights, the same throughout or frame by frame; a window has the mean of its own.
    fixed : ConstraintFeatures, optional
        What is constrained, of N frames. Only windows with something free in them are
        made. Close to what is free the kept comes out as the network sees it,
        near, not equal, so that nothing jumps; within ``TRUST_S`` it is exact.
    response : (N, K), optional
        How the song turns the noise, see ``response.song_response``.
    """
    frames = len(conditions)
    free = np.ones(frames, dtype=bool) if fixed is None else fixed.free
    plan = [
        (first, -(-length // model.patch) * model.patch, between, whole)
        for first, length, between, whole in plan_free(free, model.window, settings.overlap)
    ]
    size = max([frames] + [first + length for first, length, _, _ in plan])
    out = np.zeros((size, rep.WIDTH))
    groups = np.zeros((size, rep.GROUPS), dtype=bool)
    wanted = out
    if fixed is not None:
        out[:frames], groups[:frames] = fixed.features, fixed.mask
        wanted = out.copy()
    trust = _inside(groups, TRUST_S * model.fps)
    for done, (first, length, between, (start, stop)) in enumerate(plan):
        if cancelled():
            raise Cancelled("cancelled; nothing was written")
        here = slice(first, first + length)
        own = style if np.ndim(style) == 1 else style[first : first + length].mean(axis=0)
        lowest = lowest_height(model, own)
        # Past the end of the song the last condition is held; those frames are cut off.
        at = np.minimum(np.arange(first, first + length), frames - 1)
        mask = groups[here].astype(np.float64)
        if between:
            mask[: settings.overlap] = 1.0
            mask[length - settings.overlap :] = 1.0
        told = np.where(groups[here][:, rep.GROUP_OF_FEATURE], wanted[here], out[here])
        units = units_of(model, own)
        known = units.normalised(told) * mask[:, rep.GROUP_OF_FEATURE]
        draws = (
            units.real(
                sample_window(
                    model,
                    known,
                    mask,
                    _livelier(model, conditions[at], k),
                    own,
                    random,
                    settings,
                    None if fixed is None else units.normalised(wanted[here]),
                    None if response is None else response[at],
                )
            )
            for k, random in enumerate(_random_draws(seed, first))
        )
        window = _least_crouched(draws, mask, lowest)
        if between:
            weight = _bell(length, settings.overlap)[:, None]
            window = (1.0 - weight) * out[here] + weight * window
        frame = np.arange(first, first + length)
        inside = (frame >= start) & ((frame < stop) | (stop == frames))
        window = window + trust[here][:, rep.GROUP_OF_FEATURE] * (wanted[here] - window)
        out[here] = np.where(inside[:, None], window, out[here])
        progress((done + 1) / len(plan))
    return out[:frames]


def units_of(model: DanceModel, style: np.ndarray) -> NetworkUnits:
    """The network's units in a style, or a mix by weights (styles,)."""
    shares = np.asarray(style) / max(float(np.sum(style)), 1e-9)
    spread = mix_spreads([s.spread for s in model.style_table.values()], shares)
    return NetworkUnits(model.mean, model.deviation, spread)


def _random_draws(seed: int, first: int) -> Iterator[np.random.Generator]:
    """A window's own random numbers, by the dance's seed and its first frame, ``DRAWS`` times."""
    for redraw in range(DRAWS):
        yield np.random.Generator(np.random.PCG64([seed, first, redraw][: 2 + redraw]))


def _livelier(model: DanceModel, conditions: np.ndarray, redraw: int) -> np.ndarray:
    """The conditions (T, C) with ``LIVELIER`` more of a known energy for each draw before."""
    if redraw == 0 or "energy" not in model.conditions:
        return conditions
    energy, known = (model.conditions.index(name) for name in rep.ENERGY_CONDITIONS)
    more = conditions.copy()
    more[:, energy] += LIVELIER * redraw * conditions[:, known]
    return more


def _least_crouched(draws: Iterable[np.ndarray], mask: np.ndarray, lowest: float) -> np.ndarray:
    """The first window (T, 152) that is not ``CROUCHED`` below ``lowest``, or the least crouched.

    Frames whose height is given, by ``mask`` (T, G), do not count as crouched.
    """
    free = (mask[:, rep.GROUP_OF_FEATURE[rep.HEIGHT]] == 0.0)[:, 0]
    tried: list[tuple[float, np.ndarray]] = []
    for window in draws:
        low = (window[:, rep.HEIGHT] < lowest)[:, 0]
        tried.append((float((low & free).mean()), window))
        if tried[-1][0] <= CROUCHED:
            break
    return min(tried, key=lambda one: one[0])[1]


def lowest_height(model: DanceModel, style: np.ndarray) -> float:
    """Pelvis height (m) that the data of a style, or a mix by weights, stays above.

    -inf where the contract does not say how high a style stands.
    """
    shares = np.asarray(style) / max(float(np.sum(style)), 1e-9)
    priors = [s.height_prior for s in model.style_table.values()]
    mixed = mix_height_priors(
        [s for s, w in zip(priors, shares, strict=True) if w > 0], shares[shares > 0]
    )
    return -np.inf if mixed is None else mixed.real[0] - CROUCH_MARGIN


def _inside(groups: np.ndarray, reach: float) -> np.ndarray:
    """How far inside a kept stretch (T, G) bool each frame lies, (T, G): 1 from ``reach`` frames.

    A quintic step from 0 beside what is free.
    """
    frame = np.arange(len(groups))[:, None]
    before = np.maximum.accumulate(np.where(groups, -(10**9), frame), axis=0)
    after = np.minimum.accumulate(np.where(groups, 10**9, frame)[::-1], axis=0)[::-1]
    s = np.clip((np.minimum(frame - before, after - frame) - 1) / reach, 0.0, 1.0)
    return s**3 * (10.0 - 15.0 * s + 6.0 * s**2)


def _bell(length: int, overlap: int) -> np.ndarray:
    """Weights (T,) that rise from 0 to 1 over the overlap and fall likewise at the end.

    A quintic step: neither the speed nor the acceleration of the motion jumps.
    """
    s = np.clip((np.arange(length) + 0.5) / overlap, 0.0, 1.0)
    rise = s**3 * (10.0 - 15.0 * s + 6.0 * s**2)
    return np.minimum(rise, rise[::-1])


def crowded(steps: int) -> np.ndarray:
    """Times (steps + 1,) from 0 to 1 that lie closer together near the noise: 0.92 (k / steps)².

    There a dance takes its shape; near the motion it only gets cleaner, which one
    long step does as well. (Measured: see docs/TRAINING.md.)
    """
    return np.array([*(_LAST * (np.arange(steps) / steps) ** 2), 1.0])


def sample_window(
    model: DanceModel,
    known: np.ndarray,
    mask: np.ndarray,
    conditions: np.ndarray,
    style: np.ndarray,
    random: np.random.Generator,
    settings: SamplerSettings,
    there: np.ndarray | None = None,
    response: np.ndarray | None = None,
) -> np.ndarray:
    """One window (T, 152), normalised, by Euler steps along the flow from noise to motion.

    Parts that are given come out as the network sees them: near, not equal. ``there`` (T, 152),
    normalised, is the motion so far, where there is one; see ``SamplerSettings.difference``.
    ``response`` (T, K) is how the song turns the noise.
    """
    noise = random.standard_normal(known.shape)
    if response is not None:
        noise = turn(noise, response, random)
    x = noise
    times = crowded(settings.steps)
    # A model that was taught its steps at other times has as many of them.
    if settings.times is not None and len(settings.times) == settings.steps:
        times = np.array([*settings.times, 1.0])
    skipped = 0 if there is None else settings.skipped
    if there is not None and skipped:
        x = (1.0 - times[skipped]) * x + times[skipped] * there
    # What is seen by the first passes: whole frames, and nothing beside what is free.
    whole = mask * (mask > 0.5).all(axis=1, keepdims=True)
    motion = x
    steps = list(zip(pairwise(times), settings.pushes, strict=True))
    for number, ((now, after), push) in enumerate(steps[skipped:], start=skipped):
        is_blind = there is not None and number < settings.blind
        sees = whole if is_blind else mask
        fixed = sees[:, rep.GROUP_OF_FEATURE] > 0.5
        told = np.where(fixed, known, 0.0)
        if not is_blind and there is not None and 0 < number == settings.blind:
            # What has been danced blindly beside it gives way to what stays.
            x = np.where(fixed, (1.0 - now) * noise + now * known, x)
        motion = _predict(model, x, now, told, sees, conditions, style, push)
        if after < 1.0:
            # The network predicts the end of the path; step towards it, and where the
            # end is given, towards what is given.
            x = x + (after - now) / (1.0 - now) * (np.where(fixed, known, motion) - x)
    return motion


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

    doubled, weights = twice(conditions), twice(style)
    if batch == 2:
        doubled[1], weights[1] = 0.0, 0.0
    got = model.run(
        x=twice(x),
        t=np.full(batch, t),
        known=twice(known),
        mask=twice(mask),
        conditions=doubled,
        style=weights,
    ).astype(np.float64)
    return got[0] if batch == 1 else got[1] + guidance * (got[0] - got[1])
