"""Sections: where a song changes, what returns, and what the parts may be called.

Bars are compared with bars (Marmoret, Cohen, Bimbot, "Barwise Music Structure
Analysis with the Correlation Block-Matching Segmentation Algorithm", TISMIR
2023): the best cut of the song into sections makes the bars of each alike and
prefers lengths of 8 bars and of multiples of four. Sections that run alike bar
by bar share a label.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from .beat_descriptors import BeatDescriptors, SpanMeans, describe_beats
from .beat_file import Beats
from .features import ONSET_LAG
from .form import Section
from .spectrum import Spectrum

STEPS = 16  # a bar is heard in so many steps
# Bars so far apart tell whether a section is one, with these weights: phrases of two, four and
# eight bars return.
LAGS = {1: 1.0, 2: 1.0, 3: 1.0, 4: 5.0, 5: 1.0, 6: 1.0, 7: 1.0, 8: 3.0}
NEAR = 0.25
LEAST_WIDTH = 0.15  # of the song's median distance
LONGEST = 32  # bars in a section
SHORTEST = 2
MOST_UNITS = 1500  # longer songs are compared by twos, fours ... of bars
REGULARITY = 0.35  # price of an odd length, in bars of full likeness
SAME = 0.55  # two sections share a label from this share of the likeness that they have inside
"""Chosen on composed songs and by eye; see tests/core/test_sections.py for what they reach."""


@dataclass(frozen=True)
class _Bars:
    """Bars, or groups of bars in a song of hours: edges (B + 1,) s, and likeness (B, B) 0..1."""

    edges: np.ndarray
    texture: np.ndarray
    music: np.ndarray


def find_sections(
    spec: Spectrum, beats: Beats, descriptors: BeatDescriptors | None = None
) -> tuple[Section, ...]:
    """The sections of a song, from 0 s to its end, on the bar lines of ``beats``."""
    if descriptors is None:
        descriptors = describe_beats(spec, beats.times)
    bars = _compare(spec, beats)
    cuts = _segment(bars.texture)
    labels = _labels(bars.music, cuts)
    edges = bars.edges[cuts]
    energies = _energies(descriptors, beats.times, edges)
    edges[0], edges[-1] = 0.0, spec.seconds
    found = [
        Section(float(start), float(end), label, "", energy)
        for start, end, label, energy in zip(edges, edges[1:], labels, energies, strict=False)
    ]
    names = guess_names(found)
    return tuple(replace(s, name=name) for s, name in zip(found, names, strict=True))


# --- bars and how alike they are ---


def bar_edges(beats: Beats, seconds: float) -> np.ndarray:
    """Bar lines (B + 1,) in seconds; the first and last bar take what lies outside of them."""
    lines = beats.times[beats.downbeats]
    if len(lines) < 2:
        return np.array([0.0, seconds])
    typical = float(np.median(np.diff(lines)))
    # A stump of a bar at either end is no bar of its own.
    inner = lines[(lines > 0.5 * typical) & (lines < seconds - 0.5 * typical)]
    return np.concatenate([[0.0], inner, [seconds]])


def _compare(spec: Spectrum, beats: Beats) -> _Bars:
    edges = bar_edges(beats, spec.seconds)
    group = int(np.ceil((len(edges) - 1) / MOST_UNITS))
    if group > 1:
        edges = np.append(edges[:-1:group], edges[-1])
    count = len(edges) - 1
    # The outer bars may be longer than their beats: they are heard as far as a usual bar goes.
    lengths = np.minimum(np.diff(edges), 1.5 * float(np.median(np.diff(edges))))
    starts = edges[:-1].copy()
    starts[0] = edges[1] - lengths[0]
    steps = starts[:, None] + lengths[:, None] * np.arange(STEPS) / STEPS
    grid = np.append(steps.ravel(), starts[-1] + lengths[-1])
    frames = len(spec.loudness_db)
    mean = SpanMeans(grid, spec.rate, frames)
    late = SpanMeans(grid + ONSET_LAG, spec.rate, frames)

    mel = np.maximum(spec.mel_db, float(spec.mel_db.max()) - 60.0)
    bands = mel.reshape(frames, 16, -1).mean(axis=2)
    # Colour: the level of 16 bands over each quarter of the bar, some 10 dB to a unit.
    colour = mean(bands).reshape(count, 4, STEPS // 4, 16).mean(axis=2).reshape(count, -1) / 10.0
    # Pattern: where in the bar low, middle and high bands rise.
    rise = np.maximum(np.diff(bands, axis=0, prepend=bands[:1]), 0.0)
    three = np.stack([rise[:, :2].mean(1), rise[:, 2:9].mean(1), rise[:, 9:].mean(1)], axis=1)
    pattern = late(three / np.maximum(three.mean(axis=0), 1e-9)).reshape(count, -1)
    # Harmony: the pitch classes of each quarter of the bar.
    chroma = mean(spec.chroma).reshape(count, 4, STEPS // 4, 12).mean(axis=2)
    chroma = np.sqrt(chroma / np.maximum(chroma.sum(axis=2, keepdims=True), 1e-12))

    like_colour = _likeness(colour)
    like_pattern = _likeness(pattern)
    like_harmony = _likeness(chroma.reshape(count, -1))
    return _Bars(
        edges,
        0.5 * like_colour + 0.25 * like_pattern + 0.25 * like_harmony,
        0.3 * like_colour + 0.2 * like_pattern + 0.5 * like_harmony,
    )


def _likeness(rows: np.ndarray) -> np.ndarray:
    """Likeness (B, B), 1 for the same and about 1/e for two bars that have nothing in common.

    A Gaussian of the distance, whose width is the song's own: what parts a bar
    from the nearest quarter of the others (L. Zelnik-Manor, P. Perona,
    "Self-tuning spectral clustering", NIPS 2004), so that a quiet part among
    loud ones has its sections as well.
    """
    square = (rows**2).sum(axis=1)
    distance = np.maximum(square[:, None] + square[None, :] - 2 * rows @ rows.T, 0.0)
    typical = float(np.median(distance))
    if typical < 1e-9:
        return np.ones_like(distance)
    near = np.maximum(np.quantile(distance, NEAR, axis=1), LEAST_WIDTH * typical)
    return np.exp(-distance / np.sqrt(near[:, None] * near[None, :]))


# --- where it changes ---


def _segment(likeness: np.ndarray) -> np.ndarray:
    """Bar indices (k + 1,) of the best cut, from 0 to B.

    The score of a section is the mean likeness of its bars to each other, at
    the distances of LAGS, times its length; lengths that music avoids cost.
    """
    count = len(likeness)
    if count < 2 * SHORTEST:
        return np.array([0, count])
    centred = likeness - _baseline(likeness)
    sums = {
        lag: np.concatenate([[0.0], np.cumsum(np.diagonal(centred, lag))])
        for lag in LAGS
        if lag < count
    }
    lengths = np.arange(SHORTEST, min(LONGEST, count) + 1)
    price = np.array([_price(int(n)) for n in lengths])
    best = np.full(count + 1, -np.inf)
    best[0] = 0.0
    back = np.zeros(count + 1, int)
    for end in range(SHORTEST, count + 1):
        n = lengths[lengths <= end]
        start = end - n
        inside = np.zeros(len(n))
        pairs = np.zeros(len(n))
        for lag, cumulated in sums.items():
            fits = n > lag
            if not fits.any():
                continue
            inside[fits] += LAGS[lag] * (cumulated[end - lag] - cumulated[start[fits]])
            pairs[fits] += LAGS[lag] * (n[fits] - lag)
        score = best[start] + n * inside / np.maximum(pairs, 1) - price[: len(n)]
        k = int(score.argmax())
        best[end], back[end] = score[k], start[k]
    cuts = [count]
    while cuts[-1] > 0:
        cuts.append(int(back[cuts[-1]]))
    return np.array(cuts[::-1])


def _baseline(likeness: np.ndarray) -> float:
    """What bars have in common across the song: likeness counts from there."""
    return float(np.median(likeness))


def _price(bars: int) -> float:
    """What a section of so many bars costs: every section something, odd lengths most."""
    if bars % 8 == 0:
        odd = 0.0
    elif bars % 4 == 0:
        odd = 0.5
    else:
        odd = 1.0 if bars % 2 == 0 else 2.0
    return REGULARITY * (1.0 + odd)


# --- what returns ---


def _labels(likeness: np.ndarray, cuts: np.ndarray) -> list[str]:
    """A letter for each section (k,): the one of the earlier section that it runs like, or new."""
    spans = [(int(a), int(b)) for a, b in pairwise(cuts)]
    groups: list[list[tuple[int, int]]] = []
    letters = []
    base = _baseline(likeness)
    inside = {span: _inner_run(likeness, span) - base for span in spans}

    def share(one: tuple[int, int], other: tuple[int, int]) -> float:
        whole = max(0.5 * (inside[one] + inside[other]), 0.1)
        return (_same_run(likeness, one, other) - base) / whole

    for span in spans:
        scores = [max(share(span, other) for other in group) for group in groups]
        if scores and max(scores) >= SAME:
            k = int(np.argmax(scores))
            groups[k].append(span)
        else:
            k = len(groups)
            groups.append([span])
        letters.append(_letter(k))
    return letters


def _same_run(likeness: np.ndarray, one: tuple[int, int], other: tuple[int, int]) -> float:
    """Mean likeness of two sections bar by bar, the shorter laid along the longer where it fits."""
    block = likeness[one[0] : one[1], other[0] : other[1]]
    if block.shape[0] > block.shape[1]:
        block = block.T
    shorter, longer = block.shape
    return max(
        float(np.diagonal(block[:, shift : shift + shorter]).mean())
        for shift in range(longer - shorter + 1)
    )


def _inner_run(likeness: np.ndarray, span: tuple[int, int]) -> float:
    """Mean likeness of a section to itself, one phrase on; 1 where it is too short for that."""
    block = likeness[span[0] : span[1], span[0] : span[1]]
    runs = [float(np.diagonal(block, lag).mean()) for lag in (1, 2, 4, 8) if 2 * lag <= len(block)]
    return max(runs, default=1.0)


def _letter(k: int) -> str:
    """A..Z, then AA, AB ..."""
    letters = ""
    k += 1
    while k:
        k, rest = divmod(k - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


# --- what they are called ---


def _energies(descriptors: BeatDescriptors, times: np.ndarray, edges: np.ndarray) -> list[float]:
    """Energy 0..1 of the sections between ``edges`` (k + 1,)."""
    out = []
    d = descriptors
    loud = np.clip(1.0 + 2.0 * (d.loudness - np.percentile(d.loudness, 90)), 0.0, 1.0)
    busy = np.clip(d.onset_density / max(np.percentile(d.onset_density, 90), 1e-9), 0.0, 1.0)
    low = np.clip(d.low_weight / max(np.percentile(d.low_weight, 75), 1e-9), 0.0, 1.0)
    energy = 0.5 * loud + 0.3 * busy + 0.2 * low
    for start, end in pairwise(edges):
        inside = (times >= start - 0.05) & (times < end - 0.05)
        out.append(float(energy[inside].mean()) if inside.any() else 0.0)
    fullest = max(out)
    return [round(e / fullest, 4) if fullest > 1e-9 else 0.0 for e in out]


def guess_names(sections: list[Section]) -> list[str]:
    """Names by loudness and repetition; "" where neither tells.

    The chorus is the fullest part that returns, the verse another one that
    comes before it; a bridge is heard once, between choruses. First and last
    are intro and outro where they are quieter than the song or short.
    """
    names = ["" for _ in sections]
    if len(sections) < 3:
        return names
    energy = np.array([s.energy for s in sections])
    length = np.array([s.end - s.start for s in sections])
    typical = float(np.average(energy, weights=length))
    short = 0.75 * float(np.median(length))
    labels = [s.label for s in sections]
    once = [labels.count(label) == 1 for label in labels]
    for k, name in ((0, "intro"), (len(sections) - 1, "outro")):
        if energy[k] < typical - 0.1 or (once[k] and length[k] <= short):
            names[k] = name
    inner = [k for k in range(len(sections)) if not names[k]]
    counts = Counter(labels[k] for k in inner)
    returning = sorted(label for label, count in counts.items() if count > 1)
    mean = {
        label: float(np.mean([energy[k] for k in inner if labels[k] == label]))
        for label in {labels[k] for k in inner}
    }
    if not returning:
        return names
    chorus = max(returning, key=lambda label: mean[label])
    others = [m for label, m in mean.items() if label != chorus]
    if not others or mean[chorus] < float(np.mean(others)) + 0.03:
        return names
    first = labels.index(chorus)
    last = len(labels) - 1 - labels[::-1].index(chorus)
    before = [k for k in inner if k < last and labels[k] != chorus and (k < first or not once[k])]
    verse = labels[max(before, key=lambda k: (not once[k], -k))] if before else None
    for k in inner:
        if labels[k] == chorus:
            names[k] = "chorus"
        elif labels[k] == verse:
            names[k] = "verse"
        elif first < k < last and once[k] and labels[k + 1] == chorus:
            names[k] = "bridge"
    return names
