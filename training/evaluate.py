"""Measure a dancer beside real motion and write training/RESULTS.md: audio2pose evaluate.

python training/evaluate.py --songs ../shared/data/songs
"""

from __future__ import annotations

import sys
from pathlib import Path

from audio2pose_core.cli import main

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"

if __name__ == "__main__":
    options = sys.argv[1:]
    if not {"-o", "--output", "-h", "--help"} & set(options):
        here = Path.cwd()
        shown = RESULTS.relative_to(here) if RESULTS.is_relative_to(here) else RESULTS
        options += ["-o", str(shown)]
    sys.exit(main(["evaluate", *options]))
