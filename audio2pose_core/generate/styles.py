"""Which style is danced: one of the model's, a mix of some, or what suits the song."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..audio.beats import Beats
from ..audio.features import AudioFeatures
from ..cleanup.pelvis_height import mix_height_priors
from ..errors import OptionError
from .accents import choose_accents
from .model import DanceModel, Style
from .spread import mix_spreads
from .style_by_ear import listen, style_by_ear

AUTO = "auto"
AUTO_STYLE_SECONDS = 120.0
"""A style with less training motion than this is never chosen by "auto"."""


def parse_style(text: str) -> str | dict[str, float]:
    """``"salsa"`` as it is, ``"salsa:0.7,house:0.3"`` as weights by name."""
    if ":" not in text and "," not in text:
        return text
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, colon, number = (piece.strip() for piece in part.partition(":"))
        try:
            weight = float(number) if colon else 1.0
        except ValueError:
            weight = math.nan
        if not name or not math.isfinite(weight) or name in weights:
            raise OptionError(
                f"{text!r} is no style; write one name, or a mix as salsa:0.7,house:0.3"
            )
        weights[name] = weight
    return weights


def choose_style(
    model: DanceModel,
    wanted: str | Mapping[str, float],
    beats: Beats,
    seconds: float,
    features: AudioFeatures | None = None,
) -> Style:
    """The style that is asked for, its figures those of the mix if it is one.

    ``wanted`` is a name, "auto" (by ear, see ``style_by_ear``; where the
    ``features`` of the song are not given or nothing is known of any of the
    model's styles, the one whose natural pace is nearest), a mix as text
    (``parse_style``) or weights by name. Raises OptionError for a style
    that the model does not know, and for weights that are negative or all zero.
    """
    spec = parse_style(wanted) if isinstance(wanted, str) else dict(wanted)
    if spec == AUTO:
        heard = None if features is None else listen(beats, features)
        suits = None if heard is None else style_by_ear(heard, model.styles)
        if suits is not None:
            return model.style_table[suits]
        return _nearest_pace(model, beats, seconds)
    if isinstance(spec, str):
        return _known(model, spec)
    return mix_styles(model, spec)


def mix_styles(model: DanceModel, weights: Mapping[str, float]) -> Style:
    """A mix of styles: its figures are weighted means, its name is its recipe.

    The pace is averaged in octaves, as it is heard. Weights need not add up to 1.
    """
    for name, weight in weights.items():
        _known(model, name)
        if not (math.isfinite(weight) and weight >= 0):
            raise OptionError(f"style {name} has the weight {weight}; weights are 0 or more")
    parts = {name: float(weight) for name, weight in weights.items() if weight > 0}
    total = sum(parts.values())
    if not parts or not math.isfinite(total):
        raise OptionError("a mix of styles needs at least one weight above 0")
    if len(parts) == 1:
        return model.style_table[next(iter(parts))]
    styles = [model.style_table[name] for name in parts]
    share = np.array(list(parts.values())) / total

    def mean(values: list[float]) -> float:
        return float(share @ np.array(values))

    return Style(
        name=",".join(f"{name}:{s:.4g}" for name, s in zip(parts, share, strict=True)),
        seconds=mean([s.seconds for s in styles]),
        hit_rate=2.0 ** mean([math.log2(s.hit_rate) for s in styles]),
        hit_strength=mean([s.hit_strength for s in styles]),
        energy_mean=mean([s.energy_mean for s in styles]),
        energy_deviation=mean([s.energy_deviation for s in styles]),
        energy_offset=mean([s.energy_offset for s in styles]),
        legs_offset=mean([s.legs_offset for s in styles]),
        arms_offset=mean([s.arms_offset for s in styles]),
        steps_offset=mean([s.steps_offset for s in styles]),
        groove=mean([s.groove for s in styles]),
        turns_per_min=mean([s.turns_per_min for s in styles]),
        jumps_per_min=mean([s.jumps_per_min for s in styles]),
        jump_height=mean([s.jump_height for s in styles]),
        spread=mix_spreads([s.spread for s in styles], share),
        height_prior=mix_height_priors([s.height_prior for s in styles], share),
    )


def style_weights(model: DanceModel, style: Style) -> np.ndarray:
    """Weights (styles,) of a style or a mix in the network's order; they add up to 1."""
    spec = parse_style(style.name)
    shares = {spec: 1.0} if isinstance(spec, str) else spec
    weights = np.array([shares.get(name, 0.0) for name in model.styles])
    return weights / weights.sum()


def _known(model: DanceModel, name: str) -> Style:
    if name not in model.style_table:
        raise OptionError(f"no style {name!r}; this model knows auto, {', '.join(model.styles)}")
    return model.style_table[name]


def _nearest_pace(model: DanceModel, beats: Beats, seconds: float) -> Style:
    candidates = [s for s in model.style_table.values() if s.seconds >= AUTO_STYLE_SECONDS]

    def misfit(style: Style) -> float:
        accents, _ = choose_accents(beats, style, seconds)
        return abs(float(np.log2(1.0 / np.median(np.diff(accents)) / style.hit_rate)))

    return min(candidates or list(model.style_table.values()), key=misfit)
