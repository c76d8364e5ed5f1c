"""Training material: numbered pieces as features with their beats, one small file each.

python -m training.beats.render --scores SCORES --output material --count 2500

SCORES holds the unpacked folders of scores.SOURCES. Piece k depends on k alone (but
for the last digits, since FluidSynth never starts afresh), so several processes may
share the work (--part 0 --parts 2), and the same command again goes on where it
stopped.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from audio2pose_core.audio.beat_features import beat_features

from .compose import compose
from .fluid import Fluid
from .master import master
from .piece import DRUMS, Piece
from .scores import SOURCES
from .voices import render_synthetic

SECONDS = 32.0


def make_piece(number: int, scores: Path | None, seconds: float = SECONDS) -> Piece:
    """Piece ``number``, not yet rendered; without ``scores`` all are composed."""
    random = np.random.default_rng([number, 1])
    if scores is not None:
        names = list(SOURCES)
        shares = np.array([SOURCES[name][2] for name in names])
        chosen = random.choice(len(names) + 1, p=[*shares, 1 - shares.sum()])
        if chosen < len(names):
            folder, read, _ = SOURCES[names[chosen]]
            for _ in range(4):  # a stretch may hold too little
                if (piece := read(scores / folder, random, seconds)) is not None:
                    piece.source = f"{names[chosen]}: {piece.source}"
                    return piece
    return compose(random, seconds)


def render(piece: Piece, number: int, fluid: Fluid | None) -> np.ndarray:
    """A mastered recording (N,) float32; without ``fluid`` our own synthesis plays everything."""
    random = np.random.default_rng([number, 2])
    stems = []
    for drums in (True, False):
        tracks = [t for t in piece.tracks if (t.program == DRUMS) == drums]
        ours = [t for t in tracks if t.synthetic or fluid is None]
        stem = render_synthetic(ours, piece.seconds, random)
        others = [t for t in tracks if not t.synthetic]
        if fluid is not None and others:
            stem = stem + fluid.render(others, piece.seconds, random)
        stems.append(stem)
    return master(stems[0], stems[1], piece.beats if piece.pumped else None, random)


def save_piece(path: Path, piece: Piece, samples: np.ndarray) -> None:
    """Features as half floats, beats in seconds, places in the bar; whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.npz")
    np.savez(
        temporary,
        features=beat_features(samples).astype(np.float16),
        beats=piece.beats,
        places=piece.places.astype(np.int16),
        source=piece.source,
    )
    temporary.replace(path)


def piece_path(folder: Path, number: int) -> Path:
    """Where piece ``number`` lies."""
    return folder / f"{number:06d}.npz"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; see the module's text."""
    parser = argparse.ArgumentParser(
        prog="python -m training.beats.render",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--scores", type=Path, help="unpacked scores; without it all is composed")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=2500)
    parser.add_argument("--part", type=int, default=0, help="this process's share, 0-based")
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--synthesis-only", action="store_true", help="no soundfonts")
    options = parser.parse_args(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    fluid = None if options.synthesis_only else Fluid()
    began, done = time.monotonic(), 0
    for number in range(options.first + options.part, options.first + options.count, options.parts):
        path = piece_path(options.output, number)
        if path.exists():
            continue
        piece = make_piece(number, options.scores)
        save_piece(path, piece, render(piece, number, fluid))
        done += 1
        if done % 50 == 0:
            print(f"{number}: {done} pieces in {time.monotonic() - began:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
