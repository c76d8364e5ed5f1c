"""Everything that dances to a song: dancers, dancers without some of their parts, baselines."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from .. import representation as rep
from ..audio.analyse import analyse
from ..audio.beats import Beats
from ..audio.features import AudioFeatures
from ..errors import ModelError
from ..generate.dance import choose_style, dance_conditions, generate_dance
from ..generate.finish import finish_dance
from ..generate.model import DanceModel, Style, load_model
from ..generate.response import song_response
from ..generate.sampler import SamplerSettings, plan_windows, sample_dance, settings_of
from ..generate.styles import AUTO
from ..motion import Motion
from .measures import Sample
from .motion_graph import MotionGraph
from .songs import Song

Progress = Callable[[float], None]
ALONE = "network alone"
UNPHASED = "no accents, no timing"
LSTM = "LSTM VAE"


@dataclass(frozen=True)
class EvalSpec:
    """Which models are evaluated on which songs; small enough to be sent to a process.

    ``models`` are the dancers, the first of which is also measured without some of its parts;
    ``lstm`` is the file of that baseline, if it is to dance. ``plan`` is what
    ``generate_dance`` is given: "auto" for the dances that are shipped.
    """

    models: tuple[Path | None, ...]
    songs: tuple[Song, ...]
    style: str = "all"
    lstm: Path | None = None
    plan: str | None = AUTO


@dataclass(frozen=True)
class Danced:
    """What one song and seed became: a dance of each system, and the beats that were heard."""

    song: int
    seed: int
    style: str
    heard: np.ndarray
    samples: dict[str, Sample]


class EvalWorker:
    """A specification with its models loaded and its songs analysed: one a process."""

    def __init__(self, spec: EvalSpec, threads: int = 0) -> None:
        self.spec = spec
        self.models = [load_model(path, threads) for path in spec.models]
        self._analysed: dict[tuple[int, float], tuple[Beats, AudioFeatures]] = {}

    @cached_property
    def lstm(self) -> Any:
        """The LSTM baseline; torch is loaded for it only."""
        assert self.spec.lstm is not None
        try:
            from ..network.baselines import lstm_vae
        except ImportError as error:
            raise ModelError(
                f"{self.spec.lstm} needs torch ({error}); pip install 'audio2pose[train]'"
            ) from error
        return lstm_vae.load(self.spec.lstm)

    def analysed(self, song: int, fps: float) -> tuple[Beats, AudioFeatures]:
        """Beats and features of a song, tracked once."""
        if (song, fps) not in self._analysed:
            self._analysed[song, fps] = analyse(self.spec.songs[song].audio, fps)
        return self._analysed[song, fps]

    def dance(self, i: int, seed: int) -> Danced:
        """Song ``i`` danced by everybody.

        A dancer always dances to the tracked beats; a song's known beats are what it is
        measured on.
        """
        song = self.spec.songs[i]
        samples: dict[str, Sample] = {}
        for name, model in zip(names_of(self.models), self.models, strict=True):
            style = self.style_of(model, i, seed)
            dance = generate_dance(
                song.audio,
                style=style,
                seed=seed,
                model=model,
                plan=self.spec.plan,
                structure=self.spec.plan is not None,
            )
            beats, downbeats = song.beats, song.downbeats
            if beats is None:
                beats, downbeats = dance.beats.times, dance.beats.downbeats
            seams = seams_of(model, dance.seconds)
            sample = Sample(
                dance.motion,
                beats,
                seams,
                dance.style,
                f"{song.audio.name} {seed}",
                downbeats=downbeats,
                sections=song.sections,
            )
            samples[name] = sample
            if model is not self.models[0]:
                continue
            heard, chosen = dance.beats.times, dance.style
            raw = self.raw(model, i, style, seed)
            samples[ALONE] = replace(sample, motion=raw)
            samples[UNPHASED] = replace(sample, motion=self.unphased(model, i, style, seed))
            if self.spec.lstm is not None:
                samples[LSTM] = replace(
                    sample, motion=self.lstm_dance(i, chosen, seed), seams=np.zeros(0)
                )
        return Danced(i, seed, chosen, heard, samples)

    def style_of(self, model: DanceModel, i: int, seed: int) -> str:
        """The style that is asked for: the named one, the song's own, or all in turn."""
        if self.spec.style != "all":
            return self.spec.style
        if self.spec.songs[i].style in model.styles:
            return self.spec.songs[i].style
        return style_in_turn(model.styles, i, seed, len(self.spec.songs))

    def conditions_for(
        self, model: DanceModel, i: int, style: str
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Hits, conditions and style weights of a song, as ``generate_dance`` has them."""
        beats, features = self.analysed(i, model.fps)
        seconds = self.spec.songs[i].audio.seconds
        return dance_conditions(model, self.chosen(model, i, style), beats, features, seconds)

    def chosen(self, model: DanceModel, i: int, style: str) -> Style:
        """What the model knows of the style, or of the one that suits the song."""
        seconds = self.spec.songs[i].audio.seconds
        beats, features = self.analysed(i, model.fps)
        return choose_style(model, style, beats, seconds, features)

    def features(
        self,
        model: DanceModel,
        i: int,
        style: str,
        seed: int,
        settings: SamplerSettings | None = None,
        hits: bool = True,
    ) -> np.ndarray:
        """What the network makes, (T, 152), before anything is done to it.

        Without ``hits`` the conditions about them are dropped as in training.
        """
        _, conditions, weights = self.conditions_for(model, i, style)
        if not hits:
            phases = [k for k, name in enumerate(model.conditions) if name.startswith("hit_")]
            conditions[:, phases] = 0.0
        settings = settings or settings_of(model)
        response = song_response(self.analysed(i, model.fps)[1])
        return sample_dance(model, conditions, weights, seed, settings, response=response)

    def raw(self, model: DanceModel, i: int, style: str, seed: int) -> Motion:
        """The network's own motion: ``generate_dance`` without any cleanup."""
        return rep.decode(self.features(model, i, style, seed), model.fps)

    def unphased(self, model: DanceModel, i: int, style: str, seed: int) -> Motion:
        """The dancer without its hit phases and its timing pass, otherwise cleaned alike."""
        made = self.features(model, i, style, seed, hits=False)
        presence = settings_of(model).presence
        chosen, (beats, _) = self.chosen(model, i, style), self.analysed(i, model.fps)
        return finish_dance(
            made,
            model.fps,
            np.zeros(0),
            presence,
            height_prior=chosen.height_prior,
            groove=chosen.bounce_to(beats.times),
        )

    def lstm_dance(self, i: int, style: str, seed: int) -> Motion:
        """What the LSTM baseline makes of a song."""
        from ..network.baselines import lstm_vae

        _, features = self.analysed(i, lstm_vae.FPS)
        return lstm_vae.make_dance(self.lstm, features, style, seed)


def style_in_turn(styles: tuple[str, ...], i: int, seed: int, songs: int) -> str:
    """Which of all styles song ``i`` of so many is danced in.

    As many dances as there are styles have each style once; the next as many begin one
    style later, so that no song meets the same style every time.
    """
    number = i + seed * songs
    return styles[(number + number // len(styles)) % len(styles)]


def names_of(models: list[DanceModel]) -> list[str]:
    """What the dancers are called in a table; a hash tells two of one name apart."""
    names = [model.name for model in models]
    return [
        f"dancer `{n}`" if names.count(n) == 1 else f"dancer `{n}` {m.sha256[:6]}"
        for n, m in zip(names, models, strict=True)
    ]


def seams_of(model: DanceModel, seconds: float) -> np.ndarray:
    """Times (s,) at which one window of a dance takes over from another."""
    overlap, frames = settings_of(model).overlap, round(seconds * model.fps)
    seams = [
        edge
        for first, length, between in plan_windows(frames, model.window, overlap)
        if between
        for edge in (first + overlap, first + length - overlap)
        if edge < frames
    ]
    return np.array(sorted(seams)) / model.fps


_worker: EvalWorker | None = None
"""Of this process, where it is a worker of ``Pool``."""


def _enter(spec: EvalSpec) -> None:
    global _worker
    _worker = EvalWorker(spec, threads=1)


def _dance(task: tuple[int, int]) -> Danced:
    assert _worker is not None
    return _worker.dance(*task)


def worker_here() -> EvalWorker:
    """The worker of this process."""
    assert _worker is not None
    return _worker


class Pool:
    """Processes with a worker each; with one it is this process itself."""

    def __init__(self, spec: EvalSpec, workers: int) -> None:
        self.workers, self._executor = workers, None
        if workers > 1:
            # Spawned, not forked: ONNX Runtime's threads do not survive a fork.
            self._executor = ProcessPoolExecutor(
                workers, multiprocessing.get_context("spawn"), _enter, (spec,)
            )
        else:
            _enter(spec)

    def map(self, work: Callable[[Any], Any], tasks: list[Any], progress: Progress) -> list[Any]:
        """Results in the order of the tasks, as they are made by whoever is free."""
        if self._executor is None:
            out = []
            for done, task in enumerate(tasks):
                progress(done / max(1, len(tasks)))
                out.append(work(task))
        else:
            futures = {self._executor.submit(work, t): k for k, t in enumerate(tasks)}
            found: dict[int, Any] = {}
            for future in as_completed(futures):
                found[futures[future]] = future.result()
                progress(len(found) / len(tasks))
            out = [found[k] for k in range(len(tasks))]
        progress(1.0)
        return out

    def close(self) -> None:
        """End the workers; tasks that have not begun are dropped."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)


@contextmanager
def pool_of(spec: EvalSpec, workers: int | None) -> Iterator[Pool]:
    """A pool; None takes as many workers as there are cores."""
    pool = Pool(spec, workers or cores())
    try:
        yield pool
    finally:
        pool.close()


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def dance_all(pool: Pool, spec: EvalSpec, seeds: int, progress: Progress) -> list[Danced]:
    """Every song with every seed, seed by seed."""
    tasks = [(i, seed) for seed in range(seeds) for i in range(len(spec.songs))]
    return pool.map(_dance, tasks, progress)


def runs_of(danced: list[Danced], seeds: int) -> dict[str, list[list[Sample]]]:
    """System -> its runs, one a seed."""
    out: dict[str, list[list[Sample]]] = {}
    for done in danced:
        for name, sample in done.samples.items():
            out.setdefault(name, [[] for _ in range(seeds)])[done.seed].append(sample)
    return out


def graph_runs(graph: MotionGraph, danced: list[Danced], seeds: int) -> list[list[Sample]]:
    """The motion graph's dances to the same songs, by the beats that the dancer heard."""
    runs: list[list[Sample]] = [[] for _ in range(seeds)]
    for done in danced:
        first = next(iter(done.samples.values()))
        made = graph.dance(done.heard, first.motion.seconds, done.seed)
        runs[done.seed].append(replace(made, beats=first.beats, style=first.style, name=first.name))
    return runs


def speed_of(path: Path | None, song: Song) -> float:
    """Seconds of dance per second of work, the model loaded and warm, nothing beside it."""
    model = load_model(path)
    generate_dance(song.audio, duration=8.0, model=model)
    began = time.perf_counter()
    dance = generate_dance(song.audio, model=model)
    return dance.seconds / (time.perf_counter() - began)
