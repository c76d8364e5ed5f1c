"""The sets of dances that stand in one table: real motion, its controls, and the dancer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .. import representation as rep
from ..audio.analyse import analyse
from ..data.pack import Clip
from ..errors import DataError, OptionError
from ..formats import load_motion
from ..generate.dance import choose_style, dance_conditions, generate_dance
from ..generate.model import DanceModel
from ..generate.sampler import plan_windows, sample_dance, settings_of
from ..motion import Motion
from .measures import SHORTEST_S, Sample
from .motion_graph import MotionGraph
from .songs import Song, known_beats

Progress = Callable[[float], None]
MIN_TEMPO_GAP = 0.05
"""A wrong song's tempo differs by more than this share, also at half and double."""


def real(clips: list[Clip], split: str | None = None) -> list[Sample]:
    """Clips of a split ("held_out", "train", None for all) with the beats that are known."""
    return [
        Sample(c.motion, c.beats if len(c.beats) > 1 else None)
        for c in clips
        if split in (None, c.split) and c.motion.seconds >= SHORTEST_S
    ]


def with_seams(samples: list[Sample], seams: np.ndarray) -> list[Sample]:
    """Samples with seams said to be where a dancer has them: the control of the seam figures."""
    return [
        Sample(s.motion, s.beats, seams[seams < s.motion.seconds - SHORTEST_S / 2]) for s in samples
    ]


def wrong_songs(samples: list[Sample], seed: int) -> list[Sample]:
    """Each motion with the beats of another one's song, of another tempo, at some phase."""
    random = np.random.default_rng(seed)
    danced = [(s, s.beats, _period(s.beats)) for s in samples if s.beats is not None]
    out = []
    for sample, _, period in danced:
        others = [p for _, _, p in danced if _is_other_tempo(p / period)]
        if not others:
            raise DataError("no other song has another tempo; give clips of several tempi")
        other = float(random.choice(others))
        start = float(random.uniform(0, other))
        out.append(Sample(sample.motion, np.arange(start, sample.motion.seconds, other)))
    return out


def _period(beats: np.ndarray) -> float:
    return float(np.median(np.diff(beats)))


def _is_other_tempo(ratio: float) -> bool:
    octaves = np.log2(ratio)
    return abs(octaves - round(octaves)) > np.log2(1 + MIN_TEMPO_GAP)


def frozen(samples: list[Sample]) -> list[Sample]:
    """Each motion's middle frame, held for as long as the motion lasts."""
    out = []
    for s in samples:
        middle, frames = len(s.motion) // 2, len(s.motion)
        root = np.repeat(s.motion.root[middle : middle + 1], frames, axis=0)
        quats = np.repeat(s.motion.rotations[middle : middle + 1], frames, axis=0)
        out.append(Sample(Motion(s.motion.fps, root, quats), s.beats))
    return out


def folder_of_motions(folder: Path) -> list[Sample]:
    """Every .bvh and .npz of a folder, with the beats of a NAME.beats.json beside it."""
    if not folder.is_dir():
        raise OptionError(f"{folder}: no such folder; name one of .bvh or .npz dances")
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".bvh", ".npz"))
    if not paths:
        raise OptionError(f"{folder}: no .bvh or .npz in it")
    samples = []
    for path in paths:
        motion = load_motion(path)
        if motion.seconds >= SHORTEST_S:
            samples.append(Sample(motion, known_beats(path, motion.seconds)))
    return samples


@dataclass
class Danced:
    """What a dancer made of the songs: samples by seed, and what they cost."""

    raw: list[list[Sample]]
    cleaned: list[list[Sample]]
    heard: list[list[np.ndarray]]
    """The tracked beats, of which every other dancer to these songs may know."""
    styles: set[str]
    dance_s: float = 0.0
    wall_s: float = 0.0


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


def dance_all(
    model: DanceModel, songs: list[Song], seeds: list[int], styles: list[str], progress: Progress
) -> Danced:
    """Dances for every song and seed, the styles in turn, as shipped and as the network left them.

    The dancer always dances to the beats that it hears; a song's known beats
    are what it is measured on.
    """
    out = Danced([[] for _ in seeds], [[] for _ in seeds], [[] for _ in seeds], set())
    for done, (i, j) in enumerate(_pairs(len(songs), len(seeds))):
        progress(done / (len(songs) * len(seeds)))
        song, seed = songs[i], seeds[j]
        style = styles[(i + j * len(songs)) % len(styles)]
        began = time.perf_counter()
        dance = generate_dance(song.audio, style=style, seed=seed, model=model)
        out.wall_s += time.perf_counter() - began
        out.dance_s += dance.seconds
        out.styles.add(dance.style)
        out.heard[j].append(dance.beats.times)
        beats = dance.beats.times if song.beats is None else song.beats
        seams = seams_of(model, dance.seconds)
        out.cleaned[j].append(Sample(dance.motion, beats, seams))
        out.raw[j].append(Sample(raw_dance(model, song, style, seed), beats, seams))
    progress(1.0)
    return out


def graph_all(graph: MotionGraph, danced: Danced) -> list[list[Sample]]:
    """The motion graph's dances to the same songs, by the beats that the dancer heard."""
    return [
        [
            replace(graph.dance(heard, s.motion.seconds, seed), beats=s.beats)
            for s, heard in zip(run, beats, strict=True)
        ]
        for seed, (run, beats) in enumerate(zip(danced.cleaned, danced.heard, strict=True))
    ]


def _pairs(songs: int, seeds: int) -> Iterator[tuple[int, int]]:
    return ((i, j) for j in range(seeds) for i in range(songs))


def raw_dance(model: DanceModel, song: Song, style: str, seed: int) -> Motion:
    """The network's own motion: ``generate_dance`` without stage, timing, floor and foot lock."""
    beats, features = analyse(song.audio, model.fps)
    chosen = choose_style(model, style, beats, song.audio.seconds)
    _, conditions, weights = dance_conditions(model, chosen, beats, features, song.audio.seconds)
    settings = settings_of(model)
    raw = sample_dance(model, conditions, weights, seed, settings, lambda _: None, lambda: False)
    return rep.decode(raw, model.fps)
