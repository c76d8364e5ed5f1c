"""Tempo over time: a tempogram, a prior, and the best path through it."""

from __future__ import annotations

import numpy as np

WINDOW_S = 10.0  # of one tempogram column: some 20 beats
HOP_S = 0.5
PRIOR_BPM = 132.0
PRIOR_OCTAVES = 1.0  # standard deviation of the log-normal prior
JUMP_COST = 60.0  # per octave of tempo change between columns, in nats
JUMP_LIMIT = 12.0  # nats; a sudden new tempo costs no more
OCTAVE_TOLERANCE = 0.06  # octaves, some 4 %

TEMPI = 2.0 ** np.linspace(np.log2(45.0), np.log2(230.0), 120)  # candidates in bpm, log-spaced


def tempogram(onset: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Strength of every tempo in TEMPI around every moment.

    Parameters
    ----------
    onset : (F,) float
        Onset curve at ``rate`` frames per second.

    Returns
    -------
    strength : (W, 120) float64
        Autocorrelation at the beat's lag and its multiples, about 0..1.
    centre : (W,) float64
        Middle of every window in seconds.
    """
    length = min(len(onset), round(WINDOW_S * rate))
    hop = max(1, round(HOP_S * rate))
    starts = np.arange(0, max(1, len(onset) - length + 1), hop)
    size = 1 << (2 * length - 1).bit_length()
    overlap = length / np.maximum(length - np.arange(length), length / 4)
    lag = 60.0 * rate / TEMPI
    strength = np.empty((len(starts), len(TEMPI)))
    for low in range(0, len(starts), 64):
        rows = np.lib.stride_tricks.sliding_window_view(onset, length)[starts[low : low + 64]]
        rows = rows - rows.mean(axis=1, keepdims=True)
        spectra = np.fft.rfft(rows, size, axis=1)
        auto = np.fft.irfft(np.abs(spectra) ** 2, size, axis=1)[:, :length] * overlap
        auto /= np.maximum(auto[:, :1], 1e-9)
        total = np.zeros((len(auto), len(TEMPI)))
        weight = np.zeros(len(TEMPI))
        for multiple, share in ((1, 1.0), (2, 0.3), (4, 0.2)):
            inside = lag * multiple <= length - 2
            position = np.where(inside, lag * multiple, 0.0)
            whole = position.astype(int)
            part = position - whole
            value = auto[:, whole] * (1 - part) + auto[:, whole + 1] * part
            total += share * inside * value
            weight += share * inside
        strength[low : low + 64] = total / np.maximum(weight, 1e-9)
    return strength, (starts + length / 2) / rate


def tempo_path(strength: np.ndarray) -> np.ndarray:
    """The likeliest tempo of every tempogram column, (W,) bpm: Viterbi with a price on change."""
    octaves = np.log2(TEMPI)
    prior = -0.5 * ((octaves - np.log2(PRIOR_BPM)) / PRIOR_OCTAVES) ** 2
    evidence = np.log(np.maximum(strength, 0.02)) + prior
    change = np.abs(octaves[:, None] - octaves[None, :])
    cost = np.minimum(JUMP_COST * change, JUMP_LIMIT)
    score = evidence[0]
    back = np.empty(strength.shape, np.int16)
    for w in range(1, len(evidence)):
        reach = score[:, None] - cost
        back[w] = reach.argmax(axis=0)
        score = reach.max(axis=0) + evidence[w]
    path = np.empty(len(evidence), int)
    path[-1] = int(score.argmax())
    for w in range(len(evidence) - 1, 0, -1):
        path[w - 1] = back[w, path[w]]
    return one_octave(TEMPI[path])


def one_octave(tempi: np.ndarray) -> np.ndarray:
    """Half and double the song's main tempo brought to it, (W,) bpm to (W,).

    Quiet verses often look half as fast as the chorus; a dancer keeps the pulse.
    """
    values, index, counts = np.unique(tempi, return_inverse=True, return_counts=True)
    away = np.abs(np.log2(values)[:, None] - np.log2(values)[None, :])
    main = values[((away < OCTAVE_TOLERANCE) @ counts).argmax()]
    octave = np.round(np.log2(values / main))
    related = np.abs(np.log2(values / main) - octave) < OCTAVE_TOLERANCE
    return np.where(related, values / 2.0**octave, values)[index]
