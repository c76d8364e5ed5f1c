"""Make AIST++ ready for training: keypoints, sound and beats of every clip, and a manifest.

Run it again at any time: only what is missing, damaged or changed is made.
Exit status 1 means that some clips failed; they are listed.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from .incomplete import finish
from .terminal import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose preprocess aistpp``."""
    parser.add_argument(
        "--pkl-dir", required=True, help="keypoints3d of the annotations: a folder, zip or tar"
    )
    parser.add_argument("--video-dir", help="the videos, of any camera: a folder, zip or tar")
    parser.add_argument(
        "--output-dir",
        default="data/hiphop_la",
        help="the data root to make (default: data/hiphop_la)",
    )
    parser.add_argument("--genre", default="LH", help="as in LH, LH,BR or all (default: LH)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes")
    parser.add_argument(
        "--pose-key",
        default="keypoints3d_optim",
        choices=("keypoints3d_optim", "keypoints3d"),
        help="default: keypoints3d_optim, which the dataset's authors smoothed",
    )
    parser.add_argument(
        "--ignore-list",
        metavar="FILE",
        help="clips to leave out, a name a line; none: leave out nothing (default: the official "
        "45 that are badly reconstructed)",
    )
    parser.add_argument("--skip-poses", action="store_true", help="make no poses")
    parser.add_argument("--skip-audio", action="store_true", help="make no sound")
    parser.add_argument("--skip-beats", action="store_true", help="make no beats")
    parser.add_argument("--overwrite", action="store_true", help="make all again")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Preprocess; returns the report."""
    from ..data.aistpp.preprocess import preprocess_aistpp, table

    started = time.perf_counter()
    skips = {"pose": args.skip_poses, "audio": args.skip_audio, "beats": args.skip_beats}
    with Progress(args.quiet) as progress:
        summary = preprocess_aistpp(
            args.pkl_dir,
            args.video_dir,
            args.output_dir,
            genre=args.genre,
            steps=tuple(step for step, skip in skips.items() if not skip),
            pose_key=args.pose_key,
            ignore_list=args.ignore_list,
            overwrite=args.overwrite,
            workers=args.workers,
            progress=progress,
        )
    seconds = time.perf_counter() - started
    clips = sum(summary.found.values())
    report = {
        "output_dir": args.output_dir,
        "counts": summary.counts,
        "clips": summary.found,
        "skipped": summary.skipped,
        "failed": summary.failed,
        "warnings": summary.warnings,
        "seconds": round(seconds, 2),
    }
    names = {row["name"] for row in summary.failed}
    problem = ""
    if names:
        problem = (
            f"{len(names)} of {clips} clips are incomplete (listed above, and in "
            f"{args.output_dir}/manifest.json); mend their files and run this again"
        )
    text = f"{table(summary)}\n{clips} clips in {seconds:.1f} s -> {args.output_dir}"
    return finish(args, text, report, problem)
