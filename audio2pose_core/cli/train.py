"""Train a dancer, or go on where a run stopped; several GPUs through torchrun."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from . import arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose train``."""
    parser.add_argument("--config", type=Path, required=True, help="a TOML file: training/configs")
    parser.add_argument(
        "--output", type=Path, required=True, help="folder of the run; resumed if it exists"
    )
    parser.add_argument(
        "--start-from",
        type=Path,
        metavar="DANCER",
        help="weights that a new run begins with: .onnx (its .json beside it), weights.pt or "
        "checkpoint.pt; conditions and styles are matched by name",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 …")
    parser.add_argument(
        "--steps", type=int, help="stop at this step (the schedule is the config's)"
    )
    parser.add_argument(
        "--max-seconds",
        type=arguments.duration,
        help="stop after this time; the run can be resumed",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train; returns where the run is."""
    from .needs import torch_is_there

    torch_is_there("train")
    from ..network.checkpoints import WEIGHTS
    from ..network.config import load_config
    from ..network.trainer import train

    checkpoint = train(
        load_config(args.config),
        args.output,
        device=args.device,
        start=args.start_from,
        steps=args.steps,
        max_seconds=args.max_seconds,
        quiet=args.quiet,
    )
    return {"checkpoint": str(checkpoint), "weights": str(checkpoint.with_name(WEIGHTS))}
