"""Checkpoint -> model file, NAME.onnx with its contract NAME.json: audio2pose export.

python training/export.py --weights runs/default/weights.pt --output my_dancer.onnx
"""

from __future__ import annotations

import sys

from audio2pose_core.cli import main

if __name__ == "__main__":
    sys.exit(main(["export", *sys.argv[1:]]))
