"""FFmpeg, by the av package (PyAV): compressed songs, and the sound of videos."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import numpy as np

from ..errors import AudioError
from .collect import MIN_SECONDS, Collector

KINDS = "wav, flac, ogg, mp3, m4a, aac, opus, wma, or a video with sound"
"""What is read, in words, for messages and help."""

# FFmpeg also "decodes" playlists and scripts, which make it open other files and addresses.
_CONTAINERS = (
    "aac,ac3,adts,aiff,amr,ape,asf,au,avi,caf,dts,eac3,flac,flv,loas,matroska,webm,mov,mp4,m4a,3gp,"
    "3g2,mj2,mp3,mpc,mpc8,mpeg,mpegts,mpegtsraw,ogg,rm,tak,tta,voc,w64,wav,wv,xwma"
)
# Samples a block, over all channels.
_BLOCK = 1 << 15
# A length that differs by less is a matter of encoder padding or of rounding.
_TOLERANCE_S, _TOLERANCE = 0.25, 0.002


def read(file: Path, collector: Collector) -> list[str]:
    """Push a whole song into ``collector``; returns warnings. AudioError where it is no audio.

    Raises ImportError without the av package.
    """
    import av

    try:
        # An open file, not its name: "concat:a.mp3" would be a protocol, and any bytes may be a
        # name.
        with open(file, "rb") as raw, _open(raw) as media:
            if not media.streams.audio:
                raise AudioError(f"{file} holds no sound; give a song, or a video with sound")
            stream = media.streams.audio[0]  # of several the first, as Blender takes
            announced = _announced(media, stream)
            collector.expect(announced or 0.0)
            starts = _seconds(stream.start_time, stream.time_base) or 0.0
            damaged, reason = _push_stream(media, stream, collector, av.FFmpegError)
    # PyAV turns FFmpeg's errors into kinds of its own root, and a few odd headers into ValueError.
    except (av.FFmpegError, ValueError, OverflowError) as error:
        raise _no_audio(file, _reason(error)) from error
    if collector.seconds < MIN_SECONDS and (reason or damaged or not collector.seconds):
        raise _no_audio(file, reason or "none of its sound can be decoded")
    warnings = []
    decoded = collector.seconds
    if reason:
        warnings.append(
            f"{file.name} breaks off after {decoded:.1f} s ({reason}); only those seconds are used"
        )
    elif announced is not None:
        # Some containers count from their own zero, some from the sound's first sample.
        off = min(abs(announced - decoded), abs(announced - starts - decoded))
        if off > _TOLERANCE_S + _TOLERANCE * announced:
            warnings.append(
                f"{file.name} breaks off: {decoded:.1f} s of {announced:.1f} s that it announces "
                "could be read; only those are used"
                if decoded < announced
                else f"{file.name} announces {announced:.1f} s but holds {decoded:.1f} s of sound; "
                "all of it is used"
            )
    if damaged:
        many = f"{damaged} pieces of its sound were" if damaged > 1 else "a piece of its sound was"
        warnings.append(f"{file.name} is damaged: {many} left out")
    return warnings


def length_of(file: Path) -> float | None:
    """A song's length without decoding it, in seconds; None where that cannot be told."""
    try:
        import av
    except ImportError:
        return None
    try:
        with open(file, "rb") as raw, _open(raw) as media:
            stream = media.streams.audio[0]
            if media.format.name in ("mp3", "aac"):
                # Their length is guessed from the bit rate of the beginning, or from a header that
                # others joined files to: the packets know.
                packets = media.demux(stream)
                return float(sum(p.duration or 0 for p in packets) * stream.time_base) or None
            return _announced(media, stream)
    except (av.FFmpegError, OSError, ValueError, IndexError):
        return None


def _open(raw: IO[bytes]) -> Any:
    import av

    return av.open(raw, options={"format_whitelist": _CONTAINERS})


def _push_stream(
    media: Any, stream: Any, collector: Collector, failed: type[Exception]
) -> tuple[int, str]:
    """Push all frames of a stream; returns how many packets were damaged and why it broke off."""
    waiting: list[np.ndarray] = []
    rows, rate, damaged, reason = 0, 0, 0, ""

    def flush() -> None:
        nonlocal rows
        if waiting:
            collector.push(np.concatenate(waiting), rate)
        waiting.clear()
        rows = 0

    packets = media.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except failed as error:
            reason = _reason(error)
            break
        if packet is None:
            break
        try:
            frames = packet.decode()
        except failed:
            damaged += 1
            continue
        for frame in frames:
            block = _samples(frame)
            # Rate and channels may change where files were simply joined.
            other = waiting and waiting[0].shape[1] != block.shape[1]
            if rows * block.shape[1] >= _BLOCK or other or frame.sample_rate != rate:
                flush()
            rate = frame.sample_rate
            waiting.append(block)
            rows += len(block)
    flush()
    return damaged, reason


def _samples(frame: Any) -> np.ndarray:
    """(n, channels) float32, about -1..1, from a frame of any sample format."""
    values = frame.to_ndarray()
    channels = frame.layout.nb_channels
    rows = values.T if frame.format.is_planar else values.reshape(-1, channels)
    if values.dtype.kind == "u":
        return (rows.astype(np.float32) - 128.0) / 128.0
    if values.dtype.kind == "i":
        return rows.astype(np.float32) * np.float32(1.0 / -float(np.iinfo(values.dtype).min))
    return rows.astype(np.float32, copy=False)


def _announced(media: Any, stream: Any) -> float | None:
    """The length that a container tells of its sound, in seconds."""
    if media.format.name == "aac":
        return None  # raw frames: FFmpeg guesses from the bit rate of the first ones
    if stream.duration is not None:
        return _seconds(stream.duration, stream.time_base)
    if tag := stream.metadata.get("DURATION"):  # Matroska's, "00:03:05.123000000"
        try:
            hours, minutes, seconds = (float(part) for part in tag.split(":"))
            return 3600 * hours + 60 * minutes + seconds
        except ValueError:
            return None
    # That of the whole: beside a picture the sound may well be shorter.
    return None if media.streams.video else _seconds(media.duration, 1e-6)


def _seconds(count: int | None, unit: Any) -> float | None:
    return None if count is None or unit is None or count < 0 else float(count * unit)


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    if text in ("End of file", "Input/output error"):
        return "it ends too early"
    if text in ("Invalid argument", "Invalid data found when processing input"):
        return "its data is damaged or of another kind"
    return text


def _no_audio(file: Path, reason: str) -> AudioError:
    return AudioError(
        f"cannot read {file} as audio ({reason}); give {KINDS}, or export the song again"
    )
