"""What a network's activations say for and against a beat, or a bar line, on every frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BIAS = 1.25
"""Nats by which a beat is likelier than its own frame says. It decides between a tempo and its
double: half beats count as beats from an activation of 0.2 of the beats' own on."""
FLOOR, CEILING = -2.0, 3.0  # nats; one missed beat must not outweigh many that are there
BAR_FLOOR, BAR_CEILING = -3.0, 3.0  # nats of a beat being the first of its bar
HEARD_S = 1.5  # a frame counts fully if a beat is heard within so much of it
HEARD_FROM, HEARD_FULLY = 0.08, 0.3  # activations between which hearing sets in
LEVEL_S = 6.0  # to either side, over which the height of the peaks is averaged
FULL_LEVEL, LEAST_LEVEL = 0.85, 0.15  # height that peaks are raised to; share that stays a share
_SHAPE = np.array([0.3, 1.0, 0.3]) / 1.6  # of the evidence for a beat around its frame


@dataclass(frozen=True)
class Evidence:
    """Curves over T frames of a song.

    Attributes
    ----------
    rate : float
        Frames a second.
    beat : (T,) float64
        Activation of a beat, 0..1.
    near : (T,) float64
        Its most within a frame.
    heard : (T,) float64
        0..1: how far there is anything to hear around the frame. Silence says nothing.
    beats : (T,) float64
        Nats for a beat on the frame.
    starts : (T,) float64
        Nats for a bar line on the frame.
    firsts : (T,) float64
        Nats for a beat on the frame, if there is one, being the first of its bar.
    """

    rate: float
    beat: np.ndarray
    near: np.ndarray
    heard: np.ndarray
    beats: np.ndarray
    starts: np.ndarray
    firsts: np.ndarray


def evidence(activations: np.ndarray, rate: float) -> Evidence:
    """From activations (T, 2), probabilities of a beat and of a downbeat, T >= 1."""
    beat = np.maximum(activations[:, 0], activations[:, 1]).astype(np.float64)
    near, down = nearest_most(beat, 1), nearest_most(activations[:, 1].astype(np.float64), 1)
    loudest = nearest_most(beat, round(HEARD_S * rate))
    heard = np.clip((loudest - HEARD_FROM) / (HEARD_FULLY - HEARD_FROM), 0.0, 1.0)
    odds = BIAS + _peak_odds(beat / _level(loudest, rate))
    share = np.clip(down / np.maximum(near, 1e-3), 0.0, 1.0)
    return Evidence(
        rate,
        beat,
        near,
        heard,
        heard * np.clip(odds, FLOOR, CEILING),
        heard * np.clip(BIAS + log_odds(down), FLOOR, CEILING),
        heard * np.clip(log_odds(share), BAR_FLOOR, BAR_CEILING),
    )


def nearest_most(curve: np.ndarray, reach: int) -> np.ndarray:
    """The most of a curve (T,) within ``reach`` frames of each, (T,)."""
    padded = np.pad(curve, reach, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1)


def log_odds(probability: np.ndarray) -> np.ndarray:
    """ln(p / (1 - p)), p kept off 0 and 1."""
    p = np.clip(probability, 1e-4, 1 - 1e-4)
    return np.log(p) - np.log1p(-p)


def _peak_odds(probability: np.ndarray) -> np.ndarray:
    """Log odds (T,) of a peak at each frame.

    Half of it is the log odds around the frame, so that the middle of a peak is
    preferred, half their most, so that narrow and wide peaks say the same.
    """
    odds = np.pad(log_odds(probability), 1, mode="edge")
    most = np.maximum(np.maximum(odds[:-2], odds[2:]), odds[1:-1])
    return 0.5 * np.convolve(odds, _SHAPE, "valid") + 0.5 * most


def _level(peaks: np.ndarray, rate: float) -> np.ndarray:
    """What activations are to be divided by, (T,): where all are unsure they are raised."""
    width = round(LEVEL_S * rate)
    sums = np.concatenate([[0.0], np.cumsum(np.pad(peaks, width, mode="edge"))])
    mean = (sums[2 * width + 1 :] - sums[: -2 * width - 1]) / (2 * width + 1)
    return np.clip(mean / FULL_LEVEL, LEAST_LEVEL, 1.0)


def audible(heard: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """Which beats (n,) are heard: silence begins after the last clear beat before it.

    ``heard`` says where there is anything to hear around a beat, ``clear`` whether
    the beat itself is there.
    """
    # Between two silent beats lies a run; of each the ends that are not clear are silence too.
    run = np.cumsum(~heard)
    out = np.zeros(len(heard), bool)
    for k in np.unique(run[heard & clear]):
        inside = np.flatnonzero(heard & clear & (run == k))
        out[inside[0] : inside[-1] + 1] = True
    return out


def refined(curve: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Fractional frames (n,): the parabola through the curve's peak within a frame of each."""
    if len(curve) < 3:
        return frames.astype(float)
    at = np.clip(frames, 1, len(curve) - 2)
    near = np.stack([curve[np.clip(at + d, 1, len(curve) - 2)] for d in (-1, 0, 1)])
    at = np.clip(at + near.argmax(axis=0) - 1, 1, len(curve) - 2)
    left, centre, right = curve[at - 1], curve[at], curve[at + 1]
    bend = left - 2 * centre + right
    shift = np.where(bend < -1e-9, 0.5 * (left - right) / np.where(bend < -1e-9, bend, 1.0), 0.0)
    return at + np.clip(shift, -0.5, 0.5)
