"""Download the videos of AIST++ (by default LA hip-hop, camera c01: 141 files).

    python scripts/download_aist.py --download_folder data/raw/aistpp_hiphop_la --num_processes 4

The same as ``audio2pose download-aist``. It asks for your agreement to the terms of use.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core.cli import main

if __name__ == "__main__":
    sys.exit(main(["download-aist", *sys.argv[1:]]))
