"""Train the dancer, or go on where a run stopped.

python training/train.py --config training/configs/default.toml --output runs/default
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from audio2pose_core.errors import Audio2PoseError
from audio2pose_core.network.config import load_config
from audio2pose_core.network.trainer import train


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument(
        "--output", type=Path, required=True, help="folder of the run; resumed if it exists"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 …")
    parser.add_argument(
        "--steps", type=int, help="stop at this step (the schedule is the config's)"
    )
    parser.add_argument(
        "--max_seconds", type=float, help="stop after this time; the run can be resumed"
    )
    options = parser.parse_args()
    try:
        train(
            load_config(options.config),
            options.output,
            device=options.device,
            steps=options.steps,
            max_seconds=options.max_seconds,
        )
    except Audio2PoseError as error:
        print(f"train: error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
