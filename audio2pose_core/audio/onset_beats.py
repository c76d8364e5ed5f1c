"""The pulse of a song by dynamic programming over its onsets: numpy alone, no network.

What ``beats`` falls back to where ONNX Runtime or the beat network is missing. After
D. Ellis, "Beat Tracking by Dynamic Programming", J. New Music Research 36(1), 2007,
with a tempo that may change over the song (``tempo``), steady stretches held to one
grid (``steady``) and bars (``downbeats``).
"""

from __future__ import annotations

import numpy as np

from .beat_file import Beats, even_grid
from .downbeats import LOW_BANDS, find_downbeats
from .features import ONSET_LAG, band_rise, onset_strength
from .spectrum import Spectrum
from .steady import trusted_grids
from .tempo import tempo_path, tempogram

TIGHTNESS = 100.0  # price of a beat interval off the local period, per squared log ratio
MIN_CONFIDENCE = 0.17  # below it nothing periodic was heard: noise reaches 0.10 to 0.16
NO_ONSETS = 0.12  # dB; the onset curve of a drone varies less, that of music by 0.5 and more
NO_RELIEF = 0.35  # deviation over mean of the onset curve: noise has 0.2, music 0.5 to 2
TRACKER = "audio2pose-dp-1"


def beats_from_onsets(spec: Spectrum) -> Beats:
    """Find the beats of a song by its onsets alone.

    Where no pulse is heard (a drone, noise) the result is ``even_grid``. In songs
    of less than some three seconds noise can pass for a weak pulse (confidence
    about 0.3).
    """
    onset = onset_strength(spec)
    even = levelled(onset, spec.rate)
    if even is None:
        return even_grid(spec.seconds)
    low = levelled(band_rise(spec, LOW_BANDS), spec.rate)
    soft = np.array([0.25, 0.5, 0.25])
    strength, centres = tempogram(
        np.convolve(even, soft, "same"),
        np.convolve(np.zeros_like(even) if low is None else low, soft, "same"),
        spec.rate,
    )
    tempi, pulse = tempo_path(strength)
    period = np.interp(spec.times, centres, 60.0 * spec.rate / tempi)
    free = _best_path(even, period)
    if len(free) < 2:
        return even_grid(spec.seconds)
    allowance, period = trusted_grids(even, period, free, spec.rate)
    # The small constant keeps beats on a trusted grid through silence as well.
    held = (even + 0.1) * allowance
    frames = _best_path(held, period)
    if len(frames) < 2:
        return even_grid(spec.seconds)
    confidence = float(np.sqrt(pulse * _contrast(even, frames)))
    times = extend(_refine(held, frames) / spec.rate - ONSET_LAG, spec.seconds)
    if confidence < MIN_CONFIDENCE or len(times) < 2:
        return even_grid(spec.seconds)
    downbeats, meter = find_downbeats(spec, times, ONSET_LAG)
    span = min(4, len(times) - 1)  # over a few beats, so that their jitter cancels
    tempo = 60.0 * span / float(np.median(times[span:] - times[:-span]))
    return Beats(times, downbeats, tempo, meter, confidence, TRACKER)


def nothing_happens(spec: Spectrum) -> bool:
    """Whether the song has no onsets to speak of: a drone, or noise."""
    return levelled(onset_strength(spec), spec.rate) is None


def levelled(onset: np.ndarray, rate: float) -> np.ndarray | None:
    """Onset curve over its own level of the surrounding 8 s, so that quiet parts count too.

    None where there is nothing to hear.
    """
    overall = float(onset.std())
    if overall < NO_ONSETS or overall < NO_RELIEF * float(onset.mean()):
        return None
    half = max(1, round(4.0 * rate))
    sums = np.concatenate([[0.0], np.cumsum(onset**2)])
    index = np.arange(len(onset))
    low, high = np.maximum(index - half, 0), np.minimum(index + half, len(onset))
    level = np.sqrt((sums[high] - sums[low]) / (high - low))
    return onset / np.maximum(level, 0.3 * overall)


def _best_path(onset: np.ndarray, period: np.ndarray) -> np.ndarray:
    """Frames (n,) of the beat sequence with the best sum of onsets and even intervals.

    score(t) = onset(t) + max over tau of score(t - tau) - TIGHTNESS ln(tau / period(t))^2

    No interval is shorter than ``least``, so that many frames are worked out
    at a time.
    """
    least = max(2, int(0.6 * period.min()))
    taus = np.arange(least, int(1.6 * period.max()) + 2)
    pad = int(taus[-1])
    score = np.zeros(pad + len(onset))
    back = np.full(len(onset), -1)
    log_tau = np.log(taus)
    for first in range(0, len(onset), least):
        t = np.arange(first, min(first + least, len(onset)))
        price = TIGHTNESS * (log_tau[None, :] - np.log(period[t])[:, None]) ** 2
        reach = score[pad + t[:, None] - taus[None, :]] - price
        best = reach.argmax(axis=1)
        rows = np.arange(len(t))
        score[pad + t] = onset[t] + reach[rows, best]
        back[t] = t - taus[best]
    # The last beat is the best within the last period.
    tail = min(len(onset), max(1, int(period[-1])))
    at = len(onset) - tail + int(score[-tail:].argmax())
    frames = []
    while at >= 0:
        frames.append(at)
        at = int(back[at])
    return np.array(frames[::-1])


def _contrast(onset: np.ndarray, frames: np.ndarray) -> float:
    """How far the onset level on the beats is above that between them, 0..1."""

    def level(at: np.ndarray) -> float:
        near = [onset[np.clip(at + d, 0, len(onset) - 1)] for d in (-1, 0, 1)]
        return float(np.max(near, axis=0).mean())

    period = float(np.median(np.diff(frames)))
    between = [level(frames + round(share * period)) for share in np.arange(0.2, 0.85, 0.1)]
    on = level(frames)
    return float(np.clip(1.0 - float(np.mean(between)) / max(on, 1e-9), 0.0, 1.0))


def _refine(onset: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Fractional frames (n,): the onset's parabola, then an edge-preserving straight line."""
    at = np.clip(frames, 1, len(onset) - 2)
    near = np.stack([onset[np.clip(at + d, 1, len(onset) - 2)] for d in (-1, 0, 1)])
    at = np.clip(at + near.argmax(axis=0) - 1, 1, len(onset) - 2)
    left, centre, right = onset[at - 1], onset[at], onset[at + 1]
    bend = left - 2 * centre + right
    shift = np.where(bend < -1e-9, 0.5 * (left - right) / np.where(bend < -1e-9, bend, 1.0), 0.0)
    return smooth_grid(at + np.clip(shift, -0.5, 0.5), np.maximum(centre, 0.05))


def smooth_grid(times: np.ndarray, weight: np.ndarray, half: int = 4) -> np.ndarray:
    """Each beat on the straight line through its neighbours, (n,) to (n,).

    Of the windows of 2 * half + 1 beats that end at, are centred on and begin
    at a beat, the one that is most nearly straight counts (as in Kuwahara's
    filter), so a sudden tempo change stays sudden.
    """
    n, width = len(times), 2 * half + 1
    if n < width:
        return times
    view = np.lib.stride_tricks.sliding_window_view
    t, w = view(times, width), view(weight, width)
    k = np.arange(width)
    total = w.sum(axis=1)
    mean_k, mean_t = (w * k).sum(axis=1) / total, (w * t).sum(axis=1) / total
    dk, dt = k - mean_k[:, None], t - mean_t[:, None]
    slope = (w * dk * dt).sum(axis=1) / (w * dk**2).sum(axis=1)
    error = (w * (dt - slope[:, None] * dk) ** 2).sum(axis=1) / total
    beat = np.arange(n)
    starts = np.stack([np.clip(beat - width + 1 + d, 0, n - width) for d in (0, half, width - 1)])
    chosen = starts[error[starts].argmin(axis=0), beat]
    return mean_t[chosen] + slope[chosen] * (beat - chosen - mean_k[chosen])


def extend(times: np.ndarray, seconds: float) -> np.ndarray:
    """The same beats, continued evenly to both ends of the song."""
    if len(times) < 2:
        return times
    first = float(np.median(np.diff(times[:9])))
    last = float(np.median(np.diff(times[-9:])))
    before = times[0] - first * np.arange(int(max(times[0], 0.0) / first), 0, -1)
    after = times[-1] + last * np.arange(1, 1 + int(max(seconds - times[-1], 0.0) / last))
    whole = np.concatenate([before, times, after])
    return whole[(whole >= 0.0) & (whole < seconds)]
