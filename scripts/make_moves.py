"""The start set of moves: ``make moves``, or ``python scripts/make_moves.py [-o FILE.blend]``.

The dancer dances to composed songs, two moves of two bars for every style, and they are saved as
*Save as Dance Move* saves them: blender_addon/moves/start/, which goes with the extension. To be
made again with each new dancer, by the oldest Blender that is supported, so that all open it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import blender_addon
from audio2pose_core.audio.demo_song import write_demo_song
from audio2pose_core.errors import Audio2PoseError, OutputError
from audio2pose_core.generate import load_model
from blender_addon.moves import start_set

SONG_BARS, SLOWEST_BPM, FASTEST_BPM = 8, 84.0, 130.0
MOST_BYTES = 4_000_000


def main(words: Sequence[str] | None = None) -> int:
    """Dance, save and write; the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("-o", "--output", type=Path, default=start_set.FILE)
    parser.add_argument("--styles", help="some styles, with commas (default: all)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(words)
    styles = load_model().style_table
    chosen = args.styles.split(",") if args.styles else list(styles)
    # At the pace of each style.
    tempi = {s: min(max(60.0 * styles[s].hit_rate, SLOWEST_BPM), FASTEST_BPM) for s in chosen}

    def song(path: Path, bpm: float) -> None:
        write_demo_song(path, seconds=SONG_BARS * 4 * 60.0 / bpm, bpm=bpm)

    blender_addon.register()
    count = start_set.make(args.output, tempi, args.seed, song)
    size = args.output.stat().st_size
    print(f"{count} moves, {size / 1e6:.2f} MB: {args.output}")
    if size > MOST_BYTES:
        raise OutputError(f"{args.output} is larger than {MOST_BYTES} bytes")
    return 0


if __name__ == "__main__":
    try:
        status = main()
    except (Audio2PoseError, RuntimeError) as error:
        print(f"audio2pose: error: {error}", file=sys.stderr)
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    # bpy 4.5 may wait for ever when Python ends.
    os._exit(status)
