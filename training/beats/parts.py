"""What bass, chords and lead play in a bar: (position in beats, length in beats, pitch, loudness).

``metre`` beats a bar, ``grid`` steps a beat (4 sixteenths or 3 triplets). Loudness is
about 0..1.
"""

from __future__ import annotations

import numpy as np

Events = list[tuple[float, float, int, float]]
Random = np.random.Generator


def bass(kind: str, metre: int, grid: int, root: int, kick: list[float], random: Random) -> Events:
    """One bar of bass on ``root``; ``kick`` are the bass drum's positions in the bar."""
    fifth = root + 7 if random.random() < 0.5 else root - 5
    half = 0.5 if grid == 4 else 2 / 3
    if kind in ("root", "sub"):
        out = [(0.0, float(metre), root, 1.0)]
        if random.random() < 0.3 and metre > 2:
            out = [(0.0, 2.0, root, 1.0), (2.0, metre - 2.0, root, 0.8)]
        return out
    if kind == "beats":
        return [(float(b), 0.9, root, 1.0 if b == 0 else 0.8) for b in range(metre)]
    if kind == "eighths":
        return [
            (b + o, 0.45, root, 0.9 if o == 0 else 0.75) for b in range(metre) for o in (0, half)
        ]
    if kind == "octaves":
        return [(b + o, 0.4, root + (12 if o else 0), 0.9) for b in range(metre) for o in (0, half)]
    if kind == "offbeat":
        return [(b + half, 0.45, root, 0.9) for b in range(metre)]
    if kind == "sixteenths":
        return [
            (
                b + s / grid,
                0.9 / grid,
                root + (12 if random.random() < 0.15 else 0),
                0.9 - 0.2 * (s > 0),
            )
            for b in range(metre)
            for s in range(grid)
            if not (s == 0 and random.random() < 0.15)
        ]
    if kind == "kick" and kick:
        ends = [*kick[1:], float(metre)]
        return [(a, min(e - a, 1.5) * 0.9, root, 0.95) for a, e in zip(kick, ends, strict=True)]
    if kind == "fifths":
        return [(float(b), 0.8, fifth if b % 2 else root, 0.9) for b in range(metre)]
    if kind == "oom":
        step = metre if metre % 2 else 2
        return [(float(b), 0.9, root if b == 0 else fifth, 1.0) for b in range(0, metre, step)]
    if kind == "walking":
        steps = [0, 2, 4, 5, 7, 9, 11, 12]
        line = [root, *(root + int(random.choice(steps)) for _ in range(metre - 1))]
        return [(float(b), 0.9, line[b], 0.9) for b in range(metre)]
    if kind == "shuffle":
        line = [0, 7, 9, 7, 0, 4, 7, 9]
        return [
            (b + o, 0.5, root + line[(2 * b + (o > 0)) % 8], 0.9 if o == 0 else 0.7)
            for b in range(metre)
            for o in (0, 2 / 3)
        ]
    if kind == "gallop":
        return [(b + o, 0.2, root, 0.9) for b in range(metre) for o in (0, 0.5, 0.75)]
    if kind == "tumbao":
        return (
            [(1.5, 1.0, fifth, 0.9), (3.0, 1.4, root, 0.95)] if metre == 4 else [(0, 1, root, 0.9)]
        )
    if kind == "dotted":
        return [(x, 0.7, root if k % 3 < 2 else fifth, 0.95) for k, x in enumerate(_dotted(metre))]
    # syncopated, and kick where no kick plays
    places = [0.0, *_places(metre, grid, 0.35, random)[1:]]
    return [(x, 0.4, root + int(random.choice([0, 0, 0, 12, 7, 10])), 0.85) for x in places]


def chords(kind: str, metre: int, grid: int, voices: list[int], random: Random) -> Events:
    """One bar of harmony with the pitches ``voices``."""
    half = 0.5 if grid == 4 else 2 / 3

    def block(position: float, length: float, loud: float) -> Events:
        return [(position, length, v, loud) for v in voices]

    def many(places: list[float], length: float, loud: float) -> Events:
        return [e for x in places for e in block(x, length, loud)]

    if kind == "blocks":
        step = 2 if metre % 2 == 0 and random.random() < 0.5 else 1
        return many([float(b) for b in range(0, metre, step)], 0.9 * step, 0.7)
    if kind == "strum":
        base = [float(b) for b in range(metre)]
        off = [b + half for b in range(metre) if random.random() < 0.7]
        return [
            (x + 0.01 * k * random.random(), 0.5, v, 0.75 if x == int(x) else 0.6)
            for x in sorted(base + off)
            for k, v in enumerate(voices)
        ]
    if kind == "power":
        power = [voices[0], voices[0] + 7]
        places = [b + o for b in range(metre) for o in (0, half)]
        if random.random() < 0.3:
            return [(0.0, float(metre), v, 0.9) for v in power]
        return [(x, 0.45, v, 0.9 if x == 0 else 0.75) for x in places for v in power]
    if kind == "gallop":
        return [(b + o, 0.2, v, 0.8) for b in range(metre) for o in (0, 0.5, 0.75)
                for v in (voices[0], voices[0] + 7)]  # fmt: skip
    if kind == "skank":
        return many([b + half for b in range(metre)], 0.25, 0.8)
    if kind == "oompah":
        return many([float(b) for b in range(metre) if b], 0.6, 0.65)
    if kind == "stabs":
        return many(_places(metre, grid, 0.2, random) or [0.0], 0.3, 0.85)
    if kind == "comp":
        return many(_places(metre, grid, 0.25, random) or [0.0], 0.5, 0.65)
    if kind == "charleston":
        return many([0.0, 1 + half], 0.5, 0.7)
    if kind == "syncopated":
        return many([0.0, *_dotted(metre)[1:]], 0.6, 0.7)
    if kind == "montuno":
        places = [0.0, 1.0, 1.5, 2.5, 3.5, 0.5][: 6 if metre == 4 else 2]
        return many([x for x in places if x < metre], 0.4, 0.75)
    if kind == "shuffle":
        return many([b + o for b in range(metre) for o in (0, 2 / 3)], 0.4, 0.65)
    if kind == "eighth chords":
        return many([b + o for b in range(metre) for o in (0, half)], 0.4, 0.65)
    if kind in ("arpeggio", "sixteenths", "picking", "alberti"):
        return _broken(kind, metre, grid, voices, random)
    return block(0.0, float(metre), 0.6)  # pad


def _broken(kind: str, metre: int, grid: int, voices: list[int], random: Random) -> Events:
    """Chords note after note."""
    rate = grid if grid == 3 or kind == "sixteenths" or random.random() < 0.3 else 2
    up = [*voices, voices[0] + 12]
    order = {
        "alberti": [0, 2, 1, 2],
        "picking": [0, 2, 1, 3, 0, 2, 1, 2],
    }.get(kind, [0, 1, 2, 3, 2, 1] if rate == 3 else [0, 1, 2, 3])
    count = metre * rate
    return [
        (k / rate, 1.2 / rate, up[order[k % len(order)] % len(up)], 0.8 if k % rate == 0 else 0.62)
        for k in range(count)
    ]


def motif(metre: int, grid: int, busy: float, random: Random) -> list[tuple[float, float]]:
    """The rhythm of a melody over one bar: (position, length in beats)."""
    places: list[float] = []
    for beat in range(metre):
        if random.random() < 0.45 + 0.4 * busy:
            places.append(float(beat))
        if random.random() < 0.2 + 0.5 * busy:
            places.append(beat + (0.5 if grid == 4 else 2 / 3))
        if grid == 4 and random.random() < 0.25 * busy:
            places.append(beat + 0.75)
    ends = [*places[1:], metre + 0.5][: len(places)]
    return [(a, min(e - a, 2.5)) for a, e in zip(places, ends, strict=True)]


def melody(
    rhythm: list[tuple[float, float]],
    scale: list[int],
    voices: list[int],
    walk: int,
    random: Random,
) -> tuple[Events, int]:
    """Pitches on a rhythm: chord notes on beats, steps between; also where the line ends."""
    out: Events = []
    for position, length in rhythm:
        walk = int(np.clip(walk + random.integers(-2, 3), 0, len(scale) - 1))
        pitch = scale[walk]
        if position == int(position) and random.random() < 0.6:
            near = [v + 12 * o for v in voices for o in (0, 1, 2)]
            pitch = min(near, key=lambda v: abs(v - scale[walk]))
        out.append((position, 0.9 * length, pitch, 0.75 + 0.15 * (position == 0)))
    return out, walk


def fill(metre: int, grid: int, random: Random) -> list[tuple[float, str, float]]:
    """A drum fill over the last one or two beats: (position, drum, loudness)."""
    length = int(min(metre, random.integers(1, 3)))
    rate = grid if random.random() < 0.7 else max(2, grid // 2)
    out: list[tuple[float, str, float]] = []
    for k in range(length * rate):
        if random.random() < 0.85:
            drum = (
                "S"
                if k < length * rate * random.uniform(0.2, 0.9)
                else str(random.choice(["T", "F"]))
            )
            out.append((metre - length + k / rate, drum, 0.6 + 0.3 * random.random()))
    return out


def _dotted(metre: int) -> list[float]:
    """3 + 3 + 2 eighths, as far as the bar goes."""
    return [x for x in (0.0, 1.5, 3.0, 4.0, 5.5, 7.0) if x < metre]


def _places(metre: int, grid: int, chance: float, random: Random) -> list[float]:
    """Random places in a bar; off-beats and beats alike."""
    steps = np.arange(metre * grid)
    weight = np.where(steps % grid == 0, 1.0, 1.2 if grid == 3 else np.where(steps % 2, 0.5, 1.4))
    chosen = random.random(len(steps)) < chance * weight
    return [float(s) / grid for s in steps[chosen]]
