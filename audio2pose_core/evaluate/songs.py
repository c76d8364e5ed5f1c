"""Songs to dance to, with exact beats where somebody knows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..audio.beats import load_beats
from ..audio.demo_song import compose, sections_of
from ..audio.load import SUFFIXES, Audio, audio_from_samples, load_audio
from ..errors import DataError, OptionError
from ..json_file import read_object

OWN_TEMPI = (92.0, 108.0, 124.0, 140.0)
"""Of the composed songs, beats a minute."""


@dataclass(frozen=True)
class Song:
    """Audio cut to the length that is danced; ``beats`` (b,) s, or None where they are tracked.

    ``style`` is what it was danced to in, where that is known, ``downbeats`` (b,) bool which
    of the beats begin a bar, ``sections`` (n,) the boundaries of its sections in seconds.
    """

    audio: Audio
    beats: np.ndarray | None
    style: str = ""
    downbeats: np.ndarray | None = None
    sections: np.ndarray | None = None


def own_songs(seconds: float) -> list[Song]:
    """Four composed songs, whose beats are exact."""
    songs = []
    for seed, bpm in enumerate(OWN_TEMPI):
        samples, beats = compose(seconds, bpm, seed=seed)
        audio = audio_from_samples(samples, 44100, f"composed at {bpm:g} bpm")
        songs.append(
            Song(audio, beats.times, downbeats=beats.downbeats, sections=sections_of(beats))
        )
    return songs


def find_songs(places: Iterable[str | Path]) -> list[Path]:
    """Song files, and those in folders and their subfolders."""
    found: list[Path] = []
    for place in map(Path, places):
        if place.is_dir():
            inside = sorted(p for p in place.rglob("*") if p.suffix.lower() in SUFFIXES)
            if not inside:
                raise OptionError(f"{place}: no {', '.join(SUFFIXES)} in it")
            found += inside
        else:
            found.append(place)
    return found


def read_song(path: Path, seconds: float) -> Song:
    """The first ``seconds`` of a song file."""
    audio = load_audio(path)
    samples = audio.samples[: max(1, round(seconds * audio.sample_rate))]
    audio = replace(audio, samples=samples)
    return Song(audio, known_beats(path, audio.seconds))


def known_beats(path: Path, seconds: float) -> np.ndarray | None:
    """Beats (b,) in seconds from NAME.beats.json or the folder's ``beats.json``; None without.

    The former is what ``audio2pose beats`` writes. The latter holds for each
    file name a constant tempo, ``bpm``, with ``beat0_s_from_midi`` and
    ``measured_onset_lag_s`` for the first beat that is heard.
    """
    own = path.with_suffix(".beats.json")
    if own.is_file():
        return load_beats(own).times
    shared = path.parent / "beats.json"
    if not shared.is_file():
        return None
    try:
        record = read_object(shared).get(path.name)
        if record is None:
            return None
        first = float(record["beat0_s_from_midi"]) + float(record["measured_onset_lag_s"])
        return np.arange(first, seconds, 60.0 / float(record["bpm"]))
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{shared}: no exact tempo of {path.name} can be read: {error!r}"
        ) from error
