"""Render a folder of songs, a video each; goes on where it was stopped.

    python scripts/render_batch.py --songs DIR --output DIR --workers 2 --style pop
    python scripts/render_batch.py --songs DIR --output DIR --blender /opt/blender/blender

The same as ``audio2pose render-batch``; docs/RENDERING.md tells more.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core.cli import main

if __name__ == "__main__":
    sys.exit(main(["render-batch", *sys.argv[1:]]))
