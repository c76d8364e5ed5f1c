"""Check a preprocessed data root against its manifest; exit status 1 if anything is missing.

    python scripts/verify_data.py --data_root data/hiphop_la

The same as ``audio2pose verify-data``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core.cli import main

if __name__ == "__main__":
    sys.exit(main(["verify-data", *sys.argv[1:]]))
