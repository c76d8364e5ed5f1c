"""How a song turns the noise that a dance is made of: what sounds chooses the moves.

The seed alone would make one dance of one rhythm, whatever is played to it. Here each moment's
sound, as it stands out of the whole song's (which bands are louder, which keys sound), turns the
seed's noise by an angle, in a direction of its own. Where a song sounds the same again, it turns
the same way; white noise, which stands out of nothing, leaves it as it is.
"""

from __future__ import annotations

import numpy as np

from ..audio.features import AudioFeatures
from ..signals import gaussian_smooth

BANDS = 8
"""Groups of mel bands that are told apart."""
USUAL_BAND, USUAL_KEY = 0.05, 0.025
"""How far songs stand out of their own mean: of a mel band's range, and on the tonal circles."""
MOST_ANGLE = 1.1
"""Radians that a song turns the noise by, at most."""
SMOOTH_S = 0.25
APART = 23
"""Frames between the fields of noise, which are one field rolled along."""


def song_response(features: AudioFeatures) -> np.ndarray:
    """Which way each moment of a song turns the noise, (T, 14): sines, in length under 1.

    Eight groups of mel bands beside their mean (loudness has its own say), and the six
    coordinates of the tonal centroid: circles of fifths, minor and major thirds (C. Harte,
    M. Sandler, M. Gasser, "Detecting Harmonic Change in Musical Audio", 2006), all less the
    song's own mean.
    """
    sigma = SMOOTH_S * features.fps
    bands = np.stack([b.mean(axis=1) for b in np.array_split(features.mel, BANDS, axis=1)], axis=1)
    peaked = features.chroma - features.chroma.mean(axis=1, keepdims=True)
    turns = np.exp(2j * np.pi * np.outer(np.arange(12), (7, 3, 4)) / 12)
    centroid = peaked @ turns / 12
    heard = [
        gaussian_smooth(bands - bands.mean(axis=1, keepdims=True), sigma) / USUAL_BAND,
        gaussian_smooth(np.concatenate([centroid.real, centroid.imag], axis=1), sigma) / USUAL_KEY,
    ]
    values = np.concatenate([(v - v.mean(axis=0)) / np.sqrt(v.shape[1]) for v in heard], axis=1)
    size = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(size, 1e-9) * np.sin(MOST_ANGLE * np.tanh(size / 2)))


def turn(noise: np.ndarray, response: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Normal noise (T, W) turned as ``response`` (T, K) says; still normal, of deviation 1."""
    # White noise rolled along is other white noise.
    other = random.standard_normal(noise.shape)
    left = np.sqrt(np.maximum(1.0 - (response**2).sum(axis=1, keepdims=True), 0.0))
    turned = left * noise
    for k, share in enumerate(response.T):
        turned += share[:, None] * np.roll(other, k * APART, axis=0)
    return np.asarray(turned)
