"""Tempo over time: a tempogram, a prior, and the best path through it."""

from __future__ import annotations

import numpy as np

WINDOW_S = 10.0  # of one tempogram column: some 20 beats
HOP_S = 0.5
PRIOR_BPM = 117.0
PRIOR_OCTAVES = 0.85  # standard deviation of the log-normal prior
JUMP_COST = 60.0  # per octave of tempo change between columns, in nats
JUMP_LIMIT = 12.0  # nats; a sudden new tempo costs no more
COMB = (1.0, 0.35, 0.5, 0.5)  # weights of repetition after one to four beats
BAR_SHARE = 0.15  # of the low band's repetition after a bar
HALF_BEAT_PRICE = 0.5  # off a tempo whose bass already repeats every half beat
HALF_BEAT_FREE = 0.7  # autocorrelation up to which that costs nothing
OCTAVE_TOLERANCE = 0.06  # octaves, some 4 %

TEMPI = 2.0 ** np.linspace(np.log2(45.0), np.log2(230.0), 120)  # candidates in bpm, log-spaced


def tempogram(onset: np.ndarray, low: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Strength of every tempo in TEMPI around every moment.

    A tempo is strong where the onset curve repeats at the beat's lag and at two,
    three and four beats, and where the low band (kick, bass) repeats at a bar of
    three or four of these beats, which tells a waltz from its eighths; it is
    weaker where the bass repeats every half beat, which tells a fast song from
    one at half its tempo. The weights were chosen on the generated songs, the
    test songs and ballroom music together.

    Parameters
    ----------
    onset, low : (F,) float
        Onset curves of all bands and of the low ones, at ``rate`` frames per second.

    Returns
    -------
    strength : (W, 120) float64
        About 0..1.
    centre : (W,) float64
        Middle of every window in seconds.
    """
    length = min(len(onset), round(WINDOW_S * rate))
    starts = np.arange(0, max(1, len(onset) - length + 1), max(1, round(HOP_S * rate)))
    strength = np.empty((len(starts), len(TEMPI)))
    for first in range(0, len(starts), 64):
        chosen = starts[first : first + 64]
        full = _at_multiples(_autocorrelation(onset, chosen, length), rate)
        bass = _at_multiples(_autocorrelation(low, chosen, length), rate)
        comb = np.tensordot(COMB, full[1:], axes=1) / sum(COMB)
        bar = np.maximum(bass[3], bass[4])
        half = np.clip((bass[0] - HALF_BEAT_FREE) / (1 - HALF_BEAT_FREE), 0.0, 1.0)
        total = (1 - BAR_SHARE) * comb + BAR_SHARE * bar
        strength[first : first + 64] = total * (1 - HALF_BEAT_PRICE * half)
    return strength, (starts + length / 2) / rate


def _autocorrelation(curve: np.ndarray, starts: np.ndarray, length: int) -> np.ndarray:
    """Autocorrelation of the windows at ``starts``, (W, length), 1 at lag 0."""
    rows = np.lib.stride_tricks.sliding_window_view(curve, length)[starts]
    rows = rows - rows.mean(axis=1, keepdims=True)
    size = 1 << (2 * length - 1).bit_length()
    spectra = np.fft.rfft(rows, size, axis=1)
    auto = np.fft.irfft(spectra.real**2 + spectra.imag**2, size, axis=1)[:, :length]
    # Long lags have less overlap; evened out as far as a quarter of it is left.
    auto *= length / np.maximum(length - np.arange(length), length / 4)
    return auto / np.maximum(auto[:, :1], 1e-9)


def _at_multiples(auto: np.ndarray, rate: float) -> np.ndarray:
    """Autocorrelation (W, L) at half a beat and one to four beats, (5, W, 120)."""
    position = np.array([0.5, 1, 2, 3, 4])[:, None] * (60.0 * rate / TEMPI)
    # A song of a few seconds has no such lags; its last one stands in.
    position = np.minimum(position, auto.shape[1] - 2)
    whole = position.astype(int)
    part = position - whole
    values = auto[:, whole] * (1 - part) + auto[:, whole + 1] * part
    return np.moveaxis(values, 0, 1)


def tempo_path(strength: np.ndarray) -> tuple[np.ndarray, float]:
    """The likeliest tempo of every tempogram column: Viterbi with a price on change.

    Returns the tempi (W,) in bpm and the mean strength along the path, about 0
    for noise and 1 for a metronome.
    """
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
    pulse = float(strength[np.arange(len(path)), path].mean())
    return one_octave(TEMPI[path]), max(pulse, 0.0)


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
