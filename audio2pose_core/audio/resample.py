"""Band-limited resampling in pure numpy, block by block.

A windowed-sinc interpolator after J. O. Smith, "Digital Audio Resampling",
https://ccrma.stanford.edu/~jos/resample/. Output sample m sits exactly at
input time m * rate_in / rate_out: there is no delay to take off afterwards.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

_ZERO_CROSSINGS = 32  # of the sinc on either side: a transition band of some 5 %
_ROLLOFF = 0.945  # cutoff as a share of the lower Nyquist frequency
_KAISER_BETA = 9.0  # stop band near -90 dB
_DENSE_UP = 1024  # ratios with more phases than this take the slower general way


def _kernel(time: np.ndarray, cutoff: float, half: float) -> np.ndarray:
    """Kaiser-windowed sinc at ``time`` (input samples), zero beyond ``half``."""
    inside = np.clip(1.0 - (time / half) ** 2, 0.0, None)
    window = np.i0(_KAISER_BETA * np.sqrt(inside)) / np.i0(_KAISER_BETA)
    return cutoff * np.sinc(cutoff * time) * np.where(inside > 0, window, 0.0)


@lru_cache(maxsize=8)
def _dense_bank(up: int, down: int, repeat: int, reach: int, cutoff: float) -> np.ndarray:
    """Weights (inputs of one period and its margins, outputs of one period), float32."""
    outputs = np.arange(up * repeat) * (down / up)
    inputs = np.arange(-reach, down * repeat + reach)
    weights = _kernel(inputs[:, None] - outputs[None, :], cutoff, float(reach))
    # Equal gain for every phase: otherwise a constant comes out with a ripple.
    return (weights / weights.sum(axis=0)).astype(np.float32)


@lru_cache(maxsize=8)
def _kernel_table(reach: int, cutoff: float) -> tuple[np.ndarray, np.ndarray]:
    """One side of the kernel so finely that linear interpolation stays near -100 dB."""
    time = np.linspace(0.0, float(reach), reach * 512 + 1)
    return time, _kernel(time, cutoff, float(reach))


class Resampler:
    """Turn a stream of mono blocks from one sample rate into another.

    Push blocks of any length, then finish once. N samples in give
    ceil(N * rate_out / rate_in) out.
    """

    def __init__(self, rate_in: int, rate_out: int) -> None:
        shared = math.gcd(rate_in, rate_out)
        self.up, self.down = rate_out // shared, rate_in // shared
        self._cutoff = _ROLLOFF * min(1.0, self.up / self.down)
        self._reach = math.ceil(_ZERO_CROSSINGS / self._cutoff)
        # Some 256 outputs a period make one matrix product worth its call.
        self._repeat = max(1, math.ceil(256 / self.up))
        self._buffer = np.zeros(self._reach, np.float32)
        self._taken = self._given = 0

    def push(self, block: np.ndarray) -> np.ndarray:
        """The output samples (M,) float32 that ``block`` (N,) completes."""
        self._taken += len(block)
        if self.up == self.down:
            self._given += len(block)
            return block.astype(np.float32, copy=False)
        self._buffer = np.concatenate([self._buffer, block.astype(np.float32, copy=False)])
        out = self._dense() if self.up <= _DENSE_UP else self._general()
        self._given += len(out)
        return out

    def finish(self) -> np.ndarray:
        """The last samples, after silence was assumed beyond the end."""
        due = -(-self._taken * self.up // self.down) - self._given
        if due <= 0:
            return np.zeros(0, np.float32)
        period = self.down * self._repeat if self.up <= _DENSE_UP else 0
        padding = 2 * self._reach + period + math.ceil(due * self.down / self.up) + 2
        taken = self._taken
        out = self.push(np.zeros(padding, np.float32))[:due]
        self._taken = taken
        return out

    def _dense(self) -> np.ndarray:
        """Whole periods as one matrix product."""
        span = self.down * self._repeat
        count = (len(self._buffer) - 2 * self._reach) // span
        if count <= 0:
            return np.zeros(0, np.float32)
        bank = _dense_bank(self.up, self.down, self._repeat, self._reach, self._cutoff)
        windows = np.lib.stride_tricks.sliding_window_view(self._buffer, len(bank))[::span]
        out = (np.ascontiguousarray(windows[:count]) @ bank).ravel()
        self._buffer = self._buffer[count * span :]
        return out

    def _general(self) -> np.ndarray:
        """Odd ratios (22050 from 22051): weights worked out for each output."""
        first = self._given * self.down // self.up  # input index where the next output sits
        ready = len(self._buffer) - 2 * self._reach  # inputs with their margin at hand
        count = max(0, (ready + first) * self.up // self.down - self._given)
        pieces = []
        offsets = np.arange(-self._reach, self._reach + 1)
        for low in range(0, count, 4096):
            m = self._given + np.arange(low, min(low + 4096, count), dtype=np.int64)
            whole, rest = np.divmod(m * self.down, self.up)
            distance = np.abs(offsets[None, :] - (rest / self.up)[:, None])
            weights = np.interp(distance, *_kernel_table(self._reach, self._cutoff))
            weights /= weights.sum(axis=1, keepdims=True)
            index = (whole - first)[:, None] + offsets[None, :] + self._reach
            pieces.append(np.einsum("ij,ij->i", weights, self._buffer[index]))
        done = (self._given + count) * self.down // self.up - first
        self._buffer = self._buffer[done:]
        return np.concatenate(pieces).astype(np.float32) if pieces else np.zeros(0, np.float32)
