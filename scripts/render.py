"""Render a song as a video of a dance (docs/RENDERING.md).

    blender -b --python scripts/render.py -- --audio song.wav --output dance.mp4
    python scripts/render.py --audio song.wav --output dance.mp4      (needs: pip install bpy)

The same as ``audio2pose render``; the command itself is ``blender_addon.render.command``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from blender_addon.render.command.run import start

if __name__ == "__main__":
    start()
