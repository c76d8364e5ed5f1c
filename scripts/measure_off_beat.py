#!/usr/bin/env python3
"""How often the beat is louder than the off-beat, the ground for a rule of the beat decoder.

    python scripts/measure_off_beat.py [--songs ../shared/data/beats_dev]
                                       [--pieces data/beats_material]

Prints, for songs with known beats and for the pieces that the beat network was trained on
(docs/TRAINING.md), the share in which onsets on the beats are stronger than halfway between
them, and the natural log of how much stronger.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audio2pose_core.audio.beat_features import FPS  # noqa: E402
from audio2pose_core.audio.downbeats import onset_level  # noqa: E402
from audio2pose_core.audio.features import ONSET_LAG  # noqa: E402
from audio2pose_core.audio.spectrum import spectrum  # noqa: E402
from scripts.beat_songs import annotated  # noqa: E402

FEWEST = 16  # beats


def excess(on: np.ndarray, off: np.ndarray) -> float:
    """Natural log of the mean onset strength on beats over that between them."""
    return float(np.log(max(on.mean(), 1e-9) / max(off.mean(), 1e-9)))


def between(beats: np.ndarray) -> np.ndarray:
    """The off-beats (n - 1,) of beats (n,)."""
    return 0.5 * (beats[1:] + beats[:-1])


def of_songs(folder: Path) -> list[float]:
    """One figure a song, by the onset curve that the decoder asks."""
    found = []
    for case in annotated(folder):
        spec = spectrum(case.load())
        beats = case.beats[case.beats < spec.seconds]
        levels = (onset_level(spec, times, ONSET_LAG) for times in (beats, between(beats)))
        found.append(excess(*levels))
    return found


def of_pieces(folder: Path) -> list[float]:
    """One figure a piece, by the rise of its features; there is no sound left of it."""
    found = []
    for file in sorted(folder.glob("*.npz")):
        with np.load(file) as piece:
            features, beats = piece["features"].astype(np.float32), piece["beats"]
        if len(beats) < FEWEST:
            continue
        rise = np.maximum(np.diff(features, axis=0, prepend=features[:1]), 0.0).mean(axis=1)

        def level(times: np.ndarray, rise: np.ndarray = rise) -> np.ndarray:
            frames = np.round(times * FPS).astype(int)[:, None] + np.arange(-2, 3)
            return rise[np.clip(frames, 0, len(rise) - 1)].max(axis=1)

        found.append(excess(level(beats), level(between(beats))))
    return found


def main() -> int:
    """Print a line for each kind of material."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    shared = ROOT.parent / "shared" / "data" / "beats_dev"
    parser.add_argument("--songs", type=Path, default=shared)
    parser.add_argument("--pieces", type=Path, help="folder of training.beats.render")
    options = parser.parse_args()
    kinds = {"songs": of_songs(options.songs)}
    if options.pieces is not None:
        kinds["pieces"] = of_pieces(options.pieces)
    for name, found in kinds.items():
        if not found:
            print(f"{name}: none there", file=sys.stderr)
            continue
        louder = float(np.mean(np.array(found) > 0))
        low, median = np.quantile(found, (0.05, 0.5))
        print(f"{len(found)} {name}: the beat is louder in {louder:.2f}; log ratio ", end="")
        print(f"{median:+.2f} in the median, {low:+.2f} at the 5th percentile")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
