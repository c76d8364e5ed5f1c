"""Show what is in an AIST++ pickle; nothing in it is run.

    python scripts/inspect_pkl.py data/hiphop_la/pkl/gLH_sBM_cAll_d16_mLH0_ch01.pkl --plot out.png

The same as ``audio2pose inspect-pkl``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core.cli import main

if __name__ == "__main__":
    sys.exit(main(["inspect-pkl", *sys.argv[1:]]))
