"""Match a dancer's energy and accents to the statistics of its training data."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..console import out
from .terminal import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose calibrate``."""
    parser.add_argument("model", type=Path, metavar="ONNX", help="its .json is corrected")
    parser.add_argument(
        "--pack",
        type=Path,
        default=Path("data/motion_open.npz"),
        help="what it was trained on (default: data/motion_open.npz)",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Calibrate, print a line for each style; returns the report."""
    from ..evaluate.calibrate import calibrate
    from ..generate.contract import OFFSETS

    with Progress(args.quiet) as progress:
        report = calibrate(args.model, args.pack, progress=lambda part: progress("calibrate", part))
    if not args.json:
        out(f"presence {report['presence']:.2f}")
        for name, found in report["styles"].items():
            asked = "  ".join(
                f"{dial.removesuffix('_offset')} {found[dial]:+.2f}"
                for dial in OFFSETS
                if dial in found
            )
            out(
                f"{name:12s} {asked}  m/s {found['magnitude']:.2f} "
                f"(real {found['real_magnitude']:.2f})  legs {found['legs']:.2f} "
                f"({found['real_legs']:.2f})  arms {found['arms']:.2f} "
                f"({found['real_arms']:.2f})  lifts/s {found['lifts']:.2f} "
                f"({found['real_lifts']:.2f})  m/s³ below 7 Hz "
                f"{found['jerk_below_7_hz']:.0f} (real {found['real_jerk_below_7_hz']:.0f})"
            )
    return report
