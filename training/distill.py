"""Teach a student of few steps what a trained dancer dances in many, or go on where it stopped.

python training/distill.py --teacher runs/default/weights.pt --output runs/student
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from audio2pose_core.errors import Audio2PoseError
from audio2pose_core.network.config import DistillConfig, load_config
from audio2pose_core.network.distill import distill


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--teacher", type=Path, required=True, help="weights.pt or checkpoint.pt")
    parser.add_argument(
        "--output", type=Path, required=True, help="folder of the run; resumed if it exists"
    )
    parser.add_argument("--config", type=Path, help="a TOML file whose [distill] is used")
    parser.add_argument("--pack", help="training file, if not where the teacher's config says")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 …")
    parser.add_argument("--steps", type=int, help="of the student, in place of the config's")
    parser.add_argument(
        "--max_seconds", type=float, help="stop after this time; the run can be resumed"
    )
    options = parser.parse_args()
    try:
        settings = load_config(options.config).distill if options.config else None
        if options.steps is not None:
            settings = replace(settings or DistillConfig(), steps=options.steps)
        distill(
            options.teacher,
            options.output,
            settings=settings,
            device=options.device,
            pack=options.pack,
            max_seconds=options.max_seconds,
        )
    except Audio2PoseError as error:
        print(f"distill: error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
