"""Measure a dancer, or a folder of dances, beside real motion."""

from __future__ import annotations

import argparse
import math
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..console import out
from ..errors import OptionError
from . import arguments
from .terminal import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose evaluate``."""
    parser.add_argument(
        "--pack",
        type=Path,
        default=Path("data/motion_open.npz"),
        help="real motion, from training/prepare.py, or a folder that audio2pose preprocess made: "
        "then the held-out clips' songs are danced to (default: data/motion_open.npz)",
    )
    parser.add_argument(
        "--model",
        type=Path,
        nargs="+",
        default=[],
        metavar="ONNX",
        help="dancers, the first is also taken apart (default: the shipped one)",
    )
    parser.add_argument(
        "--dances",
        type=Path,
        nargs="+",
        default=[],
        metavar="FOLDER",
        help="folders of dances, .bvh or .npz, as further columns; beats are read from "
        "NAME.beats.json beside a dance, or are those of the song whose name its name begins with",
    )
    parser.add_argument("--no-dancer", action="store_true", help="measure --dances alone")
    parser.add_argument(
        "--lstm", type=Path, metavar="PT", help="also the baseline of training/train_lstm_vae.py"
    )
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
    for part, what in (
        ("copying", "distances to the nearest training windows"),
        ("locks", "locked keys and regenerated parts"),
        ("ablations", "the first dancer with one thing changed at a time"),
    ):
        parser.add_argument(f"--{part}", action="store_true", help=f"also: {what}")
    parser.add_argument("--everything", action="store_true", help="all of these sections")
    parser.add_argument(
        "--workers", type=arguments.seed, metavar="N", help="processes (default: one a core)"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="MD", help="also write the page here")
    parser.add_argument("--title", default="Results", help="of the page (default: Results)")
    parser.add_argument(
        "--note", help="a line on what was measured, e.g. how long a dancer was trained"
    )
    parser.add_argument(
        "--include",
        type=Path,
        nargs="+",
        default=[],
        metavar="MD",
        help="pages of other evaluations, as sections of this one",
    )
    parser.add_argument(
        "--no-plots", action="store_true", help="no pictures beside the written page"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure, print the page and write it; returns the report."""
    if args.no_dancer and not args.dances:
        raise OptionError("--no-dancer leaves nothing to measure; give --dances FOLDER too")
    if args.output is not None:
        arguments.check_output(args.output, args.pack, args.lstm, *args.model)
    included = [_text_of(path) for path in args.include]
    from .needs import statistics_are_there

    statistics_are_there("evaluate")
    from ..evaluate.report import PARTS, Request, evaluate, page
    from ..files import write_text

    request = Request(
        args.pack,
        tuple(args.model),
        tuple(args.songs),
        tuple(args.dances),
        args.lstm,
        not args.no_dancer,
        args.seeds,
        args.duration,
        args.style,
        tuple(part for part in PARTS if args.everything or getattr(args, part)),
        args.workers or None,
    )
    with Progress(args.quiet) as progress:
        result = evaluate(request, progress)
    if args.note:
        result.lines.append(args.note)
    pictures = []
    if args.output is not None and not args.no_plots:
        from ..evaluate.plots import write_plots

        pictures = write_plots(result.rows, args.output.parent, args.output.stem.lower())
    text = page(result, command_of(args), pictures, included, args.title)
    if not args.json:
        out(text, end="")
    if args.output is not None:
        write_text(args.output, text)
    return {
        "made_of": result.lines,
        "sections": dict(result.sections),
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


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"{path}: cannot be read as a page ({error})") from error


def command_of(args: argparse.Namespace) -> str:
    """The command that makes the same page again."""
    words = ["audio2pose", "evaluate", "--pack", str(args.pack)]
    if args.title != "Results":
        words += ["--title", args.title]
    if args.note:
        words += ["--note", args.note]
    for name in ("model", "dances", "songs", "include"):
        if getattr(args, name):
            words += [f"--{name}", *map(str, getattr(args, name))]
    if args.lstm is not None:
        words += ["--lstm", str(args.lstm)]
    words += ["--seeds", str(args.seeds), "--duration", f"{args.duration:g}"]
    words += ["--style", args.style]
    for name in ("no_dancer", "copying", "locks", "ablations", "everything", "no_plots"):
        if getattr(args, name):
            words.append(f"--{name.replace('_', '-')}")
    if args.output is not None:
        words += ["-o", str(args.output)]
    return shlex.join(words)
