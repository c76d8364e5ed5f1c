"""From stems to a record: room, tone, levels, loudness, wear. Every piece gets its own master."""

from __future__ import annotations

import numpy as np

from audio2pose_core.audio.beat_features import SAMPLE_RATE


def master(
    drums: np.ndarray, rest: np.ndarray, beats: np.ndarray | None, random: np.random.Generator
) -> np.ndarray:
    """Mix two stems (N,) and work on the sum, (N,) float32.

    ``beats`` in seconds asks for side-chain pumping: the rest dips at every beat.
    """
    drums, rest = _level(drums), _level(rest)
    if drums.any() and rest.any():
        drums = drums * 10 ** (random.uniform(-9, 7) / 20)
    if beats is not None and len(beats):
        rest = rest * _pumping(len(rest), beats, random)
    mix = _room_and_tone(drums + rest, random)
    if random.random() < 0.7:
        mix = _compressed(mix, random)
    mix = mix / max(float(np.abs(mix).max()), 1e-6)
    if random.random() < 0.4:  # a loud master, or an overdriven one
        mix = np.tanh(random.uniform(1.0, 6.0) * mix)
    if random.random() < 0.35:
        noise = random.standard_normal(len(mix)).astype(np.float32)
        mix = mix + 10 ** (random.uniform(-60, -28) / 20) * noise
    return mix.astype(np.float32)


def _level(samples: np.ndarray) -> np.ndarray:
    """To an RMS of .1; silence stays."""
    rms = float(np.sqrt(np.mean(samples**2)))
    return samples * np.float32(0.1 / rms) if rms > 1e-6 else samples


def _pumping(length: int, beats: np.ndarray, random: np.random.Generator) -> np.ndarray:
    time = np.arange(length) / SAMPLE_RATE
    last = np.searchsorted(beats, time, side="right") - 1
    since = np.where(last >= 0, time - beats[np.maximum(last, 0)], 1.0)
    period = float(np.median(np.diff(beats))) if len(beats) > 1 else 0.5
    return 1.0 - random.uniform(0.3, 0.9) * np.exp(-since / (random.uniform(0.15, 0.4) * period))


def _room_and_tone(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """An equaliser and a reverb as one filter in the frequency domain."""
    room = np.zeros(SAMPLE_RATE // 2 + SAMPLE_RATE)
    room[0] = 1.0
    if random.random() < 0.6:
        decay = random.uniform(0.05, 0.5)
        t = np.arange(len(room)) / SAMPLE_RATE
        tail = (
            random.standard_normal(len(room)) * np.exp(-t / decay) * (t > random.uniform(0, 0.03))
        )
        room += 10 ** (random.uniform(-30, -6) / 20) * tail / np.sqrt((tail**2).sum())
    size = _fast_length(len(samples) + len(room))
    f = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    octave = np.log2(np.maximum(f, 20.0) / 1000.0)
    gain = random.normal(0, 2.0) * octave  # a tilt, dB
    for _ in range(3):
        centre, width = random.uniform(-4.5, 3.3), random.uniform(0.4, 1.5)
        gain = gain + random.normal(0, 4.0) * np.exp(-0.5 * ((octave - centre) / width) ** 2)
    if random.random() < 0.15:  # a small speaker, an old record
        gain = gain - 12 * np.maximum(0, np.log2(random.uniform(100, 350) / np.maximum(f, 20)))
    if random.random() < 0.25:  # a low-pass
        gain = gain - 18 * np.maximum(0, np.log2(np.maximum(f, 20) / random.uniform(2500, 9000)))
    response = np.fft.rfft(room, size) * 10 ** (np.clip(gain, -60, 24) / 20)
    return np.fft.irfft(np.fft.rfft(samples, size) * response, size)[: len(samples)]


def _compressed(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A compressor of 5 ms blocks with its own threshold, ratio and release."""
    hop = SAMPLE_RATE // 200
    count = -(-len(samples) // hop)
    blocks = np.pad(samples, (0, count * hop - len(samples))).reshape(count, hop)
    level = np.log(np.sqrt((blocks**2).mean(axis=1)) + 1e-6)
    release = np.exp(-1 / (200 * random.uniform(0.03, 0.4)))
    envelope = np.empty(count)
    state = level[0]
    for k in range(count):
        state = max(level[k], release * state + (1 - release) * level[k])
        envelope[k] = state
    threshold = np.quantile(envelope, random.uniform(0.2, 0.8))
    gain = np.exp(-np.maximum(0, envelope - threshold) * random.uniform(0.3, 0.9))
    return samples * np.interp(np.arange(len(samples)), np.arange(count) * hop, gain)


def _fast_length(n: int) -> int:
    """The next length of the form 2**a * 3**b * 5**c."""
    best = 1 << (n - 1).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            two = 1 << max(0, (-(-n // three) - 1).bit_length())
            best = min(best, two * three) if two * three >= n else best
            three *= 3
        five *= 5
    return best
