"""Distil a trained dancer into a student that needs four network passes a window."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from . import arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose distill``."""
    parser.add_argument("--teacher", type=Path, required=True, help="weights.pt or checkpoint.pt")
    parser.add_argument(
        "--output", type=Path, required=True, help="folder of the run; resumed if it exists"
    )
    parser.add_argument("--config", type=Path, help="a TOML file whose [distill] is used")
    parser.add_argument(
        "--windows",
        "--pack",
        dest="windows",
        help="training data, if not where the teacher's config says",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 …")
    parser.add_argument("--steps", type=int, help="of the student, in place of the config's")
    parser.add_argument(
        "--max-seconds",
        type=arguments.duration,
        help="stop after this time; the run can be resumed",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Distil; returns where the student is."""
    from .needs import torch_is_there

    torch_is_there("distill")
    from ..network.checkpoints import WEIGHTS, checkpoint_config, load_checkpoint
    from ..network.config import changed, load_config
    from ..network.distill import distill

    teacher = checkpoint_config(load_checkpoint(args.teacher), str(args.teacher))
    settings = load_config(args.config).distill if args.config else teacher.distill
    if args.steps is not None:
        settings = changed(settings, "--steps", steps=args.steps)
    checkpoint = distill(
        args.teacher,
        args.output,
        settings=settings,
        device=args.device,
        windows=args.windows,
        max_seconds=args.max_seconds,
        quiet=args.quiet,
    )
    return {"checkpoint": str(checkpoint), "weights": str(checkpoint.with_name(WEIGHTS))}
