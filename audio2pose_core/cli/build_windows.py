"""Make the training file from preprocessed data: float16, memory-mapped, one file a split."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from ..console import note
from .terminal import Progress, warn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose windows``."""
    parser.add_argument(
        "--data-root", type=Path, required=True, nargs="+", help="folders that preprocess made"
    )
    parser.add_argument("--output-dir", type=Path, required=True)
    parser.add_argument(
        "--speeds", type=float, nargs="+", default=[1.0], help="each clip also at these speeds"
    )
    parser.add_argument(
        "--conditions",
        nargs="+",
        default=["hits", "energy"],
        metavar="GROUP",
        help="what the dancer is told: hits, energy, and with music bar, sound, mel, chroma "
        "(default: hits energy)",
    )
    parser.add_argument("--no-mirror", action="store_true", help="no copies with sides exchanged")
    parser.add_argument("--workers", type=int, default=1, help="processes (default: 1)")
    parser.add_argument("--scheduler", help="a Dask cluster, tcp://host:8786")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Build the windows; returns counts and figures."""
    from ..data.training.cluster import worker_pool
    from ..data.training.sources import sources_of
    from ..data.training.windows_writer import WindowOptions, build_windows
    from ..errors import OptionError

    if not all(0.5 <= s <= 2.0 for s in args.speeds):
        raise OptionError("--speeds lie in 0.5..2")
    began = time.perf_counter()
    sources = sources_of(args.data_root)
    options = WindowOptions(
        speeds=tuple(args.speeds), mirror=not args.no_mirror, conditions=tuple(args.conditions)
    )
    with Progress(args.quiet) as progress, worker_pool(args.workers, args.scheduler) as pool:
        contract = build_windows(sources, args.output_dir, options, pool, progress=progress)
    spent = time.perf_counter() - began
    warn(f"{row['name']} left out: {row['reason']}" for row in contract["failed"])
    report: dict[str, Any] = {
        name: {
            "clips": len(part["clips"]),
            "tracks": len(part["tracks"]["start"]),
            "minutes": round(part["frames"] / contract["fps"] / 60, 2),
            "megabytes": round(part["bytes"] / 1e6, 1),
        }
        for name, part in contract["splits"].items()
    }
    if not args.quiet:
        for name, row in report.items():
            note(
                f"audio2pose: {name:5} {row['clips']:5} clips {row['tracks']:6} tracks "
                f"{row['minutes']:8.1f} min {row['megabytes']:8.1f} MB",
            )
        unused = len(contract["unused"])
        note(
            f"audio2pose: {len(sources) / spent:.1f} clips/s, {len(contract['failed'])} left out, "
            f"{unused} in no split -> {args.output_dir}",
        )
    return {"splits": report, "unused": contract["unused"], "failed": contract["failed"]}
