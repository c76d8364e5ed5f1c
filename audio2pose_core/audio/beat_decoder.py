"""From a network's activations to beats and bars.

The likeliest path of beats (``beat_path``) is held against its half, its double
and its off-beat, together with the bars that each of them allows (``bar_path``);
where the song is steady, the beats go on an even grid (``beat_grid``). After
S. Böck, F. Krebs, G. Widmer, "Joint Beat and Downbeat Tracking with Recurrent
Neural Networks" (ISMIR 2016), whose bar pointer walks frame by frame; here a
semi-Markov model walks from beat to beat, which is quicker.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .bar_path import bar_path, regrouped
from .beat_evidence import (
    BAR_CEILING,
    HEARD_FROM,
    Evidence,
    audible,
    evidence,
    nearest_most,
    refined,
)
from .beat_grid import even_out
from .beat_path import MAX_BPM, MIN_BPM, best_path, tempo_price
from .onset_beats import extend
from .song_grid import on_song_grid

RATE = 50.0  # frames a second of the activations
MIN_FRAMES = 10  # activations of a fifth of a second tell nothing
ACCENT_GAIN = 1.6  # nats for a deviation of the accents
BAR_GAIN = 0.25  # weight of a bar line's evidence beside a beat's when readings are compared
RIVAL = 0.5  # of the best reading's score, from which its off-beat is in doubt
ONSET_GAIN = 1.0  # nats a beat for e times as strong onsets on the beat as between
MOST_LOUDER = 0.5  # natural log, as far as that counts
OTHER_TEMPO = 0.1  # natural log from which two tempi are different ones

SURE = {"clear": 2.52, "contrast": 0.95, "steady": 2.41, "bars": 4.22, "": -6.81}
"""Logistic regression of "F over .9" on what ``_signs`` says ("": always 1), from
scripts/calibrate_beats.py; see docs/BEATS.md, "Confidence"."""


@dataclass(frozen=True)
class Decoded:
    """The beats of a whole song.

    Attributes
    ----------
    times : (n,) float64
        Seconds, rising, from the song's start to its end.
    downbeats : (n,) bool
    tempo_bpm : float
    alternatives : tuple of float
        Other tempi (bpm), the likelier first.
    confidence : float
        0..1: how probable it is that nearly all beats are right.
    steady : float
        Share of the heard beats that lie on even grids.
    signs : dict
        What the confidence follows from, see ``SURE``.
    """

    times: np.ndarray
    downbeats: np.ndarray
    tempo_bpm: float
    alternatives: tuple[float, ...]
    confidence: float
    steady: float
    signs: dict[str, float]


@dataclass(frozen=True)
class Sound:
    """What a song's spectrum tells of beats (n,) in seconds, where the network leaves doubt.

    Attributes
    ----------
    accents : callable
        How much each beat sounds like the first of a bar, (n,), mean 0, deviation
        about 1, as ``downbeats.bar_salience``.
    onset : callable
        Onset strength at each, (n,), at least 0, as ``downbeats.onset_level``.
    """

    accents: Callable[[np.ndarray], np.ndarray]
    onset: Callable[[np.ndarray], np.ndarray]


def decode(
    activations: np.ndarray,
    seconds: float,
    sound: Sound | None = None,
    rate: float = RATE,
) -> Decoded | None:
    """The beats of a song.

    Parameters
    ----------
    activations : (T, 2) float
        Probabilities of a beat and of a downbeat; frame k is at k / ``rate`` s.
    seconds : float
        Length of the song, which the beats cover.
    sound : Sound, optional
        What else is known of the song, for bars and for doubtful off-beats.

    Returns None where no beat is heard at all.
    """
    if len(activations) < MIN_FRAMES:
        return None
    heard = evidence(activations, rate)
    if float(heard.heard.max()) < 0.5:
        return None
    path, _, _ = best_path(heard.beats, rate)
    if len(path) < 2:
        return None
    clear = heard.near[path]
    found = refined(heard.beat, path) / rate
    sounding = audible(heard.heard[path] > 0.5, clear > HEARD_FROM)
    even, lines = even_out(found, clear, sounding, heard.beat, rate)
    even = extend(on_song_grid(even, lines, heard.beats, rate), seconds)
    if len(even) < 2:
        return None
    readings = [_read(times, heard) for times in _variants(even)]
    usable = [r for r in readings if MIN_BPM <= r.tempo <= MAX_BPM] or readings[:1]
    usable.sort(key=lambda r: -r.score)
    if sound is not None:
        usable = _louder_first(usable, sound)
    times, tempo = extend(usable[0].times, seconds), usable[0].tempo
    firsts = heard.firsts[_frames(times, heard)]
    accents = None if sound is None else sound.accents(times)
    if accents is not None:
        firsts = firsts + ACCENT_GAIN * accents
    downbeats, _ = bar_path(firsts)
    if accents is not None:
        downbeats = regrouped(downbeats, firsts, accents)
    steady = sum(line.stop - line.start for line in lines) / max(int(sounding.sum()), 1)
    signs = _signs(times, downbeats, steady, heard)
    total = SURE[""] + sum(SURE[name] * value for name, value in signs.items())
    return Decoded(
        times,
        downbeats,
        tempo,
        _alternatives(tempo, usable[1:]),
        float(1.0 / (1.0 + np.exp(-total))),
        steady,
        signs,
    )


@dataclass(frozen=True)
class _Reading:
    """One way to hear the song: beats (n,) in seconds, and their tempo in bpm."""

    times: np.ndarray
    tempo: float
    score: float


def _variants(times: np.ndarray) -> list[np.ndarray]:
    """Beats, their halves, their double and their off-beats."""
    middle = 0.5 * (times[1:] + times[:-1])
    double = np.sort(np.concatenate([times, middle]))
    return [t for t in (times, times[::2], times[1::2], double, middle) if len(t) >= 2]


def _read(times: np.ndarray, heard: Evidence) -> _Reading:
    """Beats with the evidence for them and their bars, less what their tempo costs."""
    tempo = 60.0 / _interval(times)
    frames = _frames(times, heard)
    downbeats, _ = bar_path(heard.firsts[frames])
    score = (
        float(nearest_most(heard.beats, 1)[frames].sum())
        + BAR_GAIN * float(heard.starts[frames[downbeats]].sum())
        - len(frames) * tempo_price(tempo)
    )
    return _Reading(times, tempo, score)


def _louder_first(readings: list[_Reading], sound: Sound) -> list[_Reading]:
    """Readings, best first, with the best's off-beat before it if that fits too and is louder.

    Where the network hears a beat on the beat and between, the one with the
    stronger onsets is the beat.
    """

    def louder(reading: _Reading) -> float:
        on = float(sound.onset(reading.times).mean())
        off = float(sound.onset(0.5 * (reading.times[1:] + reading.times[:-1])).mean())
        ratio = np.log(max(on, 1e-9) / max(off, 1e-9))
        return ONSET_GAIN * len(reading.times) * float(np.clip(ratio, -MOST_LOUDER, MOST_LOUDER))

    best = readings[0]
    rivals = [
        r
        for r in readings[1:]
        if abs(np.log(r.tempo / best.tempo)) < OTHER_TEMPO and r.score > RIVAL * best.score
    ]
    if not rivals:
        return readings
    first = max([best, *rivals], key=lambda r: r.score + louder(r))
    return [first, *(r for r in readings if r is not first)]


def _alternatives(tempo: float, others: list[_Reading]) -> tuple[float, ...]:
    """Tempi of other readings in bpm, each once."""
    found = [tempo]
    for other in others:
        if min(abs(np.log(other.tempo / known)) for known in found) > OTHER_TEMPO:
            found.append(other.tempo)
    return tuple(found[1:])


def _signs(
    times: np.ndarray, downbeats: np.ndarray, steady: float, heard: Evidence
) -> dict[str, float]:
    """What tells right beats from wrong ones, each about 0..1.

    ``clear`` is how sure the network is of the beats, ``contrast`` how far that is
    above its best guess between them, ``steady`` the share of beats on grids,
    ``bars`` how far the first beats of the bars stand out from the others.
    """
    frames = _frames(times, heard)
    on = float(heard.near[frames].mean())
    gaps = np.diff(times)
    between = [
        float(heard.near[_frames(times[:-1] + share * gaps, heard)].mean())
        for share in (0.25, 1 / 3, 0.5, 2 / 3, 0.75)
    ]
    firsts = heard.firsts[frames]
    bars = 0.0
    if downbeats.any() and not downbeats.all():
        bars = float(firsts[downbeats].mean() - firsts[~downbeats].mean()) / BAR_CEILING
    return {
        "clear": on,
        "contrast": float(np.clip(1.0 - max(between) / max(on, 1e-6), 0.0, 1.0)),
        "steady": steady,
        "bars": float(np.clip(bars, 0.0, 1.0)),
    }


def _frames(times: np.ndarray, heard: Evidence) -> np.ndarray:
    return np.clip(np.round(times * heard.rate).astype(int), 0, len(heard.beat) - 1)


def _interval(times: np.ndarray) -> float:
    """The usual interval of times or frames, over a few beats so that rounding cancels."""
    span = min(4, len(times) - 1)
    return float(np.median(times[span:] - times[:-span])) / span
