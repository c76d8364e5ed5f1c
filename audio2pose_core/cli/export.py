"""Turn a trained checkpoint into a model file, NAME.onnx with its contract NAME.json."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..console import note
from . import arguments

_DEFAULTS = "as it was distilled, else"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose export``."""
    parser.add_argument(
        "--weights", type=Path, required=True, help="weights.pt or checkpoint.pt of a run"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="NAME.onnx")
    parser.add_argument(
        "--windows", "--pack", dest="windows", help="training data, if not where the config says"
    )
    parser.add_argument("--steps", type=int, help=f"passes a window (default: {_DEFAULTS} 8)")
    parser.add_argument(
        "--guidance",
        type=_guidance,
        metavar="G[,G...]",
        help=f"one number, or one for each pass (default: {_DEFAULTS} 4)",
    )
    parser.add_argument(
        "--times",
        type=_times,
        metavar="0,T[,...]",
        help="when the passes are made, from 0 (noise) and below 1 (motion), one a pass "
        "(default: as it was distilled, else closer together near the noise)",
    )
    parser.add_argument("--overlap", type=int, help="frames shared by two windows (default: 60)")
    parser.add_argument(
        "--liveliness", type=float, help="energy asked for on top, in deviations (default: 0.7)"
    )


def _guidance(text: str) -> float | list[float]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: write 4, or one a pass: 1,2,1,1") from None
    return values[0] if len(values) == 1 else values


def _times(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: write the times as 0,0.1,0.35") from None


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Export and check against torch; returns the file and how far the two are apart."""
    from ..errors import OptionError

    if args.output.suffix != ".onnx":
        raise OptionError(f"{args.output}: a model file ends in .onnx")
    if args.steps is not None and not 1 <= args.steps <= 1000:
        raise OptionError("--steps lie in 1..1000")
    arguments.check_output(args.output, args.weights)
    from .needs import torch_is_there

    torch_is_there("export")
    from ..network.checkpoints import checkpoint_config, load_checkpoint
    from ..network.export import export
    from ..network.styles import describe_styles

    config = checkpoint_config(load_checkpoint(args.weights), str(args.weights))
    if args.windows is not None:
        config = replace(config, data=replace(config.data, windows=args.windows))
    styles = describe_styles(config)
    names = ("steps", "guidance", "times", "overlap", "liveliness")
    sampler = {n: getattr(args, n) for n in names if getattr(args, n) is not None}
    worst = export(args.weights, args.output, styles=styles, sampler=sampler)
    size = args.output.stat().st_size
    if not args.quiet:
        note(
            f"audio2pose: {args.output}: {size / 1e6:.1f} MB, differs from torch by at most "
            f"{worst:.1e}",
        )
    return {"model": str(args.output), "bytes": size, "differs_from_torch": worst}
