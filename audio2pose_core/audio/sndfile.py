"""libsndfile, by the soundfile package: wav, flac, ogg, aiff, caf and their kin."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .collect import Collector

# Samples a block, over all channels.
_BLOCK = 1 << 15
_UNKNOWN_FRAMES = 1 << 60  # libsndfile's count for a stream that does not tell its length


class LeftToFFmpeg(Exception):
    """libsndfile cannot read a file, or not to its end."""


def read(file: Path, collector: Collector) -> None:
    """Push a whole song into ``collector``; raises LeftToFFmpeg."""
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: libsndfile itself is not there
        raise LeftToFFmpeg(f"the soundfile package is missing ({error})") from error
    with _quiet_terminal():
        try:
            with soundfile.SoundFile(file) as song:
                if "MPEG" in song.subtype:
                    raise LeftToFFmpeg("it is an mp3")
                announced = song.frames if song.frames < _UNKNOWN_FRAMES else 0
                collector.expect(announced / song.samplerate)
                rows = max(1, _BLOCK // song.channels)
                taken = 0
                while len(block := song.read(rows, dtype="float32", always_2d=True)):
                    collector.push(block, song.samplerate)
                    taken += len(block)
        except (soundfile.LibsndfileError, UnicodeError) as error:
            # UnicodeError: a name that is no UTF-8.
            raise LeftToFFmpeg(_reason(str(error))) from error
    if taken < announced:
        raise LeftToFFmpeg("it breaks off")


def length_of(file: Path) -> float | None:
    """The length that a file announces, in seconds, None where it tells none; LeftToFFmpeg."""
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise LeftToFFmpeg("the soundfile package is missing") from error
    try:
        with _quiet_terminal():
            info = soundfile.info(os.fspath(file))
    except (soundfile.LibsndfileError, UnicodeError) as error:
        raise LeftToFFmpeg(_reason(str(error))) from error
    if "MPEG" in info.subtype:
        raise LeftToFFmpeg("it is an mp3")
    return info.frames / info.samplerate if 0 < info.frames < _UNKNOWN_FRAMES else None


def _reason(text: str) -> str:
    """libsndfile's words, where they help: for a bad mp3 it claims that no file is there."""
    text = text.strip().rpartition("': ")[2].rstrip(".").removeprefix("Error : ")
    if "does not exist" in text or "internal error" in text or not text:
        return "its data is damaged or of another kind"
    return text


@contextmanager
def _quiet_terminal() -> Iterator[None]:
    """Keep what libsndfile's decoders print about a damaged file off the user's terminal.

    The C library writes to file descriptor 2 past Python, so the descriptor
    itself is pointed elsewhere for the time of decoding. What matters of it
    comes back as an error or a warning of our own.
    """
    try:
        kept = os.dup(2)
    except OSError:  # a windowed Blender may have no stderr at all: nothing to keep quiet
        yield
        return
    try:
        with tempfile.TemporaryFile() as sink:
            os.dup2(sink.fileno(), 2)
            try:
                yield
            finally:
                os.dup2(kept, 2)
    finally:
        os.close(kept)
