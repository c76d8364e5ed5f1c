"""FluidSynth (LGPL-2.1) as a renderer, through its C library: notes in, samples out.

On Debian: apt-get install libfluidsynth3 musescore-general-soundfont fluid-soundfont-gm.
The library keeps the soundfonts loaded, which makes it some hundred times as
fast as playing.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from pathlib import Path

import numpy as np

from audio2pose_core.audio.beat_features import SAMPLE_RATE

from .piece import DRUMS, Track

SOUNDFONTS = (
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/sounds/sf3/MuseScore_General_Full.sf3",
    "/usr/share/sounds/sf3/MuseScore_General_Lite.sf3",
)
DRUM_KITS = (0, 8, 16, 24, 25, 32, 40, 48)
"""General MIDI kits: standard, room, power, electronic, 808, jazz, brush, orchestra."""

_BLOCK = 64  # samples: notes begin on this grid, 3 ms
_TAIL_CHANNELS = 16


class Fluid:
    """A running synthesiser; raises OSError where the library or a soundfont is missing."""

    def __init__(self, soundfonts: tuple[str, ...] = SOUNDFONTS) -> None:
        name = ctypes.util.find_library("fluidsynth")
        if name is None:
            raise OSError("the fluidsynth library is not installed (Debian: libfluidsynth3)")
        self._lib = _declare(ctypes.CDLL(name))
        settings = self._lib.new_fluid_settings()
        self._lib.fluid_settings_setnum(settings, b"synth.sample-rate", float(SAMPLE_RATE))
        self._lib.fluid_settings_setnum(settings, b"synth.gain", 1.0)
        for key, value in (
            (b"synth.reverb.active", 0),
            (b"synth.chorus.active", 0),
            (b"synth.polyphony", 128),
        ):
            self._lib.fluid_settings_setint(settings, key, value)
        self._synth = self._lib.new_fluid_synth(settings)
        self._fonts = []
        for path in soundfonts:
            if Path(path).is_file():
                self._fonts.append(self._lib.fluid_synth_sfload(self._synth, path.encode(), 0))
        if not self._fonts:
            raise OSError(f"none of these soundfonts is there: {', '.join(soundfonts)}")

    def render(
        self, tracks: list[Track], seconds: float, random: np.random.Generator
    ) -> np.ndarray:
        """Sum of the tracks, (N,) float32; each track gets one of the soundfonts."""
        total = round(seconds * SAMPLE_RATE)
        events: list[tuple[int, int, int, int, int]] = []  # sample, order, channel, key, velocity
        channel = 0
        for track in tracks:
            font = self._fonts[random.integers(len(self._fonts))]
            drums = track.program == DRUMS
            at = 9 if drums else channel
            if not drums:
                channel += 2 if channel == 8 else 1
            program = int(random.choice(DRUM_KITS)) if drums else track.program
            self._select(at, font, 128 if drums else 0, program)
            self._lib.fluid_synth_cc(self._synth, at, 7, int(np.clip(90 * track.gain, 1, 127)))
            for start, length, pitch, velocity in track.notes:
                on, off = round(start * SAMPLE_RATE), round((start + length) * SAMPLE_RATE)
                events.append((on, 1, at, pitch, velocity))
                events.append((max(off, on + _BLOCK), 0, at, pitch, 0))
        out = self._play(sorted(events), total)
        for at in range(_TAIL_CHANNELS):
            self._lib.fluid_synth_all_sounds_off(self._synth, at)
        self._play([], 4096)  # let the voices end before the next piece
        return out

    def _select(self, channel: int, font: int, bank: int, program: int) -> None:
        for choice in (program, 0):  # a font may lack a kit
            if self._lib.fluid_synth_program_select(self._synth, channel, font, bank, choice) == 0:
                return
        raise OSError(f"the soundfont lacks bank {bank} program {program}")

    def _play(self, events: list[tuple[int, int, int, int, int]], total: int) -> np.ndarray:
        left, right = np.zeros(total, np.float32), np.zeros(total, np.float32)
        done = 0
        for sample, on, channel, key, velocity in events:
            if sample - done >= _BLOCK:
                done = self._write(left, right, done, min(sample, total))
            if done >= total:
                break
            if on:
                self._lib.fluid_synth_noteon(self._synth, channel, key, velocity)
            else:
                self._lib.fluid_synth_noteoff(self._synth, channel, key)
        self._write(left, right, done, total)
        return 0.5 * (left + right)

    def _write(self, left: np.ndarray, right: np.ndarray, start: int, stop: int) -> int:
        if stop > start:
            self._lib.fluid_synth_write_float(
                self._synth, stop - start, left.ctypes.data, start, 1, right.ctypes.data, start, 1
            )
        return max(start, stop)


def _declare(lib: ctypes.CDLL) -> ctypes.CDLL:
    """Types of the calls that are used."""
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for name, result, arguments in (
        ("new_fluid_settings", pointer, []),
        ("fluid_settings_setnum", number, [pointer, text, ctypes.c_double]),
        ("fluid_settings_setint", number, [pointer, text, number]),
        ("new_fluid_synth", pointer, [pointer]),
        ("fluid_synth_sfload", number, [pointer, text, number]),
        ("fluid_synth_program_select", number, [pointer] + [number] * 4),
        ("fluid_synth_cc", number, [pointer] + [number] * 3),
        ("fluid_synth_noteon", number, [pointer] + [number] * 3),
        ("fluid_synth_noteoff", number, [pointer] + [number] * 2),
        ("fluid_synth_all_sounds_off", number, [pointer, number]),
        ("fluid_synth_write_float", number,
         [pointer, number, pointer, number, number, pointer, number, number]),
    ):  # fmt: skip
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib
