"""The music inside a video, decoded by PyAV: no ffmpeg program is needed."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...audio.load import audio_from_samples
from ...errors import AudioError, DataError
from ...files import whole_file
from .archives import Entry

SAMPLE_RATE = 16000
MARGIN_S = 0.1  # decoded beyond the end, for the resampler; codecs pad by less than that
MAX_CHANNELS = 64


@dataclass(frozen=True)
class Sound:
    """The sound of a video.

    Attributes
    ----------
    samples : (N,) float32
        Mono at 16 kHz, exactly as long as was asked for.
    heard_s : float
        How many of those seconds hold sound; silence fills the rest.
    sound_s, video_s : float or None
        Lengths that the file announces for its sound and its picture.
    video_fps : float or None
        Frames per second of the picture.
    damaged : int
        Packets that could not be decoded.
    """

    samples: np.ndarray
    heard_s: float
    sound_s: float | None
    video_s: float | None
    video_fps: float | None
    damaged: int


def read_sound(entry: Entry, seconds: float) -> Sound:
    """Decode the first ``seconds`` of a video's sound.

    Time 0 is the first picture. Sound that starts later is preceded by
    silence, what lies before is dropped, and damaged packets leave silence, so
    that music and motion stay together.

    Raises
    ------
    DataError
        The file cannot be read or holds no sound.
    AudioError
        The sound is silent, shorter than 1 s, or holds no numbers.
    """
    try:
        import av
    except ImportError as error:
        raise DataError(
            "the av package is missing; install it with: pip install 'audio2pose[data]'"
        ) from error
    try:
        with av.open(entry.stream()) as media:
            return _decode(media, entry, seconds, av.FFmpegError)
    except AudioError as error:
        raise AudioError(f"{entry.label}: {error}") from error
    # PyAV turns FFmpeg's errors into kinds of its own root, and a few odd headers into ValueError.
    except (av.FFmpegError, ValueError, OverflowError, ZeroDivisionError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or error or type(error).__name__
        raise DataError(
            f"cannot read {entry.label} as a video ({reason}); delete it and download it again"
        ) from error
    except OSError as error:
        raise DataError(f"cannot read {entry.label}: {error.strerror or error}") from error


def _decode(media: Any, entry: Entry, seconds: float, failed: type[Exception]) -> Sound:
    if not media.streams.audio:
        raise DataError(f"{entry.label} holds no sound; take another camera's video")
    stream = media.streams.audio[0]
    video = media.streams.video[0] if media.streams.video else None
    zero = _seconds(video.start_time, video.time_base) or 0.0 if video is not None else 0.0
    track: _Track | None = None
    damaged = 0
    for packet in media.demux(stream):
        try:
            frames = packet.decode()
        except failed:
            damaged += 1
            continue
        for frame in frames:
            if track is None:
                track = _Track(frame.sample_rate, seconds + MARGIN_S)
            track.place(frame, zero)
        if track is not None and track.full:
            break
    if track is None:
        raise DataError(f"{entry.label}: its sound cannot be decoded; download it again")
    wanted = round(seconds * SAMPLE_RATE)
    audio = audio_from_samples(track.samples[: track.end], track.rate, "its sound", SAMPLE_RATE)
    samples = np.zeros(wanted, np.float32)
    count = min(wanted, len(audio.samples))
    samples[:count] = audio.samples[:count]
    return Sound(
        samples,
        min(seconds, audio.seconds),
        _seconds(stream.duration, stream.time_base) or _seconds(media.duration, 1e-6),
        _seconds(video.duration, video.time_base) if video is not None else None,
        float(video.average_rate) if video is not None and video.average_rate else None,
        damaged,
    )


def _seconds(count: int | None, unit: Any) -> float | None:
    return None if count is None or unit is None else float(count * unit)


class _Track:
    """Decoded frames, each at its own time."""

    def __init__(self, rate: int, seconds: float) -> None:
        if not 4000 <= rate <= 768000:
            raise AudioError(f"{rate} samples a second is not a rate of music")
        self.rate = rate
        self.samples = np.zeros(int(np.ceil(seconds * rate)), np.float32)
        self.end = 0

    @property
    def full(self) -> bool:
        return self.end >= len(self.samples)

    def place(self, frame: Any, zero: float) -> None:
        """Write a frame where its time says, or behind the last one where that is nearly so."""
        block = _mono(frame)
        at = self.end
        if frame.time is not None:
            due = round((frame.time - zero) * self.rate)
            # Times are rounded to the file's clock; only a real jump is one.
            if abs(due - at) > 0.02 * self.rate or at == 0:
                at = due
        if at < 0:
            block, at = block[-at:], 0
        block = block[: max(0, len(self.samples) - at)]
        self.samples[at : at + len(block)] = block
        self.end = min(len(self.samples), max(self.end, at + len(block)))


def _mono(frame: Any) -> np.ndarray:
    """(N,) float32, about -1..1, from a frame of any sample format."""
    values = frame.to_ndarray()
    channels = frame.layout.nb_channels
    if not 1 <= channels <= MAX_CHANNELS:
        raise AudioError(f"{channels} channels are more or fewer than music has")
    if not frame.format.is_planar:
        values = values.reshape(-1, channels).T
    if values.dtype.kind == "u":
        return ((values.astype(np.float32) - 128.0) / 128.0).mean(axis=0)
    scale = 1.0 if values.dtype.kind == "f" else 1.0 / -float(np.iinfo(values.dtype).min)
    return (values.astype(np.float32) * np.float32(scale)).mean(axis=0)


def save_wav(path: Path, samples: np.ndarray, sample_rate: int = SAMPLE_RATE) -> None:
    """Write (N,) samples of about -1..1 as 16-bit mono, a whole file."""
    values = np.clip(np.round(samples * 32767.0), -32768, 32767).astype("<i2")
    with whole_file(path) as temporary, wave.open(str(temporary), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(sample_rate)
        out.writeframes(values.tobytes())


def load_wav(path: Path) -> tuple[np.ndarray, int]:
    """The samples (N,) float32 of a 16-bit mono wav, and its rate; DataError for any other."""
    try:
        with wave.open(str(path), "rb") as file:
            if file.getnchannels() != 1 or file.getsampwidth() != 2:
                raise DataError(f"{path} is not a 16-bit mono wav; run preprocess again")
            rate, announced = file.getframerate(), file.getnframes()
            values = np.frombuffer(file.readframes(announced), "<i2")
    except FileNotFoundError as error:
        raise DataError(f"sound not found: {path}; run preprocess") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from error
    except (wave.Error, EOFError, ValueError) as error:
        raise DataError(f"{path} is no wav ({error or 'cut'}); run preprocess again") from error
    if len(values) != announced or rate <= 0:
        raise DataError(f"{path} is cut; run preprocess again")
    return values.astype(np.float32) / 32767.0, rate
