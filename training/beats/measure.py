"""How well the bare activations find beats, by their peaks: the network without a decoder.

python -m training.beats.measure --songs SONGS [--model beats.onnx]

SONGS has a folder per song with the sound and its beats.json (``beat_times``,
``downbeat_times``). The product's beats come from a decoder and are better;
``scripts/compare_beats.py`` measures those.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from audio2pose_core.audio.beat_features import FPS
from audio2pose_core.audio.beat_network import DEFAULT_MODEL, activations
from audio2pose_core.audio.load import load_audio

THRESHOLD = 0.2
"""A peak below this probability is no beat; fixed before anything was measured."""
SUFFIXES = (".ogg", ".wav", ".flac", ".mp3")


def peaks(activation: np.ndarray, threshold: float = THRESHOLD) -> np.ndarray:
    """Times in seconds of local maxima above a threshold, at least .1 s apart."""
    a = np.pad(activation, 1, constant_values=-1.0)
    at = np.flatnonzero((a[1:-1] > a[:-2]) & (a[1:-1] >= a[2:]) & (a[1:-1] > threshold))
    kept: list[int] = []
    for frame in at[np.argsort(-activation[at], kind="stable")]:
        if all(abs(frame - k) >= 5 for k in kept):
            kept.append(int(frame))
    return np.sort(np.array(kept, float)) / FPS


def f_measure(found: np.ndarray, truth: np.ndarray, window: float = 0.07) -> float:
    """F of beats within 70 ms, each used once (as in mir_eval, matched from left to right)."""
    if not len(found) or not len(truth):
        return float(len(found) == len(truth))
    hits = i = j = 0
    while i < len(found) and j < len(truth):
        if abs(found[i] - truth[j]) <= window:
            hits, i, j = hits + 1, i + 1, j + 1
        elif found[i] < truth[j]:
            i += 1
        else:
            j += 1
    return 2 * hits / (len(found) + len(truth))


def measure(folder: Path, model: Path) -> tuple[float, float]:
    """F of beats and of downbeats of one song, the first five seconds left out.

    The second is NaN for a song whose file names no downbeats.
    """
    sounds = [f for f in sorted(folder.iterdir()) if f.suffix in SUFFIXES]
    truth = json.loads((folder / "beats.json").read_text(encoding="utf-8"))
    found = activations(load_audio(sounds[0]), model)
    scores = []
    for column, name in enumerate(("beat_times", "downbeat_times")):
        times, ours = np.array(truth.get(name, []), float), peaks(found[:, column])
        known = len(times) > 0
        scores.append(f_measure(ours[ours >= 5.0], times[times >= 5.0]) if known else np.nan)
    return scores[0], scores[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; see the module's text."""
    parser = argparse.ArgumentParser(
        prog="python -m training.beats.measure",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--songs", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL)
    options = parser.parse_args(arguments)
    scores = []
    for folder in sorted(f.parent for f in options.songs.glob("*/beats.json")):
        scores.append(measure(folder, options.model))
        print(f"{scores[-1][0]:.3f} {scores[-1][1]:.3f} {folder.name}", flush=True)
    beat, downbeat = np.nanmean(scores, axis=0)
    good = np.mean(np.array(scores)[:, 0] >= 0.9)
    print(f"{beat:.3f} {downbeat:.3f} mean F of beats and downbeats of {len(scores)} songs")
    print(f"{good:.2f} of the songs have an F of beats of .9 or more")
    return 0


if __name__ == "__main__":
    sys.exit(main())
