"""Make a dataset from a folder of BVH files of any skeleton, with music where there is some.

Skeletons are known by their joints' names (SMPL, Mixamo, CMU, Rokoko, Unreal,
Rigify, Biovision) or by their shape. Music is paired by file name.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..console import note
from .terminal import Progress, warn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose preprocess bvh``."""
    parser.add_argument("--bvh-dir", type=Path, required=True, help="searched with its subfolders")
    parser.add_argument("--audio-dir", type=Path, help="songs, named as the BVHs")
    parser.add_argument("--output-dir", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=1, help="processes (default: 1)")
    parser.add_argument("--scheduler", help="a Dask cluster, tcp://host:8786")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Make the clips; returns the manifest."""
    from ..data.bvh.dataset import preprocess_folder
    from ..data.training.cluster import worker_pool

    with Progress(args.quiet) as progress, worker_pool(args.workers, args.scheduler) as pool:
        manifest = preprocess_folder(
            args.bvh_dir, args.output_dir, pool, audio_dir=args.audio_dir, progress=progress
        )
    clips, failed = manifest["clips"], manifest["failed"]
    warn(f"{row['name']}: {text}" for row in clips for text in row["warnings"])
    warn(f"{row['name']} left out: {row['reason']}" for row in failed)
    if not args.quiet:
        seconds = sum(row["seconds"] for row in clips)
        from_music = sum(row["song"] is not None for row in clips)
        note(
            f"audio2pose: {len(clips)} clips, {seconds / 60:.1f} min, {from_music} with music, "
            f"{len(failed)} left out -> {args.output_dir}",
        )
    return manifest
