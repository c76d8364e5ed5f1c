"""Standard MIDI files: notes, tempo and time signatures. Enough for training material, no more."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np


@dataclass
class MidiSong:
    """Times in quarter notes from the start.

    ``notes``: (start, length, channel, program, pitch, velocity), programs as they
    stood at the note. ``tempi``: (start, seconds a quarter). ``metres``: (start,
    numerator, denominator).
    """

    notes: list[tuple[float, float, int, int, int, int]] = field(default_factory=list)
    tempi: list[tuple[float, float]] = field(default_factory=list)
    metres: list[tuple[float, int, int]] = field(default_factory=list)

    def seconds(self, quarters: np.ndarray) -> np.ndarray:
        """Time of positions in quarter notes."""
        tempi = sorted(self.tempi)
        if not tempi or tempi[0][0] > 0:
            tempi.insert(0, (0.0, 0.5))
        at = np.array([t for t, _ in tempi] + [1e6])
        rate = np.array([r for _, r in tempi])
        clock = np.concatenate([[0.0], np.cumsum(np.diff(at) * rate)])
        return np.interp(quarters, at, clock)


def read_midi(data: bytes) -> MidiSong:
    """Parse a file of format 0 or 1; ValueError for anything else."""
    if data[:4] != b"MThd":
        raise ValueError("not a MIDI file")
    length, form, tracks, division = struct.unpack(">IHHh", data[4:14])
    if form > 1 or division <= 0:
        raise ValueError("a MIDI file of another format")
    song = MidiSong()
    position = 8 + length
    for _ in range(tracks):
        if data[position : position + 4] != b"MTrk":
            raise ValueError("a damaged MIDI file")
        size = struct.unpack(">I", data[position + 4 : position + 8])[0]
        _read_track(data[position + 8 : position + 8 + size], division, song)
        position += 8 + size
    song.notes.sort()
    return song


def _read_track(data: bytes, division: int, song: MidiSong) -> None:
    position = tick = status = 0
    programs = [0] * 16
    open_notes: dict[tuple[int, int], list[tuple[float, int, int]]] = {}

    def number() -> int:
        nonlocal position
        value = 0
        while True:
            byte = data[position]
            position += 1
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value

    while position < len(data):
        tick += number()
        now = tick / division
        if data[position] >= 0x80:
            status = data[position]
            position += 1
        if status == 0xFF:
            kind = data[position]
            position += 1
            size = number()
            body = data[position : position + size]
            position += size
            if kind == 0x51:
                song.tempi.append((now, int.from_bytes(body, "big") / 1e6))
            elif kind == 0x58:
                song.metres.append((now, body[0], 2 ** body[1]))
            continue
        if status in (0xF0, 0xF7):
            position += number()
            continue
        kind, channel = status & 0xF0, status & 0x0F
        first = data[position]
        second = data[position + 1] if kind not in (0xC0, 0xD0) else 0
        position += 1 if kind in (0xC0, 0xD0) else 2
        if kind == 0xC0:
            programs[channel] = first
        elif kind == 0x90 and second:
            open_notes.setdefault((channel, first), []).append((now, programs[channel], second))
        elif kind in (0x80, 0x90):
            for start, program, velocity in open_notes.pop((channel, first), []):
                song.notes.append((start, now - start, channel, program, first, velocity))
