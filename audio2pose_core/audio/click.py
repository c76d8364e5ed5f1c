"""A song with a click on every beat, higher on the first of a bar: beats for the ear."""

from __future__ import annotations

import os
import wave

import numpy as np

from ..files import whole_file
from .beat_file import Beats
from .load import Audio

CLICK_RATE = 44100  # samples a second that suit the ear
CLICK_S = 0.04
BEAT_HZ, DOWNBEAT_HZ = 1000.0, 2000.0
SONG_PEAK, CLICK_PEAK = 0.55, 0.4  # together below full scale
_BLOCK_S = 10.0


def write_clicks(path: str | os.PathLike[str], audio: Audio, beats: Beats) -> None:
    """Write a 16-bit mono wav of the song at its rate with clicks; raises OutputError."""
    rate = audio.sample_rate
    t = np.arange(round(CLICK_S * rate)) / rate
    fading = CLICK_PEAK * np.exp(-t / (CLICK_S / 5)) * np.minimum(1.0, (CLICK_S - t) / 0.005)
    sounds = [np.sin(2 * np.pi * hz * t) * fading for hz in (BEAT_HZ, DOWNBEAT_HZ)]
    starts = np.round(beats.times * rate).astype(int)
    gain = SONG_PEAK / max(float(np.abs(audio.samples).max()), 1e-9)
    step = round(_BLOCK_S * rate)
    with whole_file(path) as temporary, wave.open(str(temporary), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        for low in range(0, len(audio.samples), step):
            block = audio.samples[low : low + step].astype(np.float64) * gain
            near = (starts > low - len(t)) & (starts < low + len(block))
            for start, first in zip(starts[near] - low, beats.downbeats[near], strict=True):
                a, b = max(start, 0), min(start + len(t), len(block))
                block[a:b] += sounds[int(first)][a - start : b - start]
            values = np.clip(np.round(block * 32767), -32768, 32767)
            out.writeframes(values.astype("<i2").tobytes())
