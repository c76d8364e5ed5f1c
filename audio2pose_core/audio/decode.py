"""Song files of any kind, decoded block by block: libsndfile for what is uncompressed or free of
surprises, FFmpeg (PyAV) for the rest.

libsndfile stops early in an mp3 of variable bit rate without a Xing header, so no mp3 is left to
it. FFmpeg is also what Blender decodes with: frames are joined as they come, as Blender's ``aud``
does, so that both hear a song of the same length with the same first sample.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import AudioError
from . import ffmpeg, sndfile
from .announced import missing_bytes
from .collect import Collector

SOUNDFILE_SUFFIXES = (
    ".wav", ".flac", ".ogg", ".oga", ".aif", ".aiff", ".aifc", ".caf", ".w64", ".rf64", ".au",
)  # fmt: skip
AV_SUFFIXES = (
    ".mp3", ".m4a", ".m4b", ".aac", ".opus", ".wma", ".mka", ".mp2", ".ac3", ".wv", ".tta", ".ape",
    ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".wmv", ".mpg", ".mpeg", ".flv", ".3gp",
)  # fmt: skip
SUFFIXES = SOUNDFILE_SUFFIXES + AV_SUFFIXES
"""What a folder is searched for; a file that is named is decoded by its content, whatever its
suffix."""


def decode(file: Path, collector: Collector) -> list[str]:
    """Push a whole song into ``collector``; returns warnings. AudioError where it is no audio.

    A file that breaks off is used as far as it goes, and damaged parts are left
    out, both with a warning. ``file`` is a regular file that can be opened.
    """
    warnings = _by_either(file, collector)
    missing = 0 if warnings else missing_bytes(file)
    if missing:
        warnings.append(
            f"{file.name} breaks off: {missing} bytes that it announces are missing; "
            f"the {collector.seconds:.1f} s that are there are used"
        )
    return warnings


def _by_either(file: Path, collector: Collector) -> list[str]:
    refused: sndfile.LeftToFFmpeg | None = None
    if file.suffix.lower() in SOUNDFILE_SUFFIXES:
        try:
            sndfile.read(file, collector)
            return []
        except sndfile.LeftToFFmpeg as error:
            # Of another kind than its name says; or damaged, and FFmpeg finds its way behind it.
            refused = error
            collector.reset()
    try:
        return ffmpeg.read(file, collector)
    except ImportError as error:
        reason = f"{refused}; " if refused else ""
        raise AudioError(
            f"cannot read {file}: {reason}the av package is missing ({error}); "
            "install it with: pip install av"
        ) from error


def length_of(file: Path) -> float | None:
    """A song's length without decoding it, in seconds; None where that cannot be told."""
    if file.suffix.lower() in SOUNDFILE_SUFFIXES:
        try:
            return sndfile.length_of(file)
        except sndfile.LeftToFFmpeg:
            pass  # of another kind than its name says
    return ffmpeg.length_of(file)
