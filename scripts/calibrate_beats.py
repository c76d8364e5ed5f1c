#!/usr/bin/env python3
"""Fit how sure the beat tracker says it is to how often it is right.

    python scripts/calibrate_beats.py [--songs ../shared/data/beats_dev]
                                      [--pieces data/beats_material --count 64]

Prints the weights for ``SURE`` in audio2pose_core/audio/beat_decoder.py: a logistic
regression of "F over .9" on the signs that the decoder reads off a song, over real
songs and over pieces that training rendered and held out (the first of the folder;
see docs/TRAINING.md). So that what has no pulse is called unsure, every real song
also counts, a quarter, with its activations cut up and shuffled, as a wrong one.
Left-one-out, it also says how good the result is on the songs as they are.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audio2pose_core.audio.beat_decoder import decode  # noqa: E402
from audio2pose_core.audio.beat_network import activations, load_beat_network  # noqa: E402
from scripts.beat_scores import RIGHT, f_measure  # noqa: E402
from scripts.beat_songs import annotated  # noqa: E402

RIDGE = 0.3  # weight of the squared weights, so that few songs cannot drive them far


SHUFFLED = 0.25  # weight of a shuffled song
CUTS = (10, 45)  # frames: a shuffled song's pieces are so long


def fit(signs: np.ndarray, right: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Weights (k,) of a logistic regression by Newton's method.

    Signs are (n, k) with ones last; ``counts`` (n,) is how much each song counts.
    """
    weights = np.zeros(signs.shape[1])
    penalty = RIDGE * np.eye(len(weights))
    penalty[-1, -1] = 0.0
    for _ in range(30):
        p = 1.0 / (1.0 + np.exp(-signs @ weights))
        slope = signs.T @ (counts * (right - p)) - penalty @ weights
        bend = (signs * (counts * p * (1 - p))[:, None]).T @ signs + penalty
        weights = weights + np.linalg.solve(bend, slope)
    return weights


def area(sure: np.ndarray, right: np.ndarray) -> float:
    """How often a right song is surer than a wrong one: the area under the ROC curve."""
    pairs = sure[right][:, None] - sure[~right][None, :]
    return float(((pairs > 0) + 0.5 * (pairs == 0)).mean())


def shuffled(found: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The same activations (T, 2) without any pulse."""
    cuts = np.cumsum(random.integers(*CUTS, size=len(found) // CUTS[0]))
    pieces = np.split(found, cuts[cuts < len(found)])
    return np.concatenate([pieces[k] for k in random.permutation(len(pieces))])


def collect(
    songs: Path, pieces: Path | None, count: int
) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Names of the signs, signs (n, k) of each song, whether it is right, how much it counts."""
    heard: list[tuple[np.ndarray, float, np.ndarray | None]] = []
    random = np.random.default_rng(0)
    for case in annotated(songs):
        audio = case.load()
        found = activations(audio)
        heard.append((found, audio.seconds, case.beats))
        heard.append((shuffled(found, random), audio.seconds, None))
    if pieces is not None:
        network = load_beat_network()
        for file in sorted(pieces.glob("*.npz"))[:count]:
            with np.load(file) as piece:
                features, beats = piece["features"].astype(np.float32), piece["beats"]
            if len(beats) >= 8:  # some have no beat at all
                heard.append((network.run(features), len(features) / 50.0, beats))
    names: list[str] = []
    rows, right, counts = [], [], []
    for found, seconds, truth in heard:
        result = decode(found, seconds)
        if result is not None:
            names = list(result.signs)
            rows.append([*result.signs.values(), 1.0])
            right.append(truth is not None and f_measure(result.times, truth) > RIGHT)
            counts.append(SHUFFLED if truth is None else 1.0)
    return names, np.array(rows), np.array(right), np.array(counts)


def main() -> int:
    """Print the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    shared = ROOT.parent / "shared" / "data" / "beats_dev"
    parser.add_argument("--songs", type=Path, default=shared)
    parser.add_argument("--pieces", type=Path, help="folder of training.beats.render")
    parser.add_argument("--count", type=int, default=64, help="pieces of it (%(default)s)")
    options = parser.parse_args()
    names, signs, right, counts = collect(options.songs, options.pieces, options.count)
    weights = fit(signs, right, counts)
    sure = np.empty(len(right))
    for k in range(len(right)):
        others = np.arange(len(right)) != k
        without = fit(signs[others], right[others], counts[others])
        sure[k] = 1.0 / (1.0 + np.exp(-signs[k] @ without))
    print({name: round(float(w), 2) for name, w in zip([*names, ""], weights, strict=True)})
    nonsense = counts < 1.0
    print(f"shuffled songs: said {sure[nonsense].mean():.2f}, {sure[nonsense].max():.2f} at most")
    right, sure = right[~nonsense], sure[~nonsense]
    print(f"{len(right)} songs, {right.sum()} right; area under the curve {area(sure, right):.3f}")
    for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.85), (0.85, 1.0)):
        inside = (sure >= low) & (sure < high)
        if inside.any():
            share = right[inside].mean()
            print(f"said {low:.2f} to {high:.2f}: {inside.sum()} songs, {share:.2f} right")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
