"""Pieces from other people's scores and performances; credits.py names them and their licences."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from .compose import VOICE, accompany, draw_style
from .midi import read_midi
from .musicxml import Score, read_musicxml
from .piece import DRUMS, Bars, Piece, Track, tempo_curve

Random = np.random.Generator
_BEAT_LIMITS = 40.0, 230.0  # beats a minute; what is outside is notated in other units
_ROLAND = {22: 42, 26: 46, 58: 43}  # keys of the electronic kit that General MIDI lacks


def groove(folder: Path, random: Random, seconds: float) -> Piece | None:
    """Drumming from the Groove MIDI Dataset, alone or under composed harmony."""
    rows = _groove_index(folder)
    row = rows[random.integers(len(rows))]
    path = folder / row["midi_filename"]
    if not path.is_file():
        return None
    song = read_midi(path.read_bytes())
    metre = int(row["time_signature"].split("-")[0])
    bpm = float(row["bpm"]) * np.exp(random.uniform(-0.2, 0.2))
    length = max(1, int(max(n[0] for n in song.notes) / metre + 0.1)) * metre  # whole bars
    count = int(seconds * bpm / 60 / metre) + 2
    bars = Bars(np.full(count, metre), np.arange(count * metre + 1) * 60.0 / bpm)
    kit = Track(DRUMS, gain=random.uniform(0.7, 1.2), synthetic=random.random() < 0.15)
    first = metre * int(random.integers(0, length // metre))
    # The performance goes round until the piece is full.
    for start, _, _, _, key, velocity in song.notes:
        if start < length:
            for turn in range(int(count * metre / length) + 2):
                at = start - first + turn * length
                if 0 <= at < count * metre:
                    kit.add(float(bars.seconds(at)), 0.1, _ROLAND.get(key, key), velocity)
    tracks = [kit]
    if random.random() < 0.7:
        swung = row["style"].startswith(("jazz", "blues")) and metre in (3, 4)
        style = draw_style(random, metre if metre in (3, 4, 5) else 4, 3 if swung else 4)
        if style.metre == metre:
            tracks += accompany(bars, style, random, frozenset({"drums"}))
    piece = Piece(tracks, bars.times[:-1], bars.places, seconds, f"groove, {row['style']}")
    return piece.cut(random.choice([0.0, random.uniform(0, 2), -random.uniform(0, 2)]), seconds)


@cache
def _groove_index(folder: Path) -> list[dict[str, str]]:
    with open(folder / "info.csv", newline="", encoding="utf-8") as lines:
        rows = [r for r in csv.DictReader(lines) if r["beat_type"] == "beat"]
    return [r for r in rows if float(r["duration"]) > 8 and r["time_signature"] != "5-8"]


def midi_song(folder: Path, random: Random, seconds: float) -> Piece | None:
    """A stretch of a MIDI file whose beats are its quarter notes."""
    files = _files(folder, ".mid")
    song = read_midi(files[random.integers(len(files))].read_bytes())
    if not song.notes:
        return None
    metres = [(t, n, d) for t, n, d in sorted(song.metres)] or [(0.0, 4, 4)]
    end = max(n[0] for n in song.notes)
    beats, places = _grid([(t, metres[k + 1][0] if k + 1 < len(metres) else end, n, d)
                           for k, (t, n, d) in enumerate(metres)])  # fmt: skip
    speed = float(np.exp(random.uniform(-0.12, 0.12)))
    shift = int(random.integers(-4, 5))
    drums = Track(DRUMS)
    tracks: dict[int, Track] = {}
    for start, length, channel, program, pitch, velocity in song.notes:
        on, off = song.seconds(np.array([start, start + length])) * speed
        if channel == 9:
            drums.add(on, 0.1, pitch, velocity)
        else:
            tracks.setdefault(program, Track(program)).add(on, off - on, pitch + shift, velocity)
    times = song.seconds(beats) * speed
    return _excerpt([drums, *tracks.values()], times, places, random, seconds, "midi")


def score(folder: Path, random: Random, seconds: float) -> Piece | None:
    """A stretch of a MusicXML score, played with rubato, at times with drums or bass added."""
    files = _files(folder, ".mxl")
    text = read_musicxml(files[random.integers(len(files))].read_bytes())
    if not text.notes or not text.bars:
        return None
    beats, places = _score_grid(text)
    if len(beats) < 16:
        return None
    steady = random.random() < 0.35
    times = _played(text, beats, random, 0.0 if steady else random.choice([0.02, 0.05, 0.09]))
    if times is None:
        return None

    def clock(quarters: float) -> float:
        return float(np.interp(quarters, beats, times))

    tracks = _instruments(text.parts, random)
    jitter = 0.0 if random.random() < 0.2 else random.uniform(0.003, 0.014)
    shift = int(random.integers(-4, 5))
    for start, length, part, pitch, velocity in text.notes:
        on = clock(start) + random.normal(0, jitter)
        loud = velocity * random.uniform(0.85, 1.1)
        tracks[part].add(max(on, 0.0), clock(start + length) - on, pitch + shift, loud)
    if steady and random.random() < 0.7:
        tracks += _added(text, beats, places, times, random)
    return _excerpt(tracks, times, places, random, seconds, "score")


def _played(text: Score, beats: np.ndarray, random: Random, rubato: float) -> np.ndarray | None:
    """Times of the beats: the score's tempi, somewhat faster or slower, bent by the player."""
    tempi = text.tempi or [(0.0, float(random.uniform(60, 140)))]
    at = np.array([t for t, _ in tempi])
    quarters = np.diff(beats)
    rate = np.array([r for _, r in tempi])[
        np.maximum(np.searchsorted(at, beats[:-1], "right") - 1, 0)
    ]
    if not (rate > 0).all():
        return None
    lengths = quarters * 60.0 / rate * np.exp(random.uniform(-0.2, 0.2))
    if not _BEAT_LIMITS[0] < 60.0 / float(np.median(lengths)) < _BEAT_LIMITS[1]:
        return None
    bend = np.diff(tempo_curve(random, len(lengths), 60.0, rubato))
    return np.concatenate([[0.0], np.cumsum(lengths * bend)])


def _instruments(parts: int, random: Random) -> list[Track]:
    """Instruments of the parts; the last of two or three is the accompaniment."""
    quartet = parts >= 4
    ensemble = int(random.choice([48, 40, 49, 60, 65, 19, 6, 0, 80, 81])) if quartet else 0
    keyboard = int(random.choice([0, 0, 0, 1, 2, 3, 4, 6, 24, 46, 80, 11]))
    solo = int(random.choice([VOICE, VOICE, 40, 73, 71, 56, 68, 52, 53, 65, 80]))
    tracks = []
    for part in range(max(parts, 1)):
        last = part == parts - 1
        program = ensemble if quartet else keyboard if last else solo
        own = program == VOICE or (program in (80, 81) and random.random() < 0.5)
        tracks.append(Track(program, gain=random.uniform(0.6, 1.2), synthetic=own))
    return tracks


def _added(
    text: Score, beats: np.ndarray, places: np.ndarray, times: np.ndarray, random: Random
) -> list[Track]:
    """Drums under a steady score of one metre; none where there is no such style."""
    starts = np.flatnonzero(places == 0)
    lengths = np.diff(starts)
    if len(lengths) < 4 or len(set(lengths.tolist())) > 1 or starts[0]:
        return []
    metre = int(lengths[0])
    compound = abs(float(np.median(np.diff(beats))) % 1.5) < 1e-6
    try:
        style = draw_style(random, metre, 3 if compound else 4)
    except ValueError:  # no style of this metre
        return []
    whole = len(lengths) * metre
    bars = Bars(np.full(len(lengths), metre), times[: whole + 1])
    return accompany(bars, style, random, frozenset({"chords", "second", "lead", "bass"}))


def _score_grid(text: Score) -> tuple[np.ndarray, np.ndarray]:
    tempo = text.tempi[0][1] if text.tempi else 100.0
    spans = [(s, s + n, a, b) for s, n, a, b in text.bars if n > 0]
    return _grid(spans, tempo, bars=True)


def _grid(
    spans: list[tuple[float, float, int, int]], tempo: float = 120.0, bars: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Beats in quarter notes, and places in the bar, of stretches of one metre.

    The beat of 6/8, 9/8 and 12/8 is the dotted quarter unless that is slower
    than 40 a minute; that of 2/2 the half note unless slower than 50. ``bars``:
    each stretch is one bar, and one that is too short counts from its end.
    """
    beats: list[float] = []
    places: list[int] = []
    for start, stop, numerator, denominator in spans:
        unit, count = 4.0 / denominator, numerator
        if denominator == 8 and numerator in (6, 9, 12) and tempo / 1.5 >= 40:
            unit, count = 1.5, numerator // 3
        elif denominator == 2 and tempo / 2 < 50:
            unit, count = 1.0, 2 * numerator
        elif denominator == 8 and numerator == 3 and tempo > 110:
            unit, count = 1.5, 1
        total = round((stop - start) / unit)
        first = count - total if bars and 0 < total < count else 0
        for k in range(total):
            beats.append(start + k * unit)
            places.append((first + k) % count)
    return np.array(beats), np.array(places, int)


def _excerpt(
    tracks: list[Track],
    times: np.ndarray,
    places: np.ndarray,
    random: Random,
    seconds: float,
    name: str,
) -> Piece | None:
    """A random stretch with enough beats and notes in it."""
    times, places = times[: len(places)], places[: len(times)]
    end = float(times[-1])
    if (
        end < 0.6 * seconds
        or not _BEAT_LIMITS[0] < 60 / float(np.median(np.diff(times))) < _BEAT_LIMITS[1]
    ):
        return None
    start = random.uniform(-1.0, max(0.0, end - seconds))
    piece = Piece(tracks, times, places, end, name).cut(start, seconds)
    enough = len(piece.beats) > 12 and sum(len(t.notes) for t in piece.tracks) > 20
    return piece if enough else None


@cache
def _files(folder: Path, suffix: str) -> list[Path]:
    files = sorted(folder.rglob(f"*{suffix}"))
    if not files:
        raise FileNotFoundError(f"no {suffix} files in {folder}")
    return files


SOURCES: dict[str, tuple[str, Callable[[Path, Random, float], Piece | None], float]] = {
    "groove": ("groove_midi_ccby/groove", groove, 0.17),
    "lieder": ("openscore_lieder_cc0", score, 0.14),
    "quartets": ("openscore_quartets_cc0", score, 0.03),
    "freedoom": ("freedoom_bsd", midi_song, 0.04),
}
"""Name -> folder, reader, share of all pieces; the rest is composed."""
