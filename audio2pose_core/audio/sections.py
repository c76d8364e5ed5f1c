"""Sections: where a song changes, what returns, and what the parts may be called.

Bars are compared with bars (``bar_likeness``), after Marmoret, Cohen, Bimbot, "Barwise
Music Structure Analysis with the Correlation Block-Matching Segmentation
Algorithm" (TISMIR 2023): the best cut of the song into sections makes the bars of
each alike and prefers lengths of 8 bars and of multiples of four. Sections that run
alike bar by bar share a label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from .bar_likeness import compare_bars
from .beat_descriptors import BeatDescriptors, describe_beats
from .beat_file import Beats
from .form import Section
from .spectrum import Spectrum

# Bars so far apart tell whether a section is one, with these weights.
ALL_LAGS = {lag: 1.0 for lag in range(1, 9)}  # who plays is the same throughout
PHRASE_LAGS = {4: 5.0, 8: 3.0}  # chords and tunes return after phrases of four and eight bars
ARRANGEMENT = 0.8  # weight of who plays, the rest is that of what returns
FEW = 5.0  # weight of pairs that speak for nothing: a phrase that returns once is no proof
LAST = 0.5  # of its weight that a section's last bar loses: fills and breaks belong to the end
LONGEST = 32  # bars in a section
SHORTEST = 2
SECTION, TWOS, ODD = 0.28, 0.21, 0.42
"""Prices in bars of full likeness: of any section, and more for a length of two bars more than
fours, and of an odd number."""
SAME = 0.6  # two sections share a label from this share of the likeness that they have inside
OTHERS = 0.45  # neighbours are two sections if they are alike by less of what they have inside
"""Chosen on composed songs, whole and cut, and by eye; see ``scripts/measure_form.py``
for what they reach."""


def find_sections(
    spec: Spectrum, beats: Beats, descriptors: BeatDescriptors | None = None
) -> tuple[Section, ...]:
    """The sections of a song, from 0 s to its end, on the bar lines of ``beats``."""
    if descriptors is None:
        descriptors = describe_beats(spec, beats.times)
    bars = compare_bars(spec, beats)
    cuts = find_cuts(bars.arrangement, bars.phrases)
    labels = _labels(bars.music, bars.arrangement, cuts)
    edges = bars.edges[cuts]
    energies = _energies(descriptors, beats.times, edges)
    edges[0], edges[-1] = 0.0, spec.seconds
    found = [
        Section(float(start), float(end), label, "", energy)
        for start, end, label, energy in zip(edges, edges[1:], labels, energies, strict=False)
    ]
    names = guess_names(found)
    return tuple(replace(s, name=name) for s, name in zip(found, names, strict=True))


# --- where it changes ---


@dataclass(frozen=True)
class _Within:
    """How alike the bars of any stretch are, by bars at certain distances; sums made beforehand."""

    lags: Mapping[int, float]
    few: float
    pairs: Mapping[int, np.ndarray]
    sums: Mapping[int, np.ndarray]

    @classmethod
    def of(cls, likeness: np.ndarray, lags: Mapping[int, float], few: float) -> _Within:
        """Likeness (B, B) counts from what any two bars of the song have in common."""
        centred = likeness - _baseline(likeness)
        pairs = {lag: np.diagonal(centred, lag) for lag in lags if lag < len(centred)}
        sums = {lag: np.concatenate([[0.0], np.cumsum(d)]) for lag, d in pairs.items()}
        return cls(lags, few, pairs, sums)

    def means(self, lengths: np.ndarray, end: int) -> np.ndarray:
        """Mean likeness inside the stretches of ``lengths`` (k,) bars that end before ``end``."""
        total, count = np.zeros(len(lengths)), np.zeros(len(lengths))
        for lag, sums in self.sums.items():
            weight = self.lags[lag]
            fits = lengths > lag
            if not fits.any():
                continue
            total[fits] += weight * (sums[end - lag] - sums[end - lengths[fits]])
            count[fits] += weight * (lengths[fits] - lag)
            fits = lengths > lag + 1  # the last bar has others to be judged by
            if fits.any():
                total[fits] -= LAST * weight * self.pairs[lag][end - 1 - lag]
                count[fits] -= LAST * weight
        return total / np.maximum(count + self.few, 1e-9)


def find_cuts(arrangement: np.ndarray, phrases: np.ndarray) -> np.ndarray:
    """Bar indices (k + 1,) of the best cut, from 0 to B, by two kinds of likeness (B, B).

    The score of a section is how alike its bars are, times its length; lengths that
    music avoids cost. The first and the last section may have any length: an excerpt
    begins and ends anywhere.
    """
    count = len(arrangement)
    if count < 2 * SHORTEST:
        return np.array([0, count])
    played = _Within.of(arrangement, ALL_LAGS, 0.0)
    returning = _Within.of(phrases, PHRASE_LAGS, FEW)
    best = np.full(count + 1, -np.inf)
    best[0] = 0.0
    back = np.zeros(count + 1, int)
    for end in range(SHORTEST, count + 1):
        lengths = np.arange(SHORTEST, min(LONGEST, end) + 1)
        start = end - lengths
        alike = ARRANGEMENT * played.means(lengths, end)
        alike += (1.0 - ARRANGEMENT) * returning.means(lengths, end)
        price = np.full(len(lengths), SECTION)
        if end < count:
            price += np.where(start > 0, _odd_price(lengths), 0.0)
        score = best[start] + lengths * alike - price
        k = int(score.argmax())
        best[end], back[end] = score[k], start[k]
    cuts = [count]
    while cuts[-1] > 0:
        cuts.append(int(back[cuts[-1]]))
    return np.array(cuts[::-1])


def _baseline(likeness: np.ndarray) -> float:
    """What bars have in common across the song: likeness counts from there."""
    return float(np.median(likeness))


def _odd_price(bars: np.ndarray) -> np.ndarray:
    """What lengths (k,) that music avoids cost more."""
    return np.where(bars % 4 == 0, 0.0, np.where(bars % 2 == 0, TWOS, ODD))


# --- what returns ---


def _labels(likeness: np.ndarray, arrangement: np.ndarray, cuts: np.ndarray) -> list[str]:
    """A letter for each section (k,): the one of the earlier section that it runs like, or new.

    Neighbours that are played by others are different sections, whatever their chords.
    """
    spans = [(int(a), int(b)) for a, b in pairwise(cuts)]
    groups: list[list[tuple[int, int]]] = []
    letters = []
    base = _baseline(likeness)
    inside = {span: _inner_run(likeness, span) - base for span in spans}

    def follows_apart(one: tuple[int, int], other: tuple[int, int]) -> bool:
        if one[1] != other[0]:
            return False
        within = 0.5 * (_all_pairs(arrangement, one) + _all_pairs(arrangement, other))
        return float(arrangement[slice(*one), slice(*other)].mean()) < OTHERS * within

    def share(one: tuple[int, int], other: tuple[int, int]) -> float:
        whole = max(0.5 * (inside[one] + inside[other]), 0.1)
        return (_same_run(likeness, one, other) - base) / whole

    for span in spans:
        scores = [
            0.0 if follows_apart(group[-1], span) else max(share(span, other) for other in group)
            for group in groups
        ]
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


def _all_pairs(likeness: np.ndarray, span: tuple[int, int]) -> float:
    """Mean likeness of the bars of a section to each other; 1 for a single bar."""
    count = span[1] - span[0]
    block = likeness[slice(*span), slice(*span)]
    return float((block.sum() - np.trace(block)) / (count * (count - 1))) if count > 1 else 1.0


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
