"""Show what is in an AIST++ pickle (keypoints3d or motions); nothing in it is run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..console import out
from ..errors import OptionError
from . import arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose inspect-pkl``."""
    parser.add_argument("file", help="a .pkl of AIST++")
    parser.add_argument("--plot", metavar="PNG", help="also draw a contact sheet of the skeleton")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Describe the file; returns the description."""
    from ..data.aistpp.inspect import inspect_pickle, plot_pickle, table

    if args.plot:
        if Path(args.plot).suffix.lower() != ".png":
            raise OptionError(f"--plot {args.plot}: name it with .png at the end")
        arguments.check_output(args.plot, args.file)
    report = inspect_pickle(args.file)
    if not args.json:
        out(table(report))
    if args.plot:
        plot_pickle(args.file, args.plot)
        report["plot"] = args.plot
    return report
