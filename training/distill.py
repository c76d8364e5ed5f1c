"""Distil a trained dancer into a student of few passes a window: audio2pose distill.

python training/distill.py --teacher runs/default/weights.pt --output runs/student
"""

from __future__ import annotations

import sys

from audio2pose_core.cli import main

if __name__ == "__main__":
    sys.exit(main(["distill", *sys.argv[1:]]))
