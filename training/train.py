"""Train the dancer, or go on where a run stopped: audio2pose train.

python training/train.py --config training/configs/default.toml --output runs/default
torchrun --nproc_per_node 2 training/train.py --config my.toml --output runs/mine
"""

from __future__ import annotations

import sys

from audio2pose_core.cli import main

if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]]))
