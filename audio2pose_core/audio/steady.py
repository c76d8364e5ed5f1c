"""Stretches of steady tempo, found as one grid each.

Most dance music is made to a click. Beat by beat a tracker may slip to the
off-beat where a guitar or a snare is louder there, and back again; a grid fitted
to a whole stretch cannot, so the clear parts of a song decide for the rest.
"""

from __future__ import annotations

import numpy as np

SPLIT = 0.04  # a tempo change of 4 % starts a new stretch
SHORTEST_S = 8.0  # stretches below are left to the beat-by-beat tracker
SEARCH = 0.03  # the period is looked for within 3 % of the tempogram's
HARMONICS = 8  # of the beat frequency that make up the folded onset profile
TRUST = 0.6  # of the free tracker's onset level that a grid has to reach around a beat
TRUST_S = 10.0  # averaged over so much to either side
WIDTH_S = 0.05  # standard deviation of the allowance around a trusted grid


def stretches(period: np.ndarray) -> list[tuple[int, int]]:
    """Spans (start, stop) in which the period (F,) stays within SPLIT of its median.

    Together they cover every frame.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for jump in np.flatnonzero(np.abs(np.diff(np.log(period))) > 1e-4):
        current = float(np.median(period[start : jump + 1]))
        if abs(np.log(period[jump + 1] / current)) > SPLIT:
            spans.append((start, int(jump) + 1))
            start = int(jump) + 1
    spans.append((start, len(period)))
    return spans


def fit_grid(onset: np.ndarray, guess: float, search: float = SEARCH) -> tuple[float, float]:
    """Period and phase (frames) of the even grid that collects most onset.

    The onset curve folded at a period is a Fourier series whose coefficients
    are the curve's own spectrum at the multiples of the beat frequency; its
    highest point is the phase. All periods within ``search`` of ``guess`` come
    from one FFT.
    """
    n = len(onset)
    size = 1 << (8 * n - 1).bit_length()
    spectra = np.fft.rfft(onset - onset.mean(), size)
    # Frequencies so close that the grid's ends move by less than 1/16 beat from one to the next.
    low, high = size / (guess * (1 + search)), size / (guess * (1 - search))
    frequency = np.arange(low, high, size / (16 * n)) / size
    order = np.arange(1, HARMONICS + 1)
    bins = np.round(frequency[:, None] * order * size).astype(int)
    inside = bins < len(spectra)
    series = np.where(inside, spectra[np.minimum(bins, len(spectra) - 1)], 0.0)
    # The bins sit a little off the harmonics; the middle of the stretch is where that cancels.
    series = series * np.exp(2j * np.pi * bins / size * (n / 2))
    phases = np.arange(64) / 64
    turns = np.exp(2j * np.pi * order[:, None] * phases[None, :])
    profile = (series @ turns).real  # at n / 2 + phase * period
    best, place = np.unravel_index(int(profile.argmax()), profile.shape)
    period = 1.0 / float(frequency[best])
    return period, float((n / 2 + phases[place] * period) % period)


def trusted_grids(
    onset: np.ndarray, period: np.ndarray, free: np.ndarray, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """What steady stretches say about where beats are.

    Parameters
    ----------
    onset : (F,) float
        Levelled onset curve.
    period : (F,) float
        Frames per beat, from the tempogram.
    free : (n,) int
        Frames of the beats that the tracker found without a grid.

    Returns
    -------
    allowance : (F,) float
        Factor for the onset curve: near 1 on the grid and small off it; 1 all
        over where no grid is trusted.
    period : (F,) float
        The grid's period where one is trusted, else as given.
    """
    near = np.maximum(onset, np.maximum(np.roll(onset, 1), np.roll(onset, -1)))
    period = _one_grid_where_it_holds(onset, near, period, free, rate)
    allowance, refined = np.ones(len(onset)), period.copy()
    free_level = _local_mean(free, near[free], len(onset), rate)
    for start, stop in stretches(period):
        if stop - start < SHORTEST_S * rate:
            continue
        beat, phase = fit_grid(onset[start:stop], float(np.median(period[start:stop])))
        frames = _grid_frames(start + phase, beat, start, stop)
        level = _local_mean(frames, near[frames], len(onset), rate)
        trusted = np.zeros(len(onset), bool)
        trusted[start:stop] = (level >= TRUST * free_level)[start:stop]
        t = np.arange(len(onset))
        off = np.abs((t - start - phase + beat / 2) % beat - beat / 2) / (WIDTH_S * rate)
        allowance[trusted] = np.exp(-0.5 * off[trusted] ** 2)
        refined[trusted] = beat
    return allowance, refined


def _one_grid_where_it_holds(
    onset: np.ndarray, near: np.ndarray, period: np.ndarray, free: np.ndarray, rate: float
) -> np.ndarray:
    """The period (F,) with the longest stretch's carried into stretches where its grid holds too.

    A tempogram may call a passage two thirds or twice as fast; if the grid of
    the rest of the song still meets its onsets, there was no tempo change.
    """
    spans = stretches(period)
    start, stop = max(spans, key=lambda span: span[1] - span[0])
    if stop - start < SHORTEST_S * rate:
        return period
    beat, phase = fit_grid(onset[start:stop], float(np.median(period[start:stop])))
    period = period.copy()
    for a, b in spans:
        inside = free[(free >= a) & (free < b)]
        frames = _grid_frames(start + phase, beat, a, b)
        if len(inside) == 0 or len(frames) == 0:
            continue
        if near[frames].mean() >= TRUST * near[inside].mean():
            period[a:b] = beat
    return period


def _grid_frames(origin: float, beat: float, start: int, stop: int) -> np.ndarray:
    """Frames in start..stop - 1 of the grid through ``origin``, (n,) int."""
    first = int(np.ceil((start - origin) / beat))
    count = max(0, int(np.ceil((stop - origin) / beat)) - first)
    frames = np.round(origin + beat * (first + np.arange(count))).astype(int)
    return frames[(frames >= start) & (frames < stop)]


def _local_mean(frames: np.ndarray, values: np.ndarray, length: int, rate: float) -> np.ndarray:
    """Mean of the values (n,) at frames (n,) within TRUST_S of every frame, (length,)."""
    sums, counts = np.zeros(length + 1), np.zeros(length + 1)
    np.add.at(sums, frames + 1, values)
    np.add.at(counts, frames + 1, 1.0)
    sums, counts = np.cumsum(sums), np.cumsum(counts)
    half = round(TRUST_S * rate)
    t = np.arange(length)
    low, high = np.maximum(t - half, 0), np.minimum(t + half, length)
    return (sums[high] - sums[low]) / np.maximum(counts[high] - counts[low], 1.0)
