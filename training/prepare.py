"""Pack a folder of BVH clips into one training file.

python training/prepare.py --config training/configs/default.toml --bvh_dir DIR
"""

from __future__ import annotations

import argparse
from pathlib import Path

from audio2pose_core.data.motion_open import read_indexed_folder
from audio2pose_core.data.pack import save_pack
from audio2pose_core.network.config import load_config


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--bvh_dir", type=Path, required=True, help="folder with index.csv")
    options = parser.parse_args()
    data = load_config(options.config).data
    clips = read_indexed_folder(
        options.bvh_dir, data.styles, list(data.held_out), list(data.excluded)
    )
    save_pack(data.pack, clips)
    for style in (*data.style_names, ""):
        chosen = [c for c in clips if c.style == style]
        seconds = sum(c.motion.seconds for c in chosen)
        kept = sum(c.motion.seconds for c in chosen if c.split != "train")
        name = style or "(unlabelled)"
        print(f"{name:14} {len(chosen):4} clips {seconds:7.1f} s, held out {kept:5.1f} s")
    print(f"{data.pack}: {Path(data.pack).stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
