"""Songs in: any file that libsndfile reads, as mono samples at one rate."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import AudioError
from .resample import Resampler

SAMPLE_RATE = 22050
MIN_SECONDS = 1.0
MAX_SECONDS = 3 * 3600.0  # beyond it the samples alone take a gigabyte
SILENCE = 1e-4  # peak; -80 dB of full scale, above the dither of 16-bit files

# Samples a block, over all channels. A damaged spot costs the rest of its block, so they are small.
_BLOCK = 1 << 15
_RATES = (4000, 768000)


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
    """Read a song (wav, flac, ogg, mp3) as mono at ``sample_rate``.

    Channels are averaged. The file is decoded and resampled in blocks, so an
    hour of music needs little more memory than its own samples. A file that
    breaks off is used as far as it goes, with a warning.

    Raises
    ------
    AudioError
        The file is missing, empty, no audio, silent, shorter than 1 s, or
        holds samples that are not numbers.
    """
    file = Path(path)
    if not file.exists():
        raise AudioError(f"song not found: {file}; check the path")
    if file.is_dir():
        raise AudioError(f"{file} is a folder; name one song file in it")
    try:
        if file.stat().st_size == 0:
            raise AudioError(f"{file} is empty (0 bytes); copy or export the song again")
        with open(file, "rb") as raw:
            raw.read(1)
    except OSError as error:
        raise AudioError(f"cannot read {file}: {error.strerror}; check its permissions") from error
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise AudioError(
            f"cannot read {file}: the soundfile package is missing ({error}); "
            "install it with: pip install soundfile"
        ) from error

    warnings: list[str] = []
    collector: _Collector | None = None
    with _quiet_decoder():
        try:
            with soundfile.SoundFile(file) as song:
                collector = _Collector(str(file), song.samplerate, sample_rate, song.frames)
                rows = max(1, _BLOCK // song.channels)
                while len(block := song.read(rows, dtype="float32", always_2d=True)):
                    collector.push(block)
                if missing := _missing_bytes(file):
                    warnings.append(
                        f"{file.name} breaks off: {missing} bytes that it announces are missing; "
                        f"the {collector.taken / song.samplerate:.1f} s that are there are used"
                    )
                elif collector.taken < song.frames and song.frames < _UNKNOWN_FRAMES:
                    warnings.append(
                        f"{file.name} breaks off: {collector.taken / song.samplerate:.1f} s of "
                        f"{song.frames / song.samplerate:.1f} s could be read; only those are used"
                    )
        except soundfile.LibsndfileError as error:
            reason = _reason(error.error_string)
            if collector is None or collector.taken < MIN_SECONDS * collector.rate_in:
                raise AudioError(
                    f"cannot read {file} as audio ({reason}); "
                    "give a wav, flac, ogg or mp3 file, or export the song again"
                ) from error
            warnings.append(
                f"{file.name} breaks off after {collector.taken / collector.rate_in:.1f} s "
                f"({reason}); only those seconds are used"
            )
    return collector.finish(file.name, warnings)


def song_seconds(path: str | os.PathLike[str]) -> float | None:
    """A song's length as its file announces it; None where it tells none or cannot be read."""
    try:
        import soundfile

        with _quiet_decoder():
            info = soundfile.info(os.fspath(path))
    except (ImportError, OSError, RuntimeError, UnicodeError):
        # UnicodeError: a name that is no UTF-8.
        return None
    return info.frames / info.samplerate if 0 < info.frames < _UNKNOWN_FRAMES else None


def audio_from_samples(
    samples: np.ndarray, sample_rate: int, name: str, target_rate: int = SAMPLE_RATE
) -> Audio:
    """Audio from samples already in memory, with the same checks as a file.

    Parameters
    ----------
    samples : (N,) or (N, C) float or signed integer
        Integers are scaled by their type's full scale. Channels are averaged.
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
    collector = _Collector(name, int(sample_rate), target_rate, len(rows))
    step = max(1, _BLOCK // rows.shape[1])
    for low in range(0, len(rows), step):
        block = rows[low : low + step]
        collector.push(block if scale == 1.0 else block * scale)
    return collector.finish(name, [])


def _reason(text: str) -> str:
    """libsndfile's words, where they help: for a bad mp3 it claims that no file is there."""
    text = str(text).strip().rstrip(".").removeprefix("Error : ")
    if "does not exist" in text or "internal error" in text or not text:
        return "its data is damaged or of another kind"
    return text


def _missing_bytes(file: Path) -> int:
    """How many bytes a wav file is shorter than its header says; libsndfile does not tell."""
    with open(file, "rb") as raw:
        head = raw.read(12)
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return 0
    announced = int.from_bytes(head[4:8], "little")
    if announced in (0, 0xFFFFFFFF):  # a stream that never learned its length
        return 0
    return max(0, announced + 8 - file.stat().st_size - 1)  # some writers forget the padding byte


_UNKNOWN_FRAMES = 1 << 60  # libsndfile's count for a stream that does not tell its length


class _Collector:
    """Blocks of any layout in, one checked Audio out."""

    def __init__(self, label: str, rate_in: int, rate_out: int, frames: int) -> None:
        if not _RATES[0] <= rate_in <= _RATES[1]:
            raise AudioError(
                f"{label}: {rate_in} samples a second is outside {_RATES[0]}..{_RATES[1]}; "
                "export the song at 44100 Hz"
            )
        self.label, self.rate_in, self.rate_out = label, rate_in, rate_out
        self.taken = 0
        self._resampler = Resampler(rate_in, rate_out)
        # The header's length is a hint only: a broken header must not claim the memory.
        hint = min(frames, int(MAX_SECONDS * rate_in))
        self._samples = np.empty(-(-hint * rate_out // rate_in) + 1, np.float32)
        self._filled = 0

    def push(self, block: np.ndarray) -> None:
        """Add a block (n, channels)."""
        channels = block.shape[1]
        # A product with a constant vector is the mean, several times as fast.
        mono = block @ np.full(channels, 1 / channels, np.float32) if channels > 1 else block[:, 0]
        if not np.isfinite(mono).all():
            bad = int(np.argmin(np.isfinite(mono)))
            raise AudioError(
                f"{self.label} holds samples that are not numbers (NaN or infinity, first at "
                f"{(self.taken + bad) / self.rate_in:.3f} s); export the song again"
            )
        self.taken += len(mono)
        if self.taken > MAX_SECONDS * self.rate_in:
            raise AudioError(
                f"{self.label} is longer than {MAX_SECONDS / 3600:.0f} hours; cut it into parts"
            )
        self._store(self._resampler.push(mono))

    def finish(self, name: str, warnings: list[str]) -> Audio:
        """The song, or an AudioError where there is none."""
        self._store(self._resampler.finish())
        samples = self._samples[: self._filled]
        seconds = self.taken / self.rate_in
        if seconds < MIN_SECONDS:
            raise AudioError(
                f"{self.label} is too short ({seconds:.2f} s); "
                f"give a song of at least {MIN_SECONDS:.0f} s"
            )
        peak = max(float(samples.max()), -float(samples.min()))
        if peak < SILENCE:
            raise AudioError(f"{self.label} is silent; give a song with sound in it")
        if peak > 8.0:  # integers stored as floats; a hot mix stays below this
            warnings.append(f"{name} peaks at {peak:.0f} times full scale; it was turned down")
            samples /= peak
        return Audio(samples, self.rate_out, name, tuple(warnings))

    def _store(self, block: np.ndarray) -> None:
        end = self._filled + len(block)
        if end > len(self._samples):
            grown = np.empty(max(end, 2 * len(self._samples)), np.float32)
            grown[: self._filled] = self._samples[: self._filled]
            self._samples = grown
        self._samples[self._filled : end] = block
        self._filled = end


@contextmanager
def _quiet_decoder() -> Iterator[None]:
    """Keep what libmpg123 prints about a damaged mp3 off the user's terminal.

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
