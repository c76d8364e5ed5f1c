"""Make the training file that a config names, from BVH clips or preprocessed data.

python training/prepare.py --config training/configs/default.toml --bvh_dir DIR
python training/prepare.py --config my.toml --data_root DIR [DIR ...] --workers 8

With ``pack = "….npz"`` an indexed folder of BVH clips becomes one pack; any other
``pack`` is the folder of a windows file, made with the config's speeds.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from audio2pose_core.data.bvh.indexed import read_indexed_folder
from audio2pose_core.data.training.clip import save_pack
from audio2pose_core.data.training.cluster import crew
from audio2pose_core.data.training.sources import sources_of
from audio2pose_core.data.training.windows_writer import WindowOptions, build_windows
from audio2pose_core.errors import Audio2PoseError, OptionError
from audio2pose_core.network.config import DataConfig, load_config


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, required=True)
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--bvh_dir", type=Path, help="folder with index.csv")
    kind.add_argument(
        "--data_root", type=Path, nargs="+", help="folders that audio2pose preprocess made"
    )
    parser.add_argument("--workers", type=int, default=1, help="processes (default: 1)")
    parser.add_argument("--scheduler", help="a Dask cluster, tcp://host:8786")
    options = parser.parse_args()
    try:
        data = load_config(options.config).data
        if options.data_root or not data.pack.endswith(".npz"):
            windows(data, options)
        else:
            pack(data, options)
    except Audio2PoseError as error:
        print(f"prepare: error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def windows(data: DataConfig, options: argparse.Namespace) -> None:
    """A windows file of preprocessed data, or of indexed clips."""
    if data.pack.endswith(".npz"):
        raise OptionError(f"pack = {data.pack!r}: name a folder, without .npz, for --data_root")
    choice = WindowOptions(data.fps, data.speeds, data.mirror, data.conditions)
    if options.data_root:
        sources = sources_of(options.data_root)
    else:
        read = read_indexed_folder(
            options.bvh_dir, data.styles, list(data.held_out), list(data.excluded)
        )
        sources = [replace(c, split="train" if c.split == "train" else "test") for c in read]
    with crew(options.workers, options.scheduler) as hands:
        contract = build_windows(sources, Path(data.pack), choice, hands)
    for row in contract["failed"]:
        print(f"left out: {row['name']}: {row['reason']}", file=sys.stderr)
    for name, part in contract["splits"].items():
        print(f"{name:6} {len(part['clips']):5} clips {part['frames'] / data.fps / 60:8.1f} min")


def pack(data: DataConfig, options: argparse.Namespace) -> None:
    """A pack of indexed clips."""
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
    sys.exit(main())
