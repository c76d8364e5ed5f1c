"""Songs composed for training: every tempo, metre and kind of beginning, with exact beats.

A song has a style (styles.py), a harmony, and sections in which parts come and go:
introductions without drums, breaks, fills, pick-ups. Players are not quantised.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import parts
from .piece import DRUMS, Bars, Piece, Track, tempo_curve
from .styles import KEYS, STYLES, Style

PROGRESSIONS = (
    (0, 7, 9, 5), (9, 5, 0, 7), (0, 5, 7, 0), (0, 9, 5, 7), (0, 5), (0, 0, 5, 7), (9, 7, 5, 7),
    (0, 10, 5, 0), (2, 7, 0, 9), (0, 3, 10, 5), (0, 8, 10, 0), (0,), (0, 1),
    (9, 2, 7, 0, 5, 11, 4, 9),
    (0, 0, 0, 0, 5, 5, 0, 0, 7, 5, 0, 7),
)  # fmt: skip
MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 10)

# Instruments of the parts by the sound of the style, General MIDI programs.
BASSES = {
    "band": (33, 34, 35, 36), "electronic": (38, 39, 87, 81), "chip": (80, 38, 81),
    "acoustic": (32, 33, 35), "classical": (43, 42, 58, 70, 48), "piano": (0, 1, 2),
}  # fmt: skip
HARMONIES = {
    "band": (24, 25, 26, 27, 28, 29, 30, 30, 4, 5, 16, 18, 0, 48),
    "electronic": (81, 80, 88, 89, 90, 91, 94, 95, 62, 63, 4, 50, 11),
    "chip": (80, 81, 80, 62), "acoustic": (24, 25, 0, 26, 11, 12, 21, 22, 105, 46),
    "classical": (48, 49, 45, 52, 60, 61, 68, 46, 6, 19), "piano": (0, 1, 2, 3),
}  # fmt: skip
LEADS = {
    "band": (29, 30, 65, 66, 73, 80, 54, 53, 18, 22),
    "electronic": (80, 81, 84, 87, 85, 54, 53, 98), "chip": (80, 81, 80, 84),
    "acoustic": (73, 71, 40, 110, 22, 12, 66, 56, 79, 53),
    "classical": (40, 73, 68, 71, 56, 60, 52, 53, 42), "piano": (0, 1, 2, 3),
}  # fmt: skip
VOICE = 54
"""Synthesised voice: syllables with consonants, glides and vibrato in our own synthesis."""


@dataclass
class _Song:
    style: Style
    bars: Bars
    random: np.random.Generator
    swing: float
    jitter: float

    def time(self, bar: int, position: float) -> float:
        """Seconds of a position in a bar; off-beats swing."""
        whole = np.floor(position)
        part = position - whole
        if self.style.grid == 4 and self.swing:
            # Swing sits on the eighths of a slow feel or the sixteenths of a quick one.
            unit = 1.0 if self.style.name == "reggae" else 0.5
            inside = part % unit / unit
            late = 0.5 + self.swing / 6
            bent = inside / 0.5 * late if inside < 0.5 else late + (inside - 0.5) / 0.5 * (1 - late)
            part = part - part % unit + bent * unit
        return float(self.bars.seconds(self.bars.starts[bar] + whole + part))

    def human(self) -> float:
        """How far off a player hits, in seconds."""
        return float(self.random.normal(0, self.jitter))


def compose(
    random: np.random.Generator, seconds: float = 32.0, style: Style | None = None
) -> Piece:
    """A song of ``seconds`` in a style (drawn by weight if none is given)."""
    style = style or draw_style(random)
    bpm = float(np.exp(random.uniform(*np.log(style.bpm))))
    if random.random() < 0.4:  # programmed music sits on whole tempi
        bpm = float(round(bpm))
    total = seconds + 24.0
    count = int(total * bpm / 60 / style.metre * 1.3) + 8
    metres = np.full(count, style.metre)
    if random.random() < 0.05 and style.grid == 4:  # single bars of another length
        odd = random.random(count) < 0.12
        metres[odd] = np.maximum(2, style.metre + random.choice([-2, -1, 1, 2], odd.sum()))
    rubato = style.rubato * random.uniform(0.3, 1.5)
    bars = Bars(metres, tempo_curve(random, int(metres.sum()), bpm, rubato))
    song = _song(bars, style, random)
    piece = Piece(
        _play(song, total, frozenset()), bars.times[:-1], bars.places, total,
        f"composed, {style.name}", pumped=random.random() < style.pumped,
    )  # fmt: skip
    return piece.cut(_entry(song), seconds)


def draw_style(random: np.random.Generator, metre: int = 0, grid: int = 0) -> Style:
    """A style by weight, of a metre and a grid where they are given, with drums then."""
    fitting = [
        s
        for s in STYLES
        if metre in (0, s.metre) and grid in (0, s.grid) and (not metre or any(s.grooves))
    ]
    weights = np.array([s.weight for s in fitting])
    return fitting[random.choice(len(fitting), p=weights / weights.sum())]


def accompany(
    bars: Bars, style: Style, random: np.random.Generator, silent: frozenset[str]
) -> list[Track]:
    """Parts over given bars, for a performance or a score that lacks them; ``silent`` stay out."""
    return _play(_song(bars, style, random), float(bars.times[-1]), silent)


def _song(bars: Bars, style: Style, random: np.random.Generator) -> _Song:
    machine = style.sound in ("electronic", "chip") or random.random() < 0.2
    return _Song(
        style, bars, random,
        swing=random.uniform(*style.swing) if random.random() < 0.7 else 0.0,
        jitter=0.0 if machine and random.random() < 0.8 else random.uniform(0.002, 0.012),
    )  # fmt: skip


def _entry(song: _Song) -> float:
    """Where the piece begins: at the song's start, with silence or a pick-up, or inside."""
    random, beat = song.random, float(song.bars.times[1])
    chance = random.random()
    if chance < 0.2:
        return -random.uniform(0.0, 2.5)
    if chance < 0.35:  # a pick-up of up to a bar
        return float(song.bars.times[1]) * random.choice([-1, 0.5, 1, 2, 3]) * 1.0 - 0.05
    return random.uniform(0.0, 20.0) + random.random() * beat


def _play(song: _Song, total: float, silent: frozenset[str]) -> list[Track]:
    style, random = song.style, song.random
    sound = style.sound
    synthetic = {"electronic": 0.5, "chip": 0.8, "band": 0.08}.get(sound, 0.0)
    tonic = int(random.integers(40, 52))
    scale_shape = MINOR if random.random() < 0.5 else MAJOR
    progression = [int(r) for r in PROGRESSIONS[random.integers(len(PROGRESSIONS))]]
    slow = bool(random.random() < 0.3)  # a chord lasts two bars
    scale = [tonic + 12 + o + s for o in (0, 12, 24) for s in scale_shape]
    lead_voice = sound not in ("piano", "classical") and random.random() < 0.35
    tracks = {
        "drums": Track(DRUMS, gain=random.uniform(0.6, 1.3), synthetic=random.random() < synthetic),
        "bass": Track(_pick(BASSES[sound], random), gain=random.uniform(0.5, 1.2)),
        "chords": Track(_pick(HARMONIES[sound], random), gain=random.uniform(0.35, 1.0)),
        "second": Track(_pick(HARMONIES[sound], random), gain=random.uniform(0.25, 0.7)),
        "lead": Track(
            VOICE if lead_voice else _pick(LEADS[sound], random),
            gain=random.uniform(0.4, 1.2), synthetic=lead_voice,
        ),
    }  # fmt: skip
    for name in ("bass", "chords", "second", "lead"):
        tracks[name].synthetic |= bool(random.random() < synthetic)
    kinds = {
        "bass": str(random.choice(style.bass)),
        "chords": str(random.choice(style.chords)),
        "second": str(random.choice([*style.chords, "pad", "arpeggio"])),
    }
    lag = {name: random.normal(0, 0.006) if song.jitter else 0.0 for name in tracks}
    rhythms: list[list[tuple[float, float]]] = []
    groove: dict[str, str] = {}
    section: set[str] = set()
    left, walk = 0, 9
    bar = 0
    while bar < len(song.bars.metres) and song.bars.times[song.bars.starts[bar]] < total:
        metre = int(song.bars.metres[bar])
        if left == 0:
            section = _section(song, first=bar == 0) - silent
            left = int(random.choice([2, 4, 4, 8, 8]))
            groove = _groove(style, random)
            rhythms = [
                parts.motif(style.metre, style.grid, random.random(), random) for _ in range(2)
            ]
            if random.random() < 0.4:
                kinds["bass"] = str(random.choice(style.bass))
        left -= 1
        root = progression[(bar // (2 if slow else 1)) % len(progression)]
        voices = _voices(tonic + 12, root, scale_shape)
        kick: list[float] = []
        if "drums" in section:
            kick = _drums(
                song, tracks["drums"], bar, metre, groove, section, lag["drums"], left == 0
            )
        events: dict[str, parts.Events] = {}
        if "bass" in section:
            note = tonic - 12 + root % 12
            events["bass"] = parts.bass(kinds["bass"], metre, style.grid, note, kick, random)
        for name in ("chords", "second"):
            if name in section:
                events[name] = parts.chords(kinds[name], metre, style.grid, voices, random)
        if "lead" in section and random.random() < 0.85:
            rhythm = [(p, n) for p, n in rhythms[bar % len(rhythms)] if p < metre]
            events["lead"], walk = parts.melody(rhythm, scale, voices, walk, random)
        for name, notes in events.items():
            _write(song, tracks[name], bar, metre, notes, lag[name], loose=name == "lead")
        bar += 1
    return [t for t in tracks.values() if t.notes]


def _pick(programs: tuple[int, ...], random: np.random.Generator) -> int:
    if random.random() < 0.1:  # anything may play anything
        return int(random.integers(0, 112))
    return int(programs[random.integers(len(programs))])


def _section(song: _Song, first: bool) -> set[str]:
    """Which parts play."""
    random = song.random
    whole = {"bass", "chords"}
    if any(song.style.grooves):
        whole.add("drums")
    if random.random() < 0.6:
        whole.add("lead")
    if random.random() < 0.4:
        whole.add("second")
    chance = random.random()
    if chance < (0.35 if first else 0.12):  # an introduction, a break
        return whole - ({"drums"} if random.random() < 0.6 else {"drums", "bass"})
    if chance < (0.5 if first else 0.2) and "drums" in whole:
        return {"drums", *(["bass"] if random.random() < 0.5 else [])}
    if chance < 0.28 and len(whole) > 2:
        return whole - {str(random.choice(sorted(whole - {"drums"})))}
    return whole


def _groove(style: Style, random: np.random.Generator) -> dict[str, str]:
    """One of the style's grooves, varied: drums left out, single steps changed."""
    groove = dict(style.grooves[random.integers(len(style.grooves))])
    for drum in list(groove):
        if drum not in "KS" and random.random() < 0.15:
            del groove[drum]
            continue
        steps = list(groove[drum])
        for k in range(len(steps)):
            if k % style.grid and random.random() < 0.03:
                steps[k] = "o" if steps[k] == "-" else "-"
        groove[drum] = "".join(steps)
    if groove and random.random() < 0.15:
        groove["A"] = "x" + "-" * (style.grid - 1)  # a tambourine on every beat
    return groove


def _drums(
    song: _Song, track: Track, bar: int, metre: int, groove: dict[str, str], section: set[str],
    lag: float, last: bool,
) -> list[float]:  # fmt: skip
    """One bar of drums; the bass drum's positions."""
    random, grid = song.random, song.style.grid
    kick: list[float] = []
    filling = last and random.random() < 0.5
    fill = parts.fill(metre, grid, random) if filling else []
    until = fill[0][0] if fill and random.random() < 0.7 else float(metre)
    for drum, pattern in groove.items():
        key = KEYS[drum][0 if random.random() < 0.97 else -1]
        first = 0 if len(pattern) <= metre * grid else (bar % 2) * (len(pattern) // 2)
        for step in range(metre * grid):
            mark = pattern[(first + step) % len(pattern)]
            position = step / grid
            if mark == "-" or position >= until:
                continue
            loud = {"o": 0.4, "x": 0.75, "X": 0.95}[mark]
            if drum == "K":
                kick.append(position)
            when = song.time(bar, position) + lag + song.human()
            track.add(when, 0.1, key, 127 * loud * random.uniform(0.85, 1.0))
    for position, drum, loud in fill:
        track.add(song.time(bar, position) + song.human(), 0.1, KEYS[drum][0], 127 * loud)
    if (bar == 0 or random.random() < 0.06) and random.random() < 0.5:
        track.add(song.time(bar, 0.0) + song.human(), 0.5, 49, 100)
    return sorted(kick)


def _write(
    song: _Song, track: Track, bar: int, metre: int, events: parts.Events, lag: float, loose: bool
) -> None:
    random = song.random
    early = 0.5 if loose and random.random() < 0.1 else 0.0  # the melody comes before the bar
    for position, length, pitch, loud in events:
        if position >= metre:
            continue
        start = song.time(bar, position - early * (position == 0)) + lag + song.human()
        if loose:
            start += abs(song.human()) * 1.5
        end = song.time(bar, min(position + length, metre + 0.5))
        track.add(max(start, 0.0), end - start, pitch, 110 * loud * random.uniform(0.8, 1.05))


def _voices(tonic: int, root: int, shape: tuple[int, ...]) -> list[int]:
    """Three or four notes stacked in thirds on ``root`` semitones above the tonic."""
    degree = min(range(7), key=lambda k: abs(shape[k] - root))
    base = tonic + root
    third = (shape[(degree + 2) % 7] - shape[degree]) % 12
    fifth = (shape[(degree + 4) % 7] - shape[degree]) % 12
    return [base, base + (third or 4), base + (fifth or 7), base + 12]
