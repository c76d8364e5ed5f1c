"""Sets of dances that are there already: real motion, its controls, and folders of dances."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ..audio.analyse import analyse
from ..audio.load import load_audio
from ..data.training.clip import Clip, load_pack
from ..data.training.sources import load_clip, sources_of
from ..errors import DataError, OptionError
from ..formats import load_motion
from ..motion import Motion
from .measures import FPS, SHORTEST_S, Sample
from .songs import Song, known_beats

MIN_TEMPO_GAP = 0.05
"""A wrong song's tempo differs by more than this share, also at half and double."""


def read_real(place: Path, seconds: float) -> tuple[list[Clip], list[Song]]:
    """The clips of a pack, or those of a folder of preprocessed data with the held-out songs.

    In such a folder (``audio2pose preprocess``) the splits "val" and "test" are
    held out; each held-out clip with music gives a song: the first ``seconds`` of
    what was danced to, with the clip's own beats.
    """
    if not place.is_dir():
        return load_pack(place), []
    clips, songs = [], []
    for source in sources_of([place]):
        if source.split not in ("train", "val", "test"):
            continue
        split = "train" if source.split == "train" else "held_out"
        clip = load_clip(source, FPS if split == "held_out" else None)
        clips.append(replace(clip, split=split))
        if split == "held_out" and source.audio is not None:
            audio = load_audio(source.audio)
            first = round(source.audio_start * audio.sample_rate)
            last = first + round(min(seconds, clip.motion.seconds) * audio.sample_rate)
            heard = replace(audio, samples=audio.samples[first:last], name=clip.name)
            songs.append(Song(heard, clip.beats, clip.style))
    return clips, songs


def real(clips: list[Clip], split: str | None = None) -> list[Sample]:
    """Clips of a split ("held_out", "train", None for all) with the beats that are known."""
    return [
        Sample(
            c.motion,
            c.beats if len(c.beats) > 1 else None,
            style=c.style,
            name=c.name,
            source=c.source,
            downbeats=c.downbeats() if len(c.beats) > 1 else None,
        )
        for c in clips
        if split in (None, c.split) and c.motion.seconds >= SHORTEST_S
    ]


def with_seams(samples: list[Sample], seams: np.ndarray) -> list[Sample]:
    """Samples with seams said to be where a dancer has them: the control of the seam figures."""
    return [replace(s, seams=seams[seams < s.motion.seconds - SHORTEST_S / 2]) for s in samples]


def wrong_songs(
    samples: list[Sample], seed: int, songs: list[Sample] | None = None
) -> list[Sample]:
    """Each motion with the beats of another one's song, of another tempo, at some phase.

    The other one is of ``songs``, or of the samples themselves.
    """
    random = np.random.default_rng(seed)
    periods = [_period(s.beats) for s in (songs or samples) if s.beats is not None]
    out = []
    for sample in samples:
        if sample.beats is None:
            continue
        period = _period(sample.beats)
        others = [p for p in periods if _is_other_tempo(p / period)]
        if not others:
            raise DataError("no other song has another tempo; give clips of several tempi")
        other = float(random.choice(others))
        start = float(random.uniform(0, other))
        beats = np.arange(start, sample.motion.seconds, other)
        out.append(replace(sample, beats=beats, seams=np.zeros(0)))
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
        still = Motion(s.motion.fps, root, quats)
        out.append(replace(s, motion=still, seams=np.zeros(0)))
    return out


def folder_of_dances(folder: Path, songs: list[Song]) -> list[Sample]:
    """Every .bvh and .npz of a folder, on the beats of its music where these can be told.

    They are those of a NAME.beats.json beside it, or those of the song whose name
    the dance's begins with: exact ones where they are known, else the tracked ones.
    """
    if not folder.is_dir():
        raise OptionError(f"{folder}: no such folder; name one of .bvh or .npz dances")
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".bvh", ".npz"))
    if not paths:
        raise OptionError(f"{folder}: no .bvh or .npz in it")
    samples = []
    for path in paths:
        motion = load_motion(path)
        if motion.seconds < SHORTEST_S:
            continue
        beats = known_beats(path, motion.seconds)
        if beats is None:
            names = [s for s in songs if path.stem.startswith(Path(s.audio.name).stem)]
            if names:
                song = max(names, key=lambda s: len(s.audio.name))
                beats = analyse(song.audio, FPS)[0].times if song.beats is None else song.beats
        samples.append(Sample(motion, beats, name=path.stem))
    if not samples:
        raise DataError(f"{folder}: no dance in it lasts {SHORTEST_S:g} s")
    return samples
