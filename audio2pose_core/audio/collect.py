"""Decoded blocks of any layout in, one checked mono track out."""

from __future__ import annotations

import math

import numpy as np

from ..errors import AudioError
from .resample import Resampler

MIN_SECONDS = 1.0
MAX_SECONDS = 3 * 3600.0  # beyond it the samples alone take a gigabyte
SILENCE = 1e-4  # peak; -80 dB of full scale, above the dither of 16-bit files

_RATES = (4000, 768000)
# Of the power that unrelated channels leave in their mean: below it they cancel each other. For
# two channels it is a correlation of -0.96; what is left of a wired-wrong mp3 is coding noise.
_CANCELLED = 0.04


def mono(samples: np.ndarray) -> np.ndarray:
    """The mean of channels (N, C), (N,) float32; the loudest one where they cancel each other."""
    mean = samples.mean(axis=1, dtype=np.float32)
    power = np.einsum("nc,nc->c", samples, samples)
    loudest = _cancelled(power, float(mean @ mean))
    return mean if loudest is None else samples[:, loudest].astype(np.float32)


def _cancelled(channel_power: np.ndarray, mean_power: float) -> int | None:
    """The loudest of channels whose mean has next to none of their power (C,); else None."""
    channels = len(channel_power)
    if channels < 2:
        return None
    usual = float(channel_power.mean())
    cancel = mean_power < _CANCELLED * usual / channels
    return int(channel_power.argmax()) if cancel and usual > 0 else None


class Collector:
    """Mixes blocks to mono, resamples them, and gathers them.

    Parameters
    ----------
    label : str
        What messages call the song.
    rate_out : int
        Samples a second of what is gathered.
    channel : int or None
        The one channel that is taken; None takes the mean of all.
    """

    def __init__(self, label: str, rate_out: int, channel: int | None = None) -> None:
        self.label, self.rate_out = label, rate_out
        self._channel = channel
        self.reset()

    def reset(self) -> None:
        """Forget what was pushed."""
        self.seconds = 0.0
        """Of what was pushed."""
        self._rate_in = 0
        self._resampler: Resampler | None = None
        self._samples = np.empty(0, np.float32)
        self._filled = 0
        self._channel_power = np.zeros(0)
        self._mean_power = 0.0

    def expect(self, seconds: float) -> None:
        """Make room for so much; a hint only, a broken header must not claim the memory."""
        room = math.ceil(min(max(seconds, 0.0), MAX_SECONDS) * self.rate_out) + 1
        self._grow(room)

    def push(self, block: np.ndarray, rate: int) -> None:
        """Add a block (n, channels) of float at ``rate``; rate and channels may change between."""
        if rate != self._rate_in:
            self._change_rate(rate)
        mono = self._mix(block)
        if not np.isfinite(mono).all():
            bad = int(np.argmin(np.isfinite(mono)))
            raise AudioError(
                f"{self.label} holds samples that are not numbers (NaN or infinity, first at "
                f"{self.seconds + bad / rate:.3f} s); export the song again"
            )
        self.seconds += len(mono) / rate
        if self.seconds > MAX_SECONDS + 1e-6:
            raise AudioError(
                f"{self.label} is longer than {MAX_SECONDS / 3600:.0f} hours; cut it into parts"
            )
        assert self._resampler is not None
        self._store(self._resampler.push(mono))

    @property
    def cancelled(self) -> int | None:
        """The loudest channel, where the channels cancel in their mean; else None."""
        return _cancelled(self._channel_power, self._mean_power)

    def finish(self, warnings: list[str], name: str) -> np.ndarray:
        """The mono samples (N,) float32; AudioError where there is no song in them.

        What was odd is added to ``warnings``.
        """
        if self._resampler is not None:
            self._store(self._resampler.finish())
            self._resampler, self._rate_in = None, 0
        samples = self._samples[: self._filled]
        if self.seconds < MIN_SECONDS:
            raise AudioError(
                f"{self.label} is too short ({self.seconds:.2f} s); "
                f"give a song of at least {MIN_SECONDS:.0f} s"
            )
        peak = max(float(samples.max()), -float(samples.min()))
        if peak < SILENCE:
            raise AudioError(f"{self.label} is silent; give a song with sound in it")
        if peak > 8.0:  # integers stored as floats; a hot mix stays below this
            warnings.append(f"{name} peaks at {peak:.0f} times full scale; it was turned down")
            samples /= peak
        return samples

    def _mix(self, block: np.ndarray) -> np.ndarray:
        """A block (n, channels) as mono (n,); notes how loud each channel and the mean are."""
        channels = block.shape[1]
        if channels == 1:
            return block[:, 0]
        if self._channel is not None:
            # Where channels become fewer, the last one stands in for one that went.
            return block[:, min(self._channel, channels - 1)]
        # A product with a constant vector is the mean, several times as fast.
        mono = block @ np.full(channels, 1 / channels, np.float32)
        if channels > len(self._channel_power):
            grown = np.zeros(channels)
            grown[: len(self._channel_power)] = self._channel_power
            self._channel_power = grown
        # Errors are told where they matter, in push.
        with np.errstate(invalid="ignore", over="ignore"):
            self._channel_power[:channels] += np.einsum("nc,nc->c", block, block)
            self._mean_power += float(mono @ mono)
        return mono

    def _change_rate(self, rate: int) -> None:
        if not _RATES[0] <= rate <= _RATES[1]:
            raise AudioError(
                f"{self.label}: {rate} samples a second is outside {_RATES[0]}..{_RATES[1]}; "
                "export the song at 44100 Hz"
            )
        if self._resampler is not None:
            self._store(self._resampler.finish())
        self._rate_in, self._resampler = rate, Resampler(rate, self.rate_out)

    def _store(self, block: np.ndarray) -> None:
        end = self._filled + len(block)
        if end > len(self._samples):
            self._grow(max(end, 2 * len(self._samples)))
        self._samples[self._filled : end] = block
        self._filled = end

    def _grow(self, room: int) -> None:
        if room > len(self._samples):
            grown = np.empty(room, np.float32)
            grown[: self._filled] = self._samples[: self._filled]
            self._samples = grown
