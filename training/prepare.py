"""Make the training data that a config names: windows of BVH clips or of preprocessed data.

python training/prepare.py --config training/configs/default.toml --bvh_dir DIR
python training/prepare.py --config my.toml --data_root DIR [DIR ...] --workers 8

`windows` of [data] is the folder that training reads, made with the config's speeds. An indexed
folder of BVH clips also becomes a pack, FOLDER.npz: its whole clips in one small file, which
`audio2pose evaluate` and `calibrate` compare with. A config that names the pack itself gets the
pack alone; the windows are made beside it when training begins.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from tqdm import tqdm

from audio2pose_core.data.bvh.indexed import read_indexed_folder
from audio2pose_core.data.training.clip import Clip, save_pack
from audio2pose_core.data.training.cluster import worker_pool
from audio2pose_core.data.training.pack_windows import with_windows_splits
from audio2pose_core.data.training.sources import ClipSource, sources_of
from audio2pose_core.data.training.windows_writer import WindowOptions, build_windows
from audio2pose_core.errors import Audio2PoseError, OptionError
from audio2pose_core.network.config import DataConfig, load_config

_log = logging.getLogger("prepare")


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
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")
    parser.add_argument("--verbose", action="store_true", help="what is done, step by step")
    options = parser.parse_args()
    logging.basicConfig(
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(name)s: %(levelname)s: %(message)s",
    )
    try:
        prepare(load_config(options.config).data, options)
    except Audio2PoseError as error:
        _log.error("%s", error)
        return error.exit_code
    return 0


def prepare(data: DataConfig, options: argparse.Namespace) -> None:
    """Write the pack, the windows or both, and print what is in them."""
    is_pack = data.windows.endswith(".npz")
    if options.data_root:
        if is_pack:
            raise OptionError(
                f"windows = {data.windows!r}: name a folder, without .npz, for --data_root"
            )
        write_windows(sources_of(options.data_root), data, options)
        return
    clips = read_indexed_folder(
        options.bvh_dir, data.styles, list(data.held_out), list(data.excluded)
    )
    pack = Path(data.windows if is_pack else data.windows.rstrip("/") + ".npz")
    save_pack(pack, clips)
    print_clips(clips, data, pack)
    if not is_pack:
        write_windows(with_windows_splits(clips), data, options)


def write_windows(
    sources: list[ClipSource] | list[Clip], data: DataConfig, options: argparse.Namespace
) -> None:
    """The windows file of clips, or of preprocessed data."""
    choice = WindowOptions(data.fps, data.speeds, data.mirror, data.conditions)
    with (
        worker_pool(options.workers, options.scheduler) as pool,
        tqdm(total=len(sources), unit="clip", disable=True if options.quiet else None) as bar,
    ):

        def progress(stage: str, share: float) -> None:
            bar.update(round(share * len(sources)) - bar.n)

        contract = build_windows(sources, Path(data.windows), choice, pool, progress=progress)
    for row in contract["failed"]:
        _log.warning("left out: %s: %s", row["name"], row["reason"])
    for name, part in contract["splits"].items():
        print(
            f"{data.windows}: {name:6} {len(part['clips']):5} clips "
            f"{part['frames'] / data.fps / 60:8.1f} min {part['bytes'] / 1e6:8.1f} MB"
        )


def print_clips(clips: list[Clip], data: DataConfig, pack: Path) -> None:
    """How much of each style a pack holds."""
    for style in (*data.style_names, ""):
        chosen = [c for c in clips if c.style == style]
        seconds = sum(c.motion.seconds for c in chosen)
        held_out = sum(c.motion.seconds for c in chosen if c.split != "train")
        name = style or "(unlabelled)"
        print(f"{name:14} {len(chosen):4} clips {seconds:7.1f} s, held out {held_out:5.1f} s")
    print(f"{pack}: {pack.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    sys.exit(main())
