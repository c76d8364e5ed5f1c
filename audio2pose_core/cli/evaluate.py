"""Measure a dancer, or a folder of dances, beside real motion."""

from __future__ import annotations

import argparse
import math
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import arguments
from .terminal import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose evaluate``."""
    parser.add_argument(
        "--pack",
        type=Path,
        default=Path("data/motion_open.npz"),
        help="real motion, from training/prepare.py (default: data/motion_open.npz)",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--model", type=Path, metavar="ONNX", help="default: the shipped dancer")
    what.add_argument("--motions", type=Path, metavar="FOLDER", help="dances, .bvh or .npz")
    parser.add_argument(
        "--songs",
        type=Path,
        nargs="+",
        default=[],
        metavar="SONG",
        help="songs or folders of them, beside four composed ones; exact beats are read from "
        "NAME.beats.json beside a song",
    )
    parser.add_argument(
        "--seeds", type=arguments.seed, default=5, metavar="N", help="seeds 0 to N-1 (default: 5)"
    )
    parser.add_argument(
        "--duration",
        type=arguments.duration,
        default=24.0,
        metavar="SECONDS",
        help="of each song (default: 24)",
    )
    parser.add_argument(
        "--style", default="all", help="a style, auto, or all of them in turn (default: all)"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="MD", help="also write the page here")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure, print the page and write it; returns the report."""
    if args.output is not None:
        arguments.check_output(args.output, args.pack, args.model)
    from ..evaluate.report import Request, evaluate, page
    from ..files import write_text

    request = Request(
        args.pack,
        args.model,
        tuple(args.songs),
        args.motions,
        args.seeds,
        args.duration,
        args.style,
    )
    with Progress(args.quiet) as progress:
        result = evaluate(request, progress)
    text = page(result, command_of(args))
    if not args.json:
        print(text, end="")
    if args.output is not None:
        write_text(args.output, text)
    return {
        "made_of": result.lines,
        "systems": [
            {
                "name": row.name,
                "runs": row.runs,
                "pieces": row.pieces,
                "figures": {
                    key: {k: v if math.isfinite(v) else None for k, v in asdict(figure).items()}
                    for key, figure in row.figures.items()
                },
            }
            for row in result.rows
        ],
    }


def command_of(args: argparse.Namespace) -> str:
    """The command that makes the same page again."""
    words = ["audio2pose", "evaluate", "--pack", str(args.pack)]
    for name in ("model", "motions"):
        if getattr(args, name) is not None:
            words += [f"--{name}", str(getattr(args, name))]
    if args.songs:
        words += ["--songs", *map(str, args.songs)]
    words += ["--seeds", str(args.seeds), "--duration", f"{args.duration:g}"]
    words += ["--style", args.style]
    if args.output is not None:
        words += ["-o", str(args.output)]
    return shlex.join(words)
