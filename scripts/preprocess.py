"""Make AIST++ (or a folder of BVH files) ready for training.

    python scripts/preprocess.py --pkl_dir data/hiphop_la/pkl \
        --video_dir data/raw/aistpp_hiphop_la --output_dir data/hiphop_la
    python scripts/preprocess.py bvh --bvh_dir DIR --output_dir OUT

The same as ``audio2pose preprocess aistpp`` and ``audio2pose preprocess bvh``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core.cli import main

if __name__ == "__main__":
    words = sys.argv[1:]
    kind = [] if words[:1] in (["bvh"], ["aistpp"]) else ["aistpp"]
    sys.exit(main(["preprocess", *kind, *words]))
