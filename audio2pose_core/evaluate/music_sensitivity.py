"""Music sensitivity: how well a network restores held-out dances, by the music it is given.

Windows of held-out dances are mostly noise, and the network restores them from what
is left and from its conditions: with the dance's own music, with another song's, with
none. The accents, which come from the motion itself in training, are dropped in all
three. If paired training has taught it something about music, its error is smallest
with the dance's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import representation as rep
from ..data.training.clip import Clip
from ..data.training.tracks import Track, make_tracks
from ..generate.model import DanceModel
from .measures import Figure, interval

TIMES = (0.05, 0.15, 0.3)
"""How much of the dance is left: mostly noise, so that the conditions have to tell."""
WINDOWS_A_CLIP = 6
_MUSIC = {name for group in rep.MUSIC_GROUPS for name in rep.CONDITION_GROUPS[group]}


@dataclass(frozen=True)
class MusicSensitivity:
    """Mean squared errors, in deviations, and by how much (%) others are above the own music's."""

    own: Figure
    over_own: dict[str, Figure]
    windows: int


def uses_music(model: DanceModel) -> bool:
    """Whether a model has conditions of the music beside its beats."""
    return bool(_MUSIC & set(model.conditions))


def music_sensitivity(model: DanceModel, clips: list[Clip], seed: int = 0) -> MusicSensitivity:
    """Of clips with music, two at least; see the module's text."""
    with_music = [c for c in clips if c.music is not None]
    tracks = [
        make_tracks(c, model.fps, model.conditions, (), (1.0,), False)[0]
        for c in (
            Clip(c.name, c.source, "", c.split, c.motion, c.beats, c.music) for c in with_music
        )
    ]
    errors: dict[str, list[float]] = {"own": [], "another song": [], "no music": []}
    for i, (clip, track) in enumerate(zip(with_music, tracks, strict=True)):
        style = np.array([[name == clip.style for name in model.styles]], dtype=np.float64)
        others = tracks[:i] + tracks[i + 1 :]
        last = len(track.features) - model.window
        if last < 0:
            continue
        for k, start in enumerate(np.linspace(0, last, WINDOWS_A_CLIP).astype(int)):
            random = np.random.default_rng([seed, i, k])
            other = others[int(random.integers(len(others)))]
            for name, conditions in _played(model, track, other, int(start), random).items():
                errors[name].append(
                    _error(model, track, int(start), conditions, style, [seed, i, k])
                )
    own = np.array(errors["own"])
    over = {
        name: interval(list(100 * (np.array(values) / own - 1)))
        for name, values in errors.items()
        if name != "own"
    }
    return MusicSensitivity(interval(list(own)), over, len(own))


def _played(
    model: DanceModel, track: Track, other: Track, start: int, random: np.random.Generator
) -> dict[str, np.ndarray]:
    """Conditions (T, C) of a window with its own music, another song's, and none."""
    rows = slice(start, start + model.window)
    base = np.array(track.conditions[rows], dtype=np.float64)
    hits = [k for k, name in enumerate(model.conditions) if name.startswith("hit_")]
    music = [k for k, name in enumerate(model.conditions) if name in _MUSIC]
    base[:, hits] = 0.0
    from_other, none = base.copy(), base.copy()
    place = int(random.integers(max(1, len(other.conditions) - model.window + 1)))
    at = np.minimum(np.arange(place, place + model.window), len(other.conditions) - 1)
    from_other[:, music] = other.conditions[at][:, music]
    none[:, music] = 0.0
    return {"own": base, "another song": from_other, "no music": none}


def _error(
    model: DanceModel,
    track: Track,
    start: int,
    conditions: np.ndarray,
    style: np.ndarray,
    seed: list[int],
) -> float:
    """Mean squared error over ``TIMES``; the same seed makes the same noise."""
    target = (track.features[start : start + model.window] - model.mean) / model.deviation
    noise = np.random.default_rng(seed).standard_normal(target.shape)
    nothing = np.zeros((1, len(target), rep.GROUPS))
    found = []
    for t in TIMES:
        made = model.run(
            x=((1 - t) * noise + t * target)[None],
            t=np.array([t]),
            known=np.zeros_like(target)[None],
            mask=nothing,
            conditions=conditions[None],
            style=style,
        )
        found.append(float(((made[0] - target) ** 2).mean()))
    return float(np.mean(found))


def music_sensitivity_table(found: MusicSensitivity) -> str:
    """Markdown."""
    lines = [
        "| music that the network is given | error |",
        "| --- | ---: |",
        f"| the dance's own music | {found.own.mean:.4f} ± {found.own.half:.4f} |",
    ]
    lines += [
        f"| {name} | {figure.mean:+.2f} ± {figure.half:.2f} % |"
        for name, figure in found.over_own.items()
    ]
    return "\n".join(lines) + (
        f"\n\nMean squared error in restoring {found.windows} windows of held-out dances from "
        f"noise (flow times {', '.join(map(str, TIMES))}), without the accents; the others as "
        "differences from it, window by window. Above 0: the own music served better."
    )
