"""Measure real dance alone: the values that dancers are compared with, by style and by source."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Any

from ..console import out
from ..errors import OptionError
from . import arguments
from .terminal import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose real-motion``."""
    parser.add_argument(
        "--bvh-dir", type=Path, required=True, metavar="DIR", help="BVH clips with an index.csv"
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("training/configs/default.toml"),
        metavar="TOML",
        help="whose styles and excluded clips hold (default: training/configs/default.toml)",
    )
    parser.add_argument(
        "--notes", type=Path, metavar="MD", help="a text that is put before the page's notes"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="MD", help="also write the page here")
    parser.add_argument(
        "--bank",
        type=Path,
        metavar="JSON",
        help="also write how each style dances eight counts, for planners of dances",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure, print the page and write it; returns the figures by style."""
    if args.output is not None:
        arguments.check_output(args.output, args.config, args.notes)
    if args.bank is not None:
        arguments.check_output(args.bank, args.config, args.notes, args.output)
    notes = ""
    if args.notes is not None:
        try:
            notes = args.notes.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise OptionError(f"{args.notes}: cannot be read ({error})") from error
    from .needs import statistics_are_there

    statistics_are_there("real-motion")
    from ..choreography.bank import save_bank
    from ..evaluate.bank import measure_bank
    from ..evaluate.real_motion import measure_real, page
    from ..files import write_text
    from ..network.config import load_config

    data = load_config(args.config).data
    with Progress(args.quiet) as progress:
        found = measure_real(
            args.bvh_dir, data.styles, data.excluded, lambda part: progress("real motion", part)
        )
        if args.bank is not None:
            used = [clip.sample for clip in found.clips if not clip.excluded]
            save_bank(measure_bank(used, lambda part: progress("bank", part)), args.bank)
    text = page(found, _command(args), notes)
    if args.output is not None:
        write_text(args.output, text)
    if not args.json:
        out(text, end="")
    return {"styles": found.styles()}


def _command(args: argparse.Namespace) -> str:
    words = ["audio2pose", "real-motion", "--bvh-dir", str(args.bvh_dir)]
    words += ["--config", str(args.config)]
    for name in ("notes", "bank", "output"):
        if getattr(args, name) is not None:
            words += [f"--{name}", str(getattr(args, name))]
    return shlex.join(words)
