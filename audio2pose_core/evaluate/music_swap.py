"""Another song on the same beats: does a dancer hear more of it than it hears in noise?

Each style is danced to one song, to another and to white noise, all on the beats of the
first and with the same seed, so that only what is heard beside the beats makes a
difference. The figure is ``metrics.poses.music_swap``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..audio.load import Audio
from ..generate.dance import generate_dance
from ..metrics.poses import music_swap
from .dancers import EvalSpec, Pool, worker_here
from .songs import Song

NOISE_LEVEL = 0.2
"""Root mean square of the white noise, of full scale: as loud as a song."""


def noise_like(song: Audio, seed: int) -> Audio:
    """White noise that lasts as long as a song."""
    random = np.random.default_rng(seed)
    samples = NOISE_LEVEL * random.standard_normal(len(song.samples))
    return replace(song, samples=samples.clip(-1, 1).astype(np.float32), name="white noise")


def other_song(songs: tuple[Song, ...], i: int) -> Song:
    """The song that lies half of the list away: composed ones stand beside each other."""
    return songs[(i + max(1, len(songs) // 2)) % len(songs)]


def _swap(task: tuple[str, int, int]) -> tuple[str, float]:
    style, i, seed = task
    here = worker_here()
    model, songs = here.models[0], here.spec.songs
    beats = here.analysed(i, model.fps)[0]
    heard = (songs[i].audio, other_song(songs, i).audio, noise_like(songs[i].audio, seed))
    seconds = min(audio.seconds for audio in heard)
    made = [
        generate_dance(
            audio, style=style, seed=seed, model=model, beats=beats, duration=seconds
        ).motion
        for audio in heard
    ]
    return style, music_swap(*made)


def music_swaps(
    pool: Pool,
    spec: EvalSpec,
    styles: tuple[str, ...],
    seeds: int,
    progress: Callable[[float], None],
) -> dict[str, float]:
    """Style -> music swap of the first dancer, mean over the seeds; each its own song."""
    if len(spec.songs) < 2:
        return {}
    tasks = [
        (style, (k + seed) % len(spec.songs), seed)
        for seed in range(seeds)
        for k, style in enumerate(styles)
    ]
    found: dict[str, list[float]] = {}
    for style, value in pool.map(_swap, tasks, progress):
        found.setdefault(style, []).append(value)
    return {style: float(np.mean(values)) for style, values in found.items()}
