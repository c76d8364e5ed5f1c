"""``generate_dance``: from a song to a dance, the whole line in one call."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import representation as rep
from ..audio.analyse import analyse
from ..audio.beats import Beats, load_beats
from ..audio.features import AudioFeatures
from ..audio.load import Audio, load_audio
from ..cleanup import clean
from ..errors import Cancelled, OptionError
from ..motion import Motion
from .hits import choose_hits, song_energy
from .model import DanceModel, Style, load_model
from .sampler import sample_dance, settings_of
from .stage import keep_on_stage

AUTO_STYLE_SECONDS = 120.0
"""A style with less training motion than this is never chosen by "auto"."""


@dataclass(frozen=True)
class Dance:
    """A dance and how it came about.

    ``report`` holds the model's name and hash, the song's warnings and the
    seconds that each stage took.
    """

    motion: Motion
    beats: Beats
    seconds: float
    style: str
    seed: int
    report: dict[str, Any] = field(default_factory=dict)


class _Stages:
    """Times the stages and passes them on; asks between stages whether to go on."""

    def __init__(
        self,
        progress: Callable[[str, float], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.progress, self.cancelled = progress, cancelled
        self.timings: dict[str, float] = {}
        self.name, self.began = "", 0.0

    def is_cancelled(self) -> bool:
        return self.cancelled is not None and self.cancelled()

    def report(self, fraction: float) -> None:
        if self.progress is not None:
            self.progress(self.name, fraction)

    def enter(self, name: str) -> None:
        self.leave()
        if self.is_cancelled():
            raise Cancelled("cancelled; nothing was written")
        self.name, self.began = name, time.perf_counter()
        self.report(0.0)

    def leave(self) -> None:
        if self.name:
            self.report(1.0)
            self.timings[self.name] = round(time.perf_counter() - self.began, 4)
            self.name = ""


def generate_dance(
    song: str | os.PathLike[str] | Audio,
    *,
    style: str = "auto",
    seed: int = 0,
    duration: float | None = None,
    beats: Beats | str | os.PathLike[str] | None = None,
    model: str | os.PathLike[str] | DanceModel | None = None,
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Dance:
    """Make a dance for a song.

    Parameters
    ----------
    song : path or Audio
        wav, flac, ogg or mp3, of 1 s to an hour.
    style : str
        One of the model's styles, or "auto": the one whose natural pace is
        nearest to the song's.
    seed : int
        The same seed, song and model give the same dance on the same machine.
    duration : float, optional
        Seconds from the start of the song to dance to; all of it by default.
    beats : Beats or path, optional
        Beats to dance to in place of the tracked ones.
    model : path or DanceModel, optional
        The shipped dancer by default.
    progress : callable(stage, fraction), optional
    cancelled : callable() -> bool, optional
        Asked between windows; when it says yes, ``Cancelled`` is raised.

    Raises
    ------
    AudioError, DataError, ModelError, OptionError, Cancelled
    """
    stages = _Stages(progress, cancelled)
    stages.enter("load")
    audio = song if isinstance(song, Audio) else load_audio(song)
    if duration is not None:
        if not duration > 0:
            raise OptionError(f"a duration of {duration} s makes no dance")
        audio = replace(audio, samples=audio.samples[: max(1, round(duration * audio.sample_rate))])
    given = load_beats(beats) if isinstance(beats, (str, Path, os.PathLike)) else beats
    stages.enter("model")
    dancer = model if isinstance(model, DanceModel) else load_model(model)
    stages.enter("analyse")
    tracked, features = analyse(audio, dancer.fps)
    used = tracked if given is None else given
    chosen = choose_style(dancer, style, used, audio.seconds)
    hits, conditions, weights = dance_conditions(dancer, chosen, used, features, audio.seconds)
    stages.enter("dance")
    raw = sample_dance(
        dancer, conditions, weights, seed, settings_of(dancer), stages.report, stages.is_cancelled
    )
    stages.enter("cleanup")
    motion = clean(
        rep.decode(raw, dancer.fps),
        hits[(hits >= 0) & (hits <= audio.seconds)],
        presence=settings_of(dancer).presence,
        path=keep_on_stage,
    )
    stages.leave()
    report = {
        "song": audio.name,
        "warnings": list(audio.warnings),
        "model": dancer.name,
        "model_sha256": dancer.sha256,
        "hits": [round(float(h), 4) for h in hits if 0 <= h <= audio.seconds],
        "timings": stages.timings,
    }
    return Dance(motion, used, audio.seconds, chosen.name, seed, report)


def dance_conditions(
    model: DanceModel, style: Style, beats: Beats, features: AudioFeatures, seconds: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the network is asked for: hits (n,) s, conditions (T, C), style weights (styles,)."""
    frames = len(features)
    hits, strength = choose_hits(beats, style, seconds)
    values = rep.hit_conditions(hits, strength, frames, model.fps)
    values |= {
        "energy": song_energy(features.loudness, style, settings_of(model).liveliness),
        "energy_known": np.ones(frames),
    }
    at = np.arange(frames) / model.fps
    values |= rep.music_conditions(beats.times, beats.downbeats, features, at)
    conditions = rep.stack_conditions(model.conditions, values, frames)
    weights = np.array([name == style.name for name in model.styles], dtype=np.float64)
    return hits, conditions, weights


def choose_style(model: DanceModel, name: str, beats: Beats, seconds: float) -> Style:
    """The named style, or for "auto" the one that a song's beats suit best.

    Raises OptionError for a style that the model does not know.
    """
    if name != "auto":
        if name not in model.style_table:
            raise OptionError(
                f"no style {name!r}; this model knows auto, {', '.join(model.styles)}"
            )
        return model.style_table[name]
    candidates = [s for s in model.style_table.values() if s.seconds >= AUTO_STYLE_SECONDS]

    def misfit(style: Style) -> float:
        hits, _ = choose_hits(beats, style, seconds)
        return abs(float(np.log2(1.0 / np.median(np.diff(hits)) / style.hit_rate)))

    return min(candidates or list(model.style_table.values()), key=misfit)
