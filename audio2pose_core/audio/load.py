"""Songs in: any sound file, or the sound of a video, as mono samples at one rate."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import AudioError
from ..files import other_than_a_file
from .collect import MAX_SECONDS, MIN_SECONDS, SILENCE, Collector
from .decode import SUFFIXES, decode, length_of
from .ffmpeg import KINDS

__all__ = [
    "KINDS", "MAX_SECONDS", "MIN_SECONDS", "SAMPLE_RATE", "SILENCE", "SUFFIXES", "Audio",
    "audio_from_samples", "load_audio", "song_seconds",
]  # fmt: skip

SAMPLE_RATE = 22050

_BLOCK = 1 << 15  # samples a block of an array, over all channels


@dataclass(frozen=True)
class Audio:
    """A song as mono samples.

    Attributes
    ----------
    samples : (N,) float32
        About -1..1.
    sample_rate : int
        Samples per second.
    name : str
        The file's name, for messages and reports.
    warnings : tuple of str
        What was odd about the file but did not keep it from being used.
    """

    samples: np.ndarray
    sample_rate: int
    name: str
    warnings: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate


def load_audio(path: str | os.PathLike[str], sample_rate: int = SAMPLE_RATE) -> Audio:
    """Read a song (wav, flac, ogg, mp3, m4a ...; see ``SUFFIXES``) as mono at ``sample_rate``.

    Channels are averaged; where they cancel each other (right = -left) the
    loudest is taken. The file is decoded and resampled in blocks, so an hour of
    music needs little more memory than its own samples. A file that breaks off
    is used as far as it goes, with a warning, and one whose length is not what
    it announces gets a warning with both figures.

    Raises
    ------
    AudioError
        The file is missing, a pipe or device, empty, no audio, silent, shorter
        than 1 s or longer than 3 h, or holds samples that are not numbers.
    """
    file = Path(path)
    try:
        if not file.exists():
            raise AudioError(f"song not found: {file}; check the path")
        # Asked before it is opened: a pipe without a writer would wait for ever.
        if kind := other_than_a_file(file):
            raise AudioError(f"{file} is {kind}; name one song file")
        if file.stat().st_size == 0:
            raise AudioError(f"{file} is empty (0 bytes); copy or export the song again")
        with open(file, "rb") as raw:
            raw.read(1)
    except OSError as error:
        raise AudioError(f"cannot read {file}: {error.strerror}; check its permissions") from error
    return _one_channel_where_they_cancel(
        lambda collector: decode(file, collector), str(file), file.name, sample_rate
    )


def song_seconds(path: str | os.PathLike[str]) -> float | None:
    """A song's length without decoding it; None where its file tells none or cannot be read."""
    file = Path(path)
    return None if other_than_a_file(file) else length_of(file)


def audio_from_samples(
    samples: np.ndarray, sample_rate: int, name: str, target_rate: int = SAMPLE_RATE
) -> Audio:
    """Audio from samples already in memory, with the same checks as a file.

    Parameters
    ----------
    samples : (N,) or (N, C) float or signed integer
        Integers are scaled by their type's full scale. Channels become one as
        in ``load_audio``.
    sample_rate : int
        Samples per second of ``samples``.
    name : str
        What messages call this song.
    """
    samples = np.asarray(samples)
    if samples.ndim not in (1, 2) or samples.dtype.kind not in "fi":
        raise AudioError(
            f"{name}: samples are (N,) or (N, channels) of floats or signed integers, "
            f"not {samples.shape} {samples.dtype}"
        )
    if samples.ndim == 2 and samples.shape[1] == 0:
        raise AudioError(f"{name}: samples have no channels")
    rows = samples[:, None] if samples.ndim == 1 else samples
    scale = 1.0 if samples.dtype.kind == "f" else 1.0 / -float(np.iinfo(samples.dtype).min)

    def push(collector: Collector) -> list[str]:
        collector.expect(len(rows) / max(sample_rate, 1))
        step = max(1, _BLOCK // rows.shape[1])
        for low in range(0, len(rows), step):
            block = rows[low : low + step]
            block = block.astype(np.float32, copy=False) if scale == 1.0 else block * scale
            collector.push(block, int(sample_rate))
        return []

    return _one_channel_where_they_cancel(push, name, name, target_rate)


def _one_channel_where_they_cancel(
    push: Callable[[Collector], list[str]], label: str, name: str, rate: int
) -> Audio:
    """The song that ``push`` gives to a collector.

    Only at the end is it known whether its channels cancel; the rare song whose
    do is gone through again for one of them, so that no other song is kept twice.
    """
    collector = Collector(label, rate)
    warnings = push(collector)
    if (channel := collector.cancelled) is not None:
        warnings.append(f"the channels of {name} cancel each other; the loudest is used alone")
        collector = Collector(label, rate, channel)
        push(collector)
    samples = collector.finish(warnings, name)
    return Audio(samples, rate, name, tuple(warnings))
